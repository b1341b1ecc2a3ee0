namespace Ingest.LocalHost.Queues;

/// <summary>How long an idle queue is left alone: 100 ms at first, then doubling with a fifth of chance, up to the longest interval.</summary>
internal sealed class PollDelay(TimeSpan longest, Func<double> chance)
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);
    private int empties;

    public void Found() => empties = 0;

    public TimeSpan Next()
    {
        empties++;
        if (empties == 1)
            return Least;
        double factor = Math.Pow(2, Math.Min(empties - 2, 30)) * (0.8 + (0.4 * chance()));
        TimeSpan wanted = Least + (Least * factor);
        return wanted < longest ? wanted : longest;
    }
}
