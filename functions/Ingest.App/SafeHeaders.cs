namespace Ingest.App;

/// <summary>Headers that every answer to a browser or a caller carries.</summary>
public static class SafeHeaders
{
    /// <summary>No sniffing, no framing, no caching, no referrer, no scripts.</summary>
    public static void Set(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    }
}
