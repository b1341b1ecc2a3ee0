using Ingest.Mail.Smtp;
using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

/// <summary>Sends through a mailbox's submission server: one connection, one message.</summary>
/// <param name="settings">The server.</param>
/// <param name="login">What to sign in with.</param>
/// <param name="sent">The mailbox's folder of sent mail; null when the mailbox is not read by IMAP.</param>
/// <param name="keepsAll">True when whatever this login submits is in that folder, see <see cref="KeepsAll"/>.</param>
/// <param name="wire">How to connect.</param>
public sealed class SmtpSender(ServerSettings settings, SmtpLogin login, SentFolder? sent, bool keepsAll, WireOptions wire) : IMailSender
{
    /// <summary>The longest that one attempt takes, all included.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(170);

    // Filters look at a message before they answer for it: an answer lost is a doubt that a person may have to settle.
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Leave = TimeSpan.FromSeconds(2);

    // These keep a copy of everything that is submitted, under the id that it came with, so that what is not there was not sent. Microsoft's give some
    // mail another id, and would have us send it twice.
    private static readonly string[] KeepCopies = ["gmail.com", "googlemail.com"];

    /// <summary>True when all that is submitted to <paramref name="smtp"/> lies in the folder of sent mail at <paramref name="imap"/>: one account, at a provider that keeps copies.</summary>
    public static bool KeepsAll(ServerSettings smtp, string smtpUser, ServerSettings imap) =>
        KeepCopies.Any(domain => IsOrIsBelow(smtp.Host.Trim(), domain)) && KeepCopies.Any(domain => IsOrIsBelow(imap.Host.Trim(), domain))
        && string.Equals(smtpUser, imap.UserName, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc />
    public async Task<SendResult> SendAsync(OutgoingEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        using CancellationTokenSource deadline = new(Deadline, wire.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        try
        {
            MailServer server = new(settings.Host.Trim(), settings.Port, settings.Tls);
            await using SmtpClient smtp = await SmtpClient.ConnectAsync(server, wire with { ReadTimeout = LongestAnswer }, either.Token);
            await smtp.AuthenticateAsync(login, either.Token);
            SmtpResult result = await smtp.SendAsync(new SmtpEnvelope(envelope.From, envelope.To), message, either.Token);
            await LeaveAsync(smtp);
            return new SendResult(OutcomeOf(result.Outcome), result.Code) { RefusedRecipients = [.. result.Refused.Select(refused => refused.Place)] };
        }
        catch (WireException broken)
        {
            return new SendResult(SendOutcome.NotSent, broken.Code);
        }
        catch (SmtpRefusedException refused) when (refused.MayPass || FaultOf(refused.Reason) is null)
        {
            return new SendResult(SendOutcome.NotSent, refused.Code);
        }
        catch (SmtpRefusedException refused)
        {
            throw new MailboxRefusedException(FaultOf(refused.Reason)!.Value);
        }
        catch (OperationCanceledException)
        {
            return new SendResult(SendOutcome.NotSent, cancel.IsCancellationRequested ? "smtp-canceled" : "smtp-deadline");
        }
    }

    /// <inheritdoc />
    public async Task<bool?> WasSentAsync(string messageId, CancellationToken cancel)
    {
        if (sent is null) return null;
        bool? held = await sent.HoldsAsync(messageId, cancel);
        return held == false && !keepsAll ? null : held;
    }

    private async Task LeaveAsync(SmtpClient smtp)
    {
        using CancellationTokenSource patience = new(Leave, wire.Time);
        try
        {
            await smtp.QuitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What is known is known without it.
        }
    }

    private static MailboxFault? FaultOf(SmtpRefusal reason) => reason switch
    {
        SmtpRefusal.AuthenticationFailed or SmtpRefusal.AppPasswordNeeded or SmtpRefusal.Expired => MailboxFault.PasswordRefused,
        SmtpRefusal.SmtpDisabled or SmtpRefusal.NoMechanism => MailboxFault.NoPermission,
        SmtpRefusal.Unspecified or SmtpRefusal.Unwelcome or SmtpRefusal.Limit or SmtpRefusal.Unavailable => null,
    };

    private static SendOutcome OutcomeOf(SmtpOutcome outcome) => outcome switch
    {
        SmtpOutcome.Accepted or SmtpOutcome.PartlyAccepted => SendOutcome.Accepted,
        SmtpOutcome.TemporarilyRefused => SendOutcome.TemporarilyRefused,
        SmtpOutcome.PermanentlyRefused => SendOutcome.PermanentlyRefused,
        SmtpOutcome.NotSent => SendOutcome.NotSent,
        SmtpOutcome.Uncertain => SendOutcome.Uncertain,
    };

    private static bool IsOrIsBelow(string host, string domain) =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
}
