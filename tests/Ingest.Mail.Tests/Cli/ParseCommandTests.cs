using System.Text;
using System.Text.Json;
using Ingest.Cli.Commands;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Cli;

public sealed class ParseCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ingest-parse-").FullName;

    [Fact]
    public async Task Folders_files_mboxes_and_stdin_come_out_in_the_order_of_the_arguments()
    {
        Directory.CreateDirectory(Path.Combine(folder, "mails", "B"));
        Save("mails/b.eml", "Subject: third\n\n");
        Save("mails/a", "Subject: second\n\n");
        Save("mails/B/z.eml", "Subject: first\n\n");
        Save("mails/notes.txt", "Subject: no mail\n\n");
        Save("more.mbox", "From a Tue Mar  3 10:00:00 2026\nSubject: fourth\n\n\nFrom b Tue Mar  3 10:00:00 2026\nSubject: fifth\n\n");

        var (code, lines) = await RunAsync([Path.Combine(folder, "mails"), Path.Combine(folder, "more.mbox"), "-"], "Subject: sixth\n\n");

        Assert.Equal(0, code);
        Assert.Equal(["first", "second", "third", "fourth", "fifth", "sixth"], lines.Select(static line => line.GetProperty("subject").GetString()));
        Assert.Equal("-", lines[5].GetProperty("file").GetString());
    }

    [Fact]
    public async Task Every_object_has_the_keys_of_the_contract()
    {
        var (_, lines) = await RunAsync(["-"], "");
        Assert.Equal(
            ["file", "messageId", "subject", "from", "sender", "replyTo", "to", "cc", "date", "inReplyTo", "references", "text", "html", "reply", "elided", "signature", "attachments", "parts", "kind", "bounce", "report", "calendar", "protection", "defects", "forwarded"],
            lines.Single().EnumerateObject().Select(static property => property.Name));
    }

    [Fact]
    public async Task Many_mails_keep_their_order()
    {
        for (var i = 0; i < 300; i++)
            Save($"{i:000}.eml", $"Subject: {i:000}\n\n{new string('x', i % 7 * 1000)}");
        var (_, lines) = await RunAsync([folder], "");
        Assert.Equal(Enumerable.Range(0, 300).Select(static i => $"{i:000}"), lines.Select(static line => line.GetProperty("subject").GetString()));
    }

    [Fact]
    public async Task An_input_that_is_not_there_is_a_failure_of_the_command()
    {
        var (code, _) = await RunAsync([Path.Combine(folder, "nowhere.eml")], "");
        Assert.Equal(1, code);
    }

    [Fact]
    public async Task Fixtures_are_printed_one_line_each()
    {
        var (code, lines) = await RunAsync([Fixtures.Folder], "");
        Assert.Equal(0, code);
        Assert.Equal(Fixtures.Names.Count(), lines.Count);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static async Task<(int Code, List<JsonElement> Lines)> RunAsync(string[] inputs, string stdin)
    {
        using var output = new MemoryStream();
        var code = await ParseCommand.RunAsync(inputs, new MemoryStream(Encoding.ASCII.GetBytes(stdin)), output, TestContext.Current.CancellationToken);
        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (code, [.. lines.Select(static line => JsonDocument.Parse(line).RootElement)]);
    }

    private void Save(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
}
