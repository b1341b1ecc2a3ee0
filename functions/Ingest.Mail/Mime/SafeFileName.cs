using System.Globalization;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Names that are safe to store and to offer for download, on any system; made safe twice they stay the same.</summary>
internal static class SafeFileName
{
    // Most file systems take 255 bytes; the rest is for what a store puts before or after.
    private const int MaxBytes = 200;
    private const int MaxExtension = 20;

    /// <summary>The name without path, control and bidi characters, device names or other traps, in NFC; never empty. All of its extensions stay, so that what is hidden in a name stays visible.</summary>
    public static string Of(string name, string contentType)
    {
        var slash = name.LastIndexOfAny(['/', '\\']);
        var safe = Ends(Clean(name.AsSpan(slash + 1)));
        if (safe.Length == 0)
            return "attachment" + MediaType.Extension(contentType);
        if (!Ascii.IsValid(safe))
            // Composed characters may be ones that are not allowed, and a name must stay as it is when it is made safe again.
            safe = Ends(Clean(safe.Normalize(NormalizationForm.FormC)));
        // A program would take it for an option.
        if (safe.StartsWith('-') || IsDevice(safe))
            safe = "_" + safe;
        return Shorten(safe);
    }

    private static string Clean(ReadOnlySpan<char> name)
    {
        var clean = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            // A lone surrogate arrives here as U+FFFD.
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse:
                    break;
                case UnicodeCategory.SpaceSeparator:
                    // Many blanks push the true extension out of sight.
                    if (clean.Length > 0 && clean[^1] != ' ')
                        clean.Append(' ');
                    break;
                default:
                    if (rune.Value is '<' or '>' or ':' or '"' or '|' or '?' or '*' or '/' or '\\')
                        clean.Append('_');
                    else
                        clean.Append(rune.ToString());
                    break;
            }
        }
        return clean.ToString();
    }

    // Windows drops dots and blanks at the end, so that two names become one; a dot at the start hides a file elsewhere.
    private static string Ends(string name) => name.Trim(' ', '.');

    private static string Shorten(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MaxBytes)
            return name;
        var dot = name.LastIndexOf('.');
        var extension = dot > 0 && Encoding.UTF8.GetByteCount(name.AsSpan(dot)) <= MaxExtension ? name[dot..] : "";
        var left = MaxBytes - Encoding.UTF8.GetByteCount(extension);
        var end = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
                break;
            end += rune.Utf16SequenceLength;
        }
        return name[..end].TrimEnd(' ', '.') + extension;
    }

    // Opening such a file on Windows talks to a device instead.
    private static bool IsDevice(string name)
    {
        var stem = name.AsSpan();
        var dot = stem.IndexOf('.');
        stem = (dot < 0 ? stem : stem[..dot]).TrimEnd();
        foreach (var device in (ReadOnlySpan<string>)["con", "prn", "aux", "nul", "clock$", "conin$", "conout$"])
        {
            if (stem.Equals(device, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return stem.Length == 4 && (char.IsAsciiDigit(stem[3]) || stem[3] is '\u00B9' or '\u00B2' or '\u00B3')
            && (stem.StartsWith("com", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("lpt", StringComparison.OrdinalIgnoreCase));
    }
}
