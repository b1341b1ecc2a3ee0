namespace Ingest.Core.Redaction;

/// <summary>
/// Finds addresses of crypto currencies' wallets: with their check where they have one (Bitcoin, Litecoin, Dogecoin, Dash, Zcash, Tron, Ripple; BIP 173 addresses; Ethereum's mixed case of EIP-55), by the words beside
/// them where they have none (Solana). Private keys and extended keys of wallets are secrets.
/// </summary>
internal static class Wallets
{
    private static readonly NearWords Context = new(
        ["wallet", "wallets", "address", "btc", "bitcoin", "eth", "ethereum", "ether", "crypto", "solana", "sol", "phantom", "monero", "xmr", "tron", "trx", "usdt", "usdc", "xrp", "ripple", "ledger", "metamask", "coinbase", "binance", "send",
        "deposit", "withdraw", "payment", "donate", "donation", "brieftasche", "portefeuille", "cartera", "кошелек", "кошелёк"], ["钱包", "錢包", "ウォレット", "지갑"]);
    private static readonly string[] Prefixed = ["bc1", "tb1", "ltc1", "addr1", "stake1", "cosmos1", "osmo1", "juno1", "terra1", "inj1", "sei1", "celestia1", "kava1", "zil1", "one1", "erd1", "bnb1", "thor1", "tgrs1", "grs1", "vtc1", "dgb1", "zs1"];

    /// <summary>Takes the one that a word of letters and digits is; returns where it ends, or 0.</summary>
    internal static int Find(Scan scan, int start, int end)
    {
        ReadOnlySpan<char> text = scan.Text, word = text[start..end];
        // An address is a word: what goes on with an underscore is the name of something.
        if (start > 0 && text[start - 1] == '_' || end < text.Length && text[end] == '_')
            return 0;
        (string? rule, double confidence) = Judge(text, word, start);
        if (rule is null)
            return 0;
        scan.Add(rule == "secret.wallet" ? FindingType.Secret : FindingType.Wallet, start, end, rule, confidence);
        return end;
    }

    private static (string? Rule, double Confidence) Judge(ReadOnlySpan<char> text, ReadOnlySpan<char> word, int start)
    {
        if (word[0] == '0' && word[1] is 'x' or 'X')
            return word.Length == 42 && Ethereum(word[2..]) is > 0 and double ethereum ? ("wallet.ethereum", ethereum) : (null, 0);
        if (word.Length is >= 38 and <= 110 && StartsAny(word) && Bech32.IsValid(word))
            return (word[0] is 'b' or 'B' && word[1] is 'c' or 'C' ? "wallet.bitcoin" : "wallet.bech32", 0.99);
        string? rule = word.Length switch
        {
            >= 25 and <= 35 => Checked(word),
            51 or 52 when word[0] is '5' or 'K' or 'L' && (Base58.Payload(word, 37) == 0x80 || Base58.Payload(word, 38) == 0x80) => "secret.wallet",
            111 when word[..4] is "xprv" or "yprv" or "zprv" && Base58.Payload(word, 82) == 4 => "secret.wallet",
            95 when word[0] is '4' or '8' && word[1..].ContainsAnyInRange('0', '9') && IsMixed(word) && !word.ContainsAny("0OIl") => "wallet.monero",
            _ => null,
        };
        if (rule is not null)
            return (rule, 0.99);
        return word.Length is >= 32 and <= 44 && IsMixed(word) && IsSolana(word) ? ("wallet.solana", Context.Before(text, start, 60) ? 0.8 : 0.2) : (null, 0);
    }

    private static bool StartsAny(ReadOnlySpan<char> word)
    {
        foreach (string prefix in Prefixed)
            if (word.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    private static string? Checked(ReadOnlySpan<char> word) => word[0] switch
    {
        '1' or '3' => Base58.Version(word) is 0 or 5 ? "wallet.bitcoin" : null,
        'm' or 'n' or '2' => Base58.Version(word) is 111 or 196 ? "wallet.bitcoin" : null,
        'L' or 'M' => Base58.Version(word) is 48 or 50 ? "wallet.litecoin" : null,
        'D' or 'A' or '9' => Base58.Version(word) is 30 or 22 ? "wallet.dogecoin" : null,
        'X' or '7' => Base58.Version(word) is 76 or 16 ? "wallet.dash" : null,
        'T' => Base58.Version(word) == 65 ? "wallet.tron" : null,
        't' => Base58.Payload(word, 26) == 0x1C ? "wallet.zcash" : null,
        'r' => Base58.Version(word, ripple: true) == 0 ? "wallet.ripple" : null,
        _ => null,
    };

    private static bool IsMixed(ReadOnlySpan<char> word) => word.ContainsAnyInRange('a', 'z') && word.ContainsAnyInRange('A', 'Z') && word.ContainsAnyInRange('0', '9');

    private static bool IsSolana(ReadOnlySpan<char> word)
    {
        Span<byte> bytes = stackalloc byte[33];
        return Base58.Decode(word, bytes) == 32;
    }

    // In one case there is no check; in two, each capital is one where the hash of the small letters has a high digit.
    private static double Ethereum(ReadOnlySpan<char> digits)
    {
        foreach (char c in digits)
            if (!char.IsAsciiHexDigit(c))
                return 0;
        bool lower = digits.ContainsAnyInRange('a', 'f'), upper = digits.ContainsAnyInRange('A', 'F');
        if (!lower && !upper)
            return 0;
        if (!lower || !upper)
            return Placeholder.IsMade(digits) ? 0 : 0.85;
        Span<byte> small = stackalloc byte[40], hash = stackalloc byte[32];
        for (int i = 0; i < digits.Length; i++)
            small[i] = (byte)char.ToLowerInvariant(digits[i]);
        Keccak.Hash(small, hash);
        for (int i = 0; i < digits.Length; i++)
            if (char.IsAsciiLetter(digits[i]) && char.IsAsciiLetterUpper(digits[i]) != ((i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15) > 7))
                return 0.3;
        return 0.99;
    }
}
