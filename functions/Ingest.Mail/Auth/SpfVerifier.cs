using System.Net;
using System.Text;
using Ingest.Mail.Dns;

namespace Ingest.Mail.Auth;

/// <summary>Checks whether a client may send for a domain: SPF, RFC 7208 complete. Safe for use from several threads.</summary>
/// <param name="dns">Where records come from.</param>
/// <param name="time">For macro "t" and the time limit.</param>
public sealed class SpfVerifier(DnsLookup dns, TimeProvider time)
{
    /// <summary>The longest that a check takes; over it, the result is TempError (RFC 7208 section 4.6.4 wants 20 seconds at least).</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Checks the envelope sender, or the HELO name when there is none. Never throws on what DNS says.</summary>
    public async Task<SpfVerdict> CheckAsync(SpfQuestion question, CancellationToken cancel)
    {
        var identity = SpfIdentity.Of(question);
        if (identity.Domain.Length == 0)
            return new SpfVerdict(AuthResult.None, "") { IsHelo = identity.IsHelo, Problem = "no domain that can be asked" };
        using var limit = new CancellationTokenSource(Longest, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        var check = new SpfCheck(dns, identity, time, both.Token);
        AuthResult result;
        try
        {
            result = await check.RunAsync();
        }
        catch (SpfStop stop)
        {
            return check.Verdict(stop.Result, stop.Problem);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return check.Verdict(AuthResult.TempError, "DNS took too long");
        }
        return check.Verdict(result, result == AuthResult.None ? "no SPF record" : "");
    }
}

/// <summary>The parts of a question that macros and mechanisms use.</summary>
internal sealed record SpfIdentity(IPAddress Client, string Local, string Domain, string SenderDomain, string Helo, string Receiver, bool IsHelo)
{
    public static SpfIdentity Of(SpfQuestion question)
    {
        var client = question.Client.IsIPv4MappedToIPv6 ? question.Client.MapToIPv4() : question.Client;
        // A zone index says something about this machine's cables and would be written into names.
        if (client.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            client = new IPAddress(client.GetAddressBytes());
        var isHelo = question.MailFrom.Length == 0;
        var sender = isHelo ? question.Helo : question.MailFrom;
        var at = isHelo ? -1 : sender.LastIndexOf('@');
        var local = at > 0 ? sender[..at] : "postmaster";
        var domain = sender[(at + 1)..];
        return new SpfIdentity(client, local, DnsName.Domain(domain) ?? "", DnsName.Normal(domain), question.Helo, question.Receiver, isHelo);
    }

    /// <summary>Text that macros insert, printable or not, is never let through to an explanation; this says whether it may.</summary>
    public static bool IsPrintable(string text) => Ascii.IsValid(text) && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}

/// <summary>Ends a check at once with an error.</summary>
internal sealed class SpfStop(AuthResult result, string problem) : Exception
{
    public AuthResult Result { get; } = result;

    public string Problem { get; } = problem;
}
