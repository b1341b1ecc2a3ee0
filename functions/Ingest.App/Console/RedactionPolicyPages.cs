using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;

namespace Ingest.App.Console;

/// <summary>What is masked in mail before anything is kept; for one mailbox, or for all that have nothing of their own. With what it masked so far, in numbers, on a page of its own.</summary>
internal sealed class RedactionPolicyPages(ConsoleSession sessions)
{
    private const int LargeForm = 64 * 1024, ReportDays = 30, MostRules = 20;
    private const string NumbersTitle = "What was masked, in numbers";

    private static readonly (string Value, string Text)[] Presets =
    [
        (nameof(RedactionPreset.Default), "Usual: every sort but names of people"), (nameof(RedactionPreset.Pci), "PCI: card data and secrets, no originals"), (nameof(RedactionPreset.Gdpr), "GDPR: personal data as pseudonyms or labels"),
        (nameof(RedactionPreset.Hipaa), "HIPAA: every sort by its name alone, images and archives withheld"), (nameof(RedactionPreset.Off), "Off: nothing is looked for"),
    ];

    /// <summary>Where the redaction of a mailbox is, or the one for all with null.</summary>
    internal static string Address(Mailbox? mailbox) => mailbox is null ? $"{Visit.Mailboxes}/redaction" : $"{Visit.Mailboxes}/{mailbox.Id}/redaction";

    public async Task<bool> TryAsync(Visit visit, Mailbox? mailbox, string[] path)
    {
        switch (path)
        {
            case [] when !visit.IsPost:
                await ShowAsync(visit, mailbox, await HeldAsync(visit, mailbox), []);
                return true;
            case ["numbers"] when !visit.IsPost && mailbox is not null:
                await ShowNumbersAsync(visit, mailbox);
                return true;
            case ["settings" or "preset" or "own"] when visit.IsPost:
                await TakeAsync(visit, mailbox, path[0]);
                return true;
            case ["settings" or "preset" or "own"]:
                Answer.SeeOther(visit.Http, Address(mailbox));
                return true;
            default:
                return false;
        }
    }

    private static Task<HeldPolicy<RedactionPolicy>> HeldAsync(Visit visit, Mailbox? mailbox) => visit.Desk.RedactionPolicies.FindAsync(visit.Tenant, mailbox?.Id, visit.Cancel);

    private async Task TakeAsync(Visit visit, Mailbox? mailbox, string act)
    {
        if (await visit.FormAsync(sessions, LargeForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Address(mailbox));
            return;
        }

        HeldPolicy<RedactionPolicy> held = await HeldAsync(visit, mailbox);
        string version = form["version"].ToString();
        if (act == "own" && mailbox is not null)
        {
            bool removed = await visit.Desk.RedactionPolicies.RemoveAsync(visit.Tenant, mailbox.Id, version, AuditActor.Of(visit.Caller), visit.Cancel);
            if (removed) visit.Trail.LeaveToWork();
            Answer.SeeOther(visit.Http, Address(mailbox) + (removed ? "?said=removed" : "?said=changed"));
            return;
        }

        try
        {
            HeldPolicy<RedactionPolicy>? now = await visit.Desk.RedactionPolicies.ChangeAsync(visit.Tenant, mailbox?.Id, p => Changed(p, act, form), AuditActor.Of(visit.Caller), visit.Cancel, version, whole: act == "preset");
            if (now is not null) visit.Trail.LeaveToWork();
            Answer.SeeOther(visit.Http, Address(mailbox) + (now is null ? "?said=changed" : "?said=kept"));
        }
        catch (PolicyException e)
        {
            await ShowAsync(visit, mailbox, held with { Policy = Changed(held.Policy, act, form) }, [new Problem(RedactionForm.FieldOf(e.Problem.Setting), e.Problem.Fix)]);
        }
    }

    // A preset replaces everything but the patterns of what is one's own, and whether it is tried first.
    private static RedactionPolicy Changed(RedactionPolicy policy, string act, IFormCollection form) => act != "preset" ? RedactionForm.Read(policy, form)
        : RedactionPolicy.Named(Enum.TryParse(form["preset"], out RedactionPreset preset) && Enum.IsDefined(preset) ? preset : policy.Preset) with { Allow = policy.Allow, DryRun = policy.DryRun };

