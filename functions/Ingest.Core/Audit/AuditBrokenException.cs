namespace Ingest.Core.Audit;

/// <summary>A day of an audit log is not as it was written: somebody changed the stores. The log itself says where.</summary>
public sealed class AuditBrokenException(AuditFinding finding) : Exception("A day of an audit log is not as it was written: its newest entry says which.")
{
    /// <summary>Where it breaks first.</summary>
    public AuditFinding Finding { get; } = finding;
}
