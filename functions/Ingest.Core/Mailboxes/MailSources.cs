using Ingest.Core.Access;
using Ingest.Core.Settings;

namespace Ingest.Core.Mailboxes;

/// <summary>Opens mailboxes: with their credential, at the place that the settings name.</summary>
public sealed class MailSources : IDisposable
{
    private readonly IngestSettings _settings;
    private readonly MailboxStore _mailboxes;
    private readonly TimeProvider _time;
    private readonly Lazy<GoogleTransport> _transport = new(() => new GoogleTransport());

    /// <summary>Opens mailboxes of a store.</summary>
    public MailSources(IngestSettings settings, MailboxStore mailboxes, TimeProvider time) => (_settings, _mailboxes, _time) = (settings, mailboxes, time);

    /// <summary>Where Google is: a constant, unless the development profile names a stand-in on this machine.</summary>
    public GoogleEndpoints Endpoints => _settings is { Development: true, GoogleEndpoint: { } root } ? GoogleEndpoints.ForDevelopment(root) : GoogleEndpoints.Google;

    /// <summary>True when the settings name an OAuth client.</summary>
    public bool CanConnectGoogle => _settings is { GoogleClientId: not null, GoogleClientSecret: not null };

    /// <summary>Google's consent under our registration; throws <see cref="MailboxRefusedException"/> when the settings name none.</summary>
    public GoogleConsent Consent() => _settings is { GoogleClientId: { } id, GoogleClientSecret: { } secret }
        ? new GoogleConsent(new GoogleClient(id, secret.Reveal()), Endpoints, _transport.Value, _time)
        : throw new MailboxRefusedException(MailboxFault.ApiDisabled);

    /// <summary>Opens a mailbox; throws <see cref="MailboxRefusedException"/> when it has no usable credential.</summary>
    public async Task<IMailSource> OpenAsync(TenantContext tenant, MailboxView view, CancellationToken cancel)
    {
        Mailbox mailbox = view.Mailbox;
        if (mailbox.Kind != MailboxKind.Google || view.SealedCredential is not { } box) throw new MailboxRefusedException(MailboxFault.NoPermission);
        MailboxCredential credential = await _mailboxes.OpenCredentialAsync(tenant, mailbox.Id, box, cancel)
            ?? throw new MailboxRefusedException(MailboxFault.GrantRevoked);
        GoogleAccess access = new(Consent, credential,
            (rotated, stop) => _mailboxes.WriteCredentialAsync(tenant, mailbox.Id, credential with { RefreshToken = rotated }, stop), _time);
        return new GmailSource(access, Since(mailbox), Endpoints, _transport.Value, _time);
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
        if (_transport.IsValueCreated) _transport.Value.Dispose();
    }
}
