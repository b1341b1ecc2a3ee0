using Azure;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Threading;

namespace Ingest.Core.Tickets;

/// <summary>What stands at an id, as far as one contact is concerned.</summary>
/// <param name="Anchor">The mail that was seen under it, or the first that referred to it; null when neither.</param>
/// <param name="Version">The anchor row's version.</param>
/// <param name="Claim">Where mail of this very contact that refers to the id belongs; null when there was none.</param>
/// <param name="Decision">What was decided upon this very content; null when nothing was.</param>
public sealed record Standing(Anchor? Anchor, string Version, Anchor? Claim, Decision? Decision)
{
    /// <summary>The decision row's version.</summary>
    public string DecisionVersion { get; init; } = "";
}

/// <summary>
/// The exactly-once guard. A partition per (inbox, Message-ID) holds the anchor, which leads to the ticket, one decision per content seen under that id,
/// and one claim per authenticated contact who wrote or answered it. Claims belong to a contact, so that it does not matter who answered first:
/// whoever of one contact's mails comes first to an id, the others meet it there. Anchor, claim and decision are inserted in one transaction.
/// </summary>
public sealed class Anchors(TableServiceClient tables)
{
    private const string AnchorRow = "anchor";
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Anchors);

    private static string Partition(TenantContext tenant, string anchorKey) => $"{tenant}.{anchorKey}";
    private static string ClaimRow(string contact) => "c!" + contact;
    private static string DecisionRow(string contentHash) => "d!" + contentHash;

    /// <summary>Reads what stands at an id for a contact (null: nobody in particular) and a content (null: none), by one operation.</summary>
    public async Task<Standing> ReadAsync(TenantContext tenant, string anchorKey, string? contact, string? contentHash, CancellationToken cancel)
    {
        TableFilter wanted = TableFilter.RowIs(AnchorRow);
        if (contact is not null) wanted = wanted.Or(TableFilter.RowIs(ClaimRow(contact)));
        if (contentHash is not null) wanted = wanted.Or(TableFilter.RowIs(DecisionRow(contentHash)));
        Standing standing = new(null, "", null, null);
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(Partition(tenant, anchorKey)).And(wanted), cancel: cancel))
        {
            standing = row.RowKey[0] switch
            {
                'c' => standing with { Claim = ReadAnchor(row) },
                'd' => standing with { Decision = ReadDecision(row), DecisionVersion = row.ETag.ToString() },
                _ => standing with { Anchor = ReadAnchor(row), Version = row.ETag.ToString() },
            };
        }

        return standing;
    }

    /// <summary>
    /// Claims an id that a mail refers to: for its contact if <paramref name="contact"/> is given, and for whoever asks later if nothing stands there.
    /// Returns null, or the claim of another mail of the same contact, which was quicker.
    /// </summary>
    public async Task<Anchor?> ClaimAsync(TenantContext tenant, string anchorKey, Anchor claim, string? contact, CancellationToken cancel)
    {
        TableEntity anchor = WriteAnchor(tenant, anchorKey, AnchorRow, claim);
        if (contact is null)
        {
            await TryAsync([new TableTransactionAction(TableTransactionActionType.Add, anchor)], cancel);
            return null;
        }

        TableTransactionAction mine = new(TableTransactionActionType.Add, WriteAnchor(tenant, anchorKey, ClaimRow(contact), claim));
        if (await TryAsync([new TableTransactionAction(TableTransactionActionType.Add, anchor), mine], cancel) || await TryAsync([mine], cancel)) return null;
        Anchor holds = (await ReadAsync(tenant, anchorKey, contact, contentHash: null, cancel)).Claim ?? throw new NotNowException("anchor-contended");
        return holds.By == claim.By ? null : holds;
    }

    /// <summary>
    /// Records a mail that was seen, with the decision upon it and its contact's claim (unless <paramref name="contact"/> is null). An anchor that only
    /// referred to the mail is replaced if it is still the one of <paramref name="replaces"/>. False when anything stood in the way: read again.
    /// </summary>
    public Task<bool> TryRecordAsync(TenantContext tenant, string anchorKey, string contentHash, Anchor anchor, string? contact, string? replaces, Decision decision,
        CancellationToken cancel)
    {
        TableEntity row = WriteAnchor(tenant, anchorKey, AnchorRow, anchor);
        List<TableTransactionAction> actions =
        [
            replaces is null ? new(TableTransactionActionType.Add, row) : new(TableTransactionActionType.UpdateReplace, row, new ETag(replaces)),
            new(TableTransactionActionType.Add, WriteDecision(tenant, anchorKey, contentHash, decision)),
        ];
        if (contact is not null) actions.Add(new(TableTransactionActionType.Add, WriteAnchor(tenant, anchorKey, ClaimRow(contact), anchor)));
        return TryAsync(actions, cancel);
    }

    /// <summary>
    /// Records a decision upon other content under the id of a mail that was seen, with its contact's claim (unless <paramref name="contact"/> is null);
    /// the anchor stays. False when anything stood in the way: read again.
    /// </summary>
    public Task<bool> TryAddDecisionAsync(TenantContext tenant, string anchorKey, string contentHash, Anchor anchor, string? contact, Decision decision, CancellationToken cancel)
    {
        List<TableTransactionAction> actions = [new(TableTransactionActionType.Add, WriteDecision(tenant, anchorKey, contentHash, decision))];
        if (contact is not null) actions.Add(new(TableTransactionActionType.Add, WriteAnchor(tenant, anchorKey, ClaimRow(contact), anchor)));
        return TryAsync(actions, cancel);
    }

    /// <summary>
    /// Puts a decision in the place of the one that kept the mail back, and the mail's anchor with it, when the anchor is its own. False when anything
    /// has changed since <paramref name="there"/> was read: read again.
    /// </summary>
    public Task<bool> TryOverruleAsync(TenantContext tenant, string anchorKey, string contentHash, Standing there, string? contact, Decision decision, CancellationToken cancel)
    {
        List<TableTransactionAction> actions = [new(TableTransactionActionType.UpdateReplace, WriteDecision(tenant, anchorKey, contentHash, decision), new ETag(there.DecisionVersion))];
        Anchor anchor = new(decision.TicketId, Claimed: false, decision.Owner);
        if (there.Anchor?.By == decision.Owner) actions.Add(new(TableTransactionActionType.UpdateReplace, WriteAnchor(tenant, anchorKey, AnchorRow, anchor), new ETag(there.Version)));
        if (contact is not null && there.Claim is null) actions.Add(new(TableTransactionActionType.Add, WriteAnchor(tenant, anchorKey, ClaimRow(contact), anchor)));
        return TryAsync(actions, cancel);
    }

    private async Task<bool> TryAsync(IReadOnlyList<TableTransactionAction> actions, CancellationToken cancel)
    {
        try
        {
            if (actions is [{ ActionType: TableTransactionActionType.Add } only]) await _rows.AddEntityAsync(only.Entity, cancel);
            else await _rows.SubmitTransactionAsync(actions, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false;
        }
    }

    private static TableEntity WriteAnchor(TenantContext tenant, string anchorKey, string row, Anchor anchor) => new(Partition(tenant, anchorKey), row)
    {
        ["ticket"] = anchor.TicketId,
        ["claimed"] = anchor.Claimed,
        ["by"] = anchor.By,
    };

    private static Anchor ReadAnchor(TableEntity row) => new(row.GetString("ticket") ?? "", row.GetBoolean("claimed") ?? false, row.GetString("by") ?? "");

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
