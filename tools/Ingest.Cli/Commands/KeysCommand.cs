using System.CommandLine;
using System.Globalization;
using Ingest.Cli.Views;
using Ingest.Core.Audit;
using Ingest.Core.Keys;

namespace Ingest.Cli.Commands;

/// <summary>Shows, checks, turns over and backs up the root keys that everything else hangs from.</summary>
internal static class KeysCommand
{
    static readonly Option<bool> Index = new("--index") { Description = "Turns over the key of the blind indexes, by which addresses are looked up, instead. Takes about four hours, most of it waiting: housekeeping does the rest." };

    public static Command Create()
    {
        ExampleCommand list = new("list", "Lists the root keys and the key-encryption keys that they hang from.", "ingest keys list");
        Page.AddOptions(list);
        list.SetAction((line, cancel) => ShowAsync(line, open: false, cancel));
        ExampleCommand check = new("check", "Verifies and opens every root key, and says what is wrong; changes nothing.", "ingest keys check");
        Page.AddOptions(check);
        check.SetAction((line, cancel) => ShowAsync(line, open: true, cancel));
        ExampleCommand rewrap = new("rewrap", "Wraps root keys that hang from an older key under the newest; may be stopped and repeated at any time.", "ingest keys rewrap");
        rewrap.SetAction(RewrapAsync);
        ExampleCommand rotate = new("rotate", "Makes new root keys and wraps all data keys under them; the old go two hours later. May be stopped and repeated at any time.", "ingest keys rotate");
        rotate.Options.Add(Index);
        rotate.SetAction((line, cancel) => line.GetValue(Index) ? RotateIndexAsync(line, cancel) : RotateAsync(line, cancel));
        Command keys = new("keys", "Shows, checks, turns over and backs up the keys that everything else hangs from.") { list, check, rewrap, rotate };
        foreach (Command command in KeysBackupCommands.Create())
            keys.Add(command);
        return keys;
    }

    static async Task<int> ShowAsync(ParseResult line, bool open, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        List<RootKeyLine> roots = [];
        await foreach (RootState root in desk.Desk.Keys.Roots.ListAsync(desk.Tenant, open, cancel))
            roots.Add(RootKeyLine.Of(root));
        Page.Of(line).Show([.. roots], RootKeysView.Render);
        if (await desk.Desk.RotateIndex.WaitsForBackupAfterAsync(desk.Tenant, cancel) is { } since)
            await line.InvocationConfiguration.Error.WriteLineAsync(WaitsForBackup(since));
        return roots.Exists(root => root.Fault.Length > 0)
            ? throw new CannotRunException("Not every root key opens: compare its row with the copy of \"keys\" of the day before, and see whether its key in the vault is switched on.")
            : ExitCode.Ok;
    }

    static string WaitsForBackup(DateTimeOffset since) => string.Create(
        CultureInfo.InvariantCulture, $"The older index key stays until a backup of keys was begun after {since:yyyy-MM-dd HH:mm}Z, when the newest was made: housekeeping makes one a day, and \"ingest keys backup\" makes one now.");

    static Func<KeyAct, Task> Tell(LocalDesk desk, string code, CancellationToken cancel)
    {
        HashSet<KeyAct> told = [];
        return async act =>
        {
            if (told.Add(act))
                await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(act == KeyAct.Destroy ? AuditAction.KeyDeleted : AuditAction.KeyRotated, AuditActor.Command) { Result = act == KeyAct.Destroy ? AuditResult.Done : AuditResult.Begun, Code = code }, cancel);
        };
    }

    static async Task<int> RewrapAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.KeyRewrapped, AuditActor.Command), cancel);
        RewrapReport report = await desk.Desk.Keys.Roots.RewrapAsync(desk.Tenant, int.MaxValue, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"Wrapped anew: {report.Rewrapped} root keys. Taken in: {report.TakenIn} keys of mailbox credentials."));
        return ExitCode.Ok;
    }

    static async Task<int> RotateAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        foreach (KeyPurpose purpose in Enum.GetValues<KeyPurpose>())
        {
            string name = purpose == KeyPurpose.Data ? "The root key of the data" : "The root key of the credentials";
            if (await desk.Desk.Keys.RotateRootAsync(desk.Tenant, purpose, start: true, int.MaxValue, cancel, Tell(desk, purpose == KeyPurpose.Data ? "data" : "credential", cancel)) is not { } rotation)
            {
                await line.InvocationConfiguration.Output.WriteLineAsync($"{name} was never made: there is nothing to turn over.");
                continue;
            }

            await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.KeyRotated, AuditActor.Command) { Count = rotation.Rewrapped, Code = purpose == KeyPurpose.Data ? "data" : "credential" }, cancel);
            await line.InvocationConfiguration.Output.WriteLineAsync(Text(name, rotation));
        }

        return ExitCode.Ok;
    }

    static async Task<int> RotateIndexAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        if (await desk.Desk.RotateIndex.RunAsync(desk.Tenant, start: true, int.MaxValue, cancel, Tell(desk, "index", cancel)) is not { } rotation)
        {
            await line.InvocationConfiguration.Output.WriteLineAsync("The index key was never made: there is nothing to turn over.");
            return ExitCode.Ok;
        }

        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.KeyRotated, AuditActor.Command) { Count = rotation.Moved, Code = "index" }, cancel);
        string moved = string.Create(CultureInfo.InvariantCulture, $"The index key is number {rotation.Epoch}; {rotation.Moved} rows were moved to it");
        string left = (rotation.Left > 0 ? string.Create(CultureInfo.InvariantCulture, $", {rotation.Left} are left for the next time") : "")
            + (rotation.Broken > 0 ? string.Create(CultureInfo.InvariantCulture, $", {rotation.Broken} cannot be read and keep the old one (see \"ingest keys check\")") : "");
        string end = rotation.Done ? "; the old one is destroyed and nothing of it is left."
            : rotation.WaitsForBackupAfter is { } since ? ". " + WaitsForBackup(since)
            : string.Create(CultureInfo.InvariantCulture, $"; housekeeping goes on after {rotation.NotBefore:yyyy-MM-dd HH:mm}Z.");
        await line.InvocationConfiguration.Output.WriteLineAsync(moved + left + end);
        return ExitCode.Ok;
    }

    static string Text(string name, KeyRotation rotation) => string.Create(CultureInfo.InvariantCulture, $"{name} is number {rotation.Epoch}; {rotation.Rewrapped} keys were wrapped under it")
        + (rotation.Left > 0 ? string.Create(CultureInfo.InvariantCulture, $", some are left for the next time") : "")
        + (rotation.Broken > 0 ? string.Create(CultureInfo.InvariantCulture, $", {rotation.Broken} do not open and keep the old one (see \"ingest keys check\")") : "")
        + (rotation.Done ? "; the old one is destroyed." : string.Create(CultureInfo.InvariantCulture, $"; housekeeping destroys the old one after {rotation.NotBefore:yyyy-MM-dd HH:mm}Z."));
}
