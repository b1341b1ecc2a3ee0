using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class KeyCacheTests
{
    private readonly FakeClock clock = new();

    [Fact]
    public void The_one_that_was_used_longest_ago_goes_when_there_are_too_many_and_is_zeroed()
    {
        KeyCache<int, SecretBytes> cache = Cache(3);
        SecretBytes[] secrets = [.. Enumerable.Range(0, 4).Select(_ => SecretBytes.Random(32))];
        for (int i = 0; i < 3; i++) Put(cache, i, secrets[i]);
        Assert.True(cache.TryHold(0, out SecretBytes? used));
        used.LetGo();
        Put(cache, 3, secrets[3]);

        Assert.Equal(3, cache.Count);
        Assert.Equal([true, false, true, true], Enumerable.Range(0, 4).Select(i => Has(cache, i)));
        Assert.False(secrets[1].TryHold());
        cache.Clear();
        Assert.All(secrets, secret => Assert.False(secret.TryHold()));
    }

    [Fact]
    public void A_borrower_keeps_what_was_dropped_until_it_lets_go()
    {
        KeyCache<int, SecretBytes> cache = Cache(1);
        SecretBytes secret = SecretBytes.Random(32);
        Put(cache, 0, secret);
        Assert.True(cache.TryHold(0, out SecretBytes? borrowed));
        Put(cache, 1, SecretBytes.Random(32));
        Assert.False(Has(cache, 0));
        byte[] plain = new byte[32];
        borrowed.Read(0, plain);
        Assert.NotEqual(new byte[32], plain);
        borrowed.LetGo();
        Assert.False(secret.TryHold());
    }

    [Fact]
    public void A_load_that_was_overtaken_by_a_forgetting_is_not_kept()
    {
        KeyCache<int, SecretBytes> cache = Cache(2);
        long stamp = cache.Stamp;
        cache.Forget(0);
        SecretBytes secret = SecretBytes.Random(32);
        cache.Keep(0, secret, stamp);
        Assert.False(Has(cache, 0));
        secret.LetGo();
        Assert.False(secret.TryHold());
    }

    [Fact]
    public void Age_counts_from_the_load_and_idleness_from_the_last_use()
    {
        KeyCache<int, SecretBytes> cache = Cache(2);
        Put(cache, 0, SecretBytes.Random(32));
        Put(cache, 1, SecretBytes.Random(32));
        for (int minutes = 0; minutes < 55; minutes += 11)
        {
            clock.Advance(TimeSpan.FromMinutes(11));
            Assert.True(Has(cache, 0));
        }

        // Nobody asked for the other for so long.
        cache.Sweep();
        Assert.Equal(1, cache.Count);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(Has(cache, 0));
    }

    private KeyCache<int, SecretBytes> Cache(int capacity) => new(clock, secret => secret, TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(15), capacity);

    // The cache takes a hold of its own; the maker's goes.
    private static void Put(KeyCache<int, SecretBytes> cache, int key, SecretBytes secret)
    {
        cache.Keep(key, secret, cache.Stamp);
        secret.LetGo();
    }

    private static bool Has(KeyCache<int, SecretBytes> cache, int key)
    {
        if (!cache.TryHold(key, out SecretBytes? held)) return false;
        held.LetGo();
        return true;
    }
}
