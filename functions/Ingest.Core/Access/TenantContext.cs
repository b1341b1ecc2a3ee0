namespace Ingest.Core.Access;

/// <summary>Whose data a call may touch. Every store method takes one, so that no query can be written without a tenant.</summary>
/// <param name="Tenant">The tenant's id: 1 to 32 characters of a-z and 0-9.</param>
public readonly record struct TenantContext(TenantId Tenant)
{
    /// <inheritdoc />
    public override string ToString() => Tenant.Value;
}

/// <summary>A tenant's id: 1 to 32 characters of a-z and 0-9, safe in every key and path.</summary>
public readonly record struct TenantId
{
    /// <summary>The id's text.</summary>
    public string Value { get; }

    private TenantId(string value) => Value = value;

    /// <summary>Reads an id; throws <see cref="FormatException"/> on anything else, so that a key can never be forged by a name.</summary>
    public static TenantId Parse(string text) => TryParse(text, out TenantId id)
        ? id
        : throw new FormatException("A tenant id is 1 to 32 characters of a-z and 0-9.");

    /// <summary>Reads an id; false on anything else.</summary>
    public static bool TryParse(string? text, out TenantId id)
    {
        bool ok = text is { Length: >= 1 and <= 32 } && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9'));
        id = ok ? new TenantId(text!) : default;
        return ok;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>A mailbox as the desk knows it: logical, so that it survives reconnection and a change of provider. Same alphabet as a tenant id.</summary>
public readonly record struct InboxId
{
    /// <summary>The id's text.</summary>
    public string Value { get; }

    private InboxId(string value) => Value = value;

    /// <summary>Reads an id; throws <see cref="FormatException"/> on anything else.</summary>
    public static InboxId Parse(string text) => TryParse(text, out InboxId id)
        ? id
        : throw new FormatException("An inbox id is 1 to 32 characters of a-z and 0-9.");

    /// <summary>Reads an id; false on anything else.</summary>
    public static bool TryParse(string? text, out InboxId id)
    {
        bool ok = TenantId.TryParse(text, out TenantId same);
        id = ok ? new InboxId(same.Value) : default;
        return ok;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
