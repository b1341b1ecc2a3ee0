using System.CommandLine;
using Ingest.Core.Mailboxes;
using Ingest.Core.Replies;

namespace Ingest.Cli.Commands;

/// <summary>Shows, makes and takes away the keys that sign a mailbox's replies.</summary>
internal static class DkimCommand
{
    static readonly Argument<string> Named = new("mailbox") { Description = "The mailbox's id or address, as \"mailbox list\" prints it." };
    static readonly Option<string?> Domain = new("--domain") { Description = "Which of the domains it sends from; that of its address by default.", HelpName = "name" };
    static readonly Option<string> Selector = new("--selector")
    {
        Description = "The key's name, under which it is published. The same again makes no new key; another makes one in its place.",
        HelpName = "name",
        DefaultValueFactory = _ => "ingest1",
    };

    public static Command Create()
    {
        ExampleCommand list = new("list", "Shows how replies are signed, and the DNS records to publish.", "ingest mailbox dkim list support@acme.example") { Named };
        list.SetAction(ListAsync);
        ExampleCommand create = new("create", "Makes a key, signs replies from now on, and prints the DNS record to publish.", "ingest mailbox dkim create support@acme.example --selector ingest2") { Named, Domain, Selector };
        create.SetAction(CreateAsync);
        ExampleCommand remove = new("remove", "Takes a key away, for good: replies are no longer signed.", "ingest mailbox dkim remove support@acme.example") { Named, Domain };
        remove.SetAction(RemoveAsync);
        return new Command("dkim", "Signs a mailbox's replies with a key of their domain (DKIM).") { list, create, remove };
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        Mailbox mailbox = await SignableAsync(desk, line, cancel);
        foreach (string domain in SigningKeys.DomainsOf(mailbox))
        {
            (string Selector, DkimRecord Record)? key = await desk.Desk.SigningKeys.DescribeAsync(desk.Tenant, domain, cancel);
            await line.InvocationConfiguration.Output.WriteLineAsync(key is { } there ? Published(there.Record) : $"{domain} is not signed: \"ingest mailbox dkim create {mailbox.Profile.Address}\" makes a key.");
        }
        return ExitCode.Ok;
    }

    static async Task<int> CreateAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string domain = DomainOf(await SignableAsync(desk, line, cancel), line), selector = line.GetRequiredValue(Selector).ToLowerInvariant();
        if (!SigningKeys.IsSelector(selector))
            throw new CannotRunException("--selector is a name of letters a to z, digits and hyphens, such as ingest1.");
        await line.InvocationConfiguration.Output.WriteLineAsync(Published(await desk.Desk.SigningKeys.CreateAsync(desk.Tenant, domain, selector, cancel)));
        return ExitCode.Ok;
    }

    static async Task<int> RemoveAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string domain = DomainOf(await SignableAsync(desk, line, cancel), line);
        if (!await desk.Desk.SigningKeys.DeleteAsync(desk.Tenant, domain, cancel))
            throw new CannotRunException($"{domain} has no key: \"ingest mailbox dkim list\" shows which have.");
        await line.InvocationConfiguration.Output.WriteLineAsync($"Mail from {domain} is no longer signed. Leave its record in the DNS for a week, for mail that is on its way.");
        return ExitCode.Ok;
    }

    static async Task<Mailbox> SignableAsync(LocalDesk desk, ParseResult line, CancellationToken cancel)
    {
        Mailbox mailbox = (await desk.MailboxAsync(line.GetRequiredValue(Named), cancel)).Mailbox;
        return mailbox.Kind == MailboxKind.Google ? throw new CannotRunException("Gmail signs what it sends: switch that on for your domain in the Google Admin console, under Gmail, Authenticate email.") : mailbox;
    }

    static string DomainOf(Mailbox mailbox, ParseResult line)
    {
        IReadOnlyList<string> domains = SigningKeys.DomainsOf(mailbox);
        string? wanted = line.GetValue(Domain)?.ToLowerInvariant() ?? (domains.Count > 0 ? domains[0] : null);
        return domains.FirstOrDefault(domain => domain == wanted) ?? throw new CannotRunException($"{mailbox.Id} sends from no such domain: \"ingest mailbox dkim list\" shows which it has.");
    }

    // The form in which zone files have it: no string of a TXT record is longer than 255 bytes (RFC 1035 section 3.3).
    static string Published(DkimRecord record) => $"{record.Name}. IN TXT ( {string.Join(' ', record.Value.Chunk(255).Select(piece => $"\"{new string(piece)}\""))} )";
}
