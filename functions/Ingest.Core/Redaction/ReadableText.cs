using System.Text;

namespace Ingest.Core.Redaction;

/// <summary>What a person reads, character by character, and where each character stands in the source.</summary>
internal readonly struct ReadableText
{
    /// <summary>Stands where a cell or paragraph of html begins or ends; it has no place of its own in the source.</summary>
    internal const char Break = '\v';

    private readonly List<int>? starts;
    private readonly List<int>? lengths;

    private readonly int offset;

    private ReadableText(string letters, List<int>? starts, List<int>? lengths, int offset = 0) => (Letters, this.starts, this.lengths, this.offset) = (letters, starts, lengths, offset);

    /// <summary>The characters.</summary>
    internal string Letters { get; }

    /// <summary>True when every character stands for itself.</summary>
    internal bool IsPlain => starts is null;

    /// <summary>Where the character at an index stands in the source.</summary>
    internal int StartOf(int index) => offset + (starts is null ? index : starts[index]);

    /// <summary>Where it ends in the source.</summary>
    internal int EndOf(int index) => offset + (starts is null ? index + 1 : starts[index] + lengths![index]);

    /// <summary>Plain text: every character stands for itself.</summary>
    internal static ReadableText FromPlain(string text) => new(text, null, null);

    /// <summary>The same text of a source that is a piece of a longer one, from a place in that.</summary>
    internal ReadableText From(int place) => new(Letters, starts, lengths, offset + place);

    /// <summary>As many other letters in the same places.</summary>
    internal ReadableText With(string letters) => new(letters, starts, lengths, offset);

    /// <summary>This text, read out of another one, with its places in that one's source.</summary>
    internal ReadableText Over(ReadableText under)
    {
        if (under.starts is null)
            return From(under.offset);
        var builder = new Builder(Letters.Length);
        for (int i = 0; i < Letters.Length; i++)
        {
            int start = StartOf(i), end = EndOf(i);
            int from = start < under.Letters.Length ? under.StartOf(start) : start == 0 ? 0 : under.EndOf(start - 1);
            builder.Add(Letters[i], from, end > start ? under.EndOf(end - 1) - from : 0);
        }
        return builder.Finish();
    }

    /// <summary>Collects characters with their places.</summary>
    internal sealed class Builder(int capacity)
    {
        private readonly StringBuilder letters = new(capacity);
        private readonly List<int> starts = new(capacity);
        private readonly List<int> lengths = new(capacity);

        internal bool IsEmpty => letters.Length == 0;

        internal int Length => letters.Length;

        internal void Add(char letter, int start, int length)
        {
            letters.Append(letter);
            starts.Add(start);
            lengths.Add(length);
        }

        /// <summary>Letters that together stand in one place of the source, such as what a character reference means.</summary>
        internal void Add(ReadOnlySpan<char> read, int start, int length)
        {
            for (int i = 0; i < read.Length; i++)
                Add(read[i], i == 0 ? start : start + length, i == 0 ? length : 0);
        }

        internal ReadableText Finish() => new(letters.ToString(), starts, lengths);
    }
}
