using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Writes addresses (RFC 5322 section 3.4) so that they cannot be read as anything else; domains are always ASCII (RFC 5890 A-labels).</summary>
internal static class AddressWriter
{
    private const int LongestAddress = 500;

    // The longest phrase in quotes; a longer one is encoded, as encoded words can be folded.
    private const int LongestQuoted = 60;
    private static readonly SearchValues<char> AtomCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~");

    private static readonly SearchValues<char> DomainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    public static void Write(FieldWriter field, string name, IReadOnlyList<MailAddress> addresses)
    {
        if (addresses.Count == 0)
            return;
        field.Begin(name);
        for (var i = 0; i < addresses.Count; i++)
        {
            var end = i + 1 < addresses.Count ? "," : "";
            var phrase = Phrase(addresses[i].Name, EncodedWordWriter.Room(name.Length + 2));
            var spec = Spec(addresses[i].Address);
            foreach (var word in phrase)
                field.Word(word);
            field.Word(phrase.Count == 0 && !spec.StartsWith('"') ? spec + end : $"<{spec}>{end}");
        }
        field.End();
    }

    /// <summary>The address as it goes over the wire: quoted where it must be, the domain in ASCII; the local part alone may hold more (RFC 6532).</summary>
    /// <exception cref="UnwritableMailException">It is no address.</exception>
    public static string Spec(string address)
    {
        var at = address.LastIndexOf('@');
        if (at < 1 || address.Length > LongestAddress)
            throw new UnwritableMailException(UnwritableReason.Address);
        return $"{LocalPart(address[..at])}@{Domain(address[(at + 1)..])}";
    }

    /// <summary>The domain in ASCII and lower case, or an address literal in brackets.</summary>
    public static string Domain(string domain)
    {
        try
        {
            var literal = domain is ['[', .., ']'];
            var ascii = literal || Ascii.IsValid(domain) ? domain : new IdnMapping { UseStd3AsciiRules = true }.GetAscii(domain);
            var inner = literal ? ascii[1..^1].Replace(':', '.') : ascii.TrimEnd('.');
            if (inner.Length is > 0 and <= 253 && !inner.AsSpan().ContainsAnyExcept(DomainCharacters) && !inner.StartsWith('.') && (literal || !inner.Contains("..", StringComparison.Ordinal)))
                return literal ? ascii : inner.ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            // Not a name that IDNA knows how to write.
        }
        throw new UnwritableMailException(UnwritableReason.Address);
    }

    // Only dots may be out of place without quotes: anything else would mean another mailbox to somebody.
    private static string LocalPart(string local)
    {
        var quoted = local is ['"', .., '"'] && local.Length > 2;
        if (quoted)
            local = Unquoted(local.AsSpan(1, local.Length - 2));
        foreach (var rune in local.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                throw new UnwritableMailException(UnwritableReason.Address);
        }
        if (IsDotAtom(local))
            return local;
        return quoted || IsAtom(local.Replace(".", "", StringComparison.Ordinal), international: true) ? Quoted(local) : throw new UnwritableMailException(UnwritableReason.Address);
    }

    private static string Unquoted(ReadOnlySpan<char> quoted)
    {
        var text = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length)
                i++;
            text.Append(quoted[i]);
        }
        return text.ToString();
    }

    private static bool IsDotAtom(string local)
    {
        foreach (var range in local.AsSpan().Split('.'))
        {
            var atom = local.AsSpan(range);
            if (atom.IsEmpty || !IsAtom(atom, international: true))
                return false;
        }
        return true;
    }

    private static bool IsAtom(ReadOnlySpan<char> text, bool international)
    {
        foreach (var c in text)
        {
            if (!AtomCharacters.Contains(c) && !(international && c > '\u009f' && !char.IsWhiteSpace(c)))
                return false;
        }
        return true;
    }

    private static List<string> Phrase(string name, int room)
    {
        name = HeaderText.Clean(name).Trim();
        if (name.Length == 0)
            return [];
        if (EncodedWordWriter.IsPlain(name, LongestQuoted) && name.Length <= LongestQuoted)
            return [.. IsPhrase(name) ? name.Split(' ') : [Quoted(name)]];
        return EncodedWordWriter.Encode(name, room);
    }

    private static bool IsPhrase(string name)
    {
        foreach (var range in name.AsSpan().Split(' '))
        {
            if (!IsAtom(name.AsSpan(range), international: false))
                return false;
        }
        return true;
    }

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
