using System.Diagnostics;
using System.Globalization;

namespace Ingest.Benchmarks;

/// <summary>What several rounds of the same work took.</summary>
/// <param name="Cpu">Processor seconds of this process in each round: steady on a machine that others use too.</param>
/// <param name="Wall">Seconds on the clock in each round.</param>
/// <param name="Allocated">Bytes allocated in each round.</param>
internal sealed record Rounds(double[] Cpu, double[] Wall, long[] Allocated)
{
    public double MedianCpu => Statistics.Median(Cpu);
    public double MedianWall => Statistics.Median(Wall);
    public long MedianAllocated => (long)Statistics.Median([.. Allocated.Select(a => (double)a)]);
}

/// <summary>Runs work on one thread until it is warm, then round by round, and prints one line per question.</summary>
internal static class Measure
{
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(0.3);
    private const int Count = 15;

    /// <summary>Times <paramref name="work"/>; figures are for one call of it, however often a round calls it.</summary>
    public static Rounds Of(Action work)
    {
        // Long enough for the second compilation of everything that is called often.
        long started = Stopwatch.GetTimestamp();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        int calls = 0;
        while (Environment.CpuUsage.TotalTime - before < Warm || calls < 3)
        {
            work();
            calls++;
        }

        int perRound = Math.Max(1, (int)(calls * Round.TotalSeconds / Stopwatch.GetElapsedTime(started).TotalSeconds));
        (double[] cpu, double[] wall, long[] allocated) = (new double[Count], new double[Count], new long[Count]);
        for (int round = 0; round < Count; round++)
        {
            GC.Collect();
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            started = Stopwatch.GetTimestamp();
            for (int i = 0; i < perRound; i++)
                work();
            wall[round] = Stopwatch.GetElapsedTime(started).TotalSeconds / perRound;
            cpu[round] = (Environment.CpuUsage.TotalTime - processor).TotalSeconds / perRound;
            allocated[round] = (GC.GetAllocatedBytesForCurrentThread() - bytes) / perRound;
        }

        return new Rounds(cpu, wall, allocated);
    }

    public static void Title(string text) => Console.WriteLine($"\n{text}\n  {"",-44}{"per CPU s",12}{"worst–best",20}{"on the clock",14}{"allocated",14}  target");

    /// <summary>A rate: <paramref name="units"/> per call, such as mails or gigabytes.</summary>
    public static void Rate(string name, Rounds rounds, double units, string unit, int perItem = 1, string target = "") => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {name,-44}{Number(units / rounds.MedianCpu) + " " + unit,12}{Number(units / rounds.Cpu.Max()) + "–" + Number(units / rounds.Cpu.Min()),20}{Number(units / rounds.MedianWall),14}{Bytes(rounds.MedianAllocated / perItem),14}  {target}"));

    /// <summary>A duration of one call.</summary>
    public static void Time(string name, Rounds rounds, double scale, string unit, string target = "") => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {name,-44}{Number(rounds.MedianCpu * scale) + " " + unit,12}{Number(rounds.Cpu.Max() * scale) + "–" + Number(rounds.Cpu.Min() * scale),20}{Number(rounds.MedianWall * scale),14}{Bytes(rounds.MedianAllocated),14}  {target}"));

    private static string Number(double value) => value.ToString(value >= 100 ? "N0" : value >= 10 ? "N1" : "N2", CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:N1} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0 / 1024:N1} MiB"),
    };
}

/// <summary>Small statistics.</summary>
internal static class Statistics
{
    public static double Median(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
