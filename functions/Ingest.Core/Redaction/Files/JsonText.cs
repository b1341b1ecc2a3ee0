using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>Reads JSON, also many documents in one file: escapes are characters, and what gives it its form stays. A number that is masked becomes a string.</summary>
internal sealed class JsonText
{
    private readonly string json;
    private readonly ReadableText.Builder text;

    private JsonText(string json) => (this.json, text) = (json, new ReadableText.Builder(json.Length));

    /// <summary>Where numbers stand outside of strings.</summary>
    private List<(int Start, int End)> Numbers { get; } = [];

    internal static RedactedText Mask(string json, RedactionPolicy policy, RedactionTools tools, char cover)
    {
        (ReadableText text, List<(int Start, int End)> numbers) = Read(json);
        RedactedText first = Cover(new MaskedText(json, policy, tools, cover), text);
        if (first.Findings.Count == 0 || policy.DryRun || Quote(json, numbers, first.Findings) is not { } quoted)
            return first;
        return Cover(new MaskedText(quoted, policy, tools, cover), Read(quoted).Text) with { Findings = first.Findings };
    }

    private static RedactedText Cover(MaskedText mask, ReadableText text)
    {
        mask.Cover(text);
        if (SplitCard.Read(text) is { } cards)
            mask.Cover(cards);
        return mask.Finish();
    }

    internal static (ReadableText Text, List<(int Start, int End)> Numbers) Read(string json)
    {
        var reader = new JsonText(json);
        reader.Run();
        return (reader.text.Finish(), reader.Numbers);
    }

    private void Run()
    {
        bool inside = false;
        for (int i = 0; i < json.Length;)
        {
            char c = json[i];
            if (c == '"')
            {
                inside = !inside;
                text.Add(c, i++, 0);
            }
            else if (inside)
                i = Character(i);
            else if (c is '{' or '}' or '[' or ']' or ',' or ':' || char.IsWhiteSpace(c))
                text.Add(c, i++, 0);
            else
                i = Bare(i);
        }
    }

    private int Character(int i)
    {
        if (json[i] == '\\')
            return i + HtmlCharacter.AddEscape(text, json, i, json.Length, false);
        text.Add(json[i], i, 1);
        return i + 1;
    }

    private int Bare(int start)
    {
        int i = start;
        while (i < json.Length && json[i] is not ('"' or '{' or '}' or '[' or ']' or ',' or ':') && !char.IsWhiteSpace(json[i]))
            text.Add(json[i], i++, 1);
        Numbers.Add((start, i));
        return i;
    }

    private static string? Quote(string json, List<(int Start, int End)> numbers, IReadOnlyList<Finding> findings)
    {
        StringBuilder? quoted = null;
        int done = 0, at = 0;
        foreach ((int start, int end) in numbers)
        {
            while (at < findings.Count && findings[at].Start + findings[at].Length <= start)
                at++;
            if (at == findings.Count || findings[at].Start >= end)
                continue;
            quoted ??= new StringBuilder(json.Length + 64);
            quoted.Append(json, done, start - done).Append('"').Append(json, start, end - start).Append('"');
            done = end;
        }
        return quoted?.Append(json, done, json.Length - done).ToString();
    }
}
