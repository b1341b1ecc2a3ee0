using System.Security.Cryptography;
using Azure;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Access;

/// <summary>How a change of people ended.</summary>
public enum PeopleChange
{
    /// <summary>It is as asked.</summary>
    Done = 1,
    /// <summary>This tenant has no such person.</summary>
    NotFound = 2,
    /// <summary>Nothing was changed, since nobody would be left who may say who may do what.</summary>
    LastOwner = 3,
    /// <summary>Nothing was changed: an owner is so in all inboxes, never in one.</summary>
    OwnerOfOneInbox = 4,
}

/// <summary>
/// The people of a tenant, one partition. Changes go one after the other: each replaces the version of the row "book" together with the person's, so that
/// two owners cannot remove each other at once. What a person is and may do is sealed; the index row is a keyed MAC of who they are in the directory.
/// </summary>
public sealed partial class People(TableServiceClient tables, KeyRing keys, TimeProvider time)
{
    private const string BookRow = "book", PersonPrefix = "p!", IndexPrefix = "ix!";
    private const int MostTries = 8, LongestName = 200;
    private readonly TableClient _rows = tables.GetTableClient(TableNames.People);
    private readonly AccessSeal _seal = new(keys);

    /// <summary>True when the text has the form of a person's id; nothing else ever becomes part of a key.</summary>
    public static bool IsPersonId(string text) => text.Length == 16 && text.All("0123456789abcdefghjkmnpqrstvwxyz".Contains);

