using System.CommandLine;
using Ingest.Core.Audit;

namespace Ingest.Cli.Commands;

/// <summary>Keeps signed ends of days again, where the container of them was lost or they are older than it.</summary>
internal static class AuditKeepEnds
{
    public static Command Create()
    {
        ExampleCommand keep = new("keep-ends", "Keeps the signed ends of days again that are not kept: of days that were signed before ends were kept, or after the container \"audit\" was lost. Run it only if you know that nobody took them away: "
            + "they tell when a day is changed later. The whole log is proven before.", "ingest audit keep-ends");
        keep.SetAction(RunAsync);
        return keep;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        try
        {
            await desk.Desk.Audit.SignAsync(desk.Tenant, cancel);
            int kept = await desk.Desk.Audit.KeepEndsAsync(desk.Tenant, AuditActor.Command, cancel);
            await line.InvocationConfiguration.Output.WriteLineAsync(kept == 0 ? "Every signed day's end is kept." : $"Kept: the ends of {kept:N0} days.");
            return ExitCode.Ok;
        }
        catch (AuditBrokenException e)
        {
            throw new CannotRunException($"The log is not whole, so no end was kept. {AuditVerify.Say(e.Finding)}");
        }
    }
}
