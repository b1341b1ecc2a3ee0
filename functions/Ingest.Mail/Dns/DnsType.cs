namespace Ingest.Mail.Dns;

/// <summary>The record types that mail needs, with their numbers on the wire (RFC 1035 section 3.2.2, RFC 3596).</summary>
public enum DnsType
{
    /// <summary>An IPv4 address.</summary>
    A = 1,
    /// <summary>Another name for a name.</summary>
    Cname = 5,
    /// <summary>The name of an address.</summary>
#pragma warning disable CA1720 // It is the word of the RFC.
    Ptr = 12,
#pragma warning restore CA1720
    /// <summary>A mail exchange.</summary>
    Mx = 15,
    /// <summary>Text.</summary>
    Txt = 16,
    /// <summary>An IPv6 address.</summary>
    Aaaa = 28,
}
