using System.Globalization;
using System.Text;

namespace Ingest.LocalHost.Envelopes;

/// <summary>Writes JSON strings with the host's escapes: only what must be escaped, other characters as they are.</summary>
internal static class JsonText
{
    public static string Quote(string text)
    {
        StringBuilder json = new(text.Length + 2);
        json.Append('"');
        foreach (char c in text)
            Append(json, c);
        return json.Append('"').ToString();
    }

    private static void Append(StringBuilder json, char c)
    {
        switch (c)
        {
            case '"': json.Append("\\\""); break;
            case '\\': json.Append(@"\\"); break;
            case '\b': json.Append("\\b"); break;
            case '\t': json.Append("\\t"); break;
            case '\n': json.Append("\\n"); break;
            case '\f': json.Append("\\f"); break;
            case '\r': json.Append("\\r"); break;
            case < ' ' or '\u0085' or '\u2028' or '\u2029':
                json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                break;
            default: json.Append(c); break;
        }
    }
}
