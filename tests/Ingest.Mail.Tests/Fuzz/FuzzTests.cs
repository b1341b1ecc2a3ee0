using System.Globalization;
using System.Text;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Fuzz;

/// <summary>
/// Every parser of the library on mutated input: it never throws, ends, and allocates in proportion to what it reads. A round is a number; the same number is the same
/// input. As a test a few fixed rounds; tools/fuzz runs others for as long as one likes.
/// </summary>
public sealed class FuzzTests
{
    private const long Besides = 1024 * 1024;
    private const int TestRounds = 4000;

    private static readonly List<byte[]> Mails = [.. Fixtures.Names.Select(Fixtures.Mail), .. Suites()];

    public static TheoryData<string> Names => [.. Target.All.Select(static t => t.Name).Where(static n => n.Contains(Environment.GetEnvironmentVariable("INGEST_FUZZ_ONLY") ?? "", StringComparison.OrdinalIgnoreCase))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parser_survives_mutated_input(string name)
    {
        var target = Target.All.Single(t => t.Name == name);
        var first = Number("INGEST_FUZZ_SEED", 1);
        var end = TimeProvider.System.GetTimestamp() + Number("INGEST_FUZZ_SECONDS", 0) * TimeProvider.System.TimestampFrequency;
        for (var round = first; round < first + TestRounds || TimeProvider.System.GetTimestamp() < end; round++)
            Try(target, round);
    }

    private static void Try(Target target, long round)
    {
        var random = new Random(unchecked((int)round * 31 + target.Name.Length));
        var seeds = target.Seeds.Length == 0 ? Mails : [.. target.Seeds.Select(Encoding.UTF8.GetBytes)];
        var input = Mutation.Of(seeds[random.Next(seeds.Count)], Mails[random.Next(Mails.Count)], random);
        using var watch = Watch(target, round, input);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Try(input);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{target.Name}, round {round}: the input is in {Keep(target, round, input)}", e);
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > Besides + (long)target.PerByte * input.Length)
            Assert.Fail($"{target.Name}, round {round}: {allocated:N0} bytes allocated for {input.Length:N0}; the input is in {Keep(target, round, input)}");
    }

    // In a long run nobody watches: an input that does not end is kept and ends the run.
    private static Timer? Watch(Target target, long round, byte[] input) => Number("INGEST_FUZZ_SECONDS", 0) == 0 ? null : new Timer(_ =>
    {
        Environment.FailFast($"{target.Name}, round {round}: no end after a minute; the input is in {Keep(target, round, input)}");
    }, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);

    private static string Keep(Target target, long round, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Fixtures.Folder, "..", "..", "..", "artifacts", "fuzz"));
        var path = Path.Combine(folder.FullName, $"{target.Name.Replace(' ', '-')}-{round}");
        File.WriteAllBytes(path, input);
        return path;
    }

    private static long Number(string name, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static IEnumerable<byte[]> Suites() => Corpus.Folder is null
        ? []
        : new[] { "stalwart_mail_parser", "enmime", "request_tracker" }.SelectMany(static suite => Corpus.Zip($"mime/{suite}.zip", Corpus.IsMail)).Where(static m => m.Bytes.Length < 20_000).Select(static m => m.Bytes);
}
