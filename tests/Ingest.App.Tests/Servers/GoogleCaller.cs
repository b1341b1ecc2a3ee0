using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ingest.Cli.Servers;

namespace Ingest.App.Tests.Servers;

/// <summary>An app that talks to the emulator as one talks to Google, with the code flow and PKCE.</summary>
internal sealed class GoogleCaller(GoogleEmulator google) : IDisposable
{
    public static readonly Uri Callback = new("http://127.0.0.1:5000/connect/callback");

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public string RefreshToken { get; private set; } = "";

    public HttpClient Http => http;

    public void Dispose() => http.Dispose();

    public async Task SignInAsync(string email, CancellationToken cancel)
    {
        string verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        string challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var page = new Uri($"{google.BaseUrl}/o/oauth2/v2/auth?client_id={google.ClientId}&redirect_uri={Uri.EscapeDataString(Callback.AbsoluteUri)}&response_type=code&scope=openid%20email%20https%3A%2F%2Fmail.google.com%2F&state=s%26%27%22%3Ct&code_challenge={challenge}&code_challenge_method=S256&access_type=offline&prompt=consent");
        Uri back = await GoogleEmulator.ConsentAsync(http, page, email, cancel);
        var query = System.Web.HttpUtility.ParseQueryString(back.Query);
        if (back.GetLeftPart(UriPartial.Path) != Callback.AbsoluteUri || query["state"] != "s&'\"<t")
            throw new InvalidOperationException("The browser was sent elsewhere.");

        JsonElement tokens = await TokenAsync(cancel, ("grant_type", "authorization_code"), ("code", query["code"]!), ("redirect_uri", Callback.AbsoluteUri), ("code_verifier", verifier));
        RefreshToken = tokens.GetProperty("refresh_token").GetString()!;
        Use(tokens);
    }

    public async Task RefreshAsync(CancellationToken cancel) =>
        Use(await TokenAsync(cancel, ("grant_type", "refresh_token"), ("refresh_token", RefreshToken)));

    public async Task<string?> RefreshErrorAsync(CancellationToken cancel)
    {
        JsonElement answer = await TokenAsync(cancel, ("grant_type", "refresh_token"), ("refresh_token", RefreshToken));
        return answer.TryGetProperty("error", out JsonElement error) ? error.GetString() : null;
    }

    public Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancel) => http.GetAsync(Url(path), cancel);

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancel) => await http.GetFromJsonAsync<JsonElement>(Url(path), cancel);

    public async Task<JsonElement> PostAsync<T>(string path, T body, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await http.PostAsJsonAsync(Url(path), body, cancel);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancel);
    }

    public async Task<byte[]> RawAsync(string id, CancellationToken cancel) =>
        Base64Url.DecodeFromChars((await GetAsync($"messages/{id}?format=raw", cancel)).GetProperty("raw").GetString());

    public async Task<string[]> IdsAddedSinceAsync(string historyId, CancellationToken cancel) =>
        [.. (await GetAsync($"history?startHistoryId={historyId}&historyTypes=messageAdded", cancel)).GetProperty("history").EnumerateArray()
            .SelectMany(entry => entry.GetProperty("messagesAdded").EnumerateArray())
            .Select(added => added.GetProperty("message").GetProperty("id").GetString()!)];

    public async Task<string[]> IdsAsync(CancellationToken cancel) =>
        [.. (await GetAsync("messages?maxResults=500", cancel)).GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("id").GetString()!)];

    private Uri Url(string path) => new($"{google.BaseUrl}/gmail/v1/users/me/{path}");

    private void Use(JsonElement tokens) =>
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());

    private async Task<JsonElement> TokenAsync(CancellationToken cancel, params (string Name, string Value)[] fields)
    {
        (string Name, string Value)[] all = [.. fields, ("client_id", google.ClientId), ("client_secret", google.ClientSecret)];
        using var form = new FormUrlEncodedContent(all.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using HttpResponseMessage answer = await http.PostAsync(new Uri($"{google.BaseUrl}/oauth2/token"), form, cancel);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancel);
    }
}
