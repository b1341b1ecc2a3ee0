using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ingest.Cli.Servers;

/// <summary>What Gmail answers to an import.</summary>
public sealed record ImportedMail(string Id, string ThreadId, string HistoryId);

/// <summary>A Google of our own on the loopback address: consent page, tokens and the Gmail API (tools/emulators/google.mjs).</summary>
public sealed partial class GoogleEmulator : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);

    private readonly NodeTools tools;
    private readonly GoogleEmulatorOptions options;
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private ChildProcess? child;
    private int port;

    private GoogleEmulator(NodeTools tools, GoogleEmulatorOptions options)
    {
        this.tools = tools;
        this.options = options;
        port = options.Port;
    }

    /// <summary>Without a trailing slash: <c>http://127.0.0.1:4321</c>; the same after a restart.</summary>
    public string BaseUrl => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    public string ClientId => options.ClientId;

    public string ClientSecret => options.ClientSecret;

    /// <summary>How many sample mails this start brought in; 0 when an earlier one with the same data file did.</summary>
    public int Imported { get; private set; }

    public bool IsRunning => child is { HasExited: false };

    /// <summary>Its last output lines, oldest first: one per request, without queries.</summary>
    public IReadOnlyList<string> LastLines => child?.LastLines ?? [];

    /// <summary>Starts it and returns once the sample mails are in and it answers.</summary>
    /// <exception cref="ServerException">Node.js is missing, the port is taken, or it did not come up.</exception>
    public static async Task<GoogleEmulator> StartAsync(GoogleEmulatorOptions options, CancellationToken cancel)
    {
        var emulator = new GoogleEmulator(await NodeTools.EnsureInstalledAsync(cancel), options);
        try
        {
            await emulator.StartAgainAsync(cancel);
            return emulator;
        }
        catch
        {
            await emulator.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the same port after a stop or a kill; without a data file it has forgotten everything.</summary>
    public async Task StartAgainAsync(CancellationToken cancel)
    {
        if (IsRunning)
            return;
        FreePort.Require(port, "the Google emulator", "--google-port");
        ChildProcess started = ChildProcess.Start(tools.Script("google emulator", "google.mjs", options.Arguments(port), options.LogFile));
        try
        {
            Ready ready = await started.WaitForAsync(Ready.Parse, ReadyWithin, cancel);
            port = ready.Listening.Port;
            Imported = ready.Imported;
            child = started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref child, null) is not { } running)
            return;
        await running.StopAsync(cancel);
        await running.DisposeAsync();
    }

    /// <summary>Kills it. With a data file nothing it answered is lost, save access tokens.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref child, null) is not { } running)
            return;
        await running.KillAsync(cancel);
        await running.DisposeAsync();
    }

    /// <summary>Lets a mail arrive, byte for byte, through Gmail's messages/import. An unknown address becomes a user.</summary>
    /// <param name="email">Whose mailbox.</param>
    /// <param name="raw">The mail as it is.</param>
    /// <param name="cancel">Stops the request.</param>
    /// <param name="labels">Gmail label ids; INBOX and UNREAD if none are given.</param>
    public async Task<ImportedMail> ImportAsync(string email, ReadOnlyMemory<byte> raw, CancellationToken cancel, params string[] labels)
    {
        string query = $"?user={Uri.EscapeDataString(email)}" + (labels.Length > 0 ? $"&labels={string.Join(',', labels)}" : "");
        using var content = new ReadOnlyMemoryContent(raw) { Headers = { ContentType = new MediaTypeHeaderValue("message/rfc822") } };
        using HttpResponseMessage answer = await http.PostAsync(new Uri($"{BaseUrl}/__control/import{query}"), content, cancel);
        return await ReadAsync<ImportedMail>(answer, cancel);
    }

    /// <summary>Makes the next requests fail; the faults wait in order and each is used up.</summary>
    public Task FaultAsync(GoogleFault fault, CancellationToken cancel) => OrderAsync(fault, cancel);

    /// <summary>Takes back every grant of the user: refreshing answers invalid_grant, access tokens 401.</summary>
    public Task RevokeAsync(string email, CancellationToken cancel) => OrderAsync(new { revoke = email }, cancel);

    /// <summary>Ends the user's access tokens only; refreshing still works.</summary>
    public Task ExpireAccessAsync(string email, CancellationToken cancel) => OrderAsync(new { expireAccess = email }, cancel);

    /// <summary>From now on history.list answers 404 to every start id older than this moment.</summary>
    public Task ExpireHistoryAsync(CancellationToken cancel) => OrderAsync(new { expireHistory = true }, cancel);

    /// <summary>Adds a redirect URI to the OAuth client, for an app that found its port after the emulator started.</summary>
    public Task AllowRedirectAsync(Uri callback, CancellationToken cancel) => OrderAsync(new { allowRedirect = callback.AbsoluteUri }, cancel);

    /// <summary>Forgets all faults and request counts, and remembers all history again.</summary>
    public Task ClearAsync(CancellationToken cancel) => OrderAsync(new { clear = true }, cancel);

    /// <summary>How often each route was asked, ids left out: <c>GET /gmail/v1/users/me/messages/{id} 200</c> → 3.</summary>
    public async Task<IReadOnlyDictionary<string, int>> RequestsAsync(CancellationToken cancel)
    {
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"{BaseUrl}/__control"), cancel);
        return (await ReadAsync<Seen>(answer, cancel)).Requests;
    }

    /// <summary>
    /// Does what a person does on the consent page: fetches it, finds the user's button, presses it. Returns the address
    /// in the app that the browser is sent back to, with code and state.
    /// </summary>
    /// <param name="http">A client that follows no redirects.</param>
    /// <param name="authUrl">Where the app sent the browser.</param>
    /// <param name="email">Which user consents.</param>
    /// <param name="cancel">Stops the requests.</param>
    /// <exception cref="ServerException">The page refused the request, or shows no such user.</exception>
    public static async Task<Uri> ConsentAsync(HttpClient http, Uri authUrl, string email, CancellationToken cancel)
    {
        using HttpResponseMessage page = await http.GetAsync(authUrl, cancel);
        string html = await page.Content.ReadAsStringAsync(cancel);
        if (page.StatusCode != HttpStatusCode.OK)
            throw new ServerException($"The consent page answered {(int)page.StatusCode}: is the client id or the redirect URI unknown to it?");

        Dictionary<string, string>? fields = html.Split("<form ")[1..]
            .Select(form => HiddenField().Matches(form).ToDictionary(
                field => WebUtility.HtmlDecode(field.Groups[1].Value), field => WebUtility.HtmlDecode(field.Groups[2].Value)))
            .FirstOrDefault(fields => fields.GetValueOrDefault("email") == email);
        if (fields is null)
            throw new ServerException("The consent page shows no button for this user.");

        using var pressed = new FormUrlEncodedContent(fields);
        using HttpResponseMessage answer = await http.PostAsync(new Uri(authUrl, "/o/oauth2/v2/auth/callback"), pressed, cancel);
        return answer.Headers.Location
            ?? throw new ServerException($"Consent was answered with {(int)answer.StatusCode} and no redirect. Does the client follow redirects by itself?");
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref child, null) is { } running)
            await running.DisposeAsync();
        http.Dispose();
    }

    [GeneratedRegex("""<input type="hidden" name="([^"]*)" value="([^"]*)"/>""")]
    private static partial Regex HiddenField();

    private async Task OrderAsync<T>(T order, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await http.PostAsJsonAsync($"{BaseUrl}/__control", order, JsonSerializerOptions.Web, cancel);
        await ReadAsync<JsonElement>(answer, cancel);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
            throw new ServerException($"The Google emulator refused an order with {(int)answer.StatusCode}.");
        return await answer.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web, cancel)
            ?? throw new ServerException("The Google emulator answered with nothing.");
    }

    private sealed record Seen(Dictionary<string, int> Requests);

    private sealed record Ready(Uri Listening, int Imported)
    {
        public static Ready? Parse(string line) =>
            line.StartsWith("{\"listening\"", StringComparison.Ordinal) ? JsonSerializer.Deserialize<Ready>(line, JsonSerializerOptions.Web) : null;
    }
}
