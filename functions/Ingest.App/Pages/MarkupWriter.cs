using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Ingest.App.Pages;

/// <summary>
/// Writes an interpolated string as html. It follows the literals to know where each hole stands: in text and in quoted attributes the hole is encoded; in an
/// address it must also be a path of ours or a checked web address; anywhere else (a tag's name, an unquoted or event attribute, a script) it is refused, by
/// an exception that any test which renders the page meets.
/// </summary>
[InterpolatedStringHandler]
public ref struct MarkupWriter
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder _text;
    private Place _place = Place.Text;
    private string _attribute = "", _literal = "";

    /// <summary>Called by the compiler for each interpolated string.</summary>
    public MarkupWriter(int literalLength, int holes) => _text = new StringBuilder(literalLength + (24 * holes));

    /// <summary>The same for a string that may not be wanted; then its holes are not even evaluated.</summary>
    public MarkupWriter(int literalLength, int holes, bool condition, out bool wanted)
        : this(condition ? literalLength : 0, condition ? holes : 0) => wanted = condition;

    private enum Place
    {
        Text,
        Tag,
        Value,
    }

    /// <summary>A part of our own source.</summary>
    public void AppendLiteral(string literal)
    {
        _literal = literal;
        foreach (char c in literal) Follow(c);
        _text.Append(literal);
    }

    /// <summary>Text, encoded.</summary>
    public readonly void AppendFormatted(string? text)
    {
        bool address = CheckHole();
        if (address && !IsOurPath(text)) throw Refused("leads away from this app; hand over a checked Uri");
        _text.Append(Encoder.Encode(text ?? ""));
    }

    /// <summary>A number.</summary>
    public readonly void AppendFormatted(int number)
    {
        CheckHole();
        _text.Append(number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A web or mail address that was checked.</summary>
    public readonly void AppendFormatted(Uri address)
    {
        CheckHole();
        if (address.Scheme is not ("http" or "https" or "mailto")) throw Refused("is no web or mail address");
        _text.Append(Encoder.Encode(address.AbsoluteUri));
    }

    /// <summary>Html, as it is.</summary>
    public readonly void AppendFormatted(Markup html)
    {
        if (_place != Place.Text) throw Refused("is html within a tag");
        _text.Append(html);
    }

    /// <summary>Pieces of html, one after the other.</summary>
    public readonly void AppendFormatted(IEnumerable<Markup> html) => AppendFormatted(Markup.Join(html));

    /// <summary>An attribute, or none.</summary>
    public readonly void AppendFormatted(Attr attribute)
    {
        if (_place != Place.Tag) throw Refused("is an attribute outside a tag");
        if (attribute.Value is not { } value) return;
        _text.Append(' ').Append(attribute.Name);
        if (value.Length > 0) _text.Append("=\"").Append(Encoder.Encode(value)).Append('"');
    }

    internal readonly Markup Finish() =>
        _place == Place.Text ? new Markup(_text.ToString()) : throw new InvalidOperationException("This html ends within a tag, after: " + _literal);

    private void Follow(char c)
    {
        switch (_place, c)
        {
            case (Place.Text, '<'):
                (_place, _attribute) = (Place.Tag, "");
                break;
            case (Place.Tag, '>'):
                _place = Place.Text;
                break;
            case (Place.Tag, '"'):
                _place = Place.Value;
                break;
            case (Place.Value, '"'):
                (_place, _attribute) = (Place.Tag, "");
                break;
            case (Place.Tag, '\''):
                throw Refused("stands in single quotes; use double quotes");
            case (Place.Tag, ' ' or '\n'):
                _attribute = "";
                break;
            case (Place.Tag, not '='):
                _attribute += c;
                break;
        }
    }

    // True when what comes is an address.
    private readonly bool CheckHole()
    {
        if (_place == Place.Text) return false;
        if (_place == Place.Tag) throw Refused("stands in a tag outside quotes");
        if (_attribute is "style" or "srcdoc" || _attribute.StartsWith("on", StringComparison.OrdinalIgnoreCase)) throw Refused("stands in an attribute that is code");
        return _attribute is "href" or "src" or "action" or "formaction";
    }

    // A later hole of an address finds its beginning already written.
    private readonly bool IsOurPath(string? text)
    {
        if (_text[^1] != '"') return true;
        return text is ['#', ..] or ['/'] || (text is ['/', not ('/' or '\\'), ..] && !text.Contains('\\', StringComparison.Ordinal));
    }

    // Quotes our own source alone, never what was to be shown.
    private readonly InvalidOperationException Refused(string why) => new("A hole " + why + ", after: " + _literal);
}
