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
    /// <summary>The folders to read, each at a place that is its own for ever: cursors and ids know it by that. Empty for INBOX alone; an empty name is a folder no longer read.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>
    /// These settings in the place of older ones: a folder keeps its place, a new one gets a new place; at another server, or for another user, all get new ones,
    /// since the same numbers mean other mail there.
    /// </summary>
    public ServerSettings After(ServerSettings? old)
    {
        if (old is null) return this;
        bool isSame = string.Equals(old.Host, Host, StringComparison.OrdinalIgnoreCase) && old.UserName == UserName;
        IReadOnlyList<string> wanted = Named(Folders), before = old.Folders.Count > 0 ? old.Folders : Inbox;
        IEnumerable<string> kept = before.Select(name => isSame && wanted.Contains(name) ? name : "");
        return this with { Folders = [.. kept, .. wanted.Where(name => !isSame || !before.Contains(name))] };
    }

    private static readonly IReadOnlyList<string> Inbox = ["INBOX"];

    private static IReadOnlyList<string> Named(IReadOnlyList<string> folders) => folders.Count > 0 ? [.. folders.Where(name => name.Length > 0).Distinct()] : Inbox;
}
