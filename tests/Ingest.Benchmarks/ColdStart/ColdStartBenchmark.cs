using System.Globalization;

namespace Ingest.Benchmarks.ColdStart;

/// <summary>
/// How long the published handler takes from process start to its first answer, beside a bare ASP.NET app that carries the same packages and was
/// published the same way. The two take turns, so that both meet the same weather on the machine.
/// </summary>
internal static class ColdStartBenchmark
{
    private const int LeastRounds = 10;
    private const double Target = 1.25;

    public static async Task<int> RunAsync(string[] args)
    {
        int rounds = Value(args, "--rounds") is { } text ? Math.Max(LeastRounds, int.Parse(text, CultureInfo.InvariantCulture)) : 20;
        string folder = Directory.CreateTempSubdirectory("ingest-cold-start-").FullName;
        try
        {
            string package = Value(args, "--package") ?? await Publishing.PackageAsync(folder);
            string bare = await Publishing.BareAsync(folder);
            await CompareAsync(Path.Combine(package, "Ingest.App"), Path.Combine(bare, BareApp.Name), rounds);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(string ours, string bare, int rounds)
    {
        List<Start> ourStarts = [], bareStarts = [];
        // The first start of each reads its files from the disk: it belongs to nobody.
        await Start.MeasureAsync(bare);
        await Start.MeasureAsync(ours);
        for (int round = 0; round < rounds; round++)
        {
            bareStarts.Add(await Start.MeasureAsync(bare));
            ourStarts.Add(await Start.MeasureAsync(ours));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nCold start: process start to the first 200 on GET /, {rounds} starts of each, in turns"));
        Print("bare ASP.NET app, same packages", bareStarts);
        Print("Ingest.App", ourStarts);
        double wall = Median(ourStarts, s => s.Answered) / Median(bareStarts, s => s.Answered), cpu = Median(ourStarts, s => s.Cpu) / Median(bareStarts, s => s.Cpu);
        double paired = Statistics.Median([.. ourStarts.Zip(bareStarts, (a, b) => a.Answered / b.Answered)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  ratio {wall:F2} (of the pairs {paired:F2}, of the processor time {cpu:F2}); target ≤ {Target:F2}"));
    }

    private static void Print(string name, List<Start> starts) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {name,-34} median {Median(starts, s => s.Answered),5:F0} ms  ({starts.Min(s => s.Answered):F0}–{starts.Max(s => s.Answered):F0})  processor {Median(starts, s => s.Cpu),4:F0} ms  memory {Median(starts, s => s.Memory),4:F0} MiB"));

    private static double Median(List<Start> starts, Func<Start, double> value) => Statistics.Median([.. starts.Select(value)]);

    private static string? Value(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
}
