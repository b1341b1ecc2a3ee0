using System.Globalization;

namespace Ingest.Cli.Servers;

/// <summary>Where the mail servers listen on 127.0.0.1: IMAP with STARTTLS and with TLS, LMTP, SASL for Postfix, SMTP for this machine without signing in, submission with STARTTLS and with TLS.</summary>
public sealed record MailPorts(int Imap, int Imaps, int Lmtp, int Sasl, int Smtp, int Submission, int Smtps)
{
    /// <summary>Seven ports nobody listened on a moment ago.</summary>
    public static MailPorts Pick() => new(FreePort.Pick(), FreePort.Pick(), FreePort.Pick(), FreePort.Pick(), FreePort.Pick(), FreePort.Pick(), FreePort.Pick());

    internal Dictionary<string, string?> AsEnvironment() => new()
    {
        ["IMAP"] = Text(Imap),
        ["IMAPS"] = Text(Imaps),
        ["LMTP"] = Text(Lmtp),
        ["SASL"] = Text(Sasl),
        ["SMTP"] = Text(Smtp),
        ["SUBMISSION"] = Text(Submission),
        ["SMTPS"] = Text(Smtps),
    };

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
