using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>A message that is to become part of a ticket, with its attachments' bytes.</summary>
/// <param name="Key">The message key.</param>
/// <param name="Received">When the provider received it.</param>
/// <param name="Flags">What to see at once.</param>
/// <param name="Document">Its document; the attachments' offsets are filled in when they are stored.</param>
/// <param name="Contents">The attachments' bytes, in the order of the document's list; opened one by one while they are sealed.</param>
public sealed record NewMessage(string Key, DateTimeOffset Received, MessageMarks Flags, MessageDocument Document, IReadOnlyList<Func<byte[]>> Contents)
{
    /// <summary>When it came to the desk, which says where its ticket stands in the lists: later than it was received for mail that was kept back and let in.</summary>
    public DateTimeOffset Arrived { get; init; } = Received;
    /// <summary>What was found in it to mask; null for what did not come from outside. It is not part of the ticket.</summary>
    public RedactionTally? Tally { get; init; }
}

/// <summary>Who may join a ticket from now on, by right of the message that is added.</summary>
/// <param name="Contact">Its sender, when proven; else null.</param>
/// <param name="Copied">Whom a proven sender copied in, normalised addresses.</param>
public sealed record Joiners(string? Contact, IReadOnlyList<string> Copied);

/// <summary>What is written into a ticket together with its change: a reply of ours and the row that sends it.</summary>
/// <param name="Message">The reply as a message of the ticket.</param>
/// <param name="Outbox">Its outbox row.</param>
public sealed record OutgoingMessage(NewMessage Message, TableEntity Outbox);

/// <summary>
/// Tickets and their messages, sealed under one key a ticket. A message and the ticket it belongs to are written in one transaction;
/// writing the same message again changes nothing.
/// </summary>
public sealed class TicketStore
{
    /// <summary>The blob container of messages.</summary>
    public const string Container = "messages";

    internal const int MostCopied = 30;
    private const int MostParticipants = 100;
    private const int IdLetters = 26, DisplayLetters = 8, MostSteps = 100;
    private const MessageMarks OursOnly = MessageMarks.Outbound | MessageMarks.Note;

    private readonly KeyRing _keys;
    private readonly TableClient _rows;
    private readonly TicketLists _lists;
    private readonly MessageRows _messages;
    private readonly Action<TenantContext, string> _damaged;

    /// <summary>The tickets of an account; <paramref name="damaged"/> is told of each that somebody wrote over, or a message of it, whenever it is met.</summary>
    public TicketStore(TableServiceClient tables, BlobStore blobs, KeyRing keys, Action<TenantContext, string>? damaged = null)
    {
        _damaged = damaged ?? ((_, _) => { });
        _keys = keys;
        _rows = tables.GetTableClient(TableNames.Tickets);
        _lists = new TicketLists(tables);
        _messages = new MessageRows(_rows, blobs, keys);
    }

