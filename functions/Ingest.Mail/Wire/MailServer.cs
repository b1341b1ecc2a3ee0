namespace Ingest.Mail.Wire;

/// <summary>How a connection to a mail server is encrypted.</summary>
public enum TlsMode
{
    /// <summary>TLS from the first byte (RFC 8314): ports 993 and 465.</summary>
    Implicit = 1,
    /// <summary>Plaintext until STARTTLS, which is then required: ports 143 and 587.</summary>
    StartTls = 2,
    /// <summary>No encryption; a <see cref="WireConnection"/> refuses it but to an address of this machine.</summary>
    None = 3,
}

/// <summary>Where a mail server is.</summary>
/// <param name="Host">Its name, or an address in text; the name is what its certificate must be for.</param>
/// <param name="Port">Its TCP port.</param>
/// <param name="Tls">How the connection is encrypted.</param>
public sealed record MailServer(string Host, int Port, TlsMode Tls);
