using System.Globalization;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Names that are safe to store and to offer for download.</summary>
internal static class SafeFileName
{
    private const int MaxLength = 150;
    private const int MaxExtension = 20;

    /// <summary>The name without path, control and bidi characters, device names or other traps; never empty.</summary>
    public static string Of(string name, string contentType)
    {
        var slash = name.LastIndexOfAny(['/', '\\']);
        var clean = new StringBuilder(name.Length);
        foreach (var rune in name.AsSpan(slash + 1).EnumerateRunes())
        {
            // A lone surrogate arrives here as U+FFFD.
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                continue;
            if (rune.Value is '<' or '>' or ':' or '"' or '|' or '?' or '*')
                clean.Append('_');
            else
                clean.Append(rune.ToString());
        }
        var safe = clean.ToString().Trim(' ', '.', '\t');
        if (safe.Length == 0)
            return "attachment" + MediaType.Extension(contentType);
        if (IsDevice(safe))
            safe = "_" + safe;
        return Shorten(safe);
    }

    private static string Shorten(string name)
    {
        if (name.Length <= MaxLength)
            return name;
        var dot = name.LastIndexOf('.');
        var extension = dot > 0 && name.Length - dot <= MaxExtension ? name[dot..] : "";
        var stem = name[..(MaxLength - extension.Length)];
        if (char.IsHighSurrogate(stem[^1]))
            stem = stem[..^1];
        return stem + extension;
    }

    // Opening such a file on Windows talks to a device instead.
    private static bool IsDevice(string name)
    {
        var stem = name.AsSpan();
        var dot = stem.IndexOf('.');
        stem = (dot < 0 ? stem : stem[..dot]).TrimEnd();
        foreach (var device in (ReadOnlySpan<string>)["con", "prn", "aux", "nul"])
        {
            if (stem.Equals(device, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return stem.Length == 4 && char.IsAsciiDigit(stem[3]) && (stem.StartsWith("com", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("lpt", StringComparison.OrdinalIgnoreCase));
    }
}
