namespace Ingest.Core.Redaction;

/// <summary>What is masked before anything is written.</summary>
public sealed record RedactionPolicy
{
    /// <summary>Payment card numbers masked but for the last four digits.</summary>
    public static RedactionPolicy Default { get; } = new();

    /// <summary>Payment card numbers masked whole.</summary>
    public static RedactionPolicy Strict { get; } = new() { KeepLastFour = false };

    /// <summary>Nothing masked.</summary>
    public static RedactionPolicy Off { get; } = new() { Cards = false };

    /// <summary>Whether payment card numbers are masked.</summary>
    public bool Cards { get; init; } = true;

    /// <summary>Whether the last four digits of a card number stay readable (PCI DSS allows it).</summary>
    public bool KeepLastFour { get; init; } = true;

    /// <summary>Findings below this confidence, 0 to 1, are left alone.</summary>
    public double LeastConfidence { get; init; }
}
