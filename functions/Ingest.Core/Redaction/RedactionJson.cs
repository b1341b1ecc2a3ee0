using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ingest.Core.Redaction;

/// <summary>A redaction policy as JSON, for people and for the store: a preset, and what differs from it.</summary>
internal static class RedactionJson
{
    /// <summary>The names of all settings.</summary>
    internal const string Known = "preset, confidence, types, countries, rulesOff, allow, pdf, archives, images, unreadable, original, outgoing, dryRun";

    private const int LongestEcho = 40;
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8 };
    private static readonly JsonEncodedText Mask = JsonEncodedText.Encode("mask"), Confidence = JsonEncodedText.Encode("confidence");

    /// <summary>
    /// Reads a policy that begins as its preset, or as <paramref name="start"/> where it names none. What is unknown is an error that lists what is known; with
    /// <paramref name="fromStore"/>, where a later version may have written it, it is left out instead.
    /// </summary>
    internal static RedactionPolicy Read(ReadOnlyMemory<byte> json, RedactionPolicy start, bool fromStore, bool quotes = true)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json, Lenient);
            return new Reader(fromStore, quotes).Policy(document.RootElement, start);
        }
        catch (JsonException e)
        {
            throw Wrong($"The policy is no JSON (line {e.LineNumber + 1}). It looks like {{ \"preset\": \"pci\", \"types\": {{ \"email\": \"none\" }} }}.", e);
        }
        catch (InvalidOperationException e)
        {
            // Texts are looked at only when they are read: one that is no Unicode shows there.
            throw Wrong("The policy is not written in UTF-8.", e);
        }
    }

    // What is wrong stands in the settings that somebody wrote, never in mail.
    private static RedactionPolicyException Wrong(string fix, Exception? inner = null) => new(new RedactionProblem("", fix), inner);

    /// <summary>Writes a policy: all of it, or only what differs from its preset.</summary>
    internal static byte[] Write(RedactionPolicy policy, bool whole)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = whole, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(json, policy, RedactionPolicy.Named(policy.Preset), whole);
        return bytes.ToArray();
    }

    private static void Write(Utf8JsonWriter json, RedactionPolicy policy, RedactionPolicy start, bool whole)
    {
        json.WriteStartObject();
        json.WriteString("preset", Words.Of(policy.Preset));
        if (whole || policy.Confidence != start.Confidence) json.WriteNumber("confidence", policy.Confidence);
        FindingType[] types = [.. Enum.GetValues<FindingType>().Where(type => whole || policy.Of(type) != start.Of(type))];
        if (types.Length > 0) json.WriteStartObject("types");
        foreach (FindingType type in types)
            Write(json, Words.Of(type), policy.Of(type), start.Of(type));
        if (types.Length > 0) json.WriteEndObject();
        WriteAll("countries", policy.Countries, start.Countries);
        WriteAll("rulesOff", policy.RulesOff, start.RulesOff);
        WriteAll("allow", policy.Allow, start.Allow);
        if (whole || policy.Pdf != start.Pdf) json.WriteString("pdf", Words.Of(policy.Pdf));
        if (whole || policy.Archives != start.Archives) json.WriteString("archives", Words.Of(policy.Archives));
        if (whole || policy.Images != start.Images) json.WriteString("images", Words.Of(policy.Images));
        if (whole || policy.Unreadable != start.Unreadable) json.WriteString("unreadable", Words.Of(policy.Unreadable));
        if (whole || policy.Original != start.Original) json.WriteString("original", Words.Of(policy.Original));
        WriteAll("outgoing", policy.Outgoing.Select(Words.Of), start.Outgoing.Select(Words.Of));
        if (whole || policy.DryRun != start.DryRun) json.WriteBoolean("dryRun", policy.DryRun);
        json.WriteEndObject();

        void WriteAll(string name, IEnumerable<string> words, IEnumerable<string> usual)
        {
            if (!whole && words.SequenceEqual(usual)) return;
            json.WriteStartArray(name);
            foreach (string word in words) json.WriteStringValue(word);
            json.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter json, string name, TypePolicy said, TypePolicy start)
    {
        if (said.Confidence == start.Confidence)
        {
            json.WriteString(name, Words.Of(said.Mask));
            return;
        }

        json.WriteStartObject(name);
        json.WriteString(Mask, Words.Of(said.Mask));
        if (said.Confidence is { } confidence) json.WriteNumber(Confidence, confidence);
        else json.WriteNull(Confidence);
        json.WriteEndObject();
    }

    /// <summary>Names of choices as they are written: with a small first letter.</summary>
    internal static class Words
    {
        internal static string Of<T>(T word) where T : struct, Enum => Small(word.ToString());

        internal static string All<T>() where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(Small));

        internal static bool TryRead<T>(string text, out T word) where T : struct, Enum
        {
            // Names alone: Enum.TryParse takes numbers too.
            foreach (T known in Enum.GetValues<T>())
                if (string.Equals(known.ToString(), text, StringComparison.OrdinalIgnoreCase))
                {
                    word = known;
                    return true;
                }
            word = default;
            return false;
        }

        private static string Small(string name) => char.ToLowerInvariant(name[0]) + name[1..];
    }

    private sealed class Reader(bool fromStore, bool quotes)
    {
        internal RedactionPolicy Policy(JsonElement root, RedactionPolicy start)
        {
            if (root.ValueKind != JsonValueKind.Object) throw Wrong($"A redaction policy is an object of settings: {Known}.");
            RedactionPolicy policy = start;
            Twice(root, policy);
            foreach (JsonProperty setting in root.EnumerateObject())
                if (Is(setting, "preset")) policy = RedactionPolicy.Named(Word("preset", "preset", setting.Value, start.Preset));
            foreach (JsonProperty setting in root.EnumerateObject())
                if (setting.Value.ValueKind != JsonValueKind.Null) policy = With(policy, setting.Name, setting.Value);
            return policy;
        }

        private RedactionPolicy With(RedactionPolicy policy, string name, JsonElement value) => name.ToUpperInvariant() switch
        {
            "PRESET" => policy,
            "CONFIDENCE" => policy with { Confidence = Number("confidence", value) ?? policy.Confidence },
            "TYPES" => policy with { Types = Types(policy, value) },
            "COUNTRIES" => policy with { Countries = Texts("countries", value) },
            "RULESOFF" => policy with { RulesOff = Texts("rulesOff", value) },
            "ALLOW" => policy with { Allow = Texts("allow", value) },
            "PDF" => policy with { Pdf = Word("pdf", "choice for PDF", value, policy.Pdf) },
            "ARCHIVES" => policy with { Archives = Word("archives", "choice for archives", value, policy.Archives) },
            "IMAGES" => policy with { Images = Word("images", "choice for images", value, policy.Images) },
            "UNREADABLE" => policy with { Unreadable = Word("unreadable", "choice for unreadable files", value, policy.Unreadable) },
            "ORIGINAL" => policy with { Original = Word("original", "choice for the original", value, policy.Original) },
            "OUTGOING" => policy with { Outgoing = Sorts(value) },
            "DRYRUN" => policy with { DryRun = YesNo("dryRun", value, policy.DryRun) },
            _ => Unknown($"{Echo(name)} is no setting of a redaction policy. Known are: {Known}.", policy),
        };

        private Dictionary<FindingType, TypePolicy> Types(RedactionPolicy policy, JsonElement value)
        {
            Dictionary<FindingType, TypePolicy> types = policy.Types.ToDictionary();
            if (value.ValueKind != JsonValueKind.Object) return Unknown("types is an object such as { \"card\": \"lastFour\", \"email\": \"none\" }.", types);
            Twice(value, types);
            foreach (JsonProperty one in value.EnumerateObject())
            {
                if (Words.TryRead(one.Name, out FindingType type)) types[type] = Type(Words.Of(type), one.Value, policy.Of(type));
                else Unknown($"{Echo(one.Name)} is no sort of finding. Known are: {Words.All<FindingType>()}.", types);
            }

            return types;
        }

        private TypePolicy Type(string name, JsonElement value, TypePolicy start)
        {
            if (value.ValueKind != JsonValueKind.Object) return start with { Mask = Word($"types.{name}", "way to mask", value, start.Mask) };
            Twice(value, start);
            foreach (JsonProperty one in value.EnumerateObject())
            {
                if (Is(one, "mask")) start = start with { Mask = Word($"types.{name}.mask", "way to mask", one.Value, start.Mask) };
                else if (Is(one, "confidence")) start = start with { Confidence = one.Value.ValueKind == JsonValueKind.Null ? null : Number($"types.{name}.confidence", one.Value) };
                else Unknown($"types.{name}: {Echo(one.Name)} is none of its settings. Known are: mask, confidence.", start);
            }

            return start;
        }

        private List<FindingType> Sorts(JsonElement value)
        {
            List<FindingType> sorts = [];
            foreach (string text in Texts("outgoing", value))
            {
                if (Words.TryRead(text, out FindingType type)) sorts.Add(type);
                else Unknown($"outgoing: {Echo(text)} is no sort of finding. Known are: {Words.All<FindingType>()}.", sorts);
            }

            return sorts;
        }

        private T Word<T>(string name, string what, JsonElement value, T usual) where T : struct, Enum => value.ValueKind switch
        {
            JsonValueKind.Null => usual,
            JsonValueKind.String when Words.TryRead(value.GetString()!, out T word) => word,
            _ => Unknown($"{name}: {(value.ValueKind == JsonValueKind.String ? Echo(value.GetString()!) : "this")} is no {what}. Known are: {Words.All<T>()}.", usual),
        };

        private double? Number(string name, JsonElement value) =>
            value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : Unknown($"{name} is a number from 0 to 1.", (double?)null);

        private bool YesNo(string name, JsonElement value, bool usual) =>
            value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : Unknown($"{name} is true or false.", usual);

        private List<string> Texts(string name, JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)) return [.. value.EnumerateArray().Select(item => item.GetString()!)];
            return Unknown($"{name} is a list of texts in brackets, such as [\"…\"].", new List<string>());
        }

        // Which of two would hold is nobody's guess.
        private void Twice<T>(JsonElement value, T usual)
        {
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (JsonProperty one in value.EnumerateObject())
                if (!names.Add(one.Name)) Unknown($"{Echo(one.Name)} is said twice: leave one.", usual);
        }

        private T Unknown<T>(string fix, T usual) => fromStore ? usual : throw Wrong(fix);

        private static bool Is(JsonProperty setting, string name) => string.Equals(setting.Name, name, StringComparison.OrdinalIgnoreCase);

        private string Echo(string text)
        {
            if (!quotes) return "a name in it";
            var shown = new StringBuilder(LongestEcho);
            foreach (char c in text)
                if (shown.Length < LongestEcho) shown.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
            return $"\"{shown}{(text.Length > LongestEcho ? "…" : "")}\"";
        }
    }
}
