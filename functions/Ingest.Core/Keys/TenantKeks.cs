using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Keys;

/// <summary>
/// The key-encryption keys that tenants bring themselves: a list of ids per tenant, signed by the seal, since whoever can write the table could otherwise have a
/// tenant's next root wrapped under a key of their own. Ids that are not on the list are never asked for anything. Each list is kept once more in a container, a blob that is never written again:
/// whoever puts an older list of the table back, or takes the row away, changes nothing, and it is told.
/// </summary>
public sealed class TenantKeks(TableServiceClient tables, BlobStore blobs, IKeyVault vault, TimeProvider time)
{
    /// <summary>The blob container of the lists.</summary>
    public const string Container = "tenantkeks";

    /// <summary>The most keys a tenant may have on its list: one that wraps and some that old rows still hang from.</summary>
    public const int Most = 4;

    private const string Row = "kek", Magic = "ingest-tenantkek";
    private const int LongestList = 8192, MostRemembered = 1000;
    private readonly ConcurrentDictionary<TenantId, DateTimeOffset> newestSeen = new();
    private readonly ConcurrentDictionary<StoredBlob, byte> notOurs = new();
    private readonly TableClient rows = tables.GetTableClient(TableNames.Policies);

    /// <summary>Told the tenant whose list in the table is older than one that we signed since, or gone: somebody wrote into the table, or restored it.</summary>
    public Action<TenantId>? OnSetBack { get; set; }

    /// <summary>
    /// The ids of the tenant's keys, without versions, the one that wraps first; empty when it brings none. The newest list that we signed holds, wherever it lies. Throws
    /// <see cref="RootKeyRefusedException"/> for a list in the table that we did not write, and when only an older one is left than this process has seen.
    /// </summary>
    public async Task<IReadOnlyList<string>> FindAsync(TenantId tenant, CancellationToken cancel)
    {
        TableEntity? row = await TimeLimit.RunAsync(limited => rows.GetEntityIfExistsAsync(tenant.Value, Row, cancel: limited), time, cancel);
        KekList found = row is null ? KekList.None : new KekList(row.GetString("kids") ?? "", row.GetDateTimeOffset("at") ?? default, new KeySignature(row.GetString("sigKid") ?? "", row.GetBinary("sig") ?? []));
        if (row is not null && !await IsOursAsync(tenant, found, cancel))
            throw new RootKeyRefusedException();
        KekList newest = await NewestAsync(tenant, found, cancel);
        if (newest.At < newestSeen.GetValueOrDefault(tenant))
        {
            OnSetBack?.Invoke(tenant);
            throw new RootKeyRefusedException();
        }

        if (newest.At > found.At)
            OnSetBack?.Invoke(tenant);
        if (newest.At != default)
            newestSeen.AddOrUpdate(tenant, newest.At, (_, seen) => seen > newest.At ? seen : newest.At);
        return newest.Kids;
    }

    private async Task<bool> IsOursAsync(TenantId tenant, KekList list, CancellationToken cancel) => list.Kids.Length <= Most && Array.TrueForAll(list.Kids, IsKek)
        && await TimeLimit.RunAsync(limited => vault.VerifyAsync(Digest(tenant, list.Kids, list.At), list.Signature, limited), time, cancel);

    private async Task<KekList> NewestAsync(TenantId tenant, KekList found, CancellationToken cancel)
    {
        List<StoredBlob> kept = await TimeLimit.RunAsync(async limited => await blobs.ListAsync(Container, $"{tenant.Value}/", limited).ToListAsync(limited), time, cancel);
        if (found.At != default && !kept.Exists(blob => blob.Name == Name(tenant, found.At)))
            await TryKeepAsync(tenant, found, cancel);
        foreach (StoredBlob blob in kept.OrderByDescending(blob => blob.Name, StringComparer.Ordinal).TakeWhile(blob => string.CompareOrdinal(blob.Name, Name(tenant, found.At)) > 0))
            if (await ReadOursAsync(tenant, blob, cancel) is { } ours) return ours;
        return found;
    }

    // Lists from before the container was are put in when they are met, as is one whose writer a crash kept from it. Whoever only reads need not be allowed to: the next that may puts it in.
    private async Task TryKeepAsync(TenantId tenant, KekList list, CancellationToken cancel)
    {
        try
        {
            await KeepAsync(tenant, list, cancel);
        }
        catch (Exception e) when (e is RequestFailedException or NotNowException or TimeoutException)
        {
            // It stands in the table, signed.
        }
    }

    // What is not ours says nothing: whoever can write blobs must not lock a tenant out. It is read and asked about once in each process.
    private async Task<KekList?> ReadOursAsync(TenantId tenant, StoredBlob blob, CancellationToken cancel)
    {
        if (blob.Size is < 1 or > LongestList || notOurs.ContainsKey(blob)) return null;
        if (await ReadAsync(tenant, blob, cancel) is { } list && await IsOursAsync(tenant, list, cancel)) return list;
        if (notOurs.Count >= MostRemembered) notOurs.Clear();
        notOurs.TryAdd(blob, 0);
        return null;
    }

    private static string Name(TenantId tenant, DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture, $"{tenant.Value}/{at.ToUnixTimeMilliseconds():D15}");

