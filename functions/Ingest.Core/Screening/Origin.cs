using System.Net;
using System.Net.Sockets;
using Ingest.Core.Keys;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>
/// Who handed a mail to the mailbox's provider, from the lines that the provider itself wrote. Received lines are read from the top, where the provider's stand, for
/// as long as each is written by one of its servers; the first that shows a client from outside says who it was. A line of which that cannot be said ends the search,
/// and all below it could be anyone's.
/// </summary>
public static class Origin
{
    // Border, filter, store, delivery: more hops within one provider are a loop.
    private const int MostHops = 8;
    private const int LongestAddress = 320;

    private static readonly IPNetwork[] Inside =
    [
        .. new[] { "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10" }.Select(text => IPNetwork.Parse(text)),
    ];

    /// <summary>Where a mail came into the provider's hands.</summary>
    /// <param name="Client">The server that handed it over.</param>
    /// <param name="Line">The provider's line about that.</param>
    /// <param name="Place">The place of that line among the header fields: what stands above it the provider wrote, what stands below came with the mail.</param>
    /// <param name="Path">The first Return-Path above the line, as written.</param>
    public sealed record Border(IPAddress Client, ReceivedLine Line, int Place, string? Path);

    /// <summary>The question that SPF asks; null when any part of it cannot be known for certain.</summary>
    /// <param name="message">The mail.</param>
    /// <param name="servers">The provider's own servers, or domains above them.</param>
    public static SpfQuestion? Find(MailMessage message, IReadOnlyList<string> servers) =>
        FindBorder(message, servers) is { } border && Sender(border.Path) is { } sender ? new SpfQuestion(border.Client, border.Line.Helo, sender) { Receiver = border.Line.By } : null;

    /// <summary>Where the mail came in; null when that cannot be known for certain.</summary>
    /// <param name="message">The mail.</param>
    /// <param name="servers">The provider's own servers, or domains above them.</param>
    public static Border? FindBorder(MailMessage message, IReadOnlyList<string> servers)
    {
        if (servers.Count == 0) return null;
        List<string> own = [.. servers.Select(EmailIdentity.Domain)];
        string? path = null;
        int hops = 0;
        for (int place = 0; place < message.Headers.Count; place++)
        {
            Header header = message.Headers[place];
            if (header.Name.Equals("Return-Path", StringComparison.OrdinalIgnoreCase)) path ??= header.Unfolded;
            if (!header.Name.Equals("Received", StringComparison.OrdinalIgnoreCase)) continue;
            if (hops++ == MostHops || ReceivedLine.Parse(header.Unfolded) is not { IsAmbiguous: false } line) return null;
            if (IsHandedOnWithin(line, own)) continue;
            // Who bears one of the provider's names, by a public address, may be one of its hops: to take it for the client would ask SPF about the provider itself.
            if (IsOwn(line.From, own) || IsOwn(line.Helo, own)) return null;
            return IsOwn(line.By, own) && line.Client is { } client && !IsInside(client) ? new Border(client, line, place, path) : null;
        }

        return null;
    }

    // From one of its servers to another: by a private address and a name of its own, or without any word of a client, as Gmail and local delivery write it.
    private static bool IsHandedOnWithin(ReceivedLine line, List<string> own)
    {
        if (line.From.Length == 0) return IsOwn(line.By, own) || (IPAddress.TryParse(line.By, out IPAddress? address) && IsInside(address));
        return IsOwn(line.By, own) && (line.Client is null || IsInside(line.Client)) && (line.From == "localhost" || IsOwn(line.From, own));
    }

    private static bool IsOwn(string host, List<string> own) => own.Exists(name => name.Length > 0 && (host == name || host.EndsWith("." + name, StringComparison.Ordinal)));

    private static bool IsInside(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        // Gmail writes its private IPv4 addresses in the clothes of 6to4.
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && bytes[0] == 0x20 && bytes[1] == 0x02) address = new IPAddress(bytes.AsSpan(2, 4));
        return Array.Exists(Inside, network => network.Contains(address));
    }

    // "<>" is the sender of a bounce.
    private static string? Sender(string? path)
    {
        string text = path?.Trim() ?? "";
        if (text is not ['<', .., '>'] || text.Length > LongestAddress) return null;
        string address = text[1..^1].Trim();
        return address.Length == 0 || (address.IndexOf('@', StringComparison.Ordinal) > 0 && !address.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))) ? address : null;
    }
}
