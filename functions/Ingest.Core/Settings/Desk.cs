using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Screening;
using Ingest.Core.Store;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;
using Ingest.Mail.Dns;

namespace Ingest.Core.Settings;

/// <summary>The whole desk, put together from its settings; the app and the command line stand on the same one.</summary>
public sealed class Desk
{
    private static readonly TimeSpan TokenTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Puts the parts together; nothing is contacted yet. Tests give a clock, a transport that fails on demand, a way out that they can see into, and a DNS and vaults of their own.
    /// </summary>
    public Desk(IngestSettings settings, TimeProvider? time = null, HttpPipelineTransport? transport = null,
        Func<TenantContext, MailboxView, CancellationToken, Task<IMailSender>>? openSender = null, DnsLookup? dns = null, (IKeyVault Keys, KeyClient? Signing)? vaults = null,
        Func<RedactionInForce, RedactionInForce>? redaction = null)
    {
        Settings = settings;
        Time = time ?? TimeProvider.System;
        Storage = OpenStorage(settings, transport);
        Blobs = new BlobStore(Storage);
        (Vault, KeyClient? signingVault) = vaults ?? OpenVaults(settings, Time, call => OnVaultCall?.Invoke(call));
        TenantKeks = new TenantKeks(Storage.Tables, Blobs, Vault, Time) { OnSetBack = tenant => OnKeyListSetBack?.Invoke(new TenantContext(tenant)) };
        Keys = new KeyRing(new TableKeyRows(Storage.Tables.GetTableClient(TableNames.Keys)), Vault, Time, TenantKeks);
        Mailboxes = new MailboxStore(Storage.Tables, Keys, Time);
        Packs = new Packs(Storage.Tables, Blobs);
        RawMail = new RawMail(Packs, Keys);
        KeptIndex index = new(Storage.Tables);
        Journal = new Journal(Storage.Tables, index);
        Audit = new AuditLog(Storage.Tables, Blobs, Vault, Time);
        AuditExport = new AuditExport(Audit, Vault);
        AuditPages = new AuditPages(Audit);
        Contacts = new Contacts(Storage.Tables, Keys);
        Tickets = new TicketStore(Storage.Tables, Blobs, Keys, (tenant, ticket) => OnDamagedTicket?.Invoke(tenant, ticket));
        ContactTickets = new ContactTickets(Storage.Tables, Keys, Contacts, Tickets);
        Lessons = new Lessons(Storage.Tables, Keys);
        TicketPages = new TicketPages(Storage.Tables, Tickets, Contacts);
        Anchors anchors = new(Storage.Tables);
        Outbox = new Outbox(Storage.Tables);
        FindThread threads = new(anchors, Tickets, Journal);
        SyncQueue = new WorkQueue(Storage, Queues.MailboxSync);
        IngestQueue = new WorkQueue(Storage, Queues.MailIngest);
        ReplyQueue = new WorkQueue(Storage, Queues.ReplySend);
        LessonMails lessonMails = new(Mailboxes, RawMail, Journal);
        TenantModels = new TenantModels(Lessons, lessonMails, Mailboxes, TicketPages, Tickets, Time);
        TeachSpam = new TeachSpam(Tickets, lessonMails, Lessons, TenantModels, Time);
        Policies = new PolicyStore(Storage.Tables, Keys, Audit, Time);
        RedactionPolicies = new RedactionPolicies(Storage.Tables, Keys, Audit, Time);
        RedactionOfMailbox ofMailbox = new(RedactionPolicies, Mailboxes, Keys);
        RedactionInForce inForce = ofMailbox.FindAsync;
        Redaction = redaction?.Invoke(inForce) ?? inForce;
        Erasures = new ErasureLedger(Storage.Tables, Blobs, Keys, Time);
        Holds = new Holds(Storage.Tables, Keys, Erasures, Audit, Time);
        IngestMail = new IngestMail(Mailboxes, RawMail, Keys, new Authenticate(dns ?? OpenDns(settings, Time), Time), Contacts, threads, new AskPolicy(Policies, new MailRates(Storage.Tables)),
            new Decide(anchors, threads, Contacts), Tickets, new Acknowledge(Storage.Tables, anchors, Outbox, ReplyQueue, Time), TenantModels, TeachSpam, Redaction, Holds, Journal, Time);
        SyncMailbox = new SyncMailbox(Mailboxes, Keys, Packs, Journal, IngestQueue, Time);
        ScheduleSync = new ScheduleSync(Mailboxes, SyncQueue, Time);
        Reconcile = new Reconcile(Packs, Journal);
        Sources = new MailSources(settings, Mailboxes, Time);
        Replies = new QueueReply(Mailboxes, Tickets, anchors, Outbox, Keys, Redaction, ReplyQueue, Time);
        SigningKeys = new SigningKeys(Storage.Tables, Keys, signingVault, mayKeepPem: settings.Development);
        SendReply = new SendReply(Mailboxes, Tickets, Outbox, new OutgoingMessages(Tickets, SigningKeys), openSender ?? Sources.OpenSenderAsync, Time);
        KeepReplies replies = new(Outbox, SendReply, name => new WorkQueue(Storage, name), Time);
        HeldPeople people = new(Contacts, Keys, index);
        Eraser = new Eraser(Storage.Tables, Blobs, Tickets, Mailboxes, Contacts, Packs, Journal, Outbox, Keys, Vault, Erasures, Holds, Audit, Lessons, SigningKeys, Policies, people, Time, Sources.RevokeAsync);
        Originals = new Originals(Journal, RawMail, Keys);
        RedactTicket redactTicket = new(Storage.Tables, Blobs, Tickets, Journal, Keys, Erasures, Holds, Lessons, Audit, Time);
        RedactByHand = new RedactByHand(redactTicket, Tickets, Originals, Audit, Time);
        RedactMailbox = new RedactMailbox(Storage.Tables, redactTicket, new MaskNames(Contacts, Holds), Tickets, Mailboxes, Journal, Keys, Erasures, Holds, Audit, Redaction, ofMailbox.WithAsync, Time);
        Schedules = new Schedules(Storage.Tables, Keys, Audit);
        Retention = new ApplyRetention(Storage.Tables, Mailboxes, Packs, Journal, Tickets, Keys, Schedules, Holds, people, Eraser, Audit, Time);
        KeptTimes times = new(Mailboxes, Schedules, Holds, people);
        Review = new Review(Mailboxes, RawMail, Keys, Journal, index, times, IngestQueue, Redaction, Time);
        ReviewList = new ReviewList(Keys, Journal, index, times, Review, Time);
        PersonExport = new PersonExport(Storage.Tables, Contacts, ContactTickets, Tickets, Journal, Lessons, Mailboxes, ReviewList, Review, ofMailbox.WithAsync, Time);
        People = new People(Storage.Tables, Keys, Time);
        Tokens = new ApiTokens(Storage.Tables, Keys, Time);
        ReviewBulk = new ReviewBulk(ReviewList, Review, times, new BulkRows(Storage.Tables, Keys), People, Tokens, Audit, IngestQueue, Time);
        ReviewWatch = new ReviewWatch(ReviewList, Review, index, times, Policies.InForceAsync, Time);
        KeysBackup = new KeysBackup(Storage.Tables, Blobs, Vault, Erasures, Journal, Time, Eraser.LookAtUnreadAsync);
        RotateIndex = new RotateIndex(Keys, Contacts, People, Mailboxes, SigningKeys, KeysBackup, Time);
        Promises = new KeepPromises(Eraser, Retention, KeysBackup, redactTicket, RedactMailbox);
        KeepHouse = new KeepHouse(Mailboxes, Packs, Journal, Tickets, IngestMail, replies, new ExpiredRows(Storage.Tables), Promises, new KeepKeys(Mailboxes, Keys, RotateIndex, Audit, Time), Audit, ReviewWatch, ReviewBulk, TenantModels, name => new WorkQueue(Storage, name), Time);
        Flows = new Flows(Storage.Tables, Keys, Time);
        Sessions = new Sessions(Storage.Tables, Keys, People, settings.Development, Time);
        Issuer = settings.SignIn is { } signIn ? new OpenIdIssuer(signIn.Issuer, Time) : null;
        EntraTokens = Issuer is not null ? new EntraTokens(settings.SignIn!, Issuer, People) : null;
        SignIn = settings.SignIn is { CanSignIn: true } && Issuer is not null
            ? new SignIn(settings.SignIn, Issuer, Flows, People, Sessions, settings.BaseUrl, settings.Development ? null : ClientAssertion(settings))
            : null;
    }

