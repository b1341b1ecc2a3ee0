using Ingest.App.Pages;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Replies;

namespace Ingest.App.Console;

/// <summary>What an admin may set of a mailbox: the name that customers see, the acknowledgement, other addresses, whose checks are believed; and how its replies are signed.</summary>
internal sealed class SettingsPages(ConsoleSession sessions)
{
    private const int SmallForm = 256 * 1024;
    private static readonly char[] Between = [',', ';', '\n', '\r'];
    private readonly SigningPages _signing = new(sessions);

    public async Task<bool> TryAsync(Visit visit, Mailbox mailbox, string[] path)
    {
        switch (path)
        {
            case [] when visit.IsPost:
                await TakeAsync(visit, mailbox);
                return true;
            case []:
                await ShowAsync(visit, mailbox, MailboxSettings.Of(mailbox.Profile), []);
                return true;
            case ["sign" or "unsign"] when visit.IsPost:
                if (await _signing.ChangeAsync(visit, mailbox, path[0]) is { } problem) await ShowAsync(visit, mailbox, MailboxSettings.Of(mailbox.Profile), [problem]);
                return true;
            case ["sign" or "unsign"]:
                Answer.SeeOther(visit.Http, Address(mailbox));
                return true;
            default:
                return false;
        }
    }

    internal static string Address(Mailbox mailbox) => $"{Visit.Mailboxes}/{mailbox.Id}/settings";

    private async Task TakeAsync(Visit visit, Mailbox mailbox)
    {
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Address(mailbox));
            return;
        }

        MailboxSettings settings = Of(form, mailbox);
        IReadOnlyList<SettingProblem> problems = settings.Check(mailbox);
        if (problems.Count > 0)
        {
            await ShowAsync(visit, mailbox, settings, [.. problems.Select(problem => new Problem(FieldOf(problem.Setting), problem.Fix))]);
            return;
        }

        await visit.Trail.TellAsync(AuditAction.MailboxChanged, "settings");
        await visit.Desk.Mailboxes.ChangeProfileAsync(visit.Tenant, mailbox.Id, settings.ApplyTo, visit.Cancel);
        Answer.SeeOther(visit.Http, Address(mailbox) + "?said=kept");
    }

    // What a Gmail mailbox has no field for stays as it is.
    private static MailboxSettings Of(IFormCollection form, Mailbox mailbox)
    {
        bool decides = mailbox.Kind != MailboxKind.Google;
        return new MailboxSettings
        {
            SenderName = form["name"].ToString(), Acknowledgement = form["acknowledgement"].ToString(), Aliases = Names(form["aliases"].ToString()),
            PlusAddressing = decides ? form["plus"] == "yes" : mailbox.Profile.PlusAddressing, AuthservIds = decides ? Names(form["checker"].ToString()) : mailbox.Profile.AuthservIds,
            ReceivingServers = decides ? Names(form["servers"].ToString()) : mailbox.Profile.ReceivingServers, TrustedSealers = Names(form["sealers"].ToString()),
        }.Tidy();
    }

    private static string[] Names(string text) => text.Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string FieldOf(string setting) => setting switch
    {
        nameof(MailboxSettings.SenderName) => "name",
        nameof(MailboxSettings.Acknowledgement) => "acknowledgement",
        nameof(MailboxSettings.Aliases) => "aliases",
        nameof(MailboxSettings.AuthservIds) => "checker",
        nameof(MailboxSettings.TrustedSealers) => "sealers",
        nameof(MailboxSettings.ReceivingServers) => "servers",
        _ => "plus",
    };

    private static async Task ShowAsync(Visit visit, Mailbox mailbox, MailboxSettings settings, IReadOnlyList<Problem> problems)
    {
        const string Title = "Settings";
        Markup signing = await SigningPages.SectionAsync(visit, mailbox, problems);
        await visit.PageAsync(visit.Frame(Title, Visit.Mailboxes), (AuditAction.Listed, "settings"), Markup.Of($"""
            <p><a href="{Visit.Mailboxes}/{mailbox.Id.Value}">{mailbox.Profile.Address}</a></p>
            {Form.Summary(problems)}
            <h1>{Title}</h1>
            {Said(visit.Asked("said"))}
            <form class="card" method="post" action="{Address(mailbox)}">{Form.Token(visit.Person)}
            {Form.Text("name", "Name that customers see", settings.SenderName, "Such as Acme Support. Left empty, they see the name of whoever writes.", problems: problems)}
            {Form.Area("acknowledgement", "Automatic acknowledgement", settings.Acknowledgement, AcknowledgementHint(mailbox), rows: 5, problems: problems)}
            {Form.Text("aliases", "Other addresses of this mailbox", string.Join(", ", settings.Aliases), "Commas between addresses. Who writes to one of them is answered from there; your provider must let this mailbox send from it.", problems: problems)}
            {Markup.If(mailbox.Kind != MailboxKind.Google, $"{Checked(settings, problems)}")}
            {Form.Text("sealers", "Who may pass mail on", string.Join(", ", settings.TrustedSealers), "Domains of mailing lists and forwarders that seal what they pass on (ARC), such as lists.example.com. What they found out about a sender is believed, so name only whom you trust with that.", problems: problems)}
            <p class="row"><button>Keep the settings</button> <span class="soft small">They hold for new mail within a minute.</span></p>
            </form>
            {signing}
            """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static Markup Checked(MailboxSettings settings, IReadOnlyList<Problem> problems) => Markup.Of($"""
        {Form.Text("checker", "Whose checks of senders are believed", string.Join(", ", settings.AuthservIds), "The first word of the field Authentication-Results in mail that this provider took in, such as mx.example.com. Left empty, we check senders ourselves, by their signatures.", problems: problems)}
        {Form.Text("servers", "This provider's own servers", string.Join(", ", settings.ReceivingServers), "The word after “by” in the Received lines that the provider adds, or the domain above, such as mail.example.com. With it we can tell which server a mail came from, and check that (SPF); left empty, we do not. Leave it empty when the provider's servers stand behind a proxy.", problems: problems)}
        {Form.Tick("plus", "Mail to name+anything@ reaches this mailbox, so that answers are recognised by their address, too", settings.PlusAddressing)}
        """);

    private static string AcknowledgementHint(Mailbox mailbox)
    {
        const string What = "Sent once for each new ticket, to people whose mail is verified, and never to machines or lists. {number} stands for the ticket's number. Left empty, none is sent.";
        return QueueReply.CanSendFrom(mailbox) ? What : What + " This mailbox cannot send mail yet, so nobody gets one.";
    }

    private static Markup Said(string code)
    {
        string text = code switch
        {
            "kept" => "The settings were kept.",
            "signed" => "The key is there, and replies are signed from now on. Publish the record below: until it is, receivers treat replies as if they were not signed.",
            "unsigned" => "The key is gone: replies are no longer signed. You may take its record out of the DNS in a week, when all that it signed has arrived.",
            _ => "",
        };
        return Markup.If(text.Length > 0, $"""<div class="notice good" role="status"><p>{text}</p></div>""");
    }
}
