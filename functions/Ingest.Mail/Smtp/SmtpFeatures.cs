using System.Globalization;

namespace Ingest.Mail.Smtp;

/// <summary>What a server says it can do (RFC 5321 section 4.1.1.1); nothing after a fall-back to HELO.</summary>
internal sealed class SmtpFeatures
{
    private readonly Dictionary<string, string> features = new(StringComparer.OrdinalIgnoreCase);

    private SmtpFeatures()
    {
    }

    /// <summary>None at all.</summary>
    public static SmtpFeatures None { get; } = new();

    /// <summary>Commands may be sent without waiting (RFC 2920).</summary>
    public bool Pipelining => Has("PIPELINING");

    /// <summary>Bodies may have eight bits (RFC 6152).</summary>
    public bool EightBitMime => Has("8BITMIME");

    /// <summary>Addresses and header fields may have eight bits (RFC 6531).</summary>
    public bool SmtpUtf8 => Has("SMTPUTF8");

    /// <summary>It knows the SIZE parameter (RFC 1870).</summary>
    public bool Size => Has("SIZE");

    /// <summary>TLS may begin (RFC 3207).</summary>
    public bool StartTls => Has("STARTTLS");

    /// <summary>The largest message it takes in bytes; null when it does not say.</summary>
    public long? LargestMessage =>
        features.TryGetValue("SIZE", out var size) && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0 ? bytes : null;

    /// <summary>Reads the lines of a reply to EHLO.</summary>
    public static SmtpFeatures Of(SmtpReply reply)
    {
        var read = new SmtpFeatures();
        foreach (var line in reply.Lines.Skip(1))
        {
            // "AUTH=LOGIN" is how servers said it before there was a standard.
            var end = line.AsSpan().Trim().IndexOfAny(' ', '\t', '=');
            var text = line.Trim();
            var name = end < 0 ? text : text[..end];
            var rest = end < 0 ? "" : text[(end + 1)..].Trim();
            read.features[name] = read.features.TryGetValue(name, out var more) ? $"{more} {rest}" : rest;
        }
        return read;
    }

    /// <summary>Whether it offers this way to sign in (RFC 4954).</summary>
    public bool Offers(string mechanism) =>
        features.TryGetValue("AUTH", out var all) && all.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Contains(mechanism, StringComparer.OrdinalIgnoreCase);

    private bool Has(string name) => features.ContainsKey(name);
}
