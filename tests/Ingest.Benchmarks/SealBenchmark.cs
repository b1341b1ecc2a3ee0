using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Keys;

namespace Ingest.Benchmarks;

/// <summary>What sealing costs beside the bare cipher.</summary>
internal static class SealBenchmark
{
    private const int Megabytes = 8 * 1024 * 1024;
    private const int RowLength = 300;
    private static readonly SealContext Context = new(TenantId.Parse("bench"), KeyClass.Ticket, "ticket", "message:bench");

    public static async Task<int> RunAsync()
    {
        Measure.Title("Seal");
        byte[] key = RandomNumberGenerator.GetBytes(Floe.KeyLength), plain = RandomNumberGenerator.GetBytes(Megabytes);
        byte[] sealedBytes = new byte[Floe.SealedLength(plain.Length, (int)SegmentLength.Blob)], opened = new byte[Megabytes];

        Rounds cipher = Measure.Of(() => Plain(key, plain, sealedBytes));
        Rounds floe = Measure.Of(() => Floe.Encrypt(key, [], plain, (int)SegmentLength.Blob, sealedBytes));
        Rounds open = Measure.Of(() => Floe.Decrypt(key, [], sealedBytes, (int)SegmentLength.Blob));
        Measure.Rate("AES-256-GCM alone, 64 KiB pieces, GB/s", cipher, Megabytes / 1e9, "");
        Measure.Rate("FLOE seal, 64 KiB segments, GB/s", floe, Megabytes / 1e9, "");
        Measure.Rate("FLOE open, 64 KiB segments, GB/s", open, Megabytes / 1e9, "");

        using LentKey lent = await LentKey.MakeAsync(Context);
        byte[] row = plain[..RowLength], box = Envelope.Seal(row, lent.Key, Context, SegmentLength.Row);
        Measure.Time("300-byte row, seal, µs", Measure.Of(() => Envelope.Seal(row, lent.Key, Context, SegmentLength.Row)), 1e6, "");
        Measure.Time("300-byte row, open, µs", Measure.Of(() => Envelope.Open(box, lent.Key, Context)), 1e6, "");
        return 0;
    }

    private static void Plain(byte[] key, byte[] plain, byte[] destination)
    {
        const int Piece = (int)SegmentLength.Blob;
        using AesGcm cipher = new(key, 16);
        Span<byte> nonce = stackalloc byte[12], tag = stackalloc byte[16];
        for (int at = 0; at < plain.Length; at += Piece)
        {
            RandomNumberGenerator.Fill(nonce);
            cipher.Encrypt(nonce, plain.AsSpan(at, Piece), destination.AsSpan(at, Piece), tag);
        }
    }
}

/// <summary>A data key as the ring lends it, over a vault in a folder that is removed afterwards.</summary>
internal sealed class LentKey : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ingest-bench-").FullName;
    private readonly LocalKeyVault vault;
    private readonly KeyRing ring;

    private LentKey()
    {
        vault = new LocalKeyVault(folder);
        ring = new KeyRing(new MemoryKeyRows(), vault, TimeProvider.System);
    }

    public DataKey Key { get; private set; } = null!;

    public static async Task<LentKey> MakeAsync(SealContext context)
    {
        LentKey made = new();
        made.Key = await made.ring.GetOrCreateAsync(new TenantContext(context.Tenant), context.Class, context.Owner, CancellationToken.None);
        return made;
    }

    public void Dispose()
    {
        Key.Dispose();
        ring.Dispose();
        vault.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
