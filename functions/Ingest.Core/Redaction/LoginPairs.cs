using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Finds passwords that no word names: after the name of a login ("login: anna / Sommer24x", "anna@example.com:Sommer#24"), in the lines of commands, and what a cookie opens a session with.</summary>
internal static class LoginPairs
{
    private const int Shortest = 4, Longest = 128, LongestLine = 200, LongestDomain = 400, ShortestSession = 16, ShortestDrawn = 20, LongestSessionName = 14, ShortestHash = 26, LongestSort = 12;
    private static readonly SearchValues<string> Stems = SearchValues.Create(["login", "curl ", "mysql", "sshpass", "session", "sid=", "code=", "credentials"], StringComparison.OrdinalIgnoreCase);
    private static readonly SearchValues<char> HashSigns = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ./$=,+-");
    // The names of crypt(5), and of Argon2.
    private static readonly NearWords HashSorts = new(["1", "2a", "2b", "2y", "5", "6", "7", "y", "apr1", "sha1", "argon2i", "argon2d", "argon2id", "scrypt"]);
    private static readonly SearchValues<char> Signs = SearchValues.Create("#!$%&*+=@?^");
    private static readonly SearchValues<char> AfterDomain = SearchValues.Create(":| \n");
    private static readonly SearchValues<char> Ends = SearchValues.Create(" \t\n\v\u0001\"'<>|;,");

    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        ReadOnlySpan<char> text = scan.Text;
        // A stem of one sign would make the search for the others slow.
        for (int i = 0, stem = -1, sign = -1; i < text.Length;)
        {
            stem = stem >= i ? stem : Next(i, text[i..].IndexOfAny(Stems));
            sign = sign >= i ? sign : Next(i, text[i..].IndexOfAny('@', '$'));
            i = Math.Min(stem, sign);
            if (i == int.MaxValue)
                return;
            int end = text[i] switch
            {
                '@' => AfterAddress(scan, i),
                '$' => Hash(scan, i),
                'l' or 'L' => text[..i].EndsWith("docker ") || text[..i].EndsWith("podman ") ? Option(scan, i, " -p ", isLogin: false) : AfterLogin(scan, i + 5),
                'c' or 'C' when text[i + 1] is 'o' or 'O' => i > 0 && text[i - 1] is '?' or '&' ? Session(scan, i - 1) : 0,
                'c' or 'C' when text[i + 1] is 'r' or 'R' => AfterLogin(scan, i + 11),
                'c' or 'C' => Option(scan, i, " -u ", isLogin: true) is > 0 and int user ? user : Option(scan, i, " --user ", isLogin: true),
                'm' or 'M' => Option(scan, i, " -p", isLogin: false),
                _ when text[i..].StartsWith("ss", StringComparison.OrdinalIgnoreCase) => Option(scan, i, " -p", isLogin: false),
                _ => Session(scan, i),
            };
            i = Math.Max(i + 1, end);
        }
    }

    private static int Next(int from, int found) => found < 0 ? int.MaxValue : from + found;

    // login: anna / Sommer24x
    private static int AfterLogin(Scan scan, int after)
    {
        ReadOnlySpan<char> text = scan.Text;
        int user = Skip(text, after, " :=");
        int userEnd = user;
        while (userEnd < text.Length && userEnd - user < 64 && (char.IsLetterOrDigit(text[userEnd]) || text[userEnd] is '.' or '_' or '-' or '@' or '+'))
            userEnd++;
        int value = Skip(text, userEnd, " /|");
        if (user == after || userEnd == user || !text[userEnd..value].ContainsAny('/', '|'))
            return 0;
        return Take(scan, value, "secret.password", 0.85);
    }

    // anna@example.com:Sommer#24
    private static int AfterAddress(Scan scan, int sign)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (sign == 0 || !char.IsLetterOrDigit(text[sign - 1]))
            return 0;
        // A quick look: no domain has a blank in it, and most end at one.
        int mark = text[(sign + 1)..Math.Min(text.Length, sign + 1 + LongestDomain)].IndexOfAny(AfterDomain);
        if (mark < 0 || text[sign + 1 + mark] is ' ' or '\n')
            return 0;
        if (EmailDomain.End(text, sign + 1, out double known) is not (> 0 and int end) || known < 0.9 || end + 1 >= text.Length || text[end] is not (':' or '|'))
            return 0;
        return Take(scan, end + 1, "secret.password", 0.85);
    }

    // curl -u anna:Sommer24x   mysql -pSommer24x   sshpass -p Sommer24x
    private static int Option(Scan scan, int command, string option, bool isLogin)
    {
        ReadOnlySpan<char> text = scan.Text, line = text[command..Math.Min(text.Length, command + LongestLine)];
        int stop = line.IndexOfAny('\n', ReadableText.Break);
        int at = (stop < 0 ? line : line[..stop]).IndexOf(option);
        if (at < 0 || (command > 0 && char.IsLetterOrDigit(text[command - 1])))
            return 0;
        int start = Skip(text, command + at + option.Length, text[command] is 'm' or 'M' ? "'\"" : " '\""), end = ValueEnd(text, start);
        if (isLogin)
        {
            int colon = text[start..end].IndexOf(':');
            if (colon < 0)
                return 0;
            start += colon + 1;
        }
        if (end - start < Shortest || Placeholder.IsMade(text[start..end]) || text[start] == '$')
            return 0;
        scan.Add(FindingType.Secret, start, end, "secret.command", 0.9);
        return end;
    }

    // root:$6$salt$hash, $2y$10$…, $argon2id$…: what opens the account of whoever guesses it.
    private static int Hash(Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text, rest = text[start..];
        int sort = rest[1..Math.Min(rest.Length, LongestSort)].IndexOf('$');
        if (sort < 1 || !HashSorts.Has(rest[1..(sort + 1)]))
            return 0;
        int length = rest.IndexOfAnyExcept(HashSigns), end = start + (length < 0 ? rest.Length : length);
        while (end > start && text[end - 1] is '.' or ',')
            end--;
        if (end - start < ShortestHash)
            return 0;
        scan.Add(FindingType.Secret, start, end, "secret.hash", 0.95);
        return end;
    }

    // PHPSESSID=…, connect.sid=…, ;jsessionid=…, "session id: …", login?code=…
    private static int Session(Scan scan, int name)
    {
        ReadOnlySpan<char> text = scan.Text;
        int sign = text[name..Math.Min(text.Length, name + LongestSessionName)].IndexOfAny('=', ':');
        if (sign < 0 || (text[name] is 's' or 'S' && text[name + 3] is not '=' && !IsSessionName(text.Slice(name + 7, sign - 7))))
            return 0;
        bool said = text[name + sign] == ':';
        int start = Skip(text, name + sign + 1, said ? " '\"" : "'\""), end = ValueEnd(text, start);
        ReadOnlySpan<char> value = text[start..end];
        if (value.IndexOf('&') is > 0 and int cut)
            value = value[..cut];
        bool drawn = value.Length >= ShortestSession && value.ContainsAnyInRange('0', '9') && (value.ContainsAnyInRange('a', 'z') || value.ContainsAnyInRange('A', 'Z'));
        // In a sentence it may be the number of anything, which opens nothing.
        if (!drawn || Placeholder.IsMade(value) || ((said || text[name] is '?' or '&') && (value.Length < ShortestDrawn || value.ContainsAny(':', '-') || RandomText.Random(value) == 0)))
            return 0;
        scan.Add(FindingType.Secret, start, start + value.Length, "secret.session", 0.85);
        return start + value.Length;
    }

    private static bool IsSessionName(ReadOnlySpan<char> rest) => rest.Trim(" _-\"'") is "" or "id" or "ID" or "Id" or "key" or "token";

    // Only what looks like a password: letters with digits or signs, no path.
    private static int Take(Scan scan, int start, string rule, double confidence)
    {
        ReadOnlySpan<char> text = scan.Text;
        int end = ValueEnd(text, start);
        ReadOnlySpan<char> value = text[start..end];
        bool letters = value.ContainsAnyInRange('a', 'z') || value.ContainsAnyInRange('A', 'Z'), strong = letters && (value.ContainsAnyInRange('0', '9') || value.ContainsAny(Signs));
        if (value.Length is < 6 or > Longest || !strong || value.Contains('/') || Placeholder.IsMade(value) || EmailDomain.IsKnown(value))
            return 0;
        scan.Add(FindingType.Secret, start, end, rule, confidence);
        return end;
    }

    private static int ValueEnd(ReadOnlySpan<char> text, int start)
    {
        int length = text[start..Math.Min(text.Length, start + 512)].IndexOfAny(Ends), end = length < 0 ? Math.Min(text.Length, start + 512) : start + length;
        while (end > start && text[end - 1] is '.' or ')' or ']' or ':')
            end--;
        return end;
    }

    private static int Skip(ReadOnlySpan<char> text, int from, ReadOnlySpan<char> signs)
    {
        int i = from;
        while (i < text.Length && i - from < 4 && signs.Contains(text[i]))
            i++;
        return i;
    }
}
