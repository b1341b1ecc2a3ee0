using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

/// <summary>A mail server as an admin named it; part of a mailbox's sealed profile.</summary>
public sealed record ServerSettings
{
    /// <summary>Its host name.</summary>
    public required string Host { get; init; }
    /// <summary>Its port.</summary>
    public required int Port { get; init; }
    /// <summary>How the line is secured.</summary>
    public required TlsMode Tls { get; init; }
    /// <summary>The name to sign in with.</summary>
    public string UserName { get; init; } = "";
    /// <summary>The folders to read, in an order that never changes: cursors know them by their place. Empty for INBOX alone.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];
}
