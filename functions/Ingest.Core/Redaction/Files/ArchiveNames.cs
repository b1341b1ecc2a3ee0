using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>Names of the files in archives that are listed and not looked into.</summary>
internal static class ArchiveNames
{
    private const int Block = 512, NameLength = 100, SizeAt = 124, SizeLength = 12;

    /// <summary>The names in a tar file (POSIX.1-1988 ustar), in order.</summary>
    internal static IReadOnlyList<string> OfTar(ReadOnlySpan<byte> tar, int most)
    {
        List<string> names = [];
        for (long at = 0; at + Block <= tar.Length && names.Count < most;)
        {
            ReadOnlySpan<byte> header = tar.Slice((int)at, Block);
            int length = header[..NameLength].IndexOf((byte)0) is >= 0 and var end ? end : NameLength;
            if (length == 0)
                break;
            names.Add(Encoding.UTF8.GetString(header[..length]));
            long size = 0;
            foreach (byte digit in header.Slice(SizeAt, SizeLength))
                size = digit is >= (byte)'0' and <= (byte)'7' ? size * 8 + digit - '0' : size;
            at += Block + (size + Block - 1) / Block * Block;
        }
        return names;
    }
}
