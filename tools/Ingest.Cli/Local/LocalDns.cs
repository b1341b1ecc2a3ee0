using Ingest.Mail.Dns;

namespace Ingest.Cli.Local;

/// <summary>What the local system takes for DNS: records from a file, DNS itself, or, on a machine without it, nothing.</summary>
internal static class LocalDns
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The file of records to answer from; null when DNS itself is there to be asked. Says what was chosen where it is not DNS.</summary>
    public static async Task<string?> ChooseAsync(byte[]? records, DataFolder data, Action<string> say, CancellationToken cancel)
    {
        if (records is null && await AnswersAsync(cancel))
            return null;
        say(records is null
            ? "DNS does not answer on this machine, so senders are checked as if no domain had any records. Start again when it does, or name a file of records with --dns."
            : "Senders are checked against a file of DNS records, not against DNS.");
        byte[] content = records ?? "{}"u8.ToArray();
        try
        {
            DnsTable.Parse(content);
        }
        catch (FormatException fault)
        {
            throw new CannotRunException(fault.Message, fault);
        }

        await File.WriteAllBytesAsync(data.Dns, content, cancel);
        return data.Dns;
    }

    // Every resolver knows this name by itself (RFC 6761 section 6.4): whatever it says of it, it is there.
    static async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        DnsResolverOptions options = DnsResolverOptions.FromSystem() with { Patience = Patience, Rounds = 1 };
        return (await new DnsResolver(options, TimeProvider.System).LookupAsync("invalid", DnsType.A, cancel)).Status != DnsStatus.TimeOut;
    }
}
