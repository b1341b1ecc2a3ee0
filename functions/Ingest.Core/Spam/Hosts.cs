using System.Buffers;

namespace Ingest.Core.Spam;

/// <summary>What the name of a host or domain alone gives away.</summary>
internal static class Hosts
{
    private const int RandomFrom = 8;

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_cheapEnds = Set(
        "xyz top club icu buzz click link shop online site website space live fun rest cyou sbs cfd bond work loan win bid party date stream gdn men review trade accountant faith cricket download racing science "
        + "webcam quest monster beauty hair skin makeup boats autos lol mom zip mov tk ml ga cf gq pw su cam best digital today world uno vip wang ltd surf biz.id my.id");

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_shorteners = Set(
        "bit.ly tinyurl.com t.co goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly shorturl.at rb.gy tiny.cc t.ly bl.ink lnkd.in s.id v.gd short.io n9.cl qrco.de u.to clck.ru soo.gd shrtco.de adf.ly bit.do "
        + "urlz.fr urls.fr did.li dub.sh tr.ee linktr.ee shorturl.asia encurtador.com.br acesse.one l.ead.me me-qr.com qr.page");

    // Anyone gets a page or a file there within a minute, under a name that others trust.
    private static readonly string[] s_openHosts =
    [
        "storage.googleapis.com", "firebasestorage.googleapis.com", "sites.google.com", "translate.goog", "web.app", "firebaseapp.com", "appspot.com", "run.app", "amazonaws.com", "amplifyapp.com",
        "blob.core.windows.net", "web.core.windows.net", "azurewebsites.net", "azureedge.net", "azurefd.net", "pages.dev", "workers.dev", "r2.dev", "cloudflare-ipfs.com", "ipfs.io", "ipfs.dweb.link", "nftstorage.link",
        "netlify.app", "vercel.app", "herokuapp.com", "onrender.com", "github.io", "gitbook.io", "glitch.me", "repl.co", "surge.sh", "ngrok.io", "ngrok-free.app", "trycloudflare.com", "weebly.com", "weeblysite.com",
        "wixsite.com", "wixstudio.com", "webflow.io", "godaddysites.com", "square.site", "myshopify.com", "blogspot.com", "wordpress.com", "000webhostapp.com", "duckdns.org", "no-ip.org", "ddns.net", "hopto.org", "webcindario.com", "fleek.co",
        "oraclecloud.com", "backblazeb2.com", "digitaloceanspaces.com", "linodeobjects.com", "wasabisys.com", "myqcloud.com", "aliyuncs.com", "sharepoint.com.de", "notion.site", "carrd.co", "typedream.app", "framer.app", "canva.site",
        "forms.gle", "jotform.com", "typeform.com", "formstack.com", "123formbuilder.com", "zohopublic.com", "page.link", "telegra.ph",
    ];

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_freeMail = Set(
        "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.es yahoo.it yahoo.com.br yahoo.co.jp yahoo.co.in ymail.com rocketmail.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.es hotmail.it outlook.com outlook.fr outlook.de "
        + "outlook.es live.com live.fr live.co.uk msn.com aol.com icloud.com me.com mac.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de mail.com email.com mail.ru bk.ru list.ru inbox.ru yandex.ru yandex.com rambler.ru protonmail.com proton.me "
        + "pm.me tutanota.com tuta.io zoho.com fastmail.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz uol.com.br bol.com.br terra.com.br ig.com.br qq.com 163.com 126.com "
        + "sina.com naver.com hanmail.net daum.net rediffmail.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net btinternet.com sky.com talktalk.net virginmedia.com shaw.ca rogers.com sympatico.ca bigpond.com optusnet.com.au ziggo.nl kpnmail.nl telenet.be skynet.be bluewin.ch");

    private static readonly SearchValues<char> s_vowels = SearchValues.Create("aeiouy");

    /// <summary>The part of a host that one organisation owns: its last two labels, or three where the second is a short one such as "co".</summary>
    public static ReadOnlySpan<char> Owner(ReadOnlySpan<char> host)
    {
        int last = host.LastIndexOf('.');
        if (last <= 0) return host;
        int second = host[..last].LastIndexOf('.');
        if (second <= 0) return host[(second + 1)..];
        bool isSuffix = host.Length - last == 3 && last - second - 1 <= 3;
        int third = isSuffix ? host[..second].LastIndexOf('.') : second;
        return host[(third + 1)..];
    }

    /// <summary>True for a top-level domain, or one below it, at which names cost next to nothing.</summary>
    public static bool HasCheapEnd(ReadOnlySpan<char> host) => host.LastIndexOf('.') is > 0 and var dot && s_cheapEnds.Contains(host[(dot + 1)..]);

    public static bool IsShortener(ReadOnlySpan<char> host) => s_shorteners.Contains(host.StartsWith("www.") ? host[4..] : host);

    public static bool IsFreeMail(ReadOnlySpan<char> domain) => s_freeMail.Contains(domain);

    public static bool IsOpenHost(ReadOnlySpan<char> host)
    {
        foreach (string name in s_openHosts)
            if (host.EndsWith(name) && (host.Length == name.Length || host[^(name.Length + 1)] == '.')) return true;
        return false;
    }

    /// <summary>True when the label that was registered, or the one below it, looks drawn by a machine: digits and letters in turn, or letters that nobody can say.</summary>
    public static bool LooksRandom(ReadOnlySpan<char> host)
    {
        ReadOnlySpan<char> owner = Owner(host);
        return IsRandom(owner[..Math.Max(owner.IndexOf('.'), 0)]);
    }

    /// <summary>True for a word of eight characters or more that looks drawn by a machine.</summary>
    public static bool IsRandom(ReadOnlySpan<char> label)
    {
        if (label.Length < RandomFrom || label.StartsWith("xn--")) return false;
        int turns = 0, unsaid = 0, longest = 0;
        for (int i = 0; i < label.Length; i++)
        {
            char c = label[i];
            if (i > 0 && char.IsAsciiDigit(c) != char.IsAsciiDigit(label[i - 1]) && c != '-' && label[i - 1] != '-') turns++;
            unsaid = char.IsAsciiLetter(c) && !s_vowels.Contains(c) ? unsaid + 1 : 0;
            longest = Math.Max(longest, unsaid);
        }

        return turns >= 4 || longest >= 6 || (turns >= 3 && longest >= 4);
    }

    private static HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(string words) =>
        new HashSet<string>(words.Split(' '), StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
}
