using System.Text;

namespace Ingest.Core.Redaction;

/// <summary>What a person reads, character by character, and where each character stands in the source.</summary>
internal readonly struct ReadableText
{
    /// <summary>Stands where a cell or paragraph of html begins or ends; it has no place of its own in the source.</summary>
    internal const char Break = '\v';

    private readonly List<int>? starts;
    private readonly List<int>? lengths;

    private ReadableText(string letters, List<int>? starts, List<int>? lengths) => (Letters, this.starts, this.lengths) = (letters, starts, lengths);

    /// <summary>The characters.</summary>
    internal string Letters { get; }

    /// <summary>Where the character at an index stands in the source.</summary>
    internal int StartOf(int index) => starts is null ? index : starts[index];

    /// <summary>Where it ends in the source.</summary>
    internal int EndOf(int index) => starts is null ? index + 1 : starts[index] + lengths![index];

    /// <summary>Plain text: every character stands for itself.</summary>
    internal static ReadableText FromPlain(string text) => new(text, null, null);

    /// <summary>Quoted-printable text: soft line breaks are nothing, =XX is one character.</summary>
    internal static ReadableText FromQuotedPrintable(string text)
    {
        var builder = new Builder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int soft = text[i] != '=' ? 0 : At(text, i + 1) == '\n' ? 2 : At(text, i + 1) == '\r' && At(text, i + 2) == '\n' ? 3 : 0;
            if (soft == 0)
                i += builder.Add(i, HexEscape(text, i, '='));
            else
                i += soft;
        }
        return builder.Finish();
    }

    /// <summary>The character that an escape such as =41 or %41 stands for and its length of 3, or the character itself and 1.</summary>
    internal static (char Letter, int Length) HexEscape(string text, int i, char escape) =>
        text[i] == escape && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2])
            ? ((char)Convert.ToInt32(text.Substring(i + 1, 2), 16), 3)
            : (text[i], 1);

    private static char At(string text, int i) => i < text.Length ? text[i] : '\0';

    /// <summary>Collects characters with their places.</summary>
    internal sealed class Builder(int capacity)
    {
        private readonly StringBuilder letters = new(capacity);
        private readonly List<int> starts = new(capacity);
        private readonly List<int> lengths = new(capacity);

        internal bool IsEmpty => letters.Length == 0;

        internal void Add(char letter, int start, int length)
        {
            letters.Append(letter);
            starts.Add(start);
            lengths.Add(length);
        }

        internal int Add(int start, (char Letter, int Length) read)
        {
            Add(read.Letter, start, read.Length);
            return read.Length;
        }

        internal ReadableText Finish() => new(letters.ToString(), starts, lengths);
    }
}
