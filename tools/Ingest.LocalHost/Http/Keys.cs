using System.Security.Cryptography;
using System.Text;
using Ingest.LocalHost.Script;

namespace Ingest.LocalHost.Http;

/// <summary>Function, host and master keys, from the header x-functions-key or else the query's code.</summary>
internal sealed class Keys(LocalHostOptions options, string masterKey)
{
    public bool IsMaster(HttpRequest request) => Given(request) is { } key && Same(key, masterKey);

    public bool Allows(HttpRequest request, AuthLevel level, string function) => level switch
    {
        AuthLevel.Anonymous => true,
        AuthLevel.Function => Given(request) is { } key && FunctionKeys(function).Any(known => Same(key, known)),
        AuthLevel.Admin => IsMaster(request),
    };

    private IEnumerable<string> FunctionKeys(string function) => options.FunctionKeys
        .Where(pair => pair.Key.Equals(function, StringComparison.OrdinalIgnoreCase))
        .Select(pair => pair.Value)
        .Concat(options.HostKeys)
        .Append(masterKey);

    private static string? Given(HttpRequest request) =>
        request.Headers["x-functions-key"] is [{ Length: > 0 } header, ..] ? header
        : request.Query["code"] is [{ Length: > 0 } code, ..] ? code
        : null;

    private static bool Same(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
