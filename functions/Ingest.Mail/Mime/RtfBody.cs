using System.Globalization;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>
/// The text of an RTF body, or the html that Exchange wrapped in one (MS-OXRTFEX). One pass, nothing nested deeper than counted, the output no longer than the input; what is
/// not text (fonts, colours, pictures) is passed over.
/// </summary>
internal sealed class RtfBody
{
    private const int MaxDepth = 1000;

    private static readonly HashSet<string> Skipped = new(StringComparer.Ordinal)
    {
        "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "listtable", "listoverridetable", "rsidtbl", "generator", "themedata", "colorschememapping", "latentstyles", "datastore", "header", "footer", "headerf", "footerf", "xmlnstbl", "filetbl", "revtbl", "pntext", "fldinst",
    };

    private readonly byte[] rtf;
    private readonly StringBuilder output = new();
    private readonly List<byte> pending = [];
    private readonly Stack<State> outer = new();
    private State state;
    private Encoding codepage = Charsets.Windows1252;
    private int position, unwanted, tooDeep;
    private bool fromHtml;

    private record struct State(bool Skip, bool HtmlRtf, int Fallback);

    private RtfBody(byte[] rtf) => this.rtf = rtf;

    /// <summary>The body as text or as html, the other one null; both null when the bytes are no RTF.</summary>
    public static (string? Text, string? Html) Read(byte[] rtf)
    {
        if (!rtf.AsSpan().StartsWith("{\\rtf"u8))
            return (null, null);
        var body = new RtfBody(rtf) { state = new State(false, false, 1) };
        body.ReadAll();
        body.Flush();
        var result = body.output.ToString();
        return body.fromHtml ? (null, result) : (result.TrimEnd('\n', '\0') + (result.Length > 0 ? "\n" : ""), null);
    }

    private void ReadAll()
    {
        while (position < rtf.Length)
        {
            var c = rtf[position++];
            switch (c)
            {
                case (byte)'{':
                    if (outer.Count < MaxDepth)
                        outer.Push(state);
                    else
                        tooDeep++;
                    break;
                case (byte)'}':
                    if (tooDeep > 0)
                        tooDeep--;
                    else if (outer.TryPop(out var before))
                        state = before;
                    break;
                case (byte)'\\': Control(); break;
                case (byte)'\r' or (byte)'\n' or 0: break;
                default: Emit(c); break;
            }
        }
    }

    private void Control()
    {
        if (position >= rtf.Length)
            return;
        var c = (char)rtf[position];
        if (char.IsAsciiLetter(c))
        {
            Word();
            return;
        }
        position++;
        switch (c)
        {
            case '\'' when position + 1 < rtf.Length && TransferDecoding.Hex(rtf[position]) is >= 0 and var high && TransferDecoding.Hex(rtf[position + 1]) is >= 0 and var low:
                position += 2;
                Emit((byte)(high << 4 | low));
                break;
            case '*': state.Skip |= !IsHtmlTag(); break;
            case '~': Write('\u00A0'); break;
            case '_': Write('-'); break;
            case '\\' or '{' or '}': Emit((byte)c); break;
            case '\r' or '\n': Write('\n'); break;
        }
    }

    private bool IsHtmlTag() => fromHtml && rtf.AsSpan(position).StartsWith("\\htmltag"u8);

    private void Word()
    {
        var start = position;
        while (position < rtf.Length && char.IsAsciiLetter((char)rtf[position]) && position - start < 32)
            position++;
        var word = Encoding.ASCII.GetString(rtf, start, position - start);
        var number = start = position;
        if (position < rtf.Length && rtf[position] == '-')
            position++;
        while (position < rtf.Length && char.IsAsciiDigit((char)rtf[position]) && position - number < 10)
            position++;
        var has = int.TryParse(Encoding.ASCII.GetString(rtf, start, position - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value);
        if (position < rtf.Length && rtf[position] == ' ')
            position++;
        Apply(word, has, value);
    }

    private void Apply(string word, bool has, int value)
    {
        switch (word)
        {
            case "fromhtml" when !has || value == 1: fromHtml = true; break;
            case "htmlrtf": state.HtmlRtf = !has || value != 0; break;
            case "htmltag": break;
            case "ansicpg" when Charsets.Find($"cp{value}") is { } found: codepage = found; break;
            case "uc" when has: state.Fallback = Math.Clamp(value, 0, 10); break;
            case "u" when has:
                Write((char)(ushort)value);
                unwanted = state.Fallback;
                break;
            case "bin" when has: position = (int)Math.Min(rtf.Length, position + Math.Max(0L, value)); break;
            case "par" or "line" or "row" or "sect" or "page": Write('\n'); break;
            case "tab" or "cell": Write('\t'); break;
            case "lquote": Write('\u2018'); break;
            case "rquote": Write('\u2019'); break;
            case "ldblquote": Write('\u201C'); break;
            case "rdblquote": Write('\u201D'); break;
            case "bullet": Write('\u2022'); break;
            case "endash": Write('\u2013'); break;
            case "emdash": Write('\u2014'); break;
            default: state.Skip |= Skipped.Contains(word); break;
        }
    }

    private bool IsHidden => state.Skip || state.HtmlRtf;

    // Bytes of one character may come in several escapes, so they are decoded together.
    private void Emit(byte b)
    {
        if (unwanted > 0)
            unwanted--;
        else if (!IsHidden)
            pending.Add(b);
    }

    private void Write(char c)
    {
        unwanted = 0;
        if (IsHidden)
            return;
        Flush();
        output.Append(c);
    }

    private void Flush()
    {
        if (pending.Count == 0)
            return;
        output.Append(codepage.GetString([.. pending]));
        pending.Clear();
    }
}
