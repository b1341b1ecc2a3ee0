using System.Security.Cryptography;

namespace Ingest.Core.Redaction;

/// <summary>Numbers written with 58 letters and digits that are not mistaken for each other, with the check of the first four bytes of a double SHA-256.</summary>
internal static class Base58
{
    private const string Bitcoin = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const string Ripple = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

    /// <summary>No address is longer.</summary>
    internal const int Longest = 112;

    /// <summary>Writes the bytes a text stands for into a span from its end on; returns how many, or −1 when it is none.</summary>
    internal static int Decode(ReadOnlySpan<char> text, Span<byte> bytes, bool ripple = false)
    {
        string letters = ripple ? Ripple : Bitcoin;
        if (text.Length > Longest)
            return -1;
        bytes.Clear();
        int used = 0, zeros = 0;
        while (zeros < text.Length && text[zeros] == letters[0])
            zeros++;
        foreach (char c in text)
        {
            int carry = letters.IndexOf(c, StringComparison.Ordinal);
            if (carry < 0)
                return -1;
            int i = 0;
            for (; i < used || carry > 0; i++)
            {
                if (i == bytes.Length)
                    return -1;
                carry += 58 * bytes[^(i + 1)];
                (bytes[^(i + 1)], carry) = ((byte)carry, carry >> 8);
            }
            used = i;
        }
        return used + zeros <= bytes.Length ? used + zeros : -1;
    }

    /// <summary>The version byte of an address of 21 bytes and a check that is right, or −1.</summary>
    internal static int Version(ReadOnlySpan<char> text, bool ripple = false) => Payload(text, 25, ripple);

    /// <summary>The first byte of what has a length with its check and a check that is right, or −1.</summary>
    internal static int Payload(ReadOnlySpan<char> text, int length, bool ripple = false)
    {
        Span<byte> bytes = stackalloc byte[96], hash = stackalloc byte[32];
        if (Decode(text, bytes, ripple) != length)
            return -1;
        ReadOnlySpan<byte> all = bytes[^length..];
        SHA256.HashData(all[..^4], hash);
        SHA256.HashData(hash, hash);
        return hash[..4].SequenceEqual(all[^4..]) ? all[0] : -1;
    }
}
