using System.Text;
using System.Text.Json;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Text;

/// <summary>Public reply samples; the floors are what we reach, to be raised and never lowered. Forwarded mail stays in the reply on purpose.</summary>
public sealed class ReplyCorpusTests
{
    [Fact]
    public void Discourse_samples_are_trimmed_as_expected()
    {
        var files = Corpus.Zip("replies/discourse_email_reply_trimmer.zip").ToDictionary(static f => f.Name, static f => Encoding.UTF8.GetString(f.Bytes));
        int right = 0, all = 0;
        foreach (var (name, text) in files.Where(static f => f.Key.Contains("emails/", StringComparison.Ordinal) && f.Key.EndsWith(".txt", StringComparison.Ordinal)))
        {
            all++;
            right += Same(name, ReplyTrimmer.Trim(LineEnds(text)).Reply, files[name.Replace("emails/", "trimmed/", StringComparison.Ordinal)]);
        }
        TestContext.Current.SendDiagnosticMessage("{0} of {1}", right, all);
        Assert.Equal(64, all);
        Assert.True(right >= 54, $"{right} of {all}");
    }

    [Fact]
    public void Talon_samples_are_trimmed_as_expected()
    {
        var files = Corpus.Zip("replies/mailgun_talon.zip").ToDictionary(static f => f.Name, static f => f.Bytes);
        int right = 0, all = 0;
        using var cases = JsonDocument.Parse(files.Single(static f => f.Key.EndsWith("text_cases.json", StringComparison.Ordinal)).Value);
        foreach (var item in cases.RootElement.EnumerateArray())
        {
            all++;
            right += Same(item.GetProperty("test").GetString()!, ReplyTrimmer.Trim(LineEnds(item.GetProperty("input").GetString()!)).Reply, item.GetProperty("expected").GetString()!);
        }
        TestContext.Current.SendDiagnosticMessage("{0} of {1}", right, all);
        Assert.True(all == 45 && right >= 35, $"{right} of {all}");
    }

    [Fact]
    public void Replies_of_mail_programs_in_html_are_trimmed()
    {
        foreach (var (name, bytes) in Corpus.Zip("replies/mailgun_talon.zip", static n => n.Contains("html_replies/", StringComparison.Ordinal)))
        {
            byte[] mail = [.. "Content-Type: text/html; charset=utf-8\n\n"u8, .. bytes];
            var reply = string.Join(' ', MailMessage.Parse(mail).Reply.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Assert.True(reply == "Hi. I am fine. Thanks, Alex", $"{name}: {reply}");
        }
    }

    private static int Same(string name, string actual, string expected)
    {
        if (Solid(actual) == Solid(expected))
            return 1;
        TestContext.Current.SendDiagnosticMessage("{0} differs", name);
        return 0;
    }

    private static string LineEnds(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);

    private static string Solid(string text) => string.Join('\n', LineEnds(text).Split('\n').Select(static l => l.TrimEnd()).Where(static l => l.Length > 0));
}
