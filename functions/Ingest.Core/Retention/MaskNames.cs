using Ingest.Core.Access;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>Who wrote in a ticket, as the ticket and its messages tell it.</summary>
internal sealed class PeopleOfTicket
{
    /// <summary>From which addresses.</summary>
    public HashSet<string> Addresses { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Contacts of the ticket, by id.</summary>
    public HashSet<string> Contacts { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes those whom the ticket itself names.</summary>
    public void Take(TicketDocument document)
    {
        Addresses.Add(document.RequesterAddress);
        foreach (string contact in document.Participants.Append(document.Requester)) if (contact.Length > 0) Contacts.Add(contact);
    }
}

/// <summary>Whom one run over a mailbox has met already, so that who wrote often is opened once. It forgets when it has grown long, at the cost of looking again.</summary>
internal sealed class SeenPeople
{
    private const int Most = 20_000;
    private readonly HashSet<string> _addresses = new(StringComparer.OrdinalIgnoreCase), _contacts = new(StringComparer.Ordinal), _told = new(StringComparer.Ordinal);

    public bool IsNewAddress(string address) => IsNew(_addresses, address);

    public bool IsNewContact(string contact) => IsNew(_contacts, contact);

    /// <summary>True the first time, and never forgotten: whom a count has named.</summary>
    public bool IsToldFirst(string contact) => _told.Add(contact);

    private static bool IsNew(HashSet<string> seen, string one)
    {
        if (seen.Count >= Most) seen.Clear();
        return seen.Add(one);
    }
}

/// <summary>
/// Masks the names of contacts that were kept before the mailbox's policy was as it is. A contact is one person for all mailboxes: their name is masked when the policy of a mailbox that they wrote to
/// finds something in it, as it would have been if their first mail came now. Their address stays, since answers go there. A legal hold on them keeps the name.
/// </summary>
public sealed class MaskNames(Contacts contacts, Holds holds)
{
    /// <summary>Masks what <paramref name="mask"/> finds in the names of these people; with <paramref name="isDry"/> only counts. Returns how many names, and how many profiles do not open.</summary>
    internal async Task<(int Masked, int Closed)> RunAsync(TenantContext tenant, PeopleOfTicket people, Func<string, string> mask, SeenPeople seen, bool isDry, CancellationToken cancel)
    {
        int masked = 0, closed = 0;
        foreach ((string contact, string address) in await NewOnesAsync(tenant, people, seen, cancel))
        {
            NameEnd end = await contacts.RenameAsync(tenant, address, contact, mask, isDry: true, cancel);
            if (end == NameEnd.Renamed)
            {
                if ((await holds.ListAsync(tenant, cancel)).Any(hold => hold.Kind == ErasureKind.Contact && hold.Target == contact)) continue;
                if (!isDry) end = await contacts.RenameAsync(tenant, address, contact, mask, isDry: false, cancel);
            }

            if (end is NameEnd.Renamed or NameEnd.Closed && !seen.IsToldFirst(contact)) continue;
            if (end == NameEnd.Renamed) masked++;
            if (end == NameEnd.Closed) closed++;
        }

        return (masked, closed);
    }

    // By the addresses they wrote from, and those whom none of these leads to by what their own profile says.
    private async Task<List<(string Contact, string Address)>> NewOnesAsync(TenantContext tenant, PeopleOfTicket people, SeenPeople seen, CancellationToken cancel)
    {
        List<(string, string)> found = [];
        foreach (string address in people.Addresses)
            if (seen.IsNewAddress(address) && await contacts.FindAsync(tenant, address, cancel) is { } contact && seen.IsNewContact(contact)) found.Add((contact, address));
        foreach (string contact in people.Contacts)
            if (seen.IsNewContact(contact) && await contacts.AddressOfAsync(tenant, contact, cancel) is { } address) found.Add((contact, address));
        return found;
    }
}
