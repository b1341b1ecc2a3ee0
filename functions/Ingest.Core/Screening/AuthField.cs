namespace Ingest.Core.Screening;

/// <summary>An Authentication-Results field as facts (RFC 8601 section 2.2): who says so, and what.</summary>
internal sealed record AuthField(string AuthservId, IReadOnlyList<AuthField.Method> Methods)
{
    private const int MostMethods = 100;

    /// <summary>One method's result with its properties ("header.d" → value) and the comments beside it.</summary>
    internal sealed record Method(string Name, string Result, IReadOnlyDictionary<string, string> Properties, string Comment);

    /// <summary>Reads a field's value; null when it does not start with an authserv-id.</summary>
    internal static AuthField? Read(string value)
    {
        List<string> parts = [.. Split(value, ';')];
        string[] head = [.. Words(parts[0], out _)];
        // Office 365 leaves the authserv-id out and starts with a method: that names nobody.
        if (head.Length is 0 or > 2 || head[0].Contains('=', StringComparison.Ordinal) || (head.Length == 2 && !head[1].All(char.IsAsciiDigit)))
            return null;
        return new AuthField(head[0].ToLowerInvariant(), [.. parts.Skip(1).Take(MostMethods).Select(ReadMethod).OfType<Method>()]);
    }

    private static Method? ReadMethod(string part)
    {
        List<string> words = Words(part, out string comment);
        if (words.Count == 0 || words[0].Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } result])
            return null;
        var properties = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string word in words.Skip(1))
            if (word.Split('=', 2) is [{ Length: > 0 } key, { } text])
                properties.TryAdd(key, text);
        int version = name.IndexOf('/', StringComparison.Ordinal);
        return new Method((version > 0 ? name[..version] : name).ToLowerInvariant(), result.ToLowerInvariant(), properties, comment);
    }

    /// <summary>Splits at a separator outside quotes and comments, which stay in the pieces.</summary>
    private static IEnumerable<string> Split(string value, char separator)
    {
        int start = 0, depth = 0;
        bool quoted = false;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (c == '\\' && (quoted || depth > 0))
                i++;
            else if (c == '"' && depth == 0)
                quoted = !quoted;
            else if (c == '(' && !quoted)
                depth++;
            else if (c == ')' && !quoted && depth > 0)
                depth--;
            else if (c == separator && !quoted && depth == 0)
            {
                yield return value[start..i];
                start = i + 1;
            }
        }
        yield return value[start..];
    }

    /// <summary>The words of a piece, unquoted, with blanks around "=" closed up; comments are taken out.</summary>
    private static List<string> Words(string piece, out string comment)
    {
        List<string> words = [];
        var word = new System.Text.StringBuilder();
        var comments = new System.Text.StringBuilder();
        int depth = 0;
        bool quoted = false, join = false;
        for (int i = 0; i < piece.Length; i++)
        {
            char c = piece[i];
            if (c == '\\' && (quoted || depth > 0) && i + 1 < piece.Length)
                (depth > 0 ? comments : word).Append(piece[++i]);
            else if (c == '"' && depth == 0)
                quoted = !quoted;
            else if (c == '(' && !quoted && depth++ == 0)
                comments.Append(' ');
            else if (c == ')' && !quoted && depth > 0)
                depth--;
            else if (depth > 0)
                comments.Append(c);
            else if (!quoted && char.IsWhiteSpace(c))
                join = End(words, word, join);
            else
            {
                if (!quoted && c == '=' && word.Length == 0 && words.Count > 0)
                {
                    word.Append(words[^1]);
                    words.RemoveAt(words.Count - 1);
                }
                word.Append(c);
                join = !quoted && c == '=';
            }
        }
        End(words, word, false);
        comment = comments.ToString();
        return words;
    }

    // A word that ends in "=" waits for what follows the blanks.
    private static bool End(List<string> words, System.Text.StringBuilder word, bool join)
    {
        if (join || word.Length == 0)
            return join;
        words.Add(word.ToString());
        word.Clear();
        return false;
    }
}
