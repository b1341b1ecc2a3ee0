using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Header fields in order of appearance, topmost first.</summary>
public sealed class HeaderList : IReadOnlyList<Header>
{
    private readonly List<Header> fields = [];
    // What a name begins with and how long it is, beside each field: most of a search ends here, many at a time.
    private readonly List<ushort> marks = [];

    internal HeaderList(ReadOnlyMemory<byte> source, int maxFieldBytes)
    {
        Source = source;
        MaxFieldBytes = maxFieldBytes;
    }

    /// <summary>Number of fields.</summary>
    public int Count => fields.Count;

    /// <summary>The field at that place, topmost first.</summary>
    public Header this[int index] => fields[index];

    internal ReadOnlyMemory<byte> Source { get; }

    internal int MaxFieldBytes { get; }

    /// <summary>What raw 8-bit characters are when they are not UTF-8: the body's charset, else windows-1252.</summary>
    internal Encoding? Fallback { get; set; }

    /// <summary>The decoded, unfolded value of the first field of that name (any case), or null.</summary>
    public string? First(string name) => Find(name) is { } header ? header.Value : null;

    /// <summary>The decoded, unfolded values of all fields of that name, topmost first.</summary>
    public IEnumerable<string> All(string name)
    {
        for (var at = IndexOf(name, 0); at >= 0; at = IndexOf(name, at + 1))
            yield return fields[at].Value;
    }

    /// <summary>The first field of that name (any case), or null.</summary>
    public Header? Find(string name) => IndexOf(name, 0) is >= 0 and var at ? fields[at] : null;

    /// <summary>All fields of that name (any case), topmost first.</summary>
    public IEnumerable<Header> FindAll(string name)
    {
        for (var at = IndexOf(name, 0); at >= 0; at = IndexOf(name, at + 1))
            yield return fields[at];
    }

    /// <summary>True when there is a field of that name (any case).</summary>
    public bool Has(string name) => IndexOf(name, 0) >= 0;

    /// <inheritdoc/>
    public IEnumerator<Header> GetEnumerator() => fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => fields.GetEnumerator();

    /// <summary>The place of the first field of that name from a place on, or -1.</summary>
    internal int IndexOf(string name, int from)
    {
        var wanted = Header.Mark(name.Length, name[0]);
        var left = CollectionsMarshal.AsSpan(marks)[from..];
        while (left.IndexOfAny(wanted, Header.AnyMark) is >= 0 and var at)
        {
            from += at;
            if (fields[from].Is(name))
                return from;
            left = left[(at + 1)..];
            from++;
        }
        return -1;
    }

    internal void Add(Header header)
    {
        fields.Add(header);
        marks.Add(header.OwnMark);
    }
}
