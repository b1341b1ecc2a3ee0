namespace Ingest.Core.Redaction;

/// <summary>Finds codes that are good once ("your code is 493021") and PINs: 4 to 8 digits that a word in their sentence names, in many languages.</summary>
internal static class OneTimeCodes
{
    private const int Beside = 14, Near = 40, Far = 80, After = 40;
    private static readonly string[] SureWords =
        ["otp", "puk", "passcode", "mtan", "pushtan", "smstan", "totp", "mfa", "einmalpasswort", "einmalcode", "bestätigungscode", "sicherheitscode", "verifizierungscode", "anmeldecode", "geheimzahl", "geheimnummer", "zugangscode", "freischaltcode", "logincode", "inlogcode", "verificatiecode",
        "engangskode", "engångskod", "verifieringskod", "kertakäyttökoodi", "vahvistuskoodi", "bekreftelseskode", "bekræftelseskode"];
    private static readonly string[] SureParts = ["验证码", "驗證碼", "校验码", "動態密碼", "认证码", "認証コード", "確認コード", "인증번호", "인증코드", "رمز التحقق", "קוד אימות", "รหัส otp", "код подтверждения", "код доступа", "код для входа", "одноразовый", "सत्यापन कोड"];
    private static readonly string[] CodeWords = ["code", "codes", "código", "codice", "kod", "kodu", "kode", "koden", "kód", "koodi", "cod", "код", "pin", "κωδικός", "mã"];
    private static readonly string[] CodeParts = ["コード", "代码", "代碼", "코드", "رمز", "קוד", "कोड"];
    private static readonly NearWords Sure = new(SureWords, SureParts), Codes = new(CodeWords, CodeParts), Any = new([.. SureWords, .. CodeWords], [.. SureParts, .. CodeParts]);
    private static readonly NearWords Kinds = new(
        ["verification", "verify", "security", "confirmation", "authentication", "authenticate", "login", "log", "sign", "signin", "access", "one-time", "time", "single", "factor", "your", "enter", "use", "otp", "google", "whatsapp", "temporary", "activation", "sms", "fa", "vérification",
        "votre", "sécurité", "confirmation", "connexion", "verificación", "seguridad", "tu", "su", "acceso", "confirmación", "verifica", "conferma", "tuo", "accesso", "sicurezza", "verificação", "segurança", "seu", "ihr", "dein", "lautet", "weryfikacyjny", "twój", "ověřovací",
        "doğrulama", "onay", "verifikasi", "xác", "ellenőrző", "verificare", "ваш", "usage", "unique", "uso", "único", "unico", "eenmalige", "jednorazowy", "jednorázový", "egyszeri", "acesso", "pin", "is", "ist", "est", "es", "uw", "je", "jouw", "din"]);
    private static readonly NearWords Others = new(
        ["zip", "area", "diagnostic", "smtp", "postal", "post", "postcode", "country", "dial", "dialing", "error", "exit", "status", "promo", "promotion", "promotional", "discount", "coupon", "voucher", "gift", "product", "item", "order", "tracking", "source", "bar", "qr", "sort", "swift", "bank", "branch",
        "dress", "color", "colour", "course", "airport", "booking", "reservation", "referral", "response", "http", "return", "cost", "tax", "naics", "sic", "zipcode", "section", "penal", "building", "u.s.c", "title", "conference", "participant", "host", "dept", "department", "location", "fax", "phone", "invoice"]);

    private static readonly NearWords Owners = new(["your", "my", "the", "for", "für", "ihr", "dein", "tu", "su", "il", "uw", "seu", "tuo"]);
    private static readonly NearWords Things = new(
        ["product", "producto", "produto", "prodotto", "produit", "produkt", "client", "cliente", "customer", "kunden", "klant", "klanten", "artículo", "articolo", "article", "artikel", "pedido", "commande", "ordine", "failed", "failure", "fehler", "erreur", "aisle", "shelf"]);

    /// <summary>What <see cref="NearIndex"/> looks for.</summary>
    internal static NearWords[] Indexed => [Any, Sure, Codes, Kinds, Others];

