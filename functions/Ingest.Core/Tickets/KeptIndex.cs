using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>By which kept-back mail is found again without opening it: keyed digests of its sender. Both empty when it names none.</summary>
/// <param name="Sender">Of the address.</param>
/// <param name="Domain">Of the address's domain.</param>
public readonly record struct KeptMark(string Sender, string Domain)
{
    /// <summary>The mark of a mail from this address, as the mail says.</summary>
    public static KeptMark Of(TenantKeys ids, string address)
    {
        string normal = EmailIdentity.Normalise(address);
        return normal.LastIndexOf('@') is > 0 and var at && at < normal.Length - 1 ? new KeptMark(OfSender(ids, normal), OfDomain(ids, normal[(at + 1)..])) : new KeptMark("", "");
    }

    internal static string OfSender(TenantKeys ids, string address) => Of(ids, "kept.sender", EmailIdentity.Normalise(address));

    internal static string OfDomain(TenantKeys ids, string domain) => Of(ids, "kept.domain", EmailIdentity.Domain(domain));

    // Under the id key, which never changes: these rows are gone before a turned index key would have reached them.
    private static string Of(TenantKeys ids, string what, string value) => Crockford32.Encode(ids.Mac(what, Encoding.UTF8.GetBytes(value)).AsSpan(0, 16));
}

/// <summary>One kept-back mail as the index has it. The journal's line says what holds; a crash may leave an entry behind.</summary>
/// <param name="MessageKey">The mail's key.</param>
/// <param name="Outcome">Quarantined or parked.</param>
/// <param name="Reason">Why.</param>
/// <param name="Received">When the provider received it.</param>
/// <param name="At">When it was kept back.</param>
/// <param name="Pack">The pack that holds it; its id says when it was listed.</param>
/// <param name="Seen">When a person last opened it; null when nobody did.</param>
public sealed record KeptRow(string MessageKey, OutcomeKind Outcome, OutcomeReason Reason, DateTimeOffset Received, DateTimeOffset At, string Pack, DateTimeOffset? Seen)
{
    /// <summary>Where it stands in a list of all, the newest first.</summary>
    public string Place => KeptIndex.PlaceOf(Received, MessageKey);
    /// <summary>The digest of its sender; empty when it names none.</summary>
    internal string Sender { get; init; } = "";
}

/// <summary>
/// The kept-back mail of each inbox, newest first, so that a long quarantine is read a page at a time. A row is written before the mail's line in the journal and goes
/// after it, so that no kept-back mail is ever missing here; what is left over by a crash is told from the line and swept.
/// </summary>
public sealed class KeptIndex(TableServiceClient tables)
{
    private const string WholeRow = "whole", BuildingRow = "building";
    internal const int ReadAtOnce = 500;
    private const int WrittenAtOnce = 100;
    private static readonly TimeSpan OldInstancesMayRun = TimeSpan.FromHours(2);

    private readonly TableClient _rows = tables.GetTableClient(TableNames.Quarantine);
    private readonly ConcurrentDictionary<string, bool> _whole = new();

    private static string Partition(TenantContext tenant, InboxId inbox) => $"{tenant}.{inbox}";

    internal static string Inverted(DateTimeOffset at) => (DateTimeOffset.MaxValue.Ticks - at.UtcTicks).ToString("D19", CultureInfo.InvariantCulture);

    internal static string PlaceOf(DateTimeOffset received, string messageKey) => $"{Inverted(received)}!{messageKey}";

    /// <summary>True when a text is a place in a list.</summary>
    public static bool IsPlace(string text) => text.Length is > 20 and <= 52 && text[19] == '!' && text[..19].All(char.IsAsciiDigit) && text[20..].All(char.IsAsciiLetterOrDigit);

    private static string Prefix(OutcomeKind outcome) => outcome == OutcomeKind.Parked ? "p!" : "q!";

    private static string RowOf(JournalLine line) => Prefix(line.Outcome) + PlaceOf(line.Received, line.MessageKey);

    internal static bool IsKept(OutcomeKind outcome) => outcome is OutcomeKind.Quarantined or OutcomeKind.Parked;

