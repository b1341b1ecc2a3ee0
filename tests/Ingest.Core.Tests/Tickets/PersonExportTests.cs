using System.IO.Compression;
using System.Text.Json;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Tickets;

/// <summary>What a person gets who asks what is held of them.</summary>
[Collection(nameof(StorageCollection))]
public sealed class PersonExportTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A way out that cannot go back, as a network's.</summary>
    private sealed class OneWay : MemoryStream
    {
        public override bool CanSeek => false;
        public override long Position { get => base.Position; set => throw new NotSupportedException(); }
    }

    private static async Task<(PersonReport? Report, Dictionary<string, string> Files)> ExportAsync(TestDesk desk, string address, bool notes = false)
    {
        using OneWay output = new();
        string contact = (await desk.Desk.Contacts.FindAsync(desk.Tenant, address, Cancel))!;
        PersonReport? report = await desk.Desk.PersonExport.WriteAsync(desk.Tenant, new PersonWish(contact, notes), output, Cancel);
        return report is null ? (null, []) : (report, await ReadAsync(output));
    }

    private static async Task<Dictionary<string, string>> ReadAsync(OneWay output)
    {
        Dictionary<string, string> files = [];
        using ZipArchive zip = new(new MemoryStream(output.ToArray()));
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using StreamReader reader = new(entry.Open());
            files.Add(entry.FullName, await reader.ReadToEndAsync(Cancel));
        }

        return files;
    }

    [Fact]
    public async Task A_person_gets_their_tickets_whole_and_of_those_of_others_what_names_them()
    {
        TestDesk desk = await new TestDesk(storage).OpenAsync(Cancel), other = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine own = await desk.TakeInAsync(Mails.From("ann@customer.example", "Mine & <b>yours</b>", "a@customer.example", body: "My card is 4111 1111 1111 1111.\r\n"), Cancel);
        JournalLine bobs = await desk.TakeInAsync(Mails.From("bob@other.example", "Bob's secret", "b@other.example", body: "Only for you.\r\n"), Cancel);
        await desk.TakeInAsync(Mails.From("bob@other.example", "Re: Bob's secret", "b2@other.example", "b@other.example", "b@other.example", body: "With Ann in copy.\r\n", extra: "Cc: ann@customer.example\r\n"), Cancel);
        await desk.TakeInAsync(Mails.From("dora@other.example", "Stranger", "d@other.example", body: "Nothing of Ann.\r\n"), Cancel);
        foreach (byte[] mail in Mails.SmallBox.Skip(6).Take(1)) await desk.TakeInAsync(mail, Cancel);
        await other.TakeInAsync(Mails.From("ann@customer.example", "Of another tenant", "e@customer.example"), Cancel);
        NewMessage note = new("0123456789abcdefghjkmnpqrstvwxyz", DateTimeOffset.UnixEpoch.AddYears(57), MessageMarks.Note, new MessageDocument { Text = "She is difficult.", AuthorName = "Agent" }, []);
        await desk.Desk.Tickets.AddNoteAsync(desk.Tenant, own.TicketId, note, Cancel);

        (PersonReport? report, Dictionary<string, string> files) = await ExportAsync(desk, "Ann@Customer.Example");
        Assert.Equal(new PersonReport(2, 2, 0, 1, 1), report);
        string number = (await desk.Desk.Tickets.FindAsync(desk.Tenant, own.TicketId, Cancel))!.Number, theirs = (await desk.Desk.Tickets.FindAsync(desk.Tenant, bobs.TicketId, Cancel))!.Number;
        Assert.Equal(new[] { "profile.json", "acknowledgements.json", "index.html", $"tickets/{number}/0001.txt", $"tickets/{number}/0001.json", $"tickets/{theirs}/0002.txt", $"tickets/{theirs}/0002.json" }.Order(StringComparer.Ordinal),
            files.Keys.Order(StringComparer.Ordinal));
        string all = string.Concat(files.Values);
        foreach (string absent in new[] { "4111", "Only for you", "Nothing of Ann", "difficult", "another tenant", "dora" }) Assert.DoesNotContain(absent, all, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("With Ann in copy.", files[$"tickets/{theirs}/0002.txt"], StringComparison.Ordinal);
        Assert.Contains("1 messages between others and 1 notes", files["index.html"], StringComparison.Ordinal);
        Assert.Contains("Mine &amp; &lt;b&gt;yours&lt;/b&gt;", files["index.html"], StringComparison.Ordinal);
        Assert.Equal("ann@customer.example", JsonDocument.Parse(files["profile.json"]).RootElement.GetProperty("address").GetString());
        Assert.Equal("Ticketed", JsonDocument.Parse(files[$"tickets/{number}/0001.json"]).RootElement.GetProperty("record").GetProperty("outcome").GetString());
        foreach (string link in System.Text.RegularExpressions.Regex.Matches(files["index.html"], "href=\"([^\"]+)\"").Select(m => m.Groups[1].Value)) Assert.Contains(link, files.Keys);

        (report, files) = await ExportAsync(desk, "ann@customer.example", notes: true);
        Assert.Equal(0, report!.Value.NotesLeftOut);
        Assert.Contains("She is difficult.", string.Concat(files.Values), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_counted_and_ends_nothing()
    {
        TestDesk desk = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine own = await desk.TakeInAsync(Mails.From("ann@customer.example", "Mine", "a@customer.example", body: "The first canary.\r\n"), Cancel);
        JournalLine second = await desk.TakeInAsync(Mails.From("ann@customer.example", "Re: Mine", "a2@customer.example", "a@customer.example", body: "The second canary.\r\n"), Cancel);
        JournalLine bobs = await desk.TakeInAsync(Mails.From("bob@other.example", "His", "b@other.example", body: "Only for you.\r\n"), Cancel);
        Assert.Equal(own.TicketId, second.TicketId);
        TableClient rows = desk.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        foreach ((string ticket, string key) in new[] { (own.TicketId, own.MessageKey), (bobs.TicketId, bobs.MessageKey) })
        {
            TableEntity row = (await rows.GetEntityIfExistsAsync(TicketKeys.Partition(desk.Tenant, ticket), TicketKeys.MessageRow(key), cancel: Cancel))!;
            byte[] doc = [.. row.GetBinary("doc")!];
            doc[^1] ^= 1;
            row["doc"] = doc;
            await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        }

        (PersonReport? report, Dictionary<string, string> files) = await ExportAsync(desk, "ann@customer.example");
        Assert.Equal((1, 1, 1, 1), (report!.Value.Tickets, report.Value.Messages, report.Value.PartsUnread, report.Value.TicketsUnread));
        Assert.Contains("second canary", string.Concat(files.Values), StringComparison.Ordinal);
        Assert.Contains("1 messages and files that should be here could not be read, and 1 tickets", files["index.html"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_in_it_under_names_that_are_safe()
    {
        TestDesk desk = await new TestDesk(storage).OpenAsync(Cancel);
        await desk.TakeInAsync(Mails.SmallBox[6], Cancel);
        (PersonReport? report, Dictionary<string, string> files) = await ExportAsync(desk, "carl@files.example");
        Assert.Equal((1, 1, 1), (report!.Value.Tickets, report.Value.Messages, report.Value.Attachments));
        Assert.Equal("a,b\n1,2\n", files.Single(file => file.Key.EndsWith("0001-1-a.csv", StringComparison.Ordinal)).Value);
    }

    [Fact]
    public async Task Of_nobody_and_of_another_tenants_contact_there_is_nothing()
    {
        TestDesk desk = await new TestDesk(storage).OpenAsync(Cancel), other = await new TestDesk(storage).OpenAsync(Cancel);
        await desk.TakeInAsync(Mails.From("ann@customer.example", "Mine", "a@customer.example"), Cancel);
        string contact = (await desk.Desk.Contacts.FindAsync(desk.Tenant, "ann@customer.example", Cancel))!;
        using MemoryStream output = new();
        Assert.Null(await other.Desk.PersonExport.WriteAsync(other.Tenant, new PersonWish(contact, WithNotes: true), output, Cancel));
        await desk.Desk.Keys.EraseAsync(desk.Tenant, Ingest.Core.Keys.KeyClass.Contact, contact, Cancel);
        Assert.Null(await desk.Desk.PersonExport.WriteAsync(desk.Tenant, new PersonWish(contact, WithNotes: true), output, Cancel));
        Assert.Equal(0, output.Length);
    }

    [Fact]
    public async Task Mail_that_was_kept_back_is_in_it_redacted_also_for_somebody_who_never_became_a_contact()
    {
        TestDesk desk = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] Bounce(string from, string text) => System.Text.Encoding.ASCII.GetBytes($"From: {from}\r\nTo: {TestDesk.Address}\r\nSubject: Undelivered\r\nMessage-ID: <{Guid.NewGuid():N}@relay.example>\r\nReturn-Path: <>\r\n\r\n{text}\r\n");
        Assert.Equal(Ingest.Core.Pipeline.OutcomeKind.Quarantined, (await desk.TakeInAsync(Bounce("MAILER-DAEMON@relay.example", "The first canary and 4111 1111 1111 1111."), Cancel)).Outcome);
        await desk.TakeInAsync(Bounce("MAILER-DAEMON@other.example", "The second canary."), Cancel);
        Assert.Null(await desk.Desk.Contacts.FindAsync(desk.Tenant, "mailer-daemon@relay.example", Cancel));

        (PersonReport? report, Dictionary<string, string> files) = await ExportByAddressAsync(desk, "Mailer-Daemon@Relay.example");
        Assert.Equal(new PersonReport { KeptBack = 1 }, report);
        Assert.Equal(["index.html", "kept-back/0001.json", "kept-back/0001.txt", "profile.json"], files.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("first canary", files["kept-back/0001.txt"], StringComparison.Ordinal);
        Assert.Contains("kept-back/0001.txt", files["index.html"], StringComparison.Ordinal);
        Assert.DoesNotContain("acknowledgements.json", files["index.html"], StringComparison.Ordinal);
        Assert.Equal("Quarantined", JsonDocument.Parse(files["kept-back/0001.json"]).RootElement.GetProperty("outcome").GetString());
        foreach (string absent in new[] { "4111", "second canary" }) Assert.DoesNotContain(absent, string.Concat(files.Values), StringComparison.Ordinal);

        // Somebody who is only named in a ticket of another's; and somebody of whom nothing is held.
        await desk.TakeInAsync(Mails.From("bob@other.example", "Hello", "b1@other.example", extra: "Cc: carol@named.example\r\n"), Cancel);
        string? carol = await desk.Desk.Contacts.FindAsync(desk.Tenant, "carol@named.example", Cancel);
        Assert.Equal((1, 1), (await ExportByAddressAsync(desk, "carol@named.example")).Report is { } of ? (of.Tickets, of.Messages) : default);
        Assert.Null(carol);
        Assert.Null(await desk.Desk.PersonExport.FindAsync(desk.Tenant, "nobody@relay.example", withNotes: false, Cancel));
        foreach (string odd in new[] { "", "no address", "@", "a b@c.example" }) Assert.Null(await desk.Desk.PersonExport.FindAsync(desk.Tenant, odd, withNotes: false, Cancel));
    }

    private static async Task<(PersonReport? Report, Dictionary<string, string> Files)> ExportByAddressAsync(TestDesk desk, string address)
    {
        using OneWay output = new();
        PersonWish wish = (await desk.Desk.PersonExport.FindAsync(desk.Tenant, address, withNotes: false, Cancel))!;
        return (await desk.Desk.PersonExport.WriteAsync(desk.Tenant, wish, output, Cancel), await ReadAsync(output));
    }
}
