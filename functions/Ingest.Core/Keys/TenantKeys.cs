using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>
/// The names that a tenant's things get: pure functions of its id key, which never changes, and of its index keys, which have epochs. Lent for a piece
/// of work; dispose it, or it is given back when forgotten.
/// </summary>
public sealed class TenantKeys : IDisposable
{
    private const int MessageKeyBytes = 20;
    private const int TicketIdBytes = 16;
    private const int IndexBytes = 16;
    private const int DisplayLetters = 8;

    private readonly TenantRoot root;
    private int disposed;

    /// <summary>Takes over one hold of the root's secret.</summary>
    internal TenantKeys(TenantRoot root) => this.root = root;

    /// <summary>Whose names.</summary>
    public TenantId Tenant => root.Tenant;

    /// <summary>The epochs of the index keys that live, newest first: one, and two while the index key is turned over.</summary>
    public IEnumerable<int> IndexEpochs => root.IndexEpochs.Reverse();

    /// <summary>The key of one mail: 32 letters, the same for the same inbox and provider id for ever.</summary>
    public string MessageKey(InboxId inbox, string providerId) =>
        Crockford32.Encode(IdMac("message", inbox.Value, providerId).AsSpan(0, MessageKeyBytes));

    /// <summary>The id of the ticket that this mail opens, if it opens one: 26 letters.</summary>
    public string TicketId(string messageKey) => Crockford32.Encode(IdMac("ticket", messageKey).AsSpan(0, TicketIdBytes));

    /// <summary>The number that people see: the first 8 letters of a ticket id, in upper case. Not unique by construction.</summary>
    public static string DisplayNumber(string ticketId) => ticketId[..DisplayLetters].ToUpperInvariant();

    /// <summary>The anchor of a Message-ID in an inbox: 32 letters. White space and one pair of angle brackets around it do not count; case does.</summary>
    public string AnchorKey(InboxId inbox, string messageId) =>
        Crockford32.Encode(IdMac("anchor", inbox.Value, Bare(messageId)).AsSpan(0, MessageKeyBytes));

    /// <summary>
    /// The blind indexes of a normalised value, newest epoch first: epoch, dot, 22 letters of base64url, safe as a table key. Equal values are equal within a tenant,
    /// domain and epoch, and tell nothing elsewhere. Whoever looks a value up looks under each; whoever writes it writes under each, oldest first.
    /// </summary>
    public IReadOnlyList<string> BlindIndexes(string domain, string value) => [.. IndexEpochs.Select(epoch => BlindIndex(domain, value, epoch))];

    /// <summary>The blind index of a normalised value under the newest key.</summary>
    public string BlindIndex(string domain, string value) => BlindIndex(domain, value, root.IndexEpochs[^1]);

    /// <summary>How every blind index of an epoch begins.</summary>
    public static string BlindPrefix(int epoch) => string.Create(CultureInfo.InvariantCulture, $"{epoch}.");

    private string BlindIndex(string domain, string value, int epoch)
    {
        if (domain.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A domain is a short plain word.", nameof(domain));
        byte[] mac = MacWith(root.IndexKeyOffset(epoch), Encoding.UTF8.GetBytes($"{domain}\0{value}"));
        return BlindPrefix(epoch) + Base64Url.EncodeToString(mac.AsSpan(0, IndexBytes));
    }

    /// <summary>HMAC-SHA-256 under the id key, 32 bytes, apart for every domain: for reply tokens and content hashes.</summary>
    public byte[] Mac(string domain, ReadOnlySpan<byte> data)
    {
        byte[] name = Encoding.UTF8.GetBytes(domain);
        byte[] message = new byte[4 * 3 + 3 + name.Length + data.Length];
        Span<byte> rest = Item(Item(message, "mac"u8), name);
        Item(rest, data);
        return MacWith(root.IdKeyOffset, message);
    }

    /// <summary>Gives the keys back; a second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            root.Secret.LetGo();
    }

    /// <summary>Never a key.</summary>
    public override string ToString() => "***";

    // Texts from mail may hold lone surrogates: they become U+FFFD here, so that odd content never throws.
    private byte[] IdMac(params ReadOnlySpan<string> items)
    {
        int length = 0;
        foreach (string item in items)
            length += 4 + Encoding.UTF8.GetByteCount(item);
        byte[] message = new byte[length];
        Span<byte> rest = message;
        foreach (string item in items)
            rest = Item(rest, Encoding.UTF8.GetBytes(item));
        return MacWith(root.IdKeyOffset, message);
    }

    private static Span<byte> Item(Span<byte> rest, ReadOnlySpan<byte> item)
    {
        BinaryPrimitives.WriteInt32BigEndian(rest, item.Length);
        item.CopyTo(rest[4..]);
        return rest[(4 + item.Length)..];
    }

    private byte[] MacWith(int offset, ReadOnlySpan<byte> message)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, this);
        Span<byte> key = stackalloc byte[Floe.KeyLength];
        try
        {
            root.Secret.Read(offset, key);
            return HMACSHA256.HashData(key, message);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static string Bare(string messageId)
    {
        string trimmed = messageId.Trim();
        return trimmed.Length >= 2 && trimmed[0] == '<' && trimmed[^1] == '>' ? trimmed[1..^1].Trim() : trimmed;
    }
}
