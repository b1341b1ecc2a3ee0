using System.Buffers;
using System.Globalization;
using System.Text;
using Ingest.Mail.Dns;

namespace Ingest.Mail.Auth;

/// <summary>What a DKIM-Signature, ARC-Message-Signature or ARC-Seal says of itself (RFC 6376 section 3.5, RFC 8617 section 4.1).</summary>
internal sealed record DkimTags
{
    private const int MostDigits = 12;
    private static readonly SearchValues<char> DomainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    public DkimFault Fault { get; init; }

    public string About { get; init; } = "";

    public string Algorithm { get; init; } = "";

    public byte[] Signature { get; init; } = [];

    public byte[] BodyHash { get; init; } = [];

    public DkimForm HeaderForm { get; init; } = DkimForm.Simple;

    public DkimForm BodyForm { get; init; } = DkimForm.Simple;

    public string Domain { get; init; } = "";

    public string Selector { get; init; } = "";

    public string Identity { get; init; } = "";

    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>l=, else <see cref="long.MaxValue"/>.</summary>
    public long Length { get; init; } = long.MaxValue;

    public DateTimeOffset? SignedAt { get; init; }

    public DateTimeOffset? Expires { get; init; }

    /// <summary>i= of ARC, 0 when it is none of 1 to 50.</summary>
    public int Instance { get; init; }

    /// <summary>cv= of ARC.</summary>
    public string ChainStatus { get; init; } = "";

    /// <summary>Reads the field; as much as can be read is there even when <see cref="Fault"/> says that it is broken.</summary>
    /// <param name="field">The field with its folds.</param>
    /// <param name="kind">Which field.</param>
    public static DkimTags Read(ReadOnlySpan<byte> field, DkimField kind)
    {
        var value = Encoding.UTF8.GetString(field[(field.IndexOf((byte)':') + 1)..]);
        if (TagList.Parse(value) is not { } tags)
            return new DkimTags { Fault = DkimFault.NoTagList };
        if (kind == DkimField.Dkim && tags.GetValueOrDefault("v") != "1")
            return new DkimTags { Fault = DkimFault.Version };
        var read = new DkimTags
        {
            Algorithm = tags.GetValueOrDefault("a", ""),
            Domain = Name(tags.GetValueOrDefault("d", "")),
            Selector = Name(tags.GetValueOrDefault("s", "")),
            Identity = kind == DkimField.Dkim ? tags.GetValueOrDefault("i", "") : "",
            Instance = kind != DkimField.Dkim && Number(tags.GetValueOrDefault("i"), 2) is >= 1 and <= 50 and var instance ? (int)instance : 0,
            ChainStatus = tags.GetValueOrDefault("cv", ""),
            Signature = TagList.Bytes(tags.GetValueOrDefault("b", "")) ?? [],
        };
        return kind == DkimField.ArcSeal ? ReadSeal(read, tags) : ReadBody(read, tags, kind);
    }

    private static DkimTags ReadSeal(DkimTags read, Dictionary<string, string> tags)
    {
        if (tags.ContainsKey("h"))
            return read.Wrong("h");
        return read.ChainStatus is "none" or "pass" or "fail" ? Check(read with { HeaderForm = DkimForm.Relaxed }, tags, DkimField.ArcSeal) : read.Wrong("cv");
    }

    private static DkimTags ReadBody(DkimTags read, Dictionary<string, string> tags, DkimField kind)
    {
        if (!tags.TryGetValue("h", out var names))
            return read.Missing("h");
        read = read with { Names = TagList.Words(names), BodyHash = TagList.Bytes(tags.GetValueOrDefault("bh", "")) ?? [] };
        if (!tags.ContainsKey("bh"))
            return read.Missing("bh");
        if (read.BodyHash.Length == 0)
            return read.Wrong("bh");
        // RFC 8617 has no default of its own, and DKIM's is simple; the published suite and the sealers it came from mean relaxed.
        if (Forms(tags.GetValueOrDefault("c", kind == DkimField.Dkim ? "simple" : "relaxed/relaxed")) is not { } forms)
            return read.Wrong("c");
        read = read with { HeaderForm = forms.Header, BodyForm = forms.Body };
        if (tags.TryGetValue("l", out var length))
        {
            if (Number(length, 18) is not { } bytes)
                return read.Wrong("l");
            read = read with { Length = bytes };
        }
        if (kind == DkimField.Dkim && !read.Names.Contains("from", StringComparer.OrdinalIgnoreCase))
            return read with { Fault = DkimFault.FromNotSigned };
        // RFC 8617 section 4.1.2: seals are for later hops to add.
        if (kind == DkimField.ArcMessage && read.Names.Contains("arc-seal", StringComparer.OrdinalIgnoreCase))
            return read.Wrong("h");
        if (tags.TryGetValue("q", out var methods) && !TagList.Words(methods).Contains("dns/txt"))
            return read.Wrong("q");
        return Check(read, tags, kind);
    }

