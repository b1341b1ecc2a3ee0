namespace Ingest.Mail.Text;

/// <summary>The attributes of a start tag that say what its text is, found in one pass; values as written.</summary>
internal readonly ref struct HtmlTag
{
    public ReadOnlySpan<char> Id { get; private init; }

    public ReadOnlySpan<char> Classes { get; private init; }

    public ReadOnlySpan<char> Style { get; private init; }

    public bool Hidden { get; private init; }

    public static HtmlTag Read(ReadOnlySpan<char> attributes)
    {
        ReadOnlySpan<char> id = default, classes = default, style = default;
        var hidden = false;
        var position = 0;
        while (HtmlAttributes.Next(attributes, ref position, out var name, out var value))
        {
            switch (name.Length)
            {
                case 2 when id.IsEmpty && name.Equals("id", StringComparison.OrdinalIgnoreCase): id = value; break;
                case 5 when classes.IsEmpty && name.Equals("class", StringComparison.OrdinalIgnoreCase): classes = value; break;
                case 5 when style.IsEmpty && name.Equals("style", StringComparison.OrdinalIgnoreCase): style = value; break;
                case 6 when name.Equals("hidden", StringComparison.OrdinalIgnoreCase): hidden = true; break;
            }
        }
        return new HtmlTag { Id = id, Classes = classes, Style = style, Hidden = hidden };
    }
}
