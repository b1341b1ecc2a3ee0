using System.Globalization;
using System.Net;
using System.Text.Json;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Tests.Mime;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Ingest.Mail.Tests.Auth;

/// <summary>A test of the openspf suites: a question, the zone it is asked in, and the results that are right.</summary>
internal sealed record SpfCase(string Name, SpfQuestion Question, DnsTable Zone, IReadOnlyList<string> Results, string? Explanation)
{
    public static IEnumerable<SpfCase> Read(string file)
    {
        if (Corpus.Folder is null)
            Assert.Skip("The SPF suites of ../shared/data are not here.");
        var yaml = new YamlStream();
        using (var text = File.OpenText(Path.Combine(Corpus.Folder, "auth", "spf", file)))
            yaml.Load(text);
        foreach (var document in yaml.Documents)
        {
            if (document.RootNode is not YamlMappingNode root || !root.Children.TryGetValue("tests", out var tests))
                continue;
            var zone = ReadZone((YamlMappingNode)root["zonedata"]);
            foreach (var (name, test) in (YamlMappingNode)tests)
                yield return One(name.ToString(), (YamlMappingNode)test, zone);
        }
    }

    private static SpfCase One(string name, YamlMappingNode test, DnsTable zone)
    {
        var question = new SpfQuestion(IPAddress.Parse(test["host"].ToString()), test["helo"].ToString(), test["mailfrom"].ToString());
        var results = test["result"] is YamlSequenceNode several ? several.Select(static node => node.ToString()).ToList() : [test["result"].ToString()];
        return new SpfCase(name, question, zone, results, test.Children.TryGetValue("explanation", out var text) ? text.ToString() : null);
    }

    // The suites call the record type SPF; where a name has no TXT of its own, that is its TXT. TIMEOUT is for what is not listed.
    private static DnsTable ReadZone(YamlMappingNode zone)
    {
        var names = new Dictionary<string, object>();
        foreach (var (name, records) in zone)
        {
            var byType = new Dictionary<string, List<object>>();
            var isTimeout = false;
            foreach (var record in (YamlSequenceNode)records)
            {
                if (record is not YamlMappingNode pair)
                {
                    isTimeout = true;
                    continue;
                }
                var (type, value) = pair.Children.First();
                if (!byType.TryGetValue(type.ToString(), out var values))
                    byType[type.ToString()] = values = [];
                values.Add(Value(type.ToString(), value));
            }
            if (byType.Remove("SPF", out var spf) && !byType.ContainsKey("TXT"))
                byType["TXT"] = spf;
            if (byType.TryGetValue("TXT", out var texts) && texts is ["NONE"])
                byType.Remove("TXT");
            names[name.ToString()] = isTimeout && !byType.ContainsKey("TXT") ? "TIMEOUT" : byType;
        }
        return DnsTable.Parse(JsonSerializer.SerializeToUtf8Bytes(names));
    }

    private static object Value(string type, YamlNode value) => (type, value) switch
    {
        ("MX", YamlSequenceNode mx) => new { preference = int.Parse(mx[0].ToString(), CultureInfo.InvariantCulture), exchange = mx[1].ToString() },
        (_, YamlSequenceNode parts) => parts.Select(static part => part.ToString()).ToList(),
        _ => value.ToString(),
    };
}
