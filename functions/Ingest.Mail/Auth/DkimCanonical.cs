using System.Buffers;

namespace Ingest.Mail.Auth;

/// <summary>
/// The bytes that a DKIM signature is about (RFC 6376 section 3.4), taken from the message as it is: parsing and writing it again would change them.
/// </summary>
internal static class DkimCanonical
{
    /// <summary>SHA-256 over the body in its canonical form.</summary>
    /// <param name="body">All after the empty line that ends the header.</param>
    /// <param name="form">Which form.</param>
    /// <param name="newLine">What ends a line in these bytes; canonical lines end in CRLF.</param>
    public static byte[] BodyHash(ReadOnlySpan<byte> body, DkimForm form, ReadOnlySpan<byte> newLine) => DkimBody.Hash(body, form, newLine, [long.MaxValue]).Hashes[0];

    /// <summary>Writes a field in its canonical form, without a line end.</summary>
    /// <param name="field">The field with its folds, without its last line end.</param>
    /// <param name="form">Which form.</param>
    /// <param name="newLine">What ends a line in these bytes.</param>
    /// <param name="output">Where to.</param>
    public static void Field(ReadOnlySpan<byte> field, DkimForm form, ReadOnlySpan<byte> newLine, IBufferWriter<byte> output)
    {
        if (form == DkimForm.Simple)
        {
            Joined(field, newLine, "\r\n"u8, output);
            return;
        }
        var unfolded = new ArrayBufferWriter<byte>(field.Length + 1);
        Joined(field, newLine, [], unfolded);
        var text = unfolded.WrittenSpan;
        var colon = Math.Max(text.IndexOf((byte)':'), 0);
        var name = text[..colon].TrimEnd(" \t"u8);
        var target = output.GetSpan(name.Length + 1);
        for (var i = 0; i < name.Length; i++)
            target[i] = name[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(name[i] | 0x20) : name[i];
        target[name.Length] = (byte)':';
        output.Advance(name.Length + 1);
        Squeeze(text[(colon + 1)..].Trim(" \t"u8), output);
    }

    private static void Joined(ReadOnlySpan<byte> field, ReadOnlySpan<byte> newLine, ReadOnlySpan<byte> with, IBufferWriter<byte> output)
    {
        while (field.IndexOf(newLine) is >= 0 and var end)
        {
            output.Write(field[..end]);
            output.Write(with);
            field = field[(end + newLine.Length)..];
        }
        output.Write(field);
    }

    // Runs of blanks become one space.
    private static void Squeeze(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        while (!text.IsEmpty)
        {
            var blank = text.IndexOfAny((byte)' ', (byte)'\t');
            if (blank < 0)
            {
                output.Write(text);
                return;
            }
            output.Write(text[..blank]);
            output.Write(" "u8);
            var run = text[blank..].IndexOfAnyExcept((byte)' ', (byte)'\t');
            text = run < 0 ? [] : text[(blank + run)..];
        }
    }
}
