using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Writes a file name twice: as RFC 2231 has it, and as encoded words in Content-Type for readers that know only those.</summary>
internal static class FileNameWriter
{
    private const int LongestPlain = 60;
    private const int PieceRoom = 55;

    /// <summary>The name parameter of Content-Type.</summary>
    public static void Name(FieldWriter field, string name)
    {
        if (IsPlain(name))
        {
            field.Word($"name=\"{name}\"");
            return;
        }
        var words = EncodedWordWriter.Encode(name, EncodedWordWriter.Room("name=\"".Length + 3));
        for (var i = 0; i < words.Count; i++)
            field.Word((i == 0 ? "name=\"" : "") + words[i] + (i + 1 == words.Count ? "\"" : ""));
    }

    /// <summary>The filename parameter of Content-Disposition (RFC 2183, RFC 2231 sections 3 and 4).</summary>
    public static void FileName(FieldWriter field, string name)
    {
        if (IsPlain(name))
        {
            field.Word($"filename=\"{name}\"");
            return;
        }
        var pieces = Pieces(name);
        for (var i = 0; i < pieces.Count; i++)
        {
            var section = pieces.Count == 1 ? "" : $"*{i}";
            field.Word($"filename{section}*={(i == 0 ? "utf-8''" : "")}{pieces[i]}{(i + 1 == pieces.Count ? "" : ";")}");
        }
    }

    private static bool IsPlain(string name) =>
        name.Length <= LongestPlain && Ascii.IsValid(name) && name.AsSpan().IndexOfAny("\"\\") < 0 && EncodedWordWriter.IsPlain(name, LongestPlain);

    // Escapes and characters stay whole: some readers decode piece by piece.
    private static List<string> Pieces(string name)
    {
        var pieces = new List<string>();
        var piece = new StringBuilder();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in name.EnumerateRunes())
        {
            var literal = rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '-' or '.' or '_' or '~');
            if (piece.Length + (literal ? 1 : 3 * rune.Utf8SequenceLength) > PieceRoom)
            {
                pieces.Add(piece.ToString());
                piece.Clear();
            }
            if (literal)
            {
                piece.Append((char)rune.Value);
                continue;
            }
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
                piece.Append('%').Append(Convert.ToHexString([b]));
        }
        pieces.Add(piece.ToString());
        return pieces;
    }
}
