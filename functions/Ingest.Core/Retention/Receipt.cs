using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Core.Access;
using Ingest.Core.Keys;

namespace Ingest.Core.Retention;

/// <summary>What an erasure receipt says. Ids, codes, counts and times; nothing of whoever was erased.</summary>
public sealed record ReceiptBody
{
    /// <summary>The form of this receipt.</summary>
    public int Version { get; init; } = 1;
    /// <summary>The erasure's id.</summary>
    public required string Erasure { get; init; }
    /// <summary>Whose it was.</summary>
    public required string Tenant { get; init; }
    /// <summary>What was erased: Ticket, Contact, Mailbox or Tenant.</summary>
    public required string Kind { get; init; }
    /// <summary>The id of what was erased.</summary>
    public required string Target { get; init; }
    /// <summary>When it was asked for.</summary>
    public required string Begun { get; init; }
    /// <summary>When all of this was destroyed.</summary>
    public required string Destroyed { get; init; }
    /// <summary>When processes that still held keys have let go of them.</summary>
    public required string CachesGone { get; init; }
    /// <summary>When the last backup of the table of keys that held one of these keys can be read no more: from then on it is final everywhere.</summary>
    public required string FinalEverywhere { get; init; }
    /// <summary>What was found and destroyed, by what it is.</summary>
    public required SortedDictionary<string, long> Counts { get; init; }
    /// <summary>How many keys were destroyed.</summary>
    public required int KeysDestroyed { get; init; }
    /// <summary>SHA-256 over all lines of <see cref="Keys"/>, sorted, each ended by a line feed; for more keys than are listed, too.</summary>
    public required string KeysDigest { get; init; }
    /// <summary>The destroyed keys: class, inbox or -, owner, key id. Three hundred at most: <see cref="KeysDigest"/> covers all.</summary>
    public required IReadOnlyList<string> Keys { get; init; }
    /// <summary>
    /// Of a mailbox: how giving its grant back to the provider ended: revoked, none, shared (another mailbox lives on it), or why it was not given back. Of a tenant each word that is
    /// true of a mailbox of its, once, with commas between; shared is then another of its own. Empty for all else.
    /// </summary>
    public string Grant { get; init; } = "";
    /// <summary>Of a tenant: how destroying its DKIM keys in the signing vault ended: deleted, none, or why they were not deleted; empty for all else.</summary>
    public string SigningKeys { get; init; } = "";
    /// <summary>Holds on mailboxes, by id: mail kept back, parked or on its way there was not touched, whosever it is.</summary>
    public IReadOnlyList<string> KeptByHold { get; init; } = [];
    /// <summary>
    /// Tickets and mails, by id, that could not be read while this was erased: a seal was broken, or a key or bytes were lost for longer than the erasure waits, so that nobody can tell whose they are. Of a person: what
    /// is theirs of these is erased when it can be read again. Two hundred at most; the counts say how many there are.
    /// </summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];
    /// <summary>What is not removed, in words.</summary>
    public required IReadOnlyList<string> NotRemoved { get; init; }

    internal ReceiptBody WithUnread(IReadOnlyList<UnreadItem> items) => items.Count == 0 ? this : this with
    {
        Unreadable = [.. items.Select(item => item.ToString()).Order(StringComparer.Ordinal)],
        NotRemoved = [.. NotRemoved, "Tickets and mails that could not be read, and of which therefore nobody can tell whose they are; they are named here by id. Nobody can read them as they are."
            + (Kind == nameof(ErasureKind.Contact) ? " Should one be readable again, as when a lost key comes back, what is theirs of it is erased; until then a keyed digest of their address is kept, sealed." : "")],
    };
}

/// <summary>How the check of a receipt ended.</summary>
/// <param name="Genuine">True when the seal key signed exactly this.</param>
/// <param name="Kid">Which key it says signed it.</param>
/// <param name="Body">What it says; null when it cannot be read.</param>
public sealed record ReceiptCheck(bool Genuine, string Kid, ReceiptBody? Body);

/// <summary>
/// Receipts as JSON that anyone can check: {"receipt": …, "signature": {"alg": "ES256", "kid": …, "value": …}}. What is signed is the SHA-256 digest of the receipt in
/// the canonical form of RFC 8785, whatever spaces and order the file has.
/// </summary>
public static class Receipt
{
    // A receipt is one property of a row, sealed; the digest covers those that are not listed.
    private const int MostKeys = 300;
    internal const int MostUnread = 200;

    /// <summary>The lines that name keys, and their digest.</summary>
    internal static (IReadOnlyList<string> Lines, string Digest, int Count) Name(IEnumerable<KeyName> keys)
    {
        string[] lines = [.. keys.Where(k => k.Id != Guid.Empty).Select(k => $"{k.Class.ToString().ToLowerInvariant()} {k.Inbox?.Value ?? "-"} {k.Owner} {k.Id:D}").Distinct().Order(StringComparer.Ordinal)];
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")))));
        return ([.. lines.Take(MostKeys)], digest, lines.Length);
    }

