using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>
/// The names in the fields that tell a mail's way: hosts and lists. They tell much about mail of the same time and place and nothing about any other, which does not have them; so the model is trained
/// with and without them. Numbers, dates and providers at which anyone gets an address are left out.
/// </summary>
internal static class TraceFeatures
{
    private const int MostFields = 12, MostTokens = 160, LongestField = 600, ShortestToken = 3, LongestToken = 48, MostDigits = 2;

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_fields = new HashSet<string>(
        ["received", "return-path", "sender", "list-id", "errors-to", "delivered-to", "to", "cc", "message-id"], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public static void Add(FeatureBuilder features, HeaderList headers)
    {
        Span<char> name = stackalloc char[16];
        int fields = 0, tokens = 0;
        for (int i = 0; i < headers.Count && fields < MostFields; i++)
        {
            ReadOnlySpan<byte> raw = headers[i].Raw.Span;
            int colon = raw[..Math.Min(raw.Length, name.Length)].IndexOf((byte)':');
            if (colon <= 0) continue;
            for (int c = 0; c < colon; c++)
                name[c] = (char)(raw[c] | 0x20);
            // A hyphen is the same with that bit.
            ReadOnlySpan<char> field = name[..colon];
            if (field is "x-mailer" or "user-agent" or "message-id" or "content-type") AddShape(features, field, raw[(colon + 1)..Math.Min(raw.Length, LongestField)]);
            if (!s_fields.Contains(field)) continue;
            fields++;
            AddTokens(features, FeatureBuilder.Hash(name[..colon]), raw[(colon + 1)..Math.Min(raw.Length, LongestField)], ref tokens);
        }
    }

    // The version of a program, the pattern of an id or a boundary: runs of digits and of capitals are one each.
    private static void AddShape(FeatureBuilder features, ReadOnlySpan<char> field, ReadOnlySpan<byte> value)
    {
        bool isProgram = field is "x-mailer" or "user-agent";
        if (field is "content-type")
        {
            int boundary = value.IndexOf("oundary="u8);
            if (boundary < 0) return;
            value = value[(boundary + 8)..];
        }

        uint hash = FeatureBuilder.Hash(field);
        int last = 0;
        foreach (byte b in value)
        {
            if (b == '@') break;
            int kind = !isProgram && char.IsAsciiDigit((char)b) ? '9' : !isProgram && char.IsAsciiLetterUpper((char)b) ? 'A' : !isProgram && char.IsAsciiLetterLower((char)b) ? 'a' : b;
            if (kind <= ' ' || (kind == last && !isProgram)) continue;
            hash = FeatureBuilder.Mix(hash, (uint)kind);
            last = kind;
        }

        features.Add(FeatureGroup.Trace, hash);
    }

    private static void AddTokens(FeatureBuilder features, uint field, ReadOnlySpan<byte> value, ref int tokens)
    {
        Span<char> token = stackalloc char[LongestToken];
        int length = 0, digits = 0;
        for (int i = 0; i <= value.Length && tokens < MostTokens; i++)
        {
            byte b = i < value.Length ? value[i] : (byte)' ';
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'.' or (byte)'-' or (byte)'_')
            {
                digits += char.IsAsciiDigit((char)b) ? 1 : 0;
                if (length < LongestToken) token[length] = (char)(char.IsAsciiLetter((char)b) ? b | 0x20 : b);
                length++;
                continue;
            }

            ReadOnlySpan<char> whole = token[..Math.Min(length, LongestToken)].Trim('.');
            if (whole.Length >= ShortestToken && length <= LongestToken && digits <= MostDigits && whole.Contains('.'))
            {
                ReadOnlySpan<char> owner = Hosts.Owner(whole);
                if (!Hosts.IsFreeMail(owner)) features.Add(FeatureGroup.Trace, FeatureBuilder.Mix(FeatureBuilder.Hash(owner), field));
                tokens++;
            }

            (length, digits) = (0, 0);
            // Behind it is the date.
            if (b == ';') break;
        }
    }
}
