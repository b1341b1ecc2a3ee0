using System.CommandLine;
using System.Globalization;
using Ingest.Cli.Views;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Takes something out of a ticket for good, and opens a mail as it came.</summary>
internal static class TicketRedaction
{
    static readonly Argument<string> Number = new("number") { Description = "The ticket's number or id, as \"tickets list\" prints it." };
    static readonly Argument<string> Message = new("message") { Description = "The message's key, as \"tickets show --json\" prints it." };
    static readonly Option<string?> Text = new("--text") { Description = "The words to take out; - to read them from stdin, so that they stand in no history of commands.", HelpName = "words" };
    static readonly Option<string?> Only = new("--message") { Description = "Only in this message, or without --text and --file all that it says.", HelpName = "key" };
    static readonly Option<int?> File = new("--file") { Description = "The file of the message to take out, counted from 1.", HelpName = "number" };
    static readonly Option<bool> Yes = new("--yes") { Description = "Really: what is redacted cannot be brought back by anyone. Without it, it is only counted." };
    static readonly Option<OriginalReason?> Reason = new("--reason") { Description = "Why it is opened; the audit log is told." };
    static readonly Option<FileInfo?> Out = new("--to") { Description = "The file to write; it must not exist yet.", HelpName = "file" };
    static readonly Option<DestroyReason?> Destroy = new("--destroy") { Description = "Destroy it for good instead, and why: the ticket stays, and what was masked in it is nowhere any more. The audit log is told." };
    static readonly Option<bool> Really = new("--yes") { Description = "With --destroy: really, since nobody can bring it back." };

    public static Command Redact()
    {
        ExampleCommand command = new("redact", "Takes words, a message or a file out of a ticket for good, and destroys the original mails that hold it.",
            "ingest tickets redact 4K7QZ2MX --text - < words.txt", "ingest tickets redact 4K7QZ2MX --message 0123456789abcdefghjkmnpqrstvwxyz --file 1 --yes") { Number, Text, Only, File, Yes };
        command.SetAction(RedactAsync);
        return command;
    }

    public static Command Original()
    {
        ExampleCommand command = new("original", "Writes a mail as it came, before anything in it was masked, or destroys it.",
            "ingest tickets original 4K7QZ2MX 0123456789abcdefghjkmnpqrstvwxyz --reason legal --to mail.eml",
            "ingest tickets original 4K7QZ2MX 0123456789abcdefghjkmnpqrstvwxyz --destroy holdsMasked --yes") { Number, Message, Reason, Out, Destroy, Really };
        command.SetAction(OriginalAsync);
        return command;
    }

    static async Task<RedactionWish> WishAsync(ParseResult line, CancellationToken cancel)
    {
        string text = line.GetValue(Text) ?? "", message = line.GetValue(Only) ?? "";
        if (text == "-") text = (await Console.In.ReadToEndAsync(cancel)).TrimEnd('\n', '\r');
        return (text, message, line.GetValue(File)) switch
        {
            ({ Length: > 0 }, _, null) => new RedactionWish(RedactedPart.Text) { Text = text, MessageKey = message },
            ({ Length: 0 }, { Length: > 0 }, null) => new RedactionWish(RedactedPart.Message) { MessageKey = message },
            ({ Length: 0 }, { Length: > 0 }, int file) => new RedactionWish(RedactedPart.Attachment) { MessageKey = message, Attachment = file - 1 },
            _ => throw new CannotRunException("Say what is to go: --text, or --message for all that it says, or --message and --file."),
        };
    }

