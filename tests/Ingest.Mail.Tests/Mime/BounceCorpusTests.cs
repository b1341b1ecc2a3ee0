using System.Globalization;
using System.Text;
using System.Text.Json;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

/// <summary>
/// Bounces of some seventy mail systems with the status another reader finds. What is left is opinion: a status it takes from the words of one provider against
/// those of the notice, "user unknown" it takes for a filter, a forwarded bounce that is a person's mail, and delays it counts as failures.
/// </summary>
public sealed class BounceCorpusTests
{
    private sealed record Expected(string Status, string Reason, bool Hard);

    [Fact]
    public void Status_class_and_permanence_are_what_another_reader_finds()
    {
        var (mails, expected) = Read();
        int stated = 0, classes = 0, statuses = 0, hard = 0;
        var misses = new StringBuilder();
        foreach (var (name, rows) in expected)
        {
            if (rows[0].Status.Length == 0)
                continue;
            stated++;
            var message = MailMessage.Parse(mails[name]);
            var first = message.Bounce.Count > 0 ? message.Bounce[0] : new BounceRecipient("", "-", "", null);
            var (sameClass, same, sameHard) = (first.Status[0] == rows[0].Status[0], first.Status == rows[0].Status, message.Bounce.Count > 0 && first.IsHard == rows[0].Hard);
            classes += sameClass ? 1 : 0;
            statuses += same ? 1 : 0;
            hard += sameHard ? 1 : 0;
            if (!same || !sameHard)
                misses.AppendLine(CultureInfo.InvariantCulture, $"{name,-30} expected {rows[0].Status,-8} {rows[0].Reason,-12} hard {rows[0].Hard,-5} got {first.Status,-8} {first.Reason,-12} hard {first.IsHard,-5} {message.Kind}");
        }
        TestContext.Current.SendDiagnosticMessage("{0} with a status: class {1}, whole {2}, hard {3}\n{4}", stated, classes, statuses, hard, misses);
        Assert.Equal(270, stated);
        Assert.True(classes >= stated * 0.97, $"class {classes} of {stated}\n{misses}");
        Assert.True(statuses >= stated * 0.93, $"status {statuses} of {stated}\n{misses}");
        Assert.True(hard >= stated * 0.93, $"hard {hard} of {stated}\n{misses}");
    }

    [Fact]
    public void Complaints_are_reports_and_holiday_notes_are_automatic_answers()
    {
        var (mails, expected) = Read();
        foreach (var (name, rows) in expected)
        {
            if (rows[0].Reason == "feedback")
                Assert.Equal((name, MailKind.Report), (name, MailMessage.Parse(mails[name]).Kind));
            if (rows[0].Reason == "vacation")
                Assert.Equal((name, MailKind.AutoReply), (name, MailMessage.Parse(mails[name]).Kind));
        }
    }

    // The four are what they say: two delays, a returned mail and a refusal by a content filter, all sent by mail systems; and the one is Outlook's answer for a person who is away.
    [Theory]
    [InlineData("spam/spamassassin_ham.tar.gz", 4, 0)]
    [InlineData("spam/enron_ham.tar.gz", 0, 1)]
    public void Ordinary_mail_is_neither_a_bounce_nor_an_automatic_answer(string archive, int bounces, int answers)
    {
        var taken = Corpus.Tar(archive).Select(static m => (m.Name, Message: MailMessage.Parse(m.Bytes))).Where(static m => m.Message.Kind is MailKind.Bounce or MailKind.AutoReply or MailKind.Report).ToList();
        Assert.True(taken.Count == bounces + answers, string.Join('\n', taken.Select(static m => $"{m.Name} {m.Message.Kind} {m.Message.Subject}")));
        Assert.Equal(answers, taken.Count(static m => m.Message.Kind == MailKind.AutoReply && m.Message.Subject.StartsWith("Out of Office AutoReply: ", StringComparison.Ordinal)));
        Assert.All(taken.Where(static m => m.Message.Kind != MailKind.AutoReply), static m => Assert.True(m.Message.From[0].Address.StartsWith("MAILER-DAEMON@", StringComparison.Ordinal) || m.Message.From[0].Address.StartsWith("postmaster@", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("mime/chatwoot.zip", "bounced_gmail.eml bounced_with_no_from.eml")]
    [InlineData("mime/request_tracker.zip", "multipart-report")]
    [InlineData("mime/mikel_mail.zip", "raw_email_with_mimepart_without_content_type.eml multi_address_bounce1.eml multi_address_bounce2.eml multipart_report_multiple_status.eml report_422.eml report_530.eml")]
    [InlineData("mime/django_helpdesk.zip", "")]
    public void Among_sample_mails_only_bounces_are_bounces(string archive, string bounces) =>
        Assert.Equal(
            bounces.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            Corpus.Zip(archive, Corpus.IsMail).Where(static m => MailMessage.Parse(m.Bytes).Kind == MailKind.Bounce).Select(static m => Path.GetFileName(m.Name)).Order(StringComparer.Ordinal));

    private static (Dictionary<string, byte[]> Mails, List<(string Name, List<Expected> Rows)> Rows) Read()
    {
        var files = Corpus.Zip("dsn/sisimai_set_of_emails.zip").ToDictionary(static f => f.Name, static f => f.Bytes);
        using var json = JsonDocument.Parse(files["expected.json"]);
        var mails = files.Where(static f => f.Key.EndsWith(".eml", StringComparison.Ordinal)).ToDictionary(static f => Path.GetFileName(f.Key), static f => f.Value);
        var rows = json.RootElement.GetProperty("expected").EnumerateObject()
            .Select(static file => (file.Name, file.Value.EnumerateArray().Select(static row => new Expected(row.GetProperty("status").GetString()!, row.GetProperty("reason").GetString()!, row.GetProperty("hardbounce").GetBoolean())).ToList()))
            .ToList();
        return (mails, rows);
    }
}
