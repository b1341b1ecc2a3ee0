using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>What a person sees otherwise than it is stored: letters that a mark turns round (U+202E, html's bdo), and letters shifted into base64 (UTF-7, RFC 2152). Both are read once more.</summary>
internal static class OtherForms
{
    /// <summary>What follows is drawn from right to left.</summary>
    internal const char Turn = '\u202E';

    /// <summary>What was turned ends.</summary>
    internal const char TurnBack = '\u202C';

    private const int LongestShift = 4000, Alignments = 8;
    private static readonly SearchValues<char> Marks = SearchValues.Create(['+', Turn]);
    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>True when a text has such.</summary>
    internal static bool HasAny(ReadOnlySpan<char> text)
    {
        Span<int> tried = stackalloc int[Alignments];
        for (int at = 0, next; at < text.Length && (next = text[at..].IndexOfAny(Marks)) >= 0; at++)
        {
            at += next;
            if (text[at] == Turn || Shift(text, at, null, tried) > 0)
                return true;
        }
        return false;
    }

    /// <summary>The text as it is seen.</summary>
    internal static ReadableText Seen(ReadableText text)
    {
        string letters = text.Letters;
        var read = new ReadableText.Builder(letters.Length);
        List<char> units = [];
        Span<int> tried = stackalloc int[Alignments];
        for (int i = 0; i < letters.Length;)
        {
            units.Clear();
            if (letters[i] == Turn)
                i = Turned(text, i + 1, read);
            else if (letters[i] == '+' && Shift(letters, i, units, tried) is > 0 and int length)
            {
                read.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(units), text.StartOf(i), text.EndOf(i + length - 1) - text.StartOf(i));
                i += length;
            }
            else
            {
                read.Add(letters[i], text.StartOf(i), text.EndOf(i) - text.StartOf(i));
                i++;
            }
        }
        return read.Finish();
    }

    // To the mark that ends it, or the end of its line.
    private static int Turned(ReadableText text, int start, ReadableText.Builder read)
    {
        int length = text.Letters.AsSpan(start).IndexOfAny(TurnBack, '\n', ReadableText.Break), end = length < 0 ? text.Letters.Length : start + length;
        for (int i = end - 1; i >= start; i--)
            read.Add(text.Letters[i], text.StartOf(i), text.EndOf(i) - text.StartOf(i));
        return end;
    }

    // The length of what a plus sign begins, if it stands for letters of which some are ASCII; 0 when it is a plus sign. Three units are eight letters: what was read in vain from one plus sign
    // is so from every other in it that lies eight or sixteen letters further on, so that a row of plus signs is read eight times at most.
    private static int Shift(ReadOnlySpan<char> text, int plus, List<char>? units, Span<int> tried)
    {
        if (plus < tried[plus % Alignments])
            return 0;
        ReadOnlySpan<char> rest = text[(plus + 1)..Math.Min(text.Length, plus + 1 + LongestShift)];
        int length = rest.IndexOfAnyExcept(Base64), bits = 0, value = 0, at = 0;
        length = length < 0 ? rest.Length : length;
        bool ascii = false, legal = length > 0 && length % Alignments is 0 or 3 or 6;
        for (; legal && at < length; at++)
        {
            value = value << 6 | Sextet(rest[at]);
            if ((bits += 6) < 16)
                continue;
            bits -= 16;
            char unit = (char)(value >> bits);
            value &= (1 << bits) - 1;
            legal = unit is >= ' ' or '\t' or '\n' or '\r';
            ascii |= unit < '\u0080';
            units?.Add(unit);
        }
        if (legal && ascii && value == 0)
            return length + 1 + (length < rest.Length && rest[length] == '-' ? 1 : 0);
        units?.Clear();
        tried[plus % Alignments] = plus + (legal || at == 0 ? length + 1 : at);
        return 0;
    }

    private static int Sextet(char c) => char.IsAsciiLetterUpper(c) ? c - 'A' : char.IsAsciiLetterLower(c) ? c - 'a' + 26 : char.IsAsciiDigit(c) ? c - '0' + 52 : c == '+' ? 62 : 63;
}
