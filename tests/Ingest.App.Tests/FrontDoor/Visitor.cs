using System.Net;
using System.Text.RegularExpressions;
using Ingest.Core.Access;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Somebody with a session at the console, or with none.</summary>
internal sealed partial class Visitor : IDisposable
{
    private readonly RunningSystem _system;
    private readonly HttpClient _http;
    private readonly string _cookie;

    public Visitor(RunningSystem system, string cookie = "")
    {
        (_system, _cookie) = (system, cookie);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(90) };
    }

    /// <summary>A person of the tenant with these grants, signed in.</summary>
    public static async Task<Visitor> WithAsync(RunningSystem system, TenantContext tenant, params Grant[] grants)
    {
        (Person? person, _) = await system.Desk.People.AddAsync(tenant, new Identity(Guid.NewGuid(), Guid.NewGuid()), "Test Person", "test@acme.example", grants, RunningSystem.Cancel);
        return new Visitor(system, await system.Desk.Sessions.OpenAsync(tenant, person!.Id, RunningSystem.Cancel)) { PersonId = person.Id };
    }

    public string PersonId { get; private init; } = "";

    public async Task<Seen> GetAsync(string path) => await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_system.BaseUrl, path)));

    /// <summary>Sends a form with this session's token, which a page of it tells.</summary>
    public async Task<Seen> PostAsync(string path, params (string Name, string Value)[] fields) =>
        await PostRawAsync(path, _system.BaseUrl.GetLeftPart(UriPartial.Authority), [.. fields, ("csrf", await TokenAsync())]);

    public async Task<Seen> PostRawAsync(string path, string? origin, params (string Name, string Value)[] fields)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(_system.BaseUrl, path)) { Content = new FormUrlEncodedContent(fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value))) };
        if (origin is not null) request.Headers.TryAddWithoutValidation("Origin", origin);
        return await SendAsync(request);
    }

    public async Task<string> TokenAsync() => Token().Match((await GetAsync("/console/sign-out")).Html) is { Success: true } found ? found.Groups[1].Value : "";

    public void Dispose() => _http.Dispose();

    private async Task<Seen> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            if (_cookie.Length > 0) request.Headers.TryAddWithoutValidation("Cookie", "ingest=" + _cookie);
            using HttpResponseMessage answer = await _http.SendAsync(request, RunningSystem.Cancel);
            return new Seen((int)answer.StatusCode, answer.Headers.Location?.OriginalString ?? "", await answer.Content.ReadAsStringAsync(RunningSystem.Cancel),
                answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
        }
    }

    [GeneratedRegex("name=\"csrf\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}

/// <summary>What came back, as it came.</summary>
internal sealed record Seen(int Status, string Location, string Html, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The html as text in which names can be looked for.</summary>
    public string Text => WebUtility.HtmlDecode(Html);

    /// <summary>Status, place and words, without what differs from one request to the next.</summary>
    public (int, string, string) Face => (Status, Location, FormToken().Replace(Html, ""));

    private static Regex FormToken() => new("value=\"[A-Za-z0-9_-]{32}\"", RegexOptions.NonBacktracking);
}
