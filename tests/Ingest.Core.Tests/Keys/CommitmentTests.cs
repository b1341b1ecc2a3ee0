using System.Buffers.Binary;
using System.Security.Cryptography;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>AES-GCM alone lets one ciphertext be valid under two keys; the header's tag does not.</summary>
public sealed class CommitmentTests
{
    [Fact]
    public void A_ciphertext_that_is_valid_under_two_keys_opens_under_one()
    {
        byte[] aad = "place"u8.ToArray();
        byte[] one = RandomNumberGenerator.GetBytes(32), two = RandomNumberGenerator.GetBytes(32);
        using FloeEncryptor encryptor = new(one, aad, 128);
        byte[] header = encryptor.Header.ToArray();
        using FloeKeys keysOne = new(one, header.AsSpan(10, 32), aad, 128, FloeKeys.RotationBits);
        using FloeKeys keysTwo = new(two, header.AsSpan(10, 32), aad, 128, FloeKeys.RotationBits);
        Span<byte> segmentAad = stackalloc byte[9];
        FloeKeys.WriteSegmentAad(segmentAad, 0, last: true);
        byte[] nonce = RandomNumberGenerator.GetBytes(12);
        byte[] segmentOne = new byte[32], segmentTwo = new byte[32];
        keysOne.SegmentKey(0, segmentOne);
        keysTwo.SegmentKey(0, segmentTwo);
        (byte[] cipherText, byte[] tag) = Salamander(segmentOne, segmentTwo, nonce, segmentAad.ToArray());

        byte[] opened = new byte[cipherText.Length];
        keysOne.CipherFor(0).Decrypt(nonce, cipherText, tag, opened, segmentAad);
        byte[] other = new byte[cipherText.Length];
        keysTwo.CipherFor(0).Decrypt(nonce, cipherText, tag, other, segmentAad);
        Assert.NotEqual(opened, other);

        byte[] message = [.. header, 0, 0, 0, (byte)(cipherText.Length + Floe.SegmentOverhead), .. nonce, .. cipherText, .. tag];
        Assert.Equal(opened, Floe.Decrypt(one, aad, message, 128));
        Assert.Throws<SealBrokenException>(() => Floe.Decrypt(two, aad, message, 128));
    }

    // Two blocks: the first is chosen freely, the second so that both keys give the same tag (Dodis, Grubbs, Ristenpart, Woodage 2018).
    private static (byte[] CipherText, byte[] Tag) Salamander(byte[] keyOne, byte[] keyTwo, byte[] nonce, byte[] aad)
    {
        UInt128 hashOne = Block(keyOne, new byte[16]), hashTwo = Block(keyTwo, new byte[16]);
        byte[] counter = [.. nonce, 0, 0, 0, 1];
        UInt128 maskOne = Block(keyOne, counter), maskTwo = Block(keyTwo, counter);
        UInt128 first = Read(RandomNumberGenerator.GetBytes(16)), padded = Read([.. aad, .. new byte[7]]);
        UInt128 lengths = ((UInt128)(aad.Length * 8) << 64) | (32 * 8);

        // tag = aad·H^4 + c1·H^3 + c2·H^2 + lengths·H + mask, the same for both.
        UInt128 without = Tag(hashOne, maskOne, padded, first, 0, lengths) ^ Tag(hashTwo, maskTwo, padded, first, 0, lengths);
        UInt128 second = Multiply(without, Inverse(Multiply(hashOne, hashOne) ^ Multiply(hashTwo, hashTwo)));
        UInt128 tag = Tag(hashOne, maskOne, padded, first, second, lengths);
        return ([.. Write(first), .. Write(second)], Write(tag));
    }

    private static UInt128 Tag(UInt128 hash, UInt128 mask, UInt128 aad, UInt128 first, UInt128 second, UInt128 lengths)
    {
        UInt128 state = 0;
        foreach (UInt128 block in (UInt128[])[aad, first, second, lengths])
            state = Multiply(state ^ block, hash);
        return state ^ mask;
    }

    private static UInt128 Block(byte[] key, byte[] plain)
    {
        using Aes aes = Aes.Create();
        aes.Key = key;
        return Read(aes.EncryptEcb(plain, PaddingMode.None));
    }

    // GF(2^128) as GCM numbers its bits.
    private static UInt128 Multiply(UInt128 x, UInt128 y)
    {
        UInt128 product = 0;
        for (int i = 127; i >= 0; i--)
        {
            if (((x >> i) & 1) == 1)
                product ^= y;
            y = (y & 1) == 1 ? (y >> 1) ^ ((UInt128)0xE1 << 120) : y >> 1;
        }

        return product;
    }

    // x^(2^128 - 2).
    private static UInt128 Inverse(UInt128 x)
    {
        UInt128 result = (UInt128)1 << 127, power = x;
        for (int i = 1; i < 128; i++)
        {
            power = Multiply(power, power);
            result = Multiply(result, power);
        }

        return result;
    }

    private static UInt128 Read(byte[] block) => BinaryPrimitives.ReadUInt128BigEndian(block);

    private static byte[] Write(UInt128 block)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, block);
        return bytes;
    }
}
