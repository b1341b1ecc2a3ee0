using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;

namespace Ingest.Core.Tickets;

/// <summary>
/// The level of what leaves: masks it by a policy of its own, besides what is masked where it is stored, which stays as it is. The address of the person whose file it is stays, as our own do, and so do the
/// addresses in From, To and Cc.
/// </summary>
internal sealed class PersonLevel(RedactionPolicy policy, RedactionTools tools)
{
    /// <summary>The level that a wish names, for what one mailbox holds; null where it names none.</summary>
    public static async Task<PersonLevel?> OfAsync(RedactionBy by, TenantContext tenant, InboxId inbox, PersonWish wish, string address, CancellationToken cancel)
    {
        if (wish.Level is not { IsOff: false } level) return null;
        MailboxRedaction what = await by(tenant, inbox, level with { DryRun = false }, cancel);
        return new PersonLevel(what.Policy, Theirs(what.Tools, address));
    }

    /// <summary>The same for what no mailbox holds, such as who they are: without pseudonyms, which are a mailbox's.</summary>
    public static PersonLevel? Of(PersonWish wish, string address) =>
        wish.Level is { IsOff: false } level ? new PersonLevel(level with { DryRun = false }, Theirs(RedactionTools.None, address)) : null;

    private static RedactionTools Theirs(RedactionTools tools, string address) =>
        tools with { IsOwnAddress = one => tools.IsOwnAddress?.Invoke(one) == true || string.Equals(EmailIdentity.Normalise(one), address, StringComparison.Ordinal) };

    /// <summary>A short text, masked.</summary>
    public string Text(string text) => Redact.Text(text, policy, tools).Text;

    /// <summary>A message with its files, masked; a file that the policy withholds has no bytes any more.</summary>
    public (MessageDocument Document, IReadOnlyList<Func<byte[]>> Contents) Message(TicketMessage message, IReadOnlyList<Func<byte[]>> contents) =>
        new MaskMessage(policy, tools).Run(message, contents) is { } masked ? (masked.Document, masked.Contents) : (message.Document!, contents);

    /// <summary>A kept-back mail, masked.</summary>
    public ReviewedMail Kept(ReviewedMail mail) => mail with
    {
        Subject = Text(mail.Subject),
        FromName = Text(mail.FromName),
        Text = Text(mail.Text),
        Attachments = [.. mail.Attachments.Select(file => file with { Name = Redact.FileName(file.Name, policy, tools).Text })],
    };
}
