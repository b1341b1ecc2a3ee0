using System.Net;
using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Access;

/// <summary>What callers of the API hold: our tokens, and the directory's.</summary>
[Collection(nameof(StorageCollection))]
public sealed class TokensTests(StorageFixture storage)
{
    private static readonly InboxId Mine = InboxId.Parse("0000000000000001"), Other = InboxId.Parse("0000000000000002");
    private const string Audience = "api://ingest-tests";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_allows_what_it_says_where_it_says()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        string token = await desk.Desk.Tokens.CreateAsync(desk.Tenant, new NewToken { Name = "helpdesk", Permissions = [Permission.ReadTickets, Permission.AnswerTickets], Inboxes = [Mine], Life = TimeSpan.FromDays(1) }, Cancel);
        Caller caller = (await desk.NewProcess().Tokens.FindAsync(token, address: null, Cancel))!;
        Assert.Equal(("helpdesk", desk.Tenant), (caller.Name, caller.Tenant));
        Assert.True(caller.May(Permission.ReadTickets, Mine) && caller.May(Permission.AnswerTickets, Mine));
        Assert.False(caller.May(Permission.ReadTickets, Other) || caller.MayAnywhere(Permission.ReadJournal) || caller.MayEverywhere(Permission.ReadTickets));
    }

    [Theory]
    [InlineData("203.0.113.0/24", "203.0.113.7", true)]
    [InlineData("203.0.113.0/24", "::ffff:203.0.113.7", true)]
    [InlineData("203.0.113.0/24", "203.0.114.7", false)]
    [InlineData("203.0.113.0/24", "2001:db8::1", false)]
    [InlineData("203.0.113.0/24 2001:db8::/32", "2001:db8::1", true)]
    [InlineData("203.0.113.7/32", "203.0.113.7", true)]
    [InlineData("203.0.113.7/32", "203.0.113.8", false)]
    [InlineData("203.0.113.0/24", null, false)]
    [InlineData("", null, true)]
    public async Task A_token_is_good_from_its_addresses_and_from_no_unknown_one(string networks, string? from, bool good)
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        IPNetwork[] bound = [.. networks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPNetwork.Parse)];
        string token = await desk.Desk.Tokens.CreateAsync(desk.Tenant, new NewToken { Name = "bound", Permissions = [Permission.ReadTickets], Networks = bound, Life = TimeSpan.FromDays(1) }, Cancel);
        Assert.Equal(good, await desk.Desk.Tokens.FindAsync(token, from is null ? null : IPAddress.Parse(from), Cancel) is not null);
    }

    [Fact]
    public async Task A_token_ends_at_its_time_and_when_it_is_revoked()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage), other = await AccessDesk.OpenAsync(storage);
        string first = await desk.Desk.Tokens.CreateAsync(desk.Tenant, TimeSpan.FromHours(1), Cancel), second = await desk.Desk.Tokens.CreateAsync(desk.Tenant, TimeSpan.FromDays(9999), Cancel);
        IReadOnlyList<TokenInfo> tokens = await desk.Desk.Tokens.ListAsync(desk.Tenant, Cancel);
        Assert.Equal(2, tokens.Count);
        Assert.All(tokens, token => Assert.DoesNotContain(token.ToString().Split(' '), word => first.Contains(word.TrimEnd(','), StringComparison.Ordinal) && word.Length > 20));
        desk.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await desk.Desk.Tokens.FindAsync(first, null, Cancel));
        Assert.NotNull(await desk.Desk.Tokens.FindAsync(second, null, Cancel));

        string id = second.Split('_')[2];
        Assert.False(await desk.Desk.Tokens.RevokeAsync(other.Tenant, id, Cancel));
        Assert.False(await desk.Desk.Tokens.RevokeAsync(desk.Tenant, "../x", Cancel));
        Assert.True(await desk.Desk.Tokens.RevokeAsync(desk.Tenant, id, Cancel));
        Assert.Null(await desk.Desk.Tokens.FindAsync(second, null, Cancel));
        Assert.False(await desk.Desk.Tokens.RevokeAsync(desk.Tenant, id, Cancel));
        Assert.Equal(desk.Clock.GetUtcNow() - TimeSpan.FromHours(1) + NewToken.LongestLife, tokens.Max(token => token.Expires));
    }

    [Fact]
    public async Task Who_can_write_to_the_table_makes_no_token_and_widens_none()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        TableClient rows = desk.Desk.Storage.Tables.GetTableClient(TableNames.Tokens);
        string narrow = await desk.Desk.Tokens.CreateAsync(desk.Tenant, new NewToken { Name = "n", Permissions = [Permission.ReadJournal], Life = TimeSpan.FromDays(1) }, Cancel);
        string wide = await desk.Desk.Tokens.CreateAsync(desk.Tenant, new NewToken { Name = "w", Permissions = Enum.GetValues<Permission>(), Life = TimeSpan.FromDays(1) }, Cancel);
        TableEntity there = (await rows.GetEntityIfExistsAsync(desk.Tenant.ToString(), wide.Split('_')[2], cancel: Cancel))!;
        await rows.UpsertEntityAsync(new TableEntity(desk.Tenant.ToString(), narrow.Split('_')[2]) { ["doc"] = there.GetBinary("doc"), ["expires"] = there.GetDateTimeOffset("expires") }, TableUpdateMode.Replace, Cancel);
        await Assert.ThrowsAsync<SealBrokenException>(() => desk.Desk.Tokens.FindAsync(narrow, null, Cancel));

        string forged = wide.Replace(wide.Split('_')[2], "0123456789abcdef", StringComparison.Ordinal);
        await rows.UpsertEntityAsync(new TableEntity(desk.Tenant.ToString(), "0123456789abcdef") { ["expires"] = desk.Clock.GetUtcNow().AddDays(1) }, TableUpdateMode.Replace, Cancel);
        Assert.Null(await desk.Desk.Tokens.FindAsync(forged, null, Cancel));
    }

    [Fact]
    public async Task A_person_with_a_token_of_the_directory_may_do_what_their_grants_say()
    {
        FakeClock clock = new();
        await using LocalIssuer issuer = await LocalIssuer.StartAsync(Cancel, clock);
        AccessDesk desk = await AccessDesk.OpenAsync(storage, AccessDesk.With(issuer, audience: Audience));
        string token = issuer.Sign(issuer.AccessClaims(Audience));
        Assert.Null(await desk.Desk.EntraTokens!.FindAsync(desk.Tenant, token, Cancel));
        (Person? person, _) = await desk.Desk.People.AddAsync(desk.Tenant, new Identity(LocalIssuer.Directory, issuer.User), "", "", [new Grant(Role.Agent, Mine)], Cancel);
        Caller caller = (await desk.Desk.EntraTokens!.FindAsync(desk.Tenant, token, Cancel))!;
        Assert.Equal(person!.Id, caller.Id);
        Assert.True(caller.May(Permission.AnswerTickets, Mine));
        Assert.False(caller.May(Permission.AnswerTickets, Other));
        await desk.Desk.People.DisableAsync(desk.Tenant, person.Id, Cancel);
        Assert.Null(await desk.Desk.EntraTokens!.FindAsync(desk.Tenant, token, Cancel));
    }

    [Fact]
    public async Task An_application_may_do_what_its_app_roles_say_and_is_never_an_owner()
    {
        FakeClock clock = new();
        await using LocalIssuer issuer = await LocalIssuer.StartAsync(Cancel, clock);
        AccessDesk desk = await AccessDesk.OpenAsync(storage, AccessDesk.With(issuer, audience: Audience));
        async Task<Caller?> WithAsync(params string[] roles) => await desk.Desk.EntraTokens!.FindAsync(desk.Tenant, issuer.Sign(Application(issuer, roles)), Cancel);
        Caller caller = (await WithAsync("Ingest.Agent", "Something.Else"))!;
        Assert.Equal([Permission.ReadTickets, Permission.AnswerTickets, Permission.RedactTickets], caller.Rights.Select(right => right.Permission));
        Assert.True(People.IsPersonId(caller.Id));
        Assert.Equal(caller.Id, (await WithAsync("Ingest.Auditor"))!.Id);
        Assert.False((await WithAsync("Ingest.Admin"))!.MayAnywhere(Permission.ManagePeople));
        Assert.Null(await WithAsync("Ingest.Owner"));
        Assert.Null(await WithAsync("ingest.agent"));
        Assert.Null(await WithAsync());

        // A person's token does not become an application's by lacking its scope.
        JsonObject person = issuer.AccessClaims(Audience);
        person.Remove("scp");
        person["roles"] = new JsonArray("Ingest.Admin");
        Assert.Null(await desk.Desk.EntraTokens!.FindAsync(desk.Tenant, issuer.Sign(person), Cancel));
    }

    [Theory]
    [InlineData("aud", "another")]
    [InlineData("iss", "https://evil.example")]
    [InlineData("tid", "99999999-2222-3333-4444-555555555555")]
    [InlineData("oid", "")]
    [InlineData("scp", "User.Read")]
    [InlineData("nonce", "as in an id token")]
    public async Task A_token_that_is_not_for_the_api_opens_nothing(string claim, string value)
    {
        FakeClock clock = new();
        await using LocalIssuer issuer = await LocalIssuer.StartAsync(Cancel, clock);
        AccessDesk desk = await AccessDesk.OpenAsync(storage, AccessDesk.With(issuer, audience: Audience));
        await desk.Desk.People.AddAsync(desk.Tenant, new Identity(LocalIssuer.Directory, issuer.User), "", "", [new Grant(Role.Owner, null)], Cancel);
        JsonObject claims = issuer.AccessClaims(Audience);
        Assert.NotNull(await desk.Desk.EntraTokens!.FindAsync(desk.Tenant, issuer.Sign(claims), Cancel));
        foreach (Signing signing in Enum.GetValues<Signing>().Except([Signing.Right])) Assert.Null(await desk.Desk.EntraTokens.FindAsync(desk.Tenant, issuer.Sign(claims, signing), Cancel));
        claims[claim] = value;
        Assert.Null(await desk.Desk.EntraTokens.FindAsync(desk.Tenant, issuer.Sign(claims), Cancel));
        Desk closed = desk.NewProcess(signIn: AccessDesk.With(issuer));
        Assert.Null(await closed.EntraTokens!.FindAsync(desk.Tenant, issuer.Sign(issuer.AccessClaims(issuer.ClientId)), Cancel));
    }

    [Fact]
    public async Task Nonsense_is_no_token()
    {
        FakeClock clock = new();
        await using LocalIssuer issuer = await LocalIssuer.StartAsync(Cancel, clock);
        AccessDesk desk = await AccessDesk.OpenAsync(storage, AccessDesk.With(issuer, audience: Audience));
        string good = issuer.Sign(issuer.AccessClaims(Audience));
        string[] bad = ["", ".", "..", "a.b.c", "....", good + ".x", good[..^4], "eyJ.eyJ.x", new string('x', 20_000), new string('.', 5000), "e30.e30.", "bnVsbA.bnVsbA.x", good.Replace('.', ' ')];
        foreach (string token in bad) Assert.Null(await desk.Desk.EntraTokens!.FindAsync(desk.Tenant, token, Cancel));
    }

    private static JsonObject Application(LocalIssuer issuer, string[] roles)
    {
        JsonObject claims = issuer.AccessClaims(Audience);
        claims.Remove("scp");
        claims["sub"] = issuer.User.ToString("D");
        claims["roles"] = new JsonArray([.. roles.Select(role => JsonValue.Create(role))]);
        return claims;
    }
}
