using System.Globalization;
using System.Text;

namespace Ingest.Core.Keys;

/// <summary>The one form of an e-mail address by which people are told apart.</summary>
public static class EmailIdentity
{
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

    private static string Domain(string domain)
    {
        domain = domain.TrimEnd('.');
        if (domain.Length == 0 || Ascii.IsValid(domain))
            return domain;
        try
        {
            return Idn.GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return domain;
        }
    }

    // Normalize refuses lone surrogates; a trip through UTF-8 replaces them.
    private static string Compose(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Normalize(NormalizationForm.FormC);
}
