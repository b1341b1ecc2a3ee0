using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>When the kept-back mail of a mailbox is deleted unless somebody decides before, as its schedules and legal holds stand now.</summary>
public sealed class KeptTime
{
    private readonly int _spamDays, _quarantineDays, _parkedDays;

    /// <summary>True while a legal hold keeps all of the mailbox's kept-back mail.</summary>
    public bool IsHeld { get; }

    internal KeptTime(IReadOnlyList<Schedule> schedules, IReadOnlyList<Hold> holds, InboxId inbox)
    {
        (_spamDays, _quarantineDays, _parkedDays) = (Days(Kept.Spam), Days(Kept.Quarantine), Days(Kept.Parked));
        IsHeld = holds.Any(hold => hold.Kind == ErasureKind.Tenant || (hold.Kind == ErasureKind.Mailbox && hold.Target == inbox.Value));

        int Days(Kept what) => schedules.FirstOrDefault(s => s.What == what)?.Days ?? 0;
    }

    /// <summary>When it is deleted; null when never, or while a legal hold keeps it.</summary>
    public DateTimeOffset? Expires(JournalLine line) => Expires(line.Outcome, line.Reason, line.Pack, line.Received);

    /// <summary>The same of a row of the index.</summary>
    public DateTimeOffset? Expires(KeptRow row) => Expires(row.Outcome, row.Reason, row.Pack, row.Received);

    private DateTimeOffset? Expires(OutcomeKind outcome, OutcomeReason reason, string pack, DateTimeOffset received)
    {
        int days = outcome == OutcomeKind.Parked ? _parkedDays : reason == OutcomeReason.Spam ? _spamDays : _quarantineDays;
        DateTimeOffset listed = Pack.ListedAt(pack) ?? received;
        return IsHeld || days == 0 || listed > DateTimeOffset.MaxValue.AddDays(-days) ? null : listed.AddDays(days);
    }
}

/// <summary>Reads when kept-back mail is deleted.</summary>
public sealed class KeptTimes(MailboxStore mailboxes, Schedules schedules, Holds holds)
{
    /// <summary>The times of one mailbox; for a mailbox that is not there, of none.</summary>
    public async Task<KeptTime> OfAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel) =>
        await mailboxes.FindAsync(tenant, inbox, cancel) is { Mailbox: var mailbox }
            ? new KeptTime(await schedules.OfAsync(tenant, mailbox, cancel), await holds.ListAsync(tenant, cancel), inbox)
            : new KeptTime([], [], inbox);
}
