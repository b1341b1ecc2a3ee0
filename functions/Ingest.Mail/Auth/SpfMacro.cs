using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ingest.Mail.Auth;

/// <summary>Macro strings (RFC 7208 section 7): their grammar, which is judged before expansion, and their expansion.</summary>
internal static class SpfMacro
{
    private const string Delimiters = ".-+,/_=";
    private static readonly SearchValues<char> Unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>domain-spec = macro-string ( "." toplabel [ "." ] / macro-expand )</summary>
    public static bool IsDomain(string text)
    {
        if (text.Length == 0 || !IsText(text, explanation: false))
            return false;
        if (EndsInMacro(text))
            return true;
        var name = text.EndsWith('.') ? text.AsSpan(0, text.Length - 1) : text;
        var dot = name.LastIndexOf('.');
        var top = name[(dot + 1)..];
        if (dot < 0 || top.IsEmpty || top[0] == '-' || top[^1] == '-')
            return false;
        var allDigits = true;
        foreach (var character in top)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '-')
                return false;
            allDigits &= char.IsAsciiDigit(character);
        }
        return !allDigits;
    }

    /// <summary>macro-string; in an explanation, spaces and the letters c, r and t as well.</summary>
    public static bool IsText(string text, bool explanation)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] == '%')
            {
                if (Read(text, at, explanation) is not { } macro)
                    return false;
                at = macro.End;
                continue;
            }
            if (text[at] is < ' ' or > '~' || (text[at] == ' ' && !explanation))
                return false;
            at++;
        }
        return true;
    }

    /// <summary>True when a "p" has to be known, which costs lookups.</summary>
    public static bool NeedsValidatedName(string text) => text.Contains("%{p", StringComparison.OrdinalIgnoreCase);

    /// <summary>The text with its macros filled in; the text must be a macro string.</summary>
    public static string Expand(string text, Func<char, string> value)
    {
        var expanded = new StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            var percent = text.IndexOf('%', at);
            if (percent < 0)
                return expanded.Append(text, at, text.Length - at).ToString();
            expanded.Append(text, at, percent - at);
            if (Read(text, percent, explanation: true) is not { } macro)
                return expanded.ToString();
            at = macro.End;
            expanded.Append(macro.Letter switch
            {
                '%' => "%",
                '_' => " ",
                '-' => "%20",
                _ => Escape(macro.Letter, Transform(value(char.ToLowerInvariant(macro.Letter)), macro)),
            });
        }
        return expanded.ToString();
    }

    private static bool EndsInMacro(string text)
    {
        // All macros of the text are well formed, so the last one is found by walking.
        var at = 0;
        var end = -1;
        while ((at = text.IndexOf('%', at)) >= 0)
        {
            if (Read(text, at, explanation: false) is not { } macro)
                return false;
            at = end = macro.End;
        }
        return end == text.Length;
    }

    // "%{" letter *DIGIT [ "r" ] *delimiter "}" / "%%" / "%_" / "%-"
    private static Macro? Read(string text, int at, bool explanation)
    {
        if (at + 1 >= text.Length)
            return null;
        if (text[at + 1] is '%' or '_' or '-')
            return new Macro(text[at + 1], 0, false, "", at + 2);
        if (text[at + 1] != '{' || at + 2 >= text.Length || !(explanation ? "slodiphvcrt" : "slodiphv").Contains(char.ToLowerInvariant(text[at + 2])))
            return null;
        var letter = text[at + 2];
        at += 3;
        var digits = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        var parts = 0;
        if (at > digits && (at - digits > 3 || (parts = int.Parse(text.AsSpan(digits, at - digits), CultureInfo.InvariantCulture)) == 0))
            return null;
        var reverse = at < text.Length && text[at] is 'r' or 'R';
        if (reverse)
            at++;
        var delimiters = at;
        while (at < text.Length && Delimiters.Contains(text[at]))
            at++;
        return at < text.Length && text[at] == '}' ? new Macro(letter, parts, reverse, text[delimiters..at], at + 1) : null;
    }

    private static string Transform(string value, Macro macro)
    {
        if (macro is { Parts: 0, Reverse: false, Delimiters: "" })
            return value;
        var parts = value.Split((macro.Delimiters.Length == 0 ? "." : macro.Delimiters).ToCharArray());
        if (macro.Reverse)
            Array.Reverse(parts);
        return string.Join('.', macro.Parts > 0 && macro.Parts < parts.Length ? parts[^macro.Parts..] : parts);
    }

    private static string Escape(char letter, string value)
    {
        if (char.IsAsciiLetterLower(letter) || !value.AsSpan().ContainsAnyExcept(Unreserved))
            return value;
        var escaped = new StringBuilder(value.Length + 8);
        foreach (var unit in Encoding.UTF8.GetBytes(value))
        {
            if (Unreserved.Contains((char)unit))
                escaped.Append((char)unit);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
        }
        return escaped.ToString();
    }

    private readonly record struct Macro(char Letter, int Parts, bool Reverse, string Delimiters, int End);
}
