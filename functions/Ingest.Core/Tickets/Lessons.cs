using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>
/// What a tenant's agents taught: a row for each lesson, one for each mail that holds the model in place, each sealed under the key of the ticket that holds the mail, so that they end with
/// it; and the model that was built from them, sealed under a key of its own, which is destroyed with that model. Every lesson that comes or goes makes the model out of date in the same
/// transaction: a crash between a lesson and the model leaves a model that says so itself.
/// </summary>
public sealed class Lessons(TableServiceClient tables, KeyRing keys)
{
    private const string LessonPrefix = "l!", OrdinaryPrefix = "r!", ModelRow = "model";
    // Revisions are counted from 1.
    private const long NeverBuilt = 0;
    /// <summary>How the owner of every model's key begins.</summary>
    internal const string ModelKeys = "model~";

    private const int Tries = 8, OpenedAtOnce = 16, RowsAtOnce = 90;

    private readonly TableClient _rows = tables.GetTableClient(TableNames.Lessons), _tickets = tables.GetTableClient(TableNames.Tickets);

    private static string Row(string ticket, string messageKey, string by) => $"{LessonPrefix}{ticket}!{messageKey}!{by}";
    private static SealContext Seal(TenantContext tenant, DataKey key, string role) => new(tenant.Tenant, KeyClass.Ticket, key.Owner, role);
    private static string LessonRole(string messageKey, string by) => $"lesson:{messageKey}:{by}";
    private static string OrdinaryRole(string messageKey) => "ordinary:" + messageKey;
    // Never the same twice, though numbers may go back with an old copy of the table: what the ledger says is erased is no later model's key.
    private static string NewModelOwner(int version) => string.Create(CultureInfo.InvariantCulture, $"{ModelKeys}{version}~{Crockford32.Encode(RandomNumberGenerator.GetBytes(10))}");
    private static SealContext ModelSeal(TenantContext tenant, string owner) => new(tenant.Tenant, KeyClass.Tenant, owner, "model");

