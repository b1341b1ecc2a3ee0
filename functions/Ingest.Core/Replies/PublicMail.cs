using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Ingest.Core.Replies;

/// <summary>
/// The public mailbox providers: who writes from there has an account of their own, which the provider itself keeps from taking another name each time. So many people
/// write from one of these domains that a limit for all of them together would meet the wrong ones.
/// </summary>
public static partial class PublicMail
{
    private static readonly FrozenSet<string> Domains = FrozenSet.ToFrozenSet(
    [
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com",
        "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "t-online.de", "freenet.de",
        "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it",
        "mail.ru", "yandex.ru", "yandex.com", "qq.com", "163.com", "126.com", "naver.com", "daum.net",
        "proton.me", "protonmail.com", "fastmail.com", "zoho.com", "btinternet.com", "comcast.net", "att.net", "verizon.net", "bigpond.com", "uol.com.br",
        "seznam.cz", "wp.pl", "o2.pl", "onet.pl", "interia.pl", "rediffmail.com",
    ], StringComparer.Ordinal);

    /// <summary>True for the domain of such a provider, in lower case; false for every name below it and for all others.</summary>
    public static bool IsProvider(string domain) => Domains.Contains(domain) || OfACountry().IsMatch(domain);

    // yahoo.fr and yahoo.co.uk; not yahoo.shop.example, whose addresses are whoever's it is.
    [GeneratedRegex(@"\A(?:yahoo|hotmail|live|outlook)\.(?:com?\.)?[a-z]{2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex OfACountry();
}
