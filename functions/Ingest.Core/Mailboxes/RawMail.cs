using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Mailboxes;

/// <summary>Why a raw mail opens, or does not.</summary>
public enum RawState
{
    /// <summary>It opens.</summary>
    There,
    /// <summary>Its key was erased: it is gone for good.</summary>
    Erased,
    /// <summary>Its key is neither there nor erased: the table of keys was lost or is behind, and a backup of keys may bring it back.</summary>
    KeyMissing,
    /// <summary>Its key is there, the sealed bytes are not.</summary>
    BytesMissing,
}

/// <summary>Raw mail in packs: each mail sealed under a key of its own, so that it can be erased alone.</summary>
public sealed class RawMail(Packs packs, KeyRing keys)
{
    internal static SealContext Seal(TenantContext tenant, string messageKey) => new(tenant.Tenant, KeyClass.Raw, messageKey, "raw");

    /// <summary>The opened raw mail; or none, and why.</summary>
    public async Task<(byte[]? Raw, RawState State)> OpenAsync(Work mail, CancellationToken cancel)
    {
        if (mail.Length < 0) return (null, RawState.BytesMissing);
        Task<byte[]?> reading = packs.ReadAsync(mail.Tenant, mail.Inbox, mail.Pack, mail.Offset, mail.Length, cancel);
        (DataKey? found, bool erased) = await keys.LookRawAsync(mail.Tenant, mail.Inbox, mail.MessageKey, cancel);
        using DataKey? key = found;
        byte[]? box = await reading;
        if (key is null) return (null, erased ? RawState.Erased : RawState.KeyMissing);
        return box is null ? (null, RawState.BytesMissing) : (Envelope.Open(box, key, Seal(mail.Tenant, mail.MessageKey)), RawState.There);
    }
}
