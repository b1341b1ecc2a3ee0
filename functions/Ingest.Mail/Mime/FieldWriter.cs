using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>
/// Writes header fields word by word, folded between words (RFC 5322 section 2.2.3). The first word always follows the name: some readers take
/// a line with nothing but a name for an empty field.
/// </summary>
internal sealed class FieldWriter(IBufferWriter<byte> output)
{
    /// <summary>The length a line should keep to, without CRLF (RFC 5322 section 2.1.1).</summary>
    public const int Line = 78;

    /// <summary>The length a line must not exceed, without CRLF.</summary>
    public const int Limit = 998;

    private int column;
    private bool first;

    public void Begin(string name)
    {
        Ascii(name);
        Ascii(":");
        column = name.Length + 1;
        first = true;
    }

    /// <summary>Writes a word that is never broken, after a space or a fold.</summary>
    public void Word(ReadOnlySpan<char> word)
    {
        var length = Encoding.UTF8.GetByteCount(word);
        if (!first && column + 1 + length > Line)
        {
            Ascii("\r\n");
            column = 0;
        }
        Ascii(" ");
        Ascii(word);
        column += 1 + length;
        first = false;
    }

    public void End() => Ascii("\r\n");

    /// <summary>A whole field of one word.</summary>
    public void Single(string name, string value)
    {
        Begin(name);
        Word(value);
        End();
    }

    /// <summary>A field whose value is text: as it is if that can be read back, else in encoded words.</summary>
    public void Text(string name, string text)
    {
        Begin(name);
        text = HeaderText.Clean(text);
        if (EncodedWordWriter.IsPlain(text, Line - name.Length - 2))
            Words(text);
        else
        {
            foreach (var word in EncodedWordWriter.Encode(text, EncodedWordWriter.Room(name.Length + 2)))
                Word(word);
        }
        End();
    }

    /// <summary>A field whose value may have a grammar of its own: never encoded while it is ASCII.</summary>
    public void Value(string name, string value)
    {
        value = HeaderText.Clean(value).Trim();
        if (!System.Text.Ascii.IsValid(value))
        {
            Text(name, value);
            return;
        }
        Begin(name);
        Words(value);
        End();
    }

    private void Words(string text)
    {
        foreach (var range in text.AsSpan().Split(' '))
        {
            if (text.AsSpan(range) is not { IsEmpty: false } word)
                continue;
            if (word.Length > Limit - Line)
                throw new UnwritableMailException(UnwritableReason.Field);
            Word(word);
        }
    }

    private void Ascii(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, output);
}
