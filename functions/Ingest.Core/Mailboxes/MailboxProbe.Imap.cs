using System.Globalization;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

public sealed partial class MailboxProbe
{
    private const int ImplicitImap = 993, StartTlsImap = 143;

    /// <summary>Signs in and opens every folder, changing nothing. Never throws for what a server does; ends within a minute.</summary>
    public async Task<ProbeResult> TryImapAsync(ServerSettings settings, string password, CancellationToken cancel)
    {
        if (settings.Host.Trim().Length == 0) return Failed("host-missing", "Enter the name of the IMAP server, such as imap.example.com.");
        if (settings.Port is < 1 or > 65535) return Failed("port-wrong", $"A port is a number from 1 to 65535. {Ports(ImplicitImap, StartTlsImap)}");
        if (settings.UserName.Length == 0) return Failed("user-missing", "Enter the user name; most often it is the whole mail address.");
        if (password.Length == 0) return Failed("password-missing", "Enter the password.");
        if (password.Contains('\0') || settings.UserName.Contains('\0')) return Failed("character-not-allowed", "Name and password cannot hold a NUL character: enter them anew.");
        using CancellationTokenSource patience = new(InAll, wire.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            return await TrySignInAsync(settings, password, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Explain(new WireException(WireFault.Silent), settings, ImplicitImap, StartTlsImap);
        }
        catch (WireException e)
        {
            return Explain(e, settings, ImplicitImap, StartTlsImap);
        }
        catch (ImapRefusedException e)
        {
            return Failed(e.Code, e.MayPass ? "The server is not ready for us just now: try again in a few minutes." : "The server refused a command that every mail program sends: check that this is an IMAP server.");
        }
    }

    private async Task<ProbeResult> TrySignInAsync(ServerSettings settings, string password, CancellationToken cancel)
    {
        MailServer server = new(settings.Host.Trim(), settings.Port, settings.Tls);
        await using ImapConnection imap = await ImapConnection.ConnectAsync(server, Hasty, cancel);
        try
        {
            await imap.SignInAsync(new ImapLogin(settings.UserName, password), cancel);
        }
        catch (ImapRefusedException e) when (!e.MayPass)
        {
            return Failed(e.Code, SignInFix(e.Reason, server.Host));
        }

        await imap.IdAsync("Ingest", "1", cancel);
        long messages = 0;
        foreach (string folder in settings.Folders.Count > 0 ? settings.Folders.Where(name => name.Length > 0) : ["INBOX"])
        {
            try
            {
                messages += (await imap.ExamineAsync(folder, cancel)).Exists;
            }
            catch (ImapRefusedException e) when (!e.MayPass)
            {
                return Failed("imap-folder-missing", await FolderFixAsync(imap, folder, cancel));
            }
        }

        await imap.LogoutAsync(cancel);
        return new ProbeResult(Ok: true, "ok", string.Create(CultureInfo.InvariantCulture, $"It works: {messages:N0} messages."));
    }

    private static string SignInFix(ImapRefusal reason, string host) => reason switch
    {
        ImapRefusal.AppPasswordNeeded => $"The provider wants a password made for this application: {AppPassword(host)}",
        ImapRefusal.Expired => "The password has expired: set a new one at the provider, and enter it here.",
        ImapRefusal.AuthorizationFailed => "The password is right, but this account may not use IMAP: switch IMAP on at the provider.",
        ImapRefusal.NoMechanism => "The server takes no passwords here, only signing in through the provider: for Gmail, connect the mailbox as Gmail.",
        _ when IsGoogle(host) || IsMicrosoft(host) => $"The server did not accept name and password. {AppPassword(host)}",
        _ => "The server did not accept name and password: check both. Many servers want the whole mail address as the name.",
    };

    private static string AppPassword(string host) =>
        IsGoogle(host) ? "For Gmail, connect the mailbox as Gmail instead, or make an app password in the Google account (it needs 2-step verification)."
        : IsMicrosoft(host) ? "Outlook and Microsoft 365 accept no passwords for IMAP any more, or only an app password where the administrator allows it."
        : "make an app password in the account's security settings, and enter it here.";

    private static bool IsGoogle(string host) => IsOrIsBelow(host, "gmail.com") || IsOrIsBelow(host, "googlemail.com") || IsOrIsBelow(host, "google.com");

    private static bool IsMicrosoft(string host) => IsOrIsBelow(host, "office365.com") || IsOrIsBelow(host, "outlook.com") || IsOrIsBelow(host, "hotmail.com");

    private static bool IsOrIsBelow(string host, string domain) =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);

    private static async Task<string> FolderFixAsync(ImapConnection imap, string folder, CancellationToken cancel)
    {
        const int Shown = 20;
        IReadOnlyList<ImapFolder> folders = await imap.ListAsync(cancel);
        string names = string.Join(", ", folders.Where(there => !there.Marks.HasFlag(ImapFolderMarks.NoSelect)).Take(Shown).Select(there => there.Name));
        return $"There is no folder \"{folder}\" that can be opened. There are: {names}{(folders.Count > Shown ? " and more" : "")}.";
    }
}
