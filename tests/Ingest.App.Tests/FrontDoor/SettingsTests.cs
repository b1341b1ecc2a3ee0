using System.Diagnostics;
using Ingest.Core.Settings;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What the app refuses to start with: it names every problem at once, never a value, and never exits with 0.</summary>
public sealed class SettingsTests
{
    private const string Azurite = "UseDevelopmentStorage=true";
    private const string AccountKey = "c2VjcmV0a2V5", InAzure = $"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={AccountKey};EndpointSuffix=core.windows.net";

    private static readonly Dictionary<string, string> Development = new()
    {
        ["INGEST_PROFILE"] = "development",
        ["IngestStorage"] = Azurite,
        ["INGEST_KEY_DIR"] = Path.Combine(Path.GetTempPath(), "ingest-no-keys"),
        ["INGEST_BASE_URL"] = "http://127.0.0.1:7071",
        ["INGEST_GOOGLE_ENDPOINT"] = "http://127.0.0.1:9004",
    };

    private static readonly Dictionary<string, string> Production = new()
    {
        ["IngestStorage__tableServiceUri"] = "https://acme.table.core.windows.net",
        ["IngestStorage__queueServiceUri"] = "https://acme.queue.core.windows.net",
        ["IngestStorage__blobServiceUri"] = "https://acme.blob.core.windows.net",
        ["INGEST_VAULT_URI"] = "https://acme.vault.azure.net",
        ["INGEST_BASE_URL"] = "https://desk.acme.example",
    };

    [Fact]
    public void Complete_settings_are_taken()
    {
        Assert.Empty(Problems(Development));
        Assert.Empty(Problems(Production));
        Assert.Empty(Problems(With(Production, ("INGEST_CREDENTIAL_VAULT_URI", "https://acme-credentials.vault.azure.net/"), ("INGEST_SIGNING_VAULT_URI", "https://acme-dkim.managedhsm.azure.net"))));
        Assert.Empty(Problems(With(Production, ("IngestStorage", ""), ("INGEST_KEY_DIR", ""), ("INGEST_GOOGLE_ENDPOINT", ""), ("INGEST_GOOGLE_CLIENT_ID", ""))));
    }

