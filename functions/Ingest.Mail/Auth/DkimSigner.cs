using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ingest.Mail.Mime;

namespace Ingest.Mail.Auth;

/// <summary>Signs messages with DKIM (RFC 6376, RFC 8301): the exact bytes that are sent, never a copy parsed and written again; no l= tag.</summary>
public static class DkimSigner
{
    private const int Line = 76;

    /// <summary>
    /// The whole message with a DKIM-Signature field before it, its other bytes untouched. Lines are CRLF; a message without any CRLF counts as one whose line
    /// ends are LF, and gets a field in kind.
    /// </summary>
    /// <exception cref="ArgumentException">Domain or selector cannot stand in DNS, or there is no key.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> message, DkimSignature settings)
    {
        var key = settings.Key ?? throw new ArgumentException("A DKIM signature without a key needs somebody who signs.", nameof(settings));
        var unsigned = Prepare(message, settings, out var digest);
        return Complete(message, unsigned, key.Sign(digest));
    }

    /// <summary>As <see cref="Sign"/>, the signature made by another: the key may be in a vault. The message's own bytes never leave.</summary>
    /// <exception cref="ArgumentException">Domain or selector cannot stand in DNS.</exception>
    public static async Task<byte[]> SignAsync(ReadOnlyMemory<byte> message, DkimSignature settings, DkimDigestSigner signer, CancellationToken cancel)
    {
        var unsigned = Prepare(message.Span, settings, out var digest);
        var signature = await signer(digest, cancel);
        return Complete(message.Span, unsigned, signature);
    }

    /// <summary>Writes the fields that h= names, in its order and canonical form, each with CRLF (RFC 6376 section 3.7); the DKIM-Signature field itself comes after.</summary>
    internal static void WriteHeader(SignedFields fields, IReadOnlyList<string> names, DkimForm form, IBufferWriter<byte> output)
    {
        var taken = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            var turn = taken.GetValueOrDefault(name);
            taken[name] = turn + 1;
            // A name mentioned once too often stands for nothing, and that is what is signed.
            if (fields.Take(name, turn) is not { IsEmpty: false } field)
                continue;
            DkimCanonical.Field(field, form, fields.NewLine, output);
            output.Write("\r\n"u8);
        }
    }

    private static string Prepare(ReadOnlySpan<byte> message, DkimSignature settings, out byte[] digest)
    {
        var fields = new SignedFields(message);
        var names = Names(fields, settings);
        var bodyHash = DkimCanonical.BodyHash(message[fields.BodyStart..], settings.BodyForm, fields.NewLine);
        var unsigned = Unsigned(settings, names, Convert.ToBase64String(bodyHash));
        var header = new ArrayBufferWriter<byte>(4096);
        WriteHeader(fields, names, settings.HeaderForm, header);
        DkimCanonical.Field(Encoding.ASCII.GetBytes(unsigned), settings.HeaderForm, "\r\n"u8, header);
        digest = SHA256.HashData(header.WrittenSpan);
        return unsigned;
    }

    private static byte[] Complete(ReadOnlySpan<byte> message, string unsigned, byte[] signature)
    {
        var field = new StringBuilder(unsigned);
        Fold(field, Convert.ToBase64String(signature), "\r\n ");
        field.Append("\r\n");
        if (message.IndexOf("\r\n"u8) < 0)
            field.Replace("\r\n", "\n");
        return [.. Encoding.ASCII.GetBytes(field.ToString()), .. message];
    }

    private static List<string> Names(SignedFields fields, DkimSignature settings)
    {
        var names = new List<string>();
        foreach (var name in settings.Fields.Union(settings.Oversigned, StringComparer.OrdinalIgnoreCase))
        {
            var times = fields.Count(name) + (settings.Oversigned.Contains(name, StringComparer.OrdinalIgnoreCase) ? 1 : 0);
            names.AddRange(Enumerable.Repeat(name, times));
        }
        return names;
    }

    // The field up to and including "b=".
    private static string Unsigned(DkimSignature settings, List<string> names, string bodyHash)
    {
        var field = new StringBuilder("DKIM-Signature: v=1; a=").Append(DkimKey.Sha256)
            .Append("; c=").Append(Word(settings.HeaderForm)).Append('/').Append(Word(settings.BodyForm))
            .Append(";\r\n d=").Append(Domain(settings.Domain)).Append("; s=").Append(Domain(settings.Selector)).Append(';');
        if (settings.SignedAt is { } at)
            field.Append(CultureInfo.InvariantCulture, $" t={at.ToUnixTimeSeconds()};");
        if (settings.Expires is { } until)
            field.Append(CultureInfo.InvariantCulture, $" x={until.ToUnixTimeSeconds()};");
        field.Append("\r\n h=");
        var column = 3;
        for (var i = 0; i < names.Count; i++)
        {
            var word = names[i] + (i + 1 < names.Count ? ":" : ";");
            if (column + word.Length > Line)
            {
                field.Append("\r\n ");
                column = 1;
            }
            field.Append(word);
            column += word.Length;
        }
        return field.Append("\r\n bh=").Append(bodyHash).Append(";\r\n b=").ToString();
    }

    private static void Fold(StringBuilder field, string text, string fold)
    {
        const int first = Line - 3, rest = Line - 1;
        field.Append(text, 0, Math.Min(first, text.Length));
        for (var at = first; at < text.Length; at += rest)
            field.Append(fold).Append(text, at, Math.Min(rest, text.Length - at));
    }

    private static string Word(DkimForm form) => form == DkimForm.Simple ? "simple" : "relaxed";

    private static string Domain(string name)
    {
        try
        {
            return name is ['[', ..] ? throw new UnwritableMailException(UnwritableReason.Address) : AddressWriter.Domain(name);
        }
        catch (UnwritableMailException)
        {
            throw new ArgumentException("The domain or selector of a DKIM signature is no name that DNS can hold.", nameof(name));
        }
    }
}
