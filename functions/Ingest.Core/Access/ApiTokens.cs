using System.Net;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Access;

/// <summary>What a token is to allow.</summary>
public sealed record NewToken
{
    /// <summary>The longest life of a token.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(366);

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }
    /// <summary>What it allows.</summary>
    public required IReadOnlyList<Permission> Permissions { get; init; }
    /// <summary>Where; empty for every inbox there is and will be.</summary>
    public IReadOnlyList<InboxId> Inboxes { get; init; } = [];
    /// <summary>From which addresses; empty for any.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];
    /// <summary>How long.</summary>
    public required TimeSpan Life { get; init; }
}

/// <summary>A token as it can be shown: all but its secret.</summary>
/// <param name="Id">The random id in its text, safe in the clear.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Permissions">What it allows.</param>
/// <param name="Inboxes">Where; empty for every inbox.</param>
/// <param name="Networks">From which addresses; empty for any.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it ends.</param>
public sealed record TokenInfo(string Id, string Name, IReadOnlyList<Permission> Permissions, IReadOnlyList<InboxId> Inboxes, IReadOnlyList<IPNetwork> Networks,
    DateTimeOffset Created, DateTimeOffset Expires);

/// <summary>
/// Tokens of API callers: "ing_{tenant}_{id}_{secret}". Only a hash of the secret is kept, and under a seal with all that the token allows, so that who can write to
/// the table can neither make one nor widen one. A token is of one tenant and ends at a set time, or when it is revoked.
/// </summary>
public sealed class ApiTokens(TableServiceClient tables, KeyRing keys, TimeProvider time)
{
    /// <summary>How the text of every token begins.</summary>
    public const string Prefix = "ing_";

    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tokens);
    private readonly AccessSeal _seal = new(keys);

    private static string Role(string id) => "token:" + id;

    /// <summary>Makes a token that reads tickets and the journal of every inbox, from anywhere; its text can be read only now.</summary>
    public Task<string> CreateAsync(TenantContext tenant, TimeSpan life, CancellationToken cancel) =>
        CreateAsync(tenant, new NewToken { Name = "reader", Permissions = [Permission.ReadTickets, Permission.ReadJournal], Life = life }, cancel);

    /// <summary>Makes a token; its text can be read only now. A life beyond <see cref="NewToken.LongestLife"/> is cut to it.</summary>
    public async Task<string> CreateAsync(TenantContext tenant, NewToken token, CancellationToken cancel)
    {
        string id = Crockford32.Encode(RandomNumberGenerator.GetBytes(10)), secret = Secrets.New();
        DateTimeOffset now = time.GetUtcNow(), expires = now + (token.Life < NewToken.LongestLife ? token.Life : NewToken.LongestLife);
        TokenDocument document = new()
        {
            Hash = Secrets.Hash(secret), Name = token.Name, Permissions = [.. token.Permissions.Distinct()], Inboxes = [.. token.Inboxes.Select(i => i.Value).Distinct()],
            Networks = [.. token.Networks.Select(n => n.ToString()).Distinct()], Created = now, Expires = expires,
        };
        await _rows.AddFreshAsync(new TableEntity(tenant.Tenant.Value, id)
        {
            ["doc"] = await _seal.SealAsync(tenant, Role(id), document, AccessJson.Default.TokenDocument, cancel),
            ["expires"] = expires,
        }, cancel);
        return $"{Prefix}{tenant}_{id}_{secret}";
    }

    /// <summary>
    /// Who holds this token, or null when it is not (or no longer) one of ours. A token bound to addresses is good only from one of them; when the caller's address
    /// is unknown (null), it is good from none.
    /// </summary>
    public async Task<Caller?> FindAsync(string token, IPAddress? address, CancellationToken cancel)
    {
        if (token.Length > 200 || !token.StartsWith(Prefix, StringComparison.Ordinal) || token[Prefix.Length..].Split('_') is not [var tenantText, var id, var secret]) return null;
        if (!TenantId.TryParse(tenantText, out TenantId name) || !IsTokenId(id)) return null;
        TenantContext tenant = new(name);
        if (await _rows.GetEntityIfExistsAsync(name.Value, id, cancel: cancel) is not { } row || await ReadAsync(tenant, row, cancel) is not { } document) return null;
        bool right = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(document.Hash), Encoding.ASCII.GetBytes(Secrets.Hash(secret)));
        if (!right || document.Expires <= time.GetUtcNow() || !IsFrom(document, address)) return null;
        return new Caller { Tenant = tenant, Id = id, Name = document.Name, Kind = CallerKind.Token, Rights = RightsOf(document) };
    }

    /// <summary>Who holds the token of this id, without its secret: what it allows now. Null when there is none, or it has ended.</summary>
    internal async Task<Caller?> FindAsync(TenantContext tenant, string id, CancellationToken cancel)
    {
        if (!IsTokenId(id) || await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, id, cancel: cancel) is not { } row || await ReadAsync(tenant, row, cancel) is not { } document) return null;
        return document.Expires <= time.GetUtcNow() ? null : new Caller { Tenant = tenant, Id = id, Name = document.Name, Kind = CallerKind.Token, Rights = RightsOf(document) };
    }

    /// <summary>The tokens of a tenant, those that have ended included, newest first.</summary>
    public async Task<IReadOnlyList<TokenInfo>> ListAsync(TenantContext tenant, CancellationToken cancel)
    {
        List<TokenInfo> tokens = [];
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value), cancel: cancel))
            if (await ReadAsync(tenant, row, cancel) is { } d)
                tokens.Add(new TokenInfo(row.RowKey, d.Name, d.Permissions, [.. d.Inboxes.Select(InboxId.Parse)], [.. d.Networks.Select(IPNetwork.Parse)], d.Created, d.Expires));
        return [.. tokens.OrderByDescending(t => t.Created).ThenBy(t => t.Id, StringComparer.Ordinal)];
    }

    /// <summary>Ends a token at once; false when this tenant has none of that id.</summary>
    public async Task<bool> RevokeAsync(TenantContext tenant, string id, CancellationToken cancel) =>
        IsTokenId(id) && await _rows.DeleteEntityAsync(tenant.Tenant.Value, id, ETag.All, cancel);

    private static bool IsTokenId(string id) => People.IsPersonId(id);

    // A row without a seal is none of ours.
    private async Task<TokenDocument?> ReadAsync(TenantContext tenant, TableEntity row, CancellationToken cancel) =>
        row.GetBinary("doc") is { } box ? await _seal.OpenAsync(tenant, Role(row.RowKey), box, AccessJson.Default.TokenDocument, cancel) : null;

    private static bool IsFrom(TokenDocument document, IPAddress? address)
    {
        if (document.Networks.Count == 0) return true;
        if (address is null) return false;
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return document.Networks.Any(network => IPNetwork.Parse(network).Contains(plain));
    }

    private static List<Right> RightsOf(TokenDocument document) => document.Inboxes.Count == 0
        ? [.. document.Permissions.Select(permission => new Right(permission, null))]
        : [.. document.Permissions.SelectMany(permission => document.Inboxes.Select(inbox => new Right(permission, InboxId.Parse(inbox))))];
}

/// <summary>A token as it is sealed.</summary>
internal sealed record TokenDocument
{
    public required string Hash { get; init; }
    public required string Name { get; init; }
    public required IReadOnlyList<Permission> Permissions { get; init; }
    public required IReadOnlyList<string> Inboxes { get; init; }
    public required IReadOnlyList<string> Networks { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required DateTimeOffset Expires { get; init; }
}
