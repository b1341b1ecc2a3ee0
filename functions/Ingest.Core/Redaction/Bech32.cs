namespace Ingest.Core.Redaction;

/// <summary>The check of addresses of BIP 173 and BIP 350.</summary>
internal static class Bech32
{
    private const string Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const uint One = 1, Modified = 0x2bc830a3;

    /// <summary>True when a text in one case, with the place of the last 1 in it, passes either check.</summary>
    internal static bool IsValid(ReadOnlySpan<char> text)
    {
        int separator = text.LastIndexOf('1');
        if (separator < 1 || text.Length - separator < 7 || text.Length > 120 || (text.ContainsAnyInRange('a', 'z') && text.ContainsAnyInRange('A', 'Z')))
            return false;
        uint sum = 1;
        for (int i = 0; i < separator; i++)
            sum = Step(sum) ^ (uint)(char.ToLowerInvariant(text[i]) >> 5);
        sum = Step(sum);
        for (int i = 0; i < separator; i++)
            sum = Step(sum) ^ (uint)(char.ToLowerInvariant(text[i]) & 31);
        foreach (char c in text[(separator + 1)..])
        {
            int value = Letters.IndexOf(char.ToLowerInvariant(c), StringComparison.Ordinal);
            if (value < 0)
                return false;
            sum = Step(sum) ^ (uint)value;
        }
        return sum is One or Modified;
    }

    private static uint Step(uint sum)
    {
        uint top = sum >> 25;
        sum = (sum & 0x1ffffff) << 5;
        return sum ^ ((top & 1) != 0 ? 0x3b6a57b2u : 0) ^ ((top & 2) != 0 ? 0x26508e6du : 0) ^ ((top & 4) != 0 ? 0x1ea119fau : 0) ^ ((top & 8) != 0 ? 0x3d4233ddu : 0) ^ ((top & 16) != 0 ? 0x2a1462b3u : 0);
    }
}
