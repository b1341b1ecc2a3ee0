using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Ingest.App.Tests.Secrecy;

/// <summary>A search that finds nothing proves nothing unless it finds what was planted.</summary>
public sealed class CanaryScannerTests
{
    private const string Word = "canaryQuokkaVelvet";
    private static readonly Canary Planted = new("planted", Word, Guessable: true);

    private static readonly Dictionary<string, Func<byte[], byte[]>> Ways = new()
    {
        ["plain"] = word => word,
        ["upper case"] = word => Utf8(Encoding.UTF8.GetString(word).ToUpperInvariant()),
        ["UTF-16LE"] = word => Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(word)),
        ["UTF-16BE"] = word => Encoding.BigEndianUnicode.GetBytes(Encoding.UTF8.GetString(word)),
        ["base64, alignment 0"] = word => Utf8(Convert.ToBase64String(Framed(word, 3))),
        ["base64, alignment 1"] = word => Utf8(Convert.ToBase64String(Framed(word, 1))),
        ["base64, alignment 2"] = word => Utf8(Convert.ToBase64String(Framed(word, 2))),
        ["base64url, alignment 0"] = word => Utf8(Base64Url.EncodeToString(Framed(word, 3))),
        ["base64url, alignment 1"] = word => Utf8(Base64Url.EncodeToString(Framed(word, 1))),
        ["base64url, alignment 2"] = word => Utf8(Base64Url.EncodeToString(Framed(word, 2))),
        ["base64 of UTF-16LE"] = word => Utf8(Convert.ToBase64String(Encoding.Unicode.GetBytes("x" + Encoding.UTF8.GetString(word)))),
        ["base64 in short lines"] = word => Utf8(string.Join("\r\n", Convert.ToBase64String(Framed(word, 2)).Chunk(7).Select(line => new string(line)))),
        ["base64 in lines in JSON"] = word => Utf8(string.Join("\\r\\n", Convert.ToBase64String(Framed(word, 1)).Chunk(7).Select(line => new string(line)))),
        ["base64 twice"] = word => Utf8(Convert.ToBase64String(Utf8("<" + Convert.ToBase64String(Framed(word, 1)) + ">"))),
        ["hex"] = word => Utf8(Convert.ToHexString(word)),
        ["hex, lower case"] = word => Utf8(Convert.ToHexStringLower(word)),
        ["percent-encoded"] = word => Utf8(string.Concat(word.Select(b => $"%{b:X2}"))),
        ["quoted-printable"] = word => Utf8(string.Concat(word.Select(b => $"={b:X2}"))),
        ["quoted-printable with a soft break"] = word => [.. word[..7], .. "=\r\n"u8, .. word[7..]],
        ["folded"] = word => [.. word[..7], .. "\r\n "u8, .. word[7..]],
        ["backwards"] = word => [.. word.Reverse()],
        ["gzip"] = word => Packed(word, to => new GZipStream(to, CompressionLevel.Optimal)),
        ["zlib"] = word => Packed(word, to => new ZLibStream(to, CompressionLevel.Fastest)),
        ["zlib, best"] = word => Packed(word, to => new ZLibStream(to, CompressionLevel.SmallestSize)),
        ["zip"] = Zipped,
        ["gzip in base64 in zip"] = word => Zipped(Utf8(Convert.ToBase64String(Packed(word, to => new GZipStream(to, CompressionLevel.Optimal))))),
        ["SHA-256, hex"] = word => Utf8(Convert.ToHexString(SHA256.HashData(word))),
        ["SHA-256"] = SHA256.HashData,
        ["SHA-256, base64"] = word => Utf8(Convert.ToBase64String(SHA256.HashData(word))),
    };

    public static TheoryData<string> Names => [.. Ways.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_canary_is_found(string way)
    {
        byte[] hidden = Ways[way](Utf8(Word)), random = RandomNumberGenerator.GetBytes(5000);
        byte[] haystack = [.. random, .. "\n{ \"x\": \""u8, .. hidden, .. "\" }\n"u8, .. random];

        Assert.NotEmpty(new CanaryScanner([Planted]).Bytes("planted", haystack));
        Assert.Empty(new CanaryScanner([new Canary("another", "canaryNumbatTweed", Guessable: true)]).Bytes("planted", haystack));
    }

    [Theory]
    [InlineData("UTF-8")]
    [InlineData("UTF-16")]
    [InlineData("JSON")]
    [InlineData("encoded word")]
    public void A_planted_canary_of_another_script_is_found(string way)
    {
        const string Foreign = "カナリアのひみつ";
        byte[] hidden = way switch
        {
            "UTF-8" => Utf8(Foreign),
            "UTF-16" => Encoding.Unicode.GetBytes(Foreign),
            "JSON" => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(Foreign),
            _ => Utf8($"=?utf-8?b?{Convert.ToBase64String(Utf8(Foreign))}?="),
        };

        Assert.NotEmpty(new CanaryScanner([new Canary("foreign", Foreign)]).Bytes("planted", [.. "\"x\": "u8, .. hidden, .. "\n"u8]));
    }

    [Fact]
    public void A_planted_canary_is_found_in_a_folder_also_in_a_name()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ingest-canary-");
        try
        {
            folder.CreateSubdirectory("deep");
            File.WriteAllText(Path.Combine(folder.FullName, "deep", Word), "nothing");
            File.WriteAllText(Path.Combine(folder.FullName, "deep", "file"), "x" + Word);

            Assert.Equal(2, new CanaryScanner([Planted]).Folder(folder.FullName).Select(seen => seen.Place).Distinct().Count());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_sealed_canary_is_not_found()
    {
        using Aes aes = Aes.Create();
        byte[] sealedWord = aes.EncryptCbc(Utf8(Word), aes.IV);

        Assert.Empty(new CanaryScanner([Planted]).Bytes("sealed", sealedWord));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Framed(byte[] word, int before) => [.. Enumerable.Repeat((byte)'~', before), .. word, .. "~~"u8];

    private static byte[] Packed(byte[] word, Func<Stream, Stream> pack)
    {
        using MemoryStream to = new();
        using (Stream packing = pack(to)) packing.Write(word);
        return to.ToArray();
    }

    private static byte[] Zipped(byte[] word)
    {
        using MemoryStream to = new();
        using (ZipArchive zip = new(to, ZipArchiveMode.Create))
        using (Stream entry = zip.CreateEntry("entry.txt").Open())
            entry.Write(word);
        return to.ToArray();
    }
}
