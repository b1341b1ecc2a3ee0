using System.Text;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Smtp;

/// <summary>AUTH (RFC 4954): PLAIN and LOGIN for passwords, XOAUTH2 and OAUTHBEARER (RFC 7628) for tokens.</summary>
internal static class SmtpAuthenticate
{
    // Section 4: a longer line must not be, so that the first response waits for its turn.
    private const int LongestCommand = 12_288;
    private const int MostTurns = 4;

    public static async Task RunAsync(SmtpClient smtp, SmtpLogin login, CancellationToken cancel)
    {
        var (mechanism, responses, afterFailure) = Choose(smtp, login);
        var reply = await BeginAsync(smtp, mechanism, responses, cancel);
        var mayPass = false;
        for (var turn = 0; reply.IsGoOn && turn < MostTurns; turn++)
        {
            // Beyond our last response, a challenge is how a refusal begins; the server then wants to hear one thing more.
            if (responses.Count == 0)
                mayPass |= IsTheirTrouble(reply);
            await SaySecretAsync(smtp, responses.TryDequeue(out var next) ? Convert.ToBase64String(next) : afterFailure, cancel);
            reply = await smtp.ReadAsync(cancel);
        }
        if (reply.IsYes)
            return;
        if (reply.IsGoOn)
            throw new WireException(WireFault.Malformed);
        throw new SmtpRefusedException(mayPass ? SmtpRefusal.Unavailable : SmtpClassify.OfSignIn(reply));
    }

    private static (string Mechanism, Queue<byte[]> Responses, string AfterFailure) Choose(SmtpClient smtp, SmtpLogin login)
    {
        var offers = smtp.Features;
        try
        {
            if (login.IsToken && offers.Offers("XOAUTH2"))
                return ("XOAUTH2", new([Sasl.XOAuth2(login.UserName, login.Secret)]), "");
            if (login.IsToken && offers.Offers("OAUTHBEARER"))
                return ("OAUTHBEARER", new([Sasl.OAuthBearer(login.UserName, login.Secret, smtp.Wire.Server.Host, smtp.Wire.Server.Port)]), "AQ==");
            if (!login.IsToken && offers.Offers("PLAIN"))
                return ("PLAIN", new([Sasl.Plain(login.UserName, login.Secret)]), "*");
            if (!login.IsToken && offers.Offers("LOGIN"))
                return ("LOGIN", new([Encoding.UTF8.GetBytes(login.UserName), Encoding.UTF8.GetBytes(login.Secret)]), "*");
        }
        catch (ArgumentException)
        {
            // No name or password has a NUL in it.
            throw new SmtpRefusedException(SmtpRefusal.AuthenticationFailed);
        }
        throw new SmtpRefusedException(SmtpRefusal.NoMechanism);
    }

    private static async Task<SmtpReply> BeginAsync(SmtpClient smtp, string mechanism, Queue<byte[]> responses, CancellationToken cancel)
    {
        // LOGIN asks for the name first; some servers take it with the command and some do not.
        if (mechanism == "LOGIN" || responses.Peek().Length > LongestCommand / 4 * 3 - 100)
            return await smtp.AskAsync("AUTH " + mechanism, cancel);
        await SaySecretAsync(smtp, $"AUTH {mechanism} {Convert.ToBase64String(responses.Peek())}", cancel);
        var reply = await smtp.ReadAsync(cancel);
        // An empty challenge asks again for what was said: it was not taken with the command.
        if (!reply.IsGoOn || reply.Lines[0].Trim().Length > 0)
            responses.Dequeue();
        return reply;
    }

    private static async Task SaySecretAsync(SmtpClient smtp, string line, CancellationToken cancel)
    {
        await smtp.Wire.WriteSecretAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancel);
        await smtp.Wire.FlushAsync(cancel);
    }

    // The challenge of a failure is JSON with an HTTP status: 4xx speaks of the token, 5xx of the server.
    private static bool IsTheirTrouble(SmtpReply reply)
    {
        var json = new byte[reply.Lines[0].Length];
        return Convert.TryFromBase64String(reply.Lines[0].Trim(), json, out var length) && json.AsSpan(0, length).IndexOf("\"status\":\"5"u8) >= 0;
    }
}
