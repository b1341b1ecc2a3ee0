using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>What a data key protects; one random key per erasable thing.</summary>
public enum KeyClass
{
    /// <summary>One ticket: its rows and blobs.</summary>
    Ticket = 1,
    /// <summary>One contact: name and addresses.</summary>
    Contact = 2,
    /// <summary>One mailbox: its credential and configuration.</summary>
    Credential = 3,
    /// <summary>Things of the tenant as a whole.</summary>
    Tenant = 4,
    /// <summary>One raw mail.</summary>
    Raw = 5,
}

/// <summary>
/// What a sealed thing is, bound as additional authenticated data: logical ids only, never a table, shard or container, so that data may move
/// and nothing can be moved to another place unnoticed.
/// </summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Class">Which class of key seals it.</param>
/// <param name="Owner">The id of the thing that the key belongs to, such as a ticket id.</param>
/// <param name="Role">What part of it, such as "ticket", "message:{key}", "blob:{key}:{attempt}".</param>
/// <param name="Schema">The version of the sealed document's schema.</param>
public readonly record struct SealContext(TenantId Tenant, KeyClass Class, string Owner, string Role, int Schema = 1);