    /// <summary>The receipt of an erasure that has just destroyed all it named.</summary>
    internal static ReceiptBody Write(TenantContext tenant, Erasure erasure, DateTimeOffset now, IEnumerable<KeyName> destroyed, SortedDictionary<string, long> counts)
    {
        (IReadOnlyList<string> lines, string digest, int count) = Name(destroyed);
        return new ReceiptBody
        {
            Erasure = erasure.Id, Tenant = tenant.Tenant.Value, Kind = erasure.Kind.ToString(), Target = erasure.Target, Begun = Time(erasure.Begun), Destroyed = Time(now),
            CachesGone = Time(now + KeyCaches), FinalEverywhere = Time(now + KeysBackupLife), Counts = counts, KeysDestroyed = count, KeysDigest = digest, Keys = lines,
            Grant = erasure.Notes.Grant, SigningKeys = erasure.Notes.SigningKeys, KeptByHold = erasure.Notes.KeptByHold ?? [], NotRemoved = NotRemoved(erasure.Kind),
        };
    }

    // What is true of every erasure, and what of this kind.
    private static IReadOnlyList<string> NotRemoved(ErasureKind kind) =>
    [
        "Mail as others have it: in the mailbox at the provider, in its Sent folder, and with everybody it was sent to.",
        "Ids, codes, counts and times without content: journal lines, anchors, emptied rows and audit entries. They keep erased mail from being taken in again and lead to nobody.",
        "Copies of the stores that somebody made outside of Ingest. Of the table of keys Ingest's own backups can be read until the day named here; whoever copied that table elsewhere, and may use the vault, keeps what the copy opens.",
        .. kind switch
        {
            ErasureKind.Ticket => new[] { "What other tickets quote of this one, and the contacts of those who wrote." },
            ErasureKind.Contact =>
            [
                "In what others wrote: runs of fewer than five words of the person, descriptions of them without their name or address, and attachments of others that are not text.",
                "Their name, where it stands without their address in tickets that they had no part in; mail of others that was on its way or parked and only names them.",
                "Accounts of people who sign in to Ingest: an owner removes those.",
            ],
            ErasureKind.Mailbox => ["The contacts of those who wrote to this mailbox: other mailboxes may know them, too."],
            ErasureKind.Tenant =>
            [
                "The tenant's DKIM keys in the signing vault are deleted and sign nothing any more. A vault with soft delete keeps a deleted key for 7 to 90 days, as it is set up: until then whoever may recover keys there can bring it back, or purge it at once where purge protection is off. It opens no mail. Take its records out of DNS.",
            ],
        },
    ];

    private static readonly TimeSpan KeyCaches = TimeSpan.FromMinutes(10);

    /// <summary>How long a backup of the table of keys can be read, and the day on which it was made.</summary>
    public static readonly TimeSpan KeysBackupLife = TimeSpan.FromDays(31);

    /// <summary>A time as receipts write it: UTC, to the second.</summary>
    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a time as receipts write it; throws <see cref="FormatException"/> for any other text.</summary>
    internal static DateTimeOffset Time(string text) => DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>Signs a receipt and returns the file's bytes.</summary>
    internal static async Task<byte[]> SignAsync(ReceiptBody body, IKeyVault vault, CancellationToken cancel)
    {
        using JsonDocument document = JsonSerializer.SerializeToDocument(body, ReceiptJson.Default.ReceiptBody);
        byte[] canonical = CanonicalJson.Write(document.RootElement);
        KeySignature signature = await vault.SignAsync(SHA256.HashData(canonical), cancel);
        using MemoryStream file = new();
        using (Utf8JsonWriter json = new(file, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WritePropertyName("receipt");
            document.RootElement.WriteTo(json);
            json.WriteStartObject("signature");
            json.WriteString("alg", "ES256");
            json.WriteString("kid", signature.Kid);
            json.WriteString("value", Base64Url.EncodeToString(signature.Bytes));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return file.ToArray();
    }

    /// <summary>What a receipt says, unchecked; null when it is none.</summary>
    internal static ReceiptBody? Read(ReadOnlyMemory<byte> file) => Parts(file)?.Body;

    /// <summary>The key id that a receipt names; empty when it is no receipt.</summary>
    public static string KidOf(ReadOnlyMemory<byte> file) => Parts(file)?.Kid ?? "";

    /// <summary>Checks a receipt against a public key (SubjectPublicKeyInfo), asking nobody. Any bytes are taken; what is no receipt is not genuine.</summary>
    public static ReceiptCheck Check(ReadOnlyMemory<byte> file, ReadOnlySpan<byte> publicKey)
    {
        if (Parts(file) is not { } parts) return new ReceiptCheck(false, "", null);
        using ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        bool genuine = key.VerifyHash(SHA256.HashData(parts.Canonical), parts.Signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return new ReceiptCheck(genuine, parts.Kid, parts.Body);
    }

    private static (byte[] Canonical, string Kid, byte[] Signature, ReceiptBody Body)? Parts(ReadOnlyMemory<byte> file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(file, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement receipt = document.RootElement.GetProperty("receipt"), signature = document.RootElement.GetProperty("signature");
            return signature.GetProperty("alg").GetString() == "ES256" && receipt.Deserialize(ReceiptJson.Default.ReceiptBody) is { } body
                ? (CanonicalJson.Write(receipt), signature.GetProperty("kid").GetString() ?? "", Base64Url.DecodeFromChars(signature.GetProperty("value").GetString() ?? ""), body)
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReceiptBody))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
