using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Ingest.Cli.Local;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Settings;
using Ingest.LocalHost;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.Secrecy;

/// <summary>The servers, the real handler, and the two who call it: a browser with a session and a stranger.</summary>
public sealed partial class CanaryRun
{
    private async Task StartAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(Logs);
        azurite = await Azurite.StartAsync(Storage, ports: null, cancel, Path.Combine(Logs, "azurite.log"));
        google = await GoogleEmulator.StartAsync(new GoogleEmulatorOptions { ClientSecret = ClientSecret }, cancel);
        recorder = await GoogleRecorder.StartAsync(new Uri(google.BaseUrl), cancel);
        int port = FreePort();
        Dictionary<string, string> environment = new()
        {
            [IngestSettings.ProfileName] = "development",
            ["INGEST_TENANT"] = "main",
            ["INGEST_BASE_URL"] = $"http://127.0.0.1:{port}",
            ["INGEST_KEY_DIR"] = Path.Combine(folder.FullName, "keys"),
            ["INGEST_DNS_FILE"] = Path.Combine(folder.FullName, "dns.json"),
            ["IngestStorage"] = azurite.ConnectionString,
            ["AzureWebJobsStorage"] = azurite.ConnectionString,
            ["INGEST_GOOGLE_CLIENT_ID"] = google.ClientId,
            ["INGEST_GOOGLE_CLIENT_SECRET"] = ClientSecret,
            ["INGEST_GOOGLE_ENDPOINT"] = recorder.Address,
        };
        await File.WriteAllTextAsync(environment["INGEST_DNS_FILE"], "{}", cancel);
        desk = new Desk(IngestSettings.Read(environment.GetValueOrDefault, out _)!);
        tenant = new TenantContext(desk.Settings.Tenant);
        await desk.CreateStoresAsync(cancel);
        HostLog log = new(Path.Combine(Logs, "host.log"), TimeProvider.System, _ => { });
        host = await Host.StartAsync(new LocalHostOptions
        {
            ScriptRoot = ScriptRoot(),
            Port = port,
            Environment = environment,
            Sink = log.Add,
            StopGrace = TimeSpan.FromSeconds(2),
            // What was received as storage went away comes back when its lease ends.
            Lease = TimeSpan.FromSeconds(6),
        }, cancel);
        browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, CookieContainer = new CookieContainer() }) { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(60) };
        stranger = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(60) };
        await google.AllowRedirectAsync(new Uri(host.Address, "/connect/google/callback"), cancel);
        await AddPersonAsync(cancel);
        token = Secret("API token", await desk.Tokens.CreateAsync(tenant, TimeSpan.FromDays(1), cancel), '_');
    }

    // The real handler and the real functions; only the pause between two deliveries of the same message is taken out, and timers fire when they are told to.
    private string ScriptRoot()
    {
        string built = Path.Combine(RepoFolder.Find(), "functions", "Ingest.App", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0");
        string root = folder.CreateSubdirectory("root").FullName;
        JsonNode file = JsonNode.Parse(File.ReadAllText(Path.Combine(built, "host.json")))!;
        file["extensions"]!["queues"]!["visibilityTimeout"] = "00:00:00";
        file["customHandler"]!["description"]!["defaultExecutablePath"] = Path.Combine(built, "Ingest.App");
        File.WriteAllText(Path.Combine(root, "host.json"), file.ToJsonString());
        foreach (string path in Directory.EnumerateFiles(built, "function.json", SearchOption.AllDirectories))
        {
            JsonNode function = JsonNode.Parse(File.ReadAllText(path))!;
            foreach (JsonNode? binding in function["bindings"]!.AsArray().Where(binding => binding!["schedule"] is not null)) binding!["schedule"] = "0 0 0 29 2 *";
            string copy = Path.Combine(root, Path.GetFileName(Path.GetDirectoryName(path)!));
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(copy).FullName, "function.json"), function.ToJsonString());
        }

        return root;
    }

    // A caller who does not wait for the answer: what the app then throws has nobody to go to.
    private async Task HangUpAsync(TimeSpan patience, CancellationToken cancel)
    {
        using CancellationTokenSource impatient = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        impatient.CancelAfter(patience);
        try
        {
            await Task.WhenAll(StatusAsync(HttpMethod.Get, "/api/tickets", impatient.Token, token), StatusAsync(HttpMethod.Get, $"/console/start?link=main.{Foreign}{Foreign}", impatient.Token));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
        }
    }

    // The part behind the last mark is the secret; tenant and id before it are not.
    private string Secret(string name, string whole, char mark)
    {
        secrets[$"{name} {secrets.Count}"] = whole[(whole.LastIndexOf(mark) + 1)..];
        return whole;
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, CancellationToken cancel, string? bearer = null, string? cookie = null, string? body = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        if (body is not null) request.Content = new StringContent(body);
        request.Headers.Add("X-Canary", Foreign);
        using HttpResponseMessage answer = await (cookie is null ? browser : stranger).SendAsync(request, cancel);
        if (!answer.IsSuccessStatusCode) refusals.Add(($"answer to {method} {path.Split('?')[0]}", $"{answer.Headers}{await answer.Content.ReadAsStringAsync(cancel)}"));
        return answer.StatusCode;
    }

    // Somebody who may sign in: their name, address and ids in the directory are canaries too.
    private async Task AddPersonAsync(CancellationToken cancel)
    {
        Identity identity = new(Guid.NewGuid(), Guid.NewGuid());
        (secrets["person's name"], secrets["person's address"]) = ("Canarypersonpetrel", "canarypersonmailtern");
        (secrets["person's directory"], secrets["person's object"]) = (identity.Directory.ToString("D"), identity.ObjectId.ToString("D"));
        await desk.People.AddAsync(tenant, identity, secrets["person's name"], secrets["person's address"] + "@acme.example", [new Grant(Role.Agent, null)], cancel);
        string bound = await desk.Tokens.CreateAsync(tenant, new NewToken { Name = secrets["token's name"] = "canarytokennameknot", Permissions = [Permission.ReadJournal], Life = TimeSpan.FromDays(1) }, cancel);
        Secret("scoped API token", bound, '_');
    }
}
