using System.CommandLine;
using System.Globalization;
using Ingest.Cli.Views;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Shows kept-back mail, lets it in, or throws it away.</summary>
internal static class QuarantineCommand
{
    static readonly Argument<string> Mail = new("mail") { Description = "The mail, as \"ingest quarantine list\" prints it." };
    static readonly Option<bool> Parked = new("--parked") { Description = "Mail that we failed on, instead of mail that was kept back." };

    public static Command Create()
    {
        ExampleCommand list = new("list", "Lists kept-back mail, the newest first.", "ingest quarantine list", "ingest quarantine list --parked") { Parked };
        list.SetAction(ListAsync);
        ExampleCommand show = new("show", "Shows a kept-back mail.", "ingest quarantine show MAIL") { Mail };
        show.SetAction(ShowAsync);
        ExampleCommand release = new("release", "Lets a kept-back mail in: it becomes a ticket whatever the filter says.", "ingest quarantine release MAIL") { Mail };
        release.SetAction((line, cancel) => ActAsync(line, (desk, inbox, key) => desk.Desk.Review.ReleaseAsync(desk.Tenant, inbox, key, cancel), "The mail is let in; its ticket is there in a moment.", cancel));
        ExampleCommand delete = new("delete", "Throws a kept-back mail away; its original cannot be read again.", "ingest quarantine delete MAIL") { Mail };
        delete.SetAction((line, cancel) => ActAsync(line, (desk, inbox, key) => desk.Desk.Review.DeleteAsync(desk.Tenant, inbox, key, cancel), "The mail was thrown away.", cancel));
        return new Command("quarantine", "Looks at mail that was kept back.") { list, show, release, delete };
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        OutcomeKind kind = line.GetValue(Parked) ? OutcomeKind.Parked : OutcomeKind.Quarantined;
        int count = 0;
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
            foreach (JournalLine mail in await desk.Desk.Review.ListAsync(desk.Tenant, mailbox.Mailbox.Id, kind, 1000, cancel))
            {
                count++;
                ReviewedMail? opened = await desk.Desk.Review.OpenAsync(desk.Tenant, mailbox.Mailbox.Id, mail.MessageKey, cancel);
                await line.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{mail.MessageKey}  {mail.Received:yyyy-MM-dd HH:mm}Z  {Words.Of(mail.Reason),-14}  {Printable.Line(opened?.FromAddress ?? "")}  {Printable.Line(opened?.Subject ?? "(its original is gone)")}"));
            }
        if (count == 0)
            await line.InvocationConfiguration.Output.WriteLineAsync(kind == OutcomeKind.Parked ? "Nothing is parked." : "Nothing is kept back.");
        return ExitCode.Ok;
    }

    static async Task<int> ShowAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string key = line.GetRequiredValue(Mail);
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
        {
            if (await desk.Desk.Review.OpenAsync(desk.Tenant, mailbox.Mailbox.Id, key, cancel) is not { } mail)
                continue;
            TextWriter output = line.InvocationConfiguration.Output;
            await output.WriteLineAsync($"From:    {Printable.Line(mail.FromName)} <{Printable.Line(mail.FromAddress)}>{(mail.Authenticated ? "" : " (not proven)")}");
            await output.WriteLineAsync($"To:      {Printable.Line(string.Join(", ", mail.To))}");
            await output.WriteLineAsync($"Subject: {Printable.Line(mail.Subject)}");
            await output.WriteLineAsync($"Why:     {Words.Of(mail.Line.Reason)}; {mail.Line.Steps}");
            if (mail.Attachments.Count > 0)
                await output.WriteLineAsync($"Files:   {Printable.Line(string.Join(", ", mail.Attachments))}");
            await output.WriteLineAsync();
            foreach (string text in mail.Text.Split('\n'))
                await output.WriteLineAsync(Printable.Line(text));
            return ExitCode.Ok;
        }
        throw NotThere(key);
    }

    static async Task<int> ActAsync(ParseResult line, Func<LocalDesk, InboxId, string, Task<bool>> act, string done, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string key = line.GetRequiredValue(Mail);
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
        {
            if (!await act(desk, mailbox.Mailbox.Id, key))
                continue;
            await line.InvocationConfiguration.Output.WriteLineAsync(done);
            return ExitCode.Ok;
        }
        throw NotThere(key);
    }

    static CannotRunException NotThere(string key) => new($"No mail {key} is kept back: \"ingest quarantine list\" shows which are.");
}
