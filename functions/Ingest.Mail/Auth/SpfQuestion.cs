using System.Net;

namespace Ingest.Mail.Auth;

/// <summary>Who is at the door.</summary>
/// <param name="Client">The address that the mail came from; IPv4 within IPv6 counts as IPv4.</param>
/// <param name="Helo">The name it gave in HELO or EHLO.</param>
/// <param name="MailFrom">The address of MAIL FROM without angle brackets; empty for a bounce.</param>
public sealed record SpfQuestion(IPAddress Client, string Helo, string MailFrom)
{
    /// <summary>The name of the server that was connected to, for explanations (macro "r").</summary>
    public string Receiver { get; init; } = "unknown";
}
