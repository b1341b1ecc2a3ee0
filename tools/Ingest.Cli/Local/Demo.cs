using System.Net;
using System.Text.RegularExpressions;
using Ingest.Cli.Commands;
using Ingest.Cli.Servers;
using Ingest.Cli.Views;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Local;

/// <summary>From consent to tickets without a hand on it: what a newcomer does in the browser, and the proof that no mail was lost.</summary>
internal static partial class Demo
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(LocalSettings settings, TextWriter output, TextWriter error, CancellationToken cancel)
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
            page.Show(await TicketsCommand.FindAsync(desk, longest.Number, cancel), TicketView.Render);

        await output.WriteLineAsync("Was any mail lost?");
        IReadOnlyList<BooksLine> books = await JournalCommand.BooksAsync(desk, [mailbox.Mailbox.Id], cancel);
        page.Show(books, BooksView.Render);
        return books.All(row => row.Balance) ? ExitCode.Ok : throw new CannotRunException("The books do not balance: see the table above.");
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
