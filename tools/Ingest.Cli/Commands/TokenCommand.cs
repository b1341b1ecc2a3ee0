using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Ingest.Cli.Views;
using Ingest.Core.Access;

namespace Ingest.Cli.Commands;

/// <summary>Makes, shows and ends tokens of callers of the API.</summary>
internal static class TokenCommand
{
    static readonly Option<int> Days = new("--days") { Description = "Days until it ends, 1 to 365.", DefaultValueFactory = _ => 30 };
    static readonly Option<string> Name = new("--name") { Description = "What people call it.", DefaultValueFactory = _ => "command line" };
    static readonly Option<string[]> Allow = new("--allow")
    {
        Description = $"What it allows, once or more: {string.Join(", ", PermissionNames())}. Without it: {Words(Permission.ReadTickets)}, {Words(Permission.ReadJournal)}.",
        AllowMultipleArgumentsPerToken = true,
    };
    static readonly Option<string[]> Mailbox = new("--mailbox") { Description = "Only this mailbox (id or address), once or more; without it all, also later ones." };
    static readonly Option<string[]> From = new("--from") { Description = "Only from this network, such as 203.0.113.0/24, once or more. The app must know its proxies (INGEST_FORWARDED_HOPS)." };
    static readonly Argument<string> Id = new("token") { Description = "The token's id, as \"token list\" prints it." };

    public static Command Create()
    {
        Days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 365)
                result.AddError("--days is a number from 1 to 365.");
        });
        Allow.Validators.Add(result => Check(result, text => Parse(text) is not null, $"--allow is one of {string.Join(", ", PermissionNames())}."));
        From.Validators.Add(result => Check(result, text => IPNetwork.TryParse(text, out _), "--from is a network such as 203.0.113.0/24 or 2001:db8::/32; one address ends in /32 or /128."));
        ExampleCommand create = new("create", "Prints a new token; it cannot be shown again.", "ingest token create --days 7 --allow read-tickets answer-tickets --mailbox support@acme.example")
        {
            Name, Allow, Mailbox, From, Days,
        };
        create.SetAction(CreateAsync);
        ExampleCommand list = new("list", "Lists the tokens and what they allow; their secrets are not kept.", "ingest token list");
        Page.AddOptions(list);
        list.SetAction(ListAsync);
        ExampleCommand revoke = new("revoke", "Ends a token at once.", "ingest token revoke 4k7qz2mx4k7qz2mx") { Id };
        revoke.SetAction(RevokeAsync);
        return new Command("token", "Makes, shows and ends tokens of callers of the API.") { create, list, revoke };
    }

    /// <summary>A permission as it is written on the command line, such as "read-tickets".</summary>
    internal static string Words(Permission permission) => string.Concat(permission.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));

    static IEnumerable<string> PermissionNames() => Enum.GetValues<Permission>().Select(Words);

    static Permission? Parse(string text) => Enum.GetValues<Permission>().Cast<Permission?>().FirstOrDefault(permission => Words(permission!.Value) == text);

    static void Check(OptionResult result, Func<string, bool> isRight, string error)
    {
        if (!result.Tokens.All(token => isRight(token.Value)))
            result.AddError(error);
    }

    static async Task<int> CreateAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        List<InboxId> inboxes = [];
        foreach (string named in line.GetValue(Mailbox) ?? [])
            inboxes.Add((await desk.MailboxAsync(named, cancel)).Mailbox.Id);
        string[] allow = line.GetValue(Allow) ?? [];
        NewToken token = new()
        {
            Name = line.GetRequiredValue(Name),
            Permissions = allow.Length > 0 ? [.. allow.Select(text => Parse(text)!.Value)] : [Permission.ReadTickets, Permission.ReadJournal],
            Inboxes = inboxes,
            Networks = [.. (line.GetValue(From) ?? []).Select(IPNetwork.Parse)],
            Life = TimeSpan.FromDays(line.GetValue(Days)),
        };
        await line.InvocationConfiguration.Output.WriteLineAsync(await desk.Desk.Tokens.CreateAsync(desk.Tenant, token, cancel));
        return ExitCode.Ok;
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        IReadOnlyList<TokenInfo> tokens = await desk.Desk.Tokens.ListAsync(desk.Tenant, cancel);
        Page.Of(line).Show([.. tokens.Select(token => TokenLine.Of(token, desk.Desk.Time.GetUtcNow()))], TokensView.Render);
        return ExitCode.Ok;
    }

    static async Task<int> RevokeAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string id = line.GetRequiredValue(Id);
        if (!await desk.Desk.Tokens.RevokeAsync(desk.Tenant, id, cancel))
            throw new CannotRunException($"There is no token {id}: \"ingest token list\" shows all.");
        await line.InvocationConfiguration.Output.WriteLineAsync($"{id} is revoked.");
        return ExitCode.Ok;
    }
}
