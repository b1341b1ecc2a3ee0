using System.Security.Cryptography.X509Certificates;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Mail.Imap;
using Ingest.Mail.Smtp;
using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

/// <summary>Opens mailboxes: with their credential, at the place that the settings name.</summary>
public sealed class MailSources : IDisposable
{
    private readonly IngestSettings _settings;
    private readonly MailboxStore _mailboxes;
    private readonly TimeProvider _time;
    private readonly Lazy<GoogleTransport> _transport;
    private readonly GoogleAccesses _accesses;

    /// <summary>Opens mailboxes of a store; <paramref name="transport"/>, which tests give, is disposed with this.</summary>
    public MailSources(IngestSettings settings, MailboxStore mailboxes, TimeProvider time, GoogleTransport? transport = null)
    {
        (_settings, _mailboxes, _time) = (settings, mailboxes, time);
        _transport = transport is null ? new(() => new GoogleTransport()) : new(transport);
        _accesses = new GoogleAccesses(time);
    }

    /// <summary>Where Google is: a constant, unless the development profile names a stand-in on this machine.</summary>
    public GoogleEndpoints Endpoints => _settings is { Development: true, GoogleEndpoint: { } root } ? GoogleEndpoints.ForDevelopment(root) : GoogleEndpoints.Google;

    /// <summary>How mail servers are connected to: on the public internet, and under the development profile on this machine, too.</summary>
    public WireOptions Wire => new()
    {
        MayConnect = _settings.Development ? AddressRules.IsPublicOrLoopback : AddressRules.IsPublic,
        // Read each time: under the development profile servers come and go, each with a certificate of its own.
        TrustedRoots = _settings is { Development: true, TrustedRootsFile: { } file } ? Certificates(file) : null,
        Time = _time,
    };

    /// <summary>True when the settings name an OAuth client.</summary>
    public bool CanConnectGoogle => _settings is { GoogleClientId: not null, GoogleClientSecret: not null };

    /// <summary>
    /// Google's consent under our registration; throws <see cref="NotNowException"/> when the settings name none (<see cref="CanConnectGoogle"/>): an
    /// operator's slip, for which no mailbox must be connected again.
    /// </summary>
    public GoogleConsent Consent() => _settings is { GoogleClientId: { } id, GoogleClientSecret: { } secret }
        ? new GoogleConsent(new GoogleClient(id, secret.Reveal()), Endpoints, _transport.Value, _time)
        : throw new NotNowException("google-client-missing");

    /// <summary>Opens a mailbox; throws <see cref="MailboxRefusedException"/> when it has no usable credential.</summary>
    public async Task<IMailSource> OpenAsync(TenantContext tenant, MailboxView view, CancellationToken cancel)
    {
        Mailbox mailbox = view.Mailbox;
        if (mailbox is { Kind: MailboxKind.Imap, Profile.Imap: { } server } && view.SealedCredential is { } password)
            return await OpenImapAsync(tenant, mailbox, server, password, cancel);
        if (mailbox.Kind != MailboxKind.Google || view.SealedCredential is not { } box) throw new MailboxRefusedException(MailboxFault.NoPermission);
        GoogleAccess access = _accesses.Find(tenant, mailbox.Id, box) ?? await OpenAccessAsync(tenant, mailbox.Id, box, cancel);
        return new GmailSource(access, Since(mailbox), Endpoints, _transport.Value, _time);
    }

