namespace Ingest.Cli.Local;

/// <summary>What "ingest up" was asked for; a port that is null is chosen.</summary>
internal sealed record LocalOptions
{
    public required DataFolder Data { get; init; }
    public int? Port { get; init; }

    /// <summary>Blob, queue and table, in this order.</summary>
    public IReadOnlyList<int>? AzuritePorts { get; init; }

    public int? GooglePort { get; init; }
    public int Instances { get; init; } = 1;

    /// <summary>A PEM file of certificates that mail servers on this machine may stand on.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>DNS records in place of DNS, as JSON; null asks DNS itself where it answers.</summary>
    public byte[]? Dns { get; init; }

    /// <summary>False runs without the Google emulator: no mailbox can be connected, mails can still be imported.</summary>
    public bool Google { get; init; } = true;

    /// <summary>Ports for this start: as asked, else as last time, else the usual ones or the next free above them.</summary>
    public LocalPorts ChoosePorts(LocalPorts? last, Action<string> say)
    {
        FreePorts free = new(say);
        // What was asked for is taken first, so that no choice of ours gets in its way.
        int? host = Asked(free, Port, "--port"), google = Google ? Asked(free, GooglePort, "--google-port") : null;
        int?[] azurite = [.. Enumerable.Range(0, 3).Select(i => Asked(free, AzuritePorts?[i], "--azurite-ports"))];
        return new LocalPorts
        {
            Host = host ?? free.Near(last?.Host ?? 7071, "the app"),
            Blob = azurite[0] ?? free.Near(last?.Blob ?? 10000, "Azurite's blob service"),
            Queue = azurite[1] ?? free.Near(last?.Queue ?? 10001, "Azurite's queue service"),
            Table = azurite[2] ?? free.Near(last?.Table ?? 10002, "Azurite's table service"),
            Google = Google ? google ?? free.Near(last?.Google ?? 9004, "the Google emulator") : null,
        };
    }

    static int? Asked(FreePorts free, int? port, string option) => port is { } asked ? free.Exactly(asked, option) : null;
}
