namespace Ingest.Mail.Text;

/// <summary>Finds the armour around text that is signed in the clear (RFC 9580 section 7).</summary>
internal static class ClearSigned
{
    private const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----", Signature = "-----BEGIN PGP SIGNATURE-----", End = "-----END PGP SIGNATURE-----";
    private const int MaxHeaders = 5;

    /// <summary>The text with the escapes taken from the lines between the armour; other text as it is.</summary>
    public static string Unescape(string text)
    {
        if (!Has(text, Begin) || !Has(text, "\n- "))
            return text;
        var signed = false;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].AsSpan().TrimEnd();
            signed = line.SequenceEqual(Begin) || (signed && !line.SequenceEqual(Signature));
            if (signed && line.StartsWith("- "))
                lines[i] = lines[i][2..];
        }
        return string.Join('\n', lines);
    }

    /// <summary>Marks the armour as elided: its first line with what stands until the empty one, and the signature block.</summary>
    public static void Mark(ReplyLines reply)
    {
        for (var i = 0; i < reply.Count; i++)
        {
            var line = reply.Lines[i].TrimEnd();
            if (reply.IsFenced(i) || !line.StartsWith("-----BEGIN PGP SIG"))
                continue;
            if (line.SequenceEqual(Begin))
                reply.Set(i, HeadersEnd(reply, i + 1), LineMark.Elided);
            else if (line.SequenceEqual(Signature))
            {
                var end = SignatureEnd(reply, i + 1);
                reply.Set(i, end, LineMark.Elided);
                i = end - 1;
            }
        }
    }

    private static int HeadersEnd(ReplyLines reply, int from)
    {
        for (var i = from; i < reply.Count && i <= from + MaxHeaders; i++)
        {
            if (reply.Lines.IsBlank(i))
                return i;
            if (!reply.Lines[i].Contains(':'))
                break;
        }
        return from;
    }

    // A block that was cut short ends with its last line of base64.
    private static int SignatureEnd(ReplyLines reply, int from)
    {
        var end = from;
        for (var i = from; i < reply.Count; i++)
        {
            var line = reply.Lines[i].TrimEnd();
            if (line.SequenceEqual(End))
                return i + 1;
            if (line.Contains(' ') && !line.Contains(':'))
                break;
            end = i + 1;
        }
        return end;
    }

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
