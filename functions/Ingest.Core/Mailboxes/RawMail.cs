using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Mailboxes;

/// <summary>Raw mail in packs: each mail sealed under a key of its own, so that it can be erased alone.</summary>
public sealed class RawMail(Packs packs, KeyRing keys)
{
    internal static SealContext Seal(TenantContext tenant, string messageKey) => new(tenant.Tenant, KeyClass.Raw, messageKey, "raw");

    /// <summary>The opened raw mail; or none, and whether its key is gone (erased, for good) or only the sealed bytes are (lost, perhaps not for good).</summary>
    public async Task<(byte[]? Raw, bool Erased)> OpenAsync(Work mail, CancellationToken cancel)
    {
        if (mail.Length < 0) return (null, false);
        Task<byte[]?> reading = packs.ReadAsync(mail.Tenant, mail.Inbox, mail.Pack, mail.Offset, mail.Length, cancel);
        using DataKey? key = await keys.FindRawAsync(mail.Tenant, mail.Inbox, mail.MessageKey, cancel);
        byte[]? box = await reading;
        return key is null || box is null ? (null, key is null) : (Envelope.Open(box, key, Seal(mail.Tenant, mail.MessageKey)), false);
    }
}
