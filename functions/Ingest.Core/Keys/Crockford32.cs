namespace Ingest.Core.Keys;

/// <summary>Crockford's base 32 without I, L, O and U: ids that can be read aloud. Written in lower case, five bits a letter, zero bits at the end.</summary>
public static class Crockford32
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>The letters for these bytes: eight for five bytes, rounded up.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = bytes.Length <= 64 ? stackalloc char[103] : new char[checked((bytes.Length * 8 + 4) / 5)];
        int written = 0, bits = 0, held = 0;
        foreach (byte value in bytes)
        {
            held = (held << 8) | value;
            for (bits += 8; bits >= 5;)
                text[written++] = Alphabet[(held >> (bits -= 5)) & 31];
            held &= (1 << bits) - 1;
        }

        if (bits > 0)
            text[written++] = Alphabet[(held << (5 - bits)) & 31];
        return new string(text[..written]);
    }

    /// <summary>Reads letters in either case, I and L as 1 and O as 0; null for anything that <see cref="Encode"/> could not have meant.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        int length = (int)((long)text.Length * 5 / 8);
        if ((length * 8 + 4) / 5 != text.Length)
            return null;

        byte[] bytes = new byte[length];
        int written = 0, bits = 0, held = 0;
        foreach (char letter in text)
        {
            int value = Value(letter);
            if (value < 0)
                return null;
            held = (held << 5) | value;
            bits += 5;
            if (bits < 8)
                continue;
            bytes[written++] = (byte)(held >> (bits -= 8));
            held &= (1 << bits) - 1;
        }

        return held == 0 ? bytes : null;
    }

    private static int Value(char letter) => letter switch
    {
        'i' or 'I' or 'l' or 'L' => 1,
        'o' or 'O' => 0,
        _ when char.IsAscii(letter) => Alphabet.IndexOf(char.ToLowerInvariant(letter), StringComparison.Ordinal),
        _ => -1,
    };
}
