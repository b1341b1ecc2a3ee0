using System.Text;
using System.Text.Json;
using Ingest.Mail.Mime;
using Ingest.Mail.Text;

namespace Ingest.Mail.Tests.Mime.Suites;

/// <summary>Compares a mail as we read it with that suite's JSON: structure, every header field, every content, body and attachments.</summary>
internal sealed class StalwartMail
{
    private readonly List<Difference> differences = [];

    public static List<Difference> Compare(MailMessage message, JsonElement expected)
    {
        var comparison = new StalwartMail();
        comparison.Tree("", message.Root, expected);
        comparison.Bodies(message, expected);
        return comparison.differences;
    }

    private void Tree(string path, MimePart root, JsonElement expected)
    {
        var parts = Flat(root).ToList();
        var theirs = expected.GetProperty("parts");
        for (var i = 0; i < Math.Max(parts.Count, theirs.GetArrayLength()); i++)
        {
            var here = $"{path}{i}";
            if (i >= parts.Count || i >= theirs.GetArrayLength())
            {
                Add(here + " part", i < theirs.GetArrayLength() ? "a part" : "none", i < parts.Count ? "a part" : "none");
                continue;
            }
            Headers(here, parts[i], theirs[i]);
            Content(here, parts[i], theirs[i].GetProperty("body"));
        }
    }

    // Parts in order of appearance; what is inside a forwarded mail is compared by itself.
    private static IEnumerable<MimePart> Flat(MimePart part) => part.IsMultipart ? part.Children.SelectMany(Flat).Prepend(part) : [part];

    private void Headers(string here, MimePart part, JsonElement expected)
    {
        var fields = part.Headers.ToList();
        var theirs = expected.GetProperty("headers").EnumerateArray().ToList();
        Add(here + " fields", string.Join(' ', theirs.Select(Name)), string.Join(' ', fields.Select(static f => Name(f.Name))));
        foreach (var (field, theirField) in fields.Zip(theirs))
        {
            if (Name(field.Name) == Name(theirField) && StalwartFields.Compare(theirField.GetProperty("value"), field) is { } values)
                Add($"{here} {Name(field.Name)}", values.Expected, values.Actual);
        }
    }

    private void Content(string here, MimePart part, JsonElement body)
    {
        var form = body.EnumerateObject().First();
        switch (form.Name)
        {
            case "Multipart":
                Add(here + " kind", $"multipart of {form.Value.GetArrayLength()}", part.IsMultipart ? $"multipart of {part.Children.Count}" : part.ContentType);
                break;
            case "Message":
                Add(here + " kind", "message", part.IsMessage ? "message" : part.ContentType);
                if (part.IsMessage)
                    Tree(here + "/", part.Children[0], form.Value);
                break;
            case "Text" or "Html":
                Add(here + " text", form.Value.GetString()!, part.IsLeaf ? part.DecodeText() : "(parts)");
                break;
            default:
                var bytes = form.Value.EnumerateArray().Select(static b => b.GetByte()).ToArray();
                Add(here + " bytes", Convert.ToHexString(bytes), part.IsLeaf ? Convert.ToHexString(part.DecodeContent()) : "(parts)");
                break;
        }
    }

    // Their lists are those of RFC 8621 section 4.1.4: what is shown in order, text and html, and what else there is.
    private void Bodies(MailMessage message, JsonElement expected)
    {
        var parts = expected.GetProperty("parts");
        var text = Ids(expected, "text_body");
        var html = Ids(expected, "html_body");
        Add("text", Shown(parts, text, static (form, value) => form == "Html" ? HtmlText.Convert(value) : value.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal)), message.Text ?? "");
        var rich = html.Any(id => Form(parts[id]).Name == "Html");
        Add("html", rich ? string.Concat(html.Select(id => Form(parts[id])).Where(static f => f.Name is "Text" or "Html").Select(static f => f.Name == "Html" ? f.Value.GetString() : $"<pre>{System.Net.WebUtility.HtmlEncode(f.Value.GetString()!.Replace("\r\n", "\n", StringComparison.Ordinal))}</pre>")) : "", message.Html ?? "");
        var ours = Flat(message.Root).ToList();
        var shown = text.Concat(html).Where(id => Form(parts[id]).Name is not ("Text" or "Html"));
        Add("attachments", string.Join(' ', Ids(expected, "attachments").Concat(shown).Distinct().Order()), string.Join(' ', message.Attachments.Select(a => ours.IndexOf(a.Part)).Order()));
    }

    private static string Shown(JsonElement parts, List<int> ids, Func<string, string, string> read)
    {
        var result = new StringBuilder();
        foreach (var form in ids.Select(id => Form(parts[id])).Where(static f => f.Name is "Text" or "Html"))
        {
            var text = read(form.Name, form.Value.GetString()!);
            if (text.Length > 0 && result.Length > 0 && result[^1] != '\n')
                result.Append('\n');
            result.Append(text);
        }
        return result.ToString();
    }

    private static JsonProperty Form(JsonElement part) => part.GetProperty("body").EnumerateObject().First();

    private static List<int> Ids(JsonElement expected, string name) => [.. expected.GetProperty(name).EnumerateArray().Select(static i => i.GetInt32())];

    private static string Name(JsonElement field) => field.GetProperty("name") is { ValueKind: JsonValueKind.Object } other ? Name(other.GetProperty("other").GetString()!) : field.GetProperty("name").GetString()!;

    private static string Name(string name) => name.ToLowerInvariant().Replace('-', '_');

    private void Add(string what, string expected, string actual)
    {
        if (!string.Equals(expected, actual, StringComparison.Ordinal))
            differences.Add(new Difference(what, expected, actual));
    }
}
