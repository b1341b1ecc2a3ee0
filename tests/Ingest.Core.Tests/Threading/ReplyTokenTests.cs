using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Threading;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Threading;

public sealed class ReplyTokenTests
{
    private const string Ticket = "01hzy3k9v7qpa2rw8n5c4d6e0f";
    private static readonly InboxId Inbox = InboxId.Parse("support");
    private static readonly Func<string, byte[], byte[]> Mac = MacOf("tenant a");
    private static readonly string Token = ReplyToken.Create(Mac, Inbox, Ticket);

    private static Func<string, byte[], byte[]> MacOf(string key) =>
        (domain, data) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), (byte[])[.. Encoding.UTF8.GetBytes(domain), 0, .. data]);

    private static List<string> Candidates(string headers) =>
        [.. ReplyToken.Candidates(MailMessage.Parse(Encoding.UTF8.GetBytes("From: a@b.example\r\n" + headers + "\r\n\r\nhello\r\n")))];

    [Fact]
    public void A_token_leads_back_to_its_ticket_in_any_case()
    {
        Assert.Equal(ReplyToken.Length, Token.Length);
        Assert.Equal(Ticket, ReplyToken.TryVerify(Mac, Inbox, Token));
        Assert.Equal(Ticket, ReplyToken.TryVerify(Mac, Inbox, Token.ToUpperInvariant()));
        Assert.Equal(Token, ReplyToken.Create(Mac, Inbox, Ticket.ToUpperInvariant()));
    }

    [Fact]
    public void A_token_fits_into_a_local_part_and_a_message_id()
    {
        string address = ReplyToken.ReplyAddress("customer.service.de@shop.example", Token)!;
        Assert.True(address.LastIndexOf('@') <= 64);
        Assert.Equal(Token, ReplyToken.FromAddress(address));
        Assert.Null(ReplyToken.ReplyAddress("a.very.long.name.of.a.mailbox@shop.example", Token));
        Assert.Null(ReplyToken.ReplyAddress("no address", Token));
        Assert.Equal(Token, ReplyToken.FromMessageId(ReplyToken.MessageId(Token, "7f3a", "shop.example")));
    }

    [Fact]
    public void Failure_32_a_changed_token_never_verifies()
    {
        for (int i = 0; i < Token.Length; i++)
            foreach (char c in "0123456789abcdefghjkmnpqrstvwxyz")
                if (c != Token[i])
                    Assert.Null(ReplyToken.TryVerify(Mac, Inbox, Token[..i] + c + Token[(i + 1)..]));
    }

    [Fact]
    public void Failure_32_a_truncated_or_extended_token_never_verifies()
    {
        for (int length = 0; length < Token.Length; length++)
            Assert.Null(ReplyToken.TryVerify(Mac, Inbox, Token[..length]));
        foreach (string more in (string[])["0", " ", "\0", "a", Token])
        {
            Assert.Null(ReplyToken.TryVerify(Mac, Inbox, Token + more));
            Assert.Null(ReplyToken.TryVerify(Mac, Inbox, more + Token));
        }
    }

    [Fact]
    public void Failure_32_a_token_of_another_inbox_tenant_or_ticket_never_verifies()
    {
        Assert.Null(ReplyToken.TryVerify(Mac, InboxId.Parse("sales"), Token));
        Assert.Null(ReplyToken.TryVerify(MacOf("tenant b"), Inbox, Token));
        string other = ReplyToken.Create(Mac, Inbox, "01hzy3k9v7qpa2rw8n5c4d6e0g");
        Assert.Null(ReplyToken.TryVerify(Mac, Inbox, other[..26] + Token[26..]));
    }

    [Theory]
    [InlineData("0e12345678901234567890123400000000000000000")]
    [InlineData("0e1234567890123456789012340e12345678901234")]
    [InlineData("000000000000000000000000000000000000000000")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("ticket-42")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("<>")]
    public void Failure_32_digit_strings_and_old_formats_never_verify(string candidate) =>
        Assert.Null(ReplyToken.TryVerify(Mac, Inbox, candidate));

    [Fact]
    public void Letters_that_only_look_alike_never_verify()
    {
        string kelvin = Token.Replace('k', '\u212A');
        Assert.NotEqual(Token, kelvin);
        Assert.Null(ReplyToken.TryVerify(Mac, Inbox, kelvin));
    }

    [Fact]
    public void Only_ticket_ids_can_be_sealed() =>
        Assert.Throws<ArgumentException>(() => ReplyToken.Create(Mac, Inbox, "42"));

    [Theory]
    [InlineData("To: Support <support+r.{0}@shop.example>")]
    [InlineData("Cc: x@y.example, SUPPORT+R.{1}@SHOP.EXAMPLE")]
    [InlineData("Delivered-To: support+r.{0}@shop.example")]
    [InlineData("X-Original-To: <support+r.{0}@shop.example>")]
    [InlineData("In-Reply-To: <r.{0}.7f3a@shop.example>")]
    [InlineData("References: <a@b.example>\r\n <r.{0}.7f3a@shop.example> <c@d.example>")]
    public void Candidates_are_found_where_replies_carry_them(string field) =>
        Assert.Equal([Token], Candidates(string.Format(null, field, Token, Token.ToUpperInvariant())));

    [Theory]
    [InlineData("In-Reply-To:")]
    [InlineData("In-Reply-To:  ")]
    [InlineData("In-Reply-To: <>")]
    [InlineData("In-Reply-To: < >\r\nReferences: <>,<>,<a@b.example>,<c@d.example>")]
    [InlineData("References: <reply-42-9f8e7d6c@other-desk.example>, <r.42.abc@other.example>")]
    [InlineData("Subject: Re: [#42] r.{0}")]
    [InlineData("To: r.{0}@shop.example, +r.{0}@shop.example, support+{0}@shop.example, support+r.{0}x@shop.example")]
    [InlineData("In-Reply-To: <r.{0}@shop.example> <x.r.{0}.1@shop.example> <r.{0}.@shop.example> <r.{0}.1>")]
    public void Failure_37_nothing_else_is_a_candidate(string field) => Assert.Empty(Candidates(string.Format(null, field, Token)));

    [Fact]
    public void Candidates_come_each_once_and_at_most_fifty()
    {
        string many = string.Join("\r\n ", Enumerable.Range(0, 200).Select(i => $"<r.{Token[..40]}{(char)('a' + i % 3)}{i % 10}.1@x.example>"));
        Assert.Equal(30, Candidates("References: " + many).Count);
        IEnumerable<string> ids = Enumerable.Range(0, 200).Select(i => $"<r.{ReplyToken.Create(Mac, InboxId.Parse("i" + i), Ticket)}.1@x.example>");
        Assert.Equal(50, Candidates("References: " + string.Join("\r\n ", ids)).Count);
    }
}
