using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Keys;

namespace Ingest.Core.Access;

/// <summary>Random secrets of 240 bits that others hold while we keep a hash; a plain one, since nobody can search so many.</summary>
internal static class Secrets
{
    /// <summary>A fresh secret: 48 letters.</summary>
    public static string New() => Crockford32.Encode(RandomNumberGenerator.GetBytes(30));

    /// <summary>Its SHA-256 in lower-case hex.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Takes "{tenant}.{secret}" apart; null when it is nothing of the kind.</summary>
    public static (TenantContext Tenant, string Secret)? Split(string? text)
    {
        if (text is not { Length: < 200 } || text.Split('.') is not [var tenant, { Length: > 20 } secret]) return null;
        return TenantId.TryParse(tenant, out TenantId id) ? (new TenantContext(id), secret) : null;
    }
}
