using System.Text;
using System.Text.Json;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Text;

/// <summary>
/// Public reply samples, white space folded. The suites contradict each other, above all about signatures, so each difference is listed with its reason;
/// one that no longer differs fails the test, too.
/// </summary>
public sealed class ReplyCorpusTests
{
    private const string Rewritten = "Ours: they rewrite the quote mark to \">\", here it stays as it was written.";

    private static readonly Dictionary<string, string> DiscourseDifferences = new()
    {
        ["embedded_email_1.txt"] = Rewritten,
        ["embedded_email_4.txt"] = Rewritten,
        ["embedded_email_7.txt"] = Rewritten,
    };

    private static readonly Dictionary<string, string> TalonDifferences = new()
    {
        ["test_too_many_lines 0"] = "Ours: their test allows one line only; \"Hi\" is the author's.",
        ["test_dont_parse_quotations_for_forwarded_messages 42"] = "Either: discourse elides a forwarded mail below a comment, and so do we; it is kept apart in Forwarded.",
        ["test_unicode_in_reply html 8"] = "Ours: a block quote without a line that introduces it or the signs of a mail program may be the author's own.",
        ["test_blockquote_disclaimer html 9"] = "Ours: for the same reason.",
        ["short_url_body"] = "Either: \"Thank you, Noam\" is a signature to talon and part of the reply to discourse; showing more is safer.",
    };

    private static readonly Dictionary<string, string> GithubDifferences = [];

    [Fact]
    public void Discourse_samples_give_the_reply_and_the_elided_text_expected()
    {
        var files = Corpus.Zip("replies/discourse_email_reply_trimmer.zip").ToDictionary(static f => f.Name, static f => Encoding.UTF8.GetString(f.Bytes));
        var differ = new Differences(DiscourseDifferences);
        foreach (var (name, text) in files.Where(static f => f.Key.StartsWith("emails/", StringComparison.Ordinal)))
        {
            var trimmed = ReplyTrimmer.Trim(LineEnds(text));
            differ.Note(name["emails/".Length..], $"{Fold(trimmed.Reply)} || {Fold(trimmed.Cut)}", $"{Fold(files[name.Replace("emails/", "trimmed/", StringComparison.Ordinal)])} || {Fold(files[name.Replace("emails/", "elided/", StringComparison.Ordinal)])}");
        }
        differ.Check(64, 0.95);
    }

    [Fact]
    public void Talon_samples_give_the_reply_with_its_signature()
    {
        var files = Corpus.Zip("replies/mailgun_talon.zip").ToDictionary(static f => f.Name, static f => f.Bytes);
        var differ = new Differences(TalonDifferences);
        var index = 0;
        foreach (var item in Json(files["text_cases.json"]).EnumerateArray())
            differ.Note($"{item.GetProperty("test").GetString()} {index++}", WithSignature(ReplyTrimmer.Trim(LineEnds(item.GetProperty("input").GetString()!))), Fold(item.GetProperty("expected").GetString()!));
        index = 0;
        foreach (var item in Json(files["html_cases.json"]).EnumerateArray())
            differ.Note($"{item.GetProperty("test").GetString()} html {index++}", WithSignature(Html(item.GetProperty("input").GetString()!)), Fold(HtmlText.Convert(item.GetProperty("expected").GetString()!)).Replace("----------", "", StringComparison.Ordinal).Trim());
        var expected = Json(files["expected.json"]);
        foreach (var item in expected.GetProperty("standard_replies").EnumerateObject())
            differ.Note(item.Name, WithSignature(MailMessage.Parse(files["standard_replies/" + item.Name])), Fold(item.Value.GetString()!));
        foreach (var item in expected.GetProperty("html_replies").EnumerateObject())
            differ.Note(item.Name, WithSignature(Html(Encoding.UTF8.GetString(files["html_replies/" + item.Name]))), Fold(item.Value.GetProperty("text_ignoring_whitespace").GetString()!));
        differ.Note("OLK_SRC_BODY_SECTION", WithSignature(Html(Encoding.UTF8.GetString(files["OLK_SRC_BODY_SECTION.html"]))), "Reply");
        differ.Note("reply-separated-by-hr", WithSignature(Html(Encoding.UTF8.GetString(files["reply-separated-by-hr.html"]))), "Hi there Bob");
        var shared = MailMessage.Parse(files["reply-quotations-share-block.eml"]).Reply;
        differ.Note("reply-quotations-share-block", shared.Contains("From", StringComparison.Ordinal) ? shared : "", "");
        foreach (var name in files.Keys.Where(static n => n.StartsWith("signature/emails/stripped/", StringComparison.Ordinal) && n.EndsWith("_body", StringComparison.Ordinal)))
            NoteSignature(differ, name, files);
        differ.Check(91, 0.9);
    }

