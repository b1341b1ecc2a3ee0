using Azure;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Threading;

namespace Ingest.Core.Tickets;

/// <summary>
/// The exactly-once guard. A partition per (inbox, Message-ID) holds the anchor, which leads to the ticket, and one decision per content seen under that id.
/// Anchor and decision are inserted in one transaction; whoever comes second reads what the first decided.
/// </summary>
public sealed class Anchors(TableServiceClient tables)
{
    private const string AnchorRow = "anchor";
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Anchors);

    private static string Partition(TenantContext tenant, string anchorKey) => $"{tenant}.{anchorKey}";

    /// <summary>What stands at an id, or null when it has not been seen nor referred to.</summary>
    public async Task<Anchor?> FindAsync(TenantContext tenant, string anchorKey, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(Partition(tenant, anchorKey), AnchorRow, cancel: cancel) is { } row ? ReadAnchor(row) : null;

    /// <summary>Claims an id that was referred to and not seen; returns the anchor that holds, ours or the winner's.</summary>
    public async Task<Anchor> ClaimAsync(TenantContext tenant, string anchorKey, Anchor claim, CancellationToken cancel)
    {
        try
        {
            await _rows.AddEntityAsync(WriteAnchor(tenant, anchorKey, claim), cancel);
            return claim;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return await FindAsync(tenant, anchorKey, cancel) ?? throw new NotNowException("anchor-contended");
        }
    }

    /// <summary>What is known of a mail: its anchor, the decision upon its very content, both null when nothing is.</summary>
    public async Task<(Anchor? Anchor, Decision? Decision)> ReadAsync(TenantContext tenant, string anchorKey, string contentHash, CancellationToken cancel)
    {
        Anchor? anchor = null;
        Decision? decision = null;
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(Partition(tenant, anchorKey)), cancel: cancel))
        {
            if (row.RowKey == AnchorRow) anchor = ReadAnchor(row);
            else if (row.RowKey == DecisionRow(contentHash)) decision = ReadDecision(row);
        }

        return (anchor, decision);
    }

    /// <summary>Records anchor and decision together; false when either was there before.</summary>
    public async Task<bool> TryRecordAsync(TenantContext tenant, string anchorKey, string contentHash, Anchor anchor, Decision decision, CancellationToken cancel)
    {
        try
        {
            await _rows.SubmitTransactionAsync(
            [
                new TableTransactionAction(TableTransactionActionType.Add, WriteAnchor(tenant, anchorKey, anchor)),
                new TableTransactionAction(TableTransactionActionType.Add, WriteDecision(tenant, anchorKey, contentHash, decision)),
            ], cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return false;
        }
    }

    /// <summary>
    /// Records a decision at an anchor that stands already, and with <paramref name="instead"/> has the anchor lead elsewhere in the same transaction;
    /// false when this content was decided upon before, or the anchor changed since it was read.
    /// </summary>
    public async Task<bool> TryAddDecisionAsync(TenantContext tenant, string anchorKey, string contentHash, Decision decision, Anchor? instead, CancellationToken cancel)
    {
        List<TableTransactionAction> actions = [new(TableTransactionActionType.Add, WriteDecision(tenant, anchorKey, contentHash, decision))];
        if (instead is not null) actions.Add(new(TableTransactionActionType.UpdateReplace, WriteAnchor(tenant, anchorKey, instead), new ETag(instead.Version)));
        try
        {
            await _rows.SubmitTransactionAsync(actions, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false;
        }
    }

    private static string DecisionRow(string contentHash) => "d!" + contentHash;

    private static TableEntity WriteAnchor(TenantContext tenant, string anchorKey, Anchor anchor) => new(Partition(tenant, anchorKey), AnchorRow)
    {
        ["ticket"] = anchor.TicketId,
        ["claimed"] = anchor.Claimed,
        ["claimContact"] = anchor.ClaimContact,
        ["claimAuthenticated"] = anchor.ClaimAuthenticated,
        ["by"] = anchor.By,
    };

    private static Anchor ReadAnchor(TableEntity row) => new(row.GetString("ticket") ?? "", row.GetBoolean("claimed") ?? false,
        row.GetString("claimContact") ?? "", row.GetBoolean("claimAuthenticated") ?? false, row.GetString("by") ?? "", row.ETag.ToString());

    private static TableEntity WriteDecision(TenantContext tenant, string anchorKey, string contentHash, Decision decision) =>
        new(Partition(tenant, anchorKey), DecisionRow(contentHash))
        {
            ["owner"] = decision.Owner,
            ["outcome"] = decision.Outcome.ToString(),
            ["reason"] = decision.Reason.ToString(),
            ["ticket"] = decision.TicketId,
            ["linkedTo"] = decision.LinkedTo,
            ["contact"] = decision.ContactId,
            ["received"] = decision.Received,
            ["steps"] = decision.Steps,
        };

    private static Decision ReadDecision(TableEntity row) => new()
    {
        Owner = row.GetString("owner") ?? "",
        Outcome = Enum.Parse<OutcomeKind>(row.GetString("outcome")!),
        Reason = Enum.Parse<OutcomeReason>(row.GetString("reason")!),
        TicketId = row.GetString("ticket") ?? "",
        LinkedTo = row.GetString("linkedTo") ?? "",
        ContactId = row.GetString("contact") ?? "",
        Received = row.GetDateTimeOffset("received") ?? default,
        Steps = row.GetString("steps") ?? "",
    };
}
