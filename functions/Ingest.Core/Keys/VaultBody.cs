using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Ingest.Core.Keys;

/// <summary>The JSON of requests to a vault and of its short answers; binary values are base64url, and never become strings on the way.</summary>
internal static class VaultBody
{
    public static ReadOnlyMemory<byte> Operation(string algorithm, ReadOnlySpan<byte> value)
    {
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter json = new(body);
        byte[] text = new byte[Base64Url.GetEncodedLength(value.Length)];
        Base64Url.EncodeToUtf8(value, text);
        json.WriteStartObject();
        json.WriteString("alg", algorithm);
        json.WriteString("value", text);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> NewRsaKey(int bits, IEnumerable<string> operations)
    {
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter json = new(body);
        json.WriteStartObject();
        json.WriteString("kty", "RSA");
        json.WriteNumber("key_size", bits);
        json.WriteStartArray("key_ops");
        foreach (string operation in operations)
            json.WriteStringValue(operation);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    /// <summary>The value of an answer by exactly this key; null when it is another's or none. The caller zeroes it when it is a key.</summary>
    public static byte[]? ValueBy(JsonElement answer, KeyVaultKeyIdentifier id)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("kid", out JsonElement kid) || kid.ValueKind != JsonValueKind.String || !kid.ValueEquals(id.ToString()))
            return null;
        if (!answer.TryGetProperty("value", out JsonElement value) || value.ValueKind != JsonValueKind.String)
            return null;
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        byte[] plain = GC.AllocateArray<byte>(Base64Url.GetMaxDecodedLength(text.Length), pinned: true);
        int length = Base64Url.DecodeFromUtf8(text, plain);
        if (length == plain.Length)
            return plain;
        byte[] exact = GC.AllocateArray<byte>(length, pinned: true);
        plain.AsSpan(0, length).CopyTo(exact);
        CryptographicOperations.ZeroMemory(plain);
        return exact;
    }
}
