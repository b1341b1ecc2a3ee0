using System.Text.Json.Serialization;

namespace Ingest.Core.Access;

/// <summary>A role in one inbox, or in all.</summary>
/// <param name="Role">What the person is.</param>
/// <param name="Inbox">Where; null for every inbox. An owner is so in all.</param>
public readonly record struct Grant(Role Role, InboxId? Inbox);

/// <summary>Who signs in, as the directory proves it: the directory's tenant and the object's id in it, which never pass to another person.</summary>
/// <param name="Directory">The Entra tenant id.</param>
/// <param name="ObjectId">The object id.</param>
public readonly record struct Identity(Guid Directory, Guid ObjectId)
{
    /// <inheritdoc />
    public override string ToString() => $"{Directory:D}/{ObjectId:D}";
}

/// <summary>A person of a tenant.</summary>
public sealed record Person
{
    /// <summary>A random id, safe in the clear.</summary>
    public required string Id { get; init; }
    /// <summary>Who they are in the directory.</summary>
    public required Identity Identity { get; init; }
    /// <summary>Their name, as the directory last told it.</summary>
    public required string Name { get; init; }
    /// <summary>Their address, as the directory last told it; says nothing about what they may do.</summary>
    public required string Email { get; init; }
    /// <summary>What they may do, and where.</summary>
    public required IReadOnlyList<Grant> Grants { get; init; }
    /// <summary>True when they may do nothing until enabled again.</summary>
    public required bool Disabled { get; init; }
    /// <summary>When they were added.</summary>
    public required DateTimeOffset Created { get; init; }
    /// <summary>Sessions from before this time are over.</summary>
    public required DateTimeOffset SessionsFrom { get; init; }
    /// <summary>The row's version, for a conditional write.</summary>
    public string Version { get; init; } = "";

    /// <summary>True when they are an owner who may sign in.</summary>
    public bool IsActiveOwner => !Disabled && Grants.Any(grant => grant.Role == Role.Owner);

    /// <summary>The id alone.</summary>
    public override string ToString() => Id;
}

/// <summary>A person as they are sealed.</summary>
internal sealed record PersonDocument
{
    public required string Directory { get; init; }
    public required string ObjectId { get; init; }
    public required string Name { get; init; }
    public required string Email { get; init; }
    public required IReadOnlyList<GrantDocument> Grants { get; init; }
    public required bool Disabled { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required DateTimeOffset SessionsFrom { get; init; }
}

/// <summary>A grant as it is sealed; the inbox is empty for all.</summary>
internal sealed record GrantDocument(Role Role, string Inbox);

/// <summary>A session as it is sealed.</summary>
internal sealed record SessionDocument(string Person, DateTimeOffset Created, DateTimeOffset Expires);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(PersonDocument))]
[JsonSerializable(typeof(SessionDocument))]
[JsonSerializable(typeof(SignInDocument))]
[JsonSerializable(typeof(TokenDocument))]
internal sealed partial class AccessJson : JsonSerializerContext;
