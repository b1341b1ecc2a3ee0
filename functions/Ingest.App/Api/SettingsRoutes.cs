using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Replies;
using Ingest.Core.Settings;

namespace Ingest.App.Api;

/// <summary>What an admin may set of a mailbox, and the keys that sign its replies.</summary>
internal sealed class SettingsRoutes(Desk desk)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/mailboxes/{inbox}/settings", Permission.ManageMailboxes, "Reads what may be set of a mailbox.", ReadAsync) { Audit = AuditAction.Listed, AuditCode = "settings", Response = AppJson.Default.SettingsView },
        new("PATCH", "/mailboxes/{inbox}/settings", Permission.ManageMailboxes, "Changes what is sent and leaves the rest; it holds for new mail within a minute.", ChangeAsync)
        {
            Audit = AuditAction.MailboxChanged, AuditCode = "settings",
            Request = AppJson.Default.SettingsBody, Response = AppJson.Default.SettingsView, More = [Problems.Refused],
        },
        new("GET", "/mailboxes/{inbox}/signing", Permission.ManageMailboxes, "Lists the domains from which a mailbox sends and how their mail is signed (DKIM).", SigningAsync) { Response = AppJson.Default.SigningPage },
        new("PUT", "/mailboxes/{inbox}/signing/{domain}", Permission.ManageMailboxes, "Makes a key for a domain and signs its mail from now on: publish the record that is answered. The same selector again makes no new key.", SignAsync)
        {
            Audit = AuditAction.KeyCreated, AuditCode = "dkim",
            Request = AppJson.Default.SigningBody, Response = AppJson.Default.SigningView,
        },
        new("DELETE", "/mailboxes/{inbox}/signing/{domain}", Permission.ManageMailboxes, "Takes a domain's key away, for good: its mail is no longer signed.", UnsignAsync) { Audit = AuditAction.KeyDeleted, AuditCode = "dkim", Success = StatusCodes.Status204NoContent },
    ];

    private async Task<(Mailbox? Mailbox, Problem? Problem)> FindAsync(ApiCall call)
    {
        if (!InboxId.TryParse(call["inbox"], out InboxId inbox) || !call.Caller.Knows(inbox)) return (null, Problems.NotFound);
        if (await desk.Mailboxes.FindAsync(call.Tenant, inbox, call.Cancel) is not { Mailbox: { } mailbox }) return (null, Problems.NotFound);
        call.Trail.About = call.Trail.About with { Inbox = inbox };
        // Who may do anything there knows of it; but this is not for them.
        return call.May(inbox) ? (mailbox, null) : (null, Problems.NotAllowed);
    }

    private async Task<Answer> ReadAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        return mailbox is null ? problem! : Answer.Of(SettingsView.Of(mailbox.Profile), AppJson.Default.SettingsView);
    }

    private async Task<Answer> ChangeAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        if (mailbox is null) return problem!;
        (SettingsBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.SettingsBody);
        if (body is null) return problem!;
        if (new[] { body.Aliases, body.AuthservIds, body.TrustedSealers, body.ReceivingServers }.Any(list => list?.Contains(null!) == true)) return Problems.Invalid;
        if (With(mailbox.Profile, body).Check(mailbox) is [var first, ..]) return Problems.RefusedFor("setting-unusable", first.Fix);
        await call.Trail.TellAsync(AuditAction.MailboxChanged, "settings");
        // What is not sent stays as it is at that moment, not as it was when we looked.
        if (!await desk.Mailboxes.ChangeProfileAsync(call.Tenant, mailbox.Id, now => With(now, body).ApplyTo(now), call.Cancel)) return Problems.NotFound;
        return await ReadAsync(call);
    }

    private static MailboxSettings With(MailboxProfile profile, SettingsBody body)
    {
        MailboxSettings now = MailboxSettings.Of(profile);
        return new MailboxSettings
        {
            SenderName = body.SenderName ?? now.SenderName, Acknowledgement = body.Acknowledgement ?? now.Acknowledgement, PlusAddressing = body.PlusAddressing ?? now.PlusAddressing,
            Aliases = body.Aliases ?? now.Aliases, AuthservIds = body.AuthservIds ?? now.AuthservIds,
            TrustedSealers = body.TrustedSealers ?? now.TrustedSealers, ReceivingServers = body.ReceivingServers ?? now.ReceivingServers,
        }.Tidy();
    }

    private async Task<Answer> SigningAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        if (mailbox is null) return problem!;
        List<SigningView> domains = [];
        foreach (string domain in SigningKeys.DomainsOf(mailbox))
        {
            (string Selector, DkimRecord Record)? key = await desk.SigningKeys.DescribeAsync(call.Tenant, domain, call.Cancel);
            domains.Add(new SigningView(domain, key?.Selector ?? "", key?.Record.Name ?? "", key?.Record.Value ?? ""));
        }

        return Answer.Of(new SigningPage(domains), AppJson.Default.SigningPage);
    }

    private async Task<(string Domain, Problem? Problem)> DomainAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        if (mailbox is null) return ("", problem);
        string domain = call["domain"].ToLowerInvariant();
        if (!SigningKeys.DomainsOf(mailbox).Contains(domain)) return ("", Problems.NotFound);
        return (domain, await SigningRights.MayChangeAsync(desk, call.Caller, domain, call.Cancel) ? null : Problems.NotAllowed);
    }

    private async Task<Answer> SignAsync(ApiCall call)
    {
        (string domain, Problem? problem) = await DomainAsync(call);
        if (problem is not null) return problem;
        (SigningBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.SigningBody);
        if (body is null) return problem!;
        if (!SigningKeys.IsSelector(body.Selector)) return Problems.Invalid;
        call.Trail.About = call.Trail.About with { Subject = body.Selector };
        await call.Trail.TellAsync(AuditAction.KeyCreated, "dkim");
        DkimRecord record = await desk.SigningKeys.CreateAsync(call.Tenant, domain, body.Selector, call.Cancel);
        return Answer.Of(new SigningView(domain, body.Selector, record.Name, record.Value), AppJson.Default.SigningView);
    }

    private async Task<Answer> UnsignAsync(ApiCall call)
    {
        (string domain, Problem? problem) = await DomainAsync(call);
        if (problem is not null) return problem;
        await call.Trail.TellAsync(AuditAction.KeyDeleted, "dkim");
        return await desk.SigningKeys.DeleteAsync(call.Tenant, domain, call.Cancel) ? Answer.Done : Problems.NotFound;
    }
}
