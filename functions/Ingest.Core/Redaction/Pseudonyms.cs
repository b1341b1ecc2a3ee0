using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Keys;

namespace Ingest.Core.Redaction;

/// <summary>Short names for values, which only a key makes: the same for the same sort and value, and telling nothing about it.</summary>
public static class Pseudonyms
{
    /// <summary>Letters of one: 35 bits, so that two of ten thousand values hardly ever share one.</summary>
    public const int Letters = 7;

    /// <summary>What names values under a key of 32 bytes (HMAC-SHA-256), in capitals and digits of Crockford's base32.</summary>
    public static Func<FindingType, string, string> Under(byte[] key) => (type, value) =>
        Crockford32.Encode(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{type.ToWord()}\0{value}")))[..Letters].ToUpperInvariant();
}
