using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>How the tokens of a provider look.</summary>
/// <param name="Prefix">What they begin with.</param>
/// <param name="Rule">The rule's name.</param>
/// <param name="Letters">The signs that follow.</param>
/// <param name="Least">How many at least.</param>
/// <param name="Most">How many at most.</param>
/// <param name="Check">What else they must be; null for nothing.</param>
internal sealed record TokenShape(string Prefix, string Rule, SearchValues<char> Letters, int Least, int Most = 600, TokenCheck? Check = null);

/// <summary>Looks at what follows the prefix of a token.</summary>
internal delegate bool TokenCheck(ReadOnlySpan<char> body);

/// <summary>The signs of which tokens are made.</summary>
internal static class TokenLetters
{
    private const string Digits = "0123456789", Lower = "abcdefghijklmnopqrstuvwxyz", Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Letters and digits.</summary>
    internal static readonly SearchValues<char> Alnum = SearchValues.Create(Digits + Lower + Upper);
    /// <summary>Letters, digits and underscores.</summary>
    internal static readonly SearchValues<char> Word = SearchValues.Create(Digits + Lower + Upper + "_");
    /// <summary>Base64 for addresses (RFC 4648 section 5).</summary>
    internal static readonly SearchValues<char> Url = SearchValues.Create(Digits + Lower + Upper + "_-");
    /// <summary>The same, and points.</summary>
    internal static readonly SearchValues<char> Dotted = SearchValues.Create(Digits + Lower + Upper + "_-.");
    /// <summary>Base64 (RFC 4648 section 4).</summary>
    internal static readonly SearchValues<char> Base64 = SearchValues.Create(Digits + Lower + Upper + "+/=");
    /// <summary>Either sort of base64.</summary>
    internal static readonly SearchValues<char> Any64 = SearchValues.Create(Digits + Lower + Upper + "+/=_-");
    /// <summary>Small hexadecimal digits.</summary>
    internal static readonly SearchValues<char> Hex = SearchValues.Create(Digits + "abcdef");
    /// <summary>Hexadecimal digits and hyphens.</summary>
    internal static readonly SearchValues<char> Uuid = SearchValues.Create(Digits + "abcdefABCDEF-");
    /// <summary>Capitals and digits.</summary>
    internal static readonly SearchValues<char> Capitals = SearchValues.Create(Digits + Upper);
    /// <summary>Small letters and digits.</summary>
    internal static readonly SearchValues<char> Smalls = SearchValues.Create(Digits + Lower);
    /// <summary>Letters.</summary>
    internal static readonly SearchValues<char> Only = SearchValues.Create(Lower + Upper);
}
