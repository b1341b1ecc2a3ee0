using System.Buffers.Text;
using System.Text;

namespace Ingest.Mail.Imap;

/// <summary>Folder names as IMAP4rev1 writes them (RFC 3501 5.1.3).</summary>
public static class ModifiedUtf7
{
    /// <summary>The name in printable ASCII.</summary>
    public static string Encode(string name)
    {
        if (!name.AsSpan().ContainsAnyExceptInRange(' ', '~') && !name.Contains('&')) return name;
        StringBuilder text = new(name.Length + 16);
        for (int i = 0; i < name.Length;)
        {
            int start = i;
            while (i < name.Length && name[i] is < ' ' or > '~') i++;
            if (i > start) text.Append('&').Append(ToBase64(name.AsSpan(start, i - start))).Append('-');
            else text.Append(name[i++] is '&' ? "&-" : name[i - 1].ToString());
            start = i;
        }

        return text.ToString();
    }

    /// <summary>The name as people read it; what is not this encoding stays as it is.</summary>
    public static string Decode(string name)
    {
        if (!name.Contains('&')) return name;
        StringBuilder text = new(name.Length);
        for (int i = 0; i < name.Length;)
        {
            int end = name[i] == '&' ? name.IndexOf('-', i) : -1;
            if (end < 0) text.Append(name[i++]);
            else
            {
                string? decoded = end == i + 1 ? "&" : FromBase64(name.AsSpan(i + 1, end - i - 1));
                text.Append(decoded ?? name[i..(end + 1)]);
                i = end + 1;
            }
        }

        return text.ToString();
    }

    private static string ToBase64(ReadOnlySpan<char> text) =>
        Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(text.ToArray())).TrimEnd('=').Replace('/', ',');

    private static string? FromBase64(ReadOnlySpan<char> text)
    {
        string base64 = text.ToString().Replace(',', '/');
        base64 += new string('=', (4 - (base64.Length % 4)) % 4);
        byte[] bytes = new byte[base64.Length];
        return Base64.IsValid(base64) && Convert.TryFromBase64String(base64, bytes, out int length) && length % 2 == 0
            ? Encoding.BigEndianUnicode.GetString(bytes.AsSpan(0, length))
            : null;
    }
}
