using System.Text.Json;
using Ingest.Cli.Commands;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class FixtureTests
{
    public static TheoryData<string> Names => [.. Fixtures.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Mail_reads_as_expected(string name) => Check(name, Fixtures.Mail(name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Mail_reads_the_same_with_CRLF(string name) => Check(name, WithCrLf(Fixtures.Mail(name)));

    private static void Check(string name, byte[] mail)
    {
        using var expected = JsonDocument.Parse(Fixtures.Expected(name));
        using var actual = JsonDocument.Parse(ParseOutput.Line(name, MailMessage.Parse(mail)));
        var differences = new List<string>();
        Compare("", expected.RootElement, actual.RootElement, differences);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    // What the fixture names must be so; what it leaves out may be anything. Lists have exactly the items named.
    private static void Compare(string path, JsonElement expected, JsonElement actual, List<string> differences)
    {
        if (expected.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in expected.EnumerateObject())
            {
                if (actual.TryGetProperty(property.Name, out var value))
                    Compare($"{path}.{property.Name}", property.Value, value, differences);
                else
                    differences.Add($"{path}.{property.Name} is missing");
            }
            return;
        }
        if (expected.ValueKind == JsonValueKind.Array && actual.ValueKind == JsonValueKind.Array && expected.GetArrayLength() == actual.GetArrayLength())
        {
            for (var i = 0; i < expected.GetArrayLength(); i++)
                Compare($"{path}[{i}]", expected[i], actual[i], differences);
            return;
        }
        var same = expected.ValueKind == JsonValueKind.String && actual.ValueKind == JsonValueKind.String
            ? expected.GetString() == actual.GetString()!.Replace("\r\n", "\n", StringComparison.Ordinal)
            : JsonElement.DeepEquals(expected, actual);
        if (!same)
            differences.Add($"{path}\n  expected {expected}\n  but got  {actual}");
    }

    internal static byte[] WithCrLf(byte[] mail)
    {
        var result = new List<byte>(mail.Length + 100);
        for (var i = 0; i < mail.Length; i++)
        {
            if (mail[i] == '\n' && (i == 0 || mail[i - 1] != '\r'))
                result.Add((byte)'\r');
            result.Add(mail[i]);
        }
        return [.. result];
    }
}
