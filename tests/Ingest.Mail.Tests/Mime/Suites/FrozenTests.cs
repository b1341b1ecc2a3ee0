using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime.Suites;

/// <summary>
/// Public suites of mails, read once, looked at by a person and frozen as short facts: structure, counts and the beginnings of hashes, none of their text. After a
/// change that is meant, look at each mail it touches, then run these tests with INGEST_FREEZE=1 and commit tests/fixtures/mime/frozen.
/// </summary>
public sealed class FrozenTests
{
    [Theory]
    [InlineData("chatwoot", 39)]
    [InlineData("django_helpdesk", 6)]
    [InlineData("enmime", 92)]
    [InlineData("mikel_mail", 104)]
    [InlineData("nodemailer_mailparser", 8)]
    [InlineData("request_tracker", 36)]
    public void Mails_are_read_as_they_were_when_a_person_looked(string suite, int count)
    {
        var path = Path.Combine(Fixtures.Folder, "frozen", suite + ".txt");
        var facts = Corpus.Zip($"mime/{suite}.zip", Corpus.IsMail).OrderBy(static m => m.Name, StringComparer.Ordinal).Select(static m => $"{m.Name} | {Facts(MailMessage.Parse(m.Bytes))}").ToList();
        Assert.Equal(count, facts.Count);
        if (Environment.GetEnvironmentVariable("INGEST_FREEZE") is "1")
            File.WriteAllLines(path, facts);
        var changed = facts.Except(File.ReadLines(path), StringComparer.Ordinal).ToList();
        Assert.True(changed.Count == 0, "These mails are read otherwise than before:\n" + string.Join('\n', changed));
    }

    [Theory]
    [InlineData("chatwoot")]
    [InlineData("enmime")]
    [InlineData("mikel_mail")]
    [InlineData("request_tracker")]
    public void Line_ends_make_no_difference(string suite)
    {
        foreach (var (name, bytes) in Corpus.Zip($"mime/{suite}.zip", Corpus.IsMail))
        {
            // Where line ends are part of content that is not text, they are what is sent.
            var lf = MailMessage.Parse(LineEnds.Lf(bytes));
            var crlf = MailMessage.Parse(LineEnds.CrLf(LineEnds.Lf(bytes)));
            Assert.True((lf.Subject, lf.Text, Html(lf), Tree(lf.Root), People(lf)) == (crlf.Subject, crlf.Text, Html(crlf), Tree(crlf.Root), People(crlf)), name);
        }
    }

    private static string? Html(MailMessage message) => message.Html?.Replace("\r\n", "\n", StringComparison.Ordinal);

    private static string Facts(MailMessage message) => string.Create(CultureInfo.InvariantCulture,
        $"{Tree(message.Root)} id={Hash(message.MessageId)} date={message.Date:yyyy-MM-ddTHH:mm:sszzz} subject={Hash(message.Subject)} people={People(message)} thread={message.InReplyTo.Count}+{message.References.Count} body={Body(message)} files={string.Join(',', message.Attachments.Select(Attached))} odd={string.Join(',', message.Defects.Select(static d => d.Kind).Distinct().Order())}");

    // Text made from html is another room's business.
    private static string Body(MailMessage message) => message.Html is null ? $"text:{message.Text?.Length}:{Hash(message.Text)}" : $"html:{message.Html.Length}:{Hash(message.Html)}";

    private static string Attached(MailAttachment file) => $"{Hash(file.Name)}:{(file.Part.IsLeaf ? file.Part.DecodedLength() : file.Part.RawContent.Length)}:{(file.Inline ? "inline:" : "")}{Hash(Convert.ToBase64String(file.Decode()))}";

    private static string People(MailMessage message) =>
        string.Join('.', new[] { message.From, message.Sender is { } sender ? [sender] : [], message.ReplyTo, message.To, message.Cc }.Select(static list => list.Count == 0 ? "0" : $"{list.Count}{Hash(string.Join('|', list.Select(static a => $"{a.Name}<{a.Address}>")))}"));

    private static string Tree(MimePart part) => part.ContentType + (part.IsLeaf ? "" : $"({string.Join(',', part.Children.Select(Tree))})");

    private static string Hash(string? text) => text is null ? "-" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 4));
}
