namespace Ingest.Core.Redaction;

/// <summary>A payment card number that was found.</summary>
/// <param name="Digits">The indexes of its digits in the plain text.</param>
/// <param name="Rule">The network's rule.</param>
/// <param name="Confidence">0 to 1.</param>
internal readonly record struct CardNumber(int[] Digits, string Rule, double Confidence);
