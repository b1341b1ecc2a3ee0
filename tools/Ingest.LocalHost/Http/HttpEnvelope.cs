using System.Globalization;
using System.Text;
using System.Text.Json;
using Ingest.LocalHost.Envelopes;
using Ingest.LocalHost.Script;
using Microsoft.AspNetCore.Http.Extensions;

namespace Ingest.LocalHost.Http;

/// <summary>A public request as an envelope, for HTTP functions that have more bindings than request and response.</summary>
internal static class HttpEnvelope
{
    private const string AuthLevelClaim = "http://schemas.microsoft.com/2017/07/functions/claims/authlevel";

    public static async Task<Envelope> OfAsync(HttpContext context, Function function, HttpTrigger trigger, RouteValueDictionary values, TimeProvider clock)
    {
        HttpRequest request = context.Request;
        byte[]? body = request.ContentLength > 0 ? await ReadAsync(request, context.RequestAborted) : null;
        string? text = body is null ? null : IsBinary(request.ContentType) ? Convert.ToBase64String(body) : Encoding.UTF8.GetString(body);
        string query = Object(request.Query.Select(pair => (pair.Key, JsonText.Quote(pair.Value.ToString()))));
        Envelope envelope = new();
        envelope.Data.Add((trigger.Name, new RawJson(Object(
        [
            ("Url", JsonText.Quote(request.GetDisplayUrl())),
            ("Method", JsonText.Quote(request.Method)),
            ("Query", query),
            ("Headers", Object(request.Headers.Select(pair => (pair.Key, "[" + string.Join(',', pair.Value.Select(value => JsonText.Quote(value ?? ""))) + "]")))),
            ("Params", Object(values.Select(pair => (pair.Key, JsonText.Quote(TextOf(pair.Value)))))),
            ("Identities", Identities(trigger.Level)),
            .. text is null ? Array.Empty<(string, string)>() : [("Body", JsonText.Quote(text))],
        ]))));
        foreach ((string name, object? value) in values)
            envelope.Metadata[name] = TextOf(value);
        envelope.Metadata["Headers"] = new RawJson(Object(request.Headers.Select(pair => (pair.Key, JsonText.Quote(pair.Value.ToString())))));
        envelope.Metadata["Query"] = new RawJson(query);
        envelope.AddSys(function.Name, clock.GetUtcNow());
        if (text is not null)
            BodyProperties.Spill(text, envelope);
        return envelope;
    }

    /// <summary>Writes what the answer holds for the http out binding.</summary>
    public static async Task AnswerAsync(HttpResponse response, Function function, Answer answer, CancellationToken cancel)
    {
        if (function.HttpOutput is null || answer.Output(function.HttpOutput, function.HttpOutput == "$return") is not { } output)
        {
            await WriteAsync(response, "{}", cancel);
            return;
        }
        if (output.ValueKind != JsonValueKind.Object)
        {
            await WriteAsync(response, BodyText(output), cancel);
            return;
        }
        JsonElement? status = Member(output, "statusCode") ?? Member(output, "status");
        if (status is { } code)
            response.StatusCode = int.Parse(code.ToString(), CultureInfo.InvariantCulture);
        if (Member(output, "headers") is { ValueKind: JsonValueKind.Object } headers)
            foreach (JsonProperty header in headers.EnumerateObject())
                response.Headers[header.Name] = header.Value.ToString();
        if (Member(output, "body") is { } body)
            await WriteAsync(response, BodyText(body), cancel);
    }

    private static string BodyText(JsonElement body) =>
        body.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? IndentedJson.Write(body) : IndentedJson.Text(body);

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancel)
    {
        response.ContentType ??= "text/plain; charset=utf-8";
        await response.WriteAsync(text, cancel);
    }

    private static JsonElement? Member(JsonElement value, string name)
    {
        foreach (JsonProperty property in value.EnumerateObject())
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        return null;
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body, cancel);
        return body.ToArray();
    }

    private static bool IsBinary(string? contentType) => contentType is not null
        && (contentType.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase) || contentType.Contains("multipart/", StringComparison.OrdinalIgnoreCase));

    private static string TextOf(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    // Without the platform's sign-in there is one identity, which says how the key was judged.
    private static string Identities(AuthLevel level) =>
        $$"""[{"AuthenticationType":"WebJobsAuthLevel","IsAuthenticated":true,"Actor":null,"BootstrapContext":null,"Claims":[{"Issuer":"LOCAL AUTHORITY","OriginalIssuer":"LOCAL AUTHORITY","Properties":{},"Subject":null,"Type":"{{AuthLevelClaim}}","Value":"{{level}}","ValueType":"http://www.w3.org/2001/XMLSchema#string"}],"Label":null,"Name":null,"NameClaimType":"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name","RoleClaimType":"http://schemas.microsoft.com/ws/2008/06/identity/claims/role"}]""";

    private static string Object(IEnumerable<(string Name, string Json)> members) =>
        "{" + string.Join(',', members.Select(member => JsonText.Quote(member.Name) + ":" + member.Json)) + "}";
}