    /// <summary>Writes a lesson; what the same person said of the same mail before is replaced. False when the ticket's key is gone: then nothing is kept of it.</summary>
    public async Task<bool> PutAsync(TenantContext tenant, Lesson lesson, CancellationToken cancel)
    {
        using DataKey? key = await KeyAsync(tenant, lesson.TicketId, cancel);
        if (key is null) return false;
        double clipped = double.IsNaN(lesson.Base) ? 0 : Math.Clamp(lesson.Base, -100, 100);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new LessonDocument(clipped, lesson.Sender, lesson.Features.ToBytes()), LessonJson.Default.LessonDocument);
        TableEntity row = new(tenant.Tenant.Value, Row(lesson.TicketId, lesson.MessageKey, lesson.By))
        {
            ["at"] = lesson.At,
            ["verdict"] = lesson.Verdict.ToString(),
            ["source"] = lesson.Source.ToString(),
            ["doc"] = Envelope.Seal(json, key, Seal(tenant, key, LessonRole(lesson.MessageKey, lesson.By)), SegmentLength.Row),
            ["gen"] = TicketKeys.GenerationOf(key.Owner) is > 0 and var generation ? generation : null,
        };
        await TryChangeAsync(tenant, [new TableTransactionAction(TableTransactionActionType.UpsertReplace, row)], cancel);
        return true;
    }

    // The key that seals the ticket now.
    private async Task<DataKey?> KeyAsync(TenantContext tenant, string ticket, CancellationToken cancel) =>
        await _tickets.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), TicketKeys.TicketRow, ["gen", "erased"], cancel) is { } row && row.GetDateTimeOffset("erased") is null
            ? await keys.FindAsync(tenant, KeyClass.Ticket, TicketKeys.KeyOwner(ticket, TicketRow.Generation(row)), cancel)
            : null;

    /// <summary>
    /// Seals what was kept of a ticket's mail under the key that seals the ticket now, but for what was kept of the mails named, which is wiped. What does not open is left to lie.
    /// </summary>
    public async Task TurnOverAsync(TenantContext tenant, string ticket, IReadOnlyCollection<string> wipe, CancellationToken cancel)
    {
        List<string> rows = await RowsAsync(tenant, new HashSet<string> { ticket }, cancel);
        await DeleteAsync(tenant, [.. rows.Where(row => wipe.Contains(row.Split('!')[2]))], cancel);
        foreach (string name in rows.Where(row => !wipe.Contains(row.Split('!')[2])))
            if (await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, name, cancel: cancel) is { } row && await TryOpenAsync(tenant, row, cancel) is { } kept)
                await (kept switch
                {
                    Lesson lesson => PutAsync(tenant, lesson, cancel),
                    OrdinaryMail mail => PutAsync(tenant, [mail], cancel),
                    _ => Task.CompletedTask,
                });
    }

    /// <summary>Keeps mail that holds the model in place; what is kept already stays as it is.</summary>
    public async Task PutAsync(TenantContext tenant, IReadOnlyList<OrdinaryMail> mails, CancellationToken cancel)
    {
        foreach (OrdinaryMail mail in mails)
        {
            using DataKey? key = await KeyAsync(tenant, mail.TicketId, cancel);
            if (key is null) continue;
            TableEntity row = new(tenant.Tenant.Value, $"{OrdinaryPrefix}{mail.TicketId}!{mail.MessageKey}")
            {
                ["doc"] = Envelope.Seal(mail.Features.ToBytes(), key, Seal(tenant, key, OrdinaryRole(mail.MessageKey)), SegmentLength.Row),
                ["gen"] = TicketKeys.GenerationOf(key.Owner) is > 0 and var generation ? generation : null,
            };
            await _rows.UpsertEntityAsync(row, TableUpdateMode.Replace, cancel);
        }
    }

    /// <summary>Every lesson as its row tells, in no particular order; nothing is opened.</summary>
    public async IAsyncEnumerable<LessonLine> ListAsync(TenantContext tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionIs(tenant.Tenant.Value).And(TableFilter.RowPrefix(LessonPrefix));
        await foreach (TableEntity row in _rows.QueryAsync(filter, select: ["RowKey", "at", "verdict", "source"], cancel: cancel)) yield return Line(row);
    }

    /// <summary>Takes lessons out, by their names; returns how many there were.</summary>
    public async Task<int> RemoveAsync(TenantContext tenant, IReadOnlyCollection<LessonLine> lessons, CancellationToken cancel) =>
        await DeleteAsync(tenant, [.. lessons.Select(l => Row(l.TicketId, l.MessageKey, l.By))], cancel);

    /// <summary>How many lessons there are on mail of these tickets, and how many of their mails hold the model in place.</summary>
    public async Task<(int Lessons, int Ordinary)> CountAsync(TenantContext tenant, IReadOnlySet<string> ofTickets, CancellationToken cancel)
    {
        List<string> rows = await RowsAsync(tenant, ofTickets, cancel);
        int lessons = rows.Count(row => row.StartsWith(LessonPrefix, StringComparison.Ordinal));
        return (lessons, rows.Count - lessons);
    }

    /// <summary>The keys of the models that can be opened now: the stored one's, and any that a crash left.</summary>
    internal async Task<IReadOnlyList<KeyName>> ModelKeysAsync(TenantContext tenant, CancellationToken cancel) => [.. (await keys.NamesAsync(tenant, ModelKeys, cancel)).Select(key => key.Name)];

    /// <summary>Wipes everything that was kept of these tickets' mail; true when there was anything: then the model is out of date.</summary>
    public async Task<bool> ForgetAsync(TenantContext tenant, IReadOnlySet<string> ofTickets, CancellationToken cancel)
    {
        List<string> rows = await RowsAsync(tenant, ofTickets, cancel);
        await DeleteAsync(tenant, rows, cancel);
        return rows.Count > 0;
    }

    private async Task<List<string>> RowsAsync(TenantContext tenant, IReadOnlySet<string> ofTickets, CancellationToken cancel)
    {
        TableFilter both = TableFilter.RowPrefix(LessonPrefix).Or(TableFilter.RowPrefix(OrdinaryPrefix));
        return await _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(both), select: ["RowKey"], cancel: cancel)
            .Select(row => row.RowKey).Where(row => ofTickets.Contains(row.Split('!')[1])).ToListAsync(cancel);
    }

    /// <summary>Wipes rows whose key was erased.</summary>
    public Task ForgetAsync(TenantContext tenant, IReadOnlyList<string> gone, CancellationToken cancel) => DeleteAsync(tenant, gone, cancel);

    /// <summary>Opens everything that a model is built from; what does not open is left out and stays, but what was erased is named.</summary>
    public async Task<LessonBook> ReadAsync(TenantContext tenant, CancellationToken cancel)
    {
        List<Lesson> lessons = [];
        List<OrdinaryMail> ordinary = [];
        List<string> gone = [];
        TableFilter both = TableFilter.RowPrefix(LessonPrefix).Or(TableFilter.RowPrefix(OrdinaryPrefix));
        List<TableEntity> rows = await _rows.QueryAsync(TableFilter.PartitionIs(tenant.Tenant.Value).And(both), cancel: cancel).ToListAsync(cancel);
        foreach (TableEntity[] some in rows.Chunk(OpenedAtOnce))
        {
            foreach ((TableEntity row, object? read) in some.Zip(await Task.WhenAll(some.Select(row => TryOpenAsync(tenant, row, cancel)))))
            {
                if (read is Lesson lesson) lessons.Add(lesson);
                else if (read is OrdinaryMail mail) ordinary.Add(mail);
                else if (read is Gone) gone.Add(row.RowKey);
            }
        }

        return new LessonBook(lessons, ordinary, gone);
    }

    private async Task<object?> TryOpenAsync(TenantContext tenant, TableEntity row, CancellationToken cancel)
    {
        try
        {
            return await OpenAsync(tenant, row, cancel);
        }
        catch (KeyErasedException)
        {
            return new Gone();
        }
        catch (Exception e) when (e is SealBrokenException or JsonException or ArgumentException or FormatException or InvalidOperationException or IndexOutOfRangeException)
        {
            // A later version may have written it, or somebody spoiled it: it must not keep the model of all others from being built.
            return null;
        }
    }

    private async Task<object?> OpenAsync(TenantContext tenant, TableEntity row, CancellationToken cancel)
    {
        string[] parts = row.RowKey.Split('!');
        string owner = TicketKeys.KeyOwner(parts[1], TicketRow.Generation(row));
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Ticket, owner, cancel);
        // Without a key that was never erased, such as after half of a backup, it may open again.
        if (key is null) return await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Ticket, owner), cancel) ? new Gone() : null;
        if (row.GetBinary("doc") is not { } box) return null;
        if (parts[0] + "!" == OrdinaryPrefix)
            return FeatureVector.FromBytes(Envelope.Open(box, key, Seal(tenant, key, OrdinaryRole(parts[2])))) is { } seen ? new OrdinaryMail(parts[1], parts[2], seen) : null;
        LessonLine line = Line(row);
        LessonDocument? document = JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, key, LessonRole(parts[2], parts[3]))), LessonJson.Default.LessonDocument);
        return document is null || FeatureVector.FromBytes(document.Features) is not { } features ? null : new Lesson
        {
            TicketId = line.TicketId, MessageKey = line.MessageKey, By = line.By, At = line.At, Verdict = line.Verdict, Source = line.Source,
            Base = document.Base, Sender = document.Sender, Features = features,
        };
    }

    private sealed record Gone;

    private static LessonLine Line(TableEntity row)
    {
        string[] parts = row.RowKey.Split('!');
        return new LessonLine(parts[1], parts[2], parts[3], row.GetDateTimeOffset("at") ?? default, Enum.Parse<LessonVerdict>(row.GetString("verdict")!), Enum.Parse<LessonSource>(row.GetString("source")!));
    }

    /// <summary>How the model stands; null when nobody ever taught anything. One operation.</summary>
    public async Task<ModelState?> FindStateAsync(TenantContext tenant, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, ModelRow, cancel: cancel) is { } row ? State(row) : null;

    /// <summary>Opens the model of a state; null when no lesson counts, when its key went meanwhile, or when it does not open: then it is to be built.</summary>
    public async Task<TenantModel?> OpenAsync(TenantContext tenant, ModelState state, CancellationToken cancel)
    {
        if (state.Box is not { } box || state.Owner.Length == 0) return null;
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Tenant, state.Owner, cancel);
        try
        {
            return key is null ? null : TenantModel.FromBytes(Envelope.Open(box, key, ModelSeal(tenant, state.Owner)));
        }
        catch (SealBrokenException)
        {
            return null;
        }
    }

    /// <summary>Puts a model in the place of the one before, whose key is destroyed; null when a lesson came or went since <paramref name="read"/>, or another process was quicker.</summary>
    public async Task<ModelState?> PutAsync(TenantContext tenant, ModelState read, TenantModel? model, int taught, DateTimeOffset now, CancellationToken cancel)
    {
        ModelState next = new(read.Revision, read.Revision, read.Version + 1, now, taught);
        string owner = NewModelOwner(next.Version);
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Tenant, owner, cancel);
        TableEntity row = new(tenant.Tenant.Value, ModelRow) { ["revision"] = next.Revision, ["built"] = next.Built, ["version"] = next.Version, ["at"] = now, ["lessons"] = taught, ["key"] = owner };
        if (model is not null) row["doc"] = Envelope.Seal(model.ToBytes(), key, ModelSeal(tenant, owner), SegmentLength.Row);
        try
        {
            await _rows.UpdateEntityAsync(row, new ETag(read.Etag), TableUpdateMode.Replace, cancel);
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            await keys.DiscardAsync(tenant, new KeyName(KeyClass.Tenant, owner), cancel);
            return null;
        }

        // Any that a crash left, too; one that was made later may be that of a model on its way.
        IReadOnlyList<(KeyName Name, DateTimeOffset Made)> all = await keys.NamesAsync(tenant, ModelKeys, cancel);
        DateTimeOffset ours = all.Where(one => one.Name.Owner == owner).Select(one => one.Made).FirstOrDefault();
        foreach ((KeyName old, _) in all.Where(one => one.Name.Owner != owner && one.Made <= ours)) await keys.DiscardAsync(tenant, old, cancel);
        return next with { Box = row.GetBinary("doc"), Owner = owner };
    }

    /// <summary>
    /// Takes away the stored model, whose key is destroyed, when it is behind the lessons: nothing that was wiped since is left in it, and whoever builds next does so from what lives. A few operations,
    /// however much was taught; a second time changes nothing.
    /// </summary>
    public async Task VoidAsync(TenantContext tenant, CancellationToken cancel)
    {
        for (int tries = 0; tries < Tries; tries++)
        {
            // Built since then, it holds nothing of what was wiped before.
            if (await FindStateAsync(tenant, cancel) is not { } read || read.Built == read.Revision) return;
            if (read.Box is not null)
            {
                TableEntity row = new(tenant.Tenant.Value, ModelRow) { ["revision"] = read.Revision, ["built"] = NeverBuilt, ["version"] = read.Version + 1, ["at"] = read.At, ["lessons"] = 0 };
                try
                {
                    await _rows.UpdateEntityAsync(row, new ETag(read.Etag), TableUpdateMode.Replace, cancel);
                }
                catch (RequestFailedException e) when (e.Status is 412 or 404)
                {
                    continue;
                }
            }

            // What the ledger erased stays emptied.
            if (read.Owner.Length > 0 && await keys.NameAsync(tenant, new KeyName(KeyClass.Tenant, read.Owner), cancel) is { } model && model.Id != Guid.Empty) await keys.DiscardAsync(tenant, model, cancel);
            return;
        }

        throw new NotNowException("lessons-contended");
    }

    private static ModelState State(TableEntity row) =>
        new(row.GetInt64("revision") ?? 0, row.GetInt64("built") ?? 0, row.GetInt32("version") ?? 0, row.GetDateTimeOffset("at") ?? default, row.GetInt32("lessons") ?? 0)
        {
            Box = row.GetBinary("doc"), Owner = row.GetString("key") ?? "", Etag = row.ETag.ToString(),
        };

    private async Task<int> DeleteAsync(TenantContext tenant, IReadOnlyList<string> rows, CancellationToken cancel)
    {
        int deleted = 0;
        foreach (string[] some in rows.Chunk(RowsAtOnce))
        {
            TableTransactionAction[] deletes;
            do
            {
                // One that is gone already would end the whole transaction.
                TableEntity?[] there = await Task.WhenAll(some.Select(row => _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, row, ["RowKey"], cancel)));
                deletes = [.. there.OfType<TableEntity>().Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All))];
            }
            while (deletes.Length > 0 && !await TryChangeAsync(tenant, deletes, cancel));
            deleted += deletes.Count(d => d.Entity.RowKey.StartsWith(LessonPrefix, StringComparison.Ordinal));
        }

        return deleted;
    }

    // False when a row that was to be deleted is gone: somebody else took it out meanwhile.
    private async Task<bool> TryChangeAsync(TenantContext tenant, IReadOnlyList<TableTransactionAction> actions, CancellationToken cancel)
    {
        for (int tries = 0; tries < Tries; tries++)
        {
            TableEntity? head = await _rows.GetEntityIfExistsAsync(tenant.Tenant.Value, ModelRow, ["revision"], cancel);
            TableEntity next = new(tenant.Tenant.Value, ModelRow) { ["revision"] = (head?.GetInt64("revision") ?? 0) + 1 };
            try
            {
                await _rows.SubmitTransactionAsync(
                    [.. actions, head is null ? new(TableTransactionActionType.Add, next) : new TableTransactionAction(TableTransactionActionType.UpdateMerge, next, head.ETag)], cancel);
                return true;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                // Somebody else taught, or a model was built.
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return false;
            }
        }

        throw new NotNowException("lessons-contended");
    }
}
