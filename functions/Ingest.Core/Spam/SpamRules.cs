namespace Ingest.Core.Spam;

/// <summary>What a tenant decided about senders, and where the lines are drawn.</summary>
public sealed record SpamRules
{
    /// <summary>No lists, the usual lines.</summary>
    public static SpamRules Default { get; } = new();

    /// <summary>Senders to trust: an address, a domain ("example.com"), a domain with all below it ("*.example.com"), or an address with * in it.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Senders to hold, in the same forms; stronger than <see cref="Allow"/>.</summary>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>True when the mail comes straight from a provider whose own spam fields can be believed.</summary>
    public bool TrustProviderFields { get; init; }

    /// <summary>From this score on a mail is unsure.</summary>
    public double UnsureFrom { get; init; } = 0.5;

    /// <summary>From this score on a mail is spam.</summary>
    public double SpamFrom { get; init; } = 0.95;
}
