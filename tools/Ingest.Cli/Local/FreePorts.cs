using Ingest.Cli.Servers;

namespace Ingest.Cli.Local;

/// <summary>Chooses ports on 127.0.0.1: what was asked for, else what the last start used, else the usual one; never the same twice.</summary>
/// <param name="say">Told when a port other than the wanted one is used.</param>
internal sealed class FreePorts(Action<string> say)
{
    const int Tries = 200;
    const int Highest = 65535;

    readonly HashSet<int> chosen = [];

    /// <summary>A port that the user named; fails with <see cref="CannotRunException"/> when it is taken.</summary>
    public int Exactly(int port, string option)
    {
        if (!Take(port))
            throw new CannotRunException($"Port {port} is taken: free it, or give another one with {option}.");
        return port;
    }

    /// <summary>The wanted port, or the next free one above it.</summary>
    public int Near(int wanted, string what)
    {
        int last = Math.Min(wanted + Tries, Highest);
        for (int port = wanted; port <= last; port++)
        {
            if (!Take(port))
                continue;
            if (port != wanted)
                say($"Port {wanted} is taken; {what} uses {port}.");
            return port;
        }
        throw new CannotRunException($"All ports from {wanted} to {last} are taken: free one for {what}.");
    }

    bool Take(int port) => !chosen.Contains(port) && FreePort.IsFree(port) && chosen.Add(port);
}
