namespace Ingest.Mail.Wire;

/// <summary>What went wrong with a connection. Codes only: what the other side said is never part of it.</summary>
public enum WireFault
{
    /// <summary>The name has no address.</summary>
    HostNotFound = 1,
    /// <summary>The name server did not answer.</summary>
    NameServerFailed = 2,
    /// <summary>Nothing listens on this port.</summary>
    PortClosed = 3,
    /// <summary>There is no way to the address, or none of its addresses answered in time.</summary>
    Unreachable = 4,
    /// <summary>The connection ended or broke.</summary>
    Dropped = 5,
    /// <summary>The other side said nothing, or took nothing, until the deadline.</summary>
    Silent = 6,
    /// <summary>What it said is not the protocol.</summary>
    Malformed = 7,
    /// <summary>A line is longer than any that is allowed.</summary>
    LineTooLong = 8,
    /// <summary>The other side ended the conversation by its own word (IMAP BYE, SMTP 421).</summary>
    Dismissed = 9,
    /// <summary>As before, saying that there are too many connections or that too much is asked of it.</summary>
    Busy = 10,

    /// <summary>None of the name's addresses may be connected to.</summary>
    AddressNotAllowed = 20,
    /// <summary>The connection would not be encrypted.</summary>
    PlaintextRefused = 21,
    /// <summary>The server offers no STARTTLS, or refused it.</summary>
    StartTlsNotOffered = 22,
    /// <summary>Something was said in plaintext that would count as said under TLS (response injection).</summary>
    PlaintextInjected = 23,
    /// <summary>What answers on this port does not speak TLS.</summary>
    TlsNotSpoken = 24,
    /// <summary>The two sides have no version or cipher of TLS in common; 1.2 is the least.</summary>
    TlsFailed = 25,
    /// <summary>The certificate was not made by an authority that is believed, is self-signed, or a part of its chain is missing.</summary>
    CertificateUntrusted = 26,
    /// <summary>The certificate has expired, or does not count yet.</summary>
    CertificateExpired = 27,
    /// <summary>The certificate is for another host.</summary>
    CertificateWrongHost = 28,
}

/// <summary>A connection that cannot go on, in one of two families: refused for what the other side is, or broken. The connection is gone either way.</summary>
public sealed class WireException : Exception
{
    /// <summary>Says what went wrong; the message is the code only.</summary>
    public WireException(WireFault fault)
        : base(CodeOf(fault)) => Fault = fault;

    /// <summary>What went wrong.</summary>
    public WireFault Fault { get; }

    /// <summary>A code of a-z and hyphens, fit for logs: "wire-timeout".</summary>
    public string Code => Message;

    /// <summary>True when we refuse the other side for what it is, and trying again alone will not help; false when it broke, which may pass.</summary>
    public bool IsRefusal => Fault >= WireFault.AddressNotAllowed;

    private static string CodeOf(WireFault fault) => fault switch
    {
        WireFault.HostNotFound => "wire-host-not-found",
        WireFault.NameServerFailed => "wire-name-server-failed",
        WireFault.PortClosed => "wire-port-closed",
        WireFault.Unreachable => "wire-unreachable",
        WireFault.Dropped => "wire-dropped",
        WireFault.Silent => "wire-timeout",
        WireFault.Malformed => "wire-malformed",
        WireFault.LineTooLong => "wire-line-too-long",
        WireFault.Dismissed => "wire-dismissed",
        WireFault.Busy => "wire-busy",
        WireFault.AddressNotAllowed => "wire-address-not-allowed",
        WireFault.PlaintextRefused => "wire-plaintext-refused",
        WireFault.StartTlsNotOffered => "wire-starttls-not-offered",
        WireFault.PlaintextInjected => "wire-plaintext-injected",
        WireFault.TlsNotSpoken => "wire-tls-not-spoken",
        WireFault.TlsFailed => "wire-tls-failed",
        WireFault.CertificateUntrusted => "wire-certificate-untrusted",
        WireFault.CertificateExpired => "wire-certificate-expired",
        WireFault.CertificateWrongHost => "wire-certificate-wrong-host",
    };
}
