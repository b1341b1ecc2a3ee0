using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Ingest.Cli;
using Ingest.Cli.Commands;
using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.App.Tests.Cli;

public sealed class RedactCommandTests
{
    private const string Card = "4111 1111 1111 1111";

    [Fact]
    public async Task A_text_is_one_input_and_its_findings_lie_where_they_stood()
    {
        string text = $"Grüße 👋\nmy card {Card}\nbye";
        (_, JsonElement[] lines) = await RunAsync(["-"], Encoding.UTF8.GetBytes(text));

        JsonElement one = Assert.Single(lines);
        Assert.Equal(["file", "text", "findings"], one.EnumerateObject().Select(p => p.Name));
        Assert.Equal("-", one.GetProperty("file").GetString());
        Assert.Equal("Grüße 👋\nmy card •••• •••• •••• 1111\nbye", one.GetProperty("text").GetString());
        JsonElement finding = Assert.Single(one.GetProperty("findings").EnumerateArray());
        Assert.Equal(["type", "start", "length", "rule", "confidence"], finding.EnumerateObject().Select(p => p.Name));
        Assert.Equal("card", finding.GetProperty("type").GetString());
        Assert.Equal(Card, text.Substring(finding.GetProperty("start").GetInt32(), finding.GetProperty("length").GetInt32()));
        Assert.InRange(finding.GetProperty("confidence").GetDouble(), 0.5, 1);
    }

    [Fact]
    public async Task Files_and_folders_come_out_in_the_order_of_the_arguments()
    {
        using TempFolder folder = new();
        Directory.CreateDirectory(Path.Combine(folder.Path, "b", "a"));
        await WriteAsync(folder, "b/z.txt", "second");
        await WriteAsync(folder, "b/a/y.TXT", "first");
        await WriteAsync(folder, "b/notes.md", "not a text file by name");
        await WriteAsync(folder, "c.md", "third");

        (int code, JsonElement[] lines) = await RunAsync([Path.Combine(folder.Path, "b"), Path.Combine(folder.Path, "c.md"), "-"], "fourth"u8.ToArray());

        Assert.Equal(0, code);
        Assert.Equal(["first", "second", "third", "fourth"], lines.Select(Text));
    }

    [Fact]
    public async Task Every_line_is_an_input_even_an_empty_one()
    {
        (_, JsonElement[] lines) = await RunAsync(["-"], Encoding.UTF8.GetBytes($"a {Card}\r\n\n\rlone\u2028b\nlast"), lines: true);

        Assert.Equal(["a •••• •••• •••• 1111", "", "\rlone\u2028b", "last"], lines.Select(Text));
        Assert.Equal([1, 2, 3, 4], lines.Select(line => line.GetProperty("line").GetInt64()));
        Assert.Equal(2, lines[0].GetProperty("findings")[0].GetProperty("start").GetInt32());
        Assert.Empty((await RunAsync(["-"], [], lines: true)).Lines);
        Assert.Equal(["", ""], (await RunAsync(["-"], "\n\n"u8.ToArray(), lines: true)).Lines.Select(Text));
    }

