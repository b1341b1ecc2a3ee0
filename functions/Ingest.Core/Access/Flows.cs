using System.Text;
using Azure;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Access;

/// <summary>What a flow leads to; one that was begun for one end is unknown at the other.</summary>
public enum FlowKind
{
    /// <summary>Google's consent to a mailbox.</summary>
    Consent = 1,
    /// <summary>A sign-in with the directory.</summary>
    SignIn = 2,
}

/// <summary>
/// Things that may be used once and for a short time: links that sign in under the development profile, and flows on their way through a page of somebody else.
/// Only hashes of what the browser holds are stored; a flow is bound to the browser that began it and is deleted, under its version, by whoever uses it.
/// </summary>
public sealed class Flows(TableServiceClient tables, KeyRing keys, TimeProvider time)
{
    private static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(30), FlowLife = TimeSpan.FromMinutes(10);
    private readonly TableClient _flows = tables.GetTableClient(TableNames.Flows);

    private static SealContext Seal(TenantContext tenant, string row) => new(tenant.Tenant, KeyClass.Tenant, "flows", "verifier:" + row);

    private static string Row(FlowKind kind, string state) => kind switch
    {
        FlowKind.Consent => "flow!" + Secrets.Hash(state),
        FlowKind.SignIn => "sign!" + Secrets.Hash(state),
    };

    /// <summary>A link's text, "tenant.secret", good once and for half an hour; it is taken only under the development profile.</summary>
    public async Task<string> CreateLinkAsync(TenantContext tenant, CancellationToken cancel)
    {
        string secret = Secrets.New();
        await _flows.AddFreshAsync(new TableEntity(tenant.Tenant.Value, "link!" + Secrets.Hash(secret)) { ["expires"] = time.GetUtcNow() + LinkLife }, cancel);
        return $"{tenant}.{secret}";
    }

    /// <summary>Whose link it is, without using it; null when it is unknown, used or too old.</summary>
    public async Task<TenantContext?> FindLinkAsync(string link, CancellationToken cancel)
    {
        if (Secrets.Split(link) is not { } parts) return null;
        TableEntity? row = await _flows.GetEntityIfExistsAsync(parts.Tenant.Tenant.Value, "link!" + Secrets.Hash(parts.Secret), cancel: cancel);
        return row?.GetDateTimeOffset("expires") > time.GetUtcNow() ? parts.Tenant : null;
    }

    /// <summary>Uses a link up and returns whose it was; null when it is unknown, used or too old.</summary>
    public async Task<TenantContext?> UseLinkAsync(string link, CancellationToken cancel) =>
        Secrets.Split(link) is { } parts && await UseAsync(parts.Tenant, "link!" + Secrets.Hash(parts.Secret), cancel) ? parts.Tenant : null;

    /// <summary>Begins a flow and returns its state, good once and only in the browser that holds this cookie; <paramref name="payload"/> is kept sealed.</summary>
    public async Task<string> BeginAsync(TenantContext tenant, FlowKind kind, string browser, string payload, CancellationToken cancel)
    {
        string state = Secrets.New(), row = Row(kind, state);
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, "flows", cancel);
        await _flows.AddFreshAsync(new TableEntity(tenant.Tenant.Value, row)
        {
            ["session"] = Secrets.Hash(browser),
            ["verifier"] = Envelope.Seal(Encoding.UTF8.GetBytes(payload), key, Seal(tenant, row), SegmentLength.Row),
            ["expires"] = time.GetUtcNow() + FlowLife,
        }, cancel);
        return state;
    }

    /// <summary>Ends a flow and returns its payload; null when the state is unknown, used, too old, of another kind or of another browser.</summary>
    public async Task<string?> EndAsync(TenantContext tenant, FlowKind kind, string browser, string state, CancellationToken cancel)
    {
        string row = Row(kind, state);
        TableEntity? flow = await _flows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel);
        if (flow is null || flow.GetString("session") != Secrets.Hash(browser)) return null;
        if (!await UseAsync(tenant, row, cancel)) return null;
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Tenant, "flows", cancel);
        return key is null ? null : Encoding.UTF8.GetString(Envelope.Open(flow.GetBinary("verifier")!, key, Seal(tenant, row)));
    }

    // Deleting under the version that was read lets exactly one caller through.
    private async Task<bool> UseAsync(TenantContext tenant, string row, CancellationToken cancel)
    {
        TableEntity? there = await _flows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, cancel: cancel);
        if (there is null) return false;
        try
        {
            bool mine = await _flows.DeleteEntityAsync(there.PartitionKey, row, there.ETag, cancel);
            return mine && there.GetDateTimeOffset("expires") > time.GetUtcNow();
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return false;
        }
    }
}
