using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Access;

/// <summary>A browser that is signed in.</summary>
/// <param name="Caller">Who it is.</param>
/// <param name="CsrfToken">What every form of this session carries, so that no other site can press its buttons.</param>
public sealed record Session(Caller Caller, string CsrfToken);

/// <summary>
/// Sessions of browsers: "{tenant}.{secret}" in a cookie, only a hash of the secret here, and whose it is under a seal. A session ends eight hours after it began,
/// after an hour without a request, at sign-out, and with the person's access, which is looked up each time.
/// </summary>
public sealed class Sessions
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(8), Idle = TimeSpan.FromHours(1), TouchEvery = TimeSpan.FromMinutes(5);
    private readonly TableClient _rows;
    private readonly People _people;
    private readonly bool _localOwner;
    private readonly TimeProvider _time;
    private readonly AccessSeal _seal;

    /// <summary>The built-in local owner is known only where <paramref name="development"/> is true.</summary>
    public Sessions(TableServiceClient tables, KeyRing keys, People people, bool development, TimeProvider time)
    {
        (_people, _localOwner, _time) = (people, development, time);
        _rows = tables.GetTableClient(TableNames.Sessions);
        _seal = new AccessSeal(keys);
    }

    private static string Role(string row) => "session:" + row;

    /// <summary>Opens a session for a person, or for the local owner (<see cref="Caller.LocalOwnerId"/>), and returns what the cookie holds.</summary>
    public async Task<string> OpenAsync(TenantContext tenant, string person, CancellationToken cancel)
    {
        string secret = Secrets.New(), row = Secrets.Hash(secret);
        DateTimeOffset now = _time.GetUtcNow();
        SessionDocument document = new(person, now, now + Life);
        await _rows.AddFreshAsync(new TableEntity(tenant.Tenant.Value, row)
        {
            ["doc"] = await _seal.SealAsync(tenant, Role(row), document, AccessJson.Default.SessionDocument, cancel),
            ["idle"] = now + Idle,
            ["expires"] = document.Expires,
        }, cancel);
        return $"{tenant}.{secret}";
    }

    /// <summary>Who holds this cookie, or null.</summary>
    public async Task<Caller?> FindAsync(string? cookie, CancellationToken cancel) => (await LookAsync(cookie, cancel))?.Caller;

    /// <summary>The session of this cookie, or null when it never was, is over, or its person may no longer sign in.</summary>
    public async Task<Session?> LookAsync(string? cookie, CancellationToken cancel)
    {
        if (Secrets.Split(cookie) is not { } parts) return null;
        string row = Secrets.Hash(parts.Secret);
        TableEntity? there = await _rows.GetEntityIfExistsAsync(parts.Tenant.Tenant.Value, row, cancel: cancel);
        DateTimeOffset now = _time.GetUtcNow();
        if (there?.GetBinary("doc") is not { } box || there.GetDateTimeOffset("idle") is not { } idle || idle <= now) return null;
        SessionDocument document = await _seal.OpenAsync(parts.Tenant, Role(row), box, AccessJson.Default.SessionDocument, cancel);
        if (document.Expires <= now || await WhoAsync(parts.Tenant, document, cancel) is not { } caller) return null;
        if (idle < now + Idle - TouchEvery && !await TouchAsync(there, now + Idle, cancel)) return null;
        return new Session(caller, Csrf(parts.Secret));
    }

    /// <summary>Ends a session; whoever still holds it, holds nothing.</summary>
    public async Task EndAsync(string? cookie, CancellationToken cancel)
    {
        if (Secrets.Split(cookie) is not { } parts) return;
        await _rows.DeleteEntityAsync(parts.Tenant.Tenant.Value, Secrets.Hash(parts.Secret), ETag.All, cancel);
    }

    private async Task<Caller?> WhoAsync(TenantContext tenant, SessionDocument document, CancellationToken cancel)
    {
        if (document.Person == Caller.LocalOwnerId) return _localOwner ? Caller.LocalOwner(tenant) : null;
        return await _people.FindAsync(tenant, document.Person, cancel) is { Disabled: false } person && document.Created >= person.SessionsFrom ? Caller.Of(tenant, person) : null;
    }

    // An update, never an insert: a session that was just signed out must not come back.
    private async Task<bool> TouchAsync(TableEntity row, DateTimeOffset idle, CancellationToken cancel)
    {
        try
        {
            await _rows.UpdateEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["idle"] = idle }, ETag.All, TableUpdateMode.Merge, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return false;
        }
    }

    // Made from the secret in the cookie, which no other site can read, and of no use without it.
    private static string Csrf(string secret) => Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "csrf"u8))[..32];
}
