using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Ingest.Mail.Wire;

/// <summary>How long a connection waits, whom it may connect to and whose certificates it believes.</summary>
public sealed record WireOptions
{
    /// <summary>The longest that finding the host, connecting and each TLS handshake take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest wait for one line, for each 256 KiB of a longer read, and for each write.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether an address may be connected to: asked for the very address that is connected to, so that a name cannot lead elsewhere afterwards.</summary>
    public Func<IPAddress, bool> MayConnect { get; init; } = AddressRules.IsPublic;

    /// <summary>Roots believed instead of the system's; only under the development profile. Names and dates are checked all the same.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The clock of all deadlines, and of certificates.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets every line in either direction with secrets masked and long reads as their length; lines may name people and folders, so it is not for logs.</summary>
    public Action<string>? Trace { get; init; }

    /// <summary>Finds a name's addresses; null for the system's resolver.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>>? Resolve { get; init; }
}
