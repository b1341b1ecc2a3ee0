using System.CommandLine;
using System.Globalization;
using Ingest.Core.Audit;
using Ingest.Core.Retention;

namespace Ingest.Cli.Commands;

/// <summary>Backs the table of keys up, and brings back what is missing from it.</summary>
internal static class KeysBackupCommands
{
    static readonly Argument<string> Id = new("backup") { Description = "The backup's id, as \"keys backups\" prints it." };

    /// <summary>The subcommands "backup", "backups" and "restore".</summary>
    public static IEnumerable<Command> Create()
    {
        ExampleCommand backup = new("backup", "Backs the table of keys up now; housekeeping does it every day. A backup can be read for 30 days.", "ingest keys backup");
        backup.SetAction(BackupAsync);
        ExampleCommand list = new("backups", "Lists the backups that can be read.", "ingest keys backups");
        list.SetAction(ListAsync);
        ExampleCommand restore = new("restore", "Brings back the keys that are missing; overwrites none, and leaves erased what was erased since.", "ingest keys restore 20260301-0123456789abcdef0123456789abcdef") { Id };
        restore.SetAction(RestoreAsync);
        return [backup, list, restore];
    }

    static async Task<int> BackupAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        KeysBackupInfo made = await desk.Desk.KeysBackup.RunAsync(cancel);
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.KeyBackedUp, AuditActor.Command) { Subject = made.Id, Count = made.Rows }, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(Text(made));
        return ExitCode.Ok;
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        foreach (KeysBackupInfo made in await LocalDesk.Of(line).Desk.KeysBackup.ListAsync(cancel))
            await line.InvocationConfiguration.Output.WriteLineAsync(Text(made));
        return ExitCode.Ok;
    }

    static async Task<int> RestoreAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string id = line.GetRequiredValue(Id);
        if (id is not { Length: >= 1 and <= 64 } || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) throw NoSuchBackup();
        // Told before, too: what a restore brought back that was then broken off stays.
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.KeyRestored, AuditActor.Command) { Subject = id, Code = "begun" }, cancel);
        KeysRestore done = await desk.Desk.KeysBackup.RestoreAsync(id, cancel) ?? throw NoSuchBackup();
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.KeyRestored, AuditActor.Command) { Subject = id, Count = done.Restored }, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{done.Restored} keys came back, {done.There} were there; {done.KeptErased} that were erased stay erased, {done.KeptDestroyed} that were turned over since, and of models that are built anew, stay destroyed."));
        if (done.Awaited > 0)
            await line.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{done.Awaited} of those that came back belong to tickets and mail that an erasure could not read. They were looked through; what belongs to the people who were erased was erased now. What could not be read still, housekeeping looks at again."));
        if (done.NotLookedAt is { } later)
            await line.InvocationConfiguration.Output.WriteLineAsync($"Erasures of {Names(later)} could not be gone on with just now: what came back of people who were erased may be readable until housekeeping has looked, every five minutes.");
        if (done.NotDone is { } broken)
            await line.InvocationConfiguration.Output.WriteLineAsync($"Not all of {Names(broken)} was brought back: what was erased there could not be read or erased again. Bring the table and the container \"erasures\" in order, then restore again.");
        return done.MadeAnew is not { } anew ? done.NotLookedAt is null && done.NotDone is null ? ExitCode.Ok : ExitCode.Failed : throw new CannotRunException(
            $"Of {string.Join(", ", anew)} nothing was brought back: a new root key was made there after the old one was lost, and what is in the backup opens under the old one alone. Stop the app; export what came in since, "
            + "which opens under the new root alone; delete that tenant's rows of \"keys\" in the partition \"{tenant}.root\"; restore again; start the app.");
    }

    static string Names(IEnumerable<RestoreFault> faults) => string.Join(", ", faults.Select(fault => $"{fault.Tenant} ({fault.Code})"));

    static CannotRunException NoSuchBackup() => new("There is no such backup, or its 30 days are over: \"ingest keys backups\" lists those that can be read.");

    static string Text(KeysBackupInfo made) => string.Create(CultureInfo.InvariantCulture, $"{made.Id}  {made.Made:yyyy-MM-dd HH:mm}Z  {made.Rows} keys  until {made.Until:yyyy-MM-dd}");
}
