using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Store;

namespace Ingest.Core.Audit;

/// <summary>
/// Every signed end of a day once more, as a blob that is written once: whoever takes a signature out of the tables to have a day that was made anew signed is found out by it.
/// </summary>
internal sealed class AuditEnds(BlobStore blobs)
{
    /// <summary>The container with the ends.</summary>
    public const string Container = "audit";

    private const string Magic = "ingest-audit-end";

    private static string Name(TenantContext tenant, string day) => $"{tenant}/{day}";

    /// <summary>Keeps a signed end; false when there is one of that day.</summary>
    public Task<bool> AddAsync(TenantContext tenant, AuditHead end, CancellationToken cancel) => blobs.PutAsync(Container, Name(tenant, end.Day),
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Magic} 1 {end.Day} {end.Count} {Convert.ToHexStringLower(end.Hash)} {end.SignedBy} {Convert.ToHexStringLower(end.Signature)}\n")), onlyIfAbsent: true, cancel);

    /// <summary>The end that was kept of a day; null when there is none. One that cannot be read has no signature.</summary>
    public async Task<AuditHead?> FindAsync(TenantContext tenant, string day, CancellationToken cancel)
    {
        await using Stream? stream = await blobs.OpenReadAsync(Container, Name(tenant, day), cancel);
        if (stream is null) return null;
        byte[] bytes = new byte[LongestEnd];
        int length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        AuditHead nothing = new() { Day = day, PreviousDay = "", PreviousHash = [], Count = -1, Hash = [] };
        string[] words = Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\n').Split(' ');
        if (words is not [Magic, "1", _, _, _, _, _] || words[2] != day || !long.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out long count)) return nothing;
        try
        {
            return nothing with { Count = count, Hash = Convert.FromHexString(words[4]), SignedBy = words[5], Signature = Convert.FromHexString(words[6]) };
        }
        catch (FormatException)
        {
            return nothing;
        }
    }

    /// <summary>The days of which an end was kept, oldest first.</summary>
    public async IAsyncEnumerable<string> DaysAsync(TenantContext tenant, [EnumeratorCancellation] CancellationToken cancel)
    {
        string prefix = Name(tenant, "");
        await foreach (StoredBlob blob in blobs.ListAsync(Container, prefix, cancel))
            if (blob.Name[prefix.Length..] is { Length: 8 } day && day.All(char.IsAsciiDigit)) yield return day;
    }

    /// <summary>Deletes the end of a day.</summary>
    public Task DeleteAsync(TenantContext tenant, string day, CancellationToken cancel) => blobs.DeleteIfExistsAsync(Container, Name(tenant, day), cancel);

    private const int LongestEnd = 2048;
}
