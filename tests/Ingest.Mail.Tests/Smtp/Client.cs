using System.Runtime.CompilerServices;
using Ingest.Mail.Smtp;
using Ingest.Mail.Tests.Imap;
using Ingest.Mail.Tests.Wire;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Tests.Smtp;

/// <summary>Sends as a transcript tells it to: "sign-in name password", "token name token", "send from to,to message", "quit".</summary>
internal sealed class Client(MailServer server, WireOptions options) : ITranscriptClient
{
    private SmtpClient? smtp;

    public ValueTask DisposeAsync() => smtp?.DisposeAsync() ?? ValueTask.CompletedTask;

    public async IAsyncEnumerable<string> DoAsync(string action, [EnumeratorCancellation] CancellationToken cancel)
    {
        string[] words = [.. action.Split(' ', 4).Select(static word => word == "-" ? "" : word)];
        yield return await ResultAsync(words, cancel);
    }

    private async Task<string> ResultAsync(string[] words, CancellationToken cancel)
    {
        try
        {
            smtp ??= await SmtpClient.ConnectAsync(server, options, cancel);
            return await RunAsync(smtp, words, cancel);
        }
        catch (SmtpRefusedException refused)
        {
            return "refused " + refused.Code + (refused.MayPass ? " for now" : "");
        }
        catch (WireException broken)
        {
            return (broken.IsRefusal ? "refused " : "broken ") + broken.Code;
        }
    }

    private static async Task<string> RunAsync(SmtpClient smtp, string[] words, CancellationToken cancel)
    {
        switch (words)
        {
            case ["connect"]:
                return "connected";
            case ["sign-in", var user, var password]:
                await smtp.AuthenticateAsync(new SmtpLogin(user, password), cancel);
                return "signed in";
            case ["token", var user, var token]:
                await smtp.AuthenticateAsync(new SmtpLogin(user, token, IsToken: true), cancel);
                return "signed in";
            case ["send", var from, var to, var message]:
                var result = await smtp.SendAsync(new SmtpEnvelope(from, to.Split(',', StringSplitOptions.RemoveEmptyEntries)), Transcript.Unescape(message), cancel);
                return $"{result.Outcome} {result.Code}{string.Concat(result.Refused.Select(static r => $" {r.Place}:{r.Code}"))}{(smtp.IsOver ? " over" : "")}";
            case ["quit"]:
                await smtp.QuitAsync(cancel);
                return "gone";
            default:
                throw new FormatException("Not a step: " + string.Join(' ', words));
        }
    }
}
