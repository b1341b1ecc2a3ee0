using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Ingest.Core.Tests.Keys;

/// <summary>One version of a key in the stand-in for Key Vault.</summary>
internal sealed class TwinKey : IDisposable
{
    public RSA? Rsa { get; init; }
    public ECDsa? Ec { get; init; }
    public required string[] Operations { get; init; }
    public string Version { get; set; } = "";
    public string Kid { get; set; } = "";
    public bool Enabled { get; set; } = true;
    public bool Deleted { get; set; }
    public DateTimeOffset? NotBefore { get; set; }
    public DateTimeOffset? ExpiresOn { get; set; }
    public DateTimeOffset Created { get; set; }

    public JsonObject Bundle()
    {
        JsonObject key = new() { ["kid"] = Kid, ["key_ops"] = new JsonArray([.. Operations.Select(op => (JsonNode)op)]) };
        if (Rsa is not null)
        {
            RSAParameters rsa = Rsa.ExportParameters(includePrivateParameters: false);
            (key["kty"], key["n"], key["e"]) = ("RSA", Base64Url.EncodeToString(rsa.Modulus), Base64Url.EncodeToString(rsa.Exponent));
        }
        else
        {
            ECPoint q = Ec!.ExportParameters(includePrivateParameters: false).Q;
            (key["kty"], key["crv"], key["x"], key["y"]) = ("EC", "P-256", Base64Url.EncodeToString(q.X), Base64Url.EncodeToString(q.Y));
        }

        return new JsonObject { ["key"] = key, ["attributes"] = Attributes() };
    }

    public JsonObject Attributes()
    {
        JsonObject attributes = new() { ["enabled"] = Enabled, ["created"] = Created.ToUnixTimeSeconds(), ["recoveryLevel"] = "Recoverable" };
        if (NotBefore is { } from) attributes["nbf"] = from.ToUnixTimeSeconds();
        if (ExpiresOn is { } until) attributes["exp"] = until.ToUnixTimeSeconds();
        return attributes;
    }

    public void Dispose()
    {
        Rsa?.Dispose();
        Ec?.Dispose();
    }
}
