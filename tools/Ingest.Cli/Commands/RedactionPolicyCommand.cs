using System.CommandLine;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;

namespace Ingest.Cli.Commands;

/// <summary><c>ingest policy redaction</c>: shows and sets what is masked in mail before anything is kept.</summary>
internal static class RedactionPolicyCommand
{
    static readonly Option<string?> Mailbox = new("--mailbox") { Description = "The mailbox's id or address; without it, what holds for all mailboxes.", HelpName = "mailbox" };
    static readonly Option<string> Named = new("--mailbox") { Description = "The mailbox's id or address.", HelpName = "mailbox", Required = true };
    static readonly Argument<string> File = new("file") { Description = "The policy as JSON, as \"ingest policy redaction show\" prints it and \"ingest redact --help\" explains it, - for stdin, or a preset: default, pci, gdpr, hipaa or off." };

    public static Command Create()
    {
        ExampleCommand show = new("show", "Prints what is masked, as JSON.", "ingest policy redaction show", "ingest policy redaction show --mailbox support@acme.example > redaction.json") { Mailbox };
        show.SetAction(ShowAsync);
        ExampleCommand set = new("set", "Sets what is masked, from JSON; what it leaves out is as its preset has it. It holds for new mail within two minutes.",
            "ingest policy redaction set pci --mailbox billing@acme.example", "ingest policy redaction set redaction.json", "echo '{\"preset\":\"gdpr\",\"dryRun\":true}' | ingest policy redaction set -") { File, Mailbox };
        set.SetAction(SetAsync);
        ExampleCommand remove = new("remove", "Takes a mailbox's own settings away: what holds for all mailboxes holds for it again.", "ingest policy redaction remove --mailbox support@acme.example") { Named };
        remove.SetAction(RemoveAsync);
        return new Command("redaction", "What is masked in mail before anything is kept.") { show, set, remove };
    }

    static async Task<InboxId?> InboxAsync(string? named, LocalDesk desk, CancellationToken cancel) => named is null ? null : (await desk.MailboxAsync(named, cancel)).Mailbox.Id;

    static async Task<int> ShowAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        InboxId? inbox = await InboxAsync(line.GetValue(Mailbox), desk, cancel);
        HeldPolicy<RedactionPolicy> held = await desk.Desk.RedactionPolicies.FindAsync(desk.Tenant, inbox, cancel);
        if (inbox is not null && !held.IsSet) held = await desk.Desk.RedactionPolicies.FindAsync(desk.Tenant, null, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(held.Policy.ToText());
        return ExitCode.Ok;
    }

    static async Task<int> SetAsync(ParseResult line, CancellationToken cancel)
    {
        RedactionPolicy policy;
        try
        {
            policy = await ReadAsync(line.GetRequiredValue(File), cancel);
        }
        catch (FormatException e)
        {
            await line.InvocationConfiguration.Error.WriteLineAsync("ingest policy redaction set: " + e.Message);
            return ExitCode.Usage;
        }

        LocalDesk desk = LocalDesk.Of(line);
        try
        {
            await desk.Desk.RedactionPolicies.ChangeAsync(desk.Tenant, await InboxAsync(line.GetValue(Mailbox), desk, cancel), _ => policy, AuditActor.Command, cancel, whole: true);
        }
        catch (PolicyException e)
        {
            throw new CannotRunException(e.Problem.Fix, e);
        }

        await line.InvocationConfiguration.Output.WriteLineAsync("Kept. It holds for new mail within two minutes.");
        return ExitCode.Ok;
    }

    static async Task<RedactionPolicy> ReadAsync(string file, CancellationToken cancel)
    {
        if (file.Length < 10 && file.Length > 1 && file.All(char.IsAsciiLetter)) return RedactionPolicy.FromJson(Encoding.UTF8.GetBytes($"{{\"preset\":\"{file}\"}}"));
        if (file != "-") return RedactionPolicy.FromJson(await System.IO.File.ReadAllBytesAsync(file, cancel));
        using MemoryStream json = new();
        await Console.OpenStandardInput().CopyToAsync(json, cancel);
        return RedactionPolicy.FromJson(json.ToArray());
    }

    static async Task<int> RemoveAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        InboxId inbox = (await desk.MailboxAsync(line.GetRequiredValue(Named), cancel)).Mailbox.Id;
        while (await desk.Desk.RedactionPolicies.FindAsync(desk.Tenant, inbox, cancel) is { IsSet: true } there)
        {
            if (!await desk.Desk.RedactionPolicies.RemoveAsync(desk.Tenant, inbox, there.Version, AuditActor.Command, cancel)) continue;
            await line.InvocationConfiguration.Output.WriteLineAsync("The mailbox's own settings are gone: what holds for all mailboxes holds for it again.");
            return ExitCode.Ok;
        }

        throw new CannotRunException("This mailbox has no redaction settings of its own: \"ingest policy redaction show\" prints what holds.");
    }
}
