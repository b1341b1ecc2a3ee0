using System.Text.Json.Serialization;
using Ingest.Core.Access;

namespace Ingest.Core.Mailboxes;

/// <summary>Where a mailbox lives.</summary>
public enum MailboxKind
{
    /// <summary>Gmail through its API.</summary>
    Google = 1,
    /// <summary>Filled by hand with <c>ingest import</c>; never polled.</summary>
    Import = 2,
    /// <summary>Any IMAP server.</summary>
    Imap = 3,
}

/// <summary>Whether a mailbox is read.</summary>
public enum MailboxState
{
    /// <summary>Read when due.</summary>
    Active = 1,
    /// <summary>Stopped by a person.</summary>
    Paused = 2,
    /// <summary>The provider refuses us until an admin connects it again; the cursor is kept.</summary>
    NeedsReconnect = 3,
}

/// <summary>A mailbox as an admin set it up. What names people or addresses is sealed at rest.</summary>
public sealed record Mailbox
{
    /// <summary>Its logical id.</summary>
    public required InboxId Id { get; init; }
    /// <summary>Where it lives.</summary>
    public required MailboxKind Kind { get; init; }
    /// <summary>Whether it is read.</summary>
    public required MailboxState State { get; init; }
    /// <summary>Minutes between polls.</summary>
    public int PollMinutes { get; init; } = 1;
    /// <summary>Days the sealed original is kept.</summary>
    public int KeepOriginalDays { get; init; } = 30;
    /// <summary>When it was connected first.</summary>
    public DateTimeOffset Created { get; init; }
    /// <summary>Sealed: addresses and the provider's identity.</summary>
    public required MailboxProfile Profile { get; init; }
    /// <summary>The row's version, for a conditional write.</summary>
    public string Version { get; init; } = "";
    /// <summary>True when answers may carry our token in their address: Gmail always delivers name+anything@, others where the admin said so.</summary>
    public bool TakesPlusAddresses => Kind == MailboxKind.Google || Profile.PlusAddressing;
}

/// <summary>The sealed part of a mailbox's configuration.</summary>
public sealed record MailboxProfile
{
    /// <summary>The address that customers write to.</summary>
    public required string Address { get; init; }
    /// <summary>Other addresses that lead to it.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];
    /// <summary>The provider's stable id of the account; a reconnection with another one is refused.</summary>
    public string Subject { get; init; } = "";
    /// <summary>The authserv-ids (RFC 8601) that the provider itself writes; nobody else's verdict is believed.</summary>
    public IReadOnlyList<string> AuthservIds { get; init; } = [];
    /// <summary>Who may pass mail on and be believed about its author (ARC, RFC 8617): domains, with all names below them.</summary>
    public IReadOnlyList<string> TrustedSealers { get; init => field = value ?? []; } = [];
    /// <summary>The provider's own servers, or domains above them, as they name themselves after "by" in the Received lines that they write. Where an IMAP mailbox has none, SPF is not asked.</summary>
    // Profiles sealed before this was there have none, which the serialiser takes for null.
    public IReadOnlyList<string> ReceivingServers { get; init => field = value ?? []; } = [];
    /// <summary>How many days of older mail the first sync brings; null for all, 0 for none.</summary>
    public int? BackFillDays { get; init; }
    /// <summary>Where it is read by IMAP; null for the other kinds.</summary>
    public ServerSettings? Imap { get; init; }
    /// <summary>Where its mail goes out by SMTP; null when it cannot send, or sends by its provider's API.</summary>
    public ServerSettings? Smtp { get; init; }
    /// <summary>True when mail to name+anything@ reaches this mailbox (RFC 5233), so that answers can carry our token in their address.</summary>
    public bool PlusAddressing { get; init; }
    /// <summary>The name that customers see on what goes out; empty for the name of whoever writes.</summary>
    public string SenderName { get; init; } = "";
    /// <summary>The first words of every ticket's automatic acknowledgement; empty for none.</summary>
    public string Acknowledgement { get; init; } = "";

    /// <summary>
    /// The servers whose Received lines are believed. Of an IMAP provider only those that somebody named as its servers: whose checks are believed may stand behind a
    /// proxy, or write lines as others can.
    /// </summary>
    public IReadOnlyList<string> BorderServers() => Imap is null ? [.. ReceivingServers, .. AuthservIds] : ReceivingServers;
}

/// <summary>How a mailbox fares.</summary>
public sealed record MailboxHealth
{
    /// <summary>Syncs that failed in a row.</summary>
    public int Failures { get; init; }
    /// <summary>The last failure's code, empty when all is well.</summary>
    public string Fault { get; init; } = "";
    /// <summary>Not polled before this time.</summary>
    public DateTimeOffset? NotBefore { get; init; }
    /// <summary>When the newest mail was received.</summary>
    public DateTimeOffset? LastMail { get; init; }
    /// <summary>When a sync last brought something or failed.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>What one query over a mailbox's partition tells a sync.</summary>
/// <param name="Mailbox">Its configuration.</param>
/// <param name="SealedCredential">Its credential, sealed.</param>
/// <param name="Cursor">How far it was read.</param>
/// <param name="Lease">Who reads it now.</param>
/// <param name="Health">How it fares.</param>
public sealed record MailboxView(Mailbox Mailbox, byte[]? SealedCredential, SourceCursor? Cursor, MailboxLease Lease, MailboxHealth Health);

/// <summary>The right to move a mailbox's cursor: held by one worker until a time, fenced by the row's version.</summary>
/// <param name="Owner">The holder, empty when free.</param>
/// <param name="Until">When it ends by itself.</param>
/// <param name="Version">The row's version; a write under an older one fails.</param>
public sealed record MailboxLease(string Owner, DateTimeOffset Until, string Version);

/// <summary>Serialisation without reflection.</summary>
[JsonSerializable(typeof(MailboxProfile))]
public sealed partial class MailboxJson : JsonSerializerContext;
