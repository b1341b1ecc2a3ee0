using Ingest.Core.Access;
using Ingest.Core.Redaction;

namespace Ingest.Core.Policies;

/// <summary>What is masked in a mailbox's mail, and what that needs besides.</summary>
/// <param name="Policy">What is masked, and what becomes of the original.</param>
/// <param name="Tools">Own addresses, pseudonyms, recognisers.</param>
public sealed record MailboxRedaction(RedactionPolicy Policy, RedactionTools Tools)
{
    /// <summary>What holds where nobody decided anything.</summary>
    public static MailboxRedaction Usual { get; } = new(RedactionPolicy.Default, RedactionTools.None);
}

/// <summary>A policy with what it needs of a mailbox, whatever holds there.</summary>
public delegate ValueTask<MailboxRedaction> RedactionBy(TenantContext tenant, InboxId inbox, RedactionPolicy policy, CancellationToken cancel);

/// <summary>The redaction that holds for a mailbox now. Throws <see cref="Pipeline.NotNowException"/> where it cannot be read: nothing is written by rules that nobody made.</summary>
public delegate ValueTask<MailboxRedaction> RedactionInForce(TenantContext tenant, InboxId inbox, CancellationToken cancel);