    /// <summary>True when a label names a code.</summary>
    internal static bool IsName(ReadOnlySpan<char> label) => Any.Within(label);

    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        if (!scan.Wants(FindingType.Secret)) return;
        ReadOnlySpan<char> text = scan.Text;
        DigitRows rows = scan.Rows;
        for (int row = 0; row < rows.Count;)
        {
            int i = rows.Start(row), end = rows.End(row);
            if (end - i > 8 || rows.IsTaken(row))
            {
                row++;
                continue;
            }
            // 493-021 and 493 021.
            if (end - i == 3 && end + 4 <= text.Length && text[end] is '-' or ' ' && !text.Slice(end + 1, 3).ContainsAnyExceptInRange('0', '9') && (end + 4 == text.Length || !char.IsLetterOrDigit(text[end + 4])))
                end += 4;
            if (end - i is >= 4 and <= 8 && Stands(text, i, end) && Judge(scan, i, end) is > 0 and double confidence)
                scan.Add(FindingType.Secret, text[Math.Max(0, i - 2)..i] is "G-" ? i - 2 : i, end, "secret.code", confidence);
            row = rows.From(row + 1, end);
        }
    }

    private static bool Stands(ReadOnlySpan<char> text, int start, int end)
    {
        char before = start > 0 ? text[start - 1] : ' ', after = end < text.Length ? text[end] : ' ', next = end + 1 < text.Length ? text[end + 1] : ' ';
        // What is left of a number that was masked.
        if (text[Math.Max(0, start - 2)..start].ContainsAny('•', '*'))
            return false;
        if (before == ':' && start > 1 && char.IsAsciiDigit(text[start - 2]))
            return false;
        bool google = before == '-' && start > 1 && text[start - 2] == 'G';
        return (google || !(IsGlued(before) || before is '-' or '/' or '.' or ',' or '$' or '€' or '£' or '+' or '_' or '#' or '@' or '%' or '&' or '='))
            && !IsGlued(after) && after is not ('%' or '/' or '_' or '-' or '@') && !(after is '.' or ',' or ':' && char.IsAsciiDigit(next));
    }

    // Scripts without blanks put their words beside the digits.
    private static bool IsGlued(char c) => char.IsLetterOrDigit(c) && c < '\u2E80';

    private static double Judge(Scan scan, int start, int end)
    {
        ReadOnlySpan<char> text = scan.Text;
        bool named = scan.Near.MayHold(text, Any, Math.Max(0, start - Far), Math.Min(text.Length, end + After));
        if (!named && (end - start < 6 || !MayBeUsed(text, start)))
            return 0;
        int line = Sentence(text, start);
        ReadOnlySpan<char> before = text[line..start], after = text[end..Math.Min(text.Length, end + After)];
        if (after.IndexOfAny('\n', '.') is >= 0 and int stop)
            after = after[..stop];
        if (end - start >= 6 && (IsTan(before) || Invites(before, after)))
            return Placeholder.IsMade(text[start..end]) ? 0 : 0.85;
        if (!named || (!Any.Within(before) && !Any.Within(after)))
            return 0;
        bool code = Codes.Within(before[Math.Max(0, before.Length - Near)..]), codeAfter = Codes.Within(after);
        // A year is seldom a code.
        if (end - start == 4 && (text[start..end].StartsWith("19") || text[start..end].StartsWith("20")) && !Any.Within(before[Math.Max(0, before.Length - Beside)..]))
            return 0.2;
        if (Sure.Within(before) || Sure.Within(after))
            return Placeholder.IsMade(text[start..end]) ? 0 : 0.85;
        if (!code && !codeAfter)
            return 0;
        if (Others.Within(before[Math.Max(0, before.Length - Near)..]) || Others.Within(after) || IsCodeOfThing(before))
            return 0.1;
        bool kind = Kinds.Within(before) || (codeAfter && Kinds.Within(after));
        // A year, a round number and four digits are more often something else.
        return !kind ? 0.3 : end - start >= 6 ? 0.8 : end - start == 5 ? 0.65 : 0.55;
    }

    // A quick look: "TAN", "ist", "is", "lautet", "use", "enter", "type" end with one of these letters.
    private static bool MayBeUsed(ReadOnlySpan<char> text, int start) => text[..start].TrimEnd(" :=\n\t\v") is [.., 'N' or 't' or 's' or 'e' or 'r' or 'E' or 'R'];

    // TAN in capitals is a number for one transfer; tan is a colour.
    private static bool IsTan(ReadOnlySpan<char> before)
    {
        before = before.TrimEnd(" :=");
        foreach (string verb in (ReadOnlySpan<string>)[" ist", " lautet", " is"])
            if (before.EndsWith(verb))
                before = before[..^verb.Length].TrimEnd();
        return before.EndsWith("TAN") && (before.Length == 3 || !char.IsLetterOrDigit(before[^4]));
    }

    // "use 482913 to sign in"
    private static bool Invites(ReadOnlySpan<char> before, ReadOnlySpan<char> after)
    {
        before = before.TrimEnd();
        bool use = before.EndsWith("use", StringComparison.OrdinalIgnoreCase) || before.EndsWith("enter", StringComparison.OrdinalIgnoreCase) || before.EndsWith("type", StringComparison.OrdinalIgnoreCase);
        return use && (after.StartsWith(" to sign in", StringComparison.OrdinalIgnoreCase) || after.StartsWith(" to log in", StringComparison.OrdinalIgnoreCase) || after.StartsWith(" to login", StringComparison.OrdinalIgnoreCase)
            || after.StartsWith(" to verify your", StringComparison.OrdinalIgnoreCase) || after.StartsWith(" to authenticate", StringComparison.OrdinalIgnoreCase));
    }

    // "customer code", "código del producto": the word beside it, over one of few letters, says whose code it is.
    private static bool IsCodeOfThing(ReadOnlySpan<char> before)
    {
        bool code = false, thing = false;
        for (int i = 0; i < before.Length;)
        {
            int end = i;
            while (end < before.Length && char.IsLetter(before[end]))
                end++;
            ReadOnlySpan<char> word = before[i..end];
            bool isCode = Codes.Has(word), isThing = Things.Has(word);
            if ((isCode && thing) || (isThing && code))
                return true;
            bool apart = end < before.Length && before[end] is ',' or ':' or ';' or '\n' || Owners.Has(word);
            if (word.Length > 4 || isCode || isThing || apart)
                (code, thing) = (isCode && !apart, isThing && !apart);
            i = end + 1;
        }
        return false;
    }

    private static int Sentence(ReadOnlySpan<char> text, int at)
    {
        int from = at, breaks = 0;
        while (from > 0 && at - from < Far && text[from - 1] is not ReadableText.Break)
        {
            char c = text[from - 1];
            if (c == '\n' && ++breaks > 2)
                break;
            if (c is '.' or '?' or '!' && from < text.Length && text[from] is ' ' or '\n')
                break;
            from--;
        }
        return from;
    }
}
