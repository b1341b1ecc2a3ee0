using System.Globalization;
using System.Text;

namespace Ingest.Core.Tests.Redaction;

/// <summary>One way of writing a value so that a careless reader misses it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="In">Where it is written.</param>
/// <param name="Write">Writes the value.</param>
public sealed record EvasionTrick(string Name, EvasionTrick.Kind In, Func<string, string> Write)
{
    public enum Kind
    {
        /// <summary>In plain text.</summary>
        Text,
        /// <summary>In html.</summary>
        Html,
        /// <summary>In html, together with the words before it.</summary>
        Words,
        /// <summary>In the source of a whole mail.</summary>
        Mail,
    }

    public override string ToString() => Name;
}

/// <summary>The table of tricks; adding one is adding a line.</summary>
internal static class EvasionTricks
{
    public static IReadOnlyList<EvasionTrick> All { get; } = [.. Text(), .. Digits(), .. Html(), .. Mail()];

    private static IEnumerable<EvasionTrick> Text()
    {
        foreach ((string name, string sign) in (IEnumerable<(string, string)>)[
            ("soft hyphens", "\u00AD"), ("zero-width spaces", "\u200B"), ("zero-width non-joiners", "\u200C"), ("zero-width joiners", "\u200D"), ("word joiners", "\u2060"),
            ("byte order marks", "\uFEFF"), ("left-to-right marks", "\u200E"), ("right-to-left marks", "\u200F"), ("Arabic letter marks", "\u061C"), ("right-to-left embeddings", "\u202B\u202C"),
            ("right-to-left isolates", "\u2067\u2069"), ("left-to-right overrides", "\u202D\u202C"), ("grapheme joiners", "\u034F"), ("Mongolian vowel separators", "\u180E"),
            ("variation selectors", "\uFE0F"), ("invisible times signs", "\u2062"), ("tag characters", "\U000E0020"), ("variation selectors beyond the basic plane", "\U000E0101"),
            ("Hangul fillers", "\u3164"), ("null characters", "\0"), ("control characters", "\u0003"), ("bell and escape", "\a\u001B"), ("delete characters", "\u007F")])
            yield return new($"{name} between all characters", EvasionTrick.Kind.Text, value => Between(value, sign));
        yield return new("as it is", EvasionTrick.Kind.Text, value => value);
        yield return new("in brackets", EvasionTrick.Kind.Text, value => $"({value})");
        yield return new("in quotes", EvasionTrick.Kind.Text, value => $"\u201C{value}\u201D");
        yield return new("at the end of a sentence", EvasionTrick.Kind.Text, value => value + ".");
        yield return new("between stars", EvasionTrick.Kind.Text, value => $"*{value}*");
        yield return new("in a quoted line", EvasionTrick.Kind.Text, value => $"\n> > {value}\n");
        yield return new("in a table of bars", EvasionTrick.Kind.Text, value => $"|{value}|1|");
        yield return new("between tabs", EvasionTrick.Kind.Text, value => $"\t{value}\t");
        yield return new("between carriage returns", EvasionTrick.Kind.Text, value => $"\r{value}\r\n");
        yield return new("twice", EvasionTrick.Kind.Text, value => $"{value} {value}");
        yield return new("in full width", EvasionTrick.Kind.Text, value => Each(value, c => c is > ' ' and <= '~' ? ((char)(c + 0xFEE0)).ToString() : c.ToString()));
        yield return new("with mathematical letters and digits", EvasionTrick.Kind.Text, value => Each(value, Mathematical));
    }

