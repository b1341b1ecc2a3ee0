using System.Security.Cryptography;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class Crockford32Tests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("00", "00")]
    [InlineData("FF", "zw")]
    [InlineData("0000000001", "00000001")]
    [InlineData("FFFFFFFFFF", "zzzzzzzz")]
    [InlineData("0123456789ABCDEF", "04hmasw9nf6yy")]
    public void Known_bytes_give_known_letters(string hex, string letters)
    {
        Assert.Equal(letters, Crockford32.Encode(Convert.FromHexString(hex)));
        Assert.Equal(Convert.FromHexString(hex), Crockford32.Decode(letters));
    }

    [Fact]
    public void Every_length_comes_back()
    {
        for (int length = 0; length < 200; length++)
        {
            byte[] bytes = RandomNumberGenerator.GetBytes(length);
            string letters = Crockford32.Encode(bytes);
            Assert.Equal((length * 8 + 4) / 5, letters.Length);
            Assert.Equal(bytes, Crockford32.Decode(letters));
            Assert.Equal(bytes, Crockford32.Decode(letters.ToUpperInvariant()));
        }
    }

    [Fact]
    public void What_people_misread_is_read_as_meant() =>
        Assert.Equal(Crockford32.Decode("0110zzzz"), Crockford32.Decode("OILoZZzz"));

    [Theory]
    [InlineData("u0000000")]
    [InlineData("0000000-")]
    [InlineData("0")]
    [InlineData("000")]
    [InlineData("zz")]
    [InlineData("é0000000")]
    [InlineData("0000000\u212A")]
    public void What_encode_never_writes_is_refused(string letters) => Assert.Null(Crockford32.Decode(letters));
}
