using Ingest.Core.Access;

namespace Ingest.Core.Audit;

/// <summary>A day of an audit log is not as it was written: somebody changed the stores. The log itself says where.</summary>
public sealed class AuditBrokenException(TenantContext tenant, AuditFinding finding) : Exception("A day of an audit log is not as it was written: its newest entry says which.")
{
    /// <summary>Whose log it is.</summary>
    public TenantContext Tenant { get; } = tenant;

    /// <summary>Where it breaks first.</summary>
    public AuditFinding Finding { get; } = finding;
}
