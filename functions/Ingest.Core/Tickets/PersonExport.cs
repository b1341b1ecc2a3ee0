using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>What a person's file holds.</summary>
/// <param name="Tickets">Tickets.</param>
/// <param name="Messages">Messages.</param>
/// <param name="Attachments">Files.</param>
/// <param name="NotesLeftOut">Notes of agents that were left out.</param>
/// <param name="OthersLeftOut">Messages between others that were left out.</param>
public readonly record struct PersonReport(int Tickets, int Messages, int Attachments, int NotesLeftOut, int OthersLeftOut)
{
    /// <summary>Mails of theirs that are kept back or parked.</summary>
    public int KeptBack { get; init; }
    /// <summary>Tickets of which a part could not be read, so that nobody can tell whether there is anything of theirs in it.</summary>
    public int TicketsUnread { get; init; }
    /// <summary>Messages and files in the tickets of this file, and mails kept back, that could not be read.</summary>
    public int PartsUnread { get; init; }
}

/// <summary>
/// Everything about one contact as a zip that a person can read (GDPR article 15) and a program, too (article 20): profile, tickets with their messages and files, what was
/// recorded of each mail, when acknowledgements were sent. All of it as it is stored, so redacted; masked further by the wish's level, for whoever else is to read it. In a person's own tickets the whole conversation, in those of others only the
/// messages that name them; mail of theirs that is kept back or parked as a reviewer sees it. What cannot be read, as its seal is broken or its key lost, is counted and ends nothing. Written as it is read: one message or file is in memory at a time.
/// </summary>
public sealed class PersonExport(TableServiceClient tables, Contacts contacts, ContactTickets found, TicketStore tickets, Journal journal, Lessons lessons, MailboxStore mailboxes, ReviewList kept, Review review, RedactionBy by, TimeProvider time)
{
    private const int MessagesAtOnce = 10, LongestName = 80, KeptAtOnce = 50;

    // Files that are masked on their way out are opened, read and written anew; those of one message at a time.
    private const int CopiesHeld = 4;
    private const long MemoryForFiles = 128L * 1024 * 1024;
    private readonly ByteGate _gate = new(MemoryForFiles);

    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// What to ask for, for a person of this address: the contact, or else the address alone where mail of it is kept back or a ticket names it. Null where nothing is held of them. For somebody
    /// who is no contact all tickets may be looked through.
    /// </summary>
    public async Task<PersonWish?> FindAsync(TenantContext tenant, string address, bool withNotes, CancellationToken cancel)
    {
        PersonWish wish = new("", withNotes) { Address = EmailIdentity.Normalise(address) };
        if (wish.Address.Length == 0) return null;
        if (await contacts.FindAsync(tenant, wish.Address, cancel) is { } contact && await contacts.OpenAsync(tenant, contact, cancel) is not null) return wish with { ContactId = contact };
        return await KeptAsync(tenant, wish.Address, cancel).AnyAsync(cancel) || await found.TicketsOfAsync(tenant, "", cancel, wish.Address).AnyAsync(cancel) ? wish : null;
    }