    private Task<bool> KeepAsync(TenantId tenant, KekList list, CancellationToken cancel) => TimeLimit.RunAsync(limited => blobs.PutAsync(Container, Name(tenant, list.At),
        Encoding.ASCII.GetBytes($"{Magic} 1 {list.Signature.Kid} {Convert.ToHexStringLower(list.Signature.Bytes)} {string.Join(' ', list.Kids)}"), onlyIfAbsent: true, limited), time, cancel);

    private async Task<KekList?> ReadAsync(TenantId tenant, StoredBlob blob, CancellationToken cancel)
    {
        string name = blob.Name;
        byte[] content = await TimeLimit.RunAsync(limited => blobs.ReadRangeAsync(Container, name, 0, (int)blob.Size, limited), time, cancel) ?? [];
        string[] words = Encoding.ASCII.GetString(content).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not [Magic, "1", var kid, var signature, .. var kids] || !long.TryParse(name[(tenant.Value.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long at) || at > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            return null;
        byte[] bytes = new byte[signature.Length / 2];
        return Convert.FromHexString(signature, bytes, out _, out int length) == System.Buffers.OperationStatus.Done
            ? new KekList(string.Join(' ', kids), DateTimeOffset.FromUnixTimeMilliseconds(at), new KeySignature(kid, bytes[..length]))
            : null;
    }

    /// <summary>Forgets the lists of a tenant that is erased as a whole.</summary>
    internal static async Task ForgetAsync(BlobStore blobs, TenantContext tenant, CancellationToken cancel)
    {
        await foreach (StoredBlob blob in blobs.ListAsync(Container, $"{tenant}/", cancel)) await blobs.DeleteIfExistsAsync(Container, blob.Name, cancel);
    }

    private sealed record KekList(string Text, DateTimeOffset At, KeySignature Signature)
    {
        public static readonly KekList None = new("", default, new KeySignature("", []));

        public string[] Kids { get; } = Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>
    /// Makes these the tenant's keys; roots that hang from others move when they are wrapped anew, for which the old keys must stay on the list until then. The first is
    /// tried before: throws <see cref="NotNowException"/> when we may not wrap and unwrap with it, and <see cref="ArgumentException"/> for what is no key's id.
    /// </summary>
    public async Task SetAsync(TenantContext tenant, IReadOnlyList<string> kids, CancellationToken cancel)
    {
        if (kids.Count > Most || !kids.All(IsKek) || kids.Distinct(StringComparer.Ordinal).Count() != kids.Count)
            throw new ArgumentException("A tenant's keys are up to four different ids such as https://NAME.vault.azure.net/keys/NAME, without a version.", nameof(kids));
        if (kids.Count > 0)
            await TryAsync(new KeyScope(KeyPurpose.Data, kids), cancel);
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()), last = await LastAsync(tenant.Tenant, cancel);
        // Newer than every other, also where clocks differ: else the older one would hold.
        if (now <= last)
            now = last.AddMilliseconds(1);
        KeySignature signature = await TimeLimit.RunAsync(limited => vault.SignAsync(Digest(tenant.Tenant, kids, now), limited), time, cancel);
        TableEntity row = new(tenant.Tenant.Value, Row) { ["kids"] = string.Join(' ', kids), ["at"] = now, ["sigKid"] = signature.Kid, ["sig"] = signature.Bytes };
        // An empty list is a list like any other, and no row that is gone.
        await TimeLimit.RunAsync(async limited => await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, limited), time, cancel);
        await KeepAsync(tenant.Tenant, new KekList(string.Join(' ', kids), now, signature), cancel);
    }

    private async Task<DateTimeOffset> LastAsync(TenantId tenant, CancellationToken cancel)
    {
        TableEntity? row = await TimeLimit.RunAsync(limited => rows.GetEntityIfExistsAsync(tenant.Value, Row, ["at"], limited), time, cancel);
        List<KekList> kept = [];
        await foreach (StoredBlob blob in blobs.ListAsync(Container, $"{tenant.Value}/", cancel))
            if (await ReadOursAsync(tenant, blob, cancel) is { } list) kept.Add(list);
        DateTimeOffset inRow = row?.GetDateTimeOffset("at") ?? default, inBlob = kept.Count > 0 ? kept.Max(list => list.At) : default;
        // A time that nobody signed must not push ours out of all bounds.
        DateTimeOffset last = inBlob > inRow || inRow > time.GetUtcNow().AddDays(1) ? inBlob : inRow, seen = newestSeen.GetValueOrDefault(tenant);
        return last > seen ? last : seen;
    }

    /// <summary>True for the id of a key without a version.</summary>
    public static bool IsKek(string kid) => KeyVaultKeyIdentifier.TryParse(kid, out KeyVaultKeyIdentifier? id) && id.Version.Length == 0;

    private async Task TryAsync(KeyScope scope, CancellationToken cancel)
    {
        byte[] trial = RandomNumberGenerator.GetBytes(Floe.KeyLength);
        byte[] back = await TimeLimit.RunAsync(async limited => await vault.UnwrapAsync(scope, await vault.WrapAsync(scope, trial, limited), limited), time, cancel);
        if (!trial.AsSpan().SequenceEqual(back))
            throw new NotNowException("vault-unreadable");
    }

    private static byte[] Digest(TenantId tenant, IReadOnlyList<string> kids, DateTimeOffset at)
    {
        Canonical list = new Canonical(4096).Add("TKE1 tenant keys").Add(tenant.Value).Add(at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        foreach (string kid in kids)
            list.Add(kid);
        return SHA256.HashData(list.Written);
    }
}
