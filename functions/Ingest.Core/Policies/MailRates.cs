using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Screening;
using Ingest.Core.Store;
using Ingest.Core.Threading;
using Ingest.Mail.Mime;

namespace Ingest.Core.Policies;

/// <summary>
/// How many mails a sender, a domain and a mailbox had in an hour. Hours are those in which the provider received the mail, so that the first sync of a year's mail floods
/// nobody. What is counted are message keys in a set, so that a retry and a second worker count nothing twice. A process counts for itself and costs nothing, until it has
/// seen an eighth of a limit; from then on it lays its set and those of the others together in one row. So a limit is exact within a process, and among n of them at most
/// n eighths are taken before they know of each other. Proven mail and mail that only claims a sender are counted apart: who forges a customer does not shut them out.
/// </summary>
public sealed class MailRates(TableServiceClient tables)
{
    private const int MostWindows = 20_000, KeyBytes = 6, ShareFrom = 8, LeastShare = 4, ShareSteps = 16;
    // As much of a text as tells one content from another.
    private const int LongestContent = 64 * 1024;
    private const string RowKey = "rate", Proven = "proven", Claimed = "claimed";

    private readonly ConcurrentDictionary<(TenantContext, string, long Hour), Window> _windows = new();
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Suppressions);

    private sealed class Window
    {
        public HashSet<long> Seen { get; } = [];
        public HashSet<long> Unshared { get; } = [];
    }

    /// <summary>Counts a mail and says which limit it is beyond. A mail beyond a limit is not counted, so that sets stay within it.</summary>
    public async Task<RateExcess> CountAsync(Work mail, MailMessage message, AuthVerdict auth, MailPolicy policy, TenantKeys ids, CancellationToken cancel)
    {
        string sender = EmailIdentity.Normalise(Decide.Sender(message).Address), proof = auth.Authenticated ? Proven : Claimed;
        string domain = EmailIdentity.Domain(sender[(sender.LastIndexOf('@') + 1)..]);
        bool isPublic = PublicMail.IsProvider(domain);
        (RateExcess Excess, int Most, string? Subject)[] limits =
        [
            (RateExcess.Mailbox, policy.MostPerHour, ""),
            (RateExcess.Domain, policy.MostFromDomainPerHour, isPublic || domain.Length == 0 ? null : $"{proof} @{domain}"),
            (RateExcess.Sender, policy.MostFromSenderPerHour, sender.Length == 0 ? null : $"{proof} {sender}"),
            (RateExcess.Content, policy.MostSamePerHour, Content(message) is { } content ? $"{proof} {sender} {Asker(message, domain)} {content}" : null),
        ];
        RateExcess excess = RateExcess.None;
        foreach ((RateExcess what, int most, string? subject) in limits)
        {
            if (most <= 0 || subject is null) continue;
            string who = WhoOf(ids, mail.Inbox, what, subject);
            if (!await TakesAsync(mail.Tenant, who, mail.Received, KeyOf(mail.MessageKey), most, cancel)) excess = what;
        }

        return excess;
    }

    /// <summary>Forgets how many mails a sender had in an inbox. What is counted besides, by domain and content, is not by their address alone, and is swept when its hour is over for a day.</summary>
    internal static async Task ForgetAsync(TableServiceClient tables, TenantContext tenant, InboxId inbox, string address, TenantKeys ids, CancellationToken cancel)
    {
        foreach (string proof in new[] { Proven, Claimed })
            await tables.GetTableClient(TableNames.Suppressions).DeleteEntityAsync($"{tenant}.{WhoOf(ids, inbox, RateExcess.Sender, $"{proof} {address}")}", RowKey, cancel: cancel);
    }

    private static string WhoOf(TenantKeys ids, InboxId inbox, RateExcess what, string subject) => Crockford32.Encode(ids.Mac("mail-rate", Encoding.UTF8.GetBytes($"{inbox} {what} {subject}")).AsSpan(0, 16));

    private async Task<bool> TakesAsync(TenantContext tenant, string who, DateTimeOffset received, long key, int most, CancellationToken cancel)
    {
        long hour = received.ToUnixTimeSeconds() / 3600;
        Window window = WindowOf(tenant, who, hour);
        long[]? share = null;
        lock (window)
        {
            if (window.Seen.Contains(key)) return true;
            if (window.Seen.Count >= most) return false;
            window.Seen.Add(key);
            window.Unshared.Add(key);
            if (window.Seen.Count >= Math.Max(most / ShareFrom, LeastShare) && window.Unshared.Count >= Math.Max(most / ShareSteps, 1)) share = [.. window.Unshared];
        }

        if (share is null || await ShareAsync(tenant, who, hour, share, most, cancel) is not { } all) return true;
        lock (window)
        {
            window.Unshared.ExceptWith(share);
            window.Seen.UnionWith(all.Take(most));
            // Others had filled the limit before.
            bool within = all.Count <= most || all.IndexOf(key) < most;
            if (!within) window.Seen.Remove(key);
            return within;
        }
    }

    // What all processes saw in that hour, the earlier first; null when several write at once, who try again with the next mail.
    private async Task<List<long>?> ShareAsync(TenantContext tenant, string who, long hour, long[] keys, int most, CancellationToken cancel)
    {
        string partition = $"{tenant}.{who}";
        DateTimeOffset at = DateTimeOffset.FromUnixTimeSeconds(hour * 3600);
        TableEntity? row = await _rows.GetEntityIfExistsAsync(partition, RowKey, cancel: cancel);
        DateTimeOffset? known = row?.GetDateTimeOffset("hour");
        // Older mail that is listed late counts within its process only.
        if (known > at) return null;
        List<long> all = known == at ? Read(row!.GetBinary("keys") ?? []) : [];
        List<long> next = [.. all, .. keys.Except(all)];
        if (next.Count == all.Count) return next;
        TableEntity written = new(partition, RowKey) { ["hour"] = at, ["keys"] = Write(next.Take(most)) };
        try
        {
            if (row is null) await _rows.AddEntityAsync(written, cancel);
            else await _rows.UpdateEntityAsync(written, row.ETag, TableUpdateMode.Replace, cancel);
            return next;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            return null;
        }
    }

    private Window WindowOf(TenantContext tenant, string who, long hour)
    {
        if (_windows.Count > MostWindows) _windows.Clear();
        return _windows.GetOrAdd((tenant, who, hour), _ => new Window());
    }

    // A form writes for many under one address and names each as who awaits the answer.
    internal static string Asker(MailMessage message, string domain) =>
        message.ReplyTo is [var reply, ..] && EmailIdentity.Normalise(reply.Address) is var asker && asker[(asker.LastIndexOf('@') + 1)..] != domain ? asker : "";

    // Null for mail without any content, which is not the same as other such mail.
    internal static string? Content(MailMessage message)
    {
        string text = message.Text ?? "", html = message.Html ?? "";
        if (text.Length == 0 && html.Length == 0 && message.Attachments.Count == 0) return null;
        StringBuilder all = new(message.Subject[(message.Subject.LastIndexOf(": ", StringComparison.Ordinal) + 1)..].Trim());
        all.Append('\n').Append(text.AsSpan(0, Math.Min(text.Length, LongestContent))).Append('\n').Append(html.AsSpan(0, Math.Min(html.Length, LongestContent)));
        foreach (MailAttachment file in message.Attachments) all.Append('\n').Append(file.Name).Append(' ').Append(file.Part.RawContent.Length);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())).AsSpan(0, 16));
    }

    private static long KeyOf(string messageKey) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes(messageKey))) >>> (64 - (8 * KeyBytes));

    private static List<long> Read(byte[] bytes)
    {
        List<long> keys = new(bytes.Length / KeyBytes);
        for (int at = 0; at + KeyBytes <= bytes.Length; at += KeyBytes)
        {
            long key = 0;
            foreach (byte b in bytes.AsSpan(at, KeyBytes)) key = (key << 8) | b;
            keys.Add(key);
        }

        return keys;
    }

    private static byte[] Write(IEnumerable<long> keys)
    {
        List<byte> bytes = [];
        foreach (long key in keys)
            for (int shift = 8 * (KeyBytes - 1); shift >= 0; shift -= 8) bytes.Add((byte)(key >> shift));
        return [.. bytes];
    }
}
