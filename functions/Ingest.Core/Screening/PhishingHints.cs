using Ingest.Core.Keys;
using Ingest.Core.Replies;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>Finds in a mail what deceivers do. Each find is a hint for a person and a weight for the filter, never a verdict. Linear in the mail, and bounded.</summary>
public static class PhishingHints
{
    private const int MostHosts = 60, LongestName = 500;

    private static readonly string[] Offices =
        ["support", "service", "security", "team", "account", "accounts", "billing", "customer", "care", "help", "helpdesk", "alert", "alerts", "notification", "notifications", "payments", "verification", "update", "center", "centre", "kundenservice", "sicherheit", "inc", "llc", "gmbh", "bank"];

    /// <summary>What is found, each once, in the order of the codes.</summary>
    /// <param name="message">The mail.</param>
    /// <param name="auth">Who sent it, as far as is proven.</param>
    /// <param name="ownDomains">The domains of the mailbox's own addresses, without those at which strangers get addresses.</param>
    public static IReadOnlyList<PhishingHint> Find(MailMessage message, AuthVerdict auth, IReadOnlyList<string> ownDomains)
    {
        SortedSet<PhishingHint> found = [];
        IReadOnlyList<string> own = [.. ownDomains.Select(HostNames.Registrable)];
        if (message.From is [var author, ..]) AddSender(found, message, author, auth, own);
        AddLinks(found, message, auth, own);
        if (Forms.AskForCredentials(message)) found.Add(PhishingHint.AsksForCredentials);
        if (Forms.IsDangerous(message)) found.Add(PhishingHint.DangerousAttachment);
        return [.. found];
    }

    private static void AddSender(SortedSet<PhishingHint> found, MailMessage message, MailAddress author, AuthVerdict auth, IReadOnlyList<string> own)
    {
        string domain = EmailIdentity.Domain(author.Domain), owner = HostNames.Registrable(domain);
        if (domain.Length == 0) return;
        if (LookAlike.Is(domain, own)) found.Add(PhishingHint.LookAlikeDomain);
        if (domain.Split('.', 20).Any(label => Confusables.MixesScripts(HostNames.Shown(label)))) found.Add(PhishingHint.MixedScriptDomain);
        // Lists and ticket systems write in the name of others, and say so.
        bool isPassedOn = message.Headers.Has("List-Id") || message.Headers.Has("List-Post") || message.Headers.Has("Mailing-List") || author.Name.Contains(" via ", StringComparison.OrdinalIgnoreCase);
        string name = author.Name.Length > LongestName ? author.Name[..LongestName] : author.Name;
        if (!isPassedOn && AddressIn(name) is { } shown && !HostNames.SameOwner(shown, domain)) found.Add(PhishingHint.NameShowsOtherAddress);
        if (!isPassedOn && IsNameOfAnother(name, owner, own)) found.Add(PhishingHint.NameOfAnother);
        if (own.Contains(owner) && !auth.Authenticated && auth.Reason is (AuthCode.DmarcFail or AuthCode.NotAligned or AuthCode.NothingProven or AuthCode.SeveralFrom or AuthCode.FromMismatch))
            found.Add(PhishingHint.PosesAsOurs);
        if (!isPassedOn && RepliesGoElsewhere(message, owner, auth, own)) found.Add(PhishingHint.ReplyToElsewhere);
    }

    // A proven newsletter may have its answers read by whom it likes, a form of ours names who filled it in, and one person has several addresses at public providers.
    private static bool RepliesGoElsewhere(MailMessage message, string owner, AuthVerdict auth, IReadOnlyList<string> own)
    {
        if (message.ReplyTo is not [var reply, ..] || own.Contains(owner)) return false;
        string target = HostNames.Registrable(reply.Domain);
        if (target.Length == 0 || target == owner || own.Contains(target)) return false;
        // Lists of old ask for answers to where they were written to.
        if (message.To.Concat(message.Cc).Any(to => to.Address.Equals(reply.Address, StringComparison.OrdinalIgnoreCase))) return false;
        if (message.Headers.Has("List-Unsubscribe") && auth.Authenticated) return false;
        bool toPublic = PublicMail.IsProvider(target), fromPublic = PublicMail.IsProvider(owner);
        // Organisations with several domains name them alike.
        if (HostNames.Label(target) == HostNames.Label(owner)) return false;
        return toPublic ? !fromPublic || !SameLocal(message.From[0].Address, reply.Address) : !auth.Authenticated || fromPublic;
    }

