using System.Text;

namespace Ingest.Mail.Auth;

/// <summary>The header fields of a message as raw bytes, and which of them a signature takes (RFC 6376 section 5.4.2: the last of a name first).</summary>
internal readonly ref struct SignedFields
{
    private readonly ReadOnlySpan<byte> message;
    private readonly List<(string Name, Range Range)> fields = [];
    // Places by name, so that a signature that names a field ten thousand times costs no more than its length.
    private readonly Dictionary<string, List<int>> places = new(StringComparer.OrdinalIgnoreCase);

    public SignedFields(ReadOnlySpan<byte> message)
    {
        this.message = message;
        // A file without a single CRLF is one whose line ends were changed for storage.
        NewLine = message.IndexOf("\r\n"u8) < 0 ? "\n"u8 : "\r\n"u8;
        var at = 0;
        while (at < message.Length)
        {
            var end = FieldEnd(at);
            if (end == at)
            {
                at += NewLine.Length;
                break;
            }
            var colon = message[at..end].IndexOf((byte)':');
            if (colon > 0)
                Add(Encoding.Latin1.GetString(message.Slice(at, colon)).TrimEnd(' ', '\t'), at..end);
            at = Math.Min(message.Length, end + NewLine.Length);
        }
        BodyStart = at;
    }

    /// <summary>What ends a line in this message.</summary>
    public ReadOnlySpan<byte> NewLine { get; }

    /// <summary>Where the body begins.</summary>
    public int BodyStart { get; }

    /// <summary>How often the message has the field.</summary>
    public int Count(string name) => places.TryGetValue(name, out var found) ? found.Count : 0;

    /// <summary>The field that stands for the <paramref name="turn"/>-th mention of its name, counted from 0, from the bottom up; empty when there is none left.</summary>
    public ReadOnlySpan<byte> Take(string name, int turn) =>
        places.TryGetValue(name, out var found) && turn < found.Count ? message[fields[found[^(turn + 1)]].Range] : [];

    /// <summary>The fields of that name, topmost first.</summary>
    public List<Range> All(string name)
    {
        var ranges = new List<Range>();
        if (places.TryGetValue(name, out var found))
        {
            foreach (var place in found)
                ranges.Add(fields[place].Range);
        }
        return ranges;
    }

    private void Add(string name, Range range)
    {
        if (!places.TryGetValue(name, out var found))
            places[name] = found = [];
        found.Add(fields.Count);
        fields.Add((name, range));
    }

    private int FieldEnd(int from)
    {
        var at = from;
        while (true)
        {
            var end = message[at..].IndexOf(NewLine);
            if (end < 0)
                return message.Length;
            at += end;
            var next = at + NewLine.Length;
            if (at == from || next >= message.Length || message[next] is not ((byte)' ' or (byte)'\t'))
                return at;
            at = next;
        }
    }
}
