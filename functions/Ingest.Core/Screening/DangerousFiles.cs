using System.Collections.Frozen;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>Files that do something when a person opens them.</summary>
public static class DangerousFiles
{
    private const int MostAttachments = 200;

    // What Windows runs, mounts or hands to an interpreter on a double click, and documents that carry macros by their name.
    private static readonly FrozenSet<string> Programs = FrozenSet.ToFrozenSet(
    [
        "exe", "scr", "pif", "com", "bat", "cmd", "vbs", "vbe", "js", "jse", "mjs", "wsf", "wsh", "wsc", "hta", "cpl", "lnk", "msi", "msp", "mst", "jar", "jnlp", "ps1", "psm1", "ps2", "reg", "inf", "scf", "url",
        "iso", "img", "vhd", "vhdx", "udf", "chm", "hlp", "xll", "one", "appx", "appxbundle", "msix", "appref-ms", "application", "gadget", "sct", "shb", "settingcontent-ms", "library-ms", "search-ms", "diagcab",
        "ade", "adp", "mde", "docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppam", "ppsm", "sldm", "apk", "dmg", "pkg", "app", "command", "desktop", "elf", "dll", "ocx", "sys", "theme", "rdp", "website",
    ], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Pages = FrozenSet.ToFrozenSet(["html", "htm", "shtml", "xhtml", "xht", "mht", "mhtml", "svg", "svgz"], StringComparer.OrdinalIgnoreCase);

    /// <summary>True when a file among the attachments would run when opened.</summary>
    public static bool AnyProgram(MailMessage message) => message.Attachments.Take(MostAttachments).Any(a => IsProgram(a.Name));

    /// <summary>True for the name of a file that would run when opened.</summary>
    public static bool IsProgram(string name) => Programs.Contains(ExtensionOf(name));

    /// <summary>True for the name of a file that a browser opens as a page, and may run what is in it.</summary>
    public static bool IsPage(string name) => Pages.Contains(ExtensionOf(name));

    // Windows drops dots and blanks at the end of a name.
    private static string ExtensionOf(string name)
    {
        ReadOnlySpan<char> text = name.AsSpan().TrimEnd(" .\t\0");
        int dot = text.LastIndexOf('.');
        return dot < 0 ? "" : text[(dot + 1)..].Trim().ToString();
    }
}
