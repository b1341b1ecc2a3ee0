using System.Text;
using System.Web;
using Ingest.Cli.Servers;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

/// <summary>One emulator for the class: starting Node.js takes seconds.</summary>
public sealed class RunningGoogle : IAsyncLifetime
{
    public static readonly Uri Redirect = new("http://127.0.0.1:9/connect/google");

    public GoogleEmulator Emulator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        Emulator = await GoogleEmulator.StartAsync(new GoogleEmulatorOptions { RedirectUris = [Redirect] }, limit.Token);
    }

    public ValueTask DisposeAsync() => Emulator.DisposeAsync();
}

/// <summary>From the consent page to the mail's bytes, against the third-party emulator.</summary>
public sealed class GmailEmulatorTests(RunningGoogle running) : IClassFixture<RunningGoogle>, IDisposable
{
    private readonly GoogleEmulator google = running.Emulator;
    private readonly GoogleEndpoints endpoints = GoogleEndpoints.ForDevelopment(new Uri(running.Emulator.BaseUrl));
    private readonly GoogleTransport transport = new();
    private readonly string address = $"box-{Guid.NewGuid():n}@acme.example";
    private readonly List<GoogleAccess> opened = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        opened.ForEach(access => access.Dispose());
        transport.Dispose();
    }

    [Fact]
    public async Task A_person_consents_and_old_and_new_mail_comes_byte_for_byte()
    {
        byte[] old = Mail("old \xE9\xFF");
        await google.ImportAsync(address, old, Cancel);
        await google.ImportAsync(address, Mail("sent"), Cancel, "SENT");
        GoogleGrant grant = await ConsentAsync();
        await using GmailSource source = Open(grant, BackFill.All);
        (List<FetchedMail> first, SourceCursor cursor) = await SyncAsync(source, null);
        byte[] fresh = Mail("new");
        await google.ImportAsync(address, fresh, Cancel);
        (List<FetchedMail> second, cursor) = await SyncAsync(source, cursor);
        (List<FetchedMail> idle, SourceCursor same) = await SyncAsync(source, cursor);

        Assert.Equal(address, grant.Email);
        Assert.Equal(old, Assert.Single(first).Raw.ToArray());
        Assert.Equal(fresh, Assert.Single(second).Raw.ToArray());
        Assert.Empty(idle);
        Assert.Equal(cursor, same);
    }

    [Fact]
    public async Task Pages_of_old_mail_and_of_history_are_read_to_their_end()
    {
        await ImportAsync(12);
        await using GmailSource source = Open(await ConsentAsync(), BackFill.All);
        (List<FetchedMail> old, SourceCursor cursor) = await SyncAsync(source, null, max: 5);
        await ImportAsync(12, from: 100);
        (List<FetchedMail> fresh, _) = await SyncAsync(source, cursor, max: 5);

        Assert.Equal(Subjects(0, 12), Subjects(old));
        Assert.Equal(Subjects(100, 12), Subjects(fresh));
    }

    [Fact]
    public async Task From_now_takes_no_old_mail_even_into_an_empty_mailbox()
    {
        GoogleGrant grant = await ConsentAfterAsync(import: false);
        await using GmailSource empty = Open(grant, BackFill.FromNow);
        (List<FetchedMail> none, SourceCursor cursor) = await SyncAsync(empty, null);
        await ImportAsync(1);
        (List<FetchedMail> one, _) = await SyncAsync(empty, cursor);
        await using GmailSource later = Open(grant, BackFill.FromNow);
        (List<FetchedMail> nothing, _) = await SyncAsync(later, null);

        Assert.Empty(none);
        Assert.Single(one);
        Assert.Empty(nothing);
    }

    [Fact]
    public async Task Failure_10_forgotten_history_is_a_resync()
    {
        await ImportAsync(3);
        await using GmailSource source = Open(await ConsentAsync(), BackFill.All);
        (_, SourceCursor cursor) = await SyncAsync(source, null);
        await ImportAsync(2, from: 50);
        await google.FaultAsync(new GoogleFault("/history", 404), Cancel);
        (List<FetchedMail> resynced, _) = await SyncAsync(source, cursor);

        Assert.Superset(Subjects(50, 2).ToHashSet(), Subjects(resynced).ToHashSet());
    }

    [Fact]
    public async Task An_expired_access_token_is_replaced_and_a_revoked_grant_is_told()
    {
        await ImportAsync(1);
        await using GmailSource source = Open(await ConsentAsync(), BackFill.All);
        (_, SourceCursor cursor) = await SyncAsync(source, null);
        await google.ExpireAccessAsync(address, Cancel);
        await ImportAsync(1, from: 7);
        (List<FetchedMail> after, cursor) = await SyncAsync(source, cursor);
        await google.RevokeAsync(address, Cancel);
        MailboxRefusedException refused = await Assert.ThrowsAsync<MailboxRefusedException>(() => SyncAsync(source, cursor));

        Assert.Equal(Subjects(7, 1), Subjects(after));
        Assert.Equal(MailboxFault.GrantRevoked, refused.Fault);
    }

    [Fact]
    public async Task Quota_means_not_now_and_names_the_wait()
    {
        await ImportAsync(1);
        await using GmailSource source = Open(await ConsentAsync(), BackFill.All);
        (_, SourceCursor cursor) = await SyncAsync(source, null);
        await google.FaultAsync(new GoogleFault("/history", 429) { RetryAfter = 17 }, Cancel);
        NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => SyncAsync(source, cursor));

        Assert.Equal(("gmail-quota", TimeSpan.FromSeconds(17)), (notNow.ReasonCode, notNow.RetryAfter));
    }

    [Fact]
    public async Task Labels_are_read_and_put_on_and_a_mail_is_sent()
    {
        ImportedMail mail = await google.ImportAsync(address, Mail("labelled"), Cancel, "SENT");
        await using GmailSource source = Open(await ConsentAsync(), BackFill.All);
        (List<FetchedMail> before, SourceCursor cursor) = await SyncAsync(source, null);
        UsersResource users = source.Gmail.Users;
        ListLabelsResponse labels = await users.Labels.List("me").CallAsync(Cancel);
        await users.Messages.Modify(new ModifyMessageRequest(["INBOX"], ["SENT"]), "me", mail.Id).CallAsync(Cancel);
        (List<FetchedMail> after, _) = await SyncAsync(source, cursor);
        Message sent = await users.Messages.Send(Mail("out"), "me").CallAsync(Cancel);
        WatchResponse watch = await users.Watch(new WatchRequest("projects/p/topics/t", ["INBOX"]), "me").CallAsync(Cancel);
        await users.Stop("me").CallAsync(Cancel);

        Assert.Contains(labels.Labels!, label => label.Id == "INBOX");
        Assert.Empty(before);
        Assert.Equal(["labelled"], Subjects(after));
        Assert.False(string.IsNullOrEmpty(sent.Id));
        Assert.True(long.Parse(watch.Expiration!, System.Globalization.CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public async Task A_grant_given_back_is_gone()
    {
        GoogleGrant grant = await ConsentAfterAsync(import: true);
        using GoogleConsent consent = Consent();
        await consent.RevokeAsync(grant.RefreshToken, Cancel);
        await using GmailSource source = Open(grant, BackFill.All);

        Assert.Equal(MailboxFault.GrantRevoked, (await Assert.ThrowsAsync<MailboxRefusedException>(() => SyncAsync(source, null))).Fault);
    }

    [Fact]
    public async Task A_code_without_its_verifier_is_refused()
    {
        await ImportAsync(1);
        using GoogleConsent consent = Consent();
        string code = await CodeAsync(consent, GoogleConsent.NewVerifier());

        Assert.Equal(ConsentFault.CodeRefused, (await Assert.ThrowsAsync<ConsentRefusedException>(() => consent.RedeemAsync(code, GoogleConsent.NewVerifier(), RunningGoogle.Redirect, Cancel))).Fault);
    }

    private GoogleConsent Consent() => new(new GoogleClient(google.ClientId, google.ClientSecret), endpoints, transport, TimeProvider.System);

    private GmailSource Open(GoogleGrant grant, BackFill since)
    {
        var access = new GoogleAccess(Consent, grant.ToCredential(), (_, _) => Task.CompletedTask, TimeProvider.System);
        opened.Add(access);
        return new GmailSource(access, since, endpoints, transport, TimeProvider.System);
    }

    private async Task<GoogleGrant> ConsentAfterAsync(bool import)
    {
        // An unknown address becomes a user with its first mail; mail in Sent does not reach the inbox.
        await google.ImportAsync(address, Mail("first"), Cancel, import ? "INBOX" : "SENT");
        return await ConsentAsync();
    }

    private async Task<GoogleGrant> ConsentAsync()
    {
        using GoogleConsent consent = Consent();
        string verifier = GoogleConsent.NewVerifier();
        return await consent.RedeemAsync(await CodeAsync(consent, verifier), verifier, RunningGoogle.Redirect, Cancel);
    }

    private async Task<string> CodeAsync(GoogleConsent consent, string verifier)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        Uri back = await GoogleEmulator.ConsentAsync(browser, consent.BuildUrl("state-1", verifier, RunningGoogle.Redirect), address, Cancel);
        System.Collections.Specialized.NameValueCollection query = HttpUtility.ParseQueryString(back.Query);
        Assert.Equal("state-1", query["state"]);
        return query["code"]!;
    }

    private async Task ImportAsync(int count, int from = 0)
    {
        for (int at = 0; at < count; at++)
            await google.ImportAsync(address, Mail($"{from + at}"), Cancel);
    }

    private static async Task<(List<FetchedMail> Mails, SourceCursor Cursor)> SyncAsync(GmailSource source, SourceCursor? cursor, int max = 100)
    {
        List<FetchedMail> mails = [];
        for (int pages = 0; pages < 50; pages++)
        {
            ListedPage page = await source.ListAsync(cursor, max, Cancel);
            foreach (ListedId id in page.Ids)
                mails.Add(await source.FetchAsync(id, Cancel));
            cursor = page.Next;
            if (!page.More)
                return (mails, cursor);
        }

        throw new InvalidOperationException("The listing does not end.");
    }

    private static byte[] Mail(string subject) => Encoding.Latin1.GetBytes($"From: a@example.org\r\nTo: b@acme.example\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():n}@example.org>\r\n\r\nbody\r\n");

    private static IEnumerable<string> Subjects(int from, int count) => Enumerable.Range(from, count).Select(at => $"{at}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Subjects(IEnumerable<FetchedMail> mails) =>
        mails.Select(mail => Encoding.Latin1.GetString(mail.Raw.Span).Split("Subject: ")[1].Split('\r')[0]).Order(StringComparer.Ordinal);
}
