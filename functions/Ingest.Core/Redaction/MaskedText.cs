using System.Text;

namespace Ingest.Core.Redaction;

/// <summary>A text under masking: collects what to cover, then writes the text once.</summary>
internal sealed class MaskedText(string input, int keepLast, char cover = '•')
{
    private readonly List<(int Start, int End, string With)> covers = [];
    private readonly List<Finding> findings = [];

    /// <summary>Covers a card's digits but the last ones; what separates them stays. With <paramref name="quoted"/> it is put between double quotes.</summary>
    internal void Cover(ReadableText text, CardNumber card, bool quoted = false)
    {
        int start = text.StartOf(card.Digits[0]), end = End(text, card.Digits[^1]);
        if (quoted)
            covers.Add((start, start, "\""));
        foreach (int digit in card.Digits.AsSpan(0, card.Digits.Length - keepLast))
            covers.Add((text.StartOf(digit), End(text, digit), cover.ToString()));
        if (quoted)
            covers.Add((end, end, "\""));
        findings.Add(new Finding(FindingType.Card, start, end - start, card.Rule, card.Confidence));
    }

    internal RedactedText Finish()
    {
        if (covers.Count == 0)
            return new RedactedText(input, []);
        var output = new StringBuilder(input.Length);
        int done = 0;
        foreach ((int start, int end, string with) in covers.OrderBy(c => c.Start))
        {
            output.Append(input, done, start - done).Append(with);
            done = end;
        }
        output.Append(input, done, input.Length - done);
        return new RedactedText(output.ToString(), [.. findings.OrderBy(f => f.Start)]);
    }

    private static int End(ReadableText text, int digit) =>
        text.EndOf(char.IsHighSurrogate(text.Letters[digit]) ? digit + 1 : digit);
}
