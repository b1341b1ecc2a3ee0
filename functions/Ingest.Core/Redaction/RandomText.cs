namespace Ingest.Core.Redaction;

/// <summary>Finds what looks drawn by lot and stands beside a word such as "secret" or "API key".</summary>
internal static class RandomText
{
    private const int Shortest = 20, Longest = 300, Reach = 60;
    private static readonly NearWords Strong = new(
        ["secret", "secrets", "token", "tokens", "apikey", "apikeys", "credential", "credentials", "passkey", "bearer", "authtoken", "accesskey", "secretkey", "privatekey", "zugangsdaten", "geheimnis", "jeton", "identifiants"],
        ["密钥", "令牌", "トークン", "秘密", "токен", "секрет"]);
    private static readonly NearWords Keys = new(["key", "keys", "schlüssel", "clé", "clave", "chiave", "chave", "sleutel", "klucz", "nyckel", "ключ"]);
    private static readonly NearWords Sorts = new(["api", "access", "private", "service", "secret", "auth", "authentication", "encryption", "signing", "integration", "account", "application", "app", "client", "server", "deploy", "live", "prod"]);
    private static readonly NearWords Harmless = new(
        ["csrf", "xsrf", "public", "fingerprint", "hash", "checksum", "sha", "md", "digest", "commit", "revision", "etag", "nonce", "cursor", "page", "publishable", "id", "uuid", "guid", "pgp", "gpg", "message", "signature", "version"]);

    /// <summary>What <see cref="NearIndex"/> looks for.</summary>
    internal static NearWords[] Indexed => [Strong, Keys, Sorts, Harmless];

    /// <summary>All of a long word.</summary>
    internal static void Find(Scan scan, int start, int end)
    {
        ReadOnlySpan<char> text = scan.Text;
        for (int i = start; i < end;)
        {
            int length = text[i..end].IndexOfAny('.', '~'), stop = length < 0 ? end : i + length;
            int padded = stop;
            while (padded < text.Length && padded - stop < 2 && text[padded] == '=')
                padded++;
            if (stop - i is >= Shortest and <= Longest && text[i..stop].ContainsAnyInRange('0', '9') && Random(text[i..stop]) is > 0 and double random)
                Judge(scan, i, padded, random);
            i = stop + 1;
        }
    }

    private static void Judge(Scan scan, int start, int end, double random)
    {
        ReadOnlySpan<char> text = scan.Text;
        double confidence = scan.Near.Before(text, Strong, start, Reach) ? random
            : scan.Near.Before(text, Keys, start, Reach) ? (scan.Near.Before(text, Sorts, start, Reach) || IsSecretLength(text[start..end]) ? random - 0.1 : 0.4) : 0;
        if (confidence == 0 || Placeholder.IsMade(text[start..end]) || IsInLink(text, start))
            return;
        if (scan.Near.Before(text, Harmless, start, 24))
            confidence = 0.2;
        scan.Add(FindingType.Secret, start, end, "secret.random", confidence);
    }

    // A secret access key of AWS has 40 signs of base64.
    private static bool IsSecretLength(ReadOnlySpan<char> value) => value.Length == 40;

    /// <summary>How sure it is that a value was drawn by lot: words change seldom between small letters, capitals and digits.</summary>
    internal static double Random(ReadOnlySpan<char> value)
    {
        int lower = 0, upper = 0, digits = 0, changes = 0, before = -1, hex = 0;
        foreach (char c in value)
        {
            int sort = char.IsAsciiLetterLower(c) ? 0 : char.IsAsciiLetterUpper(c) ? 1 : char.IsAsciiDigit(c) ? 2 : 3;
            (lower, upper, digits) = (lower + (sort == 0 ? 1 : 0), upper + (sort == 1 ? 1 : 0), digits + (sort == 2 ? 1 : 0));
            changes += before >= 0 && sort != before ? 1 : 0;
            hex += char.IsAsciiHexDigit(c) ? 1 : 0;
            before = sort;
        }
        if (digits == 0 || lower + upper == 0)
            return 0;
        if (hex == value.Length)
            return value.Length >= 32 && changes * 4 > value.Length ? 0.75 : 0;
        if (lower > 0 && upper > 0)
            return changes * 20 > value.Length * 7 ? 0.8 : 0;
        return value.Length >= 24 && changes * 4 > value.Length && digits * 12 > value.Length ? 0.65 : 0;
    }

    private static bool IsInLink(ReadOnlySpan<char> text, int start)
    {
        int from = start;
        while (from > 0 && start - from < 200 && !char.IsWhiteSpace(text[from - 1]) && text[from - 1] is not ('"' or '<' or '\''))
            from--;
        return text[from..start].Contains("://", StringComparison.Ordinal);
    }
}
