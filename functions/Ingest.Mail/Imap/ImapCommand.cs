using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ingest.Mail.Imap;

/// <summary>A command being written, in the words of the grammar; each argument brings its own space.</summary>
internal sealed class ImapCommand
{
    private const int LongestQuoted = 1_000;
    private static readonly SearchValues<byte> NeedsEscape = SearchValues.Create("\"\\"u8);
    private readonly List<ImapPart> _parts = [];
    private readonly ArrayBufferWriter<byte> _text = new(256);
    private bool _isSecret;

    public ImapCommand(string verb) => Raw(verb);

    /// <summary>The parts in order; each literal is preceded by its announcement, which the sender writes.</summary>
    public IReadOnlyList<ImapPart> Finish()
    {
        Close();
        return _parts;
    }

    /// <summary>From here on the text is masked in traces, and is sent over encrypted connections only.</summary>
    public ImapCommand Secret()
    {
        Close();
        _isSecret = true;
        return this;
    }

    /// <summary>A word or list as it stands: never from outside.</summary>
    public ImapCommand Word(string word) => Raw(" ").Raw(word);

    public ImapCommand Number(long number) => Word(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A string of any content: quoted where that can be, else a literal. Throws <see cref="ArgumentException"/> on NUL, which no string can hold.</summary>
    public ImapCommand String(string text) => String(Encoding.UTF8.GetBytes(text));

    /// <summary>A folder by its name.</summary>
    public ImapCommand Mailbox(string name) => String(Encoding.ASCII.GetBytes(ModifiedUtf7.Encode(name)));

    /// <summary>Bytes of any length and content.</summary>
    public ImapCommand Literal(ReadOnlyMemory<byte> bytes)
    {
        Raw(" ");
        Close();
        _parts.Add(new ImapPart(bytes, IsLiteral: true, _isSecret));
        return this;
    }

    /// <summary>Ends a list that a word began.</summary>
    public ImapCommand Close(string bracket) => Raw(bracket);

    private ImapCommand String(byte[] text)
    {
        if (text.AsSpan().Contains((byte)0)) throw new ArgumentException("A string of IMAP cannot hold a NUL.");
        if (text.Length > LongestQuoted || text.AsSpan().IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) >= 0) return Literal(text);
        Raw(" \"");
        if (text.AsSpan().IndexOfAny(NeedsEscape) < 0) _text.Write(text);
        else
        {
            foreach (byte b in text)
            {
                if (b is (byte)'"' or (byte)'\\') _text.Write("\\"u8);
                _text.Write([b]);
            }
        }

        return Raw("\"");
    }

    private ImapCommand Raw(string text)
    {
        Encoding.ASCII.GetBytes(text, _text);
        return this;
    }

    private void Close()
    {
        if (_text.WrittenCount == 0) return;
        _parts.Add(new ImapPart(_text.WrittenSpan.ToArray(), IsLiteral: false, _isSecret));
        _text.ResetWrittenCount();
    }
}

/// <summary>A stretch of a command.</summary>
internal readonly record struct ImapPart(ReadOnlyMemory<byte> Bytes, bool IsLiteral, bool IsSecret);
