using System.CommandLine;
using Ingest.Core.Mailboxes;

namespace Ingest.Cli.Commands;

/// <summary>Sets what may be set of a mailbox without connecting it anew.</summary>
internal static class SettingsCommand
{
    static readonly Argument<string> Named = new("mailbox") { Description = "The mailbox's id or address, as \"mailbox list\" prints it." };
    static readonly Option<string?> SenderName = new("--sender-name") { Description = "The name that customers see; \"\" for the name of whoever writes.", HelpName = "name" };
    static readonly Option<string?> Acknowledge = new("--acknowledge")
    {
        Description = "The text of the automatic acknowledgement of a new ticket, with {number} for its number; - reads it from standard input, \"\" switches it off.",
        HelpName = "text",
    };
    static readonly Option<bool?> Plus = new("--plus-addressing") { Description = "Whether mail to name+anything@ reaches this mailbox, so that answers can carry their ticket in the address.", HelpName = "true|false" };
    static readonly Option<string[]> Aliases = new("--alias") { Description = "Another address that leads to it, once or more; these take the place of those before, \"\" alone of all.", HelpName = "address" };
    static readonly Option<string[]> AuthservIds = new("--authserv-id") { Description = "Whose Authentication-Results are believed (RFC 8601), once or more; as with --alias.", HelpName = "id" };
    static readonly Option<string[]> Sealers = new("--trusted-sealer") { Description = "A domain that may pass mail on and is believed about its author (ARC, RFC 8617), once or more; as with --alias.", HelpName = "domain" };
    static readonly Option<string[]> Servers = new("--receiving-server") { Description = "A server of the mailbox's provider as it names itself after \"by\" in Received lines, or the domain above, once or more; as with --alias.", HelpName = "name" };

    public static Command Create()
    {
        ExampleCommand command = new("set", "Sets a mailbox's sender name, acknowledgement and addresses; without an option it prints how they stand.",
            "ingest mailbox set support@acme.example --sender-name \"Acme Support\"", "ingest mailbox set support@acme.example --acknowledge \"We have your mail; it is ticket {number}.\"")
        {
            Named, SenderName, Acknowledge, Plus, Aliases, AuthservIds, Sealers, Servers,
        };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        Mailbox mailbox = (await desk.MailboxAsync(line.GetRequiredValue(Named), cancel)).Mailbox;
        Func<MailboxProfile, MailboxSettings> change = await WishAsync(line, cancel);
        MailboxSettings settings = change(mailbox.Profile);
        if (settings.Check(mailbox) is [var problem, ..])
            throw new CannotRunException(problem.Fix);
        await desk.Desk.Mailboxes.ChangeProfileAsync(desk.Tenant, mailbox.Id, profile => change(profile).ApplyTo(profile), cancel);
        TextWriter output = line.InvocationConfiguration.Output;
        await output.WriteLineAsync($"sender name:      {(settings.SenderName.Length > 0 ? settings.SenderName : "(the name of whoever writes)")}");
        await output.WriteLineAsync($"acknowledgement:  {(settings.Acknowledgement.Length > 0 ? settings.Acknowledgement.ReplaceLineEndings(" / ") : "(none)")}");
        await output.WriteLineAsync($"plus addressing:  {(mailbox.Kind == MailboxKind.Google || settings.PlusAddressing ? "yes" : "no")}");
        await output.WriteLineAsync($"other addresses:  {Listed(settings.Aliases)}");
        await output.WriteLineAsync($"believed checks:  {Listed(settings.AuthservIds)}");
        await output.WriteLineAsync($"trusted sealers:  {Listed(settings.TrustedSealers)}");
        await output.WriteLineAsync($"its own servers:  {Listed(settings.ReceivingServers)}");
        return ExitCode.Ok;
    }

    static string Listed(IReadOnlyList<string> names) => names.Count > 0 ? string.Join(", ", names) : "(none)";

    static async Task<Func<MailboxProfile, MailboxSettings>> WishAsync(ParseResult line, CancellationToken cancel)
    {
        string? acknowledge = line.GetValue(Acknowledge);
        if (acknowledge == "-")
            acknowledge = await Console.In.ReadToEndAsync(cancel);
        string[] aliases = line.GetValue(Aliases) ?? [], ids = line.GetValue(AuthservIds) ?? [];
        string[] sealers = line.GetValue(Sealers) ?? [], servers = line.GetValue(Servers) ?? [];
        return profile =>
        {
            MailboxSettings now = MailboxSettings.Of(profile);
            return new MailboxSettings
            {
                SenderName = line.GetValue(SenderName) ?? now.SenderName,
                Acknowledgement = acknowledge ?? now.Acknowledgement,
                PlusAddressing = line.GetValue(Plus) ?? now.PlusAddressing,
                Aliases = aliases.Length > 0 ? aliases : now.Aliases,
                AuthservIds = ids.Length > 0 ? ids : now.AuthservIds,
                TrustedSealers = sealers.Length > 0 ? sealers : now.TrustedSealers,
                ReceivingServers = servers.Length > 0 ? servers : now.ReceivingServers,
            }.Tidy();
        };
    }
}