    /// <summary>Writes the zip to a stream that need not seek; null, and nothing written, when this tenant has no such contact or their profile was erased, and no address is given either.</summary>
    public async Task<PersonReport?> WriteAsync(TenantContext tenant, PersonWish wish, Stream output, CancellationToken cancel)
    {
        ContactDocument? profile = wish.ContactId.Length > 0 ? await contacts.OpenAsync(tenant, wish.ContactId, cancel) : new ContactDocument { Address = wish.Address };
        if (profile is not { Address.Length: > 0 }) return null;
        if (PersonLevel.Of(wish, profile.Address) is { } level) profile = profile with { Name = level.Text(profile.Name) };
        PersonReport report = default;
        List<PersonTicket> listed = [];
        ILookup<string, LessonLine> taught = (await lessons.ListAsync(tenant, cancel).ToListAsync(cancel)).ToLookup(lesson => lesson.MessageKey);
        ZipArchive zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, cancel);
        await using (zip)
        {
            await PutAsync(zip, "profile.json", Json(json =>
            {
                json.WriteString("name", profile.Name);
                json.WriteString("address", profile.Address);
            }), cancel);
            if (wish.ContactId.Length > 0) await PutAsync(zip, "acknowledgements.json", await AcknowledgementsAsync(tenant, wish.ContactId, cancel), cancel);
            int unread = 0, parts = 0;
            await foreach (string id in found.TicketsOfAsync(tenant, wish.ContactId, cancel, profile.Address, _ => unread++))
            {
                // One whose own seal was broken, and whose messages name them, is there without its document.
                if (await tickets.LookAsync(tenant, id, cancel) is not { Erased: null } ticket) continue;
                if (ticket.Document is null) unread++;
                PersonTicket one = new(zip, ticket, profile.Address, wish.ContactId.Length > 0 && ticket.Document?.Requester == wish.ContactId, wish.WithNotes)
                {
                    Taught = taught, Level = await PersonLevel.OfAsync(by, tenant, InboxId.Parse(ticket.Inbox), wish, profile.Address, cancel),
                };
                await TicketAsync(tenant, one, cancel);
                listed.Add(one);
                parts += one.Unread;
                report = report with { Tickets = report.Tickets + 1, Messages = report.Messages + one.Messages, Attachments = report.Attachments + one.Files, NotesLeftOut = report.NotesLeftOut + one.Notes, OthersLeftOut = report.OthersLeftOut + one.Others };
            }

            List<(string Place, string Subject, DateTimeOffset Received)> keptBack = [];
            await foreach (KeptMailLine line in KeptAsync(tenant, profile.Address, cancel))
            {
                string place = "kept-back/" + (keptBack.Count + 1).ToString("D4", CultureInfo.InvariantCulture);
                ReviewedMail? mail = await review.OpenAsync(tenant, line.Inbox, line.Line, cancel);
                if (mail is null) parts++;
                else if (await PersonLevel.OfAsync(by, tenant, line.Inbox, wish, profile.Address, cancel) is { } masks) mail = masks.Kept(mail);
                await PutAsync(zip, place + ".json", Json(json => Facts(json, line, mail)), cancel);
                if (mail is not null) await PutAsync(zip, place + ".txt", Encoding.UTF8.GetBytes(Text(line, mail)), cancel);
                keptBack.Add((place + (mail is null ? ".json" : ".txt"), mail?.Subject ?? "", line.Line.Received));
            }

            report = report with { KeptBack = keptBack.Count, TicketsUnread = unread, PartsUnread = parts };
            await PutAsync(zip, "index.html", Encoding.UTF8.GetBytes(PersonPage.Write(profile, listed, keptBack, report, wish, time.GetUtcNow())), cancel);
        }