    [Fact]
    public async Task Many_lines_keep_their_order_and_their_numbers_across_files()
    {
        using TempFolder folder = new();
        string[] texts = [.. Enumerable.Range(0, 20_000).Select(i => new string('x', i % 97) + i)];
        await WriteAsync(folder, "1.txt", string.Join('\n', texts));
        await WriteAsync(folder, "2.txt", "again\n");

        (_, JsonElement[] lines) = await RunAsync([folder.Path], [], lines: true);

        Assert.Equal([.. texts, "again"], lines.Select(Text));
        Assert.Equal([.. Enumerable.Range(1, texts.Length), 1], lines.Select(line => line.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_Windows_1252_and_the_places_stay_right()
    {
        byte[] bytes = [.. "M"u8, 0xFC, .. "ller "u8, 0x80, .. Encoding.ASCII.GetBytes(" " + Card)];
        foreach (bool lines in new[] { false, true })
        {
            JsonElement one = Assert.Single((await RunAsync(["-"], bytes, lines)).Lines);
            Assert.Equal("Müller € •••• •••• •••• 1111", Text(one));
            Assert.Equal(9, one.GetProperty("findings")[0].GetProperty("start").GetInt32());
        }

        JsonElement wide = Assert.Single((await RunAsync(["-"], [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("ä " + Card)])).Lines);
        Assert.Equal(3, wide.GetProperty("findings")[0].GetProperty("start").GetInt32());
    }

    [Fact]
    public async Task A_pipe_gets_its_answer_before_it_sends_more()
    {
        Pipe questions = new(), answers = new();
        Task<int> run = RedactCommand.RunAsync(["-"], RedactionPolicy.Default, true, false, true, questions.Reader.AsStream(), answers.Writer.AsStream(), TestContext.Current.CancellationToken);
        using StreamReader reader = new(answers.Reader.AsStream());
        for (int i = 0; i < 3; i++)
        {
            await questions.Writer.WriteAsync(Encoding.ASCII.GetBytes($"line {i}: {Card}\n"), TestContext.Current.CancellationToken);
            string line = (await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken))!;
            Assert.Contains($"\"line {i}: •••• •••• •••• 1111\"", line, StringComparison.Ordinal);
        }

        await questions.Writer.CompleteAsync();
        Assert.Equal(0, await run);
    }

    [Fact]
    public async Task A_mail_is_shown_in_all_its_places()
    {
        string mail = $"""
            From: "Ada {Card}" <ada@example.com>
            To: support@acme.example
            Subject: card {Card}
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain

            pay {Card}
            -- {""}
            Ada {Card}
            --b
            Content-Type: text/csv; name="{Card}.csv"
            Content-Disposition: attachment; filename="{Card}.csv"

            n,{Card}
            --b
            Content-Type: image/png; name="a.png"
            Content-Disposition: attachment; filename="a.png"
            Content-Transfer-Encoding: base64

            iVBORw0KGgo=
            --b--
            """.ReplaceLineEndings("\r\n");

        JsonElement one = Assert.Single((await RunAsync(["-"], Encoding.ASCII.GetBytes(mail), mail: true)).Lines);

        Assert.Equal(["file", "subject", "from", "sender", "replyTo", "to", "cc", "text", "html", "reply", "elided", "signature", "attachments", "findings"], one.EnumerateObject().Select(p => p.Name));
        Assert.DoesNotContain(Card, one.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("ada@example.com", one.GetProperty("from")[0].GetProperty("address").GetString());
        Assert.Contains("1111", one.GetProperty("signature").GetString(), StringComparison.Ordinal);
        Assert.Equal(["masked", "notLookedInto"], one.GetProperty("attachments").EnumerateArray().Select(a => a.GetProperty("state").GetString()));
        Assert.Single(one.GetProperty("attachments")[0].GetProperty("findings").EnumerateArray());
        Assert.Equal(["attachmentName", "displayName", "reply", "signature", "subject", "text"],
            one.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("place").GetString()).Distinct().Order(StringComparer.Ordinal));

        JsonElement bare = Assert.Single((await RunAsync(["-"], Encoding.ASCII.GetBytes(mail), mail: true, withText: false)).Lines);
        Assert.Equal(["file", "attachments", "findings"], bare.EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData("Known are: preset, confidence, types", "--policy", "{\"typs\":{}}")]
    [InlineData("The policy is no JSON", "--policy", "{")]
    [InlineData("The policy file cannot be read", "--policy", "/nowhere/policy.json")]
    [InlineData("Known are: default, pci, gdpr, hipaa, off", "--preset", "strict")]
    [InlineData("--confidence takes a number from 0 to 1", "--confidence", "2")]
    [InlineData("Known are: card, cardExpiry", "--types", "card,palmPrint")]
    [InlineData("two letters of ISO 3166", "--countries", "us,xx")]
    [InlineData("do not go together", "--lines", "--mail")]
    public async Task A_wrong_policy_ends_with_2_and_a_message_that_names_the_fix(string fix, params string[] args)
    {
        (int code, string output, string error) = await CommandLineTests.RunAsync(["redact", .. args]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Empty(output);
        Assert.StartsWith("ingest redact: ", error, StringComparison.Ordinal);
        Assert.Contains(fix, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_input_that_is_not_there_is_a_failure_of_the_command()
    {
        Assert.Equal(ExitCode.Failed, (await CommandLineTests.RunAsync(["redact", "/nowhere/letter.txt"])).Code);
        Assert.Equal(ExitCode.Failed, (await CommandLineTests.RunAsync(["redact", "--lines", "/nowhere/letter.txt"])).Code);
    }

    [Fact]
    public async Task The_help_explains_the_policy_and_the_list_of_commands_stays_short()
    {
        string help = (await CommandLineTests.RunAsync(["redact", "--help"])).Output;
        foreach (string word in new[] { "\"preset\"", "\"allow\"", "\"dryRun\"", "\"rulesOff\"", "Examples:" })
            Assert.Contains(word, help, StringComparison.Ordinal);
        foreach (FindingType type in Enum.GetValues<FindingType>())
            Assert.Contains(type.ToWord(), help, StringComparison.Ordinal);
        Assert.DoesNotContain("rulesOff", (await CommandLineTests.RunAsync(["--help"])).Output, StringComparison.Ordinal);
    }

    private static string Text(JsonElement line) => line.GetProperty("text").GetString()!;

    private static Task WriteAsync(TempFolder folder, string name, string text) => File.WriteAllTextAsync(Path.Combine(folder.Path, name), text, TestContext.Current.CancellationToken);

    private static async Task<(int Code, JsonElement[] Lines)> RunAsync(string[] inputs, byte[] stdin, bool lines = false, bool mail = false, bool withText = true)
    {
        using MemoryStream output = new();
        int code = await RedactCommand.RunAsync(inputs, RedactionPolicy.Default, lines, mail, withText, new MemoryStream(stdin), output, TestContext.Current.CancellationToken);
        string[] texts = Encoding.UTF8.GetString(output.ToArray()).Split('\n');
        Assert.Empty(texts[^1]);
        return (code, [.. texts[..^1].Select(line => JsonDocument.Parse(line).RootElement)]);
    }
}