    /// <summary>The ticket's row with its document, or null when this tenant has no such ticket; what is left of an erased one says so.</summary>
    public async Task<Ticket?> FindAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        for (bool again = false; ; again = true)
        {
            TableEntity? row = await _rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), TicketKeys.TicketRow, cancel: cancel);
            if (row is null) return null;
            using DataKey? key = await KeyAsync(tenant, ticket, TicketRow.Generation(row), cancel);
            // A redaction may have turned its key over since its row was read.
            if (key is null && !again && row.GetDateTimeOffset("erased") is null) continue;
            return TicketRow.Read(tenant, ticket, row, key);
        }
    }

    /// <summary>As <see cref="FindAsync(TenantContext, string, CancellationToken)"/>, for who only looks at it: one whose seal somebody broke says so and has no document, where others are told <see cref="SealBrokenException"/>.</summary>
    public async Task<Ticket?> LookAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        try
        {
            return await FindAsync(tenant, ticket, cancel);
        }
        catch (SealBrokenException)
        {
            _damaged(tenant, ticket);
            TableEntity? row = await _rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), TicketKeys.TicketRow, cancel: cancel);
            return row is null ? null : TicketRow.Read(tenant, ticket, row, key: null) with { IsDamaged = true };
        }
    }

    /// <summary>True when the text has the form of a ticket id; nothing else ever becomes part of a key.</summary>
    public static bool IsTicketId(string text) => text.Length == IdLetters && text.All(IsLetter);

    private static bool IsLetter(char c) => "0123456789abcdefghjkmnpqrstvwxyz".Contains(c, StringComparison.Ordinal);

    /// <summary>The ticket with this display number as <see cref="LookAsync"/> tells it, or null.</summary>
    public async Task<Ticket?> FindByNumberAsync(TenantContext tenant, string number, CancellationToken cancel)
    {
        string prefix = number.ToLowerInvariant();
        if (prefix.Length != DisplayLetters || !prefix.All(IsLetter)) return null;
        TableFilter filter = TableFilter.PartitionPrefix(TicketKeys.Partition(tenant, prefix)).And(TableFilter.RowIs(TicketKeys.TicketRow));
        await foreach (TableEntity row in _rows.QueryAsync(filter, select: ["PartitionKey"], cancel: cancel))
            return await LookAsync(tenant, row.PartitionKey[(row.PartitionKey.IndexOf('.', StringComparison.Ordinal) + 1)..], cancel);
        return null;
    }

    /// <summary>The ticket of this id or display number as it stands now, as <see cref="LookAsync"/> tells it, or null: where a ticket was handed over, when somebody in it was erased, the one that took over.</summary>
    public async Task<Ticket?> FindStandingAsync(TenantContext tenant, string name, CancellationToken cancel)
    {
        Ticket? ticket = IsTicketId(name) ? await LookAsync(tenant, name, cancel) : await FindByNumberAsync(tenant, name, cancel);
        for (int steps = 0; ticket is { MergedInto.Length: > 0 } && steps < MostSteps; steps++) ticket = await LookAsync(tenant, ticket.MergedInto, cancel);
        return ticket;
    }

    /// <summary>
    /// The newest <paramref name="count"/> messages of a ticket, or those just before the message of key <paramref name="before"/>: oldest first, ours with how their
    /// delivery stands. However long the ticket has grown, only these are opened. A message that does not open although its key is there says so, and stands in nobody's way.
    /// </summary>
    public async Task<MessagePart> NewestMessagesAsync(TenantContext tenant, string ticket, int count, CancellationToken cancel, string? before = null)
    {
        MessagePart part = await _messages.ReadAsync(tenant, ticket, count, before, cancel);
        if (part.Messages.Any(message => message.IsDamaged)) _damaged(tenant, ticket);
        return part;
    }

    /// <summary>All messages of a ticket, oldest first; a long ticket is better read in parts.</summary>
    public async Task<IReadOnlyList<TicketMessage>> MessagesAsync(TenantContext tenant, string ticket, CancellationToken cancel) =>
        (await NewestMessagesAsync(tenant, ticket, int.MaxValue, cancel)).Messages;

    /// <summary>One message of a ticket, without how its delivery stands, or null when there is none of that key.</summary>
    public async Task<TicketMessage?> FindMessageAsync(TenantContext tenant, string ticket, string messageKey, CancellationToken cancel)
    {
        TableEntity? row = await _rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), TicketKeys.MessageRow(messageKey), cancel: cancel);
        TicketMessage? message = row is null ? null : await _messages.OpenAsync(tenant, ticket, row, cancel);
        if (message is { IsDamaged: true }) _damaged(tenant, ticket);
        return message;
    }

    /// <summary>The newest tickets of an inbox in a state, opened, each checked against its row.</summary>
    public async Task<IReadOnlyList<Ticket>> NewestAsync(TenantContext tenant, InboxId inbox, TicketState state, int count, CancellationToken cancel)
    {
        List<Ticket> tickets = [];
        foreach ((string ticket, DateTimeOffset updated)[] batch in (await _lists.NewestAsync(tenant, inbox, state, count, cancel)).Chunk(16))
        {
            Ticket?[] opened = await Task.WhenAll(batch.Select(row => FindAsync(tenant, row.ticket, cancel)));
            // A row older than its ticket is left over from a crash; a newer one is ahead of a write that is still to come.
            tickets.AddRange(opened.Where((t, i) => t is { Erased: null } && t.State == state && t.Updated <= batch[i].updated).Select(t => t!));
        }

        return tickets;
    }

    /// <summary>The bytes of an attachment, or null when it is not there or its key was erased.</summary>
    public async Task<byte[]?> ReadAttachmentAsync(TenantContext tenant, string ticket, TicketMessage message, int index, CancellationToken cancel) =>
        await _messages.ReadAttachmentAsync(tenant, ticket, message, index, cancel);

    /// <summary>
    /// Starts a ticket with its first message, and with the answer that goes out by itself, if any; does nothing when that was done before. Throws
    /// <see cref="KeyErasedException"/> when the ticket was erased, or was never to be.
    /// </summary>
    public async Task StartAsync(TenantContext tenant, InboxId inbox, string ticket, TicketDocument document, NewMessage message, CancellationToken cancel, OutgoingMessage? answer = null)
    {
        if (await FirstKeyAsync(tenant, ticket, message.Key, cancel) is not { } key) return;
        using DataKey borrowed = key;
        Ticket fresh = new()
        {
            Id = ticket, Number = TenantKeys.DisplayNumber(ticket), Inbox = inbox.Value, State = TicketState.Open, Created = message.Received,
            Updated = message.Arrived, Messages = answer is null ? 1 : 2, Flags = message.Flags, Revision = 1, Document = Told(document, message),
        };
        TableEntity messageRow = await _messages.SealAsync(tenant, ticket, key, message, order: 1, cancel);
        await _lists.PutAsync(tenant, fresh, key, replaces: null, cancel);
        List<TableTransactionAction> rows =
        [
            new(TableTransactionActionType.Add, TicketRow.Write(tenant, fresh, key)),
            new(TableTransactionActionType.Add, messageRow),
        ];
        if (answer is not null)
        {
            rows.Add(new(TableTransactionActionType.Add, await _messages.SealAsync(tenant, ticket, key, answer.Message, order: 2, cancel)));
            rows.Add(new(TableTransactionActionType.Add, answer.Outbox));
        }

        try
        {
            await _rows.SubmitTransactionAsync(rows, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Ticket ids derive from the first message's key, so whoever wrote it wrote this very message: another try, or this one with its answer lost.
            await _messages.IsThereAsync(messageRow, cancel);
            if (await FindAsync(tenant, ticket, cancel) is { } now) await _lists.DropAsync(tenant, fresh, now, cancel);
        }
    }

    // A redaction may have turned the ticket's key over before this try: then it was started by an earlier one.
    private async Task<DataKey?> FirstKeyAsync(TenantContext tenant, string ticket, string messageKey, CancellationToken cancel)
    {
        try
        {
            return await _keys.GetOrCreateAsync(tenant, KeyClass.Ticket, ticket, cancel);
        }
        catch (KeyErasedException)
        {
            if (await FindAsync(tenant, ticket, cancel) is not { Erased: null, Generation: > 0 } || await FindMessageAsync(tenant, ticket, messageKey, cancel) is null) throw;
            return null;
        }
    }

    private ValueTask<DataKey?> KeyAsync(TenantContext tenant, string ticket, int generation, CancellationToken cancel) => _keys.FindAsync(tenant, KeyClass.Ticket, TicketKeys.KeyOwner(ticket, generation), cancel);

    /// <summary>Adds a message to a ticket; does nothing when it is there already. False when the ticket is not there.</summary>
    public async Task<bool> JoinAsync(TenantContext tenant, string ticket, NewMessage message, Joiners joiners, bool reopen, CancellationToken cancel) =>
        await ChangeAsync(tenant, ticket, (old, document) => old with
        {
            State = reopen ? TicketState.Open : old.State,
            Document = document with
            {
                Participants = [.. document.Participants.Concat(joiners.Contact is { } contact ? [contact] : []).Distinct().Take(MostParticipants)],
                Copied = [.. document.Copied.Concat(joiners.Copied).Distinct().Take(MostCopied)],
            },
        }, message, outbox: null, cancel) is not null;

    /// <summary>Adds a reply of ours with the row that sends it; does nothing when it is there already. False when the ticket is not there.</summary>
    public async Task<bool> AnswerAsync(TenantContext tenant, string ticket, OutgoingMessage answer, IReadOnlyList<string> copied, bool close, CancellationToken cancel) =>
        await ChangeAsync(tenant, ticket, (old, document) => old with
        {
            State = close ? TicketState.Closed : old.State,
            Document = document with { Copied = [.. document.Copied.Concat(copied).Distinct().Take(MostCopied)] },
        }, answer.Message, answer.Outbox, cancel) is not null;

    /// <summary>Closes or opens a ticket; false when it is not there.</summary>
    public async Task<bool> SetStateAsync(TenantContext tenant, string ticket, TicketState state, CancellationToken cancel) =>
        await ChangeAsync(tenant, ticket, (old, _) => old.State == state ? old : old with { State = state }, message: null, outbox: null, cancel) is not null;

    /// <summary>Sets a ticket aside as spam: closed, and marked. Or takes that back: open again when it was set aside, and no longer in doubt. False when it is not there.</summary>
    public async Task<bool> MarkSpamAsync(TenantContext tenant, string ticket, bool spam, CancellationToken cancel) =>
        await ChangeAsync(tenant, ticket, (old, _) => (spam, (old.Flags & MessageMarks.MarkedSpam) != 0) switch
        {
            (true, true) => old,
            (true, false) => old with { State = TicketState.Closed, Flags = old.Flags | MessageMarks.MarkedSpam },
            (false, true) => old with { State = TicketState.Open, Flags = old.Flags & ~(MessageMarks.MarkedSpam | MessageMarks.Unsure) },
            (false, false) => (old.Flags & MessageMarks.Unsure) == 0 ? old : old with { Flags = old.Flags & ~MessageMarks.Unsure },
        }, message: null, outbox: null, cancel) is not null;

    /// <summary>Gives a ticket to a person (by id), or to nobody (empty); false when it is not there.</summary>
    public async Task<bool> AssignAsync(TenantContext tenant, string ticket, string person, CancellationToken cancel) =>
        await ChangeAsync(tenant, ticket, (old, document) => document.Assignee == person ? old : old with { Document = document with { Assignee = person } },
            message: null, outbox: null, cancel) is not null;

    /// <summary>Writes a note that only agents see; does nothing when it is there already. False when the ticket is not there.</summary>
    public async Task<bool> AddNoteAsync(TenantContext tenant, string ticket, NewMessage note, CancellationToken cancel) =>
        await ChangeAsync(tenant, ticket, (old, _) => old, note with { Flags = note.Flags | MessageMarks.Note }, outbox: null, cancel) is not null;

    // Everything that becomes of a ticket goes this way: read, change, put into the lists, write all rows at once under the version that was read.
    private async Task<Ticket?> ChangeAsync(TenantContext tenant, string ticket, Func<Ticket, TicketDocument, Ticket> change, NewMessage? message, TableEntity? outbox, CancellationToken cancel)
    {
        Ticket? failed = null;
        for (int tries = 0; tries < 6; tries++)
        {
            if (await FindAsync(tenant, ticket, cancel) is not { } old) return null;
            if (failed is not null) await _lists.DropAsync(tenant, failed, old, cancel);
            if (old.Erased is not null) return null;
            using DataKey? key = await KeyAsync(tenant, ticket, old.Generation, cancel);
            if (key is null || old.Document is not { } document) throw new NotNowException("ticket-key-missing");
            Ticket next = change(old, document);
            if (message is null && ReferenceEquals(next, old)) return old;
            next = Counted(old, next, message);
            List<TableTransactionAction> rows = [new(TableTransactionActionType.UpdateReplace, TicketRow.Write(tenant, next, key), new ETag(old.Version))];
            TableEntity? messageRow = message is null ? null : await _messages.SealAsync(tenant, ticket, key, message, next.Messages, cancel);
            if (messageRow is not null) rows.Insert(0, new(TableTransactionActionType.Add, messageRow));
            if (outbox is not null) rows.Add(new(TableTransactionActionType.Add, outbox));

            // A row that goes to another list leaves its old place last: a crash in between may show a ticket once too often to a list's reader, who checks, but never hide it.
            bool moves = next.State != old.State;
            await _lists.PutAsync(tenant, next, key, replaces: moves ? null : old, cancel);
            try
            {
                await _rows.SubmitTransactionAsync(rows, cancel);
                if (moves) await LeaveAsync(tenant, old, next, key, cancel);
                return next;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                if (messageRow is not null && await _messages.IsThereAsync(messageRow, cancel))
                {
                    if (await FindAsync(tenant, ticket, cancel) is not { } now) return null;
                    await _lists.PutAsync(tenant, now, key, replaces: next, cancel);
                    if (moves) await LeaveAsync(tenant, old, now, key, cancel);
                    return now;
                }

                failed = next;
            }
        }

        throw new NotNowException("ticket-contended");
    }

    // Whoever moved the ticket back meanwhile put its row where ours is taken away: then it is put there again.
    private async Task LeaveAsync(TenantContext tenant, Ticket old, Ticket next, DataKey key, CancellationToken cancel)
    {
        await _lists.DropAsync(tenant, old, next, cancel);
        if (await FindAsync(tenant, next.Id, cancel) is { Document: not null } now && now.State == old.State && now.Updated == old.Updated)
            await _lists.PutAsync(tenant, now, key, replaces: null, cancel);
    }

    private static Ticket Counted(Ticket old, Ticket next, NewMessage? message) => message is null
        ? next with { Revision = old.Revision + 1 }
        : next with
        {
            Updated = message.Arrived > old.Updated ? message.Arrived : old.Updated,
            Messages = old.Messages + 1,
            Flags = old.Flags | (message.Flags & ~OursOnly),
            Revision = old.Revision + 1,
            Document = Told(next.Document!, message),
        };

    // What a list shows: who of the outside wrote last. Two mails of one second are told apart by their keys, so that their order of arrival does not matter.
    private static TicketDocument Told(TicketDocument document, NewMessage message)
    {
        int time = message.Received.CompareTo(document.LastAt);
        bool newer = time > 0 || (time == 0 && string.CompareOrdinal(message.Key, document.LastKey) > 0);
        if (!newer || (message.Flags & OursOnly) != 0) return document;
        MessageDocument told = message.Document;
        return document with
        {
            LastAt = message.Received,
            LastKey = message.Key,
            LastSubject = Cut.To(told.Subject, 200),
            LastFrom = Cut.To(told.FromName.Length > 0 ? told.FromName : told.FromAddress, 200),
        };
    }

    /// <summary>Removes message blobs older than <paramref name="before"/> that no message row names; returns how many.</summary>
    public Task<int> SweepAsync(DateTimeOffset before, CancellationToken cancel) => _messages.SweepAsync(before, cancel);
}
