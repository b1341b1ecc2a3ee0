using System.Net;
using Ingest.Core.Mailboxes;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

public sealed class GmailSenderTests : IAsyncDisposable
{
    private static readonly OutgoingEnvelope Kim = new("desk@example.com", ["kim@bücher.example"]);
    private static readonly byte[] Mail = MessageWriter.Write(new OutgoingMail
    {
        From = new MailAddress("Desk", "desk@example.com"),
        To = [new MailAddress("Kim", "kim@bücher.example")],
        Cc = [new MailAddress("", "lee@customer.example")],
        Subject = "Grüße",
        Date = new DateTimeOffset(2026, 11, 2, 9, 5, 0, TimeSpan.Zero),
        MessageId = "1@example.com",
        Text = "Hello.\n",
    });

    private readonly GmailDesk desk = new();
    private readonly GoogleTransport transport;

    public GmailSenderTests() => transport = new GoogleTransport(desk.Google);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private GmailSender Sender => new(desk.Access, GoogleEndpoints.Google, transport, desk.Clock);

    public async ValueTask DisposeAsync()
    {
        transport.Dispose();
        await desk.DisposeAsync();
    }

    [Fact]
    public async Task A_mail_is_sent_byte_for_byte_and_found_in_sent()
    {
        SendResult result = await Sender.SendAsync(Kim, Mail, Cancel);

        Assert.Equal((SendOutcome.Accepted, "gmail-sent"), (result.Outcome, result.Code));
        Assert.Equal(Mail, Assert.Single(desk.Google.Sent));
        Assert.True(await Sender.WasSentAsync("1@example.com", Cancel));
        Assert.False(await Sender.WasSentAsync("2@example.com", Cancel));
    }

    [Fact]
    public async Task Failure_18_a_lost_answer_of_gmail_is_uncertain_until_sent_tells()
    {
        desk.Google.Always = request =>
        {
            if (!IsSend(request)) return null;
            desk.Google.Deliver(Mail, "SENT");
            throw new HttpRequestException("The line was cut.", new IOException());
        };

        SendResult result = await Sender.SendAsync(Kim, Mail, Cancel);

        Assert.Equal((SendOutcome.Uncertain, "google-unreachable"), (result.Outcome, result.Code));
        Assert.True(await Sender.WasSentAsync("1@example.com", Cancel));
        Assert.Single(desk.Google.Sent);
    }

    [Fact]
    public async Task Where_nothing_can_have_arrived_nothing_is_uncertain()
    {
        desk.Google.Always = request => IsSend(request) ? throw new HttpRequestException(HttpRequestError.ConnectionError, "no way") : null;

        SendResult result = await Sender.SendAsync(Kim, Mail, Cancel);

        Assert.Equal((SendOutcome.NotSent, "google-not-connected"), (result.Outcome, result.Code));
    }

    [Theory]
    [InlineData(429, "userRateLimitExceeded", SendOutcome.NotSent, "gmail-quota")]
    [InlineData(403, "accessNotConfigured", SendOutcome.NotSent, "gmail-api-disabled")]
    [InlineData(401, "authError", SendOutcome.NotSent, "gmail-401")]
    [InlineData(503, "backendError", SendOutcome.Uncertain, "gmail-503")]
    [InlineData(400, "invalidArgument", SendOutcome.PermanentlyRefused, "gmail-400-invalidargument")]
    [InlineData(413, "uploadTooLarge", SendOutcome.PermanentlyRefused, "gmail-413-uploadtoolarge")]
    public async Task Each_refusal_says_what_may_have_been_sent(int status, string reason, SendOutcome outcome, string code)
    {
        desk.Google.Always = request => IsSend(request) ? GoogleTwin.Error((HttpStatusCode)status, reason) : null;

        SendResult result = await Sender.SendAsync(Kim, Mail, Cancel);

        Assert.Equal((outcome, code), (result.Outcome, result.Code));
        Assert.Empty(desk.Google.Sent);
    }

    [Fact]
    public async Task A_token_that_died_early_is_drawn_anew_and_the_mail_goes_once()
    {
        await desk.Access.GetAccessTokenAsync(Cancel);
        desk.Google.ForgetAccessTokens();

        SendResult result = await Sender.SendAsync(Kim, Mail, Cancel);

        Assert.Equal(SendOutcome.Accepted, result.Outcome);
        Assert.Single(desk.Google.Sent);
    }

    [Fact]
    public async Task Trouble_with_the_token_is_no_doubt_about_the_mail()
    {
        desk.Google.Always = request => request.RequestUri!.AbsolutePath == "/token" ? GoogleTwin.Error(HttpStatusCode.BadGateway, "backendError") : null;
        SendResult result = await Sender.SendAsync(Kim, Mail, Cancel);
        desk.Google.Always = _ => null;
        desk.Google.RevokeAll();

        Assert.Equal(SendOutcome.NotSent, result.Outcome);
        Assert.Equal(MailboxFault.GrantRevoked, (await Assert.ThrowsAsync<MailboxRefusedException>(() => Sender.SendAsync(Kim, Mail, Cancel))).Fault);
        Assert.Equal(0, desk.Google.Count("messages/send"));
    }

    [Fact]
    public async Task Giving_up_is_an_outcome()
    {
        using CancellationTokenSource early = new();
        await early.CancelAsync();
        using CancellationTokenSource late = new();
        SendResult before = await Sender.SendAsync(Kim, Mail, early.Token);
        desk.Google.Always = request =>
        {
            if (IsSend(request)) late.Cancel();
            late.Token.ThrowIfCancellationRequested();
            return null;
        };
        SendResult after = await Sender.SendAsync(Kim, Mail, late.Token);

        Assert.Equal((SendOutcome.NotSent, SendOutcome.Uncertain), (before.Outcome, after.Outcome));
    }

    [Fact]
    public async Task Whom_the_header_does_not_name_gmail_would_leave_out_so_nothing_is_sent()
    {
        SendResult result = await Sender.SendAsync(Kim with { To = ["KIM@xn--bcher-kva.example", "hidden@customer.example"] }, Mail, Cancel);
        SendResult named = await Sender.SendAsync(Kim with { To = ["KIM@xn--bcher-kva.example", "lee@customer.example"] }, Mail, Cancel);

        Assert.Equal((SendOutcome.PermanentlyRefused, "gmail-recipient-not-in-header"), (result.Outcome, result.Code));
        Assert.Equal(SendOutcome.Accepted, named.Outcome);
    }

    private static bool IsSend(HttpRequestMessage request) => request.RequestUri!.AbsolutePath.EndsWith("/messages/send", StringComparison.Ordinal);
}
