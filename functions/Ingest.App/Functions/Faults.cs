using System.Diagnostics;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.App.Functions;

/// <summary>Tells a world that is not ready from a fault of ours, and says where a fault was without saying what it was about.</summary>
public static class Faults
{
    /// <summary>True when the same work may succeed later without anyone mending anything of ours.</summary>
    public static bool IsNotNow(Exception e, CancellationToken deadline) =>
        e is NotNowException or MailboxRefusedException or Ingest.Core.Keys.RootKeyRefusedException || (StoreFault.IsTransient(e, deadline) && !deadline.IsCancellationRequested);

    /// <summary>A code for it, fit for a log.</summary>
    public static string Code(Exception e) => e switch
    {
        NotNowException notNow => notNow.ReasonCode,
        MailboxRefusedException refused => refused.Fault.ToString(),
        _ => StoreFault.Word(e),
    };

    /// <summary>The method that threw: type and name only, since a message may quote content.</summary>
    public static string Where(Exception e)
    {
        System.Reflection.MethodBase? method = new StackTrace(e, fNeedFileInfo: false).GetFrames()
            .Select(f => f.GetMethod()).FirstOrDefault(m => m?.DeclaringType?.FullName?.StartsWith("Ingest.", StringComparison.Ordinal) == true);
        return method is null ? "outside" : $"{method.DeclaringType!.FullName}.{method.Name}";
    }
}
