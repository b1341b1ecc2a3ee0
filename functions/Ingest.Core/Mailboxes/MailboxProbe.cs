using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

/// <summary>What came of trying a mail server's settings.</summary>
/// <param name="Ok">True when they work.</param>
/// <param name="Code">Why not, as a code fit for logs; "ok" when they work.</param>
/// <param name="Fix">What a person should do, as a form shows it; what was found when they work.</param>
public sealed record ProbeResult(bool Ok, string Code, string Fix);

/// <summary>Tries a mail server's settings before they are kept, and names the fix for what is wrong with them. Each kind of server has a file of its own.</summary>
public sealed partial class MailboxProbe(WireOptions wire)
{
    // A person waits in front of a form.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), InAll = TimeSpan.FromSeconds(45);

    private WireOptions Hasty => wire with { ConnectTimeout = Patience, ReadTimeout = Patience };

    private static ProbeResult Failed(string code, string fix) => new(Ok: false, code, fix);

    /// <summary>The fix for a connection that did not come about; the ports are those that the protocol is usually found on.</summary>
    private static ProbeResult Explain(WireException e, ServerSettings server, int implicitPort, int startTlsPort) => Failed(e.Code, e.Fault switch
    {
        WireFault.HostNotFound => "There is no server of this name: check the spelling of the host.",
        WireFault.NameServerFailed => "The name could not be looked up just now: try again in a minute.",
        WireFault.PortClosed => $"Nothing answers on port {server.Port} there: {Ports(implicitPort, startTlsPort)}",
        WireFault.Unreachable => $"The server did not answer in time: check host and port, and that a firewall lets us through. {Ports(implicitPort, startTlsPort)}",
        WireFault.Dropped => $"The server hung up: it may want the other kind of encryption. {Ports(implicitPort, startTlsPort)}",
        WireFault.Silent when server.Tls != TlsMode.Implicit => $"The server said nothing: port {server.Port} may want TLS from the start. {Ports(implicitPort, startTlsPort)}",
        WireFault.Silent => "The server stopped answering: try again in a minute, and check the port.",
        WireFault.Malformed or WireFault.LineTooLong => "What answers there is not this kind of mail server: check host and port.",
        WireFault.Dismissed => "The server turned us away for now: try again in a few minutes.",
        WireFault.Busy => "The server has too many connections or is busy: close other mail programs of this mailbox, or try again in a few minutes.",
        WireFault.AddressNotAllowed => "This name leads into a private network, which is not allowed: use the server's public name.",
        WireFault.PlaintextRefused => "Without encryption the password could be read on its way: choose TLS or STARTTLS.",
        WireFault.StartTlsNotOffered => $"The server does not offer STARTTLS on port {server.Port}: choose TLS and port {implicitPort}.",
        WireFault.PlaintextInjected => "Something on the way tampers with the encryption: choose TLS from the start, and tell whoever runs the network.",
        WireFault.TlsNotSpoken => $"The server does not speak TLS on port {server.Port}: choose STARTTLS for port {startTlsPort}, or TLS and port {implicitPort}.",
        WireFault.TlsFailed => "The server offers no TLS 1.2 or later: it has to be updated.",
        WireFault.CertificateUntrusted => "The server's certificate is self-signed, or part of its chain is missing: it needs one from a public authority, with its intermediate certificates.",
        WireFault.CertificateExpired => "The server's certificate has expired, or is not valid yet: it has to be renewed.",
        WireFault.CertificateWrongHost => "The server's certificate is for another name: use the host name that the certificate is for.",
    });

    private static string Ports(int implicitPort, int startTlsPort) => $"The usual ports are {implicitPort} for TLS and {startTlsPort} for STARTTLS.";
}
