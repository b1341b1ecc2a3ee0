using System.CommandLine;
using Ingest.Cli.Views;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Shows kept-back mail, lets it in, or deletes it: one mail, or all that fit.</summary>
internal static class QuarantineCommand
{
    static readonly Argument<string> Mail = new("mail") { Description = "The mail, as \"ingest quarantine list\" prints it." };
    static readonly Argument<string?> Maybe = new("mail") { Description = "The mail, as \"ingest quarantine list\" prints it; none with --all.", Arity = ArgumentArity.ZeroOrOne };
    static readonly Argument<string> Bulk = new("decision") { Description = "The decision, as --all printed it." };
    static readonly Option<string?> Words = new("--words") { Description = "Only mail with these words in its subject or sender. Content is sealed, so that mail is opened for it, newest first.", HelpName = "words" };
    static readonly Option<int> Limit = new("--limit") { Description = "The most mails to show.", DefaultValueFactory = _ => 100, HelpName = "n" };

    public static Command Create()
    {
        ExampleCommand list = new("list", "Lists kept-back mail, the newest first.", "ingest quarantine list", "ingest quarantine list --reason Spam --older-than 7", "ingest quarantine list --sender shop.example --words invoice", "ingest quarantine list --parked") { Words, Limit };
        Scope.AddOptions(list);
        list.Add(Scope.Parked);
        Page.AddOptions(list);
        list.SetAction(ListAsync);
        ExampleCommand show = new("show", "Shows a kept-back mail, redacted, with every reason in words.", "ingest quarantine show MAIL") { Mail };
        Page.AddOptions(show);
        show.SetAction(ShowAsync);
        ExampleCommand release = new("release", "Lets kept-back mail in: it becomes a ticket as if it had just arrived.", "ingest quarantine release MAIL", "ingest quarantine release --all --sender customer.example --dry-run") { Maybe };
        ExampleCommand delete = new("delete", "Deletes kept-back mail; nobody can bring it back.", "ingest quarantine delete MAIL", "ingest quarantine delete --all --reason Spam --older-than 7") { Maybe };
        foreach ((ExampleCommand command, BulkAction action) in new[] { (release, BulkAction.Release), (delete, BulkAction.Delete) })
        {
            Scope.AddOptions(command);
            command.Add(Scope.All);
            command.Add(Scope.DryRun);
            if (action == BulkAction.Delete) command.Add(Scope.Everything);
            Page.AddOptions(command);
            command.SetAction((line, cancel) => line.GetValue(Scope.All) ? AllAsync(line, action, cancel) : OneAsync(line, action, cancel));
        }

        ExampleCommand summary = new("summary", "Counts each mailbox's kept-back mail, and says what is alarming about it.", "ingest quarantine summary") { Scope.Mailbox };
        Page.AddOptions(summary);
        summary.SetAction(SummaryAsync);
        ExampleCommand progress = new("progress", "Shows how a decision on many stands.", "ingest quarantine progress DECISION") { Bulk };
        Page.AddOptions(progress);
        progress.SetAction(ProgressAsync);
        return new Command("quarantine", "Looks at mail that was kept back, and decides on it.") { list, show, release, delete, summary, progress };
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        Scope scope = await Scope.OfAsync(line, desk, cancel);
        int limit = Math.Clamp(line.GetValue(Limit), 1, ReviewList.MostAtOnce);
        List<KeptLine> lines = [];
        if (line.GetValue(Words) is { Length: > 0 } words)
        {
            string? after = null;
            do
            {
                KeptFound found = await desk.Desk.ReviewList.SearchAsync(desk.Tenant, scope.Inboxes, scope.Filter, words, limit - lines.Count, after, cancel);
                lines.AddRange(found.Mails.Select(m => KeptLine.Of(m.Line, scope.AddressOf(m.Line.Inbox), m.Mail)));
                after = found.Next;
            }
            while (after is not null && lines.Count < limit);
        }
        else
        {
            KeptPart part = await desk.Desk.ReviewList.PageAsync(desk.Tenant, scope.Inboxes, scope.Filter, limit, null, cancel);
            IReadOnlyList<ReviewedMail?> opened = await desk.Desk.ReviewList.OpenAllAsync(desk.Tenant, part.Mails, cancel);
            lines.AddRange(part.Mails.Select((m, i) => KeptLine.Of(m, scope.AddressOf(m.Inbox), opened[i])));
        }

        Page.Of(line).Show<KeptLine>([.. lines], QuarantineView.RenderList);
        return ExitCode.Ok;
    }