    /// <summary>Opens the way out of a mailbox; throws <see cref="MailboxRefusedException"/> when it has none, or no usable credential.</summary>
    public async Task<IMailSender> OpenSenderAsync(TenantContext tenant, MailboxView view, CancellationToken cancel)
    {
        Mailbox mailbox = view.Mailbox;
        if (view.SealedCredential is not { } box) throw new MailboxRefusedException(MailboxFault.NoPermission);
        if (mailbox.Kind == MailboxKind.Google)
            return new GmailSender(_accesses.Find(tenant, mailbox.Id, box) ?? await OpenAccessAsync(tenant, mailbox.Id, box, cancel), Endpoints, _transport.Value, _time);
        if (mailbox.Profile.Smtp is not { } server) throw new MailboxRefusedException(MailboxFault.NoPermission);
        MailboxCredential credential = await _mailboxes.OpenCredentialAsync(tenant, mailbox.Id, box, cancel) ?? throw new MailboxRefusedException(MailboxFault.PasswordRefused);
        bool isToken = credential.Kind != MailboxCredential.Password;
        // One password for both servers; the name may be given once.
        string name = server.UserName.Length > 0 ? server.UserName : mailbox.Profile.Imap?.UserName ?? "";
        ServerSettings? imap = mailbox.Profile.Imap;
        SentFolder? sent = imap is null ? null : new SentFolder(imap, new ImapLogin(imap.UserName, credential.RefreshToken, isToken), Wire);
        return new SmtpSender(server, new SmtpLogin(name, credential.RefreshToken, isToken), sent, imap is not null && SmtpSender.KeepsAll(server, name, imap), Wire);
    }

    private async Task<ImapSource> OpenImapAsync(TenantContext tenant, Mailbox mailbox, ServerSettings server, byte[] box, CancellationToken cancel)
    {
        MailboxCredential credential = await _mailboxes.OpenCredentialAsync(tenant, mailbox.Id, box, cancel) ?? throw new MailboxRefusedException(MailboxFault.PasswordRefused);
        return new ImapSource(server, new ImapLogin(server.UserName, credential.RefreshToken, IsToken: credential.Kind != MailboxCredential.Password), Since(mailbox), Wire, _time);
    }

    private async Task<GoogleAccess> OpenAccessAsync(TenantContext tenant, InboxId inbox, byte[] box, CancellationToken cancel)
    {
        MailboxCredential credential = await _mailboxes.OpenCredentialAsync(tenant, inbox, box, cancel) ?? throw new MailboxRefusedException(MailboxFault.GrantRevoked);
        return _accesses.GetOrAdd(tenant, inbox, box, saved => new GoogleAccess(Consent, credential,
            async (rotated, stop) => saved(await _mailboxes.WriteCredentialAsync(tenant, inbox, credential with { RefreshToken = rotated }, stop)), _time));
    }

    /// <summary>
    /// Gives a mailbox's grant back to its provider, for good, and returns a word that says how that ended: "none" when there is none to give back, "shared" when another
    /// mailbox lives on it, "revoked", or why not. A mailbox for which <paramref name="isLeaving"/> says that it is being erased lives on nothing. Throws
    /// <see cref="NotNowException"/> ("vault-forbidden") where the app may only store credentials.
    /// </summary>
    public async Task<string> RevokeAsync(TenantContext tenant, MailboxView view, Func<InboxId, Task<bool>> isLeaving, CancellationToken cancel)
    {
        if (view.Mailbox.Kind != MailboxKind.Google || view.SealedCredential is not { } box) return "none";
        await foreach (InboxId inbox in _mailboxes.ListAsync(tenant, cancel))
            // Asked first: the keys of one that is being erased may be gone, and its rows not yet.
            if (inbox != view.Mailbox.Id && !await isLeaving(inbox) && await _mailboxes.FindAsync(tenant, inbox, cancel) is { SealedCredential: not null, Mailbox: { Kind: MailboxKind.Google, Profile: { } profile } } && profile.Subject == view.Mailbox.Profile.Subject) return "shared";
        if (await _mailboxes.OpenCredentialAsync(tenant, view.Mailbox.Id, box, cancel) is not { } credential) return "none";
        try
        {
            using GoogleConsent consent = Consent();
            await consent.RevokeAsync(credential.RefreshToken, cancel);
            return "revoked";
        }
        catch (NotNowException e)
        {
            return e.ReasonCode;
        }
    }

    private static X509Certificate2Collection Certificates(string file)
    {
        X509Certificate2Collection roots = [];
        roots.ImportFromPemFile(file);
        return roots;
    }

    private static BackFill Since(Mailbox mailbox) => mailbox.Profile.BackFillDays switch
    {
        null => BackFill.All,
        <= 0 => BackFill.FromNow,
        var days => BackFill.LastDays(days.Value),
    };

    /// <inheritdoc />
    public void Dispose()
    {
        _accesses.Dispose();
        if (_transport.IsValueCreated) _transport.Value.Dispose();
    }
}
