using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Mail.Mime;

namespace Ingest.Core.Threading;

/// <summary>
/// An unforgeable sign of a ticket, carried in our Message-IDs and reply addresses: 26 letters of ticket id and 16 of MAC (80 bits), so that
/// it fits into a local part with a mailbox name of up to 19 letters before it. Whoever shows one has seen a mail of that ticket; nothing else can be made of it.
/// </summary>
public static class ReplyToken
{
    /// <summary>What stands before a token in a local part.</summary>
    public const string Prefix = "r.";

    /// <summary>Letters in a token.</summary>
    public const int Length = TicketIdLength + MacLength;

    private const int TicketIdLength = 26;
    private const int MacLength = 16;
    private const int MostCandidates = 50;
    private const int LocalPartLimit = 64;
    private const string Domain = "ingest reply token 1";

    // Crockford's base 32: what is read aloud or folded to lower case by a relay stays the same.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>
    /// Makes the token of a ticket. <paramref name="mac"/> maps a domain and data to 32 bytes under the tenant's key;
    /// <paramref name="ticketId"/> is 26 letters of Crockford's base 32 in any case, else <see cref="ArgumentException"/>.
    /// </summary>
    public static string Create(Func<string, byte[], byte[]> mac, InboxId inbox, string ticketId)
    {
        string id = ticketId.ToLowerInvariant();
        if (id.Length != TicketIdLength || !IsOfAlphabet(id))
            throw new ArgumentException("A ticket id is 26 letters of Crockford's base 32.", nameof(ticketId));
        return id + Seal(mac, inbox, id);
    }

    /// <summary>The ticket id (lower case) when the token is whole and was made for this inbox under this key, else null; compares in constant time.</summary>
    public static string? TryVerify(Func<string, byte[], byte[]> mac, InboxId inbox, string candidate)
    {
        if (Shape(candidate) is not { } token)
            return null;
        string id = token[..TicketIdLength];
        bool same = CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(token[TicketIdLength..]), Encoding.ASCII.GetBytes(Seal(mac, inbox, id)));
        return same ? id : null;
    }

    /// <summary>The address that answers to a ticket are sent to, or null when the mailbox's own local part is too long for it.</summary>
    public static string? ReplyAddress(string mailboxAddress, string token)
    {
        int at = mailboxAddress.LastIndexOf('@');
        string local = at > 0 ? $"{mailboxAddress[..at]}+{Prefix}{token}" : "";
        return local.Length is > 0 and <= LocalPartLimit ? local + mailboxAddress[at..] : null;
    }

    /// <summary>A Message-ID, without angle brackets, that carries the token; <paramref name="nonce"/> makes it unique and holds letters and digits only.</summary>
    public static string MessageId(string token, string nonce, string domain) => $"{Prefix}{token}.{nonce}@{domain}";

    /// <summary>What looks like a token in a Message-ID without angle brackets, unverified, or null.</summary>
    public static string? FromMessageId(string messageId)
    {
        int end = Prefix.Length + Length;
        return messageId.Length > end + 2 && messageId.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && messageId[end] == '.'
            && messageId.LastIndexOf('@') > end + 1
            ? Shape(messageId.AsSpan(Prefix.Length, Length))
            : null;
    }

    /// <summary>What looks like a token in an address, unverified, or null.</summary>
    public static string? FromAddress(string address)
    {
        int at = address.LastIndexOf('@');
        int start = at - Length;
        return start > Prefix.Length + 1 && address[start - Prefix.Length - 1] == '+'
            && address.AsSpan(start - Prefix.Length, Prefix.Length).Equals(Prefix, StringComparison.OrdinalIgnoreCase)
            ? Shape(address.AsSpan(start, Length))
            : null;
    }

    /// <summary>
    /// What looks like a token in a mail, unverified, each once and at most 50: addresses first, then In-Reply-To, References from the newest,
    /// then the mails that a bounce is about.
    /// </summary>
    public static IEnumerable<string> Candidates(MailMessage message)
    {
        IEnumerable<string?> found = message.To.Concat(message.Cc).Select(a => FromAddress(a.Address))
            .Concat(Delivered(message).Select(FromAddress))
            .Concat(message.InReplyTo.Select(FromMessageId))
            .Concat(message.References.Reverse().Select(FromMessageId))
            .Concat(message.Bounce.Select(b => b.OriginalMessageId is { } id ? FromMessageId(id) : null));
        return found.OfType<string>().Distinct(StringComparer.Ordinal).Take(MostCandidates);
    }

    private static IEnumerable<string> Delivered(MailMessage message) =>
        message.Headers.All("Delivered-To").Concat(message.Headers.All("X-Original-To")).Concat(message.Headers.All("Envelope-To"))
            .Select(value => value.Trim().Trim('<', '>'));

    private static string? Shape(ReadOnlySpan<char> text)
    {
        // Checked before folding: a Kelvin sign folds to k.
        if (text.Length != Length || !Ascii.IsValid(text))
            return null;
        string token = text.ToString().ToLowerInvariant();
        return IsOfAlphabet(token) ? token : null;
    }

    private static bool IsOfAlphabet(string text)
    {
        foreach (char c in text)
            if (!Alphabet.Contains(c, StringComparison.Ordinal))
                return false;
        return true;
    }

    // The inbox id's alphabet has no NUL, so the two parts cannot be shifted against each other.
    private static string Seal(Func<string, byte[], byte[]> mac, InboxId inbox, string ticketId)
    {
        byte[] tag = mac(Domain, Encoding.ASCII.GetBytes($"{inbox.Value}\0{ticketId}"));
        return string.Create(MacLength, tag, static (letters, bytes) =>
        {
            for (int i = 0; i < letters.Length; i++)
            {
                int bit = i * 5, two = (bytes[bit / 8] << 8) | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
                letters[i] = Alphabet[(two >> (11 - bit % 8)) & 31];
            }
        });
    }
}
