using System.Globalization;
using System.Net;
using System.Text;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Every trick of the table with every sort of value: what a person could read afterwards does not hold it any more.</summary>
public sealed class EvasionTests
{
    /// <summary>A value of each of eight sorts, with the words in which people write it.</summary>
    private static readonly (FindingType Type, string Before, string Value)[] Values =
    [
        (FindingType.Card, "My card is ", "4111111111111111"),
        (FindingType.Iban, "Pay to IBAN ", "GB82WEST12345698765432"),
        (FindingType.NationalId, "My SSN is ", "536-90-4399"),
        (FindingType.Phone, "Call me at ", "+14155550132"),
        (FindingType.Email, "Write to ", "ada.byron1815@analytical-engines.org"),
        (FindingType.IpAddress, "My IP address is ", "203.0.113.77"),
        (FindingType.Wallet, "My bitcoin wallet is ", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        (FindingType.Secret, "Our GitHub token is ", "ghp_3H2f5jnu1Kkxg8PgP9nTt1skBykXO4OizOrg"),
    ];

    public static TheoryData<string> Tricks() => [.. EvasionTricks.All.Select(trick => trick.Name)];

    [Theory]
    [MemberData(nameof(Tricks))]
    public void Nothing_written_by_this_trick_stays_readable(string name)
    {
        EvasionTrick trick = EvasionTricks.All.Single(t => t.Name == name);
        List<string> readable = [];
        foreach ((FindingType type, string before, string value) in Values)
        {
            string left = trick.In switch
            {
                EvasionTrick.Kind.Text => Redact.Text(before + trick.Write(value) + " thanks", RedactionPolicy.Default).Text,
                EvasionTrick.Kind.Html => Redact.Html($"<p>{before}{trick.Write(value)} thanks</p>", RedactionPolicy.Default).Text,
                EvasionTrick.Kind.Words => Redact.Html($"<p>{trick.Write(before + value)} thanks</p>", RedactionPolicy.Default).Text,
                _ => Shown(trick.Write(value)),
            };
            if (Signs(left).Contains(Signs(value), StringComparison.OrdinalIgnoreCase) || Signs(Read(left)).Contains(Signs(value), StringComparison.OrdinalIgnoreCase))
                readable.Add($"{type}: {left}");
        }

        Assert.True(readable.Count == 0, string.Join('\n', readable));
    }

    [Fact]
    public void The_table_has_sixty_tricks_at_least() => Assert.True(EvasionTricks.All.Select(t => t.Name).Distinct().Count() >= 60);

    private static string Shown(string source)
    {
        RedactedMail mail = Redact.Apply(MailMessage.Parse(Encoding.UTF8.GetBytes(source)), RedactionPolicy.Default);
        return string.Join('\n', [mail.Subject, mail.Text, mail.Html, mail.Reply, mail.Elided, mail.Signature, .. mail.From.Select(a => a.Name), .. mail.AttachmentNames]);
    }

    // What is left for an eye: references and escapes read, tags and what nobody sees away, every digit and letter plain.
    private static string Read(string html)
    {
        var text = new StringBuilder();
        bool tag = false;
        foreach (char c in html)
        {
            tag |= c == '<';
            if (!tag) text.Append(c);
            tag &= c != '>';
        }
        return WebUtility.HtmlDecode(Uri.UnescapeDataString(text.ToString()));
    }

    private static string Signs(string text)
    {
        var signs = new StringBuilder();
        foreach (Rune rune in WebUtility.HtmlDecode(Uri.UnescapeDataString(text)).Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            double digit = CharUnicodeInfo.GetNumericValue(rune.ToString(), 0);
            if (digit is >= 0 and <= 9) signs.Append((char)('0' + (int)digit));
            else if (Rune.IsLetter(rune)) signs.Append(rune);
        }
        return signs.ToString();
    }
}
