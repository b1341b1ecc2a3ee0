using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    private const string SigningKeyCount = "signingKeys";

    // What proves the erasure stays: the ledger, and the audit log, which has a life of its own.
    private static readonly string[] Wiped = [.. TableNames.All.Except([TableNames.Erasures, TableNames.Audit, TableNames.Keys])];

    /// <summary>
    /// Erases all of a tenant: gives the grants of its mailboxes back and destroys its DKIM keys in the vault; then its root keys, from which everything hangs; then wipes rows and
    /// blobs. The receipt is also kept in the clear, since nothing of the tenant's can be opened any more. While a provider or the vault does not answer, it waits for some hours as begun, with
    /// every mailbox paused, and housekeeping goes on. No tenant of that name can be made again.
    /// </summary>
    public async Task<ErasureEnd> TenantAsync(TenantContext tenant, AuditActor actor, CancellationToken cancel, TimeSpan? within = null)
    {
        if (await _ledger.FindLastAsync(tenant, cancel) is { } last)
        {
            Erasure before = Gone(tenant, last);
            await EndWipeAsync(tenant, before.Id, new Run(_time, within, actor), cancel);
            return new ErasureEnd(ErasureOutcome.DoneBefore, before, []);
        }

        Erasure? erasure = await _ledger.FindAsync(tenant, ErasureKind.Tenant, tenant.Tenant.Value, cancel);
        if (erasure is not { State: ErasureState.Begun })
        {
            if (await _holds.ListAsync(tenant, cancel) is { Count: > 0 } holds) return await RefuseAsync(tenant, actor, ErasureKind.Tenant, "", holds, cancel);
            await AuditAsync(tenant, actor, ErasureKind.Tenant, AuditResult.Begun, e => e, cancel);
            erasure = await _ledger.BeginAsync(tenant, ErasureKind.Tenant, tenant.Tenant.Value, new ErasureNotes { Stage = ErasureStage.Kept }, cancel);
        }

        return await WorkAsync(tenant, erasure, actor, within, cancel);
    }

    // What the ledger's own row says cannot be read any more; the receipt can.
    private static Erasure Gone(TenantContext tenant, byte[] receipt) => Receipt.Read(receipt) is { } body
        ? new Erasure { Id = body.Erasure, Kind = ErasureKind.Tenant, Target = tenant.Tenant.Value, State = ErasureState.Destroyed, Begun = Receipt.Time(body.Begun), Destroyed = Receipt.Time(body.Destroyed), Receipt = receipt, Notes = new ErasureNotes { Stage = ErasureStage.Rest } }
        : throw new InvalidDataException("The tenant's last receipt cannot be read.");

    // Until its root keys go a hold that was placed since it was begun keeps all: before a grant or a signing key went it ends by that, later on it waits.
    private async Task<bool> HoldsOnAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        if (await _holds.ListAsync(tenant, cancel) is not { Count: > 0 } holds) return false;
        bool isUntouched = erasure is { Stage: ErasureStage.Kept, Notes.SigningKeys: "" or "none" } && erasure.Notes.Counts.GetValueOrDefault(SigningKeyCount) == 0 && (await _ledger.GrantsAsync(tenant, erasure, cancel)).Count == 0;
        if (isUntouched) run.Holds = holds;
        else (run.Keeping, run.Waits) = (holds, true);
        return true;
    }

    // What others hold of it first, while our keys still open what names it: the pipeline opens credentials, the front may not.
    private async Task<Erasure> LetGoOfOutsideAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        if (await HoldsOnAsync(tenant, erasure, run, cancel)) return erasure;
        bool isLate = _time.GetUtcNow() >= erasure.Begun + GrantMayTake;
        erasure = await DestroySigningKeysAsync(tenant, erasure, isLate, cancel);
        bool waits = erasure.Notes.SigningKeys.Length == 0;
        Dictionary<string, string> grants = await _ledger.GrantsAsync(tenant, erasure, cancel);
        foreach (InboxId inbox in (await _mailboxes.ListAsync(tenant, cancel).ToListAsync(cancel)).Where(i => !grants.ContainsKey(i.Value)).OrderBy(i => i.Value, StringComparer.Ordinal))
        {
            string grant = await GiveBackAsync(tenant, inbox, grants, isLate, cancel);
            waits |= !FinalGrants.Contains(grant) && !isLate;
            if (!FinalGrants.Contains(grant) && !isLate) continue;
            await _ledger.NoteGrantAsync(tenant, erasure, inbox, grant, cancel);
            grants[inbox.Value] = grant;
            if (run.IsOver) return erasure;
        }

        if (run.Waits = waits) return erasure;
        SortedDictionary<string, long> counts = new(erasure.Notes.Counts, StringComparer.Ordinal) { ["grantsGivenBack"] = grants.Values.Count(grant => grant == "revoked") };
        ErasureNotes notes = erasure.Notes with { Stage = ErasureStage.Last, Counts = counts, Grant = string.Join(",", grants.Values.Distinct().Order(StringComparer.Ordinal)) };
        return await _ledger.SaveAsync(tenant, erasure with { Notes = notes }, cancel);
    }

    // Of several mailboxes that live on one grant the last one gives it back. One whose row was spoiled names no grant that anybody could give back.
    private async Task<string> GiveBackAsync(TenantContext tenant, InboxId inbox, Dictionary<string, string> done, bool isLate, CancellationToken cancel)
    {
        try
        {
            await _mailboxes.SetStateAsync(tenant, inbox, MailboxState.Paused, cancel);
            return await _mailboxes.FindAsync(tenant, inbox, cancel) is { } view ? await _revokeGrant(tenant, view, other => Task.FromResult(done.ContainsKey(other.Value)), cancel) : "none";
        }
        catch (SealBrokenException)
        {
            return isLate ? "unreadable" : "";
        }
        catch (NotNowException e) when (isLate)
        {
            return e.ReasonCode;
        }
    }

    // Counted before they go: nothing of them is left to count after a crash.
    private async Task<Erasure> DestroySigningKeysAsync(TenantContext tenant, Erasure erasure, bool isLate, CancellationToken cancel)
    {
        string ended;
        try
        {
            IReadOnlyList<(string Row, string Name)> doomed = await _signing.NamesAsync(tenant, cancel);
            long found = Math.Max(doomed.Count, erasure.Notes.Counts.GetValueOrDefault(SigningKeyCount));
            if (found > erasure.Notes.Counts.GetValueOrDefault(SigningKeyCount))
                erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Counts = new(erasure.Notes.Counts, StringComparer.Ordinal) { [SigningKeyCount] = found } } }, cancel);
            foreach ((string Row, string Name) key in doomed) await _signing.DestroyAsync(tenant, key, cancel);
            ended = found > 0 ? "deleted" : "none";
        }
        catch (NotNowException e) when (e.ReasonCode.StartsWith("vault-", StringComparison.Ordinal))
        {
            ended = isLate ? e.ReasonCode : "";
        }

        return ended == erasure.Notes.SigningKeys ? erasure : await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { SigningKeys = ended } }, cancel);
    }

    private async Task<Erasure> EndTenantAsync(TenantContext tenant, Erasure erasure, Run run, CancellationToken cancel)
    {
        if (await HoldsOnAsync(tenant, erasure, run, cancel)) return erasure;
        byte[] receipt = await SignLastAsync(tenant, erasure, cancel);
        await AuditEndAsync(tenant, erasure, run, destroyed: 0, cancel);
        // The receipt first: once it is there, whoever asks again goes on below, keys or no keys.
        await _ledger.KeepLastAsync(tenant, receipt, cancel);
        byte[] kept = await _ledger.FindLastAsync(tenant, cancel) ?? receipt;
        await EndWipeAsync(tenant, erasure.Id, run, cancel);
        return Gone(tenant, kept);
    }

    // True when nothing is left to wipe; what takes longer housekeeping goes on with.
    private async Task<bool> EndWipeAsync(TenantContext tenant, string id, Run run, CancellationToken cancel)
    {
        if (!await WipeAsync(tenant, run, cancel)) return false;
        await _ledger.CloseAsync(tenant, id, cancel);
        return true;
    }

    private async Task<byte[]> SignLastAsync(TenantContext tenant, Erasure erasure, CancellationToken cancel)
    {
        List<string> lines = [];
        await foreach (TableEntity row in _keyRows.QueryAsync(TableFilter.PartitionPrefix(tenant + "."), select: ["PartitionKey", "RowKey", "keyId", "erased"], cancel: cancel))
            if (row.GetDateTimeOffset("erased") is null) lines.Add($"{row.PartitionKey} {row.RowKey} {(row.GetGuid("keyId") is { } id ? id.ToString("D") : "-")}");
        lines.Sort(StringComparer.Ordinal);
        SortedDictionary<string, long> counts = new(erasure.Notes.Counts, StringComparer.Ordinal)
        {
            ["contacts"] = lines.Count(l => l.Contains("dek!contact!", StringComparison.Ordinal)), ["tickets"] = lines.Count(l => l.Contains("dek!ticket!", StringComparison.Ordinal)),
            ["originals"] = lines.Count(l => l.Contains("dek!raw!", StringComparison.Ordinal)), ["rootKeys"] = lines.Count(l => l.StartsWith($"{tenant}.root ", StringComparison.Ordinal)),
        };
        ReceiptBody body = Receipt.Write(tenant, erasure, _time.GetUtcNow(), [], counts) with
        {
            KeysDestroyed = lines.Count,
            KeysDigest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))))),
            Keys = [.. lines.Where(l => l.StartsWith($"{tenant}.root ", StringComparison.Ordinal))],
        };
        return await Receipt.SignAsync(body, _vault, cancel);
    }

    private async Task<bool> WipeAsync(TenantContext tenant, Run run, CancellationToken cancel)
    {
        await _keys.EraseRootsAsync(tenant, cancel);
        foreach (string container in new[] { Packs.Container, TicketStore.Container, ErasureLedger.Container })
        {
            await foreach (StoredBlob blob in _blobs.ListAsync(container, $"{tenant}/", cancel))
            {
                if (container != ErasureLedger.Container || blob.Name != ErasureLedger.LastName(tenant)) await _blobs.DeleteIfExistsAsync(container, blob.Name, cancel);
                if (run.IsOver) return false;
            }
        }

        foreach (string table in Wiped)
            if (!await WipeAsync(_tables.GetTableClient(table), tenant, run, cancel)) return false;
        await TenantKeks.ForgetAsync(_blobs, tenant, cancel);
        // Data keys hang from roots that are gone; their rows only take room.
        return await WipeAsync(_keyRows, TableFilter.PartitionPrefix(tenant + "."), row => row.PartitionKey != $"{tenant}.root", run, cancel);
    }

    private static async Task<bool> WipeAsync(TableClient table, TenantContext tenant, Run run, CancellationToken cancel)
    {
        List<TableFilter> filters = [TableFilter.PartitionPrefix(tenant + "."), TableFilter.PartitionIs(tenant.Tenant.Value)];
        if (table.Name == TableNames.Lists) filters.Add(TableFilter.PartitionIs("outbox").And(TableFilter.RowPrefix($"{tenant}!")));
        foreach (TableFilter filter in filters)
            if (!await WipeAsync(table, filter, _ => true, run, cancel)) return false;
        return true;
    }

    private static async Task<bool> WipeAsync(TableClient table, TableFilter filter, Func<TableEntity, bool> goes, Run run, CancellationToken cancel)
    {
        await foreach (TableEntity row in table.QueryAsync(filter, select: ["PartitionKey", "RowKey"], cancel: cancel))
        {
            if (!goes(row)) continue;
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: cancel);
            if (run.IsOver) return false;
        }

        return true;
    }
}
