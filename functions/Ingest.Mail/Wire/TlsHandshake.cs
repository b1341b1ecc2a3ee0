using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Ingest.Mail.Wire;

/// <summary>TLS 1.2 or later to a server whose certificate is for its name, in date and from an authority that is believed; each other case has its own fault.</summary>
internal static class TlsHandshake
{
    public static async Task<SslStream> RunAsync(Stream plain, MailServer server, WireOptions options, CancellationToken cancel)
    {
        WireFault? judged = null;
        FirstByteStream watched = new(plain);
        SslStream tls = new(watched, leaveInnerStreamOpen: false);
        using CancellationTokenSource patience = new(options.ConnectTimeout, options.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = HostName.ToAscii(server.Host),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = PolicyOf(options),
                RemoteCertificateValidationCallback = (_, _, chain, errors) => (judged = Judge(chain, errors)) is null,
            }, either.Token);
            return tls;
        }
        catch (Exception e)
        {
            await tls.DisposeAsync();
            cancel.ThrowIfCancellationRequested();
            throw new WireException(judged ?? FaultOf(e, watched.FirstByte));
        }
    }

    private static X509ChainPolicy PolicyOf(WireOptions options)
    {
        X509ChainPolicy policy = new()
        {
            RevocationMode = X509RevocationMode.NoCheck,
            // A certificate names the address of its issuer's: fetching from there would be a way into our network.
            DisableCertificateDownloads = true,
            VerificationTime = options.Time.GetUtcNow().UtcDateTime,
        };
        if (options.TrustedRoots is not { } roots) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    private static WireFault? Judge(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return null;
        X509ChainStatusFlags found = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return WireFault.CertificateUntrusted;
        if ((found & ~X509ChainStatusFlags.NotTimeValid) != 0) return WireFault.CertificateUntrusted;
        if (found.HasFlag(X509ChainStatusFlags.NotTimeValid)) return WireFault.CertificateExpired;
        return errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? WireFault.CertificateWrongHost : WireFault.CertificateUntrusted;
    }

    // Every TLS record of a handshake begins with 22, an alert with 21; a mail server that greets in plaintext begins otherwise.
    private static WireFault FaultOf(Exception e, int firstByte) => (e, firstByte) switch
    {
        (_, >= 0 and not (0x15 or 0x16)) => WireFault.TlsNotSpoken,
        (OperationCanceledException, _) => WireFault.Silent,
        (AuthenticationException, _) => WireFault.TlsFailed,
        (_, 0x15) => WireFault.TlsFailed,
        _ => WireFault.Dropped,
    };
}
