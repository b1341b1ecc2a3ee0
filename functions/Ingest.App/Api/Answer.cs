using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace Ingest.App.Api;

/// <summary>What a route answers with.</summary>
internal sealed class Answer
{
    public int Status { get; private init; }
    private byte[] Body { get; init; } = [];
    private string ContentType { get; init; } = "application/json";
    private string? FileName { get; init; }
    private string? Tag { get; init; }
    private Func<Stream, CancellationToken, Task>? Writing { get; init; }

    /// <summary>A document.</summary>
    public static Answer Of<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        new() { Status = status, Body = JsonSerializer.SerializeToUtf8Bytes(value, type) };

    /// <summary>A document with an ETag, which is a digest of its bytes; "not modified" for whoever has it already.</summary>
    public static Answer Tagged<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        string tag = TagOf(body);
        bool known = http.Request.Headers.IfNoneMatch.ToString().Split(',', StringSplitOptions.TrimEntries).Any(t => t == tag || t == "W/" + tag || t == "*");
        return known ? new() { Status = StatusCodes.Status304NotModified, Tag = tag } : new() { Status = StatusCodes.Status200OK, Body = body, Tag = tag };
    }

    /// <summary>The ETag that <see cref="Tagged"/> gives this document.</summary>
    public static string TagOf<T>(T value, JsonTypeInfo<T> type) => TagOf(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Nothing more to say.</summary>
    public static Answer Done { get; } = new() { Status = StatusCodes.Status204NoContent };

    /// <summary>A file that a stranger sent: a download, never a page.</summary>
    public static Answer File(byte[] content, string name) => new() { Status = StatusCodes.Status200OK, Body = content, ContentType = "application/octet-stream", FileName = name };

    /// <summary>A file that is written while it goes out. When that breaks off, so does the line: half a file never looks like a whole one.</summary>
    public static Answer Stream(Func<Stream, CancellationToken, Task> write, string name) => new() { Status = StatusCodes.Status200OK, ContentType = "application/octet-stream", FileName = name, Writing = write };

    /// <summary>A document that is bytes already.</summary>
    public static Answer Raw(byte[] json) => new() { Status = StatusCodes.Status200OK, Body = json };

    /// <summary>A problem.</summary>
    public static implicit operator Answer(Problem problem) =>
        new() { Status = problem.Status, Body = JsonSerializer.SerializeToUtf8Bytes(problem, AppJson.Default.Problem), ContentType = "application/problem+json" };

    /// <summary>Sends it.</summary>
    public async Task WriteAsync(HttpContext http, CancellationToken cancel)
    {
        http.Response.StatusCode = Status;
        if (Tag is not null) http.Response.Headers.ETag = Tag;
        if (Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified) return;
        http.Response.ContentType = ContentType;
        if (Writing is null) http.Response.ContentLength = Body.Length;
        if (FileName is not null)
        {
            http.Response.Headers.ContentDisposition = "attachment; filename*=UTF-8''" + Uri.EscapeDataString(FileName);
            http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        }

        if (Writing is not null)
        {
            // The archive's own code writes some of its small parts without awaiting them.
            if (http.Features.Get<IHttpBodyControlFeature>() is { } control) control.AllowSynchronousIO = true;
            try
            {
                await Writing(http.Response.Body, cancel);
            }
            catch (Exception) when (http.Response.HasStarted)
            {
                http.Abort();
                throw;
            }

            return;
        }

        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(Body, cancel);
    }

    private static string TagOf(byte[] body) => $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16))}\"";
}
