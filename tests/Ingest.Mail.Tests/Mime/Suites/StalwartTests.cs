using System.Text;
using System.Text.Json;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime.Suites;

/// <summary>Another reader's 107 hard mails and 432 hard header fields, compared in full.</summary>
public sealed class StalwartTests
{
    private const string Archive = "mime/stalwart_mail_parser.zip";

    [Fact]
    public void Mails_are_read_as_another_reader_expects_or_differ_for_a_reason()
    {
        var files = Corpus.Zip(Archive, static name => name.Contains("eml/", StringComparison.Ordinal)).ToDictionary(static f => f.Name, static f => f.Bytes);
        var opinions = Opinions.Of("stalwart");
        var problems = new List<string>();
        var mails = 0;
        foreach (var (name, bytes) in files.Where(static f => f.Key.EndsWith(".eml", StringComparison.Ordinal)))
        {
            var key = name[(name.IndexOf("eml/", StringComparison.Ordinal) + 4)..^4];
            mails++;
            foreach (var (expected, mail) in new[] { (".json", LineEnds.Lf(bytes)), (".crlf.json", LineEnds.CrLf(bytes)) })
            {
                using var json = JsonDocument.Parse(files[Path.ChangeExtension(name, expected)]);
                problems.AddRange(opinions.Unexplained(key, StalwartMail.Compare(MailMessage.Parse(mail), json.RootElement)));
            }
        }
        problems.AddRange(opinions.Stale());
        Assert.Equal(107, mails);
        Assert.True(problems.Count == 0, $"{problems.Count} differences without a reason\n" + string.Join('\n', problems));
    }

    [Theory]
    [InlineData("address", 60)]
    [InlineData("content_type", 103)]
    [InlineData("date", 40)]
    [InlineData("id", 11)]
    [InlineData("list", 7)]
    [InlineData("received", 181)]
    [InlineData("unstructured", 30)]
    public void Fields_are_read_as_another_reader_expects_or_differ_for_a_reason(string suite, int count)
    {
        var bytes = Assert.Single(Corpus.Zip(Archive, name => name.EndsWith($"/{suite}.json", StringComparison.Ordinal) || name == suite + ".json")).Bytes;
        using var cases = JsonDocument.Parse(bytes);
        Assert.Equal(count, cases.RootElement.GetArrayLength());
        var opinions = Opinions.Of("stalwart-" + suite);
        var problems = new List<string>();
        var number = 0;
        foreach (var item in cases.RootElement.EnumerateArray())
        {
            var field = MailMessage.Parse(Encoding.UTF8.GetBytes("X:" + item.GetProperty("header").GetString())).Headers[0];
            var (expected, actual) = Read(suite, item.GetProperty("expected"), field);
            if (expected != actual)
                problems.AddRange(opinions.Unexplained($"{number}", [new Difference(suite, expected, actual)]));
            number++;
        }
        problems.AddRange(opinions.Stale());
        Assert.True(problems.Count == 0, $"{problems.Count} differences without a reason\n" + string.Join('\n', problems));
    }

    private static (string Expected, string Actual) Read(string suite, JsonElement expected, Header field) => (suite, expected.ValueKind) switch
    {
        ("address", JsonValueKind.Null) => ("", StalwartFields.Addresses(field)),
        ("address", _) => (StalwartFields.Addresses(expected).Replace("mailto:", "", StringComparison.Ordinal), StalwartFields.Addresses(field)),
        ("content_type", JsonValueKind.Null) => ("", StalwartFields.Type(field)),
        ("content_type", _) => (StalwartFields.Type(expected), StalwartFields.Type(field)),
        ("date", JsonValueKind.Null) => ("", StalwartFields.Date(field)),
        ("date", _) => (StalwartFields.Date(expected), StalwartFields.Date(field)),
        ("id", JsonValueKind.Null) => ("", string.Join(" | ", MessageIds.Many(field.Unfolded, ParseLimits.Default))),
        ("id", JsonValueKind.String) => (expected.GetString()!, string.Join(" | ", MessageIds.Many(field.Unfolded, ParseLimits.Default))),
        ("id", _) => (StalwartFields.List(expected), string.Join(" | ", MessageIds.Many(field.Unfolded, ParseLimits.Default))),
        ("list", JsonValueKind.Array) => (StalwartFields.List(expected), string.Join(" | ", field.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))),
        ("list", _) => (expected.GetString() ?? "", field.Value),
        ("received", JsonValueKind.Object) when expected.TryGetProperty("date", out var date) && date.ValueKind == JsonValueKind.Object =>
            (StalwartFields.Date(date), StalwartFields.Date(field)),
        ("received", _) => ("", ""),
        (_, JsonValueKind.Null) => ("", field.Value),
        _ => (StalwartFields.Unfolded(expected), field.Value),
    };
}
