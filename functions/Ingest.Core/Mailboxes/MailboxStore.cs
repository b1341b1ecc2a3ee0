using System.Collections.Concurrent;
using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// Mailboxes: one partition each, so that a sync reads everything it needs by one query and moves the cursor in one transaction with the lease,
/// which a worker that lost the lease cannot do.
/// </summary>
public sealed class MailboxStore(TableServiceClient tables, KeyRing keys, TimeProvider time)
{
    private const string ConfigRow = "config", CredentialRow = "credential", LeaseRow = "lease", HealthRow = "health", CursorRow = "cursor!0";
    private static readonly TimeSpan CacheAge = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(TenantContext, InboxId), (Mailbox Mailbox, DateTimeOffset Read)> _cache = new();
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Mailboxes);
    private readonly BlindClaims _claims = new(tables.GetTableClient(TableNames.Mailboxes), keys, "mailbox.email", prefix: "", column: "inbox");

    private static string Partition(TenantContext tenant, InboxId inbox) => $"{tenant}.{inbox}";
    private static SealContext ProfileSeal(TenantContext tenant, InboxId inbox) => new(tenant.Tenant, KeyClass.Tenant, inbox.Value, "mailbox-profile");
    private static SealContext CredentialSeal(TenantContext tenant, InboxId inbox) => new(tenant.Tenant, KeyClass.Credential, inbox.Value, "credential");

    /// <summary>
    /// Connects a mailbox, or connects again the one that has this address: same inbox id, cursor and tickets, new credential.
    /// A different account behind a known address is refused (<see cref="MailboxFault.IdentityChanged"/>).
    /// </summary>
    public async Task<Mailbox> ConnectAsync(TenantContext tenant, MailboxKind kind, MailboxProfile profile, MailboxCredential? credential, CancellationToken cancel)
    {
        InboxId inbox = await ClaimAddressAsync(tenant, profile.Address, cancel);
        DateTimeOffset now = time.GetUtcNow(), created = now;
        bool changesKind = false;
        if (await FindAsync(tenant, inbox, cancel) is { } there)
        {
            bool isPinned = kind != MailboxKind.Imap && there.Mailbox is not { Kind: MailboxKind.Imap, Profile.Subject: "" };
            if (isPinned && there.Mailbox.Profile.Subject != profile.Subject) throw new MailboxRefusedException(MailboxFault.IdentityChanged);
            changesKind = there.Mailbox.Kind != kind && there.Cursor is not null;
            profile = Keep(there.Mailbox.Profile, profile);
            created = there.Mailbox.Created;
        }

        using DataKey profileKey = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, inbox.Value, cancel);
        string partition = Partition(tenant, inbox);
        TableEntity config = new(partition, ConfigRow)
        {
            ["kind"] = kind.ToString(),
            ["state"] = nameof(MailboxState.Active),
            ["created"] = created,
            ["profile"] = Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(profile, MailboxJson.Default.MailboxProfile), profileKey, ProfileSeal(tenant, inbox), SegmentLength.Row),
        };
        // All or nothing: a mailbox that is active must never be read with the credential that was refused, nor be without a lease to take.
        List<TableTransactionAction> rows =
        [
            new(TableTransactionActionType.UpsertMerge, config),
            new(TableTransactionActionType.UpsertMerge, new TableEntity(partition, LeaseRow) { ["owner"] = "", ["until"] = now }),
            new(TableTransactionActionType.UpsertMerge, HealthEntity(partition, new MailboxHealth { At = now, NotBefore = now })),
        ];
        // Another provider's position says nothing here; what is listed again the desk knows by its content.
        if (changesKind) rows.Add(new(TableTransactionActionType.Delete, new TableEntity(partition, CursorRow), ETag.All));
        if (credential is not null)
            rows.Add(new(TableTransactionActionType.UpsertReplace, new TableEntity(partition, CredentialRow) { ["doc"] = await SealCredentialAsync(tenant, inbox, credential, cancel) }));
        await _rows.SubmitTransactionAsync(rows, cancel);
        return (await FindAsync(tenant, inbox, cancel))!.Mailbox;
    }

    /// <summary>
    /// Connects a mailbox on an IMAP server, or connects again the one that has this address: same inbox id, cursor and tickets, new password. Where server or
    /// user changed, every folder is read anew, since its numbers mean other mail.
    /// </summary>
    public Task<Mailbox> ConnectImapAsync(TenantContext tenant, MailboxProfile profile, string password, CancellationToken cancel)
    {
        if (profile.Imap is not { Host.Length: > 0, UserName.Length: > 0, Port: > 0 and < 65536 }) throw new ArgumentException("An IMAP mailbox has a server with host, port and user name.", nameof(profile));
        return ConnectAsync(tenant, MailboxKind.Imap, profile, MailboxCredential.OfPassword(password), cancel);
    }

    // What is set in other places than where a mailbox is connected stays.
    private static MailboxProfile Keep(MailboxProfile old, MailboxProfile made) => made with
    {
        Subject = made.Subject.Length > 0 ? made.Subject : old.Subject,
        Aliases = old.Aliases,
        TrustedSealers = old.TrustedSealers,
        ReceivingServers = old.ReceivingServers,
        BackFillDays = old.BackFillDays,
        PlusAddressing = made.Imap is null ? old.PlusAddressing : made.PlusAddressing,
        SenderName = old.SenderName,
        Acknowledgement = old.Acknowledgement,
        Imap = made.Imap?.After(old.Imap),
        // A new password must never go to a server that the admin no longer names.
        Smtp = made.Imap is null ? old.Smtp : made.Smtp,
    };

    private async Task<InboxId> ClaimAddressAsync(TenantContext tenant, string address, CancellationToken cancel) =>
        InboxId.Parse(await _claims.ClaimAsync(tenant, $"{tenant}.ix", EmailIdentity.Normalise(address), Crockford32.Encode(Guid.NewGuid().ToByteArray().AsSpan(0, 10)), cancel));

    /// <summary>Moves the claims of addresses to the newest index key; see <see cref="BlindClaims"/>.</summary>
    internal Task<IndexMove> MoveIndexAsync(TenantContext tenant, int epoch, bool destroyed, int atMost, CancellationToken cancel) =>
        _claims.MoveAsync(tenant, $"{tenant}.ix", epoch, destroyed, atMost, async inbox =>
        {
            try
            {
                // A claim without a mailbox is that of an address which nobody went on to connect.
                return await FindAsync(tenant, InboxId.Parse(inbox), cancel) is { } there ? EmailIdentity.Normalise(there.Mailbox.Profile.Address) : "";
            }
            catch (NotNowException)
            {
                return null;
            }
        }, cancel);

    /// <summary>Takes a mailbox's rows away, and what leads to it from its address; its tickets and mails stay where they are.</summary>
    internal async Task RemoveAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs($"{tenant}.ix").And(TableFilter.Where("inbox", TableComparison.Equal, inbox.Value)), cancel: cancel))
            await _rows.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: cancel);
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(Partition(tenant, inbox)), select: ["PartitionKey", "RowKey"], cancel: cancel))
            await _rows.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: cancel);
        _cache.TryRemove((tenant, inbox), out _);
    }

    /// <summary>Seals and stores a credential, as when the provider hands out a new refresh token; returns the sealed bytes.</summary>
    public async Task<byte[]> WriteCredentialAsync(TenantContext tenant, InboxId inbox, MailboxCredential credential, CancellationToken cancel)
    {
        byte[] box = await SealCredentialAsync(tenant, inbox, credential, cancel);
        await _rows.UpsertEntityAsync(new TableEntity(Partition(tenant, inbox), CredentialRow) { ["doc"] = box }, TableUpdateMode.Replace, cancel);
        return box;
    }

    private async Task<byte[]> SealCredentialAsync(TenantContext tenant, InboxId inbox, MailboxCredential credential, CancellationToken cancel)
    {
        using DataKey key = await keys.Credentials.MakeAsync(tenant, inbox, cancel);
        return Envelope.Seal(credential.ToJsonBytes(), key, CredentialSeal(tenant, inbox), SegmentLength.Row);
    }

    /// <summary>Opens a credential; null when its key was erased. Throws <see cref="NotNowException"/> ("vault-forbidden") where the app may only store credentials.</summary>
    public async Task<MailboxCredential?> OpenCredentialAsync(TenantContext tenant, InboxId inbox, byte[] box, CancellationToken cancel)
    {
        using DataKey? key = await keys.Credentials.FindAsync(tenant, inbox, Envelope.ReadKeyId(box), cancel);
        return key is null ? null : MailboxCredential.FromJsonBytes(Envelope.Open(box, key, CredentialSeal(tenant, inbox)));
    }

    /// <summary>Deletes the keys of credentials that were replaced, or never stored, before this time; how many there were.</summary>
    public async Task<int> SweepCredentialKeysAsync(TenantContext tenant, InboxId inbox, DateTimeOffset before, CancellationToken cancel, Func<KeyAct, Task>? tell = null)
    {
        TableEntity? row = await _rows.GetEntityIfExistsAsync(Partition(tenant, inbox), CredentialRow, ["doc"], cancel);
        return await keys.Credentials.EraseAsync(tenant, inbox, row?.GetBinary("doc") is { } box ? Envelope.ReadKeyId(box) : null, before, cancel, tell);
    }

    /// <summary>All that is known of a mailbox, by one query; null when it is not this tenant's.</summary>
    public async Task<MailboxView?> FindAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        Dictionary<string, TableEntity> rows = [];
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(Partition(tenant, inbox)), cancel: cancel)) rows[row.RowKey] = row;
        if (!rows.TryGetValue(ConfigRow, out TableEntity? config)) return null;
        Mailbox mailbox = await ReadConfigAsync(tenant, inbox, config, cancel);
        TableEntity? lease = rows.GetValueOrDefault(LeaseRow), health = rows.GetValueOrDefault(HealthRow);
        return new MailboxView(mailbox, rows.GetValueOrDefault(CredentialRow)?.GetBinary("doc"),
            rows.GetValueOrDefault(CursorRow)?.GetString("value") is { } cursor ? new SourceCursor(cursor) : null,
            new MailboxLease(lease?.GetString("owner") ?? "", lease?.GetDateTimeOffset("until") ?? default, lease?.ETag.ToString() ?? ""),
            ReadHealth(health));
    }

    /// <summary>A mailbox's configuration as it was within the last minute; throws <see cref="InvalidOperationException"/> for a mailbox that never was.</summary>
    public async Task<Mailbox> GetCachedAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_cache.TryGetValue((tenant, inbox), out (Mailbox Mailbox, DateTimeOffset Read) known) && now - known.Read < CacheAge) return known.Mailbox;
        Mailbox mailbox = (await FindAsync(tenant, inbox, cancel))?.Mailbox ?? throw new InvalidOperationException("Work names a mailbox that does not exist.");
        if (_cache.Count > 10_000) _cache.Clear();
        _cache[(tenant, inbox)] = (mailbox, now);
        return mailbox;
    }

    private static MailboxHealth ReadHealth(TableEntity? row) => new()
    {
        Failures = row?.GetInt32("failures") ?? 0,
        Fault = row?.GetString("fault") ?? "",
        NotBefore = row?.GetDateTimeOffset("notBefore"),
        LastMail = row?.GetDateTimeOffset("lastMail"),
        At = row?.GetDateTimeOffset("at"),
    };

    private async Task<Mailbox> ReadConfigAsync(TenantContext tenant, InboxId inbox, TableEntity row, CancellationToken cancel)
    {
        using DataKey key = await keys.FindAsync(tenant, KeyClass.Tenant, inbox.Value, cancel) ?? throw new NotNowException("mailbox-key-missing");
        byte[] json = Envelope.Open(row.GetBinary("profile")!, key, ProfileSeal(tenant, inbox));
        return new Mailbox
        {
            Id = inbox,
            Kind = Enum.Parse<MailboxKind>(row.GetString("kind")!),
            State = Enum.Parse<MailboxState>(row.GetString("state")!),
            PollMinutes = row.GetInt32("pollMinutes") ?? 1,
            KeepOriginalDays = row.GetInt32("keepOriginalDays") ?? 30,
            Created = row.GetDateTimeOffset("created") ?? default,
            Profile = JsonSerializer.Deserialize(json, MailboxJson.Default.MailboxProfile)!,
            Version = row.ETag.ToString(),
        };
    }

    /// <summary>The inboxes of a tenant.</summary>
    public async IAsyncEnumerable<InboxId> ListAsync(TenantContext tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string prefix = tenant + ".";
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionPrefix(prefix).And(TableFilter.RowIs(ConfigRow)), select: ["PartitionKey"], cancel: cancel))
            yield return InboxId.Parse(row.PartitionKey[prefix.Length..]);
    }

    /// <summary>Every mailbox of every tenant with what the scheduler needs; the one query that knows no tenant, since the clock has none.</summary>
    public async IAsyncEnumerable<(TenantContext Tenant, InboxId Inbox, MailboxKind Kind, MailboxState State, int PollMinutes)> ListForClockAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.RowIs(ConfigRow), select: ["PartitionKey", "kind", "state", "pollMinutes"], cancel: cancel))
        {
            string[] parts = row.PartitionKey.Split('.');
            yield return (new TenantContext(TenantId.Parse(parts[0])), InboxId.Parse(parts[1]), Enum.Parse<MailboxKind>(row.GetString("kind")!),
                Enum.Parse<MailboxState>(row.GetString("state")!), row.GetInt32("pollMinutes") ?? 1);
        }
    }

    /// <summary>Takes the lease seen in <paramref name="seen"/>; null when someone else holds it or was quicker.</summary>
    public async Task<MailboxLease?> TakeLeaseAsync(TenantContext tenant, InboxId inbox, MailboxLease seen, string owner, TimeSpan length, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (seen.Owner.Length > 0 && seen.Owner != owner && seen.Until > now) return null;
        TableEntity row = new(Partition(tenant, inbox), LeaseRow) { ["owner"] = owner, ["until"] = now + length };
        try
        {
            // Without a row there is no version to hold on to, and whoever inserts it first has the lease.
            ETag version = seen.Version.Length == 0
                ? await _rows.AddEntityAsync(row, cancel)
                : await _rows.UpdateEntityAsync(row, new ETag(seen.Version), TableUpdateMode.Merge, cancel);
            return new MailboxLease(owner, now + length, version.ToString());
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return await IfOursAsync(tenant, inbox, owner, now + length, cancel);
        }
    }

    // A write whose answer was lost is sent again and then meets its own first self; the end time tells ours from anyone else's.
    private async Task<MailboxLease?> IfOursAsync(TenantContext tenant, InboxId inbox, string owner, DateTimeOffset until, CancellationToken cancel)
    {
        TableEntity? there = await _rows.GetEntityIfExistsAsync(Partition(tenant, inbox), LeaseRow, cancel: cancel);
        return there?.GetString("owner") == owner && there.GetDateTimeOffset("until") == until ? new MailboxLease(owner, until, there.ETag.ToString()) : null;
    }

    /// <summary>
    /// Moves the cursor together with the lease: both or neither. Null when the lease was lost; then nothing moved. With
    /// <paramref name="length"/> zero the lease is given back.
    /// </summary>
    public async Task<MailboxLease?> MoveCursorAsync(TenantContext tenant, InboxId inbox, SourceCursor cursor, MailboxLease lease, TimeSpan length,
        DateTimeOffset? lastMail, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        string partition = Partition(tenant, inbox);
        TableEntity held = new(partition, LeaseRow) { ["owner"] = length > TimeSpan.Zero ? lease.Owner : "", ["until"] = now + length };
        TableEntity health = new(partition, HealthRow) { ["failures"] = 0, ["fault"] = "", ["notBefore"] = now, ["at"] = now };
        if (lastMail is { } at) health["lastMail"] = at;
        try
        {
            IReadOnlyList<ETag> versions = await _rows.SubmitTransactionAsync(
            [
                new TableTransactionAction(TableTransactionActionType.UpdateMerge, held, new ETag(lease.Version)),
                new TableTransactionAction(TableTransactionActionType.UpsertReplace, new TableEntity(partition, CursorRow) { ["value"] = cursor.Value }),
                new TableTransactionAction(TableTransactionActionType.UpsertMerge, health),
            ], cancel);
            return new MailboxLease(lease.Owner, now + length, versions[0].ToString());
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return await IfOursAsync(tenant, inbox, held.GetString("owner")!, now + length, cancel);
        }
    }

    /// <summary>Notes how a mailbox fares.</summary>
    public Task WriteHealthAsync(TenantContext tenant, InboxId inbox, MailboxHealth health, CancellationToken cancel) =>
        _rows.UpsertEntityAsync(HealthEntity(Partition(tenant, inbox), health), TableUpdateMode.Merge, cancel);

    private static TableEntity HealthEntity(string partition, MailboxHealth health)
    {
        TableEntity row = new(partition, HealthRow) { ["failures"] = health.Failures, ["fault"] = health.Fault };
        if (health.NotBefore is { } notBefore) row["notBefore"] = notBefore;
        if (health.LastMail is { } lastMail) row["lastMail"] = lastMail;
        if (health.At is { } at) row["at"] = at;
        return row;
    }

    /// <summary>Changes what an admin may change of a mailbox without connecting it anew: not its address, account or servers. False when it is not this tenant's.</summary>
    public async Task<bool> ChangeProfileAsync(TenantContext tenant, InboxId inbox, Func<MailboxProfile, MailboxProfile> change, CancellationToken cancel)
    {
        for (int tries = 0; tries < 4; tries++)
        {
            if (await FindAsync(tenant, inbox, cancel) is not { } there) return false;
            MailboxProfile old = there.Mailbox.Profile, next = change(old) with { Address = old.Address, Subject = old.Subject, Imap = old.Imap, Smtp = old.Smtp };
            using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, inbox.Value, cancel);
            byte[] box = Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(next, MailboxJson.Default.MailboxProfile), key, ProfileSeal(tenant, inbox), SegmentLength.Row);
            try
            {
                await _rows.UpdateEntityAsync(new TableEntity(Partition(tenant, inbox), ConfigRow) { ["profile"] = box }, new ETag(there.Mailbox.Version), TableUpdateMode.Merge, cancel);
                _cache.TryRemove((tenant, inbox), out _);
                return true;
            }
            catch (RequestFailedException e) when (e.Status == 412)
            {
            }
        }

        throw new NotNowException("mailbox-contended");
    }

    /// <summary>
    /// Pauses, resumes or marks a mailbox; true when it has the state now. False when it is not this tenant's, or is no longer of the version that
    /// <paramref name="ifVersion"/> names and has another state.
    /// </summary>
    public async Task<bool> SetStateAsync(TenantContext tenant, InboxId inbox, MailboxState state, CancellationToken cancel, string? ifVersion = null)
    {
        try
        {
            await _rows.UpdateEntityAsync(new TableEntity(Partition(tenant, inbox), ConfigRow) { ["state"] = state.ToString() },
                ifVersion is null ? ETag.All : new ETag(ifVersion), TableUpdateMode.Merge, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return false;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            // A write whose answer was lost is sent again and then meets its own first self; and a state that someone else set alike is the one asked for.
            return (await _rows.GetEntityIfExistsAsync(Partition(tenant, inbox), ConfigRow, select: ["state"], cancel: cancel))?.GetString("state") == state.ToString();
        }
    }
}
