using System.Text;
using Ingest.LocalHost.Script;

namespace Ingest.LocalHost.Http;

/// <summary>Keeps public requests away from the paths at which a handler hears envelopes.</summary>
internal static class FunctionPath
{
    private const string Plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/";

    public static bool IsFunctionName(string segment, ScriptRoot script) =>
        script.Functions.Any(function => function.Name.Equals(segment, StringComparison.OrdinalIgnoreCase));

    /// <summary>True when a handler could take the (decoded) path for an envelope, whatever it makes of slashes, semicolons and escapes.</summary>
    public static bool IsReserved(string path, ScriptRoot script)
    {
        string last = path;
        // Unescaped again and again: no reading of the path may begin with a function name.
        for (string next = Uri.UnescapeDataString(path); ; last = next, next = Uri.UnescapeDataString(next))
        {
            string[] segments = last.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries);
            if (segments.Length > 0 && IsFunctionName(BeforeParameters(segments[0]), script))
                return true;
            if (Array.Exists(segments, segment => BeforeParameters(segment).Trim() is "." or ".."))
                return true;
            if (next == last)
                return false;
        }
    }

    /// <summary>The decoded path, escaped so that the handler decodes exactly it.</summary>
    public static string Encode(string path)
    {
        StringBuilder text = new(path.Length);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in path.EnumerateRunes())
        {
            if (rune.IsAscii && Plain.Contains((char)rune.Value, StringComparison.Ordinal))
            {
                text.Append((char)rune.Value);
                continue;
            }
            foreach (byte unit in utf8[..rune.EncodeToUtf8(utf8)])
                text.Append('%').Append(Convert.ToHexString([unit]));
        }
        return text.ToString();
    }

    private static string BeforeParameters(string segment) => segment.Split(';', 2)[0];
}
