namespace Ingest.Core.Tests.Redaction;

/// <summary>What a piece of work costs in memory once the runtime has optimised it.</summary>
internal static class MemoryCost
{
    private const int MostRounds = 6000, RunsEach = 50;

    /// <summary>
    /// The fewest bytes that some runs in a row took on this thread, 0 as soon as any took none. Code that the runtime has not yet optimised makes objects of its own, and it puts
    /// that off as long as other tests beside this one bring new code: so it waits between the rounds, and a few slow ones prove nothing.
    /// </summary>
    internal static async Task<long> Least(Action work, CancellationToken stop)
    {
        long least = long.MaxValue;
        for (int round = 0; round < MostRounds && least > 0; round++)
        {
            least = Math.Min(least, Once(work));
            if (least > 0)
                await Task.Delay(10, stop);
        }
        return least;
    }

    // On one thread from the first to the last run.
    private static long Once(Action work)
    {
        work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < RunsEach; i++)
            work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