    private static IEnumerable<EvasionTrick> Digits()
    {
        foreach ((string name, int zero) in (IEnumerable<(string, int)>)[
            ("Arabic-Indic", 0x660), ("Persian", 0x6F0), ("Devanagari", 0x966), ("Bengali", 0x9E6), ("Tamil", 0xBE6), ("Thai", 0xE50), ("Khmer", 0x17E0), ("Mongolian", 0x1810),
            ("full-width", 0xFF10), ("mathematical bold", 0x1D7CE), ("mathematical double-struck", 0x1D7D8), ("monospaced", 0x1D7F6), ("segmented", 0x1FBF0)])
            yield return new($"{name} digits", EvasionTrick.Kind.Text, value => Each(value, c => char.IsAsciiDigit(c) ? char.ConvertFromUtf32(zero + c - '0') : c.ToString()));
        yield return new("superscript digits", EvasionTrick.Kind.Text, value => Each(value, c => char.IsAsciiDigit(c) ? "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0'].ToString() : c.ToString()));
        yield return new("subscript digits", EvasionTrick.Kind.Text, value => Each(value, c => char.IsAsciiDigit(c) ? "₀₁₂₃₄₅₆₇₈₉"[c - '0'].ToString() : c.ToString()));
        yield return new("every second digit full-width", EvasionTrick.Kind.Text, value => Each(value, (c, i) => char.IsAsciiDigit(c) && i % 2 == 0 ? ((char)(c + 0xFEE0)).ToString() : c.ToString()));
    }

    private static IEnumerable<EvasionTrick> Html()
    {
        yield return new("decimal references", EvasionTrick.Kind.Html, value => Each(value, c => $"&#{(int)c};"));
        yield return new("decimal references with zeros", EvasionTrick.Kind.Html, value => Each(value, c => $"&#00000{(int)c};"));
        yield return new("hexadecimal references", EvasionTrick.Kind.Html, value => Each(value, c => $"&#x{(int)c:x};"));
        yield return new("capital hexadecimal references", EvasionTrick.Kind.Html, value => Each(value, c => $"&#X{(int)c:X4};"));
        yield return new("every second a reference without a semicolon", EvasionTrick.Kind.Html, value => Each(value, (c, i) => i % 2 == 0 && i + 1 < value.Length && !char.IsAsciiHexDigit(value[i + 1]) ? $"&#{(int)c}" : Escaped(c)));
        foreach (string reference in (string[])["&shy;", "&zwj;", "&zwnj;", "&#8203;", "&#x200b;", "&NoBreak;", "&ZeroWidthSpace;", "&lrm;", "&rlm;", "&ic;"])
            yield return new($"{reference} between all characters", EvasionTrick.Kind.Html, value => Between(value, reference));
        foreach ((string open, string close) in (IEnumerable<(string, string)>)[
            ("<b>", "</b>"), ("<SPAN>", "</SPAN>"), ("<font color=red>", "</font>"), ("<b title=\"a>b\">", "</b>"), ("<i><u><em>", "</em></u></i>"), ("<span\nclass=x>", "</span\n>"),
            ("<a href=\"#\">", "</a>"), ("<mark>", "</mark>"), ("<!-- -->", ""), ("<!-- a --><!-- b -->", "<!---->"), ("<wbr>", ""), ("<wbr/>", ""), ("<span></span>", "<i></i>"),
            ("<b>", ""), ("", "</b>"), ("<o:p></o:p>", ""), ("<?pi?>", ""), ("<x-y>", "</x-y>")])
            yield return new($"{open}…{close} around each character".ReplaceLineEndings(" "), EvasionTrick.Kind.Html, value => Each(value, c => open + Escaped(c) + close));
        yield return new("in a link's percent escapes", EvasionTrick.Kind.Words, value => $"<a href=\"https://shop.example/?q={Each(value, c => $"%{(int)c:X2}")}\">x</a>");
        yield return new("in an alternative text", EvasionTrick.Kind.Html, value => $"<img src=a.png alt=\"{value}\">");
        yield return new("in an unquoted attribute of references", EvasionTrick.Kind.Html, value => $"<img alt={Each(value, c => $"&#{(int)c};")}>");
        yield return new("in a comment", EvasionTrick.Kind.Html, value => $"<!-- {value} -->");
        yield return new("in a comment of references", EvasionTrick.Kind.Html, value => $"<!-- {Each(value, c => $"&#{(int)c};")} -->");
        yield return new("in a script", EvasionTrick.Kind.Html, value => $"<script>var a = \"{value}\";</script>");
        yield return new("in a style sheet", EvasionTrick.Kind.Html, value => $"<style>p::after {{ content: \"{value}\" }}</style>");
        yield return new("in a hidden paragraph", EvasionTrick.Kind.Html, value => $"<p style=\"display:none\">{value}</p>");
        yield return new("in a text area", EvasionTrick.Kind.Html, value => $"<textarea>{value}</textarea>");
        yield return new("in a template", EvasionTrick.Kind.Html, value => $"<template><p>{value}</p></template>");
        yield return new("in an image of svg", EvasionTrick.Kind.Html, value => $"<svg><text>{value}</text></svg>");
        yield return new("in a noscript", EvasionTrick.Kind.Html, value => $"<noscript>{value}</noscript>");
        yield return new("in a tag that never ends", EvasionTrick.Kind.Html, value => $"<p {value}");
        yield return new("in an attribute that never ends", EvasionTrick.Kind.Html, value => $"<p title=\"{value}");
    }

    private static IEnumerable<EvasionTrick> Mail()
    {
        yield return new("quoted-printable of every character", EvasionTrick.Kind.Mail, value => Source("text/plain; charset=utf-8", "quoted-printable", Each(value, c => $"={(int)c:X2}")));
        yield return new("a soft line break after every character", EvasionTrick.Kind.Mail, value => Source("text/plain; charset=utf-8", "quoted-printable", Each(value, c => c + "=\r\n")));
        yield return new("base64 in one line", EvasionTrick.Kind.Mail, value => Source("text/plain; charset=utf-8", "base64", Base64(Encoding.UTF8.GetBytes(value), int.MaxValue)));
        yield return new("base64 in lines of five", EvasionTrick.Kind.Mail, value => Source("text/plain; charset=utf-8", "base64", Base64(Encoding.UTF8.GetBytes(value), 5)));
        yield return new("base64 of UTF-16", EvasionTrick.Kind.Mail, value => Source("text/plain; charset=utf-16le", "base64", Base64(Encoding.Unicode.GetBytes(value), 76)));
        yield return new("base64 of html of references", EvasionTrick.Kind.Mail, value => Source("text/html; charset=utf-8", "base64", Base64(Encoding.UTF8.GetBytes(Each(value, c => $"&#{(int)c};")), 76)));
        yield return new("flowed text with a space deleted", EvasionTrick.Kind.Mail, value => Source("text/plain; charset=utf-8; format=flowed; delsp=yes", "8bit", value.Insert(value.Length / 2, " \r\n")));
        yield return new("a subject of encoded words", EvasionTrick.Kind.Mail, value => Source("text/plain", "7bit", "x", $"=?utf-8?q?{Each(value[..(value.Length / 2)], c => $"={(int)c:X2}")}?=\r\n =?utf-8?b?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value[(value.Length / 2)..]))}?="));
        yield return new("an attachment's name in pieces", EvasionTrick.Kind.Mail, value => Source("application/octet-stream", "7bit\r\nContent-Disposition: attachment;\r\n filename*0*=utf-8''" + Each(value[..(value.Length / 2)], c => $"%{(int)c:X2}") + ";\r\n filename*1*=" + Each(value[(value.Length / 2)..], c => $"%{(int)c:X2}"), "x"));
        yield return new("a sender's name", EvasionTrick.Kind.Mail, value => Source("text/plain", "7bit", "x", "x", $"=?utf-8?b?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?= <ada@sender.example>"));
    }

    private static string Source(string type, string encoding, string body, string subject = "x", string from = "Ada <ada@sender.example>") =>
        $"From: {from}\r\nTo: us@shop.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: {type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n";

    private static string Base64(byte[] bytes, int line) => string.Join("\r\n", Convert.ToBase64String(bytes).Chunk(line).Select(piece => new string(piece)));

    private static string Between(string value, string sign) => string.Join(sign, Runes(value));

    private static string Each(string value, Func<char, string> write) => string.Concat(value.Select(write));

    private static string Each(string value, Func<char, int, string> write) => string.Concat(value.Select(write));

    private static string Escaped(char c) => c switch { '<' => "&lt;", '>' => "&gt;", '&' => "&amp;", _ => c.ToString() };

    private static IEnumerable<string> Runes(string value)
    {
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(value);
        while (elements.MoveNext()) yield return elements.GetTextElement();
    }

    private static string Mathematical(char c) => c switch
    {
        >= '0' and <= '9' => char.ConvertFromUtf32(0x1D7CE + c - '0'),
        >= 'a' and <= 'z' => char.ConvertFromUtf32(0x1D41A + c - 'a'),
        >= 'A' and <= 'Z' => char.ConvertFromUtf32(0x1D400 + c - 'A'),
        _ => c.ToString(),
    };
}
