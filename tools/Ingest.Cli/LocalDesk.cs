using System.CommandLine;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Settings;

namespace Ingest.Cli;

/// <summary>The desk of the system that runs on a data folder, opened beside the app: the same stores, the same keys.</summary>
internal sealed class LocalDesk
{
    LocalDesk(LocalSettings local, IngestSettings settings)
    {
        BaseUrl = new Uri(local.BaseUrl);
        Desk = new Desk(settings);
        Tenant = new TenantContext(settings.Tenant);
    }

    public Uri BaseUrl { get; }

    public Desk Desk { get; }

    public TenantContext Tenant { get; }

    /// <summary>The desk of the system that the command line means; fails with <see cref="CannotRunException"/> when it does not run.</summary>
    public static LocalDesk Of(ParseResult line) => Of(LocalSettings.OfRunning(DataFolder.Of(line)));

    public static LocalDesk Of(LocalSettings local)
    {
        IngestSettings? settings = IngestSettings.Read(name => local.Environment.GetValueOrDefault(name), out IReadOnlyList<string> problems);
        return settings is null ? throw new CannotRunException(string.Join(' ', problems)) : new LocalDesk(local, settings);
    }

    public async Task<IReadOnlyList<MailboxView>> MailboxesAsync(CancellationToken cancel)
    {
        List<MailboxView> mailboxes = [];
        await foreach (InboxId inbox in Desk.Mailboxes.ListAsync(Tenant, cancel))
            if (await Desk.Mailboxes.FindAsync(Tenant, inbox, cancel) is { } mailbox)
                mailboxes.Add(mailbox);
        return [.. mailboxes.OrderBy(mailbox => mailbox.Mailbox.Created)];
    }

    /// <summary>The mailbox that a person named by its id or its address.</summary>
    public async Task<MailboxView> MailboxAsync(string named, CancellationToken cancel) =>
        (await MailboxesAsync(cancel)).FirstOrDefault(mailbox =>
            mailbox.Mailbox.Id.Value == named || string.Equals(mailbox.Mailbox.Profile.Address, named, StringComparison.OrdinalIgnoreCase))
        ?? throw new CannotRunException($"There is no mailbox {named}: \"ingest mailbox list\" shows all.");

    /// <summary>A page on which a mailbox can be connected; the link works once, for half an hour.</summary>
    public Task<Uri> ConnectLinkAsync(CancellationToken cancel) => LinkAsync("/connect", cancel);

    /// <summary>A link that signs a browser in, once, within half an hour, and leads to a page of ours.</summary>
    public async Task<Uri> LinkAsync(string to, CancellationToken cancel) =>
        new(BaseUrl, $"/console/start?link={Uri.EscapeDataString(await Desk.Flows.CreateLinkAsync(Tenant, cancel))}&to={to}");
}
