namespace Ingest.Mail.Text;

/// <summary>A text parted in three; every line that is not blank is in exactly one of them.</summary>
/// <param name="Reply">What the author wrote now.</param>
/// <param name="Elided">Quoted text and the lines that introduce it.</param>
/// <param name="Signature">The signature with its mark.</param>
public readonly record struct TrimmedReply(string Reply, string Elided, string Signature)
{
    /// <summary>All that is not in the reply, in the order in which it stood: <see cref="Elided"/> and <see cref="Signature"/> together.</summary>
    public string Cut { get; init; } = "";
}
