using System.Globalization;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

/// <summary>The text of every public sample mail, as far as a program can tell whether a reader would accept it.</summary>
public sealed class CorpusTextTests
{
    // Mails that were damaged before they came here.
    private static readonly Dictionary<string, string> Known = new()
    {
        ["mime/mikel_mail.zip:error_emails/must_supply_encoding.eml"] = "U+FFFD stands in the mail, in UTF-8",
        ["spam/phishing_pot_evaluation_only.tar.gz:spam/sample-4983.eml"] = "U+FFFD stands in the mail, in UTF-8",
        ["spam/spamassassin_test_messages.zip:spam/008"] = "F5 65 is no character of Shift_JIS",
        ["spam/spamassassin_spam.tar.gz:spam/spam-1/00311.9797029f3ee441b00f3b7521e573cb96.eml"] = "a character of Big5 lost its second byte",
    };

    [Fact]
    public void Hardly_a_mail_has_replacement_characters_and_the_worst_are_printed()
    {
        var broken = new List<(string Name, int Count, string Where)>();
        var odd = new List<string>();
        var count = 0;
        foreach (var (name, bytes) in All())
        {
            count++;
            var message = MailMessage.Parse(bytes);
            var text = message.Text ?? "";
            var marks = text.Count(static c => c == '\ufffd') + message.Subject.Count(static c => c == '\ufffd');
            if (marks > 0)
                broken.Add((name, marks, Around(text + message.Subject)));
            var controls = text.Count(static c => char.IsControl(c) && c is not ('\n' or '\t' or '\f' or '\u001b' or '\b'));
            if (controls > 0 && controls * 50 > text.Length)
                odd.Add($"{name}: {controls} control characters");
        }
        foreach (var (name, marks, where) in broken.OrderByDescending(static b => b.Count).Take(20))
            TestContext.Current.SendDiagnosticMessage("{0} U+FFFD in {1}: {2}", marks, name, where);
        TestContext.Current.SendDiagnosticMessage("{0} of {1} mails", broken.Count, count);
        var report = string.Join('\n', broken.OrderByDescending(static b => b.Count).Select(static b => string.Create(CultureInfo.InvariantCulture, $"{b.Count} {b.Name}: {b.Where}")));
        Assert.True(broken.Select(static b => b.Name).Order().SequenceEqual(Known.Keys.Order()), report);
        // A picture under the name of a text, a text that was read in the wrong charset four times over before it was sent, and Turkish with a list's footer behind it that was taken for base64.
        odd.RemoveAll(static o => o.Contains("chardet-fail.raw", StringComparison.Ordinal) || o.Contains("sample-334.eml", StringComparison.Ordinal) || o.Contains("/01227.", StringComparison.Ordinal));
        Assert.True(odd.Count == 0, string.Join('\n', odd));
    }

    private static IEnumerable<(string Name, byte[] Bytes)> All()
    {
        foreach (var archive in (string[])["mime/chatwoot.zip", "mime/django_helpdesk.zip", "mime/enmime.zip", "mime/mikel_mail.zip", "mime/nodemailer_mailparser.zip", "mime/request_tracker.zip", "mime/stalwart_mail_parser.zip", "dsn/sisimai_set_of_emails.zip", "spam/spamassassin_test_messages.zip"])
        {
            foreach (var (name, bytes) in Corpus.Zip(archive, Corpus.IsMail))
                yield return ($"{archive}:{name}", bytes);
        }
        foreach (var archive in (string[])["spam/spamassassin_ham.tar.gz", "spam/spamassassin_spam.tar.gz", "spam/enron_ham.tar.gz", "spam/phishing_pot_evaluation_only.tar.gz"])
        {
            foreach (var (name, bytes) in Corpus.Tar(archive))
                yield return ($"{archive}:{name}", bytes);
        }
    }

    private static string Around(string text)
    {
        var at = text.IndexOf('\ufffd', StringComparison.Ordinal);
        return at < 0 ? "" : string.Join(' ', text[Math.Max(0, at - 30)..Math.Min(text.Length, at + 30)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
