using System.Collections.Concurrent;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>
/// The public keys of a vault, kept so that wrapping and checking need no call. Which version is the newest, and whether it may be used, is asked again after a
/// quarter of an hour; what a version's public key is never changes.
/// </summary>
internal sealed class PublicKeys(KeyClient client, TimeProvider time)
{
    private const int MostVersions = 1000;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, (KeyVaultKey Key, DateTimeOffset Until)> newest = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<KeyVaultKeyIdentifier, KeyVaultKey> versions = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<KeyVaultKey>>> asking = new(StringComparer.Ordinal);

    /// <summary>The newest version of a key, fit for an operation now. One that is not is asked for again first, since people switch keys on, too.</summary>
    public async Task<KeyVaultKey> NewestAsync(string name, string operation, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (newest.TryGetValue(name, out (KeyVaultKey Key, DateTimeOffset Until) kept) && kept.Until > now && IsFit(kept.Key, operation, now))
            return kept.Key;
        KeyVaultKey key = await OnceAsync(name, "", cancel);
        newest[name] = (key, time.GetUtcNow() + Fresh);
        key.Require(operation, time.GetUtcNow());
        return key;
    }

    /// <summary>A version, whatever its state: what it signed while it was in use stays signed.</summary>
    public async Task<KeyVaultKey> VersionAsync(KeyVaultKeyIdentifier id, CancellationToken cancel)
    {
        if (versions.TryGetValue(id, out KeyVaultKey? known))
            return known;
        return await OnceAsync(id.Name, id.Version, cancel);
    }

    /// <summary>Asks anew on the next use, as after a call that the vault refused.</summary>
    public void Forget(string name) => newest.TryRemove(name, out _);

    private static bool IsFit(KeyVaultKey key, string operation, DateTimeOffset now)
    {
        try
        {
            key.Require(operation, now);
            return true;
        }
        catch (NotNowException)
        {
            return false;
        }
    }

    // One question at a time for many who wait; no one's cancellation ends it for the others.
    private async Task<KeyVaultKey> OnceAsync(string name, string version, CancellationToken cancel)
    {
        string id = $"{name}/{version}";
        Lazy<Task<KeyVaultKey>> ask = asking.GetOrAdd(id, _ => new(() => Task.Run(() => client.GetKeyAsync(name, version, CancellationToken.None))));
        try
        {
            KeyVaultKey key = await ask.Value.WaitAsync(cancel);
            if (versions.Count >= MostVersions)
                versions.Clear();
            versions[key.Id] = key;
            return key;
        }
        finally
        {
            if (ask.Value.IsCompleted)
                asking.TryRemove(new(id, ask));
        }
    }
}
