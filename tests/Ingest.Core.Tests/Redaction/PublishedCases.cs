using System.IO.Compression;
using System.Text.Json;

namespace Ingest.Core.Tests.Redaction;

/// <summary>The published samples of what is to be found, one by one.</summary>
internal static class PublishedCases
{
    /// <summary>A part of a text that is something.</summary>
    internal sealed record Span(string Type, int Start, int End);

    /// <summary>A case of a recogniser; places are null where only the number of matches is told.</summary>
    internal sealed record Case(string Recogniser, string Text, int Count, IReadOnlyList<(int Start, int End)>? Places);

    /// <summary>A text with or without a secret.</summary>
    internal sealed record SecretCase(string Kind, string Text, bool IsSecret, int Start, int End);

    internal static IEnumerable<Case> Recognisers() => Lines("pii/presidio_recognizer_cases.jsonl").Where(row => row.TryGetProperty("expected_len", out _)).Select(row => new Case(
        row.GetProperty("recognizer").GetString()!, row.GetProperty("text").GetString()!, row.GetProperty("expected_len").GetInt32(),
        row.TryGetProperty("expected_positions", out JsonElement places) ? [.. places.EnumerateArray().Select(place => (place[0].GetInt32(), place[1].GetInt32()))] : null));

    internal static IEnumerable<(string Text, IReadOnlyList<Span> Spans)> Sentences(string file) => Lines(file).Select(row => (
        row.GetProperty("text").GetString()!,
        (IReadOnlyList<Span>)[.. row.GetProperty("spans").EnumerateArray().Select(span => new Span(span.GetProperty("type").GetString()!, span.GetProperty("start").GetInt32(), span.GetProperty("end").GetInt32()))]));

    internal static IEnumerable<SecretCase> Secrets()
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(SharedData.File("pii/secrets.jsonl.gz")), CompressionMode.Decompress));
        while (lines.ReadLine() is { } line)
        {
            JsonElement row = JsonDocument.Parse(line).RootElement;
            bool secret = row.GetProperty("label").GetString() == "secret";
            yield return new SecretCase(row.GetProperty("kind").GetString()!, row.GetProperty("text").GetString()!, secret, secret ? row.GetProperty("start").GetInt32() : 0, secret ? row.GetProperty("end").GetInt32() : 0);
        }
    }

    private static IEnumerable<JsonElement> Lines(string file) => File.ReadLines(SharedData.File(file)).Select(line => JsonDocument.Parse(line).RootElement);
}
