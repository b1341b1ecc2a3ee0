using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ingest.Core.Mailboxes;

/// <summary>What stands for the bytes of a mail in a file.</summary>
internal static class ContentHash
{
    /// <summary>128 bits of SHA-256 of a part of a file, read in small pieces; of the file's place when it cannot be opened, so that it is still listed.</summary>
    public static async Task<UInt128> OfAsync(string path, long start, long length, CancellationToken cancel)
    {
        FileStream file;
        try
        {
            file = FolderSource.Open(path);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return Read(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"unreadable\n{Path.GetFullPath(path)}\n{start}\n{length}")));
        }

        await using (file)
        {
            file.Position = start;
            return await OfAsync(file, length, cancel);
        }
    }

    private static async Task<UInt128> OfAsync(FileStream file, long length, CancellationToken cancel)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int read;
            while (length > 0 && (read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(length, buffer.Length)), cancel)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                length -= read;
            }

            return Read(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static UInt128 Read(byte[] hash) => BinaryPrimitives.ReadUInt128BigEndian(hash);
}
