using Ingest.Core.Pipeline;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

/// <summary>The folder of sent mail in a mailbox that is read by IMAP, to be looked into.</summary>
/// <param name="settings">The IMAP server.</param>
/// <param name="login">What to sign in with.</param>
/// <param name="wire">How to connect.</param>
public sealed class SentFolder(ServerSettings settings, ImapLogin login, WireOptions wire)
{
    // Servers that do not say which it is have it under one of these names, perhaps below INBOX.
    private static readonly string[] UsualNames = ["Sent", "Sent Items", "Sent Messages", "Sent Mail", "Gesendet", "Gesendete Elemente", "Envoyés", "Enviados"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>True when there is a sent mail of that Message-ID; null when no folder of sent mail was found to look in. Throws <see cref="NotNowException"/> or <see cref="MailboxRefusedException"/> when it could not be looked.</summary>
    public async Task<bool?> HoldsAsync(string messageId, CancellationToken cancel)
    {
        using CancellationTokenSource limit = new(Limit, wire.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await using ImapConnection imap = await ImapConnection.ConnectAsync(new MailServer(settings.Host.Trim(), settings.Port, settings.Tls), wire, either.Token);
            await imap.SignInAsync(login, either.Token);
            bool? held = null;
            foreach (ImapFolder folder in Candidates(await imap.ListAsync(either.Token)))
            {
                held = false;
                await imap.ExamineAsync(folder.Name, either.Token);
                if ((await imap.SearchMessageIdAsync(messageId, either.Token)).Count > 0) return true;
            }

            return held;
        }
        catch (ImapRefusedException refused) when (refused.Reason == ImapRefusal.AuthenticationFailed)
        {
            throw new MailboxRefusedException(MailboxFault.PasswordRefused);
        }
        catch (Exception e) when (e is WireException or ImapRefusedException)
        {
            throw new NotNowException(e is WireException broken ? broken.Code : ((ImapRefusedException)e).Code);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NotNowException("imap-timeout");
        }
    }

    private static IEnumerable<ImapFolder> Candidates(IReadOnlyList<ImapFolder> folders)
    {
        ImapFolder[] marked = [.. folders.Where(folder => folder.Marks.HasFlag(ImapFolderMarks.Sent) && !folder.Marks.HasFlag(ImapFolderMarks.NoSelect))];
        return marked.Length > 0 ? marked : folders.Where(folder => !folder.Marks.HasFlag(ImapFolderMarks.NoSelect) && UsualNames.Contains(LastName(folder), StringComparer.OrdinalIgnoreCase));
    }

    private static string LastName(ImapFolder folder) => folder.Delimiter is { } delimiter ? folder.Name[(folder.Name.LastIndexOf(delimiter) + 1)..] : folder.Name;
}
