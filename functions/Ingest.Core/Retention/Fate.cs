using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>Whether something stays.</summary>
public enum FateKind
{
    /// <summary>It stays, for now or for good.</summary>
    Stays = 1,
    /// <summary>Its time is over: the next run lets it go.</summary>
    Goes = 2,
    /// <summary>It is gone.</summary>
    Gone = 3,
    /// <summary>Its time may be over, and a legal hold keeps it.</summary>
    Held = 4,
}

/// <summary>What becomes of something, and why.</summary>
/// <param name="Kind">What.</param>
/// <param name="On">When its time is over; null when never, or not by time.</param>
/// <param name="Reasons">Why, each a sentence for people.</param>
public sealed record Fate(FateKind Kind, DateTimeOffset? On, IReadOnlyList<string> Reasons);

/// <summary>Decides what stays and what goes: legal hold above erasure above retention. Pure: what is known goes in, what becomes of it comes out, with the reasons.</summary>
public static class Resolve
{
    /// <summary>What becomes of a ticket.</summary>
    public static Fate Ticket(Ticket ticket, IReadOnlyList<Schedule> schedules, IReadOnlyList<Hold> holds, DateTimeOffset now)
    {
        if (ticket.Erased is { } erased) return new Fate(FateKind.Gone, erased, [$"It was erased on {Day(erased)}."]);
        Kept what = ticket.State == TicketState.Closed ? Kept.ClosedTickets : Kept.OpenTickets;
        return Decide(what, ticket.Updated, "its newest message", schedules, [.. holds.Where(h => Covers(h, ticket))], now);
    }

    /// <summary>What becomes of a mail's original; <paramref name="line"/> is null while the mail is on its way, <paramref name="ofSender"/> are holds on whoever sent it, where it is kept back.</summary>
    public static Fate Original(JournalLine? line, DateTimeOffset listed, bool isThere, Ticket? ticket, InboxId inbox, IReadOnlyList<Schedule> schedules, IReadOnlyList<Hold> holds, DateTimeOffset now, IReadOnlyList<Hold>? ofSender = null)
    {
        if (!isThere && line is { IsOriginalNotKept: true }) return new Fate(FateKind.Gone, line.At, ["Its original was not kept: the mailbox's redaction says that none is."]);
        if (!isThere && line is { IsOriginalDestroyed: true }) return new Fate(FateKind.Gone, null, [Explanation.OriginalDestroyed]);
        if (!isThere) return new Fate(FateKind.Gone, null, ["Its original is gone: erased, redacted, or let go when its time was over."]);
        return Decide(WhatOf(line), listed, "it was listed", schedules, [.. holds.Where(h => h.Kind == ErasureKind.Tenant || (h.Kind == ErasureKind.Mailbox && h.Target == inbox.Value) || (ticket is not null && Covers(h, ticket)) || ofSender?.Contains(h) == true)], now);
    }

    /// <summary>Which schedule a mail's original falls under.</summary>
    public static Kept WhatOf(JournalLine? line) => line switch
    {
        null or { Outcome: OutcomeKind.Parked } => Kept.Parked,
        { Outcome: OutcomeKind.Quarantined, Reason: OutcomeReason.Spam } => Kept.Spam,
        { Outcome: OutcomeKind.Quarantined } => Kept.Quarantine,
        _ => Kept.Originals,
    };

    /// <summary>True when a hold keeps a ticket and what belongs to it.</summary>
    public static bool Covers(Hold hold, Ticket ticket) => hold.Kind switch
    {
        ErasureKind.Tenant => true,
        ErasureKind.Mailbox => hold.Target == ticket.Inbox,
        // What was handed over still opens until it is destroyed.
        ErasureKind.Ticket => hold.Target == ticket.Id || (ticket.MergedInto.Length > 0 && hold.Target == ticket.MergedInto),
        // Of one that does not open nobody can say whose it is.
        ErasureKind.Contact => ticket.IsDamaged || ticket.Document is { } d && (d.Requester == hold.Target || d.Participants.Contains(hold.Target)),
    };

    private static Fate Decide(Kept what, DateTimeOffset from, string since, IReadOnlyList<Schedule> schedules, IReadOnlyList<Hold> holds, DateTimeOffset now)
    {
        int days = schedules.First(s => s.What == what).Days;
        DateTimeOffset? on = days == 0 || from > DateTimeOffset.MaxValue.AddDays(-days) ? null : from.AddDays(days);
        string rule = days == 0
            ? $"The schedule for {Words(what)} keeps them without end."
            : string.Create(CultureInfo.InvariantCulture, $"The schedule for {Words(what)} keeps them {days} days from when {since}: until {Day(on ?? default)}.");
        if (holds.Count > 0) return new Fate(FateKind.Held, on, [.. holds.Select(h => $"Legal hold {h.Id} of {Day(h.Placed)} stands above every schedule and every erasure."), rule]);
        return new Fate(on <= now ? FateKind.Goes : FateKind.Stays, on, [rule]);
    }

    private static string Words(Kept what) => what switch
    {
        Kept.Originals => "originals",
        Kept.Spam => "spam",
        Kept.Quarantine => "kept-back mail",
        Kept.Parked => "parked mail and mail on its way",
        Kept.ClosedTickets => "closed tickets",
        Kept.OpenTickets => "open tickets",
    };

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