    static async Task<int> RedactAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        Ticket ticket = await TicketsCommand.FindTicketAsync(desk, line.GetRequiredValue(Number), cancel);
        RedactionWish wish = await WishAsync(line, cancel);
        bool really = line.GetValue(Yes);
        RedactionEnd end = really ? await desk.Desk.RedactByHand.RunAsync(desk.Tenant, ticket.Id, wish, AuditActor.Command, "", cancel) : await desk.Desk.RedactByHand.CountAsync(desk.Tenant, ticket.Id, wish, cancel);
        string said = end.Outcome switch
        {
            RedactionOutcome.Done => $"{(really ? "Redacted, for good:" : "Nothing was changed. With --yes this would go for good:")} {Words.Count(end.Count, "place")} in {Words.Count(end.Messages, "message")}.{Unread(end)}",
            RedactionOutcome.NothingFound => throw new CannotRunException("Nothing of it is in the ticket: it may have been redacted before, or be written otherwise." + Unread(end)),
            RedactionOutcome.Held => throw new CannotRunException(HeldWords(end, "redacted")),
            RedactionOutcome.TooShort => throw new CannotRunException("Name at least three letters, digits or signs: fewer stand everywhere."),
            RedactionOutcome.TooLong => throw new CannotRunException(string.Create(CultureInfo.InvariantCulture, $"Name at most {RedactByHand.LongestText:N0} characters at once, or the whole message with --message.")),
            RedactionOutcome.Changed => throw new CannotRunException("Nothing was redacted: somebody else changed the ticket meanwhile. Look at it again with \"ingest tickets show\"."),
            RedactionOutcome.NotThere => throw new CannotRunException("The ticket has no such message or file: \"ingest tickets show --json\" prints the keys."),
        };
        await line.InvocationConfiguration.Output.WriteLineAsync(said);
        return ExitCode.Ok;
    }

    static async Task<int> DestroyAsync(ParseResult line, LocalDesk desk, Ticket ticket, TicketMessage message, DestroyReason reason, CancellationToken cancel)
    {
        if (!line.GetValue(Really)) throw new CannotRunException("Nothing was destroyed. Nobody can bring an original back: say --yes if that is meant.");
        RedactionEnd end = await desk.Desk.RedactByHand.DestroyOriginalAsync(desk.Tenant, ticket.Id, message.Key, reason, AuditActor.Command, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(end.Outcome switch
        {
            RedactionOutcome.Done => "The original is destroyed, for good. The ticket holds what is left.",
            RedactionOutcome.Held => throw new CannotRunException(HeldWords(end, "destroyed")),
            _ => "There is no original of this mail any more: nothing was to be done.",
        });
        return ExitCode.Ok;
    }

    static string Unread(RedactionEnd end) => end.Unread == 0 ? "" :
        $" {Words.Count(end.Unread, "message")} of the ticket {(end.Unread == 1 ? "does" : "do")} not open: destroy {(end.Unread == 1 ? "its original" : "their originals")} with \"ingest tickets original --destroy\", which may hold it still.";

    static string HeldWords(RedactionEnd end, string done) =>
        $"Nothing was {done}: a legal hold stands above it ({string.Join(", ", end.Holds.Select(hold => hold.Id))}). \"ingest hold list\" says why; lift it first if it may be lifted.";

    static async Task<int> OriginalAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        Ticket ticket = await TicketsCommand.FindTicketAsync(desk, line.GetRequiredValue(Number), cancel);
        string key = line.GetRequiredValue(Message);
        if (key.Length > 32 || !key.All(char.IsAsciiLetterOrDigit) || await desk.Desk.Tickets.FindMessageAsync(desk.Tenant, ticket.Id, key, cancel) is not { Direction: MessageDirection.In } message)
            throw new CannotRunException("The ticket has no such mail from outside: \"ingest tickets show --json\" prints the keys.");
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        (OriginalReason? why, FileInfo? file, DestroyReason? destroy) = (line.GetValue(Reason), line.GetValue(Out), line.GetValue(Destroy));
        if (destroy is { } whyNot && (why, file) is (null, null)) return await DestroyAsync(line, desk, ticket, message, whyNot, cancel);
        if (destroy is not null || why is not { } reason || file is null) throw new CannotRunException("Say why it is opened and where it goes, with --reason and --to; or with --destroy alone why it is to go for good.");
        if (file.Exists) throw new CannotRunException($"{file.Name} exists already: name another file.");
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command)
        {
            Inbox = inbox, TicketId = ticket.Id, Subject = key, Count = 1, Code = Originals.CodeOf(reason),
        }, cancel);
        (OriginalState state, byte[] content) = await desk.Desk.Originals.OpenAsync(desk.Tenant, inbox, message, cancel);
        if (state != OriginalState.Kept)
        {
            throw new CannotRunException(state switch
            {
                OriginalState.NotKept => "The original was not kept: the mailbox's redaction keeps none, something in it was redacted, or somebody destroyed it. The ticket holds what is left.",
                OriginalState.Damaged => "The original is there and does not open.",
                _ => "The original is gone: it was erased, or its time was over.",
            });
        }

        // Nobody else on this machine is to read it.
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using FileStream output = new(file.FullName, options);
        await output.WriteAsync(content, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{content.Length:N0} bytes are in {file.Name}. Nothing in it is masked: keep it no longer than you need it."));
        return ExitCode.Ok;
    }
}
