using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>Where a key's row lies. Only this file knows; nothing here is bound into a seal, so that rows may be laid out anew.</summary>
internal readonly record struct KeyPlace(string Partition, string Row)
{
    private const int LongestOwner = 200;

    public static string RootPartition(TenantId tenant) => $"{tenant.Value}.root";

    /// <summary>The tenant's name in a partition, and a name behind all partitions of that tenant and before those of any other.</summary>
    public static (string Tenant, string Behind) TenantOf(string partition) => (partition.Split('.')[0], partition.Split('.')[0] + "/");

    public static string RootPrefix(KeyPurpose purpose) => purpose switch
    {
        KeyPurpose.Data => "trk!",
        KeyPurpose.Credential => "crk!",
    };

    public static string IndexPrefix => "ixk!";

    public static KeyPlace Root(TenantId tenant, KeyPurpose purpose, int epoch) =>
        new(RootPartition(tenant), RootPrefix(purpose) + Digits(epoch));

    public static KeyPlace IdKey(TenantId tenant) => new(RootPartition(tenant), "idk");

    public static KeyPlace IndexKey(TenantId tenant, int epoch) => new(RootPartition(tenant), IndexPrefix + Digits(epoch));

    /// <summary>The epoch in a row key with this prefix, or 0 when it is none.</summary>
    public static int EpochOf(string row, string prefix) =>
        row.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(row.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch)
            && row == prefix + Digits(epoch)
            ? epoch
            : 0;

    /// <summary>The place of a data key that is not one of a raw mail; throws <see cref="ArgumentException"/> on an owner that no row key can hold.</summary>
    public static KeyPlace Data(TenantId tenant, KeyClass keyClass, string owner) => keyClass switch
    {
        KeyClass.Ticket => Of($"{tenant.Value}.t{Shard(owner)}", keyClass, owner),
        KeyClass.Contact => Of($"{tenant.Value}.c{Shard(owner)}", keyClass, owner),
        KeyClass.Credential => Of(CredentialPartition(tenant), keyClass, owner),
        KeyClass.Tenant => Of($"{tenant.Value}.o", keyClass, owner),
        KeyClass.Raw => throw new ArgumentException("The key of a raw mail is found by its inbox.", nameof(keyClass)),
    };

    /// <summary>Where the keys of a tenant's mailbox credentials lie.</summary>
    public static string CredentialPartition(TenantId tenant) => $"{tenant.Value}.m";

    /// <summary>The place of the key of one stored credential: each has its own.</summary>
    public static KeyPlace Credential(TenantId tenant, InboxId inbox, Guid keyId) =>
        new(CredentialPartition(tenant), Data(tenant, KeyClass.Credential, inbox.Value).Row + "!" + keyId.ToString("N"));

    /// <summary>All raw keys of an inbox are one partition, so that those of a sync batch are one transaction.</summary>
    public static KeyPlace Raw(TenantId tenant, InboxId inbox, string messageKey) => inbox != default
        ? Of($"{tenant.Value}.r.{inbox.Value}", KeyClass.Raw, messageKey)
        : throw new ArgumentException("An inbox is needed.", nameof(inbox));

    /// <summary>Class and owner that the row of a data key names; false for every other row.</summary>
    public static bool TryReadData(string row, out KeyClass keyClass, out string owner)
    {
        (keyClass, owner) = (default, "");
        string[] parts = row.Split('!', 3);
        if (parts is not ["dek", _, _])
            return false;
        foreach (KeyClass candidate in Enum.GetValues<KeyClass>())
        {
            if (candidate.Name() == parts[1])
                // A credential's key names its own id behind the mailbox.
                (keyClass, owner) = (candidate, candidate == KeyClass.Credential ? parts[2].Split('!')[0] : parts[2]);
        }

        return owner.Length > 0;
    }

    private static KeyPlace Of(string partition, KeyClass keyClass, string owner)
    {
        bool safe = owner is { Length: >= 1 and <= LongestOwner } && owner.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '~');
        return safe
            ? new KeyPlace(partition, $"dek!{keyClass.Name()}!{owner}")
            : throw new ArgumentException("The owner of a key is 1 to 200 letters, digits and -_.:~", nameof(owner));
    }

    private static string Shard(string owner) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)).AsSpan(0, 1));

    private static string Digits(int epoch) => epoch.ToString("D6", CultureInfo.InvariantCulture);
}
