using System.Security.Cryptography;
using System.Text;

namespace Ingest.App.Tests.Secrecy;

/// <summary>Every way in which a canary may be written down, as Latin-1 text of the bytes to look for.</summary>
internal static class CanaryForms
{
    /// <summary>The forms whose letters may be of either case.</summary>
    public static IEnumerable<(string Form, string Pattern)> AnyCase(Canary canary)
    {
        string word = canary.Word.ToLowerInvariant();
        byte[] bytes = Encoding.UTF8.GetBytes(word), given = Encoding.UTF8.GetBytes(canary.Word);
        yield return ("plain text", Latin(bytes));
        yield return ("UTF-16LE", Latin(Encoding.Unicode.GetBytes(word)));
        yield return ("UTF-16BE", Latin(Encoding.BigEndianUnicode.GetBytes(word)));
        yield return ("hex", Convert.ToHexStringLower(given));
        yield return ("percent-encoded", Escaped('%', given, alwaysEscape: true));
        yield return ("quoted-printable", Escaped('=', given, alwaysEscape: true));
        // Only what must be escaped, and the space as "+": how a form or an encoded word would hold it.
        yield return ("percent-encoded", Escaped('%', given, alwaysEscape: false));
        yield return ("quoted-printable", Escaped('=', given, alwaysEscape: false));
        yield return ("JSON escapes", string.Concat(word.Select(letter => $"\\u{(int)letter:x4}")));
        yield return ("backwards", Latin([.. bytes.Reverse()]));
        if (!canary.Guessable)
            yield break;
        foreach (byte[] digest in Digests(given))
            yield return ("plain digest, hex", Convert.ToHexStringLower(digest));
    }

    /// <summary>The forms in which the case of a letter counts.</summary>
    public static IEnumerable<(string Form, string Pattern)> ExactCase(Canary canary)
    {
        foreach (string word in new[] { canary.Word, canary.Word.ToLowerInvariant(), canary.Word.ToUpperInvariant() }.Distinct())
            foreach ((string form, byte[] bytes) in new[] { ("base64", Encoding.UTF8.GetBytes(word)), ("base64 of UTF-16LE", Encoding.Unicode.GetBytes(word)) })
                for (int shift = 0; shift < 3; shift++)
                {
                    string text = Base64At(bytes, shift);
                    yield return ($"{form}, alignment {shift}", text);
                    yield return ($"{form}url, alignment {shift}", text.Replace('+', '-').Replace('/', '_'));
                }

        if (!canary.Guessable)
            yield break;
        foreach (byte[] digest in Digests(Encoding.UTF8.GetBytes(canary.Word)))
        {
            yield return ("plain digest", Latin(digest));
            yield return ("plain digest, base64", Base64At(digest, 0));
            yield return ("plain digest, base64url", Base64At(digest, 0).Replace('+', '-').Replace('/', '_'));
        }
    }

    // Only the letters that do not depend on what stands before and after.
    private static string Base64At(byte[] bytes, int shift)
    {
        byte[] shifted = new byte[shift + bytes.Length];
        bytes.CopyTo(shifted, shift);
        string text = Convert.ToBase64String(shifted).TrimEnd('=');
        int first = (shift * 8 + 5) / 6, whole = shifted.Length * 8 / 6;
        return text[first..whole];
    }

    private static string Escaped(char mark, byte[] bytes, bool alwaysEscape) =>
        string.Concat(bytes.Select(b => !alwaysEscape && char.IsAsciiLetterOrDigit((char)b) ? ((char)b).ToString() : $"{mark}{b:x2}")).ToLowerInvariant();

    // Unkeyed digests: MD5 and SHA-1 are looked for because weak ones are what people reach for.
#pragma warning disable CA5350, CA5351
    private static byte[][] Digests(byte[] bytes) => [MD5.HashData(bytes), SHA1.HashData(bytes), SHA256.HashData(bytes), SHA512.HashData(bytes)];
#pragma warning restore CA5350, CA5351

    private static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
