using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Tickets;

/// <summary>Which tickets are a contact's: for what is exported to them, and for what is erased of them.</summary>
[Collection(nameof(StorageCollection))]
public sealed class ContactTicketsTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_contact_is_found_as_requester_as_one_copied_in_and_in_a_message_alone()
    {
        TestDesk desk = await new TestDesk(storage).OpenAsync(Cancel), other = await new TestDesk(storage).OpenAsync(Cancel);
        string own = (await desk.TakeInAsync(Mails.From("ann@customer.example", "Mine", "a@customer.example"), Cancel)).TicketId;
        string copied = (await desk.TakeInAsync(Mails.From("bob@other.example", "Copied", "b@other.example", extra: "Cc: Ann <ANN@customer.example>\r\n"), Cancel)).TicketId;
        string named = (await desk.TakeInAsync(Mails.From("carl@other.example", "Named", "c@other.example", authenticated: false, extra: "Reply-To: ann@customer.example\r\n"), Cancel)).TicketId;
        string stranger = (await desk.TakeInAsync(Mails.From("dora@other.example", "Not hers", "d@other.example"), Cancel)).TicketId;
        await other.TakeInAsync(Mails.From("ann@customer.example", "Of another tenant", "e@customer.example"), Cancel);
        string contact = (await desk.Desk.Contacts.FindAsync(desk.Tenant, "ann@customer.example", Cancel))!;

        string[] found = await desk.Desk.ContactTickets.TicketsOfAsync(desk.Tenant, contact, Cancel).ToArrayAsync(Cancel);
        Assert.Equal(new[] { own, copied, named }.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(stranger, found);
        Assert.Empty(await other.Desk.ContactTickets.TicketsOfAsync(other.Tenant, contact, Cancel).ToArrayAsync(Cancel));
    }
}
