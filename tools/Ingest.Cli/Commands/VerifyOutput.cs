using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ingest.Mail.Auth;

namespace Ingest.Cli.Commands;

/// <summary>The lines that <c>ingest verify</c> and <c>ingest spf</c> print.</summary>
public static class VerifyOutput
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>What is proven about one mail: a JSON object in UTF-8 with a line feed at its end.</summary>
    public static ReadOnlyMemory<byte> Line(string file, MailVerdict verdict) => Line(json =>
    {
        json.WriteString("file", file);
        json.WritePropertyName("spf");
        if (verdict.Spf is { } spf)
            WriteObject(json, () => WriteSpf(json, spf));
        else
            WriteObject(json, () => json.WriteString("result", AuthResult.None.Word()));
        json.WriteStartArray("dkim");
        foreach (var signature in verdict.Dkim)
            WriteObject(json, () => WriteDkim(json, signature));
        json.WriteEndArray();
        json.WritePropertyName("arc");
        WriteObject(json, () => WriteArc(json, verdict.Arc));
        json.WritePropertyName("dmarc");
        WriteObject(json, () => WriteDmarc(json, verdict.Dmarc));
        json.WriteString("from", verdict.Dmarc.FromDomain);
    });

    /// <summary>What SPF says: a JSON object in UTF-8 with a line feed at its end.</summary>
    public static ReadOnlyMemory<byte> Line(SpfVerdict verdict) => Line(json => WriteSpf(json, verdict));

    private static ReadOnlyMemory<byte> Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
            WriteObject(json, () => write(json));
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static void WriteSpf(Utf8JsonWriter json, SpfVerdict spf)
    {
        json.WriteString("result", spf.Result.Word());
        json.WriteString("explanation", spf.Explanation.Length > 0 ? spf.Explanation : null);
        json.WriteNumber("lookups", spf.Lookups);
        json.WriteNumber("voidLookups", spf.VoidLookups);
        json.WriteString("domain", spf.Domain);
        json.WriteString("reason", spf.Problem);
    }

    private static void WriteDkim(Utf8JsonWriter json, DkimVerdict signature)
    {
        json.WriteString("domain", signature.Domain);
        json.WriteString("selector", signature.Selector);
        json.WriteString("result", signature.Result.Word());
        json.WriteString("reason", signature.Reason);
        json.WriteString("algorithm", signature.Algorithm);
        json.WriteBoolean("weak", signature.IsWeak);
    }

    private static void WriteArc(Utf8JsonWriter json, ArcVerdict arc)
    {
        json.WriteString("result", arc.Result.Word());
        json.WriteStartArray("chain");
        foreach (var set in arc.Chain)
        {
            WriteObject(json, () =>
            {
                json.WriteNumber("instance", set.Instance);
                json.WriteString("domain", set.Domain);
                json.WriteString("selector", set.Selector);
                json.WriteString("cv", set.Status);
            });
        }
        json.WriteEndArray();
        json.WriteString("reason", arc.Problem);
    }

    private static void WriteDmarc(Utf8JsonWriter json, DmarcVerdict dmarc)
    {
        json.WriteString("result", dmarc.Result.Word());
        json.WriteString("policy", dmarc.Record is null ? null : Word(dmarc.Policy));
        json.WriteString("disposition", Word(dmarc.Disposition));
        json.WriteStartArray("aligned");
        if (dmarc.IsSpfAligned)
            json.WriteStringValue("spf");
        if (dmarc.IsDkimAligned)
            json.WriteStringValue("dkim");
        json.WriteEndArray();
        json.WriteString("reason", dmarc.Problem);
        json.WriteStartArray("ignoredTags");
        foreach (var tag in dmarc.Record?.RemovedTags ?? [])
            json.WriteStringValue(tag);
        json.WriteEndArray();
    }

    private static string Word(DomainPolicy policy) => policy switch
    {
        DomainPolicy.None => "none",
        DomainPolicy.Quarantine => "quarantine",
        DomainPolicy.Reject => "reject",
    };

    private static void WriteObject(Utf8JsonWriter json, Action write)
    {
        json.WriteStartObject();
        write();
        json.WriteEndObject();
    }
}
