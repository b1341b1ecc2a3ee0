using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Access;

/// <summary>
/// Seals what decides who may do what, under one key a tenant. Sealed not only to be unreadable: who can write to the tables but has no keys
/// makes no person, session or token of their own, and widens none.
/// </summary>
internal sealed class AccessSeal(KeyRing keys)
{
    private const string Owner = "access";

    private static SealContext Context(TenantContext tenant, string role) => new(tenant.Tenant, KeyClass.Tenant, Owner, role);

    /// <summary>A document as an envelope that opens only in this tenant and this role.</summary>
    public async Task<byte[]> SealAsync<T>(TenantContext tenant, string role, T document, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, Owner, cancel);
        return Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(document, type), key, Context(tenant, role), SegmentLength.Row);
    }

    /// <summary>Opens an envelope; throws <see cref="SealBrokenException"/> when it is not one of this place.</summary>
    public async Task<T> OpenAsync<T>(TenantContext tenant, string role, byte[] box, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using DataKey key = await keys.FindAsync(tenant, KeyClass.Tenant, Owner, cancel) ?? throw new NotNowException("access-key-missing");
        return JsonSerializer.Deserialize(Envelope.Open(box, key, Context(tenant, role)), type)!;
    }
}
