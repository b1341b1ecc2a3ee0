using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Policies;

namespace Ingest.App.Console;

/// <summary>All of a policy but its rules, as one form.</summary>
internal static class PolicyForm
{
    private static readonly char[] Between = [',', ';', '\n', '\r', ' '];

    private static readonly (HeldSort Sort, string Text)[] Sorts =
    [
        (HeldSort.AutomaticAnswer, "Automatic answers to nothing of ours"), (HeldSort.OutOfOffice, "Out-of-office notes to nothing of ours"), (HeldSort.RepeatedContent, "The same from one sender again and again"),
        (HeldSort.DangerousAttachment, "Mail with a program attached"), (HeldSort.Blank, "Mail with nothing in it"), (HeldSort.NoAuthor, "Mail without an author"), (HeldSort.Unreadable, "Mail that cannot be read to its end"),
        (HeldSort.StrangerToTicket, "Mail that refers to a ticket, from somebody unknown"), (HeldSort.OutsiderOfTicket, "Mail that refers to a ticket, from a contact who is not part of it"),
    ];

    /// <summary>The policy with what a form says.</summary>
    public static MailPolicy Read(MailPolicy policy, IFormCollection form) => policy with
    {
        TakeOnlyAllowed = form["only"] == "yes",
        Closed = form["closed"] == "yes",
        FirstContact = Word(form, "first-contact", policy.FirstContact),
        Proof = Word(form, "proof-wanted", policy.Proof),
        Provider = Word(form, "provider", policy.Provider),
        Unsure = Word(form, "unsure", policy.Unsure),
        Hold = [.. Sorts.Select(s => s.Sort).Where(sort => form["hold-" + sort] == "yes")],
        Unattended = form["unattended"].ToString().Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        MostBytes = Number(form, "bytes") * 1_000_000L,
        MostFromSenderPerHour = Number(form, "sender-rate"),
        MostFromDomainPerHour = Number(form, "domain-rate"),
        MostPerHour = Number(form, "rate"),
        MostSamePerHour = Number(form, "same-rate"),
        OneCustomerIn = Number(form, "one-in"),
        AlarmFromCount = Number(form, "alarm-count"),
        AlarmFromDays = Number(form, "alarm-days"),
    };

    private static T Word<T>(IFormCollection form, string name, T usual) where T : struct, Enum => Enum.TryParse(form[name], out T word) ? word : usual;

    // What is no number is one that no setting takes.
    private static int Number(IFormCollection form, string name) => int.TryParse(form[name].ToString().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;

    /// <summary>The field in which a setting is asked for.</summary>
    public static string FieldOf(string setting) => setting switch
    {
        nameof(MailPolicy.Rules) => "pattern",
        nameof(MailPolicy.OneCustomerIn) => "one-in",
        nameof(MailPolicy.MostBytes) => "bytes",
        nameof(MailPolicy.MostFromSenderPerHour) => "sender-rate",
        nameof(MailPolicy.MostFromDomainPerHour) => "domain-rate",
        nameof(MailPolicy.MostPerHour) => "rate",
        nameof(MailPolicy.MostSamePerHour) => "same-rate",
        nameof(MailPolicy.Unattended) => "unattended",
        nameof(MailPolicy.AlarmFromCount) => "alarm-count",
        nameof(MailPolicy.AlarmFromDays) => "alarm-days",
        _ => "",
    };

    public static Markup Section(Visit visit, string address, string version, MailPolicy policy, IReadOnlyList<Problem> problems) => Markup.Of($"""
        <form class="card" method="post" action="{address}/settings">{Form.Token(visit.Person)}<input type="hidden" name="version" value="{version}">
        <h2>Who is let in</h2>
        {Form.Choice("first-contact", "The first mail of somebody", [(nameof(FirstContactMail.Take), "is taken like any other"), (nameof(FirstContactMail.HoldUnproven), "is held when its sender is not proven"), (nameof(FirstContactMail.Hold), "is held")], policy.FirstContact.ToString())}
        {Form.Choice("proof-wanted", "Proof that the sender's domain sent it", [(nameof(ProofWanted.Weighed), "is weighed by the filter"), (nameof(ProofWanted.NotFailed), "must not fail where the domain publishes a policy"), (nameof(ProofWanted.Proven), "is asked of every mail")], policy.Proof.ToString(), "Mailing lists and forwards often break it, and small companies may have none.")}
        {Form.Choice("provider", "When the mail provider calls it spam", [(nameof(ProviderSpam.Ignore), "nothing follows"), (nameof(ProviderSpam.Weigh), "the filter weighs it"), (nameof(ProviderSpam.Hold), "it is held")], policy.Provider.ToString())}
        {Form.Tick("only", "Take only mail that a rule allows, or that belongs to a ticket", policy.TakeOnlyAllowed)}
        {Form.Tick("closed", "Take no mail for now: hold all of it", policy.Closed)}
        <h2>What is held</h2>
        {Markup.Each(Sorts, sort => Form.Tick("hold-" + sort.Sort, sort.Text, policy.Hold.Contains(sort.Sort)))}
        {Form.Text("unattended", "Our addresses that take no answers", string.Join(", ", policy.Unattended), "Commas between addresses, * for any characters. Mail to them alone is held.", problems: problems)}
        {Form.Text("bytes", "Largest mail, in million bytes", Text(policy.MostBytes / 1_000_000), "0 for any.", problems: problems)}
        <h2>How much in an hour</h2>
        <p class="soft small">What is beyond a limit is held, never lost. 0 for no limit.</p>
        {Form.Text("sender-rate", "Mails of one sender", Text(policy.MostFromSenderPerHour), problems: problems)}
        {Form.Text("domain-rate", "Mails of one domain", Text(policy.MostFromDomainPerHour), "Public providers such as gmail.com are not counted.", problems: problems)}
        {Form.Text("rate", "Mails in all", Text(policy.MostPerHour), problems: problems)}
        {Form.Text("same-rate", "Mails of one sender with the same content", Text(policy.MostSamePerHour), problems: problems)}
        {FilterForm.Section(policy, problems)}
        <p class="row"><button>Keep these settings</button></p>
        </form>
        """);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
