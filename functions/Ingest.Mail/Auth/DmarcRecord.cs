namespace Ingest.Mail.Auth;

/// <summary>What a domain asks to be done with mail in its name (RFC 9989 section 4.7).</summary>
/// <param name="Text">The record as published.</param>
/// <param name="Tags">Its tags by name in lower case, the unknown ones too; the first of each name.</param>
public sealed record DmarcRecord(string Text, IReadOnlyDictionary<string, string> Tags)
{
    private const int MaxTags = 100;
    private static readonly string[] Removed = ["pct", "rf", "ri"];

    /// <summary>False when p=, sp= or np= cannot be understood and no reports are wanted: then it asks for nothing (section 4.7).</summary>
    public bool IsUsable { get; private init; }

    /// <summary>For the domain itself (p=).</summary>
    public DomainPolicy Policy { get; private init; }

    /// <summary>For names below it (sp=), null when it does not say.</summary>
    public DomainPolicy? SubdomainPolicy { get; private init; }

    /// <summary>For names below it that do not exist (np=), null when it does not say.</summary>
    public DomainPolicy? NonexistentPolicy { get; private init; }

    /// <summary>True when DKIM must be of the very domain (adkim=s).</summary>
    public bool IsDkimStrict => Is("adkim", "s");

    /// <summary>True when SPF must be of the very domain (aspf=s).</summary>
    public bool IsSpfStrict => Is("aspf", "s");

    /// <summary>True when the domain only tries its policy out (t=y): it asks for one step less.</summary>
    public bool IsTest => Is("t", "y");

    /// <summary>True for a domain under which others register (psd=y), false for an organisation's own (psd=n), null when it does not say.</summary>
    public bool? IsPublicSuffix => Is("psd", "y") ? true : Is("psd", "n") ? false : null;

    /// <summary>Where aggregate reports are wanted (rua=), mail addresses only.</summary>
    public IReadOnlyList<string> ReportTo => Addresses("rua");

    /// <summary>Where failure reports are wanted (ruf=), mail addresses only.</summary>
    public IReadOnlyList<string> FailuresTo => Addresses("ruf");

    /// <summary>The tags that RFC 9989 took away and that therefore change nothing.</summary>
    public IReadOnlyList<string> RemovedTags => [.. Removed.Where(Tags.ContainsKey)];

    /// <summary>True when a TXT record is a DMARC record at all: its first tag is v=DMARC1, in this case.</summary>
    public static bool IsOne(string text)
    {
        var end = text.IndexOf(';', StringComparison.Ordinal);
        var first = end < 0 ? text : text[..end];
        var equals = first.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && first.AsSpan(0, equals).Trim(" \t").Equals("v", StringComparison.OrdinalIgnoreCase) && first.AsSpan(equals + 1).Trim(" \t").SequenceEqual("DMARC1");
    }

    /// <summary>Reads a record; null when it is none. What is odd in it is left out (section 4.7).</summary>
    public static DmarcRecord? Parse(string text)
    {
        if (!IsOne(text))
            return null;
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in text.Split(';', MaxTags))
        {
            var equals = tag.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                tags.TryAdd(tag[..equals].Trim(' ', '\t').ToLowerInvariant(), tag[(equals + 1)..].Trim(' ', '\t'));
        }
        var record = new DmarcRecord(text, tags)
        {
            Policy = Word(tags.GetValueOrDefault("p")) ?? DomainPolicy.None,
            SubdomainPolicy = Word(tags.GetValueOrDefault("sp")),
            NonexistentPolicy = Word(tags.GetValueOrDefault("np")),
        };
        if (Word(tags.GetValueOrDefault("p")) is not null && !IsBroken(tags, "sp") && !IsBroken(tags, "np"))
            return record with { IsUsable = true };
        // Who wants reports is heard, and asks for nothing else.
        return record with { IsUsable = record.ReportTo.Count > 0, Policy = DomainPolicy.None, SubdomainPolicy = null, NonexistentPolicy = null };
    }

    private static bool IsBroken(Dictionary<string, string> tags, string name) => tags.TryGetValue(name, out var word) && Word(word) is null;

    private static DomainPolicy? Word(string? word) => word?.ToLowerInvariant() switch
    {
        "none" => DomainPolicy.None,
        "quarantine" => DomainPolicy.Quarantine,
        "reject" => DomainPolicy.Reject,
        _ => null,
    };

    private bool Is(string tag, string value) => Tags.TryGetValue(tag, out var found) && found.Equals(value, StringComparison.OrdinalIgnoreCase);

    // "mailto:a@b.example!10m, mailto:…"; the size limit after "!" is history.
    private List<string> Addresses(string tag)
    {
        var addresses = new List<string>();
        foreach (var uri in Tags.GetValueOrDefault(tag, "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (!uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
                continue;
            var address = uri[7..].Split('!', '?')[0];
            if (address.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < address.Length - 1)
                addresses.Add(address);
        }
        return addresses;
    }
}

/// <summary>What is asked for, from mild to strict.</summary>
public enum DomainPolicy
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>To be looked at with suspicion.</summary>
    Quarantine = 1,
    /// <summary>Not to be taken.</summary>
    Reject = 2,
}
