using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Ingest.Mail.Auth;

/// <summary>The ARC fields of a message, put in order and hashed; no key is needed for that.</summary>
/// <param name="Links">The hops, the oldest first; empty without ARC fields and when the structure is broken.</param>
/// <param name="Problem">What is broken, empty when nothing is.</param>
internal sealed record ArcChain(IReadOnlyList<ArcLink> Links, string Problem)
{
    private const int MostLinks = 50;
    // Each seal is about all sets before it: the work grows with hops times bytes.
    private const int MostBytes = 1024 * 1024;

    /// <summary>Where the body begins.</summary>
    public int BodyStart { get; private init; }

    public IReadOnlyList<ArcSet> Sets => [.. Links.Select(static link => new ArcSet(link.Instance, link.Seal.Domain, link.Seal.Selector, link.Seal.ChainStatus, link.Results)
    {
        CoversAll = link.Message.Length == long.MaxValue && link.Message.Names.Contains("from", StringComparer.OrdinalIgnoreCase),
    })];

    public static ArcChain Read(ReadOnlySpan<byte> message)
    {
        var fields = new SignedFields(message);
        var seals = fields.All("ARC-Seal");
        var signatures = fields.All("ARC-Message-Signature");
        var results = fields.All("ARC-Authentication-Results");
        if (seals.Count + signatures.Count + results.Count == 0)
            return new ArcChain([], "");
        if (seals.Count != signatures.Count || seals.Count != results.Count)
            return new ArcChain([], "the sets are not whole");
        if (seals.Count > MostLinks)
            return new ArcChain([], "more than 50 sets");
        var length = message.Length;
        if (seals.Concat(signatures).Concat(results).Sum(range => (long)range.GetOffsetAndLength(length).Length) > MostBytes)
            return new ArcChain([], "the sets are too long");
        return Ordered(fields, message, seals, signatures, results) with { BodyStart = fields.BodyStart };
    }

    private static ArcChain Ordered(SignedFields fields, ReadOnlySpan<byte> message, List<Range> seals, List<Range> signatures, List<Range> results)
    {
        var count = seals.Count;
        var parts = new (Range Seal, Range Signature, Range Results)[count];
        var seen = new int[count];
        foreach (var (ranges, kind) in new[] { (results, 0), (signatures, 1), (seals, 2) })
        {
            foreach (var range in ranges)
            {
                var field = message[range];
                var instance = kind == 0 ? ArcResults(field).Instance : DkimTags.Read(field, kind == 1 ? DkimField.ArcMessage : DkimField.ArcSeal).Instance;
                if (instance < 1 || instance > count || seen[instance - 1] != kind)
                    return new ArcChain([], "the instances are not 1 to the number of sets, each once");
                seen[instance - 1]++;
                ref var part = ref parts[instance - 1];
                part = kind switch { 0 => (part.Seal, part.Signature, range), 1 => (part.Seal, range, part.Results), _ => (range, part.Signature, part.Results) };
            }
        }
        return Linked(fields, message, parts);
    }

    private static ArcChain Linked(SignedFields fields, ReadOnlySpan<byte> message, (Range Seal, Range Signature, Range Results)[] parts)
    {
        var links = new List<ArcLink>();
        var before = new ArrayBufferWriter<byte>(8192);
        for (var i = 0; i < parts.Length; i++)
        {
            var (sealAt, signatureAt, resultsAt) = parts[i];
            var seal = DkimTags.Read(message[sealAt], DkimField.ArcSeal);
            var reading = DkimReading.Of(fields, message[signatureAt], DkimField.ArcMessage);
            // Older message signatures may be broken by what later hops changed; only the newest must hold.
            if (seal.Fault != DkimFault.None || (i == parts.Length - 1 && reading.Tags.Fault != DkimFault.None))
                return new ArcChain(links, $"a field of i={i + 1} cannot be read");
            if (seal.ChainStatus != (i == 0 ? "none" : "pass"))
                return new ArcChain(links, $"the seal of i={i + 1} says cv={seal.ChainStatus}");
            Write(message[resultsAt], fields, before, "\r\n"u8);
            Write(message[signatureAt], fields, before, "\r\n"u8);
            var prefix = before.WrittenCount;
            Write(TagList.WithoutSignature(message[sealAt]), fields, before, []);
            var hash = SHA256.HashData(before.WrittenSpan);
            // What the next seal is about has this one whole.
            var whole = new ArrayBufferWriter<byte>(before.WrittenCount + 8192);
            whole.Write(before.WrittenSpan[..prefix]);
            Write(message[sealAt], fields, whole, "\r\n"u8);
            before = whole;
            links.Add(new ArcLink(i + 1, reading.Tags, reading.HeaderHash, seal, hash, ArcResults(message[resultsAt]).Results));
        }
        return new ArcChain(links, "");
    }

    private static void Write(ReadOnlySpan<byte> field, SignedFields fields, ArrayBufferWriter<byte> output, ReadOnlySpan<byte> end)
    {
        DkimCanonical.Field(field, DkimForm.Relaxed, fields.NewLine, output);
        output.Write(end);
    }

    // "i=1; lists.example.org; spf=pass …"
    private static (int Instance, AuthenticationResults Results) ArcResults(ReadOnlySpan<byte> field)
    {
        var value = Encoding.UTF8.GetString(field[(field.IndexOf((byte)':') + 1)..]).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        var end = value.IndexOf(';', StringComparison.Ordinal);
        var none = new AuthenticationResults("", []);
        if (end < 0 || TagList.Parse(value[..end]) is not { Count: 1 } tags || !tags.TryGetValue("i", out var text))
            return (0, none);
        var instance = text.Length is 1 or 2 && int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
        return (instance, AuthenticationResults.TryParse(value[(end + 1)..], out var results) ? results : none);
    }
}

/// <summary>One hop with the hashes that its signatures are about.</summary>
internal sealed record ArcLink(int Instance, DkimTags Message, byte[] MessageHash, DkimTags Seal, byte[] SealHash, AuthenticationResults Results);
