using System.CommandLine;
using System.Globalization;
using Ingest.Cli.Views;
using Ingest.Core.Audit;
using Ingest.Core.Keys;

namespace Ingest.Cli.Commands;

/// <summary>Shows, checks and wraps anew the root keys that everything else hangs from.</summary>
internal static class KeysCommand
{
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
        return new Command("keys", "Shows, checks and wraps anew the root keys.") { list, check, rewrap };
    }

    static async Task<int> ShowAsync(ParseResult line, bool open, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        List<RootKeyLine> roots = [];
        await foreach (RootState root in desk.Desk.Keys.Roots.ListAsync(desk.Tenant, open, cancel))
            roots.Add(RootKeyLine.Of(root));
        Page.Of(line).Show([.. roots], RootKeysView.Render);
        return roots.Exists(root => root.Fault.Length > 0)
            ? throw new CannotRunException("Not every root key opens: compare its row with the copy of \"keys\" of the day before, and see whether its key in the vault is switched on.")
            : ExitCode.Ok;
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
}
