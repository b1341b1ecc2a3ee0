namespace Ingest.LocalHost.Handlers;

internal enum AfterExit { StayDead, Restart, RestartAfterError, StopHost }

/// <summary>What the host does when its handler ends: 0 is left for dead, 200 is a wanted restart, all else is a strike, and the third strike stops the host.</summary>
internal sealed class ExitRules(TimeProvider clock)
{
    public const int Strikes = 3;
    private const int RestartWanted = 200;
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(30);

    private int errors;
    private long lastError;

    public int Errors => errors;

    public AfterExit Judge(int exitCode) => exitCode switch
    {
        0 => AfterExit.StayDead,
        RestartWanted => AfterExit.Restart,
        _ => Strike(),
    };

    public AfterExit Strike()
    {
        // Errors are forgotten by the next error, not by time alone.
        if (errors > 0 && clock.GetElapsedTime(lastError) > Forgiven)
            errors = 0;
        lastError = clock.GetTimestamp();
        return ++errors < Strikes ? AfterExit.RestartAfterError : AfterExit.StopHost;
    }
}
