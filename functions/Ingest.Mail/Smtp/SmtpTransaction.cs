using System.Globalization;
using Ingest.Mail.Mime;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Smtp;

/// <summary>
/// One message: MAIL, RCPT, DATA, the message, the dot (RFC 5321 section 3.3). Who gets it is settled before DATA. The moment that counts is
/// <see cref="EndHasLeft"/>: a failure before it means that nobody got the message, since a server without the last dot must throw it away;
/// a failure after it means that nobody knows.
/// </summary>
internal sealed class SmtpTransaction(SmtpClient smtp, SmtpEnvelope envelope, ReadOnlyMemory<byte> bytes)
{
    private const int MostAtOnce = 50;

    private readonly List<(int Place, string Code)> refused = [];

    /// <summary>True from the moment on at which the last byte of the message may have left.</summary>
    private bool EndHasLeft { get; set; }

    public async Task<SmtpResult> RunAsync(CancellationToken cancel)
    {
        if (smtp.IsOver)
            return new SmtpResult(SmtpOutcome.NotSent, "smtp-connection-over");
        try
        {
            return await SendAsync(cancel);
        }
        catch (UnwritableMailException)
        {
            return new SmtpResult(SmtpOutcome.PermanentlyRefused, "smtp-bad-address");
        }
        catch (WireException broken)
        {
            smtp.IsOver = true;
            return new SmtpResult(EndHasLeft ? SmtpOutcome.Uncertain : SmtpOutcome.NotSent, broken.Code);
        }
        catch (OperationCanceledException)
        {
            smtp.IsOver = true;
            if (!EndHasLeft)
                throw;
            return new SmtpResult(SmtpOutcome.Uncertain, "smtp-canceled");
        }
    }

    private async Task<SmtpResult> SendAsync(CancellationToken cancel)
    {
        var message = new SmtpMessage(bytes);
        var from = envelope.From.Length == 0 ? "" : AddressWriter.Spec(envelope.From);
        string[] to = [.. envelope.Recipients.Select(AddressWriter.Spec)];
        var isUtf8 = message.HasEightBitHeader || !to.Append(from).All(static address => System.Text.Ascii.IsValid(address));
        if (Unsendable(message, isUtf8) is { } code)
            return new SmtpResult(SmtpOutcome.PermanentlyRefused, code);

        if (await SettleAsync(MailCommand(from, message, isUtf8), to, cancel) is { } no)
            return no;
        var go = await smtp.AskAsync("DATA", cancel);
        if (!go.IsGoOn)
            return await GiveUpAsync(go, cancel);

        await message.WriteAsync(smtp.Wire, cancel);
        cancel.ThrowIfCancellationRequested();
        EndHasLeft = true;
        return await EndAsync(cancel);
    }

    private async Task<SmtpResult> EndAsync(CancellationToken cancel)
    {
        await smtp.SayAsync(".", cancel);
        var reply = await smtp.ReadAsync(cancel);
        if (reply.IsYes)
            return new SmtpResult(refused.Count == 0 ? SmtpOutcome.Accepted : SmtpOutcome.PartlyAccepted, reply.Status, refused);
        if (!reply.IsGoOn)
            return new SmtpResult(SmtpClassify.OfMail(reply), reply.Status, refused);
        smtp.IsOver = true;
        return new SmtpResult(SmtpOutcome.Uncertain, "wire-malformed", refused);
    }

    /// <summary>MAIL and all RCPT; null when the message may go to at least one and nobody must wait.</summary>
    private async Task<SmtpResult?> SettleAsync(string mail, string[] to, CancellationToken cancel)
    {
        string[] commands = [mail, .. to.Select(static address => $"RCPT TO:<{address}>")];
        var atOnce = smtp.Features.Pipelining ? MostAtOnce : 1;
        SmtpReply? sender = null;
        SmtpReply? wait = null;
        for (var first = 0; first < commands.Length; first += atOnce)
        {
            var batch = commands.AsMemory(first, Math.Min(atOnce, commands.Length - first));
            for (var i = 0; i < batch.Length; i++)
                await smtp.WriteAsync(batch.Span[i], cancel);
            await smtp.Wire.FlushAsync(cancel);
            // Every command has its answer, also after one that decides all (RFC 2920 section 3.1).
            for (var i = 0; i < batch.Length; i++)
            {
                var reply = await smtp.ReadAsync(cancel);
                if (reply.IsGoodbye || reply.IsGoOn)
                    return await GiveUpAsync(reply, cancel);
                if (first + i == 0)
                    sender = reply;
                else if (!reply.IsYes)
                    refused.Add((first + i - 1, reply.Status));
                if (first + i > 0 && !reply.IsYes && SmtpClassify.OfMail(reply) != SmtpOutcome.PermanentlyRefused)
                    wait ??= reply;
            }
            if (sender!.IsYes)
                continue;
            // What was said of recipients without a sender is about nothing.
            refused.Clear();
            return await GiveUpAsync(sender, cancel);
        }
        if (wait is not null)
            return await GiveUpAsync(wait, cancel);
        return refused.Count < to.Length ? null : await GiveUpAsync(SmtpOutcome.PermanentlyRefused, refused.Count == 0 ? "smtp-no-recipient" : refused[0].Code, cancel);
    }

    private Task<SmtpResult> GiveUpAsync(SmtpReply reply, CancellationToken cancel)
    {
        if (reply.IsGoodbye)
            return Task.FromResult(new SmtpResult(SmtpOutcome.NotSent, reply.Status));
        // "Go on" where there is nothing to go on with: whatever this is, it is not SMTP.
        return reply.IsYes || reply.IsGoOn ? throw new WireException(WireFault.Malformed) : GiveUpAsync(SmtpClassify.OfMail(reply), reply.Status, cancel);
    }

    // The transaction is undone, so that the connection can be used for another; whether that works is the next one's trouble.
    private async Task<SmtpResult> GiveUpAsync(SmtpOutcome outcome, string code, CancellationToken cancel)
    {
        try
        {
            smtp.IsOver |= !(await smtp.AskAsync("RSET", cancel)).IsYes;
        }
        catch (WireException)
        {
            smtp.IsOver = true;
        }
        return new SmtpResult(outcome, code, refused);
    }

    private string? Unsendable(SmtpMessage message, bool isUtf8)
    {
        if (envelope.Recipients.Count == 0)
            return "smtp-no-recipient";
        if (!message.CanBeSent)
            return "smtp-unsendable";
        if (isUtf8 && !smtp.Features.SmtpUtf8)
            return "smtp-no-smtputf8";
        if (message.HasEightBits && !smtp.Features.EightBitMime)
            return "smtp-no-8bitmime";
        return message.Size > smtp.Features.LargestMessage ? "smtp-too-large" : null;
    }

    private string MailCommand(string from, SmtpMessage message, bool isUtf8)
    {
        var command = $"MAIL FROM:<{from}>";
        if (smtp.Features.Size)
            command += string.Create(CultureInfo.InvariantCulture, $" SIZE={message.Size}");
        if (message.HasEightBits)
            command += " BODY=8BITMIME";
        return isUtf8 ? command + " SMTPUTF8" : command;
    }
}
