using System.Net;
using System.Text.Json;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Retention;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.App.Tests.Secrecy;

/// <summary>What the run left behind, and the search through it.</summary>
public sealed partial class CanaryRun
{
    private readonly List<(string Table, TableEntity Row)> rows = [];
    private readonly List<byte[]> queued = [];
    private readonly List<(string What, string Text)> refusals = [];
    private readonly List<byte[]> opened = [];
    private readonly List<(string Container, string Name, byte[] Head)> blobs = [];

    internal IReadOnlyList<Sighting> Sightings { get; private set; } = [];
    internal long Scanned { get; private set; }
    internal int Unpacked { get; private set; }
    internal IReadOnlyList<Canary> Canaries { get; private set; } = [];
    internal IReadOnlyList<(string Table, TableEntity Row)> Rows => rows;
    internal IReadOnlyList<byte[]> Queued => queued;
    internal IReadOnlyList<(string Container, string Name, byte[] Head)> Blobs => blobs;
    internal IReadOnlyList<string> Tables { get; private set; } = [];
    internal IReadOnlyList<string> FoundWhenOpened { get; private set; } = [];
    internal string Log { get; private set; } = "";
    internal List<(string What, HttpStatusCode Status)> Answers { get; } = [];

    private async Task ReadStoresAsync(CancellationToken cancel)
    {
        List<string> tables = [];
        await foreach (string table in desk.Storage.Tables.ListTablesAsync(cancel)) tables.Add(table);
        Tables = tables;
        // The state of the mailboxes at each failure is there already.
        foreach (string table in tables)
            await foreach (TableEntity row in desk.Storage.Tables.GetTableClient(table).QueryAsync(TableFilter.All, cancel: cancel)) rows.Add((table, row));
        foreach (string queue in Queues.All.SelectMany(name => (string[])[name, Queues.PoisonOf(name)]))
            queued.AddRange((await new WorkQueue(desk.Storage, queue).PeekAsync(32, cancel)).Select(message => message.Body!.Value.ToArray()));
        foreach (string container in (string[])[Packs.Container, TicketStore.Container, ErasureLedger.Container, KeysBackup.Container, TenantKeks.Container])
            await foreach (StoredBlob blob in desk.Blobs.ListAsync(container, prefix: null, cancel))
                blobs.Add((container, blob.Name, (await desk.Blobs.ReadRangeAsync(container, blob.Name, 0, 16, cancel))!));
    }

    // With the keys, all of it is there.
    private async Task OpenAsync(CancellationToken cancel)
    {
        await foreach (InboxId each in desk.Mailboxes.ListAsync(tenant, cancel))
        {
            opened.Add(JsonSerializer.SerializeToUtf8Bytes((await desk.Mailboxes.FindAsync(tenant, each, cancel))!.Mailbox.Profile));
            await foreach (Pack pack in desk.Packs.ListAsync(tenant, each, openOnly: false, cancel))
                foreach (PackEntry entry in pack.Entries.Where(entry => entry.ProviderId != BrokenId))
                    if ((await desk.RawMail.OpenAsync(SyncMailbox.WorkFor(tenant, each, pack.Id, entry), cancel)).Raw is { } raw) opened.Add(raw);
        }

        foreach ((_, TableEntity row) in rows.Where(row => row is { Table: TableNames.Tickets, Row.RowKey: "ticket" }))
            foreach (TicketMessage message in await desk.Tickets.MessagesAsync(tenant, row.PartitionKey.Split('.')[1], cancel))
            {
                opened.Add(JsonSerializer.SerializeToUtf8Bytes(message.Document!));
                for (int i = 0; message.Direction == MessageDirection.Out && i < message.Document!.Attachments.Count; i++)
                    opened.Add((await desk.Tickets.ReadAttachmentAsync(tenant, row.PartitionKey.Split('.')[1], message, i, cancel))!);
            }
    }

    private void LookThrough()
    {
        Canaries =
        [
            new Canary("client secret", ClientSecret), new Canary("what a refused caller sent", Foreign), .. CanaryMails.Words,
            .. secrets.Select(secret => new Canary(secret.Key, secret.Value)), .. recorder.Secrets,
        ];
        CanaryScanner scanner = new(Canaries);
        List<Sighting> seen = [.. Directory.EnumerateDirectories(folder.FullName).Where(name => Path.GetFileName(name) is not ("root" or "keys")).SelectMany(scanner.Folder)];
        foreach ((string table, TableEntity row) in rows)
            foreach ((string column, object value) in row)
                seen.AddRange(value is byte[] bytes ? scanner.Bytes($"{table}.{column}", bytes) : scanner.Text($"{table}.{column}", $"{value}"));
        foreach (byte[] body in queued) seen.AddRange(scanner.Bytes("queue", body));
        foreach ((string what, string text) in refusals) seen.AddRange(scanner.Text(what, text));
        (Sightings, Scanned, Unpacked) = (seen, scanner.Scanned, scanner.Unpacked);
        FoundWhenOpened = [.. opened.SelectMany(bytes => scanner.Bytes("opened", bytes)).Select(found => found.Canary).Distinct()];
    }

    private void CopyStorage(string name)
    {
        string to = folder.CreateSubdirectory(name).FullName;
        foreach (string file in Directory.EnumerateFiles(Storage, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(Storage, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
