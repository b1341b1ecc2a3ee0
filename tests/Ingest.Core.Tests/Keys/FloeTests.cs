using System.Buffers.Binary;
using System.Security.Cryptography;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class FloeTests
{
    private static readonly byte[] Key = new byte[Floe.KeyLength];
    private static readonly byte[] Aad = "This is AAD"u8.ToArray();

    public static TheoryData<string> Vectors()
    {
        TheoryData<string> names = [];
        if (SharedData.FindFolder("crypto/floe") is { } folder)
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*_ct.txt").Order(StringComparer.Ordinal))
                names.Add(Path.GetFileName(path)[..^"_ct.txt".Length]);
        }

        return names;
    }

    [Fact]
    public void All_seventeen_published_vectors_are_here()
    {
        if (SharedData.FindFolder("crypto/floe") is null)
            Assert.Skip("shared/data/crypto/floe is not beside the repository.");
        Assert.Equal(17, Vectors().Count);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Vectors))]
    public void Published_vector_decrypts(string name)
    {
        (byte[] plain, byte[] cipher, int segmentLength, int rotation) = Read(name);
        using FloeDecryptor decryptor = new(Key, Aad, segmentLength, cipher.AsSpan(0, Floe.HeaderLength), rotation);
        byte[] buffer = new byte[segmentLength];
        List<byte> got = [];
        foreach (ReadOnlyMemory<byte> segment in Segments(cipher, segmentLength))
        {
            bool last = !segment.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFF, 0xFF, 0xFF]);
            got.AddRange(buffer.AsSpan(0, decryptor.Decrypt(segment.Span, buffer, last)));
        }

        Assert.True(decryptor.Done);
        Assert.Equal(plain, got);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Vectors))]
    public void Published_vector_is_reproduced_from_its_ivs(string name)
    {
        (byte[] plain, byte[] cipher, int segmentLength, int rotation) = Read(name);
        Queue<byte[]> ivs = new([cipher[10..42], .. Segments(cipher, segmentLength).Select(segment => segment.Slice(4, 12).ToArray())]);
        using FloeEncryptor encryptor = new(Key, Aad, segmentLength, destination => ivs.Dequeue().CopyTo(destination), rotation);
        List<byte> made = [.. encryptor.Header];
        byte[] buffer = new byte[segmentLength];
        int at = 0;
        foreach (ReadOnlyMemory<byte> segment in Segments(cipher, segmentLength))
        {
            int length = segment.Length - Floe.SegmentOverhead;
            bool last = segment.Span[0] != 0xFF;
            made.AddRange(buffer.AsSpan(0, encryptor.Encrypt(plain.AsSpan(at, length), buffer, last)));
            at += length;
        }

        Assert.Equal(cipher, made);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(1000)]
    public void One_shot_round_trip_has_the_length_it_says(int length)
    {
        byte[] plain = RandomNumberGenerator.GetBytes(length);
        byte[] made = Floe.Encrypt(Key, Aad, plain, 96);
        Assert.Equal(Floe.SealedLength(length, 96), made.Length);
        Assert.Equal(plain, Floe.Decrypt(Key, Aad, made, 96));
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        byte[] made = Floe.Encrypt(Key, Aad, new byte[100], 64);
        for (int length = 0; length < made.Length; length++)
            Assert.Throws<SealBrokenException>(() => Floe.Decrypt(Key, Aad, made.AsSpan(0, length), 64));
    }

    [Fact]
    public void Segments_after_the_last_are_refused()
    {
        using FloeEncryptor encryptor = new(Key, Aad, 64);
        byte[] segment = new byte[64];
        int length = encryptor.Encrypt([1], segment, last: true);
        Assert.Throws<InvalidOperationException>(() => encryptor.Encrypt([1], new byte[64], last: true));

        using FloeDecryptor decryptor = new(Key, Aad, 64, encryptor.Header);
        decryptor.Decrypt(segment.AsSpan(0, length), new byte[64], last: true);
        Assert.Throws<SealBrokenException>(() => decryptor.Decrypt(segment.AsSpan(0, length), new byte[64], last: true));
    }

    [Fact]
    public void A_million_messages_never_repeat_an_iv_and_no_bit_of_it_leans()
    {
        const int Messages = 1_000_000;
        HashSet<UInt128> messageIvs = new(Messages), segmentIvs = new(Messages);
        int[] ones = new int[(32 + 12) * 8];
        byte[] made = new byte[Floe.SealedLength(1, 64)];
        for (int i = 0; i < Messages; i++)
        {
            Floe.Encrypt(Key, [], [1], 64, made);
            ReadOnlySpan<byte> iv = made.AsSpan(10, 32), nonce = made.AsSpan(Floe.HeaderLength + 4, 12);
            Assert.True(messageIvs.Add(BinaryPrimitives.ReadUInt128BigEndian(iv)));
            Assert.True(segmentIvs.Add(((UInt128)BinaryPrimitives.ReadUInt32BigEndian(nonce) << 64) | BinaryPrimitives.ReadUInt64BigEndian(nonce[4..])));
            for (int bit = i % 8; bit < ones.Length; bit += 8)
                ones[bit] += ((bit < 256 ? iv[bit / 8] : nonce[(bit - 256) / 8]) >> (bit % 8)) & 1;
        }

        // Each bit was looked at 125,000 times: half of them set, give or take seven standard deviations.
        Assert.All(ones, count => Assert.InRange(count, 62_500 - 1_240, 62_500 + 1_240));
    }

    private static (byte[] Plain, byte[] Cipher, int SegmentLength, int Rotation) Read(string name)
    {
        string folder = SharedData.FindFolder("crypto/floe")!;
        byte[] plain = Convert.FromHexString(File.ReadAllText(Path.Combine(folder, name + "_pt.txt")).Trim());
        byte[] cipher = Convert.FromHexString(File.ReadAllText(Path.Combine(folder, name + "_ct.txt")).Trim());
        int segmentLength = (cipher[2] << 24) | (cipher[3] << 16) | (cipher[4] << 8) | cipher[5];
        return (plain, cipher, segmentLength, name.Contains("rotation", StringComparison.Ordinal) ? 2 : FloeKeys.RotationBits);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Segments(byte[] cipher, int segmentLength)
    {
        for (int at = Floe.HeaderLength; at < cipher.Length; at += segmentLength)
            yield return cipher.AsMemory(at, Math.Min(segmentLength, cipher.Length - at));
    }
}
