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

    private static byte[] WithFiles => System.Text.Encoding.UTF8.GetBytes("""
        Authentication-Results: mx.google.com; dkim=pass header.d=customer.example; spf=pass smtp.mailfrom=ann@customer.example; dmarc=pass header.from=customer.example
        From: "Ann +44 20 7946 0958" <ann@customer.example>
        To: support@acme.example
        Subject: My card 4111 1111 1111 1111
        Message-ID: <f1@customer.example>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=mixed

        --mixed
        Content-Type: text/html; charset=utf-8

        <p>It is 4111 <b>1111</b> 1111 1111, write to ann@customer.example or bob@other.example.</p>
        --mixed
        Content-Type: text/csv; name="cards.csv"
        Content-Disposition: attachment; filename="cards.csv"

        card,name
        4111 1111 1111 1111,Carl
        --mixed
        Content-Type: application/octet-stream; name="4111111111111111.bin"
        Content-Disposition: attachment; filename="4111111111111111.bin"
        Content-Transfer-Encoding: base64

        AAECAwQFBgcICQ==
        --mixed--

        """.ReplaceLineEndings("\r\n"));

    [Fact]
    public async Task At_a_level_of_its_own_more_is_masked_in_the_file_and_nothing_where_it_is_kept()
    {
        TestDesk desk = await new TestDesk(storage).OpenAsync(Cancel);
        desk.Redaction = Ingest.Core.Redaction.RedactionPolicy.Off;
        JournalLine line = await desk.TakeInAsync(WithFiles, Cancel);
        await desk.TakeInAsync(System.Text.Encoding.ASCII.GetBytes($"From: ann@customer.example\r\nTo: {TestDesk.Address}\r\nSubject: Undelivered 4111 1111 1111 1111\r\nMessage-ID: <k1@relay.example>\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nFrom 4111 1111 1111 1111.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.0.0\r\n\r\n--b--\r\n"), Cancel);
        string contact = (await desk.Desk.Contacts.FindAsync(desk.Tenant, "ann@customer.example", Cancel))!;
        PersonWish wish = new(contact, WithNotes: true);
        async Task<(PersonReport Report, Dictionary<string, string> Files)> AtAsync(string level)
        {
            Assert.True(PersonWish.TryLevel(level, out Ingest.Core.Redaction.RedactionPolicy? policy));
            using OneWay output = new();
            return ((await desk.Desk.PersonExport.WriteAsync(desk.Tenant, wish with { Level = policy }, output, Cancel))!.Value, await ReadAsync(output));
        }

        (PersonReport whole, Dictionary<string, string> all) = await AtAsync("");
        foreach (string part in new[] { "0001.txt", "0001.json", "0001-1-cards.csv", "index.html", "kept-back/0001.txt" }) Assert.Contains("4111 1111 1111 1111", Assert.Single(all, file => file.Key.EndsWith(part, StringComparison.Ordinal) && (part[0] == 'k' || !file.Key.StartsWith('k'))).Value, StringComparison.Ordinal);
        Assert.Equal((1, 2, 1), (whole.Messages, whole.Attachments, whole.KeptBack));

        (PersonReport pci, Dictionary<string, string> masked) = await AtAsync("PCI");
        string said = string.Concat(masked.Select(file => file.Key + file.Value));
        Assert.DoesNotContain("1111 1111 1111", said, StringComparison.Ordinal);
        Assert.DoesNotContain("4111111111111111", said, StringComparison.Ordinal);
        Assert.Equal("card,name\r\n•••• •••• •••• 1111,Carl", Assert.Single(masked, file => file.Key.EndsWith("cards.csv", StringComparison.Ordinal)).Value.Trim());
        // What cannot be looked into does not leave at this level, and is said to be withheld.
        Assert.Equal((1, 1, 1), (pci.Messages, pci.Attachments, pci.KeptBack));
        Assert.Contains("Withheld", Assert.Single(masked, file => file.Key.EndsWith("0001.json", StringComparison.Ordinal) && file.Key.StartsWith('t')).Value, StringComparison.Ordinal);
        Assert.Contains("+44 20 7946 0958", masked["profile.json"], StringComparison.Ordinal);
        Assert.Contains("more was masked", masked["index.html"], StringComparison.Ordinal);

        Dictionary<string, string> hipaa = (await AtAsync("hipaa")).Files;
        Assert.Contains("\"Ann [phone]\"", hipaa["profile.json"], StringComparison.Ordinal);
        string text = Assert.Single(hipaa, file => file.Key.EndsWith("0001.txt", StringComparison.Ordinal) && file.Key.StartsWith('t')).Value;
        Assert.Contains("write to ann@customer.example or [email]", text, StringComparison.Ordinal);

        Assert.Equal(all, (await AtAsync("off")).Files.ToDictionary(file => file.Key, file => file.Key == "index.html" ? all[file.Key] : file.Value));
        Assert.Contains("4111 1111 1111 1111", (await desk.NewProcess().Tickets.FindAsync(desk.Tenant, line.TicketId, Cancel))!.Document!.Subject, StringComparison.Ordinal);
        Assert.False(PersonWish.TryLevel("strict", out _));
        Assert.False(PersonWish.TryLevel("1", out _));
    }

    private static async Task<(PersonReport? Report, Dictionary<string, string> Files)> ExportByAddressAsync(TestDesk desk, string address)
    {
        using OneWay output = new();
        PersonWish wish = (await desk.Desk.PersonExport.FindAsync(desk.Tenant, address, withNotes: false, Cancel))!;
        return (await desk.Desk.PersonExport.WriteAsync(desk.Tenant, wish, output, Cancel), await ReadAsync(output));
    }
}