    [Theory]
    [InlineData("IngestStorage", InAzure)]
    [InlineData("IngestStorage", "AccountName=acme;AccountKey=c2VjcmV0a2V5;BlobEndpoint=http://127.0.0.1:1;QueueEndpoint=http://127.0.0.1:2;TableEndpoint=http://203.0.113.7:3")]
    [InlineData("IngestStorage", "no connection string")]
    [InlineData("IngestStorage", "AccountName=acme")]
    [InlineData("IngestStorage", "")]
    [InlineData("INGEST_BASE_URL", "https://desk.acme.example")]
    [InlineData("INGEST_BASE_URL", "http://0.0.0.0:7071")]
    [InlineData("INGEST_BASE_URL", "127.0.0.1:7071")]
    [InlineData("INGEST_BASE_URL", "")]
    [InlineData("INGEST_GOOGLE_ENDPOINT", "http://google.example:9004")]
    [InlineData("INGEST_GOOGLE_ENDPOINT", "http://192.168.0.7:9004")]
    [InlineData("INGEST_GOOGLE_ENDPOINT", "http://127.0.0.1.evil.example")]
    [InlineData("INGEST_KEY_DIR", "")]
    [InlineData("INGEST_TRUSTED_ROOTS", "/no/such/roots.pem")]
    [InlineData("INGEST_DNS_FILE", "/no/such/dns.json")]
    [InlineData("INGEST_TENANT", "A tenant")]
    public void The_development_profile_stays_on_this_machine(string name, string value)
    {
        string problem = Assert.Single(Problems(With(Development, (name, value))));
        Assert.StartsWith(name, problem, StringComparison.Ordinal);
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
        if (value.Length > 0) Assert.DoesNotContain(value, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(AccountKey, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IngestStorage", InAzure)]
    [InlineData("IngestStorage", Azurite)]
    [InlineData("INGEST_KEY_DIR", "/keys")]
    [InlineData("INGEST_TRUSTED_ROOTS", "/trusted.pem")]
    [InlineData("INGEST_DNS_FILE", "/dns.json")]
    [InlineData("INGEST_GOOGLE_ENDPOINT", "https://google.example")]
    [InlineData("INGEST_GOOGLE_ENDPOINT", "http://127.0.0.1:9004")]
    [InlineData("INGEST_BASE_URL", "http://desk.acme.example")]
    [InlineData("INGEST_VAULT_URI", "")]
    [InlineData("IngestStorage__tableServiceUri", "")]
    [InlineData("IngestStorage__queueServiceUri", "")]
    [InlineData("IngestStorage__blobServiceUri", "ftp://acme")]
    [InlineData("IngestStorage__tableServiceUri", "http://acme.table.core.windows.net")]
    [InlineData("INGEST_VAULT_URI", "http://acme.vault.azure.net")]
    [InlineData("INGEST_VAULT_URI", "https://acme.example")]
    [InlineData("INGEST_VAULT_URI", "https://acme.vault.azure.net.evil.example")]
    [InlineData("INGEST_CREDENTIAL_VAULT_URI", "https://acme.vault.azure.net:8443")]
    [InlineData("INGEST_SIGNING_VAULT_URI", "https://127.0.0.1")]
    [InlineData("INGEST_SIGNING_VAULT_URI", "https://acme.vault.azure.net")]
    [InlineData("INGEST_GOOGLE_CLIENT_ID", "a client without its secret")]
    public void Production_takes_nothing_of_the_development_profile(string name, string value)
    {
        Assert.Contains(Problems(With(Production, (name, value))), problem =>
            problem.StartsWith(name, StringComparison.Ordinal) || (name == "INGEST_GOOGLE_CLIENT_ID" && problem.StartsWith("INGEST_GOOGLE_CLIENT_SECRET", StringComparison.Ordinal)));
    }

    private const string Directory = "11111111-2222-3333-4444-555555555555", Person = "99999999-2222-3333-4444-555555555555";

    [Fact]
    public void One_directory_says_who_people_are()
    {
        SignInSettings Read(params (string, string)[] changes) => IngestSettings.Read(name => With(Production, changes).GetValueOrDefault(name), out _)!.SignIn!;
        SignInSettings read = Read(("INGEST_ENTRA_TENANT", Directory), ("INGEST_OIDC_CLIENT_ID", "client"), ("INGEST_FIRST_OWNER", Person));
        Assert.Equal($"https://login.microsoftonline.com/{Directory}/v2.0", read.Issuer);
        Assert.Equal($"{Directory}/{Person}", read.FirstOwner.ToString());
        Assert.Equal(read, Read(("INGEST_OIDC_ISSUER", read.Issuer), ("INGEST_OIDC_CLIENT_ID", "client"), ("INGEST_FIRST_OWNER", $"{Directory}/{Person}")));
        Assert.False(Read(("INGEST_ENTRA_TENANT", Directory), ("INGEST_API_AUDIENCE", "api://ingest")).CanSignIn);
        Assert.Null(Read());
        Assert.DoesNotContain("the secret", Read(("INGEST_ENTRA_TENANT", Directory), ("INGEST_OIDC_CLIENT_ID", "client"), ("INGEST_OIDC_CLIENT_SECRET", "the secret")).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INGEST_ENTRA_TENANT", "common")]
    [InlineData("INGEST_ENTRA_TENANT", "acme.onmicrosoft.com")]
    [InlineData("INGEST_OIDC_ISSUER", "https://login.microsoftonline.com/common/v2.0")]
    [InlineData("INGEST_OIDC_ISSUER", "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0/")]
    [InlineData("INGEST_OIDC_ISSUER", "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0?x=y")]
    [InlineData("INGEST_OIDC_ISSUER", "http://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0")]
    [InlineData("INGEST_OIDC_ISSUER", "https://login.microsoftonline.com.evil.example/11111111-2222-3333-4444-555555555555/v2.0")]
    [InlineData("INGEST_OIDC_ISSUER", "https://login.microsoftonline.com@evil.example/11111111-2222-3333-4444-555555555555/v2.0")]
    [InlineData("INGEST_OIDC_ISSUER", "https://sts.windows.net/11111111-2222-3333-4444-555555555555/")]
    [InlineData("INGEST_OIDC_ISSUER", "http://127.0.0.1:9004/11111111-2222-3333-4444-555555555555/v2.0")]
    [InlineData("INGEST_FIRST_OWNER", "ann@acme.example")]
    [InlineData("INGEST_FIRST_OWNER", "99999999-2222-3333-4444-555555555555/99999999-2222-3333-4444-555555555555")]
    [InlineData("INGEST_OIDC_CLIENT_ID", "")]
    [InlineData("INGEST_FORWARDED_HOPS", "0")]
    [InlineData("INGEST_FORWARDED_HOPS", "6")]
    [InlineData("INGEST_FORWARDED_HOPS", "one")]
    public void Production_takes_no_other_directory_and_nothing_vague(string name, string value)
    {
        (string, string)[] right = [("INGEST_ENTRA_TENANT", name == "INGEST_OIDC_ISSUER" ? "" : Directory), ("INGEST_OIDC_CLIENT_ID", "client"), ("INGEST_FORWARDED_HOPS", "1")];
        string problem = Assert.Single(Problems(With(Production, [.. right, (name, value)])));
        Assert.StartsWith(name, problem, StringComparison.Ordinal);
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9004/11111111-2222-3333-4444-555555555555/v2.0", true)]
    [InlineData("http://192.168.0.7/11111111-2222-3333-4444-555555555555/v2.0", false)]
    [InlineData("https://issuer.example/11111111-2222-3333-4444-555555555555/v2.0", false)]
    public void Under_the_development_profile_another_issuer_is_on_this_machine(string issuer, bool taken) =>
        Assert.Equal(taken, Problems(With(Development, ("INGEST_OIDC_ISSUER", issuer), ("INGEST_OIDC_CLIENT_ID", "client"))).Count == 0);

    [Theory]
    [InlineData("INGEST_FIRST_OWNER")]
    [InlineData("INGEST_OIDC_CLIENT_ID")]
    [InlineData("INGEST_OIDC_CLIENT_SECRET")]
    [InlineData("INGEST_API_AUDIENCE")]
    public void A_setting_of_sign_in_without_a_directory_is_named(string name) =>
        Assert.StartsWith(name, Assert.Single(Problems(With(Production, (name, Person)))), StringComparison.Ordinal);

    [Theory]
    [InlineData("Development")]
    [InlineData("development ")]
    [InlineData("dev")]
    [InlineData("")]
    public void Anything_but_the_word_development_is_production(string profile)
    {
        IReadOnlyList<string> problems = Problems(With(Development, ("INGEST_PROFILE", profile)));
        foreach (string name in new[] { "IngestStorage holds", "INGEST_KEY_DIR", "INGEST_GOOGLE_ENDPOINT", "INGEST_VAULT_URI", "INGEST_BASE_URL" })
            Assert.Contains(problems, problem => problem.StartsWith(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_app_names_all_problems_at_once_and_exits_with_1()
    {
        string[] names = ["IngestStorage", "INGEST_KEY_DIR", "INGEST_BASE_URL", "INGEST_GOOGLE_ENDPOINT", "INGEST_TENANT", "INGEST_GOOGLE_CLIENT_SECRET"];
        (int exit, string error) = await StartAsync(new()
        {
            ["INGEST_PROFILE"] = "development", ["IngestStorage"] = InAzure, ["INGEST_BASE_URL"] = "https://desk.acme.example",
            ["INGEST_GOOGLE_ENDPOINT"] = "https://google.example", ["INGEST_TENANT"] = "A tenant", ["INGEST_GOOGLE_CLIENT_ID"] = "some-client",
        });
        Assert.Equal(1, exit);
        Assert.All(names, name => Assert.Contains(name, error, StringComparison.Ordinal));
        foreach (string value in new[] { AccountKey, "acme", "google.example", "some-client" }) Assert.DoesNotContain(value, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);

        (exit, error) = await StartAsync(new() { ["IngestStorage"] = Azurite, ["INGEST_KEY_DIR"] = "/keys", ["INGEST_GOOGLE_ENDPOINT"] = "http://127.0.0.1:9004" });
        Assert.Equal(1, exit);
        foreach (string name in new[] { "IngestStorage holds", "IngestStorage__tableServiceUri", "INGEST_KEY_DIR", "INGEST_GOOGLE_ENDPOINT", "INGEST_VAULT_URI", "INGEST_BASE_URL" })
            Assert.Contains(name, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_app_never_exits_with_0()
    {
        Assert.NotEqual(0, (await StartAsync([])).Exit);
        // Asked to stop, as no Functions host asks but a person may.
        Assert.NotEqual(0, (await StartAsync(Production, stop: true)).Exit);
        Assert.NotEqual(0, (await StartAsync(Development, stop: true)).Exit);
    }

    private static IReadOnlyList<string> Problems(Dictionary<string, string> settings)
    {
        IngestSettings? read = IngestSettings.Read(name => settings.GetValueOrDefault(name), out IReadOnlyList<string> problems);
        Assert.Equal(problems.Count == 0, read is not null);
        return problems;
    }

    private static Dictionary<string, string> With(Dictionary<string, string> settings, params (string Name, string Value)[] changes)
    {
        Dictionary<string, string> changed = new(settings);
        foreach ((string name, string value) in changes) changed[name] = value;
        return changed;
    }

    private static async Task<(int Exit, string Error)> StartAsync(Dictionary<string, string> settings, bool stop = false)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        ProcessStartInfo start = new(Path.Combine(RunningSystem.AppOutput, "Ingest.App")) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in settings) start.Environment[name] = value;
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using Process app = Process.Start(start)!;
        try
        {
            Task<string> error = app.StandardError.ReadToEndAsync(limit.Token), output = app.StandardOutput.ReadToEndAsync(limit.Token);
            if (stop) await StopAsync(app, limit.Token);
            await app.WaitForExitAsync(limit.Token);
            await output;
            return (app.ExitCode, await error);
        }
        finally
        {
            if (!app.HasExited) app.Kill();
        }
    }

    private static async Task StopAsync(Process app, CancellationToken cancel)
    {
        // Until its handler for the signal stands, a signal ends it by the system's default, which is no 0 either.
        await Task.Delay(TimeSpan.FromSeconds(2), cancel);
        using Process kill = Process.Start("kill", ["-TERM", app.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancel);
    }
}
