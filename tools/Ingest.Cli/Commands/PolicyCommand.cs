using System.CommandLine;
using System.Net;
using System.Text.Json;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;
using Ingest.Core.Screening;
using Ingest.Core.Threading;
using Ingest.Mail.Dns;
using Ingest.Mail.Mime;

namespace Ingest.Cli.Commands;

/// <summary>Shows and sets what is done with mail before the filter is asked, and tries it on mails.</summary>
internal static class PolicyCommand
{
    static readonly Option<string?> Mailbox = new("--mailbox") { Description = "The mailbox's id or address; without it, what holds for all mailboxes.", HelpName = "mailbox" };
    static readonly Argument<string> File = new("file") { Description = "The policy as JSON, as \"ingest policy show\" prints it, or - for stdin; what it leaves out is as usual." };
    static readonly Argument<string> Pattern = new("pattern") { Description = "An address, a domain, a server or range, a List-Id, or \"Name: value\" of a header field; * stands for any characters." };
    static readonly Option<RuleSubject?> As = new("--as") { Description = "What the pattern is: Address, Domain, IpAddress, List or Header; told from its form unless said.", HelpName = "subject" };
    static readonly Option<bool> First = new("--first") { Description = "Put the rule above the others." };
    static readonly Argument<int> Number = new("number") { Description = "The rule's number, counted from 1." };
    static readonly Argument<string[]> Inputs = new("inputs") { Description = "Mails, folders of them, mbox files, or - for stdin.", Arity = ArgumentArity.OneOrMore };

    public static Command Create()
    {
        ExampleCommand show = new("show", "Prints a policy as JSON.", "ingest policy show", "ingest policy show --mailbox support@acme.example | jq .Rules") { Mailbox };
        show.SetAction(ShowAsync);
        ExampleCommand set = new("set", "Sets a policy from JSON; it holds for new mail within two minutes.", "ingest policy set policy.json", "ingest policy show | jq '.Unsure = \"Quarantine\"' | ingest policy set -") { File, Mailbox };
        set.SetAction(SetAsync);
        ExampleCommand allow = new("allow", "Adds a rule that takes mail, whatever the filter says.", "ingest policy allow '*.customer.example'", "ingest policy allow partner@firm.example --mailbox support@acme.example --first") { Pattern, As, Mailbox, First };
        allow.SetAction((line, cancel) => AddAsync(line, RuleEffect.Allow, cancel));
        ExampleCommand deny = new("deny", "Adds a rule that holds mail.", "ingest policy deny 192.0.2.0/24", "ingest policy deny 'X-Mailer: *Bulk*'", "ingest policy deny news.shop.example --as List") { Pattern, As, Mailbox, First };
        deny.SetAction((line, cancel) => AddAsync(line, RuleEffect.Deny, cancel));
        ExampleCommand suspend = new("suspend", "Adds a rule that holds all mail of one sender, in their tickets too.", "ingest policy suspend troll@example.com") { Pattern, Mailbox };
        suspend.SetAction((line, cancel) => AddAsync(line, RuleEffect.Suspend, cancel));
        ExampleCommand remove = new("remove", "Takes a rule away.", "ingest policy remove 3") { Number, Mailbox };
        remove.SetAction(RemoveAsync);
        ExampleCommand check = new("check", "Says what the policy would do with mails, and what in them is as deceivers do it; changes nothing.", "ingest policy check mail.eml --mailbox support@acme.example") { Inputs, Mailbox };
        check.SetAction(CheckAsync);
        return new Command("policy", "What is done with mail: rules, what is held and limits before the filter is asked, and what is masked before anything is kept.") { show, set, allow, deny, suspend, remove, check, RedactionPolicyCommand.Create() };
    }

    static async Task<InboxId?> InboxAsync(ParseResult line, LocalDesk desk, CancellationToken cancel) =>
        line.GetValue(Mailbox) is { } named ? (await desk.MailboxAsync(named, cancel)).Mailbox.Id : null;

    static async Task<int> ShowAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        HeldPolicy<MailPolicy> held = await desk.Desk.Policies.FindAsync(desk.Tenant, await InboxAsync(line, desk, cancel), cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(held.Policy.ToText());
        return ExitCode.Ok;
    }