    /// <summary>Puts a kept-back mail in, or says anew why it is kept; whether it was seen stays.</summary>
    public Task PutAsync(TenantContext tenant, InboxId inbox, JournalLine line, KeptMark mark, CancellationToken cancel) =>
        _rows.UpsertEntityAsync(Write(tenant, inbox, line, mark), TableUpdateMode.Merge, cancel);

    /// <summary>Takes a mail out that is kept back no longer; <paramref name="line"/> is as it stood while it was.</summary>
    public Task DropAsync(TenantContext tenant, InboxId inbox, JournalLine line, CancellationToken cancel) => _rows.DeleteEntityAsync(Partition(tenant, inbox), RowOf(line), cancel: cancel);

    /// <summary>Takes out what the journal says is kept back no longer.</summary>
    public Task DropAsync(TenantContext tenant, InboxId inbox, KeptRow row, CancellationToken cancel) =>
        _rows.DeleteEntityAsync(Partition(tenant, inbox), Prefix(row.Outcome) + row.Place, cancel: cancel);

    /// <summary>Notes that a person opened a mail; nothing when it is not here.</summary>
    public async Task NoteSeenAsync(TenantContext tenant, InboxId inbox, JournalLine line, DateTimeOffset now, CancellationToken cancel)
    {
        try
        {
            await _rows.UpdateEntityAsync(new TableEntity(Partition(tenant, inbox), RowOf(line)) { ["seen"] = now }, ETag.All, TableUpdateMode.Merge, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
        }
    }

    /// <summary>The digest of a kept-back mail's sender; null when it is not here, or names none.</summary>
    internal async Task<string?> SenderAsync(TenantContext tenant, InboxId inbox, JournalLine line, CancellationToken cancel) =>
        (await _rows.GetEntityIfExistsAsync(Partition(tenant, inbox), RowOf(line), ["sender"], cancel))?.GetString("sender");

    /// <summary>Every row of an inbox that the filter lets through, newest first, behind a place or from the start, read a page of the service at a time.</summary>
    public async IAsyncEnumerable<KeptRow> ReadAsync(TenantContext tenant, InboxId inbox, KeptFilter filter, KeptMark mark, string? after, int pageSize,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string prefix = Prefix(filter.Outcome), from = prefix;
        if (filter.ReceivedBefore is { } before) from = prefix + Inverted(before);
        if (after is not null && string.CompareOrdinal(prefix + after, from) > 0) from = prefix + after + "\u0021";
        TableFilter asked = TableFilter.PartitionIs(Partition(tenant, inbox)).And(TableFilter.RowBetween(from, prefix[..1] + "\""));
        if (mark.Sender is { Length: > 0 }) asked = asked.And(TableFilter.Where("sender", TableComparison.Equal, mark.Sender));
        if (mark.Domain is { Length: > 0 }) asked = asked.And(TableFilter.Where("domain", TableComparison.Equal, mark.Domain));
        if (filter.KeptBefore is { } kept) asked = asked.And(TableFilter.Where("at", TableComparison.AtMost, kept));
        if (filter.Reasons.Count > 0)
            asked = asked.And(filter.Reasons.Select(reason => TableFilter.Where("reason", TableComparison.Equal, reason.ToString())).Aggregate((one, other) => one.Or(other)));
        await foreach (TableEntity row in _rows.QueryAsync(asked, Math.Clamp(pageSize, 1, 1000), ["RowKey", "reason", "received", "at", "pack", "seen", "sender"], cancel)) yield return Read(row, filter.Outcome);
    }

    /// <summary>What housekeeping last counted; null when it did not yet.</summary>
    public async Task<string?> CountedAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel) =>
        (await _rows.GetEntityIfExistsAsync(Partition(tenant, inbox), "counted", cancel: cancel))?.GetString("counts");

    /// <summary>Keeps what housekeeping counted: numbers and words of ours.</summary>
    public Task NoteCountedAsync(TenantContext tenant, InboxId inbox, string counts, CancellationToken cancel) =>
        _rows.UpsertEntityAsync(new TableEntity(Partition(tenant, inbox), "counted") { ["counts"] = counts }, TableUpdateMode.Replace, cancel);

