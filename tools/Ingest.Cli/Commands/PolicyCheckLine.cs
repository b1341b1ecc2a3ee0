using System.Text;
using System.Text.Json;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Screening;

namespace Ingest.Cli.Commands;

/// <summary>What <c>ingest policy check</c> prints of a mail.</summary>
internal static class PolicyCheckLine
{
    public static string Write(string file, AuthVerdict auth, Screened screened, PolicyAnswer answer)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            PolicyDecision decision = answer.Decision;
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteString("auth", auth.Reason.ToString());
            json.WriteString("screen", $"{screened.Kind}/{screened.Reason}");
            json.WriteString("effect", decision.Effect?.ToString());
            json.WriteString("reason", decision.Reason == OutcomeReason.None ? null : decision.Reason.ToString());
            json.WriteNumber("rule", decision.Rule);
            json.WriteBoolean("allowRefused", decision.AllowRefused);
            json.WriteString("provider", answer.Context.Provider.ToString());
            json.WriteStartArray("hints");
            foreach (PhishingHint hint in answer.Context.Hints)
                json.WriteStringValue(hint.ToString());
            json.WriteEndArray();
            json.WriteString("sentence", decision.ToSentence());
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
