using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>A property of a calendar: its name in upper case, its parameters, its value as written.</summary>
internal sealed record CalendarProperty(string Name, IReadOnlyList<(string Name, List<string> Values)> Parameters, string Value)
{
    /// <summary>The first value of a parameter, empty when there is none.</summary>
    public string Parameter(string name)
    {
        foreach (var (other, values) in Parameters)
        {
            if (other == name)
                return values[0];
        }
        return "";
    }

    /// <summary>The value as text (RFC 5545 section 3.3.11).</summary>
    public string Text => Unescaped(Value);

    /// <summary>The values of a list, each unescaped.</summary>
    public List<string> Texts()
    {
        var texts = new List<string>();
        var start = 0;
        for (var i = 0; i < Value.Length; i++)
        {
            if (Value[i] == '\\')
                i++;
            else if (Value[i] == ',')
            {
                texts.Add(Unescaped(Value[start..i]));
                start = i + 1;
            }
        }
        texts.Add(Unescaped(Value[start..]));
        return texts;
    }

    private static string Unescaped(string value)
    {
        if (!value.Contains('\\'))
            return value;
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\' || i + 1 == value.Length)
                text.Append(value[i]);
            else
                text.Append(value[++i] is 'n' or 'N' ? '\n' : value[i]);
        }
        return text.ToString();
    }
}

/// <summary>A component of a calendar with what is in it.</summary>
internal sealed record CalendarComponent(string Name)
{
    public List<CalendarProperty> Properties { get; } = [];

    public List<CalendarComponent> Components { get; } = [];

    public CalendarProperty? Find(string name) => Properties.Find(p => p.Name == name);

    public string Text(string name) => Find(name)?.Text ?? "";
}

/// <summary>
/// Reads the lines of a calendar (RFC 5545 sections 3.1, 3.2; RFC 6868) into components, with what programs do to them: missing or wrong ends, blank lines, lines that are none. One
/// pass, without recursion.
/// </summary>
internal static class CalendarReader
{
    private const int MaxDepth = 16;

    /// <summary>The outermost components; text and lines beyond the limits are left out.</summary>
    public static List<CalendarComponent> Read(string text, ParseLimits limits)
    {
        var roots = new List<CalendarComponent>();
        var open = new Stack<CalendarComponent>();
        var tooDeep = 0;
        var left = limits.MaxCalendarLines;
        foreach (var line in Lines(text.Length > limits.MaxCalendarLength ? text[..limits.MaxCalendarLength] : text))
        {
            if (left-- == 0)
                break;
            if (Property(line, limits.MaxParameters) is not { } property)
                continue;
            if (property.Name == "BEGIN")
            {
                if (open.Count >= MaxDepth)
                {
                    tooDeep++;
                    continue;
                }
                var component = new CalendarComponent(property.Value.Trim().ToUpperInvariant());
                (open.TryPeek(out var parent) ? parent.Components : roots).Add(component);
                open.Push(component);
            }
            else if (property.Name == "END")
            {
                if (tooDeep > 0)
                    tooDeep--;
                else
                    Close(open, property.Value.Trim());
            }
            else if (tooDeep == 0 && open.TryPeek(out var current))
                current.Properties.Add(property);
        }
        return roots;
    }

    // An end closes what it names and what was left open inside; one that names nothing open is passed over.
    private static void Close(Stack<CalendarComponent> open, string name)
    {
        if (!open.Any(component => component.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            return;
        while (open.TryPop(out var closed) && !closed.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        {
        }
    }

    // Unfolded lines; a fold is a line break and one blank.
    private static IEnumerable<string> Lines(string text)
    {
        var line = new StringBuilder();
        var position = 0;
        while (position < text.Length)
        {
            var end = text.AsSpan(position).IndexOfAny('\r', '\n');
            var next = end < 0 ? text.Length : position + end;
            if (next > position && text[position] is ' ' or '\t' && line.Length > 0)
                line.Append(text.AsSpan(position + 1, next - position - 1));
            else
            {
                if (line.Length > 0)
                    yield return line.ToString();
                line.Clear().Append(text.AsSpan(position, next - position));
            }
            position = next + 1 < text.Length && text[next] == '\r' && text[next + 1] == '\n' ? next + 2 : next + 1;
        }
        if (line.Length > 0)
            yield return line.ToString();
    }

    private static CalendarProperty? Property(string line, int left)
    {
        var end = line.AsSpan().IndexOfAny(';', ':');
        if (end <= 0)
            return null;
        var name = line[..end].Trim().ToUpperInvariant();
        var parameters = new List<(string, List<string>)>();
        var position = end;
        while (position < line.Length && line[position] == ';')
        {
            var equals = line.AsSpan(position).IndexOfAny('=', ':');
            if (equals < 0 || line[position + equals] == ':')
            {
                // A parameter without a value.
                position = equals < 0 ? line.Length : position + equals;
                break;
            }
            var parameter = line[(position + 1)..(position + equals)].Trim().ToUpperInvariant();
            position += equals + 1;
            var values = Values(line, ref position);
            if (parameters.Count + values.Count <= left)
                parameters.Add((parameter, values));
            left -= values.Count - 1;
        }
        return position < line.Length && name.Length > 0 ? new CalendarProperty(name, parameters, line[(position + 1)..]) : null;
    }

    private static List<string> Values(string line, ref int position)
    {
        var values = new List<string>();
        while (true)
        {
            int end;
            if (position < line.Length && line[position] == '"' && line.IndexOf('"', position + 1) is > 0 and var close)
            {
                values.Add(Uncareted(line[(position + 1)..close]));
                // What follows the quote and is neither of the three ends the value all the same.
                end = line.AsSpan(close + 1).IndexOfAny(',', ';', ':') is >= 0 and var after ? close + 1 + after : line.Length;
            }
            else
            {
                end = line.AsSpan(position).IndexOfAny(',', ';', ':') is >= 0 and var found ? position + found : line.Length;
                values.Add(Uncareted(line[position..end]));
            }
            position = end;
            if (end >= line.Length || line[end] != ',')
                return values;
            position++;
        }
    }

    // RFC 6868: what a quoted value cannot hold.
    private static string Uncareted(string value)
    {
        if (!value.Contains('^'))
            return value;
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var known = value[i] == '^' && i + 1 < value.Length && value[i + 1] is '^' or 'n' or '\'';
            text.Append(!known ? value[i] : value[++i] switch { 'n' => '\n', '\'' => '"', var c => c });
        }
        return text.ToString();
    }
}
