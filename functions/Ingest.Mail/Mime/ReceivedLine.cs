using System.Net;

namespace Ingest.Mail.Mime;

/// <summary>
/// A Received field (RFC 5321 section 4.4): who handed the mail to whom. What the client said of itself and what the server saw stand side by side in it, in the form
/// of whichever program wrote it; the address is taken only where it can be nothing but what the server saw.
/// </summary>
/// <param name="By">The server that wrote it, in lower case without a dot at the end.</param>
public sealed record ReceivedLine(string By)
{
    private const int MaxLength = 4000;
    private const int MaxDepth = 10;

    /// <summary>The name after "from", in lower case: what the client called itself, or what its address is called; empty without "from".</summary>
    public string From { get; private init; } = "";

    /// <summary>What the client called itself in HELO, as far as it can be told from the rest.</summary>
    public string Helo { get; private init; } = "";

    /// <summary>The address that the server saw; null when it says none, or when more than one could be meant.</summary>
    public IPAddress? Client { get; private init; }

    /// <summary>True when there is more than one address that could be meant.</summary>
    public bool IsAmbiguous { get; private init; }

    /// <summary>Reads an unfolded value; null when it is not of the form "from … by …" or "by …". Never throws.</summary>
    public static ReceivedLine? Parse(string value)
    {
        if (value.Length > MaxLength || Tokens(value) is not { } tokens)
            return null;
        var (from, by) = (Place(tokens, "from"), Place(tokens, "by"));
        if (by is not >= 0 || from is -2 || (from >= 0 && from > by) || tokens.FindIndex(static token => !token.IsComment) != (from >= 0 ? from : by))
            return null;
        var server = tokens.Skip(by + 1).FirstOrDefault(static token => !token.IsComment).Text;
        if (string.IsNullOrEmpty(server))
            return null;
        var line = new ReceivedLine(Name(server));
        return from < 0 ? line : Read(line, tokens[(from + 1)..by]);
    }

    private static ReceivedLine Read(ReceivedLine line, List<Token> clause)
    {
        var first = clause.Find(static token => !token.IsComment).Text ?? "";
        var (seen, helo) = (new HashSet<IPAddress>(), "");
        foreach (var comment in clause.Where(static token => token.IsComment))
        {
            var words = comment.Text.Split((char[])[' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
            for (var i = 0; i < words.Length; i++)
            {
                // What the client said of itself may look like an address.
                if (words[i].StartsWith("helo=", StringComparison.OrdinalIgnoreCase))
                    helo = words[i][5..];
                else if (words[i].Equals("HELO", StringComparison.OrdinalIgnoreCase) || words[i].Equals("EHLO", StringComparison.OrdinalIgnoreCase))
                    helo = i + 1 < words.Length ? words[++i] : "";
                else if (!words[i].StartsWith("ident=", StringComparison.OrdinalIgnoreCase) && Address(words[i]) is { } address)
                    seen.Add(address);
            }
        }
        // Exim writes the address first where it has no name, and beside it what the client said.
        if (seen.Count == 0 && helo.Length > 0 && first.StartsWith('[') && Address(first) is { } bare)
            seen.Add(bare);
        return line with
        {
            From = Name(first),
            Helo = Name(helo.Length > 0 ? helo : first),
            Client = seen.Count == 1 ? seen.First() : null,
            IsAmbiguous = seen.Count > 1,
        };
    }

    // [192.0.2.1], [IPv6:2001:db8::1], [192.0.2.1]:4711, 192.0.2.1
    private static IPAddress? Address(string word)
    {
        if (word.StartsWith('['))
        {
            var end = word.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < word.Length && !(word[end + 1] == ':' && word.AsSpan(end + 2).IndexOfAnyExceptInRange('0', '9') < 0)))
                return null;
            word = word[1..end];
        }
        if (word.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
            word = word[5..];
        // "1" is an address to .NET and none to a mail server.
        if (!word.Contains(':', StringComparison.Ordinal) && word.Count(static c => c == '.') != 3)
            return null;
        return word.Contains('%', StringComparison.Ordinal) || !IPAddress.TryParse(word, out var address) ? null : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    // The place of a word outside comments; -1 when it is not there, -2 when it is there twice.
    private static int Place(List<Token> tokens, string word)
    {
        var at = tokens.FindIndex(token => !token.IsComment && token.Text.Equals(word, StringComparison.OrdinalIgnoreCase));
        return at >= 0 && tokens.FindIndex(at + 1, token => !token.IsComment && token.Text.Equals(word, StringComparison.OrdinalIgnoreCase)) >= 0 ? -2 : at;
    }

    private static string Name(string word) => word.TrimEnd('.').ToLowerInvariant();

    // Words and comments up to the date; null when a bracket or a quote is left open.
    private static List<Token>? Tokens(string value)
    {
        var tokens = new List<Token>();
        for (var i = 0; i < value.Length;)
        {
            if (value[i] == ';')
                break;
            if (value[i] is ' ' or '\t')
            {
                i++;
                continue;
            }
            var start = i;
            if (value[i] == '(')
            {
                var depth = 0;
                do
                {
                    depth += value[i] switch { '(' => 1, ')' => -1, _ => 0 };
                    i++;
                }
                while (depth is > 0 and <= MaxDepth && i < value.Length);
                if (depth != 0)
                    return null;
                tokens.Add(new Token(value[(start + 1)..(i - 1)], true));
                continue;
            }
            while (i < value.Length && value[i] is not (' ' or '\t' or '(' or ';'))
            {
                if (value[i] is '"' or ')' or '\\')
                    return null;
                i++;
            }
            tokens.Add(new Token(value[start..i], false));
        }
        return tokens;
    }

    private readonly record struct Token(string Text, bool IsComment);
}