    /// <summary>
    /// Sees to it that every kept-back mail is in the index, from the time before there was one, too. The journal is read through for it once, and once more by housekeeping when
    /// instances that knew no index have ended. How far it came is kept: whoever is cut off, by a crash or because nobody waits any longer, is gone on after.
    /// <paramref name="lines"/> gives the lines of an outcome behind a message key, in their order; fewer than asked for at their end.
    /// </summary>
    public async Task MakeWholeAsync(TenantContext tenant, InboxId inbox, Func<OutcomeKind, string?, int, Task<IReadOnlyList<JournalLine>>> lines, DateTimeOffset now, bool again, CancellationToken cancel)
    {
        string partition = Partition(tenant, inbox);
        if (!again && _whole.ContainsKey(partition)) return;
        TableEntity? row = await _rows.GetEntityIfExistsAsync(partition, WholeRow, cancel: cancel);
        bool sure = row?.GetBoolean("sure") == true, due = again && row?.GetDateTimeOffset("at") is { } at && at + OldInstancesMayRun <= now;
        if (row is null || (due && !sure))
        {
            await BuildAsync(tenant, inbox, lines, second: row is not null, cancel);
            await _rows.UpsertEntityAsync(new TableEntity(partition, WholeRow) { ["at"] = row?.GetDateTimeOffset("at") ?? now, ["sure"] = row is not null }, TableUpdateMode.Replace, cancel);
            await _rows.DeleteEntityAsync(partition, BuildingRow, cancel: cancel);
        }

        _whole[partition] = true;
    }

    // A place that the first reading left over says nothing about the second.
    private async Task BuildAsync(TenantContext tenant, InboxId inbox, Func<OutcomeKind, string?, int, Task<IReadOnlyList<JournalLine>>> lines, bool second, CancellationToken cancel)
    {
        string partition = Partition(tenant, inbox);
        TableEntity? building = await _rows.GetEntityIfExistsAsync(partition, BuildingRow, cancel: cancel);
        string place = building is not null && building.GetBoolean("sure") == second ? building.GetString("place") ?? "" : "";
        foreach (OutcomeKind outcome in new[] { OutcomeKind.Quarantined, OutcomeKind.Parked })
        {
            string prefix = Prefix(outcome);
            if (place.Length > 0 && place[0] != prefix[0] && outcome == OutcomeKind.Quarantined) continue;
            string? after = place.StartsWith(prefix, StringComparison.Ordinal) ? place[prefix.Length..] : null;
            IReadOnlyList<JournalLine> some;
            do
            {
                some = await lines(outcome, after, ReadAtOnce);
                foreach (JournalLine[] few in some.Chunk(WrittenAtOnce))
                    await _rows.SubmitTransactionAsync([.. few.Select(line => new TableTransactionAction(TableTransactionActionType.UpsertMerge, Write(tenant, inbox, line, default)))], cancel);
                if (some.Count < ReadAtOnce) break;
                after = some[^1].MessageKey;
                await _rows.UpsertEntityAsync(new TableEntity(partition, BuildingRow) { ["place"] = prefix + after, ["sure"] = second }, TableUpdateMode.Replace, cancel);
            }
            while (true);
        }
    }

    // A mark that is not known leaves the one that stands there.
    private static TableEntity Write(TenantContext tenant, InboxId inbox, JournalLine line, KeptMark mark)
    {
        TableEntity row = new(Partition(tenant, inbox), RowOf(line))
        {
            ["reason"] = line.Reason.ToString(), ["received"] = line.Received, ["at"] = line.At, ["pack"] = line.Pack,
        };
        if (mark.Sender is { Length: > 0 }) row["sender"] = mark.Sender;
        if (mark.Domain is { Length: > 0 }) row["domain"] = mark.Domain;
        return row;
    }

    private static KeptRow Read(TableEntity row, OutcomeKind outcome) => new(
        row.RowKey[22..], outcome, Enum.TryParse(row.GetString("reason"), out OutcomeReason reason) ? reason : OutcomeReason.None,
        row.GetDateTimeOffset("received") ?? default, row.GetDateTimeOffset("at") ?? default, row.GetString("pack") ?? "", row.GetDateTimeOffset("seen"))
    {
        Sender = row.GetString("sender") ?? "",
    };
}
