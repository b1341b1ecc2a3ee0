using System.Diagnostics.CodeAnalysis;

namespace Ingest.Core.Keys;

/// <summary>Plain keys in this process, for a limited age, idleness, number and use; what it drops it lets go of, and the last holder zeroes it.</summary>
internal sealed class KeyCache<TKey, TValue>(TimeProvider time, Func<TValue, SecretBytes> secretOf, TimeSpan maxAge, TimeSpan maxIdle, int capacity, Func<TValue, bool>? isSpent = null)
    where TKey : notnull
    where TValue : class
{
    private readonly Dictionary<TKey, LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = new();
    private readonly Lock gate = new();
    private long stamp;

    /// <summary>Taken before a load and given to <see cref="Keep"/>, so that a load which an erasure overtook is not kept.</summary>
    public long Stamp => Volatile.Read(ref stamp);

    public int Count
    {
        get
        {
            lock (gate)
                return entries.Count;
        }
    }

    /// <summary>Finds a value and takes a hold on its secret for the caller; with <paramref name="seenWithin"/> only one that was seen where it was loaded from so lately.</summary>
    public bool TryHold(TKey key, [NotNullWhen(true)] out TValue? value, TimeSpan? seenWithin = null)
    {
        lock (gate)
        {
            value = null;
            if (!entries.TryGetValue(key, out LinkedListNode<Entry>? node))
                return false;
            if (IsStale(node.Value))
            {
                Drop(node);
                return false;
            }

            if (seenWithin is { } most && time.GetElapsedTime(node.Value.Seen) >= most)
                return false;
            node.Value.Used = time.GetTimestamp();
            byUse.Remove(node);
            byUse.AddLast(node);
            value = node.Value.Value;
            return secretOf(value).TryHold();
        }
    }

    /// <summary>Keeps a value with a hold of its own; the first one kept stays.</summary>
    public void Keep(TKey key, TValue value, long loadedAt)
    {
        lock (gate)
        {
            if (loadedAt != stamp || entries.ContainsKey(key) || !secretOf(value).TryHold())
                return;
            long now = time.GetTimestamp();
            entries.Add(key, byUse.AddLast(new Entry { Key = key, Value = value, Born = now, Used = now, Seen = now }));
            if (entries.Count > capacity)
                Drop(byUse.First!);
        }
    }

    /// <summary>Notes that a value was seen again, as the caller finds it to be; another one is dropped.</summary>
    public void Saw(TKey key, Func<TValue, bool> isIt)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out LinkedListNode<Entry>? node))
                return;
            if (isIt(node.Value.Value))
                node.Value.Seen = time.GetTimestamp();
            else
                Drop(node);
        }
    }

    public void Forget(TKey key)
    {
        lock (gate)
        {
            stamp++;
            if (entries.TryGetValue(key, out LinkedListNode<Entry>? node))
                Drop(node);
        }
    }

    public void Sweep()
    {
        lock (gate)
        {
            for (LinkedListNode<Entry>? node = byUse.First, next; node is not null; node = next)
            {
                next = node.Next;
                if (IsStale(node.Value))
                    Drop(node);
            }
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            stamp++;
            while (byUse.First is { } node)
                Drop(node);
        }
    }

    private bool IsStale(Entry entry) => time.GetElapsedTime(entry.Born) >= maxAge || time.GetElapsedTime(entry.Used) >= maxIdle || isSpent?.Invoke(entry.Value) == true;

    private void Drop(LinkedListNode<Entry> node)
    {
        entries.Remove(node.Value.Key);
        byUse.Remove(node);
        secretOf(node.Value.Value).LetGo();
    }

    private sealed class Entry
    {
        public required TKey Key { get; init; }
        public required TValue Value { get; init; }
        public required long Born { get; init; }
        public required long Used { get; set; }
        public required long Seen { get; set; }
    }
}
