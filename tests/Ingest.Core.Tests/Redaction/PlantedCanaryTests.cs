using System.IO.Compression;
using System.Net;
using System.Text;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>What is planted in any place of a mail is found nowhere in what is kept of it, packed, encoded or plain.</summary>
public sealed class PlantedCanaryTests
{
    /// <summary>What is planted, by sort: a new sort of finding is another line here.</summary>
    internal static readonly (FindingType Type, string Canary)[] Canaries =
    [
        (FindingType.Card, "5105105105105100"),
        (FindingType.CardCode, "CVV number 654"),
        (FindingType.CardExpiry, "card valid until 12-2029"),
        (FindingType.Iban, "GB82WEST12345698765432"),
        (FindingType.BankAccount, "account number 31926819"),
        (FindingType.NationalId, "SSN 536-90-4399"),
        (FindingType.Passport, "passport number C01X00T47"),
        (FindingType.DrivingLicence, "driving licence MORGA657054SM9IJ"),
        (FindingType.DateOfBirth, "date of birth 07.03.1984"),
        (FindingType.Phone, "call +14155550132"),
        (FindingType.PostalAddress, "my address is 12 Baker Street London NW1 6XE"),
        (FindingType.Wallet, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        (FindingType.HealthNumber, "patient number 00482913"),
        (FindingType.Secret, "ghp_3H2f5jnu1Kkxg8PgP9nTt1skBykXO4OizOrg"),
        (FindingType.Email, "grace.hopper77@navy.example.com"),
        (FindingType.IpAddress, "85.214.132.117"),
    ];

    public static TheoryData<string, string> Planted()
    {
        var data = new TheoryData<string, string>();
        foreach (string place in CanaryPlaces.Names)
            foreach ((FindingType type, _) in Canaries)
                data.Add(place, type.ToString());
        return data;
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public void A_canary_is_found_nowhere_in_what_is_kept(string place, string type)
    {
        string canary = Canaries.Single(c => c.Type.ToString() == type).Canary;
        byte[] raw = CanaryPlaces.With(place, canary);
        MailMessage message = MailMessage.Parse(raw);
        List<byte[]> before = [.. Texts(message).Select(Encoding.UTF8.GetBytes), .. message.Attachments.Select(a => a.Decode())];
        // These packings are read by the product only; that it read them is proven by the copy it made.
        bool foreign = place is "pdf in hexadecimal" or "pdf in ASCII 85" or "pdf in LZW";
        Assert.True(foreign || before.Exists(b => Shows(b, canary)), "The canary cannot be seen where it was planted, so its absence would prove nothing.");

        RedactedMail mail = Redact.Apply(message, RedactionPolicy.Default);
        var files = new FileSearch(RedactionPolicy.Default);
        List<RedactedAttachment> attachments = [.. message.Attachments.Select(files.Redact)];

        Assert.True(!foreign || attachments.Exists(a => Encoding.UTF8.GetString(a.Content).Contains("mine is", StringComparison.Ordinal)));
        Assert.NotEmpty(mail.Findings.Concat(attachments.SelectMany(a => a.Findings)));
        foreach (string text in Texts(mail))
            Assert.False(Shows(Encoding.UTF8.GetBytes(text), canary), $"It stands in: {text}");
        foreach (RedactedAttachment attachment in attachments)
        {
            Assert.False(Shows(attachment.Content, canary), $"It stands in the attachment {attachment.Name}, {attachment.State}: {Encoding.Latin1.GetString(attachment.Content)}");
            Assert.False(Shows(Encoding.UTF8.GetBytes(attachment.Name + " " + string.Join(' ', attachment.Entries)), canary));
        }
    }

    private static IEnumerable<string> Texts(MailMessage m) =>
        [m.Subject, m.Text ?? "", m.Html ?? "", m.Reply, m.Elided, m.Signature, .. m.From.Concat(m.To).Concat(m.Cc).Concat(m.ReplyTo).Select(a => a.Name), .. m.Attachments.Select(a => a.SafeName)];

    private static IEnumerable<string> Texts(RedactedMail m) =>
        [m.Subject, m.Text ?? "", m.Html ?? "", m.Reply, m.Elided, m.Signature, .. m.From.Concat(m.To).Concat(m.Cc).Concat(m.ReplyTo).Select(a => a.Name), .. m.AttachmentNames];

    /// <summary>True when the bytes, or what is packed or encoded in them, show the letters and digits of the canary in a row.</summary>
    private static bool Shows(byte[] bytes, string canary) => Forms(bytes, 0).Any(form => Letters(form).Contains(Letters(canary), StringComparison.Ordinal));

    private static string Letters(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    private static IEnumerable<string> Forms(byte[] bytes, int depth)
    {
        if (depth > 5 || bytes.Length == 0)
            yield break;
        string latin = Encoding.Latin1.GetString(bytes);
        yield return latin;
        yield return latin.Replace("\0", "", StringComparison.Ordinal);
        string bare = WithoutTags(latin);
        yield return WebUtility.HtmlDecode(bare);
        yield return WithoutTags(WebUtility.HtmlDecode(latin));
        yield return Uri.UnescapeDataString(WebUtility.HtmlDecode(latin));
        yield return Uri.UnescapeDataString(latin.Replace("=\r\n", "", StringComparison.Ordinal).Replace('=', '%'));
        yield return Backslashes(latin);
        yield return Hexadecimal(latin);
        yield return latin.Replace("\r\n ", "", StringComparison.Ordinal);
        yield return PdfStrings(latin);
        foreach (byte[] inner in Unpacked(bytes, latin))
            foreach (string form in Forms(inner, depth + 1))
                yield return form;
    }

    private static IEnumerable<byte[]> Unpacked(byte[] bytes, string latin)
    {
        if (latin.StartsWith("PK", StringComparison.Ordinal))
        {
            using var zip = new ZipArchive(new MemoryStream(bytes));
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                yield return Encoding.UTF8.GetBytes(entry.FullName);
                using Stream stream = entry.Open();
                yield return Copy(stream);
            }
        }
        if (bytes is [0x1F, 0x8B, ..])
            yield return Copy(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
        for (int at = 0; (at = latin.IndexOf("stream\n", at, StringComparison.Ordinal)) >= 0; at += 7)
            if (latin.AsSpan(0, at).EndsWith("end") is false && Inflated(bytes[(at + 7)..]) is { } stream)
                yield return stream;
        foreach (string run in latin.Split([' ', '"', '\'', '<', '>', ',', ';', '?', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Concat([string.Concat(latin.Split("\r\n\r\n")[^1].TakeWhile(c => c != '-').Where(c => !char.IsWhiteSpace(c)))]))
            if (run.Length >= 8 && FromBase64(run) is { } decoded)
                yield return decoded;
        if (latin.Contains("base64", StringComparison.OrdinalIgnoreCase) && latin.Contains("\r\n\r\n", StringComparison.Ordinal))
            foreach (string part in latin.Split("\r\n\r\n").Skip(1))
                if (FromBase64(string.Concat(part.Split("\r\n--")[0].Where(c => !char.IsWhiteSpace(c)))) is { } decoded)
                    yield return decoded;
    }

    private static byte[]? FromBase64(string text)
    {
        byte[] bytes = new byte[text.Length];
        text = text.TrimEnd('=');
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out int length) ? bytes[..length] : null;
    }

    private static byte[]? Inflated(byte[] bytes)
    {
        try
        {
            return Copy(new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static byte[] Copy(Stream stream)
    {
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static string WithoutTags(string text)
    {
        var bare = new StringBuilder();
        int depth = 0;
        foreach (char c in text)
        {
            depth = c == '<' ? 1 : depth;
            if (depth == 0)
                bare.Append(c);
            depth = c == '>' ? 0 : depth;
        }
        return bare.ToString();
    }

    private static string Backslashes(string text)
    {
        var plain = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            bool escape = text[i] == '\\' && i + 5 < text.Length && text[i + 1] == 'u' && text.AsSpan(i + 2, 4).ToString().All(char.IsAsciiHexDigit);
            plain.Append(escape ? (char)Convert.ToInt32(text.Substring(i + 2, 4), 16) : text[i]);
            i += escape ? 5 : 0;
        }
        return plain.ToString();
    }

    // The letters of PDF strings, with nothing of what moves the pen.
    private static string PdfStrings(string text)
    {
        var letters = new StringBuilder();
        int depth = 0;
        foreach (char c in text)
        {
            depth += c == '(' ? 1 : c == ')' && depth > 0 ? -1 : 0;
            if (depth > 0 && c != '(')
                letters.Append(c);
        }
        return letters.ToString();
    }

    private static string Hexadecimal(string text)
    {
        var letters = new StringBuilder();
        foreach (string run in text.Split(['<', '>', '(', ')', ' ', '\n']))
            if (run.Length > 16 && run.Length % 2 == 0 && run.All(char.IsAsciiHexDigit))
                letters.Append(Encoding.Latin1.GetString([.. Convert.FromHexString(run).Where(b => b > 1)]));
        return letters.ToString();
    }
}
