using System.Text.Json;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

/// <summary>
/// Another reader's view of 107 hard mails. The floors are what agrees: it decodes UTF-7 and loses mislabelled characters in subjects (7), leaves
/// words without @ out of From (2), and counts a body's unclosed parts as attachments (13), where we do the opposite on purpose.
/// </summary>
public sealed class StalwartTests
{
    [Fact]
    public void Subjects_authors_and_ids_are_what_another_reader_finds()
    {
        var files = Corpus.Zip("mime/stalwart_mail_parser.zip", static name => name.Contains("eml/", StringComparison.Ordinal)).ToDictionary(static f => f.Name, static f => f.Bytes);
        int mails = 0, subjects = 0, authors = 0, ids = 0, attachments = 0;
        foreach (var (name, bytes) in files)
        {
            if (!name.EndsWith(".eml", StringComparison.Ordinal) || !files.TryGetValue(Path.ChangeExtension(name, ".json"), out var json))
                continue;
            using var expected = JsonDocument.Parse(json);
            var message = MailMessage.Parse(bytes);
            mails++;
            subjects += Count(name, "subject", Text(expected, "subject"), message.Subject);
            authors += Count(name, "from", Authors(expected), string.Join('|', message.From.Select(static a => a.Address)));
            ids += Count(name, "id", Text(expected, "message_id"), message.MessageId ?? "");
            attachments += Count(name, "attachments", $"{expected.RootElement.GetProperty("attachments").GetArrayLength()}", $"{message.Attachments.Count}");
        }
        TestContext.Current.SendDiagnosticMessage("{0} mails: subject {1}, from {2}, id {3}, number of attachments {4}", mails, subjects, authors, ids, attachments);
        Assert.Equal(107, mails);
        Assert.True(subjects >= 100 && authors >= 105 && ids == 107 && attachments >= 94, $"subject {subjects}, from {authors}, id {ids}, attachments {attachments}");
    }

    private static int Count(string name, string what, string expected, string actual)
    {
        if (expected == actual)
            return 1;
        TestContext.Current.SendDiagnosticMessage("{0} {1}: expected [{2}] got [{3}]", name, what, expected, actual);
        return 0;
    }

    private static string Text(JsonDocument expected, string header) =>
        Find(expected, header) is { } value && value.TryGetProperty("Text", out var text) ? text.GetString() ?? "" : "";

    private static string Authors(JsonDocument expected)
    {
        var found = new List<string>();
        if (Find(expected, "from") is { } value)
            Collect(value, found);
        return string.Join('|', found);
    }

    private static void Collect(JsonElement element, List<string> found)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            if (element.TryGetProperty("address", out var address) && address.ValueKind == JsonValueKind.String)
                found.Add(address.GetString()!);
            foreach (var property in element.EnumerateObject())
                Collect(property.Value, found);
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, found);
        }
    }

    private static JsonElement? Find(JsonDocument expected, string header)
    {
        foreach (var field in expected.RootElement.GetProperty("parts")[0].GetProperty("headers").EnumerateArray())
        {
            if (field.GetProperty("name").ValueKind == JsonValueKind.String && field.GetProperty("name").GetString() == header)
                return field.GetProperty("value").ValueKind == JsonValueKind.Object ? field.GetProperty("value") : null;
        }
        return null;
    }
}
