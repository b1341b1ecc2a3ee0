using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Reads "value; name=value; ..." as senders write it: comments, unquoted spaces, quotes that never close.</summary>
internal ref struct ParameterReader(ReadOnlySpan<byte> raw, int maxCommentDepth)
{
    private static readonly SearchValues<byte> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-*"u8);

    private readonly ReadOnlySpan<byte> raw = raw;
    private int position;

    public string ReadValue()
    {
        SkipBlanks();
        var start = position;
        while (position < raw.Length && raw[position] is not ((byte)';' or (byte)'('))
            position++;
        var value = raw[start..position].TrimEnd(" \t\r\n"u8);
        if (value.IndexOf((byte)'=') is >= 0 and var equals)
        {
            // "text/html charset=utf-8" lacks its semicolon, "filename=x" its value.
            var blank = value[..equals].TrimEnd(" \t\r\n"u8).LastIndexOfAny(" \t\r\n"u8);
            position = start + Math.Max(blank, 0);
            return FirstWord(Text(value[..Math.Max(blank, 0)]));
        }
        var text = Text(value);
        // "text (a comment) / plain"
        while (position < raw.Length && raw[position] == '(')
        {
            SkipComment();
            start = position;
            while (position < raw.Length && raw[position] is not ((byte)';' or (byte)'('))
                position++;
            text += Text(raw[start..position]);
        }
        return FirstWord(text);
    }

    private static string Text(ReadOnlySpan<byte> value) => Encoding.Latin1.GetString(value.Trim(" \t\r\n\"'"u8)).ToLowerInvariant();

    private static string FirstWord(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        var before = slash < 0 ? [] : value.AsSpan(0, slash).Trim();
        var type = slash < 0 ? "" : string.Concat(before[(before.LastIndexOfAny(" \t\r\n") + 1)..], "/");
        var word = value.AsSpan(slash + 1).Trim();
        var blank = word.IndexOfAny(" \t\r\n");
        return string.Concat(type, blank < 0 ? word : word[..blank]);
    }

    public bool TryRead(out string name, out byte[] bytes)
    {
        (name, bytes) = ("", []);
        while (true)
        {
            SkipBlanks();
            while (position < raw.Length && raw[position] is (byte)';' or (byte)',')
            {
                position++;
                SkipBlanks();
            }
            if (position >= raw.Length)
                return false;
            var start = position;
            while (position < raw.Length && raw[position] is not ((byte)'=' or (byte)';'))
                position++;
            if (position >= raw.Length || raw[position] == ';')
                continue;
            name = Encoding.Latin1.GetString(raw[start..position].Trim(" \t\r\n\"'"u8)).ToLowerInvariant();
            position++;
            bytes = ReadBytes(name.EndsWith('*'));
            if (name.Length > 0)
                return true;
        }
    }

    private byte[] ReadBytes(bool extended)
    {
        while (position < raw.Length && IsBlank(raw[position]))
            position++;
        if (position < raw.Length && raw[position] == '"')
            return ReadQuoted();
        var start = position;
        while (position < raw.Length && raw[position] != ';' && !StartsParameter())
            position++;
        var value = raw[start..position].Trim(" \t\r\n"u8);
        if (!extended && value.Length > 1 && value[0] == '\'' && value[^1] == '\'')
            value = value[1..^1];
        var comment = value.IndexOf(" ("u8);
        if (comment > 0 && value[^1] == ')')
            value = value[..comment].TrimEnd(" \t\r\n"u8);
        // A line break inside is one character, whichever it is.
        return value.IndexOf((byte)'\r') < 0 ? value.ToArray() : [.. value.ToArray().Where(static b => b != '\r')];
    }

    // A fold followed by "name=" starts a parameter whose semicolon was left out.
    private readonly bool StartsParameter()
    {
        if (raw[position] != '\n')
            return false;
        var line = raw[position..Math.Min(raw.Length, position + 60)].TrimStart(" \t\r\n"u8);
        var equals = line.IndexOf((byte)'=');
        return equals > 0 && line[..equals].IndexOfAnyExcept(NameCharacters) < 0;
    }

    private byte[] ReadQuoted()
    {
        position++;
        var bytes = new List<byte>();
        while (position < raw.Length)
        {
            var c = raw[position++];
            if (c == '"')
            {
                SkipToSemicolon();
                return [.. bytes];
            }
            if (c == '\\' && position < raw.Length && raw[position] is (byte)'"' or (byte)'\\' or (byte)'\'')
                c = raw[position++];
            else if (c is (byte)'\r' or (byte)'\n')
                continue;
            bytes.Add(c);
        }
        return Unterminated([.. bytes]);
    }

    // The quote never closes: what follows a semicolon and has the form of a parameter is one.
    private byte[] Unterminated(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf((byte)';');
        if (end < 0)
            return bytes.AsSpan().TrimEnd(" \t"u8).ToArray();
        var after = bytes.AsSpan(end + 1);
        if (after.IndexOf((byte)'=') < 0)
            return bytes.AsSpan(0, end).TrimEnd(" \t"u8).ToArray();
        // Step back to that semicolon in the raw value; folds in between only move it further on.
        position = raw.LastIndexOf((byte)'"') is >= 0 and var quote && raw[quote..].IndexOf((byte)';') is >= 0 and var semicolon
            ? quote + semicolon
            : raw.Length;
        return bytes.AsSpan(0, end).TrimEnd(" \t"u8).ToArray();
    }

    // Something between the closing quote and the next semicolon is not ours, unless the semicolon is what was left out.
    private void SkipToSemicolon()
    {
        SkipBlanks();
        var rest = raw[position..];
        var semicolon = rest.IndexOf((byte)';');
        var equals = rest.IndexOf((byte)'=');
        if (equals >= 0 && (semicolon < 0 || equals < semicolon) && rest[..equals].IndexOf((byte)'"') < 0)
            return;
        position = semicolon < 0 ? raw.Length : position + semicolon;
    }

    private void SkipBlanks()
    {
        while (position < raw.Length)
        {
            if (IsBlank(raw[position]))
                position++;
            else if (raw[position] == '(')
                SkipComment();
            else
                return;
        }
    }

    private void SkipComment()
    {
        var depth = 0;
        for (; position < raw.Length; position++)
        {
            if (raw[position] == '\\')
                position++;
            else if (raw[position] == '(' && depth < maxCommentDepth)
                depth++;
            else if (raw[position] == ')' && --depth == 0)
            {
                position++;
                return;
            }
        }
        position = raw.Length;
    }

    private static bool IsBlank(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
