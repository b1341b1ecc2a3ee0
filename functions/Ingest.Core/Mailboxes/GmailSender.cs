using Google.Apis.Util;
using Ingest.Core.Pipeline;
using Ingest.Mail.Mime;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// Sends through the Gmail API, which takes recipients from the message's header: those of the envelope must be among them. Gmail may have sent a message
/// although its answer was lost; then, and after a fault on Google's side, the outcome is <see cref="SendOutcome.Uncertain"/> and Sent knows.
/// </summary>
/// <param name="access">The account it sends as; it stays the caller's.</param>
/// <param name="endpoints">Where Google is.</param>
/// <param name="transport">The connections to it.</param>
/// <param name="time">The clock of the deadlines.</param>
public sealed class GmailSender(GoogleAccess access, GoogleEndpoints endpoints, GoogleTransport transport, TimeProvider time) : IMailSender
{
    private const string Me = "me";

    /// <inheritdoc />
    public async Task<SendResult> SendAsync(OutgoingEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        bool begun = false;
        if (!NamesAll(message, envelope.To)) return new SendResult(SendOutcome.PermanentlyRefused, "gmail-recipient-not-in-header");
        try
        {
            // Drawn beforehand: a fault here is no doubt about the message.
            await access.GetAccessTokenAsync(cancel);
            cancel.ThrowIfCancellationRequested();
            using GmailService gmail = Open();
            begun = true;
            await gmail.Users.Messages.Send(message, Me).CallAsync(cancel);
            return new SendResult(SendOutcome.Accepted, "gmail-sent");
        }
        catch (GmailRefusedException refused)
        {
            return new SendResult(SendOutcome.PermanentlyRefused, refused.Code);
        }
        catch (NotNowException notNow)
        {
            return new SendResult(begun && IsDoubt(notNow.ReasonCode) ? SendOutcome.Uncertain : SendOutcome.NotSent, notNow.ReasonCode);
        }
        catch (OperationCanceledException)
        {
            return new SendResult(begun ? SendOutcome.Uncertain : SendOutcome.NotSent, "gmail-canceled");
        }
    }

    /// <inheritdoc />
    public async Task<bool?> WasSentAsync(string messageId, CancellationToken cancel)
    {
        using GmailService gmail = Open();
        UsersResource.ListRequest search = gmail.Users.Messages.List(Me);
        search.Q = "rfc822msgid:" + messageId;
        search.LabelIds = new Repeatable<string>(["SENT"]);
        search.MaxResults = 1;
        try
        {
            return (await search.CallAsync(cancel)).Messages is { Count: > 0 };
        }
        catch (GmailRefusedException refused)
        {
            throw new NotNowException(refused.Code);
        }
    }

    private GmailService Open() => new(access, endpoints, transport, time);

    // Whom the header does not name, Gmail would silently leave out.
    private static bool NamesAll(ReadOnlyMemory<byte> message, IReadOnlyList<string> recipients)
    {
        int end = message.Span.IndexOf("\r\n\r\n"u8);
        MailMessage header = MailMessage.Parse(end < 0 ? message : message[..end]);
        HashSet<string> named = new(header.To.Concat(header.Cc).Select(address => WireForm(address.Address)), StringComparer.OrdinalIgnoreCase);
        return recipients.Count > 0 && recipients.All(address => named.Contains(WireForm(address)));
    }

    private static string WireForm(string address) => MessageWriter.WireAddress(address) ?? address;

    // These Gmail answers before it does anything; of all else nobody knows when it went wrong.
    private static bool IsDoubt(string code) => code is not ("gmail-quota" or "gmail-api-disabled" or "gmail-401" or "google-not-connected");
}
