using System.CommandLine;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Answers a ticket of the running system.</summary>
internal static class ReplyCommand
{
    static readonly Argument<string> Number = new("number") { Description = "The ticket's number or id, as \"ingest tickets list\" prints it." };
    static readonly Option<string?> Text = new("--text") { Description = "What to say; without it the text is read from standard input." };
    static readonly Option<string[]> To = new("--to") { Description = "Whom to answer; none means who wrote last.", DefaultValueFactory = _ => [] };
    static readonly Option<string[]> Cc = new("--cc") { Description = "Who gets a copy.", DefaultValueFactory = _ => [] };
    static readonly Option<FileInfo[]> Attach = new("--attach") { Description = "Files to send along.", DefaultValueFactory = _ => [] };
    static readonly Option<bool> Quote = new("--quote") { Description = "Quote the mail that is answered." };
    static readonly Option<bool> Close = new("--close") { Description = "Close the ticket with it." };
    static readonly Option<string> As = new("--as") { Description = "The name that the customer sees.", DefaultValueFactory = _ => "" };
    static readonly Option<string> Key = new("--key") { Description = "Your own id of this reply: said twice, it is sent once.", DefaultValueFactory = _ => "" };

    public static Command Create()
    {
        ExampleCommand command = new("reply", "Answers a ticket: the reply is sent soon, and its delivery shows on the ticket.",
            "ingest reply 4K7QZ2MX --text \"We send a new one today.\"", "ingest reply 4K7QZ2MX --quote --close < answer.txt")
        {
            Number, Text, To, Cc, Attach, Quote, Close, As, Key,
        };
        command.SetAction(RunAsync);
        command.Add(ResolveReplyCommand.Create());
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        Ticket ticket = await TicketsCommand.FindTicketAsync(desk, line.GetRequiredValue(Number), cancel);
        NewReply reply = new()
        {
            Text = line.GetValue(Text) ?? await Console.In.ReadToEndAsync(cancel),
            To = line.GetValue(To) ?? [],
            Cc = line.GetValue(Cc) ?? [],
            Attachments = await ReadAsync(line.GetValue(Attach) ?? [], cancel),
            QuoteHistory = line.GetValue(Quote),
            CloseTicket = line.GetValue(Close),
            AuthorName = line.GetValue(As) ?? "",
            IdempotencyKey = line.GetValue(Key) ?? "",
        };
        try
        {
            ReplyAccepted? accepted = await desk.Desk.Replies.QueueAsync(desk.Tenant, ticket.Id, reply, cancel);
            if (accepted is null)
                throw new CannotRunException("The ticket is gone: \"ingest tickets list\" shows the newest.");
            await line.InvocationConfiguration.Output.WriteLineAsync(accepted.Repeated
                ? "This reply was taken in before and is sent once."
                : $"The reply is on its way; \"ingest tickets show {ticket.Number}\" says how its delivery stands.");
            return ExitCode.Ok;
        }
        catch (ReplyRefusedException e)
        {
            throw new CannotRunException(e.Fix);
        }
    }

    static async Task<IReadOnlyList<NewAttachment>> ReadAsync(FileInfo[] files, CancellationToken cancel)
    {
        List<NewAttachment> attachments = [];
        foreach (FileInfo file in files)
        {
            if (!file.Exists)
                throw new CannotRunException($"There is no file {file.FullName}.");
            if (file.Length > QueueReply.MostAttachmentBytes)
                throw new CannotRunException($"{file.Name} is too large: attachments may have 18 MB together.");
            attachments.Add(new NewAttachment(file.Name, "application/octet-stream", await File.ReadAllBytesAsync(file.FullName, cancel)));
        }
        return attachments;
    }
}
