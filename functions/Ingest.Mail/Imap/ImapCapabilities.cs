using System.Text;

namespace Ingest.Mail.Imap;

/// <summary>What a server says that it can do (RFC 3501 7.2.1).</summary>
public sealed class ImapCapabilities
{
    private const int Most = 500;
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    private ImapCapabilities()
    {
    }

    /// <summary>Nothing is known.</summary>
    public static ImapCapabilities None { get; } = new();

    /// <summary>The names in order.</summary>
    public IReadOnlyCollection<string> Names => [.. _names.Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Whether it can, by the name of the capability: "MOVE", "AUTH=PLAIN".</summary>
    public bool Has(string name) => _names.Contains(name);

    /// <summary>True when a literal of so many bytes may be sent without being asked for (RFC 7888).</summary>
    public bool AllowsLiteralAtOnce(int length) => Has("LITERAL+") || (length <= 4096 && (Has("LITERAL-") || Has("IMAP4rev2")));

    /// <summary>True when messages can be moved by one command.</summary>
    public bool HasMove => Has("MOVE") || Has("IMAP4rev2");

    /// <summary>True when a chosen set of messages can be expunged.</summary>
    public bool HasUidPlus => Has("UIDPLUS") || Has("IMAP4rev2");

    internal static ImapCapabilities Parse(ReadOnlySpan<byte> list)
    {
        ImapCapabilities found = new();
        string last = "";
        foreach (Range range in list.Split((byte)' '))
        {
            string name = Encoding.Latin1.GetString(list[range]);
            if (name.Length == 0 || found._names.Count == Most) continue;
            // Some write "LITERAL +".
            if (name == "+") name = last + name;
            found._names.Add(name);
            last = name;
        }

        return found;
    }
}
