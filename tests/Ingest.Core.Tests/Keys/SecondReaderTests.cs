using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>Envelopes read and written by a program in another language, from the description of the bytes alone.</summary>
public sealed class SecondReaderTests
{
    private static readonly string Folder = FixtureFolder("envelope");

    // Frozen for ever: format 1 as this program and, in the files that end in -other, as the other one wrote it.
    [Theory]
    [InlineData("v1-row", KeyClass.Ticket, "message:m1", 300, SegmentLength.Row)]
    [InlineData("v1-row-empty", KeyClass.Contact, "contact", 0, SegmentLength.Row)]
    [InlineData("v1-row-aligned", KeyClass.Tenant, "doc", 2 * 4064, SegmentLength.Row)]
    [InlineData("v1-blob", KeyClass.Raw, "mime", 100_000, SegmentLength.Blob)]
    public async Task A_golden_file_opens_here_and_there(string name, KeyClass keyClass, string role, int length, SegmentLength segment)
    {
        if (Environment.GetEnvironmentVariable("INGEST_FREEZE") == "1")
            await FreezeAsync(name, new SealContext(TenantId.Parse("acme"), keyClass, "o1", role), length, segment);

        foreach (string file in (string[])[name, name + "-other"])
        {
            Golden golden = Golden.Read(file);
            byte[] envelope = await File.ReadAllBytesAsync(Path.Combine(Folder, file + ".bin"), TestContext.Current.CancellationToken);
            using DataKey key = EnvelopeTests.KeyFor(golden.Context, Convert.FromHexString(golden.Key), Envelope.ReadKeyId(envelope));

            byte[] plain = Envelope.Open(envelope, key, golden.Context);
            Assert.Equal(length, plain.Length);
            Assert.Equal(golden.Sha256, Convert.ToHexStringLower(SHA256.HashData(plain)));
            Assert.Equal(plain, await RunAsync("open", golden, envelope));
        }
    }

    [Theory]
    [InlineData(0, SegmentLength.Row)]
    [InlineData(300, SegmentLength.Row)]
    [InlineData(4064, SegmentLength.Row)]
    [InlineData(4065, SegmentLength.Row)]
    [InlineData(65504, SegmentLength.Blob)]
    [InlineData(150_000, SegmentLength.Blob)]
    public async Task What_one_seals_the_other_opens(int length, SegmentLength segment)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32), plain = RandomNumberGenerator.GetBytes(length);
        SealContext context = new(TenantId.Parse("acme"), KeyClass.Contact, "c1", "contact:\u00fc", 7);
        Golden golden = new(Convert.ToHexStringLower(secret), "acme", "contact", "c1", "contact:\u00fc", 7, "");
        using DataKey key = EnvelopeTests.KeyFor(context, secret);

        Assert.Equal(plain, await RunAsync("open", golden, Envelope.Seal(plain, key, context, segment)));
        byte[] theirs = await RunAsync("seal", golden, plain, key.Id.ToString("N"), ((int)segment).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(plain, Envelope.Open(theirs, key, context));
    }

    [Fact]
    public async Task The_other_program_refuses_what_was_changed()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        SealContext context = new(TenantId.Parse("acme"), KeyClass.Ticket, "t1", "message:m1");
        Golden golden = new(Convert.ToHexStringLower(secret), "acme", "ticket", "t1", "message:m1", 1, "");
        using DataKey key = EnvelopeTests.KeyFor(context, secret);
        byte[] envelope = Envelope.Seal("a few words"u8, key, context, SegmentLength.Row);
        foreach (int at in (int[])[8, 40, 80, 103, 110, envelope.Length - 20, envelope.Length - 1])
        {
            byte[] bad = [.. envelope];
            bad[at] ^= 1;
            await Assert.ThrowsAsync<SealBrokenException>(() => RunAsync("open", golden, bad));
        }

        await Assert.ThrowsAsync<SealBrokenException>(() => RunAsync("open", golden with { Owner = "t2" }, envelope));
    }

    private static async Task FreezeAsync(string name, SealContext context, int length, SegmentLength segment)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32), plain = RandomNumberGenerator.GetBytes(length);
        Golden golden = new(
            Convert.ToHexStringLower(secret), context.Tenant.Value, context.Class.Name(), context.Owner, context.Role, context.Schema, Convert.ToHexStringLower(SHA256.HashData(plain)));
        using DataKey key = EnvelopeTests.KeyFor(context, secret);
        golden.Write(name, Envelope.Seal(plain, key, context, segment));
        golden.Write(name + "-other", await RunAsync("seal", golden, plain, key.Id.ToString("N"), ((int)segment).ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<byte[]> RunAsync(string verb, Golden golden, byte[] input, params string[] more)
    {
        ProcessStartInfo start = new("/usr/bin/python3") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[Path.Combine(Folder, "envelope.py"), verb, golden.Key, golden.Tenant, golden.Class, golden.Owner, golden.Role, $"{golden.Schema}", .. more])
            start.ArgumentList.Add(argument);
        if (!File.Exists(start.FileName))
            Assert.Skip("python3 is not installed: tools/test installs it.");
        using Process process = Process.Start(start)!;
        CancellationToken cancel = TestContext.Current.CancellationToken;
        Task<string> said = process.StandardError.ReadToEndAsync(cancel);
        using MemoryStream output = new();
        Task copied = process.StandardOutput.BaseStream.CopyToAsync(output, cancel);
        await process.StandardInput.BaseStream.WriteAsync(input, cancel);
        process.StandardInput.Close();
        await Task.WhenAll(said, copied, process.WaitForExitAsync(cancel));
        return process.ExitCode switch
        {
            0 => output.ToArray(),
            1 when (await said).StartsWith("The seal is broken", StringComparison.Ordinal) => throw new SealBrokenException(),
            _ => throw new InvalidOperationException(await said),
        };
    }

    private static string FixtureFolder(string name)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "tests", "fixtures", name);
            if (Directory.Exists(path))
                return path;
        }

        throw new DirectoryNotFoundException("tests/fixtures is not above the test program.");
    }

    private sealed record Golden(string Key, string Tenant, string Class, string Owner, string Role, int Schema, string Sha256)
    {
        private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

        public SealContext Context => new(TenantId.Parse(Tenant), Enum.Parse<KeyClass>(Class, ignoreCase: true), Owner, Role, Schema);

        public static Golden Read(string name) => JsonSerializer.Deserialize<Golden>(File.ReadAllText(Path.Combine(Folder, name + ".json")))!;

        public void Write(string name, byte[] envelope)
        {
            File.WriteAllText(Path.Combine(Folder, name + ".json"), JsonSerializer.Serialize(this, Json) + "\n");
            File.WriteAllBytes(Path.Combine(Folder, name + ".bin"), envelope);
        }
    }
}
