namespace Ingest.Core.Store;

/// <summary>The tables (DESIGN: data and tenants). Names are frozen: rows refer to each other by them.</summary>
public static class TableNames
{
    /// <summary>tenant.inbox / config, credential, lease, cursor!folder, health.</summary>
    public const string Mailboxes = "mailboxes";
    /// <summary>tenant.inbox / time-ordered pack id.</summary>
    public const string Packs = "packs";
    /// <summary>tenant.HMAC(inbox, Message-ID) / anchor, d!hash.</summary>
    public const string Anchors = "anchors";
    /// <summary>tenant.ticket / ticket, m!time!key.</summary>
    public const string Tickets = "tickets";
    /// <summary>tenant.inbox.shard / state!inverted time!ticket.</summary>
    public const string Lists = "lists";
    /// <summary>tenant.inbox.bucket / message key.</summary>
    public const string Journal = "journal";
    /// <summary>tenant.inbox / q!inverted time!message key, p!inverted time!message key, whole, counted; tenant / bulk!id.</summary>
    public const string Quarantine = "quarantine";
    /// <summary>tenant.shard / key id.</summary>
    public const string Keys = "keys";
    /// <summary>tenant.shard / ix!blind index, c!contact id.</summary>
    public const string Contacts = "contacts";
    /// <summary>tenant / hashed state of a consent or link.</summary>
    public const string Flows = "flows";
    /// <summary>tenant / hashed session id.</summary>
    public const string Sessions = "sessions";
    /// <summary>tenant / token id.</summary>
    public const string Tokens = "tokens";
    /// <summary>tenant / book, p!person id, ix!blind index.</summary>
    public const string People = "people";

    /// <summary>tenant / dkim!blind index of a domain.</summary>
    public const string Policies = "policies";
    /// <summary>tenant.contact / acknowledged.</summary>
    public const string Suppressions = "suppressions";

    /// <summary>tenant.day / head, e!number; tenant.days / d!day.</summary>
    public const string Audit = "audit";
    /// <summary>tenant / e!erasure, t!kind!target, k!erasure!part!number.</summary>
    public const string Erasures = "erasures";
    /// <summary>tenant / kind!target!hold.</summary>
    public const string Holds = "holds";

    /// <summary>backup / day-random.</summary>
    public const string KeyBackups = "keybackups";

    /// <summary>tenant / model, l!ticket!message!teacher, r!ticket!message.</summary>
    public const string Lessons = "lessons";

    /// <summary>Every table.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Mailboxes, Packs, Anchors, Tickets, Lists, Journal, Quarantine, Keys, Contacts, Flows, Sessions, Tokens, People, Policies, Suppressions, Audit, Erasures, Holds, KeyBackups, Lessons];
}
