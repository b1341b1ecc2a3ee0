using System.Buffers;
using System.Collections.Frozen;

namespace Ingest.Core.Redaction;

/// <summary>Sorts of words after which a secret may stand.</summary>
internal enum CredentialWord
{
    /// <summary>A password: anything can be one.</summary>
    Password,
    /// <summary>A key or token: long and not made of words.</summary>
    Key,
    /// <summary>The field of HTTP.</summary>
    Header,
    /// <summary>The first line of a private key.</summary>
    PrivateKey,
    /// <summary>A key within a connection string.</summary>
    Connection,
    /// <summary>A list of codes, one for each use, or of words.</summary>
    Recovery,
}

/// <summary>
/// The words after which a secret may stand, in many languages, and the words that may stand between. A text is searched for a few stems at a time: that many the processor compares at once,
/// and what only looks like a stem is rare.
/// </summary>
internal static class CredentialWords
{
    private static readonly (CredentialWord Sort, string[] Words)[] Latin =
    [
        (CredentialWord.Password, ["password", "passwort", "passwd", "passwrd", "passphrase", "pasword", "pwd", "pw", "pass", "clave", "kennwort", "mot de passe", "contrasena", "senha", "palavra-passe", "parola", "wachtwoord", "haslo", "heslo", "jelszo", "losenord", "salasana",
            "kodeord", "adgangskode", "passord", "sifre", "kata sandi", "mat khau", "lozinka", "slaptazodis", "parool", "passkey", "passcode", "zugangscode", "pass:", "pass=", "mdp:", "mdp :", "mdp=", "mdp =", "clave:", "clave="]),
        (CredentialWord.Key, ["secret", "token", "apikey", "api key", "api_key", "api-key", "access key", "access_key", "accesskey", "access-key", "auth_key", "authkey", "private_key", "privatekey", "encryption_key", "signing_key", "master_key", "account_key", "storage_key", "wpa key", "wpa2 key", "wifi key", "wi-fi key", "wlan key", "network key",
            "licence key", "license key", "licence-key", "license-key", "license_key", "licensekey", "product key", "product-key", "product_key", "activation key", "registration key", "serial key"]),
        (CredentialWord.Header, ["authorization"]),
        (CredentialWord.PrivateKey, ["private key", "user-key-file"]),
        (CredentialWord.Connection, ["accountkey=", "sharedaccesskey=", "sharedaccesssignature=", "sig="]),
        (CredentialWord.Recovery, ["recovery code", "backup code", "seed phrase", "recovery phrase", "mnemonic", "wiederherstellungscode", "backup-code", "recovery-code", "scratch code"]),
    ];

    private static readonly string[][] Stems =
    [
        ["passw", "passph", "pw", "secret", "token", "key", "authorization", "pass"],
        ["kennw", "mot de passe", "contrasen", "senha", "palavra-passe", "parola", "wachtw", "haslo"],
        ["heslo", "jelszo", "losenord", "salasana", "kodeord", "adgangsk", "sifre", "kata sandi"],
        ["mat khau", "lozinka", "slaptazodis", "parool", "zugangscode", "clave", "mdp", "pasword"],
        ["recovery", "backup", "seed phrase", "mnemonic", "wiederherst", "scratch code", "signature=", "sig="],
    ];

    private static readonly string[] Foreign =
    [
        "пароль", "密码", "密碼", "口令", "パスワード", "비밀번호", "암호", "كلمة المرور", "كلمة السر", "סיסמה", "סיסמא", "κωδικός πρόσβασης", "κωδικός", "contraseña", "hasło", "lösenord", "şifre", "mật khẩu", "jelszó", "पासवर्ड", "รหัสผ่าน", "lykilorð", "slaptažodis", "parolă", "hasła",
    ];

