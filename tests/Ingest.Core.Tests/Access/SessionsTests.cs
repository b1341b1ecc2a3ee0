using Ingest.Core.Access;
using Ingest.Core.Store;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Access;

/// <summary>How long a browser stays signed in, and everything that ends it sooner.</summary>
[Collection(nameof(StorageCollection))]
public sealed class SessionsTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_is_its_person_and_only_for_the_whole_secret()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage), other = await AccessDesk.OpenAsync(storage);
        Person person = await desk.AddAsync(Role.Agent);
        string cookie = await desk.Desk.Sessions.OpenAsync(desk.Tenant, person.Id, Cancel), second = await desk.Desk.Sessions.OpenAsync(desk.Tenant, person.Id, Cancel);
        Session session = (await desk.NewProcess().Sessions.LookAsync(cookie, Cancel))!;
        Assert.Equal((person.Id, desk.Tenant), (session.Caller.Id, session.Caller.Tenant));
        Assert.Equal(32, session.CsrfToken.Length);
        Assert.Equal(session.CsrfToken, (await desk.Desk.Sessions.LookAsync(cookie, Cancel))!.CsrfToken);
        Assert.NotEqual(session.CsrfToken, (await desk.Desk.Sessions.LookAsync(second, Cancel))!.CsrfToken);
        string[] wrong = ["", "x", cookie[..^1], cookie + "0", cookie.ToUpperInvariant(), other.Tenant + cookie[cookie.IndexOf('.', StringComparison.Ordinal)..], desk.Tenant + "." + new string('x', 48), cookie + ".x"];
        foreach (string? bad in wrong.Append(null!)) Assert.Null(await desk.Desk.Sessions.FindAsync(bad, Cancel));
    }

    [Fact]
    public async Task A_session_ends_after_an_hour_without_a_request()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        string cookie = await desk.Desk.Sessions.OpenAsync(desk.Tenant, (await desk.AddAsync(Role.Agent)).Id, Cancel);
        for (int i = 0; i < 3; i++)
        {
            desk.Clock.Advance(TimeSpan.FromMinutes(59));
            Assert.NotNull(await desk.Desk.Sessions.FindAsync(cookie, Cancel));
        }

        desk.Clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Null(await desk.Desk.Sessions.FindAsync(cookie, Cancel));
    }

    [Fact]
    public async Task A_session_ends_after_eight_hours_whatever_happens()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        string cookie = await desk.Desk.Sessions.OpenAsync(desk.Tenant, (await desk.AddAsync(Role.Agent)).Id, Cancel);
        for (int i = 0; i < 11; i++)
        {
            desk.Clock.Advance(TimeSpan.FromMinutes(42));
            Assert.NotNull(await desk.Desk.Sessions.FindAsync(cookie, Cancel));
        }

        // Who can write to the table makes no session longer.
        TableClient rows = desk.Desk.Storage.Tables.GetTableClient(TableNames.Sessions);
        TableEntity row = await rows.QueryAsync(TableFilter.PartitionIs(desk.Tenant.ToString()), cancel: Cancel).SingleAsync(Cancel);
        (row["idle"], row["expires"]) = (desk.Clock.GetUtcNow().AddYears(1), desk.Clock.GetUtcNow().AddYears(1));
        await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        desk.Clock.Advance(TimeSpan.FromMinutes(19));
        Assert.Null(await desk.Desk.Sessions.FindAsync(cookie, Cancel));
    }

    [Fact]
    public async Task A_session_that_is_looked_at_often_is_written_seldom()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        string cookie = await desk.Desk.Sessions.OpenAsync(desk.Tenant, (await desk.AddAsync(Role.Agent)).Id, Cancel);
        TableClient rows = desk.Desk.Storage.Tables.GetTableClient(TableNames.Sessions);
        Task<TableEntity> RowAsync() => rows.QueryAsync(TableFilter.PartitionIs(desk.Tenant.ToString()), cancel: Cancel).SingleAsync(Cancel).AsTask();
        string version = (await RowAsync()).ETag.ToString();
        desk.Clock.Advance(TimeSpan.FromMinutes(4));
        await desk.Desk.Sessions.FindAsync(cookie, Cancel);
        Assert.Equal(version, (await RowAsync()).ETag.ToString());
        desk.Clock.Advance(TimeSpan.FromMinutes(2));
        await desk.Desk.Sessions.FindAsync(cookie, Cancel);
        Assert.NotEqual(version, (await RowAsync()).ETag.ToString());
    }

    [Fact]
    public async Task Signing_out_ends_a_session_and_no_other()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Person person = await desk.AddAsync(Role.Agent);
        string first = await desk.Desk.Sessions.OpenAsync(desk.Tenant, person.Id, Cancel), second = await desk.Desk.Sessions.OpenAsync(desk.Tenant, person.Id, Cancel);
        await desk.Desk.Sessions.EndAsync(first, Cancel);
        await desk.Desk.Sessions.EndAsync(first, Cancel);
        await desk.Desk.Sessions.EndAsync("nonsense", Cancel);
        Assert.Null(await desk.Desk.Sessions.FindAsync(first, Cancel));
        Assert.NotNull(await desk.Desk.Sessions.FindAsync(second, Cancel));
    }

    [Fact]
    public async Task Who_is_disabled_or_removed_is_out_at_once_and_an_old_session_does_not_come_back()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Person person = await desk.AddAsync(Role.Agent), gone = await desk.AddAsync(Role.Agent);
        string cookie = await desk.Desk.Sessions.OpenAsync(desk.Tenant, person.Id, Cancel), lost = await desk.Desk.Sessions.OpenAsync(desk.Tenant, gone.Id, Cancel);
        desk.Clock.Advance(TimeSpan.FromSeconds(1));
        await desk.Desk.People.DisableAsync(desk.Tenant, person.Id, Cancel);
        await desk.Desk.People.RemoveAsync(desk.Tenant, gone.Id, Cancel);
        Assert.Null(await desk.Desk.Sessions.FindAsync(cookie, Cancel));
        Assert.Null(await desk.Desk.Sessions.FindAsync(lost, Cancel));
        await desk.Desk.People.EnableAsync(desk.Tenant, person.Id, Cancel);
        Assert.Null(await desk.Desk.Sessions.FindAsync(cookie, Cancel));
        Assert.NotNull(await desk.Desk.Sessions.FindAsync(await desk.Desk.Sessions.OpenAsync(desk.Tenant, person.Id, Cancel), Cancel));
    }

    [Fact]
    public async Task What_a_person_may_do_changes_in_their_open_session()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Person person = await desk.AddAsync(Role.Agent);
        string cookie = await desk.Desk.Sessions.OpenAsync(desk.Tenant, person.Id, Cancel);
        await desk.Desk.People.SetGrantsAsync(desk.Tenant, person.Id, [new Grant(Role.Auditor, null)], Cancel);
        Caller caller = (await desk.Desk.Sessions.FindAsync(cookie, Cancel))!;
        Assert.True(caller.MayAnywhere(Permission.ReadJournal));
        Assert.False(caller.MayAnywhere(Permission.ReadTickets));
    }

    [Fact]
    public async Task The_local_owner_exists_only_under_the_development_profile()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        string cookie = await desk.Desk.Sessions.OpenAsync(desk.Tenant, Caller.LocalOwnerId, Cancel);
        Assert.True((await desk.Desk.Sessions.FindAsync(cookie, Cancel))!.MayEverywhere(Permission.ManagePeople));
        Sessions production = new(desk.Desk.Storage.Tables, desk.Desk.Keys, desk.Desk.People, development: false, desk.Clock);
        Assert.Null(await production.FindAsync(cookie, Cancel));
    }

    [Fact]
    public async Task What_is_over_is_taken_away_and_what_is_not_stays()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        ExpiredRows expired = new(desk.Desk.Storage.Tables);
        string session = await desk.Desk.Sessions.OpenAsync(desk.Tenant, Caller.LocalOwnerId, Cancel), link = await desk.Desk.Flows.CreateLinkAsync(desk.Tenant, Cancel);
        await desk.Desk.Tokens.CreateAsync(desk.Tenant, TimeSpan.FromDays(1), Cancel);
        await expired.SweepAsync(desk.Clock.GetUtcNow(), Cancel);
        Assert.NotNull(await desk.Desk.Sessions.FindAsync(session, Cancel));
        Assert.NotNull(await desk.Desk.Flows.FindLinkAsync(link, Cancel));
        Assert.Equal((1, 1, 1), await CountAsync(desk));

        await expired.SweepAsync(desk.Clock.GetUtcNow() + TimeSpan.FromDays(2), Cancel);
        Assert.Equal((0, 0, 1), await CountAsync(desk));
        await expired.SweepAsync(desk.Clock.GetUtcNow() + TimeSpan.FromDays(32), Cancel);
        Assert.Equal((0, 0, 0), await CountAsync(desk));
    }

    private static async Task<(int Flows, int Sessions, int Tokens)> CountAsync(AccessDesk desk)
    {
        return (await OfAsync(TableNames.Flows), await OfAsync(TableNames.Sessions), await OfAsync(TableNames.Tokens));

        async Task<int> OfAsync(string table)
        {
            int count = 0;
            await foreach (TableEntity _ in desk.Desk.Storage.Tables.GetTableClient(table).QueryAsync(TableFilter.PartitionIs(desk.Tenant.Tenant.Value), cancel: Cancel)) count++;
            return count;
        }
    }
}
