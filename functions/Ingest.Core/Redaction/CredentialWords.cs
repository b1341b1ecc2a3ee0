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

/// <summary>The words after which a secret may stand, in many languages, and the words that may stand between.</summary>
internal static class CredentialWords
{
    private static readonly (CredentialWord Sort, string[] Words)[] Latin =
    [
        (CredentialWord.Password, ["password", "passwort", "passwd", "passwrd", "passphrase", "pasword", "pwd", "kennwort", "mot de passe", "contrasena", "senha", "palavra-passe", "parola", "parolă", "wachtwoord", "haslo", "heslo", "jelszo", "losenord", "salasana",
            "kodeord", "adgangskode", "passord", "sifre", "kata sandi", "mat khau", "lozinka", "slaptazodis", "parool", "kode akses", "passkey", "zugangscode", "login/pass", "user/pass", "pass:", "pass=", "pw:", "pw=", "mdp:", "mdp :", "clave:", "clave="]),
        (CredentialWord.Key, ["secret", "token", "apikey", "api key", "api_key", "api-key", "access key", "access_key", "accesskey", "access-key", "auth_key", "authkey", "private_key", "privatekey", "encryption_key", "signing_key", "master_key", "account_key", "storage_key"]),
        (CredentialWord.Header, ["authorization"]),
        (CredentialWord.PrivateKey, ["private key"]),
        (CredentialWord.Connection, ["accountkey=", "sharedaccesskey=", "sharedaccesssignature=", "sig="]),
        (CredentialWord.Recovery, ["recovery code", "backup code", "seed phrase", "recovery phrase", "mnemonic", "wiederherstellungscode", "backup-code", "recovery-code", "scratch code"]),
    ];

    private static readonly string[] Other =
    [
        "пароль", "密码", "密碼", "口令", "パスワード", "비밀번호", "암호", "كلمة المرور", "كلمة السر", "סיסמה", "סיסמא", "κωδικός πρόσβασης", "κωδικός", "contraseña", "hasło", "lösenord", "şifre", "mật khẩu", "jelszó", "पासवर्ड", "รหัสผ่าน", "lykilorð", "slaptažodis", "heslem", "hasła",
    ];

    /// <summary>All words of plain text; what is not plain has <see cref="Foreign"/> too.</summary>
    internal static readonly SearchValues<string> Any = SearchValues.Create([.. Latin.SelectMany(sort => sort.Words).Where(word => System.Text.Ascii.IsValid(word))], StringComparison.OrdinalIgnoreCase);

    /// <summary>Words with other letters than ASCII's.</summary>
    internal static readonly SearchValues<string> Foreign = SearchValues.Create(Other, StringComparison.OrdinalIgnoreCase);

    private static readonly (string Word, CredentialWord Sort)[][] ByFirst = Sort();

    // Words that may stand between such a word and the secret: is, are, was, set to.
    private static readonly NearWords Verbs = new(
        ["is", "was", "are", "ist", "lautet", "lauten", "war", "est", "es", "era", "é", "è", "e", "jest", "to", "zijn", "är", "er", "on", "je", "jsou", "este", "adalah", "olan", "είναι", "как", "będzie", "byla", "were", "sera", "será", "sarà", "wird", "become"],
        ["は", "是", "为", "為", "는", "은"]);

    // What follows a name that only speaks about a secret.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Endings = new[] { "key", "keys", "value", "accesskey", "1", "2", "prod", "dev", "live", "test", "production", "staging" }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>True for a verb between name and value.</summary>
    internal static bool IsVerb(ReadOnlySpan<char> word) => Verbs.Within(word);

    /// <summary>True for what may follow such a word in one name: secret_key, PASSWORD_PROD.</summary>
    internal static bool MayFollow(ReadOnlySpan<char> rest) => Endings.Contains(rest);

    /// <summary>The word that stands at a place where the search stopped.</summary>
    internal static (int Length, CredentialWord Sort) At(ReadOnlySpan<char> text)
    {
        char first = char.ToLowerInvariant(text[0]);
        foreach ((string word, CredentialWord sort) in first < 128 ? ByFirst[first] : [])
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return (word.Length, sort);
        foreach (string word in Other)
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return (word.Length, CredentialWord.Password);
        return (1, CredentialWord.Password);
    }

    private static (string Word, CredentialWord Sort)[][] Sort()
    {
        var sorted = new (string, CredentialWord)[128][];
        for (int i = 0; i < sorted.Length; i++)
            sorted[i] = [.. Latin.SelectMany(sort => sort.Words.Select(word => (word, sort.Sort))).Where(pair => pair.word[0] == i).OrderByDescending(pair => pair.word.Length)];
        return sorted;
    }
}
