using System.Text;
using System.Text.RegularExpressions;
using Ingest.Cli.Servers;
using Xunit;

namespace Ingest.App.Tests.Servers;

public sealed partial class SampleMailTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string[] Files => [.. Directory.GetFiles(GoogleEmulatorOptions.Samples, "*.eml").Order(StringComparer.Ordinal)];

    [Fact]
    public async Task The_table_names_every_sample_in_order()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(GoogleEmulatorOptions.Samples, "README.md"), Cancel);

        Assert.Equal(Files.Select(Path.GetFileName), NamedFile().Matches(readme).Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task Samples_begin_with_what_the_receiver_found_and_name_invented_domains_only()
    {
        foreach (string file in Files)
        {
            string mail = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancel));
            Assert.StartsWith("Authentication-Results: mx.google.com;\r\n", mail, StringComparison.Ordinal);
            Assert.All(MailDomain().Matches(mail), match => Assert.EndsWith(".example", match.Groups[1].Value, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task All_samples_arrive_byte_for_byte()
    {
        await using GoogleEmulator google = await GoogleEmulator.StartAsync(
            new GoogleEmulatorOptions { SeedFolder = GoogleEmulatorOptions.Samples, RedirectUris = [GoogleCaller.Callback] }, Cancel);
        using var app = new GoogleCaller(google);
        await app.SignInAsync("support@acme.example", Cancel);

        string[] ids = await app.IdsAddedSinceAsync("1", Cancel);

        Assert.Equal(Files.Length, ids.Length);
        foreach ((string id, string file) in ids.Zip(Files))
            Assert.Equal(await File.ReadAllBytesAsync(file, Cancel), await app.RawAsync(id, Cancel));
    }

    [GeneratedRegex("^\\| `([^`]+\\.eml)`", RegexOptions.Multiline)]
    private static partial Regex NamedFile();

    [GeneratedRegex("[a-z0-9]@([a-z0-9-]+\\.[a-z0-9.-]*[a-z])", RegexOptions.IgnoreCase)]
    private static partial Regex MailDomain();
}
