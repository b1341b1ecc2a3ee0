using System.Security.Cryptography;
using Ingest.Core.Access;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// The accesses of the mailboxes that this process reads: one per mailbox for as long as its stored credential is the one the access was opened with,
/// or one that the access itself stored. So an access token serves many polls, and a rotated refresh token that could not be stored is not forgotten.
/// </summary>
internal sealed class GoogleAccesses(TimeProvider time, int capacity = 1000) : IDisposable
{
    /// <summary>Longer than any function runs: what was not asked for since is not in use.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<(TenantContext, InboxId), Kept> _kept = [];

    /// <summary>The access kept for a mailbox, or null when there is none for this sealed credential.</summary>
    public GoogleAccess? Find(TenantContext tenant, InboxId inbox, byte[] sealedCredential)
    {
        string hash = Hash(sealedCredential);
        lock (_lock)
        {
            if (!_kept.TryGetValue((tenant, inbox), out Kept? kept) || !kept.OpenedFor(hash)) return null;
            kept.Used = time.GetUtcNow();
            return kept.Access;
        }
    }

    /// <summary>Keeps a new access, unless there is one; <paramref name="open"/> is given what is to be told of a credential that the access stored.</summary>
    public GoogleAccess GetOrAdd(TenantContext tenant, InboxId inbox, byte[] sealedCredential, Func<Action<byte[]>, GoogleAccess> open)
    {
        string hash = Hash(sealedCredential);
        lock (_lock)
        {
            if (_kept.TryGetValue((tenant, inbox), out Kept? there) && there.OpenedFor(hash)) return there.Access;
            if (there is null && _kept.Count >= capacity) MakeRoom();
            Kept kept = new(hash) { Used = time.GetUtcNow() };
            kept.Access = open(box => Saved(kept, box));
            // One that is replaced may still be read with; it holds nothing but memory.
            _kept[(tenant, inbox)] = kept;
            return kept.Access;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Kept kept in _kept.Values) kept.Access.Dispose();
            _kept.Clear();
        }
    }

    private void Saved(Kept kept, byte[] box)
    {
        lock (_lock) (kept.Before, kept.Now) = (kept.Now, Hash(box));
    }

    private void MakeRoom()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (((TenantContext, InboxId) key, Kept kept) in _kept.OrderBy(k => k.Value.Used).Take(Math.Max(1, capacity / 10)).ToList())
        {
            _kept.Remove(key);
            if (now - kept.Used > Idle) kept.Access.Dispose();
        }
    }

    private static string Hash(byte[] box) => Convert.ToHexStringLower(SHA256.HashData(box));

    private sealed class Kept(string hash)
    {
        public GoogleAccess Access { get; set; } = null!;
        public DateTimeOffset Used { get; set; }
        public string Now { get; set; } = hash;
        // A sync may have read the row just before the rotated token was stored.
        public string? Before { get; set; }
        public bool OpenedFor(string sought) => sought == Now || sought == Before;
    }
}
