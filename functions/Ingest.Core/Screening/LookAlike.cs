namespace Ingest.Core.Screening;

/// <summary>Whether the name of a host is made to be taken for another's.</summary>
internal static class LookAlike
{
    // Shorter names are one letter apart from too many honest ones.
    private const int ShortestNear = 6, LongestLabel = 63, ShortestOwn = 4;

    // What stands beside a name to make it sound official.
    private static readonly string[] Baits =
    [
        "account", "accounts", "alert", "alerts", "auth", "billing", "confirm", "customer", "help", "helpdesk", "id", "info", "login", "logon", "mail", "my", "notice", "online", "pay", "payment", "portal", "refund", "secure", "security",
        "service", "services", "signin", "support", "team", "update", "verify", "verification", "web", "konto", "sicherheit", "kunden", "service-client", "compte", "cuenta", "delivery", "tracking", "parcel", "package", "paket", "invoice", "document",
    ];

    /// <summary>True when the host imitates a brand, or one of the tenant's own domains, and is neither.</summary>
    internal static bool Is(string host, IReadOnlyList<string> own)
    {
        string name = HostNames.Registrable(host);
        if (name.Length == 0 || own.Contains(name)) return false;
        string label = HostNames.Shown(HostNames.Label(name));
        if (label.Length > LongestLabel || Brands.IsOwned(label)) return false;
        string look = Confusables.Look(label);
        foreach (Brands.Brand brand in Brands.Looking(look))
            // The same name under another ending is mostly a shop of theirs in another country.
            if (brand.Label != label && !brand.Owns(label)) return true;
        return IsNearBrand(label, look) || HasBrandInFront(host, name) || own.Any(o => IsNearOwn(name, label, look, o));
    }

    private static bool IsNearBrand(string label, string look)
    {
        if (look.Length >= ShortestNear && label.Length >= ShortestNear)
            foreach (Brands.Brand brand in Brands.All)
                if (!brand.IsWord && brand.Label.Length >= ShortestNear && Math.Abs(brand.Look.Length - look.Length) <= 1 && look[0] == brand.Look[0] && IsOneApart(look, brand.Look)) return true;
        string[] parts = label.Split(['-', '_'], 8, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2) return false;
        foreach (string part in parts)
            foreach (Brands.Brand brand in Brands.Looking(Confusables.Look(part)))
                if (!brand.IsWord || parts.Any(p => Array.IndexOf(Baits, p) >= 0)) return true;
        return false;
    }

    // paypal.com.account.example: what is read first is not who it belongs to.
    private static bool HasBrandInFront(string host, string registrable)
    {
        string name = Keys.EmailIdentity.Domain(host);
        if (name.Length <= registrable.Length) return false;
        string[] labels = name[..^(registrable.Length + 1)].Split('.', 20);
        for (int i = 0; i + 1 < labels.Length; i++)
            if (labels[i + 1] is "com" or "net" or "org" or "co" && Brands.Named(labels[i]) is not null) return true;
        return false;
    }

    private static bool IsNearOwn(string name, string label, string look, string own)
    {
        string mine = HostNames.Shown(HostNames.Label(own)), myLook = Confusables.Look(mine);
        if (mine.Length < ShortestOwn) return false;
        // Under another ending, or in other letters.
        if (look == myLook) return name != own;
        if (mine.Length >= ShortestNear && Math.Abs(myLook.Length - look.Length) <= 1 && IsOneApart(look, myLook)) return true;
        return mine.Length >= ShortestNear && label.Split('-').Any(part => Confusables.Look(part) == myLook);
    }

    /// <summary>True when one letter was left out, put in, changed, or swapped with its neighbour. One pass.</summary>
    internal static bool IsOneApart(string one, string other)
    {
        if (one == other) return false;
        (string shorter, string longer) = one.Length <= other.Length ? (one, other) : (other, one);
        if (longer.Length - shorter.Length > 1) return false;
        int same = 0;
        while (same < shorter.Length && shorter[same] == longer[same]) same++;
        if (shorter.Length < longer.Length) return shorter.AsSpan(same).SequenceEqual(longer.AsSpan(same + 1));
        if (shorter.AsSpan(same + 1).SequenceEqual(longer.AsSpan(same + 1))) return true;
        return same + 1 < shorter.Length && shorter[same] == longer[same + 1] && shorter[same + 1] == longer[same] && shorter.AsSpan(same + 2).SequenceEqual(longer.AsSpan(same + 2));
    }
}
