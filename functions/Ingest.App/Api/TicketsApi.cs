using System.Text.Json.Serialization.Metadata;
using Ingest.App.Functions;
using Ingest.Core.Access;
using Ingest.Core.Settings;
using Ingest.Core.Telemetry;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>
/// What helpdesks read: tickets, messages, attachments, mailboxes and the journal of the tenant that the caller's token belongs to. What belongs to
/// anyone else is "not found", in the same words as what never was.
/// </summary>
public sealed class TicketsApi(Desk desk, ILogger<TicketsApi> logger)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private const int DefaultCount = 50, MostTickets = 200;

    /// <summary>Answers a request below /api.</summary>
    public async Task RunAsync(HttpContext http, PathString rest)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(Deadline);
        try
        {
            if (await WhoAsync(http, deadline.Token) is not { } tenant)
            {
                http.Response.Headers.WWWAuthenticate = "Bearer";
                await ProblemAsync(http, StatusCodes.Status401Unauthorized, "Not signed in", "Send a token in the header: Authorization: Bearer ing_…");
                return;
            }

            if (!HttpMethods.IsGet(http.Request.Method))
            {
                await ProblemAsync(http, StatusCodes.Status405MethodNotAllowed, "Method not allowed", "This address is read with GET.");
                return;
            }

            string[] path = (rest.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (!await AnswerAsync(http, tenant, path, deadline.Token)) await ProblemAsync(http, StatusCodes.Status404NotFound, "Not found", "There is nothing at this address for this token.");
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            // Our own deadline is a world too slow to answer, so only the caller's leaving counts as asked for.
            bool notNow = Faults.IsNotNow(e, http.RequestAborted);
            if (!notNow) Log.RequestFailed(logger, http.Request.Method, "api", e.GetType().Name, Faults.Where(e));
            if (!http.Response.HasStarted) await (notNow
                ? ProblemAsync(http, StatusCodes.Status503ServiceUnavailable, "Not now", "A service behind this one does not answer; try again in a moment.")
                : ProblemAsync(http, StatusCodes.Status500InternalServerError, "Our fault", "It was recorded; try again, and tell your operator if it stays."));
        }
    }

    private async Task<TenantContext?> WhoAsync(HttpContext http, CancellationToken cancel)
    {
        string header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return null;
        return (await desk.Tokens.FindAsync(header["Bearer ".Length..].Trim(), address: null, cancel))?.Tenant;
    }

    private async Task<bool> AnswerAsync(HttpContext http, TenantContext tenant, string[] path, CancellationToken cancel)
    {
        switch (path)
        {
            case ["tickets"]:
                return await WriteAsync(http, await TicketsAsync(http, tenant, cancel), AppJson.Default.TicketPage);
            case ["tickets", var id]:
                return await TicketAsync(tenant, id, cancel) is { } view && await WriteAsync(http, view, AppJson.Default.TicketView);
            case ["tickets", var id, "messages", var key, "attachments", var index]:
                return await AttachmentAsync(http, tenant, id, key, index, cancel);
            case ["mailboxes"]:
                return await WriteAsync(http, await MailboxesAsync(tenant, cancel), AppJson.Default.MailboxPage);
            case ["mailboxes", var inbox, "journal", var key]:
                return await JournalAsync(tenant, inbox, key, cancel) is { } line && await WriteAsync(http, JournalView.Of(line), AppJson.Default.JournalView);
            case ["mailboxes", var inbox, "books"]:
                return await BooksAsync(tenant, inbox, cancel) is { } books && await WriteAsync(http, books, AppJson.Default.BooksView);
            default:
                return false;
        }
    }

    private async Task<TicketPage> TicketsAsync(HttpContext http, TenantContext tenant, CancellationToken cancel)
    {
        int count = int.TryParse(http.Request.Query["count"], out int asked) ? Math.Clamp(asked, 1, MostTickets) : DefaultCount;
        TicketState state = string.Equals(http.Request.Query["state"], "closed", StringComparison.OrdinalIgnoreCase) ? TicketState.Closed : TicketState.Open;
        List<Ticket> tickets = [];
        await foreach (InboxId inbox in desk.Mailboxes.ListAsync(tenant, cancel)) tickets.AddRange(await desk.Tickets.NewestAsync(tenant, inbox, state, count, cancel));
        return new TicketPage([.. tickets.OrderByDescending(t => t.Updated).Take(count).Select(TicketLine.Of)]);
    }

    private async Task<Ticket?> FindAsync(TenantContext tenant, string idOrNumber, CancellationToken cancel) =>
        TicketStore.IsTicketId(idOrNumber) ? await desk.Tickets.FindAsync(tenant, idOrNumber, cancel) : await desk.Tickets.FindByNumberAsync(tenant, idOrNumber, cancel);

    private async Task<TicketView?> TicketAsync(TenantContext tenant, string idOrNumber, CancellationToken cancel)
    {
        if (await FindAsync(tenant, idOrNumber, cancel) is not { } ticket) return null;
        IReadOnlyList<TicketMessage> messages = await desk.Tickets.MessagesAsync(tenant, ticket.Id, cancel);
        return new TicketView(TicketLine.Of(ticket), ticket.Document?.LinkedTo ?? "", [.. messages.Select(MessageView.Of)]);
    }

    private async Task<bool> AttachmentAsync(HttpContext http, TenantContext tenant, string idOrNumber, string key, string index, CancellationToken cancel)
    {
        if (!int.TryParse(index, out int number) || await FindAsync(tenant, idOrNumber, cancel) is not { } ticket) return false;
        TicketMessage? message = (await desk.Tickets.MessagesAsync(tenant, ticket.Id, cancel)).FirstOrDefault(m => m.Key == key);
        if (message is null || await desk.Tickets.ReadAttachmentAsync(tenant, ticket.Id, message, number, cancel) is not { } content) return false;
        // Whatever a stranger sent is a download, never a page.
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = content.Length;
        http.Response.Headers.ContentDisposition = "attachment; filename*=UTF-8''" + Uri.EscapeDataString(message.Document!.Attachments[number].Name);
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        await http.Response.Body.WriteAsync(content, cancel);
        return true;
    }

    private async Task<MailboxPage> MailboxesAsync(TenantContext tenant, CancellationToken cancel)
    {
        List<MailboxLine> lines = [];
        await foreach (InboxId inbox in desk.Mailboxes.ListAsync(tenant, cancel))
        {
            if (await desk.Mailboxes.FindAsync(tenant, inbox, cancel) is not { } view) continue;
            lines.Add(new MailboxLine(inbox.Value, view.Mailbox.Kind.ToString(), view.Mailbox.State.ToString(), view.Mailbox.Profile.Address, view.Health.Fault,
                view.Health.Failures, view.Health.LastMail, view.Mailbox.Created));
        }

        return new MailboxPage(lines);
    }

    private async Task<JournalLine?> JournalAsync(TenantContext tenant, string inbox, string key, CancellationToken cancel) =>
        InboxId.TryParse(inbox, out InboxId id) && TenantId.TryParse(key, out _) ? await desk.Journal.FindAsync(tenant, id, key, cancel) : null;

    private async Task<BooksView?> BooksAsync(TenantContext tenant, string inbox, CancellationToken cancel)
    {
        if (!InboxId.TryParse(inbox, out InboxId id) || await desk.Mailboxes.FindAsync(tenant, id, cancel) is null) return null;
        var books = await desk.Reconcile.RunAsync(tenant, id, cancel);
        return new BooksView(books, books.Balance);
    }

    private static async Task<bool> WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        await http.Response.WriteAsJsonAsync(value, type, contentType: null, http.RequestAborted);
        return true;
    }

    private static Task ProblemAsync(HttpContext http, int status, string title, string detail)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new Problem(title, status, detail), AppJson.Default.Problem, "application/problem+json", http.RequestAborted);
    }
}
