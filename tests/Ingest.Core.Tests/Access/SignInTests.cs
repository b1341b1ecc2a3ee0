using System.Net;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Access;

/// <summary>Sign-in against a real issuer on this machine: once as it should be, and every way in which it must not work.</summary>
[Collection(nameof(StorageCollection))]
public sealed class SignInTests(StorageFixture storage) : IAsyncLifetime
{
    private LocalIssuer _issuer = null!;
    private AccessDesk _desk = null!;
    private readonly string _browser = SignIn.NewBrowser();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        FakeClock clock = new();
        _issuer = await LocalIssuer.StartAsync(Cancel, clock);
        _desk = await AccessDesk.OpenAsync(storage, AccessDesk.With(_issuer, _issuer.User), clock);
    }

    public ValueTask DisposeAsync() => _issuer.DisposeAsync();

    [Fact]
    public async Task The_first_owner_signs_in_and_has_a_session()
    {
        SignInResult result = await RunAsync("/console/tickets");
        Assert.Equal((SignInEnd.SignedIn, "/console/tickets"), (result.End, result.ReturnTo));
        Caller caller = (await _desk.Desk.Sessions.FindAsync(result.Cookie, Cancel))!;
        Assert.True(caller.MayEverywhere(Permission.ManagePeople));
        Assert.Equal("Ann Agent", caller.Name);
        Person person = (await _desk.Desk.People.FindAsync(_desk.Tenant, caller.Id, Cancel))!;
        Assert.Equal((new Identity(LocalIssuer.Directory, _issuer.User), "ann@acme.example"), (person.Identity, person.Email));
    }

    [Fact]
    public async Task Who_was_not_let_in_is_told_their_id_and_has_no_session()
    {
        await RunAsync();
        _issuer.User = Guid.NewGuid();
        SignInResult result = await RunAsync();
        Assert.Equal((SignInEnd.NotInvited, "", new Identity(LocalIssuer.Directory, _issuer.User)), (result.End, result.Cookie, result.Identity));
    }

    [Theory]
    [InlineData(Signing.AlgNone)]
    [InlineData(Signing.NoSignature)]
    [InlineData(Signing.HmacWithPublicKey)]
    [InlineData(Signing.UnknownKey)]
    [InlineData(Signing.AnotherKeyUnderTheSameName)]
    [InlineData(Signing.NoKeyName)]
    [InlineData(Signing.Rs384)]
    [InlineData(Signing.TamperedPayload)]
    public async Task A_token_that_the_issuer_did_not_sign_as_it_should_proves_nobody(Signing signing)
    {
        _issuer.Signing = signing;
        await NotProvenAsync();
    }

    [Theory]
    [InlineData("iss", "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0")]
    [InlineData("iss", "")]
    [InlineData("aud", "another-client")]
    [InlineData("aud", "")]
    [InlineData("tid", "99999999-2222-3333-4444-555555555555")]
    [InlineData("tid", "")]
    [InlineData("oid", "")]
    [InlineData("oid", "00000000-0000-0000-0000-000000000000")]
    [InlineData("oid", "ann@acme.example")]
    [InlineData("nonce", "another")]
    [InlineData("nonce", "")]
    [InlineData("azp", "another-client")]
    public async Task A_token_that_says_something_else_proves_nobody(string claim, string value)
    {
        _issuer.Twist = claims => claims[claim] = value;
        await NotProvenAsync();
        _issuer.Twist = claims => claims.Remove(claim);
        if (claim != "azp") await NotProvenAsync();
    }

    [Theory]
    [InlineData("exp", -121, false)]
    [InlineData("exp", -119, true)]
    [InlineData("nbf", 121, false)]
    [InlineData("nbf", 119, true)]
    public async Task A_token_is_good_in_its_time_give_or_take_two_minutes(string claim, int seconds, bool good)
    {
        _issuer.Twist = claims => claims[claim] = _issuer.Now + seconds;
        if (good) Assert.Equal(SignInEnd.SignedIn, (await RunAsync()).End);
        else await NotProvenAsync();
    }

    [Fact]
    public async Task A_token_without_an_end_proves_nobody()
    {
        _issuer.Twist = claims => claims.Remove("exp");
        await NotProvenAsync();
    }

    [Fact]
    public async Task A_token_for_two_parties_says_which_of_them_asked()
    {
        _issuer.Twist = claims => claims["aud"] = new System.Text.Json.Nodes.JsonArray(_issuer.ClientId, "another");
        await NotProvenAsync();
        _issuer.Twist = claims =>
        {
            claims["aud"] = new System.Text.Json.Nodes.JsonArray(_issuer.ClientId, "another");
            claims["azp"] = _issuer.ClientId;
        };
        Assert.Equal(SignInEnd.SignedIn, (await RunAsync()).End);
    }

    [Fact]
    public async Task A_state_is_good_once_in_its_browser_for_ten_minutes()
    {
        (string state, string code) = await BeginAsync();
        Assert.Equal(SignInEnd.NotAskedFor, (await EndAsync(SignIn.NewBrowser(), state, code)).End);
        Assert.Equal(SignInEnd.NotAskedFor, (await EndAsync(null, state, code)).End);
        Assert.Equal(SignInEnd.NotAskedFor, (await EndAsync(_browser, "", code)).End);
        Assert.Equal(SignInEnd.NotAskedFor, (await EndAsync(_browser, state + "0", code)).End);
        Assert.Equal(SignInEnd.SignedIn, (await EndAsync(_browser, state, code)).End);
        Assert.Equal(SignInEnd.NotAskedFor, (await EndAsync(_browser, state, code)).End);

        (state, code) = await BeginAsync();
        _desk.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(SignInEnd.NotAskedFor, (await EndAsync(_browser, state, code)).End);
        Assert.Equal(1, _issuer.CodesRedeemed);
    }

    [Fact]
    public async Task A_state_of_a_mailbox_consent_signs_nobody_in()
    {
        (_, string code) = await BeginAsync();
        string state = await _desk.Desk.Flows.BeginAsync(_desk.Tenant, FlowKind.Consent, _browser, "{}", Cancel);
        Assert.Equal(SignInEnd.NotAskedFor, (await EndAsync(_browser, state, code)).End);
        Assert.Equal("{}", await _desk.Desk.Flows.EndAsync(_desk.Tenant, FlowKind.Consent, _browser, state, Cancel));
    }

    [Fact]
    public async Task A_code_of_another_sign_in_is_not_redeemed()
    {
        (string mine, _) = await BeginAsync();
        (_, string theirs) = await BeginAsync();
        Assert.Equal(SignInEnd.NotProven, (await EndAsync(_browser, mine, theirs)).End);
        Assert.Equal(0, _issuer.CodesRedeemed);
    }

    [Fact]
    public async Task A_broken_off_sign_in_uses_its_state_up()
    {
        (string state, string code) = await BeginAsync();
        Assert.Equal(SignInEnd.BrokenOff, (await EndAsync(_browser, state, "")).End);
        Assert.Equal(SignInEnd.NotAskedFor, (await EndAsync(_browser, state, code)).End);
    }

    [Fact]
    public async Task Rotated_keys_are_read_anew_and_invented_ones_asked_for_at_most_once_a_minute()
    {
        Assert.Equal(SignInEnd.SignedIn, (await RunAsync()).End);
        Assert.Equal(1, _issuer.MetadataReads);
        _issuer.RotateKeys();
        _desk.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(SignInEnd.SignedIn, (await RunAsync()).End);
        Assert.Equal(2, _issuer.MetadataReads);

        _issuer.Signing = Signing.UnknownKey;
        for (int i = 0; i < 5; i++) await NotProvenAsync();
        Assert.Equal(2, _issuer.MetadataReads);
        _issuer.Signing = Signing.Right;
        Assert.Equal(SignInEnd.SignedIn, (await RunAsync()).End);
        _desk.Clock.Advance(TimeSpan.FromHours(13));
        Assert.Equal(SignInEnd.SignedIn, (await RunAsync()).End);
        Assert.Equal(3, _issuer.MetadataReads);
    }

    [Fact]
    public async Task An_issuer_that_does_not_answer_is_waited_for_and_its_keys_serve_a_day()
    {
        (string state, string code) = await BeginAsync();
        _issuer.Down = 503;
        Assert.Equal("oidc-token-503", (await Assert.ThrowsAsync<NotNowException>(() => EndAsync(_browser, state, code))).ReasonCode);
        _desk.Clock.Advance(TimeSpan.FromHours(13));
        await _desk.Desk.SignIn!.BeginAsync(_desk.Tenant, _browser, "/console", Cancel);
        _desk.Clock.Advance(TimeSpan.FromHours(12));
        Assert.Equal("oidc-unreachable", (await Assert.ThrowsAsync<NotNowException>(() => _desk.Desk.SignIn!.BeginAsync(_desk.Tenant, _browser, "/console", Cancel))).ReasonCode);
    }

    [Fact]
    public async Task While_the_issuer_is_away_only_one_caller_in_a_while_waits_for_it()
    {
        _issuer.Down = 503;
        using OpenIdIssuer issuer = new(_issuer.Issuer, _desk.Clock);
        await Assert.ThrowsAsync<NotNowException>(() => issuer.MetadataAsync(Cancel));
        _issuer.Down = null;
        await Assert.ThrowsAsync<NotNowException>(() => issuer.MetadataAsync(Cancel));
        _desk.Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.NotEmpty((await issuer.MetadataAsync(Cancel)).SigningKeys);
    }

    [Fact]
    public async Task Metadata_of_another_issuer_is_not_believed()
    {
        _issuer.NamedIssuer = "https://evil.example/11111111-2222-3333-4444-555555555555/v2.0";
        Assert.Equal("oidc-metadata", (await Assert.ThrowsAsync<NotNowException>(() => _desk.Desk.SignIn!.BeginAsync(_desk.Tenant, _browser, "/console", Cancel))).ReasonCode);
    }

    [Fact]
    public async Task A_wrong_secret_is_the_operators_to_mend()
    {
        SignInSettings wrong = AccessDesk.With(_issuer) with { ClientSecret = new Secret("another") };
        Desk desk = _desk.NewProcess(signIn: wrong);
        (string state, string code) = await BeginAsync(desk);
        NotNowException refused = await Assert.ThrowsAsync<NotNowException>(() => desk.SignIn!.EndAsync(_desk.Tenant, _browser, state, code, Cancel));
        Assert.Equal("oidc-client-refused", refused.ReasonCode);
    }

    [Fact]
    public async Task Without_a_secret_the_app_proves_itself_by_its_identity()
    {
        _issuer.ClientAssertion = "a token of the managed identity";
        Desk d = _desk.Desk;
        SignIn signIn = new(AccessDesk.With(_issuer, _issuer.User, secret: false), d.Issuer!, d.Flows, d.People, d.Sessions, d.Settings.BaseUrl, _ => ValueTask.FromResult(_issuer.ClientAssertion));
        Uri page = await signIn.BeginAsync(_desk.Tenant, _browser, "/console", Cancel);
        (string state, string code) = await PressAsync(page);
        Assert.Equal(SignInEnd.SignedIn, (await signIn.EndAsync(_desk.Tenant, _browser, state, code, Cancel)).End);
    }

    private async Task NotProvenAsync()
    {
        SignInResult result = await RunAsync();
        Assert.Equal((SignInEnd.NotProven, ""), (result.End, result.Cookie));
    }

    private async Task<SignInResult> RunAsync(string to = "/console")
    {
        (string state, string code) = await BeginAsync(to: to);
        return await EndAsync(_browser, state, code);
    }

    private Task<SignInResult> EndAsync(string? browser, string state, string code) => _desk.Desk.SignIn!.EndAsync(_desk.Tenant, browser, state, code, Cancel);

    private async Task<(string State, string Code)> BeginAsync(Desk? desk = null, string to = "/console") =>
        await PressAsync(await (desk ?? _desk.Desk).SignIn!.BeginAsync(_desk.Tenant, _browser, to, Cancel));

    // What the directory's page does when a person presses its button.
    private static async Task<(string State, string Code)> PressAsync(Uri page)
    {
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        using HttpResponseMessage answer = await http.GetAsync(page, Cancel);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Uri back = answer.Headers.Location!;
        Assert.Equal(SignIn.CallbackPath, back.AbsolutePath);
        Dictionary<string, string> query = back.Query[1..].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        return (query["state"], query["code"]);
    }
}