    private static bool SameLocal(string one, string other) => one.Split('@')[0].Equals(other.Split('@')[0], StringComparison.OrdinalIgnoreCase);

    // The domain of an address in a display name; null when there is none.
    private static string? AddressIn(string name)
    {
        int at = name.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || !char.IsLetterOrDigit(name[at - 1])) return null;
        int end = at + 1;
        while (end < name.Length && (char.IsLetterOrDigit(name[end]) || name[end] is '.' or '-')) end++;
        string domain = EmailIdentity.Domain(name[(at + 1)..end]);
        return domain.LastIndexOf('.') is > 0 and var dot && domain.Length - dot > 2 && domain[(dot + 1)..].All(char.IsLetter) ? domain : null;
    }

    // "PayPal Service" by another; not "Ann (PayPal)", who may work anywhere, nor "Apple Martin".
    private static bool IsNameOfAnother(string name, string owner, IReadOnlyList<string> own)
    {
        string[] words = Confusables.Letter(name).Split([' ', '\t', ',', '.', ':', '|', '!', '"', '\'', '(', ')', '-', '_', '®', '™'], 12, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 0 or > 11) return false;
        string label = HostNames.Label(owner), joined = string.Concat(words);
        bool sounds = words.Length == 1 || words.Skip(1).Any(w => Array.IndexOf(Offices, w) >= 0);
        foreach (string first in new[] { words[0], words.Length > 1 ? words[0] + words[1] : words[0], joined })
        {
            if (Brands.Named(first) is { } brand && (sounds || !brand.IsWord || first == joined) && !(brand.IsWord && words.Length == 1) && !brand.Owns(label) && !label.Contains(brand.Label, StringComparison.Ordinal)) return true;
            if (first.Length >= 5 && !own.Contains(owner) && sounds && own.Any(o => HostNames.Label(o) == first) && label != first) return true;
        }

        return false;
    }

    private static void AddLinks(SortedSet<PhishingHint> found, MailMessage message, AuthVerdict auth, IReadOnlyList<string> own)
    {
        List<MailLink> links = message.Html is { } html ? MailLinks.OfHtml(html) : MailLinks.OfText(message.Text ?? "");
        string owner = message.From is [var author, ..] ? HostNames.Registrable(author.Domain) : "";
        bool counts = message.Headers.Has("List-Unsubscribe") || message.Headers.Has("List-Id") || message.Headers.Has("Feedback-ID");
        HashSet<string> hosts = [];
        foreach (MailLink link in links)
        {
            if (link.Host.Length == 0) continue;
            if (link.IsToIpAddress) found.Add(PhishingHint.LinkToIpAddress);
            if (link.IsObscured) found.Add(PhishingHint.LinkObscured);
            if (link.Shown.Length > 0 && !HostNames.SameOwner(link.Shown, link.Host) && Deceives(link, owner, counts, auth)) found.Add(PhishingHint.LinkGoesElsewhere);
            if (hosts.Count < MostHosts && hosts.Add(link.Host) && !link.IsToIpAddress && LookAlike.Is(link.Host, own)) found.Add(PhishingHint.LinkToLookAlike);
        }
    }

    // Who sends newsletters counts clicks: their links lead to the counter first. That excuses nobody who shows a brand's address and is not that brand.
    private static bool Deceives(MailLink link, string owner, bool counts, AuthVerdict auth)
    {
        string shown = HostNames.Registrable(link.Shown), target = HostNames.Registrable(link.Host);
        if (HostNames.Label(shown) == HostNames.Label(target)) return false;
        // Its own site under its own counter, or another's site shown by the one who is linked to.
        if (auth.Authenticated && (shown == owner || target == owner)) return false;
        bool showsBrand = Brands.Named(HostNames.Label(shown)) is { } brand && !brand.Owns(HostNames.Label(owner)) && !brand.Owns(HostNames.Label(target));
        return showsBrand || !counts;
    }
}
