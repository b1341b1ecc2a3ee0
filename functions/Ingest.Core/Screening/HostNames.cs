using System.Collections.Frozen;
using System.Globalization;
using Ingest.Core.Keys;

namespace Ingest.Core.Screening;

/// <summary>
/// Who a host belongs to, told from its name alone. Not the public suffix list: the second labels under which countries register, and the hosts at which anybody gets a
/// name of their own. Where it errs it takes two owners for one, or one for two, and only a hint hangs from that.
/// </summary>
internal static class HostNames
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true, UseStd3AsciiRules = false };

    // Labels that countries keep for kinds of holders; two letters in the last label go with them.
    private static readonly FrozenSet<string> Kinds = FrozenSet.ToFrozenSet(
    [
        "ac", "co", "com", "edu", "gov", "gob", "gouv", "go", "gv", "govt", "mil", "net", "ne", "nhs", "nom", "or", "org", "ltd", "plc", "me", "sch", "school", "id", "asn", "info", "biz", "web", "firm", "store",
        "ind", "gen", "in", "ad", "ed", "gr", "lg", "re", "pe", "geek", "iwi", "kiwi", "maori", "k12", "law", "police", "press", "asso", "tm", "prd", "idf", "art", "adv", "blog", "eco", "jus", "leg", "mus", "tv", "msk", "spb",
    ], StringComparer.Ordinal);

    // Under these everyone is someone else.
    private static readonly FrozenSet<string> Shared = FrozenSet.ToFrozenSet(
    [
        "appspot.com", "azurewebsites.net", "azurestaticapps.net", "azureedge.net", "azurefd.net", "blob.core.windows.net", "web.core.windows.net", "cloudapp.net", "cloudfront.net", "s3.amazonaws.com", "amplifyapp.com",
        "blogspot.com", "firebaseapp.com", "web.app", "github.io", "githubusercontent.com", "gitlab.io", "glitch.me", "herokuapp.com", "myshopify.com", "netlify.app", "ngrok.io", "ngrok-free.app", "pages.dev", "workers.dev", "r2.dev",
        "onrender.com", "repl.co", "replit.app", "square.site", "surge.sh", "trycloudflare.com", "vercel.app", "weebly.com", "weeblysite.com", "wixsite.com", "wordpress.com", "000webhostapp.com", "duckdns.org", "no-ip.org", "ddns.net",
        "translate.goog", "godaddysites.com", "webflow.io", "framer.app", "framer.website", "zendesk.com", "freshdesk.com", "atlassian.net", "sharepoint.com", "my.salesforce.com", "onmicrosoft.com", "mybluehost.me", "ipfs.dweb.link",
    ], StringComparer.Ordinal);

    /// <summary>The name under which the host was registered, in lower case ASCII: "mail.shop.co.uk" is "shop.co.uk". An address of a machine is itself.</summary>
    internal static string Registrable(string host)
    {
        string name = EmailIdentity.Domain(host);
        string[] labels = name.Split('.', 20);
        if (labels.Length < 3) return name;
        for (int take = Math.Min(labels.Length - 1, 4); take >= 2; take--)
            if (Shared.Contains(string.Join('.', labels[^take..]))) return string.Join('.', labels[^(take + 1)..]);
        bool underKind = labels[^1].Length == 2 && Kinds.Contains(labels[^2]);
        return string.Join('.', labels[^(underKind ? 3 : 2)..]);
    }

    /// <summary>The label that its holder chose: "shop" of "mail.shop.co.uk".</summary>
    internal static string Label(string registrable) => registrable.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? registrable[..dot] : registrable;

    /// <summary>True for two hosts of one owner.</summary>
    internal static bool SameOwner(string one, string other) => Registrable(one) == Registrable(other);

    /// <summary>The label as people see it: A-labels (RFC 5890) read, others as they are.</summary>
    internal static string Shown(string label)
    {
        if (!label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase)) return label;
        try
        {
            return Idn.GetUnicode(label);
        }
        catch (ArgumentException)
        {
            return label;
        }
    }
}
