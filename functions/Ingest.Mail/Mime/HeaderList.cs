using System.Collections;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Header fields in order of appearance, topmost first.</summary>
public sealed class HeaderList : IReadOnlyList<Header>
{
    private readonly List<Header> fields = [];

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
        foreach (var header in fields)
        {
            if (header.Is(name))
                yield return header.Value;
        }
    }

    /// <summary>The first field of that name (any case), or null.</summary>
    public Header? Find(string name)
    {
        foreach (var header in fields)
        {
            if (header.Is(name))
                return header;
        }
        return null;
    }

    /// <summary>All fields of that name (any case), topmost first.</summary>
    public IEnumerable<Header> FindAll(string name)
    {
        foreach (var header in fields)
        {
            if (header.Is(name))
                yield return header;
        }
    }

    /// <summary>True when there is a field of that name (any case).</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <inheritdoc/>
    public IEnumerator<Header> GetEnumerator() => fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => fields.GetEnumerator();

    internal void Add(Header header) => fields.Add(header);
}