    /// <summary>The person with this id, or null.</summary>
    public async Task<Person?> FindAsync(TenantContext tenant, string person, CancellationToken cancel)
    {
        if (!IsPersonId(person)) return null;
        TableEntity? row = await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, PersonPrefix + person, cancel: cancel);
        return row is null ? null : await ReadAsync(tenant, row, cancel);
    }

    /// <summary>The person with this identity, or null.</summary>
    public async Task<Person?> FindAsync(TenantContext tenant, Identity identity, CancellationToken cancel)
    {
        foreach (string place in await PlacesAsync(tenant, identity, cancel))
        {
            TableEntity? row = await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, place, cancel: cancel);
            // The index leads to a person whose sealed identity must say the same.
            if (row?.GetString("person") is { } id && await FindAsync(tenant, id, cancel) is { } person && person.Identity == identity) return person;
        }

        return null;
    }

    /// <summary>Everyone, in the order in which they were added.</summary>
    public async Task<IReadOnlyList<Person>> ListAsync(TenantContext tenant, CancellationToken cancel)
    {
        List<Person> people = [];
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(PersonPrefix)), cancel: cancel))
            people.Add(await ReadAsync(tenant, row, cancel));
        return [.. people.OrderBy(p => p.Created).ThenBy(p => p.Id, StringComparer.Ordinal)];
    }

    /// <summary>Adds a person, who may then sign in; null with the reason when the grants are not possible. Whoever is there already gets the new grants.</summary>
    public async Task<(Person? Person, PeopleChange Change)> AddAsync(TenantContext tenant, Identity identity, string name, string email, IReadOnlyList<Grant> grants,
        CancellationToken cancel)
    {
        if (!Possible(grants)) return (null, PeopleChange.OwnerOfOneInbox);
        for (int tries = 0; tries < MostTries; tries++)
        {
            // Before looking: whoever adds the same person meanwhile turns the book.
            ETag? book = await BookAsync(tenant, cancel);
            if (await FindAsync(tenant, identity, cancel) is { } there)
            {
                PeopleChange change = await SetGrantsAsync(tenant, there.Id, grants, cancel);
                if (change == PeopleChange.NotFound) continue;
                return (await FindAsync(tenant, there.Id, cancel), change);
            }

            if (await TryInsertAsync(tenant, identity, name, email, grants, book, cancel) is { } person) return (person, PeopleChange.Done);
        }

        throw new NotNowException("people-contended");
    }

    /// <summary>Says anew what a person may do.</summary>
    public async Task<PeopleChange> SetGrantsAsync(TenantContext tenant, string person, IReadOnlyList<Grant> grants, CancellationToken cancel) =>
        Possible(grants) ? await ChangeAsync(tenant, person, p => p with { Grants = [.. grants.Distinct()] }, cancel) : PeopleChange.OwnerOfOneInbox;

    /// <summary>Ends a person's access at once, sessions included.</summary>
    public Task<PeopleChange> DisableAsync(TenantContext tenant, string person, CancellationToken cancel) =>
        ChangeAsync(tenant, person, p => p.Disabled ? p : p with { Disabled = true, SessionsFrom = time.GetUtcNow() }, cancel);

    /// <summary>Lets a person sign in again; sessions from before stay over.</summary>
    public Task<PeopleChange> EnableAsync(TenantContext tenant, string person, CancellationToken cancel) =>
        ChangeAsync(tenant, person, p => p.Disabled ? p with { Disabled = false, SessionsFrom = time.GetUtcNow() } : p, cancel);

    /// <summary>Forgets a person.</summary>
    public Task<PeopleChange> RemoveAsync(TenantContext tenant, string person, CancellationToken cancel) => ChangeAsync(tenant, person, _ => null, cancel);

    /// <summary>
    /// The person who proved this identity, their name and address as the directory has them now; null when they are not one of the tenant's people or disabled.
    /// As long as a tenant has no owner, <paramref name="firstOwner"/> becomes it by signing in.
    /// </summary>
    public async Task<Person?> SignInAsync(TenantContext tenant, Identity identity, string name, string email, Identity? firstOwner, CancellationToken cancel)
    {
        (name, email) = (Short(name), Short(email));
        Person? person = await FindAsync(tenant, identity, cancel) ?? (identity == firstOwner ? await ClaimAsync(tenant, identity, name, email, cancel) : null);
        if (person is null || person.Disabled) return null;
        if ((person.Name, person.Email) == (name, email)) return person;
        await ChangeAsync(tenant, person.Id, p => p with { Name = name, Email = email }, cancel);
        return await FindAsync(tenant, person.Id, cancel) is { Disabled: false } now ? now : null;
    }

    private async Task<Person?> ClaimAsync(TenantContext tenant, Identity identity, string name, string email, CancellationToken cancel)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            ETag? book = await BookAsync(tenant, cancel);
            if ((await ListAsync(tenant, cancel)).Any(p => p.Identity == identity || p.IsActiveOwner)) return await FindAsync(tenant, identity, cancel);
            if (await TryInsertAsync(tenant, identity, name, email, [new Grant(Role.Owner, null)], book, cancel) is { } person) return person;
        }

        throw new NotNowException("people-contended");
    }

    // An owner of one inbox would be an owner who cannot see all they answer for.
    private static bool Possible(IEnumerable<Grant> grants) => grants.All(grant => Enum.IsDefined(grant.Role) && (grant.Role != Role.Owner || grant.Inbox is null));

    private async Task<Person?> TryInsertAsync(TenantContext tenant, Identity identity, string name, string email, IReadOnlyList<Grant> grants, ETag? book, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        Person person = new()
        {
            Id = Crockford32.Encode(RandomNumberGenerator.GetBytes(10)), Identity = identity, Name = Short(name), Email = Short(email), Grants = [.. grants.Distinct()],
            Disabled = false, Created = now, SessionsFrom = now.AddSeconds(-1),
        };
        return await TryWriteAsync(tenant, book,
        [
            // An index row whose person was removed may still be there.
            .. (await PlacesAsync(tenant, identity, cancel)).Select(place => new TableTransactionAction(TableTransactionActionType.UpsertReplace, Index(tenant, place, person.Id))),
            new TableTransactionAction(TableTransactionActionType.Add, await WriteAsync(tenant, person, cancel)),
        ], cancel) ? person : null;
    }

    private async Task<PeopleChange> ChangeAsync(TenantContext tenant, string id, Func<Person, Person?> change, CancellationToken cancel)
    {
        bool removing = false;
        for (int tries = 0; tries < MostTries; tries++)
        {
            ETag? book = await BookAsync(tenant, cancel);
            IReadOnlyList<Person> all = await ListAsync(tenant, cancel);
            if (all.FirstOrDefault(p => p.Id == id) is not { } old) return removing ? PeopleChange.Done : PeopleChange.NotFound;
            Person? next = change(old);
            if (next == old) return PeopleChange.Done;
            if (old.IsActiveOwner && next is not { IsActiveOwner: true } && !all.Any(p => p.Id != id && p.IsActiveOwner)) return PeopleChange.LastOwner;
            removing = next is null;
            TableTransactionAction[] rows = next is null
                ? [
                    new(TableTransactionActionType.Delete, new TableEntity(tenant.Tenant.Value, PersonPrefix + id), new ETag(old.Version)),
                    .. await IndexRowsAsync(tenant, old, cancel),
                ]
                : [new(TableTransactionActionType.UpdateReplace, await WriteAsync(tenant, next, cancel), new ETag(old.Version))];
            if (await TryWriteAsync(tenant, book, rows, cancel)) return PeopleChange.Done;
        }

        throw new NotNowException("people-contended");
    }

    private async Task<ETag?> BookAsync(TenantContext tenant, CancellationToken cancel) =>
        (await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, BookRow, cancel: cancel))?.ETag;

    // A write whose answer was lost looks like one that someone else overtook; the next try then finds everything as it should be.
    private async Task<bool> TryWriteAsync(TenantContext tenant, ETag? book, IReadOnlyList<TableTransactionAction> rows, CancellationToken cancel)
    {
        TableEntity turned = new(tenant.Tenant.Value, BookRow) { ["at"] = time.GetUtcNow() };
        TableTransactionAction first = book is { } version
            ? new(TableTransactionActionType.UpdateReplace, turned, version)
            : new(TableTransactionActionType.Add, turned);
        try
        {
            await _rows.SubmitTransactionAsync([first, .. rows], cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            return false;
        }
    }

    private async Task<TableEntity> WriteAsync(TenantContext tenant, Person p, CancellationToken cancel)
    {
        PersonDocument document = new()
        {
            Directory = p.Identity.Directory.ToString("D"), ObjectId = p.Identity.ObjectId.ToString("D"), Name = p.Name, Email = p.Email,
            Grants = [.. p.Grants.Select(g => new GrantDocument(g.Role, g.Inbox?.Value ?? ""))], Disabled = p.Disabled, Created = p.Created, SessionsFrom = p.SessionsFrom,
        };
        return new TableEntity(tenant.Tenant.Value, PersonPrefix + p.Id) { ["doc"] = await _seal.SealAsync(tenant, "person:" + p.Id, document, AccessJson.Default.PersonDocument, cancel) };
    }

    private async Task<Person> ReadAsync(TenantContext tenant, TableEntity row, CancellationToken cancel)
    {
        string id = row.RowKey[PersonPrefix.Length..];
        PersonDocument d = await _seal.OpenAsync(tenant, "person:" + id, row.GetBinary("doc")!, AccessJson.Default.PersonDocument, cancel);
        return new Person
        {
            Id = id, Identity = new Identity(Guid.Parse(d.Directory), Guid.Parse(d.ObjectId)), Name = d.Name, Email = d.Email, Disabled = d.Disabled, Created = d.Created,
            Grants = [.. d.Grants.Select(g => new Grant(g.Role, g.Inbox.Length > 0 ? InboxId.Parse(g.Inbox) : null))], SessionsFrom = d.SessionsFrom, Version = row.ETag.ToString(),
        };
    }

    private static string Short(string text) => text.Length > LongestName ? text[..LongestName] : text;
}
