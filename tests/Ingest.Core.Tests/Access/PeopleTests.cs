using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Access;

/// <summary>Who may do what, who says so, and that somebody always can.</summary>
[Collection(nameof(StorageCollection))]
public sealed class PeopleTests(StorageFixture storage)
{
    private static readonly InboxId Mine = InboxId.Parse("0000000000000001"), Other = InboxId.Parse("0000000000000002");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Role.Agent, "ReadTickets AnswerTickets RedactTickets")]
    [InlineData(Role.Reviewer, "ReviewMail")]
    [InlineData(Role.Auditor, "ReadJournal")]
    [InlineData(Role.Admin, "ReadTickets AnswerTickets ReviewMail ReadJournal ManageMailboxes EraseData RedactTickets OpenOriginals")]
    [InlineData(Role.Owner, "ReadTickets AnswerTickets ReviewMail ReadJournal ManageMailboxes ManagePeople EraseData RedactTickets OpenOriginals")]
    public async Task A_role_allows_this_and_nothing_else_and_only_in_its_inbox(Role role, string allowed)
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        bool everywhere = role == Role.Owner;
        Caller caller = Caller.Of(desk.Tenant, await desk.AddAsync(role, everywhere ? null : Mine));
        foreach (Permission permission in Enum.GetValues<Permission>())
        {
            bool may = allowed.Split(' ').Contains(permission.ToString());
            Assert.Equal((may, may && everywhere), (caller.May(permission, Mine), caller.May(permission, Other)));
            Assert.Equal((may, may && everywhere), (caller.MayAnywhere(permission), caller.MayEverywhere(permission)));
        }

        Assert.Equal((true, everywhere), (caller.Knows(Mine), caller.Knows(Other)));
    }

    [Fact]
    public async Task Grants_of_several_inboxes_add_up()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Person person = await desk.AddAsync(Role.Agent, Mine);
        Assert.Equal(PeopleChange.Done, await desk.Desk.People.SetGrantsAsync(desk.Tenant, person.Id, [new Grant(Role.Agent, Mine), new Grant(Role.Auditor, Other)], Cancel));
        Caller caller = Caller.Of(desk.Tenant, (await desk.Desk.People.FindAsync(desk.Tenant, person.Id, Cancel))!);
        Assert.True(caller.May(Permission.ReadTickets, Mine) && caller.May(Permission.ReadJournal, Other));
        Assert.False(caller.May(Permission.ReadTickets, Other) || caller.May(Permission.ReadJournal, Mine) || caller.MayEverywhere(Permission.ReadTickets));
    }

    [Fact]
    public async Task An_owner_is_so_in_all_inboxes()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Assert.Equal((null, PeopleChange.OwnerOfOneInbox), await desk.Desk.People.AddAsync(desk.Tenant, AccessDesk.NewIdentity(), "", "", [new Grant(Role.Owner, Mine)], Cancel));
        Person agent = await desk.AddAsync(Role.Agent);
        Assert.Equal(PeopleChange.OwnerOfOneInbox, await desk.Desk.People.SetGrantsAsync(desk.Tenant, agent.Id, [new Grant(Role.Owner, Mine)], Cancel));
    }

    [Fact]
    public async Task The_last_owner_stays()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        People people = desk.Desk.People;
        Person owner = await desk.AddAsync(Role.Owner), second = await desk.AddAsync(Role.Owner);
        Assert.Equal(PeopleChange.Done, await people.DisableAsync(desk.Tenant, second.Id, Cancel));
        Assert.Equal(PeopleChange.LastOwner, await people.DisableAsync(desk.Tenant, owner.Id, Cancel));
        Assert.Equal(PeopleChange.LastOwner, await people.RemoveAsync(desk.Tenant, owner.Id, Cancel));
        Assert.Equal(PeopleChange.LastOwner, await people.SetGrantsAsync(desk.Tenant, owner.Id, [new Grant(Role.Admin, null)], Cancel));
        Assert.Equal(PeopleChange.Done, await people.EnableAsync(desk.Tenant, second.Id, Cancel));
        Assert.Equal(PeopleChange.Done, await people.RemoveAsync(desk.Tenant, owner.Id, Cancel));
        Assert.Equal(PeopleChange.NotFound, await people.RemoveAsync(desk.Tenant, owner.Id, Cancel));
        Assert.Null(await people.FindAsync(desk.Tenant, owner.Identity, Cancel));
    }

    [Fact]
    public async Task Owners_who_remove_each_other_at_once_leave_one()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Person[] owners = [await desk.AddAsync(Role.Owner), await desk.AddAsync(Role.Owner), await desk.AddAsync(Role.Owner)];
        PeopleChange[] ends = await Task.WhenAll(owners.Select(owner => desk.NewProcess().People.RemoveAsync(desk.Tenant, owner.Id, Cancel)));
        Assert.Equal(2, ends.Count(end => end == PeopleChange.Done));
        Assert.Single(await desk.Desk.People.ListAsync(desk.Tenant, Cancel), person => person.IsActiveOwner);
    }

    [Fact]
    public async Task The_first_owner_claims_a_tenant_without_one_once()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Identity first = AccessDesk.NewIdentity(), other = AccessDesk.NewIdentity();
        Assert.Null(await desk.Desk.People.SignInAsync(desk.Tenant, other, "Eve", "", first, Cancel));
        Person?[] claims = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => desk.NewProcess().People.SignInAsync(desk.Tenant, first, "Olga", "olga@acme.example", first, Cancel)));
        Assert.All(claims, claim => Assert.True(claim!.IsActiveOwner));
        Person owner = Assert.Single(await desk.Desk.People.ListAsync(desk.Tenant, Cancel));

        Person second = await desk.AddAsync(Role.Owner);
        await desk.Desk.People.RemoveAsync(desk.Tenant, owner.Id, Cancel);
        Assert.Null(await desk.Desk.People.SignInAsync(desk.Tenant, first, "Olga", "", first, Cancel));
        Assert.Equal([second.Id], (await desk.Desk.People.ListAsync(desk.Tenant, Cancel)).Select(p => p.Id));
    }

    [Fact]
    public async Task Signing_in_brings_the_directorys_name_up_to_date_and_no_rights()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Person agent = await desk.AddAsync(Role.Agent, Mine);
        Person now = (await desk.Desk.People.SignInAsync(desk.Tenant, agent.Identity, "Married Name", new string('x', 500), null, Cancel))!;
        Assert.Equal((agent.Id, "Married Name", 200), (now.Id, now.Name, now.Email.Length));
        Assert.Equal(agent.Grants, now.Grants);
        await desk.Desk.People.DisableAsync(desk.Tenant, agent.Id, Cancel);
        Assert.Null(await desk.Desk.People.SignInAsync(desk.Tenant, agent.Identity, "Married Name", "", agent.Identity, Cancel));
    }

    [Fact]
    public async Task Another_tenants_person_is_not_found()
    {
        AccessDesk ours = await AccessDesk.OpenAsync(storage), theirs = await AccessDesk.OpenAsync(storage);
        Person person = await theirs.AddAsync(Role.Agent);
        People people = ours.Desk.People;
        Assert.Null(await people.FindAsync(ours.Tenant, person.Id, Cancel));
        Assert.Null(await people.FindAsync(ours.Tenant, person.Identity, Cancel));
        Assert.Equal(PeopleChange.NotFound, await people.DisableAsync(ours.Tenant, person.Id, Cancel));
        Assert.Equal(PeopleChange.NotFound, await people.RemoveAsync(ours.Tenant, person.Id, Cancel));
        Assert.Equal(PeopleChange.NotFound, await people.SetGrantsAsync(ours.Tenant, person.Id, [], Cancel));
        foreach (string id in new[] { "", "x", "book", "p!" + person.Id, "../" + person.Id, new string('0', 17) }) Assert.Null(await people.FindAsync(ours.Tenant, id, Cancel));
        Assert.Empty(await people.ListAsync(ours.Tenant, Cancel));
    }

    [Fact]
    public async Task A_row_that_is_moved_to_another_person_does_not_open()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Person owner = await desk.AddAsync(Role.Owner), agent = await desk.AddAsync(Role.Agent);
        TableClient rows = desk.Desk.Storage.Tables.GetTableClient(TableNames.People);
        TableEntity strong = (await rows.GetEntityIfExistsAsync(desk.Tenant.ToString(), "p!" + owner.Id, cancel: Cancel))!;
        await rows.UpsertEntityAsync(new TableEntity(desk.Tenant.ToString(), "p!" + agent.Id) { ["doc"] = strong.GetBinary("doc") }, TableUpdateMode.Replace, Cancel);
        await Assert.ThrowsAsync<SealBrokenException>(() => desk.Desk.People.FindAsync(desk.Tenant, agent.Id, Cancel));
    }
}
