using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Pipeline;
using Ingest.Mail.Mime;

namespace Ingest.Core.Mailboxes;

/// <summary>A file that holds mail.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">Its stable name below the given root: the same while a Maildir moves and flags it. Never stored, only hashed.</param>
/// <param name="Length">Bytes when it was found.</param>
/// <param name="Written">When it was last written.</param>
/// <param name="IsMbox">True when it may hold many mails.</param>
internal sealed record MailFile(string Path, string Name, long Length, DateTimeOffset Written, bool IsMbox);

/// <summary>The files that hold mail: *.eml, mboxes, files without extension, and all of a Maildir's new and cur, in order. Links are not followed.</summary>
internal sealed class FileSet
{
    private static readonly EnumerationOptions Entries = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true, RecurseSubdirectories = false };

    private readonly List<MailFile> files;
    private readonly List<string> digests;

    private FileSet(List<MailFile> files, IEnumerable<string> roots)
    {
        this.files = files;
        digests = [Opaque(string.Join('\n', roots.Select(Path.GetFullPath)))];
        foreach (MailFile file in files)
            digests.Add(Opaque($"{digests[^1]}\n{file.Name}\n{file.Length}\n{file.Written.UtcTicks}"));
    }

    public int Count => files.Count;

    public MailFile this[int at] => files[at];

    /// <summary>Stands for the first so many files: another when one of them came, went, or changed, and another below other roots.</summary>
    public string Digest(int count) => digests[count];

    /// <summary>Stands for the files before that one and for its name, whatever was added at its end.</summary>
    public string DigestWithin(int at) => Opaque($"{digests[at]}\nwithin {files[at].Name}");

    /// <summary>Looks through the given files and folders; <see cref="NotNowException"/> when one is not there.</summary>
    public static FileSet Find(IReadOnlyList<string> roots)
    {
        try
        {
            return new FileSet(FindAll(roots), roots);
        }
        catch (Exception away) when (away is IOException or UnauthorizedAccessException)
        {
            throw new NotNowException("folder-unreadable");
        }
    }

    private static List<MailFile> FindAll(IReadOnlyList<string> roots)
    {
        List<MailFile> found = [];
        for (int at = 0; at < roots.Count; at++)
        {
            string prefix = roots.Count == 1 ? "" : $"{at}/";
            List<MailFile> below = [];
            if (Directory.Exists(roots[at]))
                Walk(new DirectoryInfo(roots[at]), prefix, below);
            else
                below.Add(Read(new FileInfo(roots[at]), prefix + Path.GetFileName(roots[at])));
            below.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            found.AddRange(below);
        }

        return found;
    }

    /// <summary>128 bits of SHA-256 as hex: the same for the same text, and not the text.</summary>
    public static string Opaque(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    private static void Walk(DirectoryInfo folder, string name, List<MailFile> found)
    {
        DirectoryInfo[] folders = folder.GetDirectories("*", Entries);
        bool maildir = folders.Any(f => f.Name == "cur") && folders.Any(f => f.Name == "new");
        foreach (DirectoryInfo below in folders)
        {
            if (!maildir || below.Name is not ("cur" or "new" or "tmp"))
                Walk(below, name + below.Name + "/", found);
            else if (below.Name != "tmp")
                found.AddRange(below.GetFiles("*", Entries).Select(file => Whole(file, name + BeforeFlags(file.Name))));
        }

        found.AddRange(folder.GetFiles("*", Entries).Where(HoldsMail).Select(file => Read(file, name + file.Name)));
    }

    /// <summary>A Maildir name's part after ":2," changes when somebody reads the mail.</summary>
    private static string BeforeFlags(string name) => name.IndexOf(":2,", StringComparison.Ordinal) is var at and > 0 ? name[..at] : name;

    private static bool HoldsMail(FileInfo file) => file.Extension.ToUpperInvariant() is "" or ".EML" or ".MBOX" or ".MBX";

    private static MailFile Whole(FileInfo file, string name) => new(file.FullName, name, file.Length, file.LastWriteTimeUtc, IsMbox: false);

    private static MailFile Read(FileInfo file, string name) => Whole(file, name) with
    {
        IsMbox = file.Extension.ToUpperInvariant() switch { ".MBOX" or ".MBX" => true, ".EML" => false, _ => StartsWithFrom(file) },
    };

    private static bool StartsWithFrom(FileInfo file)
    {
        try
        {
            using FileStream stream = file.OpenRead();
            Span<byte> head = stackalloc byte[256];
            return MboxReader.IsFromLine(head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