    /// <summary>What it was made from.</summary>
    public IngestSettings Settings { get; }
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }
    /// <summary>The storage account.</summary>
    public StorageAccount Storage { get; }
    /// <summary>Blobs.</summary>
    public BlobStore Blobs { get; }
    /// <summary>Where the master keys are.</summary>
    public IKeyVault Vault { get; }
    /// <summary>Told of every call to a vault.</summary>
    public Action<VaultCall>? OnVaultCall { get; set; }
    /// <summary>Told of every ticket in a list that somebody wrote over, by its id.</summary>
    public Action<TenantContext, string>? OnDamagedTicket { get; set; }

    /// <summary>Told the tenant whose list of own keys was set back in the table: see <see cref="TenantKeks.OnSetBack"/>.</summary>
    public Action<TenantContext>? OnKeyListSetBack { get; set; }
    /// <summary>The keys that tenants bring themselves.</summary>
    public TenantKeks TenantKeks { get; }
    /// <summary>Data keys.</summary>
    public KeyRing Keys { get; }
    /// <summary>Mailboxes.</summary>
    public MailboxStore Mailboxes { get; }
    /// <summary>Packs of raw mail.</summary>
    public Packs Packs { get; }
    /// <summary>Raw mail.</summary>
    public RawMail RawMail { get; }
    /// <summary>What is masked in mail: a mailbox's own policy, and the one for all.</summary>
    public RedactionPolicies RedactionPolicies { get; }
    /// <summary>What is masked in each mailbox.</summary>
    public RedactionInForce Redaction { get; }
    /// <summary>Takes out of tickets what a person points at.</summary>
    public RedactByHand RedactByHand { get; }
    /// <summary>Redacts what a mailbox's tickets hold already.</summary>
    public RedactMailbox RedactMailbox { get; }
    /// <summary>Mails of tickets as they came.</summary>
    public Originals Originals { get; }
    /// <summary>The journal.</summary>
    public Journal Journal { get; }
    /// <summary>The audit log.</summary>
    public AuditLog Audit { get; }
    /// <summary>The audit log as it is read, part by part.</summary>
    public AuditPages AuditPages { get; }
    /// <summary>Takes the audit log out, and checks it where it lies.</summary>
    public AuditExport AuditExport { get; }
    /// <summary>Contacts.</summary>
    public Contacts Contacts { get; }
    /// <summary>Tickets.</summary>
    public TicketStore Tickets { get; }
    /// <summary>Every ticket that a contact has part in.</summary>
    public ContactTickets ContactTickets { get; }
    /// <summary>All that is held of one contact, as a file to give them.</summary>
    public PersonExport PersonExport { get; }
    /// <summary>Lists of tickets, part by part, and the search.</summary>
    public TicketPages TicketPages { get; }
    /// <summary>What agents taught the spam filter.</summary>
    public Lessons Lessons { get; }
    /// <summary>The models that are built from it.</summary>
    public TenantModels TenantModels { get; }
    /// <summary>Takes in what people say of mail.</summary>
    public TeachSpam TeachSpam { get; }
    /// <summary>The queue of mailboxes that are due.</summary>
    public WorkQueue SyncQueue { get; }
    /// <summary>The queue of listed mails.</summary>
    public WorkQueue IngestQueue { get; }
    /// <summary>The queue of replies that are to be sent.</summary>
    public WorkQueue ReplyQueue { get; }
    /// <summary>Replies on their way out.</summary>
    public Outbox Outbox { get; }
    /// <summary>Takes in replies.</summary>
    public QueueReply Replies { get; }
    /// <summary>Sends replies.</summary>
    public SendReply SendReply { get; }
    /// <summary>The DKIM keys of sending domains.</summary>
    public SigningKeys SigningKeys { get; }
    /// <summary>Turns the key of blind indexes over.</summary>
    public RotateIndex RotateIndex { get; }
    /// <summary>Erases for good.</summary>
    public Eraser Eraser { get; }
    /// <summary>How long what is kept.</summary>
    public Schedules Schedules { get; }
    /// <summary>Carries the schedules out, and says why something stays or goes.</summary>
    public ApplyRetention Retention { get; }
    /// <summary>Backups of the table of keys.</summary>
    public KeysBackup KeysBackup { get; }
    /// <summary>What was promised to people: erasures, retention, backups, redactions.</summary>
    public KeepPromises Promises { get; }
    /// <summary>Legal holds.</summary>
    public Holds Holds { get; }
    /// <summary>Every erasure there was, with its receipt.</summary>
    public ErasureLedger Erasures { get; }
    /// <summary>What people do with mail that was kept back.</summary>
    public Review Review { get; }
    /// <summary>Lists and searches kept-back mail.</summary>
    public ReviewList ReviewList { get; }
    /// <summary>Decisions on many kept-back mails at once.</summary>
    public ReviewBulk ReviewBulk { get; }
    /// <summary>Counts kept-back mail and says what is alarming.</summary>
    public ReviewWatch ReviewWatch { get; }
    /// <summary>What admins decided about mail.</summary>
    public PolicyStore Policies { get; }
    /// <summary>The pipeline.</summary>
    public IngestMail IngestMail { get; }
    /// <summary>Listing.</summary>
    public SyncMailbox SyncMailbox { get; }
    /// <summary>The clockwork.</summary>
    public ScheduleSync ScheduleSync { get; }
    /// <summary>Housekeeping.</summary>
    public KeepHouse KeepHouse { get; }
    /// <summary>The books.</summary>
    public Reconcile Reconcile { get; }
    /// <summary>How a mailbox is opened.</summary>
    public MailSources Sources { get; }
    /// <summary>Tries a mail server's settings before they are kept.</summary>
    public MailboxProbe Probe => new(Sources.Wire);
    /// <summary>Consent flows and browser sessions.</summary>
    public Flows Flows { get; }
    /// <summary>Tokens of API callers.</summary>
    public ApiTokens Tokens { get; }
    /// <summary>People and what they may do.</summary>
    public People People { get; }
    /// <summary>Browsers that are signed in.</summary>
    public Sessions Sessions { get; }
    /// <summary>Who proves people and applications; null when the settings name nobody.</summary>
    public OpenIdIssuer? Issuer { get; }
    /// <summary>Callers with the directory's tokens; null when the settings name no directory.</summary>
    public EntraTokens? EntraTokens { get; }
    /// <summary>Sign-in with the directory; null when it is not set up.</summary>
    public SignIn? SignIn { get; }

    /// <summary>Makes tables, queues and containers where they are missing. In Azure the deployment does it; locally tools/up.</summary>
    public async Task CreateStoresAsync(CancellationToken cancel)
    {
        foreach (string table in TableNames.All) await Storage.Tables.CreateTableIfNotExistsAsync(table, cancel);
        foreach (string container in new[] { Packs.Container, TicketStore.Container, ErasureLedger.Container, KeysBackup.Container, AuditLog.EndsContainer, TenantKeks.Container }) await Blobs.CreateContainerIfNotExistsAsync(container, cancel);
        foreach (string queue in Queues.All)
        {
            await Storage.Queues.GetQueueClient(queue).CreateIfNotExistsAsync(cancellationToken: cancel);
            await Storage.Queues.GetQueueClient(Queues.PoisonOf(queue)).CreateIfNotExistsAsync(cancellationToken: cancel);
        }
    }

    // Without a secret the app proves itself by its managed identity, which the registration trusts as a federated credential.
    private static Func<CancellationToken, ValueTask<string>> ClientAssertion(IngestSettings settings)
    {
        ManagedIdentityCredential identity = Identity(settings);
        return async cancel => (await identity.GetTokenAsync(new TokenRequestContext(["api://AzureADTokenExchange/.default"]), cancel)).Token;
    }

    private static ManagedIdentityCredential Identity(IngestSettings settings)
    {
        ManagedIdentityCredentialOptions identity = new(settings.IdentityClientId is { } id
            ? ManagedIdentityId.FromUserAssignedClientId(id)
            : ManagedIdentityId.SystemAssigned);
        identity.Retry.NetworkTimeout = TokenTimeout;
        return new ManagedIdentityCredential(identity);
    }

    private static DnsLookup OpenDns(IngestSettings settings, TimeProvider time) => settings.DnsTable is { } table
        ? table.LookupAsync
        : new DnsBreaker(new DnsResolver(DnsResolverOptions.FromSystem(), time).LookupAsync, time).LookupAsync;

    // Files under the development profile and nowhere else; a tenant's own key is opened with the same identity, in the vault that its list names.
    private static (IKeyVault Keys, KeyClient? Signing) OpenVaults(IngestSettings settings, TimeProvider time, Action<VaultCall> observe)
    {
        if (settings.Development) return (new LocalKeyVault(settings.KeyFolder!), null);
        ManagedIdentityCredential identity = Identity(settings);
        KeyVault keys = new(AddressOf(settings.VaultUri!), AddressOf(settings.CredentialVaultUri ?? settings.VaultUri!), Open, time);
        return (keys, settings.SigningVaultUri is { } signing ? Open(AddressOf(signing)) : null);

        KeyClient Open(VaultAddress vault) => new(vault, identity, new KeyClientOptions { Time = time, Observe = observe });
    }

    private static VaultAddress AddressOf(Uri uri) => VaultAddress.TryParse(uri, out VaultAddress? vault) ? vault : throw new InvalidOperationException("A vault's address was not checked.");

    private static StorageAccount OpenStorage(IngestSettings settings, HttpPipelineTransport? transport)
    {
        if (settings.StorageConnectionString is { } connection)
        {
            StorageAccount local = new(connection, transport);
            return local.IsLoopback ? local : throw new InvalidOperationException("IngestStorage must be on this machine under the development profile: use Azurite.");
        }

        return new StorageAccount(settings.TableServiceUri!, settings.QueueServiceUri!, settings.BlobServiceUri!, Identity(settings), transport);
    }
}
