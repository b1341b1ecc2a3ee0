using System.Globalization;
using Ingest.Mail.Smtp;
using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

public sealed partial class MailboxProbe
{
    private const int ImplicitSmtp = 465, StartTlsSmtp = 587;

    /// <summary>Signs in to a submission server and sends nothing. Never throws for what a server does; ends within about a minute.</summary>
    public async Task<ProbeResult> TrySmtpAsync(ServerSettings settings, string password, CancellationToken cancel)
    {
        if (settings.Host.Trim().Length == 0) return Failed("host-missing", "Enter the name of the server that sends mail, such as smtp.example.com.");
        if (settings.Port is < 1 or > 65535) return Failed("port-wrong", $"A port is a number from 1 to 65535. {Ports(ImplicitSmtp, StartTlsSmtp)}");
        if (settings.Port == 25) return Failed("port-wrong", $"Port 25 is for mail between servers. {Ports(ImplicitSmtp, StartTlsSmtp)}");
        if (settings.UserName.Length == 0) return Failed("user-missing", "Enter the user name; most often it is the whole mail address.");
        if (password.Length == 0) return Failed("password-missing", "Enter the password.");
        if (password.Contains('\0') || settings.UserName.Contains('\0')) return Failed("character-not-allowed", "Name and password cannot hold a NUL character: enter them anew.");
        string host = settings.Host.Trim();
        try
        {
            await using SmtpClient smtp = await SmtpClient.ConnectAsync(new MailServer(host, settings.Port, settings.Tls), Hasty, cancel);
            await smtp.AuthenticateAsync(new SmtpLogin(settings.UserName, password), cancel);
            string limit = smtp.LargestMessage is { } bytes ? string.Create(CultureInfo.InvariantCulture, $" Mail may have up to {bytes / 1_000_000.0:0.#} MB.") : "";
            await smtp.QuitAsync(cancel);
            return new ProbeResult(Ok: true, "ok", "It works." + limit);
        }
        catch (WireException e)
        {
            return Explain(e, settings, ImplicitSmtp, StartTlsSmtp);
        }
        catch (SmtpRefusedException e)
        {
            return Failed(e.Code, SmtpFix(e.Reason, host));
        }
    }

    private static string SmtpFix(SmtpRefusal reason, string host) => reason switch
    {
        SmtpRefusal.SmtpDisabled => "Sending by SMTP is switched off for this account. In Microsoft 365 an administrator allows \"Authenticated SMTP\" for the mailbox (admin center: the user's Mail settings, Manage email apps), and security defaults must not forbid it.",
        SmtpRefusal.AppPasswordNeeded => $"The provider wants a password made for this application. {SmtpPassword(host)}",
        SmtpRefusal.Expired => "The password has expired: set a new one at the provider, and enter it here.",
        SmtpRefusal.NoMechanism => $"The server takes no passwords here: check that it is the server for sending mail. {Ports(ImplicitSmtp, StartTlsSmtp)}",
        SmtpRefusal.Unwelcome => "The server turned us away before any password was given: it may not be meant for sending mail from outside, or blocks the address we come from.",
        SmtpRefusal.Limit => "The server counts too many connections or attempts: wait a few minutes, then try again.",
        SmtpRefusal.Unavailable => "The server is not ready for us just now: try again in a few minutes.",
        SmtpRefusal.AuthenticationFailed when IsGoogle(host) || IsMicrosoft(host) => $"The server did not accept name and password. {SmtpPassword(host)}",
        SmtpRefusal.AuthenticationFailed => "The server did not accept name and password: check both. Many servers want the whole mail address as the name.",
        SmtpRefusal.Unspecified => "The server refused a command that every mail program sends: check that this is a server for sending mail.",
    };

    private static string SmtpPassword(string host) =>
        IsGoogle(host) ? "For Gmail, connect the mailbox as Gmail instead, or make an app password in the Google account (it needs 2-step verification)."
        : IsMicrosoft(host) ? "Microsoft 365 takes a password for sending only where the administrator allows \"Authenticated SMTP\" for the mailbox; Outlook.com takes none."
        : "Make an app password in the account's security settings, and enter it here.";
}