    private static DkimTags Check(DkimTags read, Dictionary<string, string> tags, DkimField kind)
    {
        foreach (var name in (ReadOnlySpan<string>)["a", "b", "d", "s"])
        {
            if (tags.GetValueOrDefault(name, "").Length == 0)
                return read.Missing(name);
        }
        if (read.Algorithm is not ("rsa-sha256" or "ed25519-sha256"))
            return read with { Fault = read.Algorithm == "rsa-sha1" ? DkimFault.OldAlgorithm : DkimFault.UnknownAlgorithm };
        if (read.Signature.Length == 0)
            return read.Wrong("b");
        if (read.Domain.Length == 0 || !read.Domain.Contains('.'))
            return read.Wrong("d");
        if (read.Selector.Length == 0)
            return read.Wrong("s");
        if (kind == DkimField.Dkim && !IsWithin(read.Identity, read.Domain, strict: false))
            return read with { Fault = DkimFault.IdentityOutsideDomain };
        foreach (var (name, last) in (ReadOnlySpan<(string, bool)>)[("t", false), ("x", true)])
        {
            if (!tags.TryGetValue(name, out var text))
                continue;
            if (Number(text, MostDigits) is not { } seconds || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
                return read.Wrong(name);
            var time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            read = last ? read with { Expires = time } : read with { SignedAt = time };
        }
        return read.Expires < read.SignedAt ? read with { Fault = DkimFault.Expired } : read;
    }

    /// <summary>True when i= is of the domain, or of one below it unless the key forbids that (t=s).</summary>
    public static bool IsWithin(string identity, string domain, bool strict)
    {
        if (identity.Length == 0)
            return true;
        var at = identity.LastIndexOf('@');
        var own = Name(identity[(at + 1)..]);
        return at >= 0 && (own == domain || (!strict && own.Length > 0 && DnsName.IsWithin(own, domain)));
    }

    private DkimTags Missing(string tag) => this with { Fault = DkimFault.TagMissing, About = tag };

    private DkimTags Wrong(string tag) => this with { Fault = DkimFault.TagUnreadable, About = tag };

    // A name as DNS is asked for it; empty when it cannot be one.
    private static string Name(string text)
    {
        var name = text.Contains('.') ? DnsName.Domain(text) ?? "" : DnsName.Normal(text);
        return DnsName.CanBeAsked(name) && !name.AsSpan().ContainsAnyExcept(DomainCharacters) ? name : "";
    }

    private static (DkimForm Header, DkimForm Body)? Forms(string text)
    {
        var slash = text.IndexOf('/');
        return (Form(slash < 0 ? text : text[..slash]), Form(slash < 0 ? "simple" : text[(slash + 1)..])) is ({ } header, { } body) ? (header, body) : null;
    }

    private static DkimForm? Form(string word) => word switch { "simple" => DkimForm.Simple, "relaxed" => DkimForm.Relaxed, _ => null };

    private static long? Number(string? text, int mostDigits) =>
        text?.Length > 0 && text.Length <= mostDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>The fields that are signatures.</summary>
internal enum DkimField
{
    /// <summary>DKIM-Signature</summary>
    Dkim = 1,
    /// <summary>ARC-Message-Signature</summary>
    ArcMessage,
    /// <summary>ARC-Seal</summary>
    ArcSeal,
}
