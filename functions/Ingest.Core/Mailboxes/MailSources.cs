using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;

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
        if (mailbox.Kind != MailboxKind.Google || view.SealedCredential is not { } box) throw new MailboxRefusedException(MailboxFault.NoPermission);
        GoogleAccess access = _accesses.Find(tenant, mailbox.Id, box) ?? await OpenAccessAsync(tenant, mailbox.Id, box, cancel);
        return new GmailSource(access, Since(mailbox), Endpoints, _transport.Value, _time);
    }

    /// <summary>Opens the way out of a mailbox; throws <see cref="MailboxRefusedException"/> when it has none, or no usable credential.</summary>
    public async Task<IMailSender> OpenSenderAsync(TenantContext tenant, MailboxView view, CancellationToken cancel)
    {
        Mailbox mailbox = view.Mailbox;
        if (mailbox.Kind != MailboxKind.Google || view.SealedCredential is not { } box) throw new MailboxRefusedException(MailboxFault.NoPermission);
        GoogleAccess access = _accesses.Find(tenant, mailbox.Id, box) ?? await OpenAccessAsync(tenant, mailbox.Id, box, cancel);
        _ = access;
        throw new MailboxRefusedException(MailboxFault.NoPermission);
    }

    private async Task<GoogleAccess> OpenAccessAsync(TenantContext tenant, InboxId inbox, byte[] box, CancellationToken cancel)
    {
        MailboxCredential credential = await _mailboxes.OpenCredentialAsync(tenant, inbox, box, cancel) ?? throw new MailboxRefusedException(MailboxFault.GrantRevoked);
        return _accesses.GetOrAdd(tenant, inbox, box, saved => new GoogleAccess(Consent, credential,
            async (rotated, stop) => saved(await _mailboxes.WriteCredentialAsync(tenant, inbox, credential with { RefreshToken = rotated }, stop)), _time));
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
