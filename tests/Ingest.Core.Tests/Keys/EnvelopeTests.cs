using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class EnvelopeTests
{
    private static readonly TenantId Tenant = TenantId.Parse("acme");
    private static readonly SealContext Context = new(Tenant, KeyClass.Ticket, "t1", "message:m1", 3);

    [Theory]
    [InlineData(0, SegmentLength.Row)]
    [InlineData(300, SegmentLength.Row)]
    [InlineData(4064, SegmentLength.Row)]
    [InlineData(4065, SegmentLength.Row)]
    [InlineData(65504, SegmentLength.Blob)]
    [InlineData(65505, SegmentLength.Blob)]
    [InlineData(300_000, SegmentLength.Blob)]
    public async Task What_is_sealed_opens_at_once_and_as_a_stream(int length, SegmentLength segment)
    {
        using DataKey key = KeyFor(Context);
        byte[] plain = RandomNumberGenerator.GetBytes(length);

        byte[] whole = Envelope.Seal(plain, key, Context, segment);
        MemoryStream streamed = new();
        await Envelope.SealAsync(new TrickleStream(plain), streamed, key, Context, segment, TestContext.Current.CancellationToken);

        Assert.Equal(Envelope.SealedLength(length, segment), whole.Length);
        Assert.Equal(whole.Length, streamed.Length);
        Assert.Equal(key.Id, Envelope.ReadKeyId(whole));
        foreach (byte[] envelope in (byte[][])[whole, streamed.ToArray()])
        {
            Assert.Equal(plain, Envelope.Open(envelope, key, Context));
            MemoryStream opened = new();
            Assert.Equal(length, await Envelope.OpenAsync(new TrickleStream(envelope), opened, key, Context, TestContext.Current.CancellationToken));
            Assert.Equal(plain, opened.ToArray());
        }
    }

    [Fact]
    public async Task Every_flipped_bit_breaks_the_seal()
    {
        using DataKey key = KeyFor(Context);
        byte[] envelope = Envelope.Seal("a few words"u8, key, Context, SegmentLength.Row);
        for (int bit = 0; bit < envelope.Length * 8; bit++)
        {
            byte[] bad = [.. envelope];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            await RefusedAsync(bad, key, Context);
        }
    }

    [Fact]
    public async Task Every_cut_and_every_extra_byte_breaks_the_seal()
    {
        using DataKey key = KeyFor(Context);
        byte[] envelope = Envelope.Seal("a few words"u8, key, Context, SegmentLength.Row);
        for (int length = 0; length < envelope.Length; length++)
            await RefusedAsync(envelope[..length], key, Context);
        await RefusedAsync([.. envelope, 0], key, Context);
        await RefusedAsync([.. envelope, .. envelope], key, Context);
    }

    [Fact]
    public async Task Segments_cannot_be_dropped_doubled_swapped_or_spliced()
    {
        using DataKey key = KeyFor(Context);
        byte[] plain = RandomNumberGenerator.GetBytes(4 * 4064 + 10);
        byte[] one = Envelope.Seal(plain, key, Context, SegmentLength.Row);
        byte[] two = Envelope.Seal(plain, key, Context, SegmentLength.Row);
        const int Start = 102;
        byte[] Segment(byte[] from, int index) => from[(Start + index * 4096)..Math.Min(from.Length, Start + (index + 1) * 4096)];
        byte[] Of(params byte[][] segments) => [.. one[..Start], .. segments.SelectMany(segment => segment)];

        byte[][] parts = [.. Enumerable.Range(0, 5).Select(i => Segment(one, i))];
        Assert.Equal(plain, Envelope.Open(Of(parts), key, Context));
        await RefusedAsync(Of([.. parts[..2], .. parts[3..]]), key, Context);
        await RefusedAsync(Of(parts[..4]), key, Context);
        await RefusedAsync(Of(parts[1..]), key, Context);
        await RefusedAsync(Of(parts[4]), key, Context);
        await RefusedAsync(Of([.. parts[..3], parts[2], .. parts[3..]]), key, Context);
        await RefusedAsync(Of([parts[1], parts[0], .. parts[2..]]), key, Context);
        await RefusedAsync(Of([parts[0], Segment(two, 1), .. parts[2..]]), key, Context);
        await RefusedAsync(Of([.. parts[..4], Segment(two, 4)]), key, Context);
        await RefusedAsync(Of(), key, Context);
    }

    public static TheoryData<SealContext> OtherContexts() =>
    [
        Context with { Tenant = TenantId.Parse("acme2") },
        Context with { Class = KeyClass.Contact },
        Context with { Owner = "t2" },
        Context with { Owner = "t1message:m1", Role = "" },
        Context with { Role = "message:m2" },
        Context with { Role = "" },
        Context with { Role = new string('r', 5000) },
        Context with { Role = "\uD800" },
        Context with { Schema = 4 },
        default(SealContext),
    ];

    [Theory]
    [MemberData(nameof(OtherContexts), DisableDiscoveryEnumeration = true)]
    public async Task A_seal_opens_in_no_other_place(SealContext other)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        Guid id = Guid.NewGuid();
        using DataKey key = KeyFor(Context, secret, id);
        byte[] envelope = Envelope.Seal("a few words"u8, key, Context, SegmentLength.Row);

        await RefusedAsync(envelope, key, other);
        // The same bytes of key under the other name show that the additional data refuses, not only the look at the key's name.
        using DataKey same = KeyFor(other with { Owner = other.Owner ?? "" }, secret, id);
        await RefusedAsync(envelope, same, other);
    }

    [Fact]
    public async Task Another_key_with_the_same_id_is_refused()
    {
        Guid id = Guid.NewGuid();
        using DataKey key = KeyFor(Context, RandomNumberGenerator.GetBytes(32), id);
        using DataKey other = KeyFor(Context, RandomNumberGenerator.GetBytes(32), id);
        await RefusedAsync(Envelope.Seal("a few words"u8, key, Context, SegmentLength.Row), other, Context);
    }

    // Only a forger who has the key can make one: what holds more than any mail is not taken into memory.
    [Fact]
    public async Task What_holds_more_than_an_envelope_may_is_not_opened()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(Floe.KeyLength);
        using DataKey key = KeyFor(Context, secret, Guid.NewGuid());
        byte[] header = Envelope.Seal([], key, Context, SegmentLength.Blob)[..EnvelopeHeader.Length];
        byte[] Forge(int length) => [.. header, .. Floe.Encrypt(secret, EnvelopeHeader.Bind(header, Context).Written, new byte[length], (int)SegmentLength.Blob)];

        Assert.Equal(Envelope.MaxPlainLength, Envelope.Open(Forge(Envelope.MaxPlainLength), key, Context).Length);
        await RefusedAsync(Forge(Envelope.MaxPlainLength + 1), key, Context);
    }

    [Fact]
    public void Segment_length_of_another_size_is_neither_written_nor_read()
    {
        using DataKey key = KeyFor(Context);
        Assert.Throws<ArgumentOutOfRangeException>(() => Envelope.Seal([1], key, Context, (SegmentLength)1024));
        byte[] envelope = Envelope.Seal([1], key, Context, SegmentLength.Row);
        foreach (byte[] length in (byte[][])[[0, 0, 0, 0], [0x80, 0, 0, 0], [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0, 1, 0, 0], [0, 0, 0x20, 0]])
        {
            length.CopyTo(envelope, 30);
            Assert.Throws<SealBrokenException>(() => Envelope.Open(envelope, key, Context));
        }
    }

    [Fact]
    public void A_key_seals_only_its_own_thing()
    {
        using DataKey key = KeyFor(Context);
        Assert.Throws<ArgumentException>(() => Envelope.Seal([1], key, Context with { Owner = "t2" }, SegmentLength.Row));
        Assert.Throws<ArgumentException>(() => Envelope.Seal([1], key, Context with { Role = "\uD800" }, SegmentLength.Row));
        Assert.Throws<ArgumentException>(() => Envelope.Seal([1], key, Context with { Role = new string('r', 2100) }, SegmentLength.Row));
    }

    [Fact]
    public void A_key_given_back_does_not_seal_with_zeroes()
    {
        DataKey key = KeyFor(Context);
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Envelope.Seal([1], key, Context, SegmentLength.Row));
        Assert.Equal("***", key.ToString());
    }

    [Fact]
    public async Task A_stream_that_ends_early_has_released_only_genuine_segments()
    {
        using DataKey key = KeyFor(Context);
        byte[] plain = RandomNumberGenerator.GetBytes(3 * 4064);
        byte[] envelope = Envelope.Seal(plain, key, Context, SegmentLength.Row);
        envelope[102 + 4096 + 200] ^= 1;
        MemoryStream opened = new();
        await Assert.ThrowsAsync<SealBrokenException>(() =>
            Envelope.OpenAsync(new MemoryStream(envelope), opened, key, Context, TestContext.Current.CancellationToken));
        Assert.Equal(plain[..4064], opened.ToArray());
    }

    [Fact]
    public async Task A_mail_of_25_mib_is_sealed_and_opened_as_a_stream_within_4_mib_of_memory()
    {
        using DataKey key = KeyFor(Context);
        using MemoryStream plain = new(RandomNumberGenerator.GetBytes(25 * 1024 * 1024), 0, 25 * 1024 * 1024, writable: false, publiclyVisible: true), envelope = new(26 * 1024 * 1024), opened = new(26 * 1024 * 1024);
        long before = GC.GetAllocatedBytesForCurrentThread();
        // These streams never wait, so that all of it happens on this thread.
        Assert.True(Envelope.SealAsync(plain, envelope, key, Context, SegmentLength.Blob, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        envelope.Position = 0;
        await Envelope.OpenAsync(envelope, opened, key, Context, TestContext.Current.CancellationToken);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * 1024 * 1024);
        Assert.True(plain.GetBuffer().AsSpan().SequenceEqual(opened.GetBuffer().AsSpan(0, (int)opened.Length)));
    }

    // Frozen: written by another implementation in another language. What it wrote opens here for ever.
    [Fact]
    public void Format_one_never_changes()
    {
        SealContext context = new(Tenant, KeyClass.Raw, "m1", "mime");
        using DataKey key = KeyFor(context, [.. Enumerable.Range(0, 32).Select(i => (byte)i)], Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
        byte[] envelope = Convert.FromHexString(
        "544b45310101050000112233445566778899aabbccddeeff0000000000000000100000000020000102030405060708090a0b0c0d0e0f101112131415"
        + "161718191a1b1c1d1e1f9282863a3d5631445d40b04d7cb0e51745684acda07d130923040506d2efee6000000039202122232425262728292a2bd43b"
        + "a6d3de52a8be7b73c533a160d62bc90a218e6640b1321a4d8bf713725bbbdd84e5f5b2bd988b6d");
        Assert.Equal("Caf\u00e9, s\u2019il vous pla\u00eet", Encoding.UTF8.GetString(Envelope.Open(envelope, key, context)));
    }

    internal static DataKey KeyFor(SealContext context, byte[]? secret = null, Guid? id = null)
    {
        SecretBytes bytes = SecretBytes.Random(32);
        if (secret is not null)
            bytes.Write(0, secret);
        return new DataKey(id ?? Guid.NewGuid(), context.Tenant, context.Class, context.Owner, bytes);
    }

    private static async Task RefusedAsync(byte[] envelope, DataKey key, SealContext context)
    {
        Assert.Throws<SealBrokenException>(() => Envelope.Open(envelope, key, context));
        await Assert.ThrowsAsync<SealBrokenException>(() =>
            Envelope.OpenAsync(new MemoryStream(envelope), new MemoryStream(), key, context, TestContext.Current.CancellationToken));
    }

    /// <summary>Gives a few bytes at a time, as networks do.</summary>
    private sealed class TrickleStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1000)], cancellationToken);
    }
}
