using System.Collections.Frozen;

namespace Ingest.Core.Redaction;

/// <summary>The part of an e-mail address after the sign.</summary>
internal static class EmailDomain
{
    private const int Longest = 255, LongestLabel = 63, Letters = 26;

    // The generic domains that people have addresses in; two letters are a country's.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Generic = new[]
    {
        "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "name", "pro", "aero", "coop", "museum", "jobs", "mobi", "travel", "cat", "asia", "tel", "post", "arpa", "app", "dev", "cloud", "online",
        "site", "shop", "store", "tech", "blog", "email", "mail", "page", "live", "life", "world", "digital", "agency", "studio", "design", "media", "news", "group", "company", "solutions", "services", "systems",
        "software", "network", "support", "consulting", "global", "international", "ltd", "gmbh", "inc", "llc", "bank", "finance", "money", "capital", "legal", "law", "health", "care", "clinic", "dental", "school",
        "academy", "university", "education", "training", "club", "social", "community", "foundation", "charity", "ngo", "ong", "eus", "gal", "scot", "wales", "berlin", "hamburg", "koeln", "cologne", "wien", "tirol",
        "swiss", "paris", "bzh", "london", "nyc", "tokyo", "amsterdam", "vlaanderen", "brussels", "bayern", "saarland", "ruhr", "nrw", "istanbul", "moscow", "eco", "green", "energy", "art", "film", "music", "photo",
        "photography", "games", "game", "team", "work", "works", "zone", "space", "website", "web", "host", "hosting", "xyz", "top", "icu", "vip", "win", "bid", "click", "link", "fun", "today", "expert", "express",
        "exchange", "center", "house", "land", "city", "town", "place", "properties", "estate", "realty", "build", "builders", "construction", "engineering", "engineer", "industries", "supply", "tools", "parts",
        "auto", "cars", "bike", "fit", "fitness", "yoga", "run", "golf", "football", "restaurant", "cafe", "coffee", "pizza", "beer", "wine", "kitchen", "recipes", "hotel", "tours", "holiday", "vacations", "flights",
        "science", "research", "institute", "edeka", "google", "microsoft", "apple", "amazon", "bmw", "audi", "ovh", "one", "plus", "best", "cool", "guru", "ninja", "rocks", "wtf", "lol", "ai", "io", "example", "test",
        "invalid", "localhost", "local", "internal", "lan", "corp", "home", "onion", "pub", "ink", "wiki", "chat", "video", "stream", "tv", "радио", "рф", "онлайн", "сайт", "укр", "бел", "中国", "中國", "公司", "网络", "香港", "台灣",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly bool[] Countries = ByLetters(
        "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy "
        + "hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa "
        + "re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw");
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Files = new[]
    {
        "png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "css", "js", "ts", "py", "rb", "sh", "md", "txt", "html", "htm", "php", "asp", "jsp", "xml", "json", "csv", "doc", "docx", "xls", "pdf", "zip", "exe", "dll", "service",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>True for the last part of a file's name.</summary>
    internal static bool IsFile(ReadOnlySpan<char> label) => Files.Contains(label);

    /// <summary>Where the domain ends that begins at a place, without the points and words that follow it, and how likely it is one; 0 when there is none.</summary>
    internal static int End(ReadOnlySpan<char> text, int start, out double confidence)
    {
        confidence = 0;
        if (start < text.Length && text[start] == '[')
            return Literal(text, start, out confidence);
        int i = start, known = 0, labels = 0, last = start, end = start < text.Length ? LabelEnd(text, start) : start;
        while (i < text.Length && i - start < Longest && end > i)
        {
            labels++;
            if (labels > 1 && IsTop(text[i..end]))
                known = end;
            (last, i) = (i, end);
            if (i + 1 >= text.Length || text[i] != '.' || LabelEnd(text, i + 1) is var next && next == i + 1)
                break;
            (i, end) = (i + 1, next);
        }
        if (labels == 0)
            return 0;
        // A sentence that begins without a blank is no part of it; one without a top is an account of some system.
        if (known > 0)
            confidence = 0.95;
        else if (labels > 1 && !char.IsAsciiDigit(text[last]) && i - last > 1)
            confidence = Files.Contains(text[last..i]) ? 0.2 : 0.55;
        else
            confidence = 0.1;
        return known > 0 ? known : i;
    }

    /// <summary>True for a name that ends as the names of domains do.</summary>
    internal static bool IsKnown(ReadOnlySpan<char> name) => name.LastIndexOf('.') is > 0 and int dot && IsTop(name[(dot + 1)..]);

    /// <summary>True for the last label of a domain's name.</summary>
    internal static bool IsTop(ReadOnlySpan<char> label) =>
        (label.Length == 2 && IsCountry(label[0], label[1])) || (label is ['x' or 'X', ..] && label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase)) || Generic.Contains(label);

    private static bool IsCountry(char first, char second) => char.IsAsciiLetter(first) && char.IsAsciiLetter(second) && Countries[Place(first, second)];

    private static int Place(char first, char second) => ((first | 0x20) - 'a') * Letters + (second | 0x20) - 'a';

    private static bool[] ByLetters(string countries)
    {
        bool[] known = new bool[Letters * Letters];
        foreach (string country in countries.Split(' '))
            known[Place(country[0], country[1])] = true;
        return known;
    }

    private static int LabelEnd(ReadOnlySpan<char> text, int start)
    {
        int i = start;
        while (i < text.Length && i - start < LongestLabel && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '-' or '_' || char.IsLetterOrDigit(text[i])))
            i++;
        while (i > start && text[i - 1] is '-' or '_')
            i--;
        return i > start && text[start] == '-' ? start : i;
    }

    // name@[192.0.2.1]
    private static int Literal(ReadOnlySpan<char> text, int start, out double confidence)
    {
        ReadOnlySpan<char> rest = text[(start + 1)..Math.Min(text.Length, start + 60)];
        int close = rest.IndexOf(']');
        bool good = close > 0 && (IpAddresses.Ipv4End(rest, 0) == close || (rest.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) && Ipv6Shape.End(rest[5..close]) == close - 5));
        confidence = good ? 0.97 : 0;
        return good ? start + close + 2 : 0;
    }
}
