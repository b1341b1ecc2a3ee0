using System.Net;
using System.Text.RegularExpressions;
using Ingest.Cli.Commands;
using Ingest.Cli.Servers;
using Ingest.Cli.Views;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Local;

/// <summary>From consent to tickets without a hand on it: what a newcomer does in the browser, and the proof that no mail was lost.</summary>
internal static partial class Demo
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(LocalSettings settings, MailDemo? mail, TextWriter output, TextWriter error, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(settings);
        Page page = new(output, forPeople: true, onTerminal: !Console.IsOutputRedirected);
        await output.WriteLineAsync($"Connecting {LocalSystem.SampleUser} on the consent page ...");
        await ConnectAsync(desk, cancel);

        int samples = Directory.GetFiles(GoogleEmulatorOptions.Samples, "*.eml").Length;
        await output.WriteLineAsync($"Waiting for {Words.Count(samples, "mail")} ...");
        MailboxView mailbox = await desk.MailboxAsync(LocalSystem.SampleUser, cancel);
        await WaitAsync(desk, mailbox.Mailbox, samples, error, cancel);

        IReadOnlyList<TicketLine> tickets = await TicketsCommand.NewestAsync(desk, TicketState.Open, count: 100, cancel);
        page.Show(tickets, TicketsView.Render);
        if (tickets.MaxBy(ticket => ticket.Messages) is { } longest)
            await AnswerAsync(desk, page, mailbox, longest.Number, output, cancel);
        if (mail is not null)
            await mail.RunAsync(desk, page, output, cancel);

        await output.WriteLineAsync("Was any mail lost?");
        IReadOnlyList<BooksLine> books = await JournalCommand.BooksAsync(desk, [.. (await desk.MailboxesAsync(cancel)).Select(m => m.Mailbox.Id)], cancel);
        page.Show(books, BooksView.Render);
        await output.WriteLineAsync(books.All(row => row.Balance) ? "No: every mail that was listed has exactly one end." : "The books do not balance.");
        return books.All(row => row.Balance) ? ExitCode.Ok : throw new CannotRunException("The books do not balance: see the table above.");
    }

    static async Task AnswerAsync(LocalDesk desk, Page page, MailboxView mailbox, string number, TextWriter output, CancellationToken cancel)
    {
        Ticket ticket = await TicketsCommand.FindTicketAsync(desk, number, cancel);
        // The same key each time: a demonstration that is run again does not answer the customer again.
        NewReply reply = new() { Text = "Hello,\n\nthank you for the good news. Just answer if the noise comes back.\n\nMaria", AuthorName = "Maria from support", IdempotencyKey = "demo" };
        await output.WriteLineAsync($"Answering {ticket.Number} ...");
        ReplyAccepted accepted = await desk.Desk.Replies.QueueAsync(desk.Tenant, ticket.Id, reply, cancel) ?? throw new CannotRunException("The ticket is gone.");
        long since = desk.Desk.Time.GetTimestamp();
        TicketMessage sent;
        while ((sent = (await desk.Desk.Tickets.MessagesAsync(desk.Tenant, ticket.Id, cancel)).Single(m => m.Key == accepted.Key)).Delivery?.State != DeliveryState.Sent)
        {
            if (desk.Desk.Time.GetElapsedTime(since) > Patience)
                throw new CannotRunException($"The reply {Words.Of(sent.Delivery!)}. The logs in the data folder say more.");
            await Task.Delay(LookEvery, cancel);
        }

        page.Show(await TicketsCommand.FindAsync(desk, number, cancel), TicketView.Render);
        IMailSender mails = await desk.Desk.Sources.OpenSenderAsync(desk.Tenant, mailbox, cancel);
        if (await mails.WasSentAsync(sent.Document!.MessageId, cancel) != true)
            throw new CannotRunException("The reply is not in the mailbox's Sent folder.");
        await output.WriteLineAsync($"The reply is in the Sent folder of {mailbox.Mailbox.Profile.Address}.");
        await output.WriteLineAsync();
    }

    [GeneratedRegex("name=\"csrf\" value=\"([^\"]+)\"")]
    private static partial Regex HiddenField();

    // The steps of a browser: open the link and go on, press "connect", press the consent page's button, come back.
    static async Task ConnectAsync(LocalDesk desk, CancellationToken cancel)
    {
        using SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseProxy = false, CookieContainer = new CookieContainer() };
        using HttpClient browser = new(handler) { Timeout = TimeSpan.FromSeconds(60) };
        using FormUrlEncodedContent nothing = new([]);
        using HttpResponseMessage opened = await browser.PostAsync(await desk.ConnectLinkAsync(cancel), nothing, cancel);
        string page = await browser.GetStringAsync(new Uri(desk.BaseUrl, "/connect"), cancel);
        using FormUrlEncodedContent form = new([new("csrf", HiddenField().Match(page).Groups[1].Value)]);
        using HttpResponseMessage begun = await browser.PostAsync(new Uri(desk.BaseUrl, "/connect/google"), form, cancel);
        Uri consent = begun.Headers.Location ?? throw new CannotRunException($"The app did not lead to a consent page (it answered {(int)begun.StatusCode}).");
        Uri callback = await GoogleEmulator.ConsentAsync(browser, consent, LocalSystem.SampleUser, cancel);
        using HttpResponseMessage ended = await browser.GetAsync(callback, cancel);
        if (ended.StatusCode != HttpStatusCode.SeeOther)
            throw new CannotRunException($"The app did not take the consent (it answered {(int)ended.StatusCode}).");
    }

    static async Task WaitAsync(LocalDesk desk, Mailbox mailbox, int samples, TextWriter error, CancellationToken cancel)
    {
        using Progress progress = new(error);
        long since = desk.Desk.Time.GetTimestamp();
        int done = -1;
        while (true)
        {
            Books books = await desk.Desk.Reconcile.RunAsync(desk.Tenant, mailbox.Id, cancel);
            if (books.Listed >= samples && books.InFlight == 0)
                return;
            if (books.Listed - books.InFlight > done)
                (done, since) = (books.Listed - books.InFlight, desk.Desk.Time.GetTimestamp());
            if (desk.Desk.Time.GetElapsedTime(since) > Patience)
                throw new CannotRunException($"Nothing has moved for {Patience.TotalMinutes} minutes: {done} of {samples} mails are done. The logs in the data folder say more.");
            progress.Show($"{done:N0} of {samples:N0} mails done");
            await Task.Delay(LookEvery, cancel);
        }
    }
}