        return report;
    }

    private async Task<byte[]?> TryReadAsync(TenantContext tenant, string ticket, TicketMessage message, int index, CancellationToken cancel)
    {
        try
        {
            return await tickets.ReadAttachmentAsync(tenant, ticket, message, index, cancel);
        }
        catch (Exception e) when (e is SealBrokenException or InvalidDataException)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<KeptMailLine> KeptAsync(TenantContext tenant, string address, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        KeptFilter theirs = new() { Sender = address };
        if (!theirs.IsUsable || !address.Contains('@', StringComparison.Ordinal)) yield break;
        List<InboxId> inboxes = await mailboxes.ListAsync(tenant, cancel).ToListAsync(cancel);
        foreach (OutcomeKind outcome in new[] { OutcomeKind.Quarantined, OutcomeKind.Parked })
        {
            string? after = null;
            do
            {
                KeptPart part = await kept.PageAsync(tenant, inboxes, theirs with { Outcome = outcome }, KeptAtOnce, after, cancel);
                foreach (KeptMailLine line in part.Mails) yield return line;
                after = part.Next;
            }
            while (after is not null);
        }
    }

    // As it is kept, a reviewer sees it, and the person gets it: redacted, without files.
    private static string Text(KeptMailLine line, ReviewedMail mail) => string.Create(CultureInfo.InvariantCulture, $"""
        From: {mail.FromName} <{mail.FromAddress}>
        To: {string.Join(", ", mail.To)}
        Received: {line.Line.Received.UtcDateTime:u}
        Subject: {mail.Subject}

        {mail.Text}
        """);

    private static void Facts(Utf8JsonWriter json, KeptMailLine line, ReviewedMail? mail)
    {
        json.WriteString("received", line.Line.Received);
        json.WriteString("outcome", line.Line.Outcome.ToString());
        json.WriteString("reason", line.Line.Reason.ToString());
        json.WriteString("steps", line.Line.Steps);
        if (line.Expires is { } expires) json.WriteString("deletedOn", expires);
        json.WriteBoolean("opens", mail is not null);
        json.WriteStartArray("files");
        foreach (ReviewedFile file in mail?.Attachments ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteString("contentType", file.ContentType);
            json.WriteNumber("size", file.Size);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private async Task TicketAsync(TenantContext tenant, PersonTicket one, CancellationToken cancel)
    {
        InboxId inbox = InboxId.Parse(one.Ticket.Inbox);
        // From new to old, since that is how a long ticket is read in parts; the page is put in order by the numbers of the files.
        string? before = null;
        do
        {
            MessagePart part = await tickets.NewestMessagesAsync(tenant, one.Ticket.Id, MessagesAtOnce, cancel, before);
            for (int i = part.Messages.Count - 1; i >= 0; i--) await MessageAsync(tenant, inbox, one, part.Messages[i], part.Earlier + i + 1, cancel);
            before = part.Earlier > 0 && part.Messages.Count > 0 ? part.Messages[0].Key : null;
        }
        while (before is not null);
    }

    private async Task MessageAsync(TenantContext tenant, InboxId inbox, PersonTicket one, TicketMessage message, int number, CancellationToken cancel)
    {
        if (message.Document is not { } document)
        {
            if (message.IsDamaged && one.IsOwn) await PutAsync(one.Zip, $"{one.Folder}/{number.ToString("D4", CultureInfo.InvariantCulture)}-damaged.txt", Unreadable, cancel);
            if (await found.IsUnreadAsync(tenant, one.Ticket.Id, message, cancel)) one.Unread++;
            return;
        }

        bool isNote = message.Direction == MessageDirection.Note, isTheirs = one.IsOwn || ContactTickets.Names(document, one.Address);
        if (isNote ? !(one.WithNotes && one.IsOwn) : !isTheirs)
        {
            if (isNote) one.Notes++;
            else one.Others++;
            return;
        }

        string place = $"{one.Folder}/{number.ToString("D4", CultureInfo.InvariantCulture)}";
        JournalLine? line = message.Direction == MessageDirection.In ? await journal.FindAsync(tenant, inbox, message.Key, cancel) : null;
        if (one.Level is { } level) document = await MaskedAsync(tenant, one, message, level, place, cancel);
        else await FilesAsync(tenant, one, message, place, cancel);
        await PutAsync(one.Zip, place + ".txt", Encoding.UTF8.GetBytes(Text(message, document)), cancel);
        await PutAsync(one.Zip, place + ".json", Json(json => Facts(json, message, document, line, one.Taught[message.Key])), cancel);
        one.Shown.Add((number, document.Subject, message.Received, message.Direction));
        one.Messages++;
    }

    private async Task FilesAsync(TenantContext tenant, PersonTicket one, TicketMessage message, string place, CancellationToken cancel)
    {
        foreach ((int i, AttachmentDocument file) in message.Document!.Attachments.Index())
        {
            if (await TryReadAsync(tenant, one.Ticket.Id, message, i, cancel) is { } content) await FileAsync(one, place, i, file.Name, content, cancel);
            else if (file.Length > 0) await DamagedAsync(one, place, i, cancel);
        }
    }

    // What the message says and its files, masked by the level; the files of one message are in memory at a time.
    private async Task<MessageDocument> MaskedAsync(TenantContext tenant, PersonTicket one, TicketMessage message, PersonLevel level, string place, CancellationToken cancel)
    {
        using IDisposable room = await _gate.EnterAsync(CopiesHeld * message.Document!.Attachments.Sum(file => file.Length), cancel);
        List<byte[]?> read = [];
        for (int i = 0; i < message.Document.Attachments.Count; i++) read.Add(await TryReadAsync(tenant, one.Ticket.Id, message, i, cancel));
        (MessageDocument masked, IReadOnlyList<Func<byte[]>> contents) = level.Message(message, [.. read.Select(content => new Func<byte[]>(() => content ?? []))]);
        foreach ((int i, AttachmentDocument file) in masked.Attachments.Index())
        {
            if (read[i] is null && file.Length > 0) await DamagedAsync(one, place, i, cancel);
            else if (read[i] is not null && file.State != FileState.Withheld) await FileAsync(one, place, i, file.Name, contents[i](), cancel);
        }

        return masked;
    }

    private static async Task FileAsync(PersonTicket one, string place, int index, string name, byte[] content, CancellationToken cancel)
    {
        await PutAsync(one.Zip, string.Create(CultureInfo.InvariantCulture, $"{place}-{index + 1}-{SafeName(name)}"), content, cancel);
        one.Files++;
    }

    private static async Task DamagedAsync(PersonTicket one, string place, int index, CancellationToken cancel)
    {
        await PutAsync(one.Zip, string.Create(CultureInfo.InvariantCulture, $"{place}-{index + 1}-damaged.txt"), Unreadable, cancel);
        one.Unread++;
    }

    // One that somebody wrote over must not keep a person from all the rest.
    private static byte[] Unreadable => "What is stored here does not open: it was damaged after it was written, or a part of it is missing.\n"u8.ToArray();

    private static string Text(TicketMessage message, MessageDocument document) => string.Create(CultureInfo.InvariantCulture, $"""
        From: {document.FromName} <{document.FromAddress}>
        To: {string.Join(", ", document.To)}
        Cc: {string.Join(", ", document.Cc)}
        Received: {message.Received.UtcDateTime:u}
        Subject: {document.Subject}

        {document.Text}
        """);

    private static void Facts(Utf8JsonWriter json, TicketMessage message, MessageDocument document, JournalLine? line, IEnumerable<LessonLine> taught)
    {
        json.WriteString("direction", message.Direction.ToString());
        json.WriteString("received", message.Received);
        json.WriteString("marks", message.Flags.ToString());
        if (message.Delivery is { } delivery) json.WriteString("delivery", delivery.State.ToString());
        json.WritePropertyName("message");
        json.WriteRawValue(JsonSerializer.SerializeToUtf8Bytes(document, TicketJson.Default.MessageDocument));
        json.WriteStartArray("taughtToTheSpamFilterAs");
        foreach (LessonLine lesson in taught) json.WriteStringValue(lesson.Verdict.ToString());
        json.WriteEndArray();
        if (line is null) return;
        json.WriteStartObject("record");
        json.WriteString("outcome", line.Outcome.ToString());
        json.WriteString("reason", line.Reason.ToString());
        json.WriteString("steps", line.Steps);
        json.WriteString("at", line.At);
        json.WriteEndObject();
    }

    private async Task<byte[]> AcknowledgementsAsync(TenantContext tenant, string contact, CancellationToken cancel)
    {
        TableEntity? row = await tables.GetTableClient(TableNames.Suppressions).GetEntityIfExistsAsync($"{tenant}.{contact}", "acknowledged", cancel: cancel);
        string[] sent = (row?.GetString("sent") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Json(json =>
        {
            json.WriteStartArray("sent");
            foreach (string one in sent)
                if (long.TryParse(one.Split(':')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long at)) json.WriteStringValue(DateTimeOffset.FromUnixTimeMilliseconds(at));
            json.WriteEndArray();
        });
    }

    // A name from outside: a letter that no file system or archive reads otherwise than as itself, or none.
    private static string SafeName(string name)
    {
        string safe = string.Concat(name.Normalize().Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_')).Trim('.');
        return safe.Length == 0 ? "file" : safe.Length > LongestName ? safe[^LongestName..] : safe;
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, Readable))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static async Task PutAsync(ZipArchive zip, string name, byte[] content, CancellationToken cancel)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.Fastest);
        await using Stream stream = await entry.OpenAsync(cancel);
        await stream.WriteAsync(content, cancel);
    }
}

/// <summary>One ticket on its way into the file.</summary>
internal sealed record PersonTicket(ZipArchive Zip, Ticket Ticket, string Address, bool IsOwn, bool WithNotes)
{
    public string Folder => "tickets/" + Ticket.Number;
    public List<(int Number, string Subject, DateTimeOffset Received, MessageDirection Direction)> Shown { get; } = [];
    public required ILookup<string, LessonLine> Taught { get; init; }
    public PersonLevel? Level { get; init; }
    public string Subject => Ticket.Document is not { } document ? "" : Level?.Text(document.Subject) ?? document.Subject;
    public int Messages { get; set; }
    public int Files { get; set; }
    public int Notes { get; set; }
    public int Others { get; set; }
    public int Unread { get; set; }
}
