using System.Security.Cryptography;
using System.Text;
using Azure;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Access;

/// <summary>
/// Things that may be used once or for a short time: links that open the connect page, browser sessions, and OAuth flows on their way through a consent page.
/// Only hashes of what the browser holds are stored; a flow is bound to the session that began it and is deleted, under its version, by whoever uses it.
/// </summary>
public sealed class Flows(TableServiceClient tables, KeyRing keys, TimeProvider time)
{
    private static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(30), SessionLife = TimeSpan.FromHours(8), FlowLife = TimeSpan.FromMinutes(10);
    private readonly TableClient _flows = tables.GetTableClient(TableNames.Flows);
    private readonly TableClient _sessions = tables.GetTableClient(TableNames.Sessions);

    private static SealContext Seal(TenantContext tenant, string row) => new(tenant.Tenant, KeyClass.Tenant, "flows", "verifier:" + row);

    /// <summary>A ticket for the connect page: "tenant.secret", good once and for half an hour.</summary>
    public async Task<string> CreateLinkAsync(TenantContext tenant, CancellationToken cancel)
    {
        string secret = NewSecret();
        await _flows.AddFreshAsync(new TableEntity(tenant.Tenant.Value, "link!" + Hash(secret)) { ["expires"] = time.GetUtcNow() + LinkLife }, cancel);
        return $"{tenant}.{secret}";
    }

    /// <summary>Whose link it is, without using it; null when it is unknown, used or too old.</summary>
    public async Task<TenantContext?> FindLinkAsync(string link, CancellationToken cancel)
    {
        if (Split(link) is not { } parts) return null;
        TableEntity? row = await _flows.GetEntityIfExistsAsync(parts.Tenant.Tenant.Value, "link!" + Hash(parts.Secret), cancel: cancel);
        return row?.GetDateTimeOffset("expires") > time.GetUtcNow() ? parts.Tenant : null;
    }

    /// <summary>Trades a link for a session; null when it is unknown, used or too old.</summary>
    public async Task<(TenantContext Tenant, string Session)?> OpenSessionAsync(string link, CancellationToken cancel)
    {
        if (Split(link) is not { } parts || !await UseAsync(_flows, parts.Tenant, "link!" + Hash(parts.Secret), cancel)) return null;
        string session = NewSecret();
        await _sessions.AddFreshAsync(new TableEntity(parts.Tenant.Tenant.Value, Hash(session)) { ["expires"] = time.GetUtcNow() + SessionLife }, cancel);
        return (parts.Tenant, $"{parts.Tenant}.{session}");
    }

    /// <summary>Whose session it is, or null.</summary>
    public async Task<TenantContext?> FindSessionAsync(string? cookie, CancellationToken cancel)
    {
        if (Split(cookie) is not { } parts) return null;
        TableEntity? row = await _sessions.GetEntityIfExistsAsync(parts.Tenant.Tenant.Value, Hash(parts.Secret), cancel: cancel);
        return row?.GetDateTimeOffset("expires") > time.GetUtcNow() ? parts.Tenant : null;
    }

    /// <summary>Ends a session; whoever still holds it, holds nothing.</summary>
    public async Task EndSessionAsync(string session, CancellationToken cancel)
    {
        if (Split(session) is not { } parts) return;
        await _sessions.DeleteEntityAsync(parts.Tenant.Tenant.Value, Hash(parts.Secret), ETag.All, cancel);
    }

    /// <summary>Begins an OAuth flow and returns its state, good once and only from the session that began it.</summary>
    public async Task<string> BeginAsync(TenantContext tenant, string session, string codeVerifier, CancellationToken cancel)
    {
        string state = NewSecret(), row = "flow!" + Hash(state);
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, "flows", cancel);
        await _flows.AddFreshAsync(new TableEntity(tenant.Tenant.Value, row)
        {
            ["session"] = Hash(session),
            ["verifier"] = Envelope.Seal(Encoding.UTF8.GetBytes(codeVerifier), key, Seal(tenant, row), SegmentLength.Row),
            ["expires"] = time.GetUtcNow() + FlowLife,
        }, cancel);
        return state;
    }

    /// <summary>Ends an OAuth flow and returns its code verifier; null when the state is unknown, used, too old, or of another session.</summary>
    public async Task<string?> EndAsync(TenantContext tenant, string session, string state, CancellationToken cancel)
    {
        string row = "flow!" + Hash(state);
        TableEntity? flow = await _flows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel);
        if (flow is null || flow.GetString("session") != Hash(session)) return null;
        if (!await UseAsync(_flows, tenant, row, cancel)) return null;
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Tenant, "flows", cancel);
        return key is null ? null : Encoding.UTF8.GetString(Envelope.Open(flow.GetBinary("verifier")!, key, Seal(tenant, row)));
    }

    // Deleting under the version that was read lets exactly one caller through.
    private async Task<bool> UseAsync(TableClient table, TenantContext tenant, string row, CancellationToken cancel)
    {
        TableEntity? there = await table.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel);
        if (there is null) return false;
        try
        {
            bool mine = await table.DeleteEntityAsync(there.PartitionKey, row, there.ETag, cancel);
            return mine && there.GetDateTimeOffset("expires") > time.GetUtcNow();
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return false;
        }
    }

    private static (TenantContext Tenant, string Secret)? Split(string? text)
    {
        if (text is not { Length: < 200 } || text.Split('.') is not [var tenant, { Length: > 20 } secret]) return null;
        return TenantId.TryParse(tenant, out TenantId id) ? (new TenantContext(id), secret) : null;
    }

    private static string NewSecret() => Crockford32.Encode(RandomNumberGenerator.GetBytes(30));

    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
