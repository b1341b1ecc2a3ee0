namespace Ingest.Core.Audit;

/// <summary>A day of an audit log is not as it was written: somebody changed the stores. The message says where, in numbers and a word of ours.</summary>
public sealed class AuditBrokenException(AuditFinding finding) : Exception($"The audit log breaks on {finding.Day} at number {finding.Number}: {finding.Fault}.")
{
    /// <summary>Where it breaks first.</summary>
    public AuditFinding Finding { get; } = finding;
}
