using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Ingest.Mail.Dns;

/// <summary>
/// DNS as a table in JSON, for tests and for looking at a mail without a network:
/// <c>{ "name": { "TXT": ["…"], "MX": [{"preference":10,"exchange":"…"}], "A": ["…"], "AAAA": [], "PTR": [], "CNAME": "…" } }</c>. A name mapped to "SERVFAIL" or
/// "TIMEOUT" fails that way; a name that is not listed does not exist.
/// </summary>
public sealed class DnsTable
{
    private const int MaxAliases = 8;
    private readonly Dictionary<string, Entry> names;

    private DnsTable(Dictionary<string, Entry> names) => this.names = names;

    /// <summary>The table in which no name exists.</summary>
    public static DnsTable Empty { get; } = new([]);

    /// <summary>Reads the table.</summary>
    /// <exception cref="FormatException">It is no such table; the message says where.</exception>
    public static DnsTable Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var names = new Dictionary<string, Entry>(StringComparer.Ordinal);
            foreach (var name in document.RootElement.EnumerateObject())
                names[DnsName.Normal(name.Name)] = ReadEntry(name);
            return new DnsTable(names);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("The DNS table is not JSON of the form { \"name\": { \"TXT\": [\"…\"] } }.", e);
        }
    }

    /// <summary>Answers from the table; a <see cref="DnsLookup"/>.</summary>
    public ValueTask<DnsAnswer> LookupAsync(string name, DnsType type, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Answer(DnsName.Normal(name), type));
    }

    private DnsAnswer Answer(string name, DnsType type)
    {
        for (var aliases = 0; aliases <= MaxAliases; aliases++)
        {
            if (!names.TryGetValue(name, out var entry))
                return DnsAnswer.NxDomain;
            if (entry.Trouble is { } trouble)
                return trouble;
            if (entry.Answers.TryGetValue(type, out var answer))
                return answer;
            if (entry.Alias is not { } alias)
                return DnsAnswer.NoData;
            name = alias;
        }
        return DnsAnswer.ServFail;
    }

    private static Entry ReadEntry(JsonProperty name)
    {
        if (name.Value.ValueKind == JsonValueKind.String)
        {
            return name.Value.GetString()!.ToUpperInvariant() switch
            {
                "SERVFAIL" => new Entry([], DnsAnswer.ServFail, null),
                "TIMEOUT" => new Entry([], DnsAnswer.TimeOut, null),
                "NXDOMAIN" => new Entry([], DnsAnswer.NxDomain, null),
                _ => throw Wrong(name.Name, "is neither an object of records nor SERVFAIL or TIMEOUT"),
            };
        }
        var answers = new Dictionary<DnsType, DnsAnswer>();
        foreach (var records in name.Value.EnumerateObject())
        {
            var type = TypeOf(name.Name, records.Name);
            var values = records.Value.ValueKind == JsonValueKind.Array ? [.. records.Value.EnumerateArray()] : new List<JsonElement> { records.Value };
            if (values.Count > 0)
                answers[type] = Read(name.Name, type, values);
        }
        var alias = answers.TryGetValue(DnsType.Cname, out var cname) ? cname.Names[0] : null;
        return new Entry(answers, null, alias);
    }

    private static DnsAnswer Read(string name, DnsType type, List<JsonElement> values)
    {
        var answer = new DnsAnswer(DnsStatus.Answer);
        return type switch
        {
            DnsType.Txt => answer with { Texts = values.ConvertAll(Text) },
            DnsType.Mx => answer with { Exchanges = [.. values.ConvertAll(Exchange).OrderBy(static mx => mx.Preference)] },
            DnsType.A => answer with { Addresses = values.ConvertAll(value => Address(name, value, AddressFamily.InterNetwork)) },
            DnsType.Aaaa => answer with { Addresses = values.ConvertAll(value => Address(name, value, AddressFamily.InterNetworkV6)) },
            DnsType.Ptr or DnsType.Cname => answer with { Names = values.ConvertAll(static value => DnsName.Normal(value.GetString() ?? "")) },
        };
    }

    // One string, or the strings of a record in a list.
    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? string.Concat(value.EnumerateArray().Select(static part => part.GetString())) : value.GetString() ?? "";

    private static MailExchange Exchange(JsonElement value)
    {
        var preference = value.TryGetProperty("preference", out var given) || value.TryGetProperty("priority", out given) ? given.GetInt32() : 0;
        return new MailExchange(preference, value.TryGetProperty("exchange", out var host) ? DnsName.Normal(host.GetString() ?? "") : "");
    }

    private static IPAddress Address(string name, JsonElement value, AddressFamily family) =>
        IPAddress.TryParse(value.GetString(), out var address) && address.AddressFamily == family ? address : throw Wrong(name, "has an address that is none");

    private static DnsType TypeOf(string name, string type) => type.ToUpperInvariant() switch
    {
        "TXT" => DnsType.Txt,
        "MX" => DnsType.Mx,
        "A" => DnsType.A,
        "AAAA" => DnsType.Aaaa,
        "PTR" => DnsType.Ptr,
        "CNAME" => DnsType.Cname,
        _ => throw Wrong(name, "has a record type other than TXT, MX, A, AAAA, PTR and CNAME"),
    };

    private static FormatException Wrong(string name, string problem) => new($"In the DNS table, \"{name}\" {problem}.");

    private sealed record Entry(Dictionary<DnsType, DnsAnswer> Answers, DnsAnswer? Trouble, string? Alias);
}