    // Each of these words has one of these letters, which are seldom in texts of other languages and have no other form than a small and a capital one, or one of these pieces.
    private const string RareLetters = "п密口パ비암كסδłşậ\u092Aรðžă";
    private static readonly SearchValues<char> Rare = SearchValues.Create([.. RareLetters, .. RareLetters.Select(char.ToUpperInvariant)]);
    private static readonly SearchValues<string> Pieces = SearchValues.Create(["contrase", "senord", "jelsz"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Beginnings of the words, a few at a time; the last are those with other letters than ASCII's.</summary>
    internal static readonly SearchValues<string>[] Searches = [.. Stems.Append(Foreign).Select(stems => SearchValues.Create(stems, StringComparison.OrdinalIgnoreCase))];

    /// <summary>True when a word with other letters than ASCII's may stand in a text.</summary>
    internal static bool MayHoldForeign(ReadOnlySpan<char> text) => !System.Text.Ascii.IsValid(text) && (text.ContainsAny(Rare) || text.ContainsAny(Pieces));

    // By the first letter of the stem: how far before it the word begins.
    private static readonly (string Stem, string Word, int Before, CredentialWord Sort)[][] ByFirst = Sort();

    // Words that may stand between such a word and the secret: is, are, was, set to.
    private static readonly NearWords Verbs = new(
        ["is", "was", "are", "ist", "lautet", "lauten", "war", "est", "es", "era", "é", "è", "e", "jest", "brzmi", "to", "zijn", "är", "er", "on", "je", "jsou", "este", "adalah", "olan", "είναι", "как", "będzie", "byla", "were", "sera", "será", "sarà", "wird", "become"],
        ["は", "是", "为", "為", "는", "은"]);

    // What follows a name that only speaks about a secret.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Endings = new[] { "key", "keys", "value", "accesskey", "1", "2", "prod", "dev", "live", "test", "production", "staging", "m", "ni", "niz" }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>True for a short word that has other meanings too, and is a name only where it stands alone.</summary>
    internal static bool IsShort(ReadOnlySpan<char> word) =>
        word.Equals("pw", StringComparison.OrdinalIgnoreCase) || word.Equals("pass", StringComparison.OrdinalIgnoreCase) || word.Equals("clave", StringComparison.OrdinalIgnoreCase);

    /// <summary>True when a label names a password.</summary>
    internal static bool NamesPassword(ReadOnlySpan<char> label) => Named(label) == CredentialWord.Password;

    /// <summary>What a label names; null when it is no secret.</summary>
    internal static CredentialWord? Named(ReadOnlySpan<char> label)
    {
        foreach (SearchValues<string> stems in Searches)
            if (label.IndexOfAny(stems) is >= 0 and int at && At(label, at) is { Length: > 0 } word)
                return word.Sort;
        return null;
    }

    // Words of time that may stand between a verb and a value, or after a name.
    private static readonly NearWords Times = new(
        ["now", "currently", "temporarily", "jetzt", "nun", "bisher", "aktuell", "derzeit", "vorläufig", "maintenant", "désormais", "provisoire", "temporaire", "ahora", "actualmente", "temporal", "provisional", "adesso", "ora", "temporanea", "provvisoria", "nu", "tijdelijk", "teraz", "tymczasowe",
        "agora", "provisória", "temporária", "nueva", "nuova", "nova"]);

    /// <summary>Where the text goes on after a word of time that stands at a place; the place itself where none does.</summary>
    internal static int AfterTime(ReadOnlySpan<char> text, int at)
    {
        int end = at;
        while (end < text.Length && end - at < 16 && char.IsLetter(text[end]))
            end++;
        return end + 1 < text.Length && text[end] == ' ' && Times.Has(text[at..end]) ? end + 1 : at;
    }

    /// <summary>True for a verb between name and value.</summary>
    internal static bool IsVerb(ReadOnlySpan<char> word) => Verbs.Within(word);

    /// <summary>True for what may follow such a word in one name: secret_key, PASSWORD_PROD.</summary>
    internal static bool MayFollow(ReadOnlySpan<char> rest) => Endings.Contains(rest);

    /// <summary>The word around a place where a search stopped; its length is 0 when there is none.</summary>
    internal static (int Start, int Length, CredentialWord Sort) At(ReadOnlySpan<char> text, int at)
    {
        char first = char.ToLowerInvariant(text[at]);
        foreach ((string stem, string word, int before, CredentialWord sort) in first < 128 ? ByFirst[first] : [])
            if (at >= before && text[(at - before)..].StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return (at - before, word.Length, sort);
        foreach (string word in Foreign)
            if (text[at..].StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return (at, word.Length, CredentialWord.Password);
        return (at, 0, CredentialWord.Password);
    }

    private static (string, string, int, CredentialWord)[][] Sort()
    {
        List<(string Stem, string Word, int Before, CredentialWord Sort)> all = [];
        foreach ((CredentialWord sort, string[] words) in Latin)
            foreach (string word in words)
                foreach (string stem in Stems.SelectMany(stems => stems).Where(stem => word.Contains(stem, StringComparison.Ordinal)).OrderByDescending(stem => stem.Length).Take(1))
                    all.Add((stem, word, word.IndexOf(stem, StringComparison.Ordinal), sort));
        var sorted = new (string, string, int, CredentialWord)[128][];
        for (int i = 0; i < sorted.Length; i++)
            sorted[i] = [.. all.Where(entry => entry.Stem[0] == i).OrderByDescending(entry => entry.Word.Length)];
        return sorted;
    }
}