    static async Task<int> SetAsync(ParseResult line, CancellationToken cancel)
    {
        string file = line.GetRequiredValue(File);
        byte[] json = file == "-" ? await ReadAsync(Console.OpenStandardInput(), cancel) : await System.IO.File.ReadAllBytesAsync(file, cancel);
        MailPolicy policy;
        try
        {
            policy = MailPolicy.FromJson(json);
        }
        catch (JsonException e)
        {
            throw new CannotRunException("The policy is no JSON, or a word in it is none of ours: \"ingest policy show\" prints one to begin with.", e);
        }

        return await ChangeAsync(line, _ => policy, cancel, whole: true);
    }

    static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancel)
    {
        using MemoryStream bytes = new();
        await stream.CopyToAsync(bytes, cancel);
        return bytes.ToArray();
    }

    static Task<int> AddAsync(ParseResult line, RuleEffect effect, CancellationToken cancel)
    {
        string pattern = line.GetRequiredValue(Pattern).Trim();
        MailRule rule = new(effect, effect == RuleEffect.Suspend ? RuleSubject.Address : line.GetValue(As) ?? SubjectOf(pattern), pattern);
        bool first = line.GetValue(First);
        return ChangeAsync(line, policy => policy with { Rules = first ? [rule, .. policy.Rules] : [.. policy.Rules, rule] }, cancel);
    }

    static RuleSubject SubjectOf(string pattern)
    {
        if (IPAddress.TryParse(pattern, out _) || IPNetwork.TryParse(pattern, out _))
            return RuleSubject.IpAddress;
        return pattern.Contains(':', StringComparison.Ordinal) ? RuleSubject.Header : pattern.IndexOf('@', StringComparison.Ordinal) > 0 ? RuleSubject.Address : RuleSubject.Domain;
    }

    static Task<int> RemoveAsync(ParseResult line, CancellationToken cancel)
    {
        int number = line.GetRequiredValue(Number);
        return ChangeAsync(line, policy => number >= 1 && number <= policy.Rules.Count
            ? policy with { Rules = [.. policy.Rules.Where((_, index) => index != number - 1)] }
            : throw new CannotRunException($"There is no rule {number}: \"ingest policy show\" prints all."), cancel);
    }

    static async Task<int> ChangeAsync(ParseResult line, Func<MailPolicy, MailPolicy> change, CancellationToken cancel, bool whole = false)
    {
        LocalDesk desk = LocalDesk.Of(line);
        try
        {
            await desk.Desk.Policies.ChangeAsync(desk.Tenant, await InboxAsync(line, desk, cancel), change, AuditActor.Command, cancel, whole: whole);
        }
        catch (PolicyException e)
        {
            throw new CannotRunException(e.Problem.Fix, e);
        }

        await line.InvocationConfiguration.Output.WriteLineAsync("Kept. It holds for new mail within two minutes.");
        return ExitCode.Ok;
    }

    static async Task<int> CheckAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        MailboxView mailbox = line.GetValue(Mailbox) is { } named ? await desk.MailboxAsync(named, cancel)
            : await desk.MailboxesAsync(cancel) is [var only] ? only : throw new CannotRunException("Name the mailbox that the mails are for with --mailbox: \"ingest mailbox list\" shows all.");
        MailPolicy policy = await desk.Desk.Policies.InForceAsync(desk.Tenant, mailbox.Mailbox.Id, cancel);
        Authenticate authenticate = new(new DnsResolver(DnsResolverOptions.FromSystem(), TimeProvider.System).LookupAsync, TimeProvider.System);
        await foreach ((string name, ReadOnlyMemory<byte> raw) in ParseInputs.ReadAsync(line.GetRequiredValue(Inputs), Console.OpenStandardInput(), cancel))
        {
            MailMessage message = MailMessage.Parse(raw);
            AuthVerdict auth = await authenticate.CheckAsync(message, mailbox.Mailbox.Profile, Authenticate.MostDnsWaits, cancel);
            OwnAddresses own = new([mailbox.Mailbox.Profile.Address, .. mailbox.Mailbox.Profile.Aliases]);
            Screened screened = Screen.Decide(message, auth, new ScreenInputs(own, _ => false));
            bool known = await desk.Desk.Contacts.FindAsync(desk.Tenant, Decide.Sender(message).Address, cancel) is not null;
            PolicyAnswer answer = AskPolicy.Ask(policy, mailbox.Mailbox, message, auth, screened, ThreadKind.New, known);
            await line.InvocationConfiguration.Output.WriteLineAsync(PolicyCheckLine.Write(name, auth, screened, answer));
        }

        return ExitCode.Ok;
    }
}
