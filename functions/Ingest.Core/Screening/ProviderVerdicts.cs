using System.Globalization;
using Ingest.Core.Mailboxes;
using Ingest.Core.Spam;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>
/// What the filter of the mailbox's own provider made of a mail, from the fields that it writes. A field counts where nobody else can have written it: above the line by
/// which the mail came into the provider's hands, or, of Microsoft, under names that its border takes away from mail that comes in.
/// </summary>
public static class ProviderVerdicts
{
    // X-MS-Exchange-Organization-SCL: 5 and 6 are spam, 7 to 9 are sure spam, -1 was not looked at.
    private const int SpamLevel = 5, HighestLevel = 9;

    private static readonly string[] Microsoft = ["outlook.com", "office365.com", "hotmail.com", "protection.outlook.com", "prod.outlook.com"];

    /// <summary>The verdict; None when the provider is not known, said nothing, or its field may be another's.</summary>
    public static ProviderVerdict Read(MailMessage message, MailboxProfile profile, Origin.Border? border)
    {
        if (border is null) return ProviderVerdict.None;
        if (Array.Exists(Microsoft, domain => border.Line.By == domain || border.Line.By.EndsWith("." + domain, StringComparison.Ordinal)) && OfMicrosoft(message.Headers) is not ProviderVerdict.None and var found)
            return found;
        return Above(message.Headers, border.Place);
    }

    private static ProviderVerdict Above(HeaderList headers, int border)
    {
        ProviderVerdict verdict = ProviderVerdict.None;
        for (int place = 0; place < border; place++)
        {
            Header header = headers[place];
            ProviderVerdict said = header.Name.ToUpperInvariant() switch
            {
                "X-SPAM-FLAG" or "X-SPAM" or "X-GM-SPAM" or "X-GM-PHISHY" => YesNo(header.Value),
                "X-SPAM-STATUS" => YesNo(header.Value),
                "X-SPAM-ACTION" or "X-RSPAMD-ACTION" => ByAction(header.Value),
                "X-GM-LABELS" => header.Value.Contains("\\Spam", StringComparison.OrdinalIgnoreCase) ? ProviderVerdict.Spam : ProviderVerdict.None,
                _ => ProviderVerdict.None,
            };
            // One that says spam is not unsaid by another: several filters may stand in a row.
            if (said == ProviderVerdict.Spam) return said;
            if (said == ProviderVerdict.Ham) verdict = said;
        }

        return verdict;
    }

    private static ProviderVerdict YesNo(string value) => FirstWord(value) switch
    {
        "yes" or "true" or "1" or "spam" => ProviderVerdict.Spam,
        "no" or "false" or "0" or "ham" => ProviderVerdict.Ham,
        _ => ProviderVerdict.None,
    };

    // rspamd's words; greylisting and rewriting say nothing of the mail itself.
    private static ProviderVerdict ByAction(string value) => value.Trim().ToLowerInvariant() switch
    {
        "reject" or "add header" or "rewrite subject" => ProviderVerdict.Spam,
        "no action" => ProviderVerdict.Ham,
        _ => ProviderVerdict.None,
    };

    // Two of one name: one of them came with the mail.
    private static ProviderVerdict OfMicrosoft(HeaderList headers)
    {
        if (headers.FindAll("X-Forefront-Antispam-Report").Take(2).ToArray() is [var report])
        {
            string filter = Part(report.Unfolded, "SFV");
            if (filter is "SPM" or "SKB" or "SKS" or "PHISH" || Part(report.Unfolded, "CAT") is "SPM" or "HSPM" or "PHSH" or "HPHSH" or "HPHISH" or "MALW" or "SPOOF") return ProviderVerdict.Spam;
            if (Level(Part(report.Unfolded, "SCL")) is { } told) return told;
            if (filter == "NSPM") return ProviderVerdict.Ham;
        }

        return headers.FindAll("X-MS-Exchange-Organization-SCL").Take(2).ToArray() is [var level] ? Level(level.Unfolded) ?? ProviderVerdict.None : ProviderVerdict.None;
    }

    private static ProviderVerdict? Level(string text) => int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int level)
        ? level switch
        {
            >= SpamLevel and <= HighestLevel => ProviderVerdict.Spam,
            >= 0 and < SpamLevel => ProviderVerdict.Ham,
            _ => ProviderVerdict.None,
        }
        : null;

    private static string Part(string report, string name)
    {
        foreach (string part in report.Split(';', 60))
            if (part.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && part.AsSpan(0, colon).Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) return part[(colon + 1)..].Trim().ToUpperInvariant();
        return "";
    }

    private static string FirstWord(string value) =>
        value.Split([' ', '\t', ',', ';', '('], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [{ } word, ..] ? word.ToLowerInvariant() : "";
}
