using System.Security.Cryptography;

namespace Ingest.App.Pages;

/// <summary>The one stylesheet and the icon, built in. Their names carry a hash of what is in them, so that a browser may keep them for ever.</summary>
public static class Stylesheet
{
    private static readonly byte[] Css = Read("console.css"), Icon = Read("icon.svg");

    /// <summary>Where the stylesheet is.</summary>
    public static string Path { get; } = $"/console/style-{Hash(Css)}.css";

    /// <summary>Where the icon is.</summary>
    public static string IconPath { get; } = $"/console/icon-{Hash(Icon)}.svg";

    /// <summary>Answers a request for either; false when the path is neither.</summary>
    public static async Task<bool> TryServeAsync(HttpContext http, CancellationToken cancel)
    {
        string path = http.Request.Path.Value ?? "";
        if (path != Path && path != IconPath) return false;
        byte[] content = path == Path ? Css : Icon;
        http.Response.ContentType = path == Path ? "text/css; charset=utf-8" : "image/svg+xml";
        http.Response.ContentLength = content.Length;
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
        await http.Response.Body.WriteAsync(content, cancel);
        return true;
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..12];

    private static byte[] Read(string name)
    {
        using Stream stream = typeof(Stylesheet).Assembly.GetManifestResourceStream(name)!;
        using MemoryStream content = new();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
