using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>When the kept-back mail of a mailbox is deleted unless somebody decides before, as its schedules and legal holds stand now.</summary>
public sealed class KeptTime
{
    private readonly int _spamDays, _quarantineDays, _parkedDays;
    private readonly HeldSenders _held;

    /// <summary>True while a legal hold keeps all of the mailbox's kept-back mail.</summary>
    public bool IsHeld { get; }

    internal KeptTime(IReadOnlyList<Schedule> schedules, IReadOnlyList<Hold> holds, InboxId inbox, HeldSenders held)
    {
        _held = held;
        (_spamDays, _quarantineDays, _parkedDays) = (Days(Kept.Spam), Days(Kept.Quarantine), Days(Kept.Parked));
        IsHeld = holds.Any(hold => hold.Kind == ErasureKind.Tenant || (hold.Kind == ErasureKind.Mailbox && hold.Target == inbox.Value));

        int Days(Kept what) => schedules.FirstOrDefault(s => s.What == what)?.Days ?? 0;
    }

    /// <summary>When it is deleted; null when never, or while a legal hold keeps it.</summary>
    public DateTimeOffset? Expires(JournalLine line) => Expires(line.Outcome, line.Reason, line.Pack, line.Received);

    /// <summary>The people whose kept-back mail legal holds keep, wherever it came in.</summary>
    internal HeldSenders Held => _held;

    /// <summary>The same of a row of the index, which says whose mail it is: that of somebody on whom a hold stands is never deleted while it does.</summary>
    public DateTimeOffset? Expires(KeptRow row) => _held.Of(row.Sender).Count > 0 ? null : Expires(row.Outcome, row.Reason, row.Pack, row.Received);

    private DateTimeOffset? Expires(OutcomeKind outcome, OutcomeReason reason, string pack, DateTimeOffset received)
    {
        int days = outcome == OutcomeKind.Parked ? _parkedDays : reason == OutcomeReason.Spam ? _spamDays : _quarantineDays;
        DateTimeOffset listed = Pack.ListedAt(pack) ?? received;
        return IsHeld || days == 0 || listed > DateTimeOffset.MaxValue.AddDays(-days) ? null : listed.AddDays(days);
    }
}

/// <summary>Reads when kept-back mail is deleted.</summary>
public sealed class KeptTimes(MailboxStore mailboxes, Schedules schedules, Holds holds, HeldPeople people)
{
    /// <summary>The times of one mailbox; for a mailbox that is not there, of none.</summary>
    public async Task<KeptTime> OfAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        if (await mailboxes.FindAsync(tenant, inbox, cancel) is not { Mailbox: var mailbox }) return new KeptTime([], [], inbox, HeldSenders.None);
        IReadOnlyList<Hold> all = await holds.ListAsync(tenant, cancel);
        return new KeptTime(await schedules.OfAsync(tenant, mailbox, cancel), all, inbox, await people.OfAsync(tenant, all, cancel));
    }

    /// <summary>True while a legal hold keeps this mail: on its mailbox, the tenant, or whoever sent it.</summary>
    public async Task<bool> IsHeldAsync(TenantContext tenant, InboxId inbox, JournalLine line, KeptTime time, CancellationToken cancel) =>
        time.IsHeld || (await people.FindAsync(tenant, inbox, line, time.Held, cancel)).Count > 0;
}
