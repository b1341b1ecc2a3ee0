namespace Ingest.Cli;

/// <summary>What the command tells the shell.</summary>
public static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command itself could not run, or what it was asked to prove is not so.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>What was checked is whole, but nothing says that the key which signed it is the right one.</summary>
    public const int Unvouched = 3;

    /// <summary>Stopped by Ctrl-C or SIGTERM before the end, as shells count it.</summary>
    public const int Interrupted = 130;
}