    private static async Task ShowAsync(Visit visit, Mailbox? mailbox, HeldPolicy<RedactionPolicy> held, IReadOnlyList<Problem> problems)
    {
        // What holds until the mailbox gets a policy of its own.
        RedactionPolicy shown = mailbox is null || held.IsSet || problems.Count > 0 ? held.Policy : (await HeldAsync(visit, null)).Policy;
        const string Title = "What is masked in mail";
        await visit.PageAsync(visit.Frame(Title, Visit.Mailboxes), (AuditAction.Listed, "redaction"), Markup.Of($"""
            <p>{(mailbox is null ? Markup.Of($"""<a href="{Visit.Mailboxes}">Mailboxes</a>""") : Markup.Of($"""<a href="{Visit.Mailboxes}/{mailbox.Id.Value}">{mailbox.Profile.Address}</a>"""))}</p>
            {Form.Summary(problems)}
            <h1>{Title}</h1>
            {Said(visit.Asked("said"))}
            {Markup.If(shown.DryRun, $"""<div class="notice warn" role="note"><p><strong>Nothing is masked for now.</strong> What would be is only counted.</p></div>""")}
            {Scope(visit, mailbox, held)}
            {Markup.If(mailbox is not null, $"""<p><a href="{Address(mailbox)}/numbers">{NumbersTitle}</a></p>""")}
            <form class="card" method="post" action="{Address(mailbox)}/preset">{Form.Token(visit.Person)}<input type="hidden" name="version" value="{held.Version}">
            <h2>Begin from a preset</h2>
            {Form.Choice("preset", "Preset", Presets, shown.Preset.ToString(), "It replaces all settings below, but not what is never masked.")}
            <p class="row"><button class="quiet">Use this preset</button></p>
            </form>
            {RedactionForm.Section(visit, Address(mailbox), held.Version, shown, problems)}
            """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    // A page of its own: it reads through the whole journal of the mailbox, as far as that goes while somebody waits.
    private static async Task ShowNumbersAsync(Visit visit, Mailbox mailbox)
    {
        RedactionReport report = await RedactionReport.OfAsync(visit.Desk.Journal, visit.Tenant, mailbox.Id, ReportDays, visit.Desk.Time, visit.Cancel, RedactionReport.WithinRequest);
        await visit.PageAsync(visit.Frame(NumbersTitle, Visit.Mailboxes), (AuditAction.Listed, "redaction-report"), Markup.Of($"""
            <p><a href="{Address(mailbox)}">What is masked in mail</a></p>
            <h1>{NumbersTitle}</h1>
            {Numbers(report)}
            """));
    }

    private static Markup Numbers(RedactionReport report) => Markup.Of($"""
        <section class="card" aria-labelledby="numbers">
        {Markup.If(report.IsPartial, $"""<div class="notice warn" role="status"><p>{Partial(report)} <code>ingest redact --report</code> counts them all.</p></div>""")}
        <h2 id="numbers">The last {ReportDays.ToString(CultureInfo.InvariantCulture)} days</h2>
        <p>{(report.Mails == 0 ? "No mail was looked through yet." : $"{Words.Count(report.Mails, "mail")} looked through; something was found in {report.WithFindings.ToString("N0", CultureInfo.InvariantCulture)}.")}</p>
        {Markup.If(report.Types.Count > 0, $"""
        <table><thead><tr><th>Sort</th><th>Masked</th><th>Only counted</th></tr></thead>
        <tbody>{Markup.Each(report.Types.OrderBy(type => type.Key), type => Row(TallyWords.Heading(type.Key), type.Value))}</tbody></table>
        <details><summary>By day and by rule</summary>
        <table><thead><tr><th>Day</th><th>Masked</th><th>Only counted</th></tr></thead>
        <tbody>{Markup.Each(report.Days, day => Row(day.Day.ToString("d MMM", CultureInfo.InvariantCulture), new RedactionCount(day.Types.Values.Sum(one => one.Masked), day.Types.Values.Sum(one => one.Found))))}</tbody></table>
        <table><thead><tr><th>Rule</th><th>Masked</th><th>Only counted</th></tr></thead>
        <tbody>{Markup.Each(report.Rules.OrderByDescending(rule => rule.Value.Masked + rule.Value.Found).ThenBy(rule => rule.Key, StringComparer.Ordinal).Take(MostRules), rule => Row(rule.Key, rule.Value))}</tbody></table>
        </details>
        """)}
        </section>
        """);

    private static string Partial(RedactionReport report) => report.Since > report.Asked.AddDays(ReportDays - 1)
        ? "This mailbox has more mail than can be counted while you wait: no day is counted here."
        : $"This mailbox has more mail than can be counted while you wait: what stands here is complete from {report.Since.ToString("d MMM yyyy", CultureInfo.InvariantCulture)} on.";

    private static Markup Row(string name, RedactionCount count) =>
        Markup.Of($"<tr><td>{name}</td><td>{count.Masked.ToString("N0", CultureInfo.InvariantCulture)}</td><td>{count.Found.ToString("N0", CultureInfo.InvariantCulture)}</td></tr>");

    private static Markup Scope(Visit visit, Mailbox? mailbox, HeldPolicy<RedactionPolicy> held)
    {
        const string When = "Changes hold for new mail within two minutes; what was kept before stays as it is.";
        if (held.IsUnreadable) return Markup.Of($"""<div class="notice bad" role="status"><p>What was set cannot be read, and mail waits. What is shown is the usual. Choose a preset to set it anew{(mailbox is null ? "" : ", or go back to what holds for all")}.</p></div>{Markup.If(mailbox is not null, $"{Own(visit, mailbox!, held)}")}""");
        if (mailbox is null) return Markup.Of($"<p>This holds for every mailbox that has nothing of its own. {When}</p>");
        bool may = visit.Caller.MayEverywhere(Permission.ManageMailboxes);
        Markup all = may ? Markup.Of($"""<a href="{Address(null)}">what holds for all mailboxes</a>""") : Markup.Of($"what holds for all mailboxes");
        return held.IsSet
            ? Markup.Of($"<p>This mailbox has settings of its own. {When}</p>{Own(visit, mailbox, held)}")
            : Markup.Of($"<p>This mailbox goes by {all}. Whatever you change here makes settings of its own for it.</p>");
    }

    private static Markup Own(Visit visit, Mailbox mailbox, HeldPolicy<RedactionPolicy> held) =>
        Form.Button(visit.Person, Address(mailbox) + "/own", "Go back to what holds for all mailboxes", "quiet", [("version", held.Version)]);

    private static Markup Said(string code)
    {
        (string text, string look) = code switch
        {
            "kept" => ("Kept. It holds for new mail within two minutes.", "good"),
            "removed" => ("The mailbox's own settings are gone: what holds for all mailboxes holds for it, too.", "good"),
            "changed" => ("Somebody else changed it meanwhile, so nothing was kept of what you sent. Look at it as it is now, and decide anew.", "bad"),
            _ => ("", ""),
        };
        return Markup.If(text.Length > 0, $"""<div class="notice {look}" role="status"><p>{text}</p></div>""");
    }
}
