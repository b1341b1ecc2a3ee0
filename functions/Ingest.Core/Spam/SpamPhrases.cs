using System.Buffers;

namespace Ingest.Core.Spam;

/// <summary>Phrases that are common in spam and rare in mail between people and firms. A single one proves nothing: even the strongest is a quarter of the way.</summary>
internal static class SpamPhrases
{
    private const int ReadAtMost = 64 * 1024;
    private const double Most = 6;

    private static readonly Dictionary<string, double> Weights = Table(
        (1.6,
        [
            "remove in the subject", "\"remove\" in the subject", "removal instructions", "reply with remove", "removed from our", "s. 1618", "s.1618", "section 301",
            "bulk friendly", "million email", "bulk e-mail", "bulk email", "dear homeowner", "financial freedom", "be your own boss", "abacha", "next of kin",
            "modalities", "foreign account", "late president", "human growth hormone", "free quote", "lowest rates", "bad credit", "credit card debt", "100% free",
            "earn $", "work from home", "home based business", "extra income", "online pharmacy", "lose weight", "money-back guarantee", "hot girls",
            "reply with your full name", "your mailbox is full", "mailbox has exceeded", "your password will expire", "verify your account", "confirm your identity",
            "you have been selected to receive", "compensation fund", "unclaimed funds", "i recorded you", "seed phrase", "double your bitcoin",
        ]),
        (0.9,
        [
            "to be removed", "remove me", "risk free", "risk-free", "money back", "money-back", "no obligation", "act now", "limited time", "extra cash", "work at home",
            "working from home", "million dollars", "thousands of dollars", "viagra", "penis", "refinanc", "interest rates", "herbal", "weight loss", "life insurance",
            "term life", "absolutely free", "order now", "call now", "toner cartridge", "casino bonus", "no experience", "start earning", "fraction of the cost",
            "as seen on", "while supplies last", "this is not spam", "opt-in", "dear friend", "dear sir", "beneficiary", "bank account", "claim your", "kindly",
            "search engines", "web traffic", "seo services", "guest post", "first page of google", "click below", "click on the link below", "account has been suspended",
            "account will be closed", "gift card", "wire transfer", "crypto", "wallet", "pharmacy", "multi-level", "mlm", "your package could not be delivered",
            "guaranteed", "special offer", "no cost", "save up to", "university diploma", "financially independent", "investment opportunity",
        ]));

    private static readonly SearchValues<string> All = SearchValues.Create([.. Weights.Keys], StringComparison.OrdinalIgnoreCase);
    private static readonly ILookup<char, string> ByFirstLetter = Weights.Keys.OrderByDescending(p => p.Length).ToLookup(p => p[0]);

    /// <summary>The weight of all different phrases together, up to a limit.</summary>
    internal static double Weigh(string subject, string text)
    {
        HashSet<string> seen = [];
        Collect(subject, seen);
        Collect(text.AsSpan(0, Math.Min(text.Length, ReadAtMost)), seen);
        return Math.Min(Most, seen.Sum(phrase => Weights[phrase]));
    }

    private static void Collect(ReadOnlySpan<char> text, HashSet<string> seen)
    {
        for (int at = text.IndexOfAny(All); at >= 0; at = text.IndexOfAny(All))
        {
            text = text[at..];
            foreach (string phrase in ByFirstLetter[char.ToLowerInvariant(text[0])])
                if (text.StartsWith(phrase, StringComparison.OrdinalIgnoreCase))
                {
                    seen.Add(phrase);
                    break;
                }
            text = text[1..];
        }
    }

    private static Dictionary<string, double> Table(params ReadOnlySpan<(double Weight, string[] Phrases)> rows)
    {
        var table = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach ((double weight, string[] phrases) in rows)
            foreach (string phrase in phrases)
                table.Add(phrase, weight);
        return table;
    }
}
