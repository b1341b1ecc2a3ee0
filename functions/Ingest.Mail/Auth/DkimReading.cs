using System.Buffers;
using System.Security.Cryptography;

namespace Ingest.Mail.Auth;

/// <summary>A signature as found in a message, with the hash of the header that it is about.</summary>
/// <param name="Tags">What it says.</param>
/// <param name="HeaderHash">SHA-256 of the signed header, empty when the tags are broken.</param>
/// <param name="Added">A field that is there once more than it was signed, empty when none.</param>
internal sealed record DkimReading(DkimTags Tags, byte[] HeaderHash, string Added)
{
    // Fields that may stand once (RFC 5322 section 3.6) and decide what a reader sees or whom an answer goes to (RFC 6376 section 8.15).
    private static readonly string[] Single = ["From", "To", "Cc", "Subject", "Date", "Reply-To", "Sender", "Content-Type", "Content-Transfer-Encoding"];

    /// <summary>Reads one signature field and hashes what it signs; no key is needed for that.</summary>
    public static DkimReading Of(SignedFields fields, ReadOnlySpan<byte> field, DkimField kind)
    {
        var tags = DkimTags.Read(field, kind);
        if (tags.Fault != DkimFault.None)
            return new DkimReading(tags, [], "");
        var header = new ArrayBufferWriter<byte>(4096);
        DkimSigner.WriteHeader(fields, tags.Names, tags.HeaderForm, header);
        DkimCanonical.Field(TagList.WithoutSignature(field), tags.HeaderForm, fields.NewLine, header);
        return new DkimReading(tags, SHA256.HashData(header.WrittenSpan), FieldAdded(fields, tags.Names));
    }

    private static string FieldAdded(SignedFields fields, IReadOnlyList<string> names)
    {
        foreach (var name in Single)
        {
            var signed = names.Count(other => other.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (signed > 0 && fields.Count(name) > Math.Max(signed, 1))
                return name;
        }
        return "";
    }
}

/// <summary>The hashes of a body that its signatures are about; each canonical form is made once.</summary>
internal sealed class DkimBodies
{
    private readonly Dictionary<(DkimForm, long), byte[]> hashes = [];
    private readonly Dictionary<DkimForm, long> lengths = [];

    /// <param name="body">The body as it was sent, with CRLF.</param>
    /// <param name="signatures">All that are about it.</param>
    public DkimBodies(ReadOnlySpan<byte> body, IEnumerable<DkimTags> signatures)
    {
        foreach (var form in signatures.GroupBy(static tags => tags.BodyForm, static tags => tags.Length))
        {
            var limits = form.Distinct().ToList();
            var (made, length) = DkimBody.Hash(body, form.Key, "\r\n"u8, limits);
            for (var i = 0; i < limits.Count; i++)
                hashes[(form.Key, limits[i])] = made[i];
            lengths[form.Key] = length;
        }
    }

    /// <summary>True when the body is the one that was signed.</summary>
    public bool Holds(DkimTags tags) => (tags.Length == long.MaxValue || tags.Length <= lengths[tags.BodyForm]) && hashes[(tags.BodyForm, tags.Length)].AsSpan().SequenceEqual(tags.BodyHash);

    /// <summary>The bytes after those signed.</summary>
    public long Unsigned(DkimTags tags) => tags.Length == long.MaxValue ? 0 : lengths[tags.BodyForm] - tags.Length;
}
