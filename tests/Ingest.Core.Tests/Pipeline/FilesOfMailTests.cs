using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Tests.Redaction;
using Ingest.Core.Tests.Retention;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>What becomes of the files of a mail on its way into a ticket.</summary>
[Collection(nameof(StorageCollection))]
public sealed class FilesOfMailTests(StorageFixture storage)
{
    private const string Card = "5105105105105100";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<(TestDesk Test, JournalLine Line, TicketMessage Message)> TakeInAsync(byte[] mail, RedactionPolicy policy)
    {
        TestDesk test = await new TestDesk(storage) { Redaction = policy with { Original = OriginalMail.NotKept } }.OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(mail, Cancel);
        return (test, line, Assert.Single(await test.Desk.Tickets.MessagesAsync(test.Tenant, line.TicketId, Cancel)));
    }

    [Fact]
    public async Task A_withheld_file_keeps_its_name_and_size_and_nothing_else()
    {
        byte[] pdf = PdfFixtures.Pdf($"BT /F1 9 Tf (canary-in-the-file {Card}) Tj ET");
        (TestDesk test, JournalLine line, TicketMessage message) = await TakeInAsync(CanaryPlaces.File("bill.pdf", "application/pdf", pdf), RedactionPolicy.Default with { Pdf = FoundInPdf.Withhold });
        AttachmentDocument file = Assert.Single(message.Document!.Attachments);
        Assert.Equal(("bill.pdf", pdf.Length, FileState.Withheld), (file.Name, (int)file.Size, file.State));
        Assert.Equal("withheld: what was found in it could not be masked", FileWords.Of(file));
        Assert.Empty((await test.Desk.Tickets.ReadAttachmentAsync(test.Tenant, line.TicketId, message, 0, Cancel))!);
        Assert.Empty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("canary-in-the-file"));
    }

    [Fact]
    public async Task A_file_that_was_not_looked_into_says_why_and_marks_its_message()
    {
        (_, _, TicketMessage message) = await TakeInAsync(CanaryPlaces.File("a.rar", "application/octet-stream", [0x52, 0x61, 0x72, 0x21, 0x1A, 7, 1, 0]), RedactionPolicy.Default);
        AttachmentDocument file = Assert.Single(message.Document!.Attachments);
        Assert.Equal((false, UnreadReason.Archive, FileState.Kept), (file.LookedInto, file.Unread, file.State));
        Assert.Equal("not looked into: archives of this kind are not opened", FileWords.Of(file));
        Assert.NotEqual(MessageMarks.None, message.Flags & MessageMarks.NotLookedInto);
    }

    [Fact]
    public async Task A_canary_in_any_place_of_a_mail_is_found_nowhere_at_rest()
    {
        TestDesk test = await new TestDesk(storage) { Redaction = RedactionPolicy.Default with { Original = OriginalMail.NotKept } }.OpenAsync(Cancel);
        int number = 0;
        List<string> planted = [];
        // Each place has a card and, in turn, a value of another sort.
        foreach ((string place, int at) in CanaryPlaces.Names.Select((place, at) => (place, at)))
            foreach (string canary in (string[])[Card, PlantedCanaryTests.Canaries[at % PlantedCanaryTests.Canaries.Length].Canary])
            {
                byte[] mail = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(CanaryPlaces.With(place, canary)).Replace("<1@shop.example>", $"<{++number}@shop.example>", StringComparison.Ordinal));
                JournalLine line = await test.TakeInAsync(mail, Cancel);
                Assert.True(line.Outcome is OutcomeKind.Ticketed or OutcomeKind.Quarantined, $"{place}: {line.Outcome}");
                planted.Add(canary);
            }

        Readable readable = await Readable.OfAsync(test.NewProcess(), test.Tenant);
        Assert.NotEmpty(readable.Holds("mine is"));
        foreach (string canary in planted.Distinct()) Assert.Empty(readable.Holds(canary));
    }
}
