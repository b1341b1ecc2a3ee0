using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>
/// Reads the text that a content stream shows (ISO 32000-2 section 9.4), twice over: with a blank wherever the pen was moved, and with one only where it was moved further than
/// the letters shown are wide, since some programs place each letter by itself.
/// </summary>
internal sealed class PdfPage(Func<string, PdfFont> fonts)
{
    private const double WidestLetter = 0.8, WordGap = 200;
    private readonly StringBuilder spaced = new(), tight = new();
    private PdfFont font = PdfFont.Plain;
    private double size = 1, lineX, lineY, scale = 1;
    private int shown, all, controls;
    private bool unreadable;

    /// <summary>The text with a blank at every move.</summary>
    internal string Spaced => spaced.ToString();

    /// <summary>The text with blanks only where there is room for one.</summary>
    internal string Tight => tight.ToString();

    /// <summary>True when text was shown in a font that nobody explains, or comes out as signs that nobody writes.</summary>
    internal bool HasUnreadable => unreadable || controls * 5 > all;

    /// <summary>True when a picture stands within the stream.</summary>
    internal bool HasPicture { get; private set; }

    internal void Read(byte[] content)
    {
        var lexer = new PdfLexer(content);
        List<object?> operands = [];
        while (lexer.Next(false) is { } token)
        {
            if (token is not PdfWord word)
            {
                if (operands.Count < 64)
                    operands.Add(token);
                continue;
            }
            if (word.Value == "ID")
                SkipPicture(lexer, content);
            else
                Do(word.Value, operands);
            operands.Clear();
        }
        Line();
    }

    private void Do(string operation, List<object?> operands)
    {
        switch (operation)
        {
            case "Tf" when operands is [PdfName name, double points, ..]:
                (font, size) = (fonts(name.Value), Math.Max(Math.Abs(points), 0.01));
                break;
            case "Tj" when operands is [byte[] text]:
                Show(text);
                break;
            case "'" when operands is [byte[] text]:
                Line();
                Show(text);
                break;
            case "\"" when operands is [_, _, byte[] text]:
                Line();
                Show(text);
                break;
            case "TJ" when operands is [List<object?> pieces]:
                ShowAll(pieces);
                break;
            case "Td" or "TD" when operands is [double x, double y]:
                Move(lineX + (x * scale), lineY + (y * scale));
                break;
            case "Tm" when operands is [double a, double b, _, _, double x, double y]:
                scale = Math.Max(Math.Sqrt((a * a) + (b * b)), 0.0001);
                Move(x, y);
                break;
            case "T*":
                Line();
                break;
            case "BT":
                (lineX, lineY, scale) = (0, 0, 1);
                Line();
                break;
            case "ET":
                Line();
                break;
            case "BDC" or "DP" when operands is [_, PdfDictionary properties]:
                Say(properties);
                break;
            default:
                break;
        }
    }

    private void ShowAll(List<object?> pieces)
    {
        foreach (object? piece in pieces)
        {
            if (piece is byte[] text)
                Show(text);
            else if (piece is double back && back < -WordGap)
                Blank();
        }
    }

    private void Show(byte[] text)
    {
        unreadable |= !font.IsReadable;
        string letters = font.Read(text);
        all += letters.Length;
        foreach (char c in letters)
            controls += c is < ' ' and not ('\t' or '\n' or '\r') ? 1 : 0;
        spaced.Append(letters);
        tight.Append(letters);
        shown += letters.Length;
    }

    private void Move(double x, double y)
    {
        if (Math.Abs(y - lineY) > 0.3 * size * scale)
            Line();
        else if (Math.Abs(x - lineX) > 0.001)
        {
            spaced.Append(' ');
            if (x < lineX || x - lineX > shown * size * scale * WidestLetter)
                tight.Append(' ');
        }
        (lineX, lineY, shown) = (x, y, 0);
    }

    // What screen readers say in place of what is shown.
    private void Say(PdfDictionary properties)
    {
        foreach (string key in (string[])["ActualText", "Alt", "E"])
            if (properties.GetValueOrDefault(key) is byte[] text)
            {
                spaced.Append('\n').Append(PdfDocument.Text(text)).Append('\n');
                tight.Append('\n').Append(PdfDocument.Text(text)).Append('\n');
            }
    }

    private void Blank()
    {
        spaced.Append(' ');
        tight.Append(' ');
    }

    private void Line()
    {
        spaced.Append('\n');
        tight.Append('\n');
        shown = 0;
    }

    private void SkipPicture(PdfLexer lexer, byte[] content)
    {
        HasPicture = true;
        for (int at = lexer.Position; ;)
        {
            int end = at >= content.Length ? -1 : content.AsSpan(at).IndexOf("EI"u8);
            if (end < 0)
            {
                lexer.Position = content.Length;
                return;
            }
            at += end + 2;
            if (PdfLexer.IsBlank(content[at - 3]) && (at == content.Length || PdfLexer.IsBlank(content[at])))
            {
                lexer.Position = at;
                return;
            }
        }
    }
}
