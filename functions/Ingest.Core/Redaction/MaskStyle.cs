namespace Ingest.Core.Redaction;

/// <summary>What is written in place of what was found.</summary>
public enum MaskStyle
{
    /// <summary>Each letter and digit but the last four covered; what separates them stays.</summary>
    LastFour,
    /// <summary>Each letter and digit but the first six and the last four covered; a card may be shown so at most (PCI DSS 3.4.1).</summary>
    FirstSixLastFour,
    /// <summary>Its sort in brackets: [card].</summary>
    Label,
    /// <summary>Its sort and a short name that the same value always has in one mailbox: [card 7F3K2QM]. It never stands beside a part of the value.</summary>
    Pseudonym,
    /// <summary>Each letter and digit covered.</summary>
    Full,
    /// <summary>Left as it is: this sort is not looked for.</summary>
    None,
}
