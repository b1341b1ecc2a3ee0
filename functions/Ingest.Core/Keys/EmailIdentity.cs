using System.Globalization;
using System.Text;

namespace Ingest.Core.Keys;

/// <summary>The one form of an e-mail address by which people are told apart.</summary>
public static class EmailIdentity
{
    private const int LongestDomain = 255;

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true, UseStd3AsciiRules = false };

    /// <summary>
    /// NFC, trimmed, all lower case, the domain as A-labels without a closing dot; the local part keeps its dots and its plus tag. Never throws:
    /// what is no address gets a form of its own all the same.
    /// </summary>
    public static string Normalise(string address)
    {
        string text = Compose(address).Trim().ToLowerInvariant();
        int at = text.LastIndexOf('@');
        return at < 0 ? text : string.Concat(text.AsSpan(0, at), "@", Domain(text[(at + 1)..]));
    }

    /// <summary>A domain in lower case as A-labels (RFC 5891) without a closing dot; one that has no such form is only lower-cased.</summary>
    public static string Domain(string domain)
    {
        domain = WithoutEnd(Compose(domain).ToLowerInvariant());
        if (domain.Length is 0 or > LongestDomain || Ascii.IsValid(domain))
            return domain;
        try
        {
            return WithoutEnd(Idn.GetAscii(domain).ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return domain;
        }
    }

    // Blanks and dots may take turns.
    private static string WithoutEnd(string domain)
    {
        ReadOnlySpan<char> rest = domain;
        while (rest.Length > 0 && (rest[^1] == '.' || char.IsWhiteSpace(rest[^1])))
            rest = rest[..^1];
        return rest.TrimStart().ToString();
    }

    // Normalize refuses lone surrogates; a trip through UTF-8 replaces them.
    private static string Compose(string text) =>
        Ascii.IsValid(text) ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Normalize(NormalizationForm.FormC);
}