    static async Task<int> ShowAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string key = line.GetRequiredValue(Mail);
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
        {
            if (await desk.Desk.Review.OpenAsync(desk.Tenant, mailbox.Mailbox.Id, key, cancel, seen: true) is not { } mail) continue;
            Page.Of(line).Show(KeptDetail.Of(mail, mailbox.Mailbox.Profile.Address), QuarantineView.Render);
            return ExitCode.Ok;
        }

        throw NotThere(key);
    }

    static async Task<int> OneAsync(ParseResult line, BulkAction action, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string key = line.GetValue(Maybe) ?? throw new CannotRunException("Name a mail, or --all with what it is to fit: --sender, --reason, --older-than, --mailbox.");
        if (line.GetValue(Scope.DryRun)) throw new CannotRunException("--dry-run counts what --all would mean; leave it out for one mail.");
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
        {
            ReviewEnd end = action == BulkAction.Release
                ? await desk.Desk.Review.ReleaseAsync(desk.Tenant, mailbox.Mailbox.Id, key, Core.Audit.AuditActor.Command, cancel)
                : await desk.Desk.Review.DeleteAsync(desk.Tenant, mailbox.Mailbox.Id, key, cancel);
            if (end == ReviewEnd.NotThere) continue;
            Page.Of(line).Show(new KeptEnd(key, Say(action, end)), QuarantineView.Render);
            return end == ReviewEnd.Done ? ExitCode.Ok : ExitCode.Failed;
        }

        throw NotThere(key);
    }

    static async Task<int> AllAsync(ParseResult line, BulkAction action, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        if (line.GetValue(Maybe) is not null) throw new CannotRunException("--all means every mail that fits: name no mail besides.");
        if (action == BulkAction.Delete && !line.GetValue(Scope.DryRun) && !Scope.Narrows(line) && !line.GetValue(Scope.Everything))
            throw new CannotRunException("Say which are to be deleted: --reason, --sender, --mailbox or --older-than; or --everything, for all that is kept back.");
        Scope scope = await Scope.OfAsync(line, desk, cancel);
        BulkDecision bulk = desk.Desk.ReviewBulk.New(action, new BulkScope { Inboxes = [.. scope.Inboxes.Select(i => i.Value)], Filter = scope.Filter }, Core.Audit.AuditActor.Command);
        if (line.GetValue(Scope.DryRun))
        {
            Page.Of(line).Show(BulkLine.Of(bulk with { Id = "", State = BulkState.Done, Meant = await desk.Desk.ReviewBulk.CountAsync(desk.Tenant, bulk.Scope, cancel) }), QuarantineView.Render);
            return ExitCode.Ok;
        }

        bulk = await desk.Desk.ReviewBulk.BeginAsync(desk.Tenant, bulk, cancel);
        // The running system does it too; whoever is quicker with a step, it is done once.
        while (bulk.State == BulkState.Running && await desk.Desk.ReviewBulk.RunAsync(desk.Tenant, bulk.Id, cancel) is { } next) bulk = next;
        Page.Of(line).Show(BulkLine.Of(await desk.Desk.ReviewBulk.FindAsync(desk.Tenant, bulk.Id, cancel) ?? bulk), QuarantineView.Render);
        return ExitCode.Ok;
    }

    static async Task<int> SummaryAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        IReadOnlyList<MailboxView> mailboxes = line.GetValue(Scope.Mailbox) is { } named ? [await desk.MailboxAsync(named, cancel)] : await desk.MailboxesAsync(cancel);
        List<KeptSummary> summaries = [];
        foreach (MailboxView mailbox in mailboxes)
        {
            KeptCounts counts = await desk.Desk.ReviewWatch.CountAsync(desk.Tenant, mailbox.Mailbox.Id, cancel);
            summaries.Add(KeptSummary.Of(counts, mailbox.Mailbox.Profile.Address, await desk.Desk.ReviewWatch.AlarmsAsync(desk.Tenant, mailbox.Mailbox.Id, counts, cancel)));
        }

        Page.Of(line).Show<KeptSummary>([.. summaries], QuarantineView.RenderSummary);
        return ExitCode.Ok;
    }

    static async Task<int> ProgressAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string id = line.GetRequiredValue(Bulk);
        BulkDecision bulk = await desk.Desk.ReviewBulk.FindAsync(desk.Tenant, id, cancel) ?? throw new CannotRunException($"There is no decision {id}: \"ingest quarantine release --all\" and \"delete --all\" print theirs; after 90 days they are forgotten.");
        Page.Of(line).Show(BulkLine.Of(bulk), QuarantineView.Render);
        return ExitCode.Ok;
    }

    static string Say(BulkAction action, ReviewEnd end) => end switch
    {
        ReviewEnd.Done => action == BulkAction.Release ? "let in; its ticket is there in a moment" : "deleted",
        ReviewEnd.LetInBefore => "somebody let it in before",
        ReviewEnd.DeletedBefore => "somebody deleted it before",
        ReviewEnd.Expired => "its time was over, and it was deleted",
        ReviewEnd.OriginalGone => "its original is gone",
        ReviewEnd.Damaged => "its original is damaged and cannot be opened; it can only be deleted",
        ReviewEnd.Held => "a legal hold keeps it",
        ReviewEnd.NotThere => throw new System.Diagnostics.UnreachableException(),
    };

    static CannotRunException NotThere(string key) => new($"No mail {key} is kept back: \"ingest quarantine list\" shows which are.");

    /// <summary>Which kept-back mail a line means.</summary>
    sealed record Scope(IReadOnlyList<MailboxView> Mailboxes, KeptFilter Filter)
    {
        public static readonly Option<string?> Mailbox = new("--mailbox") { Description = "Only this mailbox: its id or address.", HelpName = "mailbox" };
        public static readonly Option<string[]> Reason = new("--reason") { Description = "Only mail kept back for this reason, such as Spam; may be given several times.", HelpName = "reason", DefaultValueFactory = _ => [] };
        public static readonly Option<string?> Sender = new("--sender") { Description = "Only mail of this sender: a whole address, or a domain.", HelpName = "address" };
        public static readonly Option<int?> OlderThan = new("--older-than") { Description = "Only mail received so many days ago or earlier.", HelpName = "days" };
        public static readonly Option<bool> Parked = new("--parked") { Description = "Mail that we failed on, instead of mail that was kept back." };
        public static readonly Option<bool> All = new("--all") { Description = "Every mail that fits and is kept back by now." };
        public static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only count what would be meant." };
        public static readonly Option<bool> Everything = new("--everything") { Description = "With --all and nothing that narrows it: delete all that is kept back, of every mailbox." };
        private const int MostDays = 36_500;

        public IReadOnlyList<Core.Access.InboxId> Inboxes => [.. Mailboxes.Select(m => m.Mailbox.Id)];

        public string AddressOf(Core.Access.InboxId inbox) => Mailboxes.First(m => m.Mailbox.Id == inbox).Mailbox.Profile.Address;

        public static void AddOptions(Command command)
        {
            foreach (Option option in new Option[] { Mailbox, Reason, Sender, OlderThan }) command.Add(option);
        }

        public static bool Narrows(ParseResult line) =>
            line.GetValue(Mailbox) is not null || line.GetValue(Reason) is { Length: > 0 } || line.GetValue(Sender) is not null || line.GetValue(OlderThan) is not null;

        public static async Task<Scope> OfAsync(ParseResult line, LocalDesk desk, CancellationToken cancel)
        {
            IReadOnlyList<MailboxView> mailboxes = line.GetValue(Mailbox) is { } named ? [await desk.MailboxAsync(named, cancel)] : await desk.MailboxesAsync(cancel);
            List<OutcomeReason> reasons = [];
            foreach (string name in line.GetValue(Reason) ?? [])
                reasons.Add(Enum.TryParse(name, ignoreCase: true, out OutcomeReason reason) && Enum.IsDefined(reason) ? reason : throw new CannotRunException($"There is no reason {name}: \"ingest quarantine summary\" shows those there are."));
            int? days = line.GetValue(OlderThan);
            if (days is < 0 or > MostDays) throw new CannotRunException("--older-than takes a number of days from 0 to 36500.");
            string? sender = line.GetValue(Sender)?.Trim();
            KeptFilter filter = new()
            {
                Outcome = line.CommandResult.Command.Options.Contains(Parked) && line.GetValue(Parked) ? OutcomeKind.Parked : OutcomeKind.Quarantined,
                Reasons = reasons,
                Sender = sender ?? "",
                ReceivedBefore = days is { } ago ? desk.Desk.Time.GetUtcNow().AddDays(-ago) : null,
            };
            return filter.IsUsable && sender is not "" ? new Scope(mailboxes, filter) : throw new CannotRunException("--sender takes an address like name@example.com, or a domain like example.com.");
        }
    }
}
