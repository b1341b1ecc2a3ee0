using System.Numerics;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Whether the signs of a number, letters as capitals and nothing between them, can be what they look like: check digits, dates, ranges.</summary>
internal delegate bool NumberCheck(ReadOnlySpan<char> signs);

/// <summary>One way of writing one sort of number.</summary>
internal sealed class NumberRule
{
    /// <summary>For a confidence without words: never found without them.</summary>
    internal const double OnlyNamed = -1;

    private const double Hint = 0.3;

    private readonly ulong digits, letters, mayPart, mustPart, mayBeSlash, mustBeDash, mustBeDot;
    private readonly bool mixes;
    private readonly (int At, char Sign)[] fixedSigns;

    /// <summary>
    /// Reads a shape: # is a digit, @ a letter, ? either, any other letter or digit itself; between them a blank is a gap of any sort, a tilde one that may be missing,
    /// a hyphen, a dot and a slash are themselves, and gaps of one number are of one sort unless the shape begins with a star or writes them.
    /// </summary>
    internal NumberRule(FindingType type, string name, string shape, double alone, double named, Topics topics, NumberCheck? check = null)
    {
        (Type, Name, Alone, Named, Most, Topics, Check) = (type, name, alone, named, Math.Max(alone, named), topics, check);
        List<(int, char)> signs = [];
        foreach (char c in shape)
        {
            ulong bit = 1UL << Length;
            switch (c)
            {
                case '*': mixes = true; break;
                case ' ': (mayPart, mustPart) = (mayPart | bit, mustPart | bit); break;
                case '~': mayPart |= bit; break;
                case '-': (mayPart, mustPart, mustBeDash) = (mayPart | bit, mustPart | bit, mustBeDash | bit); mixes = true; break;
                case '.': (mayPart, mustPart, mustBeDot) = (mayPart | bit, mustPart | bit, mustBeDot | bit); mixes = true; break;
                case '/': (mayPart, mustPart, mayBeSlash) = (mayPart | bit, mustPart | bit, mayBeSlash | bit); mixes = true; break;
                case '#': digits |= bit; Length++; break;
                case '@': letters |= bit; Length++; break;
                case '?': Length++; break;
                default:
                    (digits, letters) = char.IsAsciiDigit(c) ? (digits | bit, letters) : (digits, letters | bit);
                    signs.Add((Length++, c));
                    break;
            }
        }
        fixedSigns = [.. signs];
    }

    internal FindingType Type { get; }

    internal string Name { get; }

    /// <summary>The confidence without a word near it.</summary>
    internal double Alone { get; }

    /// <summary>The confidence when the word before it says so.</summary>
    internal double Named { get; }

    /// <summary>The most that it is ever believed.</summary>
    internal double Most { get; }

    internal Topics Topics { get; }

    internal NumberCheck? Check { get; }

    /// <summary>How many signs.</summary>
    internal int Length { get; private set; }

    /// <summary>True when signs may begin so, by their letters and gaps alone.</summary>
    internal bool MayBegin(ulong letterSigns, ulong gaps, ulong within) =>
        ((letterSigns & digits) | (~letterSigns & letters & within) | (gaps & within & ~mayPart) | (mustPart & within & ~gaps)) == 0;

    /// <summary>True when the first signs of a token are written so; says nothing of the signs that the shape spells out, nor of the check.</summary>
    internal bool Fits(in NumberToken token, ulong within)
    {
        if (((token.Letters & digits) | (~token.Letters & letters & within)) != 0)
            return false;
        ulong gaps = token.Gaps & within, slashes = token.Slashes & within;
        if ((gaps & ~mayPart) != 0 || (mustPart & ~gaps) != 0 || (slashes & ~mayBeSlash) != 0
            || (mustBeDash & ~token.Dashes) != 0 || (mustBeDot & ~token.Dots) != 0 || (mayBeSlash & mustPart & ~slashes) != 0)
            return false;
        if (!mixes && BitOperations.PopCount(gaps) > 1 && !IsOneSort(token, gaps))
            return false;
        return true;
    }

    /// <summary>True when the signs are there that the shape spells out.</summary>
    internal bool HasFixed(in NumberToken token)
    {
        foreach ((int at, char sign) in fixedSigns)
            if (token.Signs(at + 1)[at] != sign)
                return false;
        return true;
    }

    /// <summary>How sure one can be, from what is said around.</summary>
    internal double Confidence(in TopicScanner.Said said)
    {
        if ((said.Nearest & Numbers.Topics.Elsewhere) != 0)
            return Alone;
        if ((said.Nearest & Topics) != 0)
            return Named;
        double least = Math.Max(0, Alone), between = (least + Named) / 2;
        bool against = (said.Nearest & (Numbers.Topics.Phone | Numbers.Topics.Order)) != 0;
        if ((said.Before & Topics) != 0)
            return against ? Math.Max(Alone, between - 0.2) : between;
        if (against)
            return Alone * 0.5;
        if ((said.After & Topics) != 0)
            return said.Nearest == 0 ? Named - 0.05 : between;
        return (said.Before & Numbers.Topics.Identity) != 0 ? Math.Min(Alone + Hint, Named) : Alone;
    }

    private static bool IsOneSort(in NumberToken token, ulong gaps)
    {
        ulong dashes = token.Dashes & gaps, dots = token.Dots & gaps;
        return (dashes == 0 || dashes == gaps) && (dots == 0 || dots == gaps);
    }
}
