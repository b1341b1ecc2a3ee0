using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Training;

namespace Ingest.Cli.Commands;

/// <summary>The lines that <c>ingest classify</c>, <c>ingest train</c> and <c>ingest spam evaluate</c> print. Codes and numbers, never what stands in a mail.</summary>
internal static class SpamOutput
{
    private const int TopReasons = 8;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>What the filter makes of a mail.</summary>
    public static ReadOnlyMemory<byte> Line(string file, SpamVerdict verdict) => Object(json =>
    {
        json.WriteString("file", file);
        WriteVerdict(json, verdict, words: true);
    });

    /// <summary>What was trained.</summary>
    public static ReadOnlyMemory<byte> Trained(SpamModel model, IReadOnlyCollection<TrainingMail> mails, byte[] bytes) => Object(json =>
    {
        json.WriteNumber("ham", mails.Count(m => !m.IsSpam));
        json.WriteNumber("spam", mails.Count(m => m.IsSpam));
        json.WriteNumber("features", model.Count);
        json.WriteNumber("bytes", bytes.Length);
        json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(bytes)));
        WriteRounded(json, "slope", model.Calibration.Slope);
        WriteRounded(json, "offset", model.Calibration.Offset);
        json.WriteStartArray("oneCustomerIn");
        foreach ((int oneIn, double score) in model.Shares)
        {
            json.WriteStartObject();
            json.WriteNumber("n", oneIn);
            WriteRounded(json, "score", score);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>How good a filter is.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Evaluation(SpamEvaluation result, SpamThresholds lines, int mistakes)
    {
        yield return Object(json => WriteWhole(json, result, lines));
        foreach (LineResult line in result.Lines())
            yield return Object(json =>
            {
                json.WriteNumber("line", line.Score);
                json.WriteNumber("falsePositives", line.FalsePositives);
                json.WriteNumber("falseNegatives", line.FalseNegatives);
            });
        foreach (CalibrationBin bin in result.Calibration())
            yield return Object(json =>
            {
                json.WriteNumber("from", bin.From);
                json.WriteNumber("to", bin.To);
                json.WriteNumber("mails", bin.Mails);
                WriteRounded(json, "meanScore", bin.MeanScore);
                WriteRounded(json, "spamShare", bin.SpamShare);
            });
        foreach (JudgedMail mail in result.Worst(mistakes))
            yield return Object(json =>
            {
                json.WriteString("mistake", mail.IsSpam ? "spam" : "ham");
                json.WriteString("file", mail.Name);
                WriteVerdict(json, mail.Verdict, words: false);
            });
    }

    private static void WriteWhole(Utf8JsonWriter json, SpamEvaluation result, SpamThresholds lines)
    {
        json.WriteNumber("ham", result.Ham);
        json.WriteNumber("spam", result.Spam);
        if (!double.IsNaN(result.Auc)) json.WriteNumber("auc", Math.Round(result.Auc, 6));
        json.WriteNumber("unsureFrom", Math.Round(lines.UnsureFrom, 6));
        json.WriteNumber("spamFrom", Math.Round(lines.SpamFrom, 6));
        json.WriteNumber("hamCalledSpam", result.Count(false, SpamVerdictKind.Spam));
        json.WriteNumber("hamCalledUnsure", result.Count(false, SpamVerdictKind.Unsure));
        json.WriteNumber("spamCalledSpam", result.Count(true, SpamVerdictKind.Spam));
        json.WriteNumber("spamCalledUnsure", result.Count(true, SpamVerdictKind.Unsure));
        json.WriteNumber("missedAtNoFalsePositive", result.MissedAtFalsePositives(0));
        json.WriteNumber("missedAtOneInThousand", result.MissedAtFalsePositives(result.Ham / 1000));
    }

    private static void WriteVerdict(Utf8JsonWriter json, SpamVerdict verdict, bool words)
    {
        WriteRounded(json, "score", verdict.Score);
        json.WriteString("verdict", verdict.Verdict switch { SpamVerdictKind.Ham => "ham", SpamVerdictKind.Unsure => "unsure", SpamVerdictKind.Spam => "spam" });
        json.WriteStartArray("reasons");
        foreach (SpamReason reason in verdict.Reasons.Take(TopReasons))
        {
            json.WriteStartObject();
            json.WriteString("code", reason.Code.ToString());
            json.WriteNumber("weight", Math.Round(reason.Weight, 2));
            if (words) json.WriteString("says", SpamWords.Of(reason));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRounded(Utf8JsonWriter json, string name, double value) => json.WriteNumber(name, Math.Round(value, 5));

    private static ReadOnlyMemory<byte> Object(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }
}
