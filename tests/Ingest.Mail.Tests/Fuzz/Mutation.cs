namespace Ingest.Mail.Tests.Fuzz;

/// <summary>Makes bytes out of other bytes, the same ones for the same random numbers.</summary>
internal static class Mutation
{
    private const int Longest = 64 * 1024;

    // Bytes and words that mean something to one of the readers; random ones hardly ever meet them.
    private static readonly byte[] Telling = [.. "\r\n\t -=?<>(),;:@\"'\\.[]%*/_&#!+{}|~`$^AbQ09\0"u8.ToArray(), 0x7F, 0x80, 0xA0, 0xC3, 0xE2, 0xFF, 0xFE, 0xEF];

    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "\r\n", "\n", "\r", "\n\n", "\n ", "\n\t", "--", "--b", "--b--", "=?utf-8?q?", "=?utf-8?b?", "?=", "=?", "=\n", "=3D", "=?iso-2022-jp?b?", "=?x*en?Q?", "Content-Type: ", "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
            "Content-Type: message/rfc822\n", "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: quoted-printable\n", "Content-Transfer-Encoding: x-uuencode\n", "Content-Disposition: attachment; filename=", "charset=", "; name*0*=utf-8''%", "*1*=", "*2=", "boundary=\"", "From ", ">From ", "From: ", "To: ",
            "Date: ", "References: <", "begin 644 x\n", "end\n", "<html>", "<!--", "-->", "<blockquote>", "<script>", "</", "&amp;", "&#x", "<a href='", "<table><tr><td>", "<![CDATA[", "On Tue wrote:", "> ", ">> ", "-- \n", "-----Original Message-----", "Sent from my", "dkim=pass", "spf=fail (", "; dmarc=none",
            "\uFEFF", "\u202E", "\uD83D\uDE00", "\u0000", "Thu, 1 Jan 2026 00:00:00 +0000", "24:00", "+9999", "undisclosed-recipients:;", "<<<", ">>>", "@", ".", "mailto:",
        }.Select(System.Text.Encoding.UTF8.GetBytes),
    ];

    public static byte[] Of(byte[] seed, byte[] other, Random random)
    {
        var bytes = seed.Take(Longest).ToList();
        for (var i = random.Next(1, 10); i > 0; i--)
            Once(bytes, other, random);
        return bytes.Count <= Longest ? [.. bytes] : [.. bytes.Take(Longest)];
    }

    private static void Once(List<byte> bytes, byte[] other, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 80), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0 when length > 0: bytes[at] = Telling[random.Next(Telling.Length)]; break;
            case 1 when length > 0: bytes[at] = (byte)random.Next(256); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3 when length > 0: bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length)); break;
            case 4: bytes.InsertRange(at, Words[random.Next(Words.Length)]); break;
            case 5: bytes.InsertRange(at, Enumerable.Repeat(Words[random.Next(Words.Length)], random.Next(1, 60)).SelectMany(static w => w)); break;
            case 6: bytes.Insert(at, Telling[random.Next(Telling.Length)]); break;
            case 7: bytes.InsertRange(at, other.AsSpan(random.Next(other.Length + 1)).ToArray().Take(random.Next(1000))); break;
            // The same stretch in the alphabet of the grammars.
            default:
                for (var i = at; i < at + length; i++)
                    bytes[i] = Telling[bytes[i] % Telling.Length];
                break;
        }
    }
}
