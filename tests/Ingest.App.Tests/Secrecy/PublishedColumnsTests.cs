using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Store;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.App.Tests.Secrecy;

/// <summary>The page is read as it is meant, and what it does not allow is refused.</summary>
public sealed class PublishedColumnsTests
{
    private const string Key = "0123456789abcdefghjkmnpqrstvwxyz", Ticket = "0123456789abcdefghjkmnpqrs", Inbox = "0123456789abcdef";
    private static readonly PublishedColumns Published = PublishedColumns.Read();

    [Theory]
    [InlineData("kind", typeof(MailboxKind))]
    [InlineData("mailboxstate", typeof(MailboxState))]
    [InlineData("ticketstate", typeof(TicketState))]
    [InlineData("outcome", typeof(OutcomeKind))]
    [InlineData("reason", typeof(OutcomeReason))]
    [InlineData("auth", typeof(AuthCode))]
    [InlineData("report", typeof(ReportSort))]
    [InlineData("screen", typeof(ScreenKind))]
    [InlineData("sign", typeof(ScreenReason))]
    [InlineData("thread", typeof(ThreadKind))]
    [InlineData("spam", typeof(SpamVerdictKind))]
    [InlineData("spamcode", typeof(SpamCode))]
    [InlineData("lessonverdict", typeof(LessonVerdict))]
    [InlineData("lessonsource", typeof(LessonSource))]
    public void The_page_names_the_words_that_the_code_has(string pattern, Type words) =>
        Assert.Equal(string.Join('|', Enum.GetNames(words)), PublishedColumns.Read().Patterns[pattern]);

    [Fact]
    public void Reasons_of_the_filter_are_codes_that_are_published() => Assert.Equal($"( why=([+-]({Published.Patterns["spamcode"]}),?){{1,{SpamWhy.Most}}})?", Published.Patterns["whystep"]);

    [Fact]
    public void What_was_masked_is_counted_by_sorts_that_are_published()
    {
        Assert.Equal(string.Join('|', Enum.GetValues<FindingType>().Select(type => type.ToWord())), Published.Patterns["findingtype"]);
        Assert.Equal($"( (redact|found)=([0-9]{{1,9}}|(({Published.Patterns["findingtype"]}):[0-9]{{1,9}},?){{1,{Enum.GetValues<FindingType>().Length}}})( rules=([a-z0-9._-]{{1,40}}:[0-9]{{1,9}},?){{1,{RedactionTally.MostRules + 1}}})?)?", Published.Patterns["redactstep"]);
        const string Before = "auth=DmarcPass screen=Human/NoSign thread=New spam=Ham/0.02 ";
        Assert.Null(Published.Fault("journal", "steps", Before + "redact=card:2,phone:1 rules=card.visa:2,us.phone:1 original=not-kept"));
        Assert.Null(Published.Fault("journal", "steps", Before + "found=0"));
        Assert.NotNull(Published.Fault("journal", "steps", Before + "redact=4111111111111111"));
        Assert.NotNull(Published.Fault("journal", "steps", Before + "redact=ann@example.com:1"));
    }

    [Fact]
    public void A_column_that_is_not_published_is_refused()
    {
        TableEntity right = new($"main.{Inbox}.0", Key) { ["reason"] = "SameMail", ["at"] = TimeProvider.System.GetUtcNow(), ["offset"] = 7L };
        TableEntity wrong = new($"main.{Inbox}.0", Key) { ["subject"] = "x", ["reason"] = "someone@example.com", ["at"] = "yesterday", ["offset"] = 7L };

        Assert.Empty(Published.Faults(TableNames.Journal, right));
        Assert.Equal(["journal.subject is not on the page.", "journal.reason", "journal.at"], Published.Faults(TableNames.Journal, wrong).Select(fault => fault.Split(" holds")[0]));
    }

    [Theory]
    [InlineData("tickets", "doc", "{\"Subject\":\"x\"}")]
    [InlineData("contacts", "doc", "TKE")]
    [InlineData("mailboxes", "profile", "")]
    [InlineData("flows", "verifier", "a verifier that is not sealed at all, and long enough")]
    public void A_sealed_column_must_begin_as_an_envelope(string table, string column, string content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);

        Assert.NotNull(Published.Fault(table, column, bytes));
        Assert.NotNull(Published.Fault(table, column, content));
        Assert.Null(Published.Fault(table, column, (byte[])[.. "TKE1"u8, .. new byte[28]]));
    }

    [Theory]
    [InlineData("contacts", "RowKey", "ix!someone@example.com")]
    [InlineData("anchors", "RowKey", "d!" + Ticket)]
    [InlineData("journal", "steps", "auth=DmarcPass screen=Human/NoSign thread=New spam=Ham/0.02 redact=0 subject=x")]
    [InlineData("journal", "steps", "auth=Someone screen=Human/NoSign thread=New spam=Ham/0.02 redact=0")]
    [InlineData("journal", "owner", Key + "\n")]
    [InlineData("mailboxes", "fault", "a sentence with spaces")]
    [InlineData("packs", "entries", Key + " 0 10 1793610000000 a@b.example\n")]
    [InlineData("tickets", "blob", "main/" + Ticket + "/invoice.pdf")]
    [InlineData("elsewhere", "doc", "x")]
    public void A_value_of_another_form_is_refused(string table, string column, string value) =>
        Assert.NotNull(Published.Fault(table, column, value));

    [Fact]
    public void What_an_imap_mailbox_leaves_in_the_clear_is_published()
    {
        ImapCursor[] cursors =
        [
            new([]),
            new([new ImapPlace(0, 0, 0)]),
            new([new ImapPlace(0, uint.MaxValue, 1, 2), new ImapPlace(1, 1, uint.MaxValue, 0, 3, 1_793_610_000), new ImapPlace(12, 7, 8, 9, 10, 11)]),
        ];
        foreach (ImapCursor cursor in cursors) Assert.Null(Published.Fault("mailboxes", "value", cursor.Write().Value));
        Assert.Null(Published.Fault("packs", "entries", $"{Key} 0 10 1793610000000 {new ImapMailId(3, uint.MaxValue, uint.MaxValue)}\n"));
        Assert.NotNull(Published.Fault("packs", "entries", $"{Key} 0 10 1793610000000 INBOX.1.2\n"));
        IEnumerable<string> codes = Enum.GetValues<WireFault>().Select(fault => new WireException(fault).Code).Concat(Enum.GetValues<ImapRefusal>().Select(refusal => new ImapRefusedException(refusal).Code));
        Assert.All(codes, code => Assert.Null(Published.Fault("mailboxes", "fault", code)));
        Assert.All(Enum.GetNames<MailboxFault>(), name => Assert.Null(Published.Fault("mailboxes", "fault", name)));
    }
}
