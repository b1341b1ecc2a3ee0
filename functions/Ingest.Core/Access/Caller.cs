namespace Ingest.Core.Access;

/// <summary>A permission for one inbox, or for all.</summary>
/// <param name="Permission">What may be done.</param>
/// <param name="Inbox">Where; null for every inbox there is and will be.</param>
public readonly record struct Right(Permission Permission, InboxId? Inbox);

/// <summary>What somebody is who asks.</summary>
public enum CallerKind
{
    /// <summary>A person who is signed in, or for whom an application calls.</summary>
    Person = 1,
    /// <summary>A token of ours.</summary>
    Token = 2,
    /// <summary>An application of the directory that calls for itself.</summary>
    Application = 3,
}

/// <summary>
/// Whoever asks: a person with a session, a token, or an application with an Entra token. Every route asks it before it answers, and a foreign inbox
/// looks like one that never was.
/// </summary>
public sealed record Caller
{
    /// <summary>The id of the built-in owner that a one-time link signs in under the development profile.</summary>
    public const string LocalOwnerId = "local";

    /// <summary>Whose data is asked for.</summary>
    public required TenantContext Tenant { get; init; }
    /// <summary>A random id of the person or token, safe in the clear.</summary>
    public required string Id { get; init; }
    /// <summary>What people call the caller; not for logs.</summary>
    public required string Name { get; init; }
    /// <summary>What the caller is.</summary>
    public CallerKind Kind { get; init; } = CallerKind.Token;
    /// <summary>True for a person, false for a program.</summary>
    public bool IsPerson => Kind == CallerKind.Person;
    /// <summary>All that is allowed; what is not here is not.</summary>
    public required IReadOnlyList<Right> Rights { get; init; }

    /// <summary>True when this may be done in that inbox.</summary>
    public bool May(Permission permission, InboxId inbox) => Rights.Any(r => r.Permission == permission && (r.Inbox is null || r.Inbox == inbox));

    /// <summary>True when this may be done in at least one inbox; what a menu asks.</summary>
    public bool MayAnywhere(Permission permission) => Rights.Any(r => r.Permission == permission);

    /// <summary>True when this may be done in every inbox; what an act asks that concerns none that exists, such as connecting a new mailbox.</summary>
    public bool MayEverywhere(Permission permission) => Rights.Any(r => r.Permission == permission && r.Inbox is null);

    /// <summary>True when anything at all is allowed in that inbox; who may not even this must not learn that it exists.</summary>
    public bool Knows(InboxId inbox) => Rights.Any(r => r.Inbox is null || r.Inbox == inbox);

    /// <summary>A person with their grants.</summary>
    public static Caller Of(TenantContext tenant, Person person) =>
        new() { Tenant = tenant, Id = person.Id, Name = person.Name.Length > 0 ? person.Name : person.Email, Kind = CallerKind.Person, Rights = RightsOf(person.Grants) };

    /// <summary>The built-in owner of the development profile, who exists in no table.</summary>
    internal static Caller LocalOwner(TenantContext tenant) =>
        new() { Tenant = tenant, Id = LocalOwnerId, Name = "Local owner", Kind = CallerKind.Person, Rights = RightsOf([new Grant(Role.Owner, null)]) };

    internal static IReadOnlyList<Right> RightsOf(IEnumerable<Grant> grants) =>
        [.. grants.SelectMany(grant => Roles.PermissionsOf(grant.Role).Select(permission => new Right(permission, grant.Inbox))).Distinct()];

    /// <summary>The id alone: a name may be content.</summary>
    public override string ToString() => $"{Tenant}/{Id}";
}