    private static void NoteSignature(Differences differ, string name, Dictionary<string, byte[]> files)
    {
        var body = LineEnds(Encoding.UTF8.GetString(files[name])).Replace("#sig#", "", StringComparison.Ordinal);
        var signature = Fold(LineEnds(Encoding.UTF8.GetString(files[name.Replace("_body", "_signature", StringComparison.Ordinal)])).Replace("#sig#", "", StringComparison.Ordinal));
        // Their own reader is told who sent it, too.
        var sender = Encoding.UTF8.GetString(files[name.Replace("_body", "_sender", StringComparison.Ordinal)]).Trim().Split('@')[0];
        var trimmed = ReplyTrimmer.Trim(body, null, sender);
        differ.Note(Path.GetFileName(name), $"{Fold(trimmed.Reply)} || {Fold(trimmed.Signature)}", $"{Fold(body)[..^signature.Length].Trim()} || {signature}");
    }

    [Fact]
    public void Github_and_zapier_samples_satisfy_their_own_predicates()
    {
        var files = Corpus.Zip("replies/github_email_reply_parser.zip").ToDictionary(static f => f.Name, static f => Encoding.UTF8.GetString(f.Bytes));
        var differ = new Differences(GithubDifferences);
        foreach (var (folder, list) in ((string, string)[])[("emails/", "expected.json"), ("zapier_emails/", "zapier_expected.json")])
        {
            foreach (var item in Json(Encoding.UTF8.GetBytes(files[list])).EnumerateObject())
            {
                var trimmed = ReplyTrimmer.Trim(LineEnds(files[$"{folder}{item.Name}.txt"]));
                var broken = item.Value.EnumerateObject().Where(p => !Holds(p, trimmed)).Select(static p => p.Name);
                differ.Note(folder + item.Name, string.Join(',', broken), "");
            }
        }
        differ.Check(26, 0.9);
    }

    private static bool Holds(JsonProperty predicate, TrimmedReply trimmed)
    {
        string reply = Fold(trimmed.Reply), cut = Fold(trimmed.Cut), signature = Fold(trimmed.Signature);
        var values = predicate.Value.ValueKind == JsonValueKind.Array ? predicate.Value.EnumerateArray().Select(static v => Fold(v.ToString())).ToList() : [Fold(predicate.Value.ToString())];
        return predicate.Name switch
        {
            "visible_equals" => reply == values[0],
            "visible_startswith" => reply.StartsWith(values[0], StringComparison.Ordinal),
            "visible_contains" => values.TrueForAll(reply.Contains),
            "visible_not_contains" => !values.Exists(reply.Contains),
            "quoted_startswith" => cut.StartsWith(values[0], StringComparison.Ordinal),
            "quoted_contains" => values.TrueForAll(cut.Contains),
            "signature_equals" => signature == values[0],
            "signature_startswith" => signature.StartsWith(values[0], StringComparison.Ordinal),
            "hidden" => !predicate.Value.EnumerateArray().Any(static v => v.GetBoolean()) || cut.Length > 0,
            // One fragment: nothing is cut. Any other count is of their own way to cut.
            "fragments" => values[0] != "1" || cut.Length == 0,
            "quoted" or "signature" or "note" or "max_seconds" => true,
            _ => false,
        };
    }

    private static MailMessage Html(string html)
    {
        byte[] mail = [.. "Content-Type: text/html; charset=utf-8\n\n"u8, .. Encoding.UTF8.GetBytes(html)];
        return MailMessage.Parse(mail);
    }

    private static string WithSignature(MailMessage message) => Fold($"{message.Reply} {message.Signature}");

    private static string WithSignature(TrimmedReply trimmed) => Fold($"{trimmed.Reply} {trimmed.Signature}");

    private static JsonElement Json(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        return document.RootElement.Clone();
    }

    private static string LineEnds(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);

    private static string Fold(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private sealed class Differences(Dictionary<string, string> known)
    {
        private readonly List<string> wrong = [];
        private readonly HashSet<string> seen = [];
        private int all;

        public void Note(string name, string actual, string expected)
        {
            all++;
            if (actual == expected)
                return;
            seen.Add(name);
            if (!known.ContainsKey(name))
                wrong.Add($"{name}:\n  got      {actual}\n  expected {expected}");
        }

        public void Check(int count, double share)
        {
            Assert.True(wrong.Count == 0, string.Join('\n', wrong));
            Assert.Empty(known.Keys.Except(seen));
            Assert.Equal(count, all);
            Assert.True(all - seen.Count >= all * share, $"{all - seen.Count} of {all}");
        }
    }
}
