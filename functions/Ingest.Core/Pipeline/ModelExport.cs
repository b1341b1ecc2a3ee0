using System.Text.Json;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>A tenant's model and its lessons as JSON: ids, codes, times and numbers. No word of a mail can be read in it, though whoever has a word can ask what it weighs.</summary>
internal static class ModelExport
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true };

    public static byte[] Write(ModelState? state, TenantModel? model, IReadOnlyList<LessonLine> lessons)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, Readable))
        {
            json.WriteStartObject();
            json.WriteNumber("format", 1);
            json.WriteNumber("version", state?.Version ?? 0);
            if (state is { Version: > 0 }) json.WriteString("built", state.At);
            json.WriteNumber("bound", TenantModel.Bound);
            json.WriteStartArray("lessons");
            foreach (LessonLine lesson in lessons.OrderBy(l => l.At))
            {
                json.WriteStartObject();
                json.WriteString("id", lesson.Id);
                json.WriteString("at", lesson.At);
                json.WriteString("by", lesson.By);
                json.WriteString("verdict", lesson.Verdict.ToString());
                json.WriteString("source", lesson.Source.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("weights");
            foreach ((int place, float weight) in model?.Weights ?? []) json.WriteNumber(place.ToString(System.Globalization.CultureInfo.InvariantCulture), weight);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
