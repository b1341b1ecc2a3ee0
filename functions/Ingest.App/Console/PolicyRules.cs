using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;

namespace Ingest.App.Console;

/// <summary>The rules of a policy, and a form for another.</summary>
internal static class PolicyRules
{
    private static readonly (string, string)[] Effects =
        [(nameof(RuleEffect.Deny), "Hold mail"), (nameof(RuleEffect.Allow), "Take mail, whatever the filter says"), (nameof(RuleEffect.Suspend), "Suspend a sender")];

    private static readonly (string, string)[] Subjects =
    [
        (nameof(RuleSubject.Address), "from the address"), (nameof(RuleSubject.Domain), "from the domain"), (nameof(RuleSubject.IpAddress), "handed over by the server"),
        (nameof(RuleSubject.List), "of the mailing list"), (nameof(RuleSubject.Header), "with the header field"),
    ];

    public static Markup Section(Visit visit, Mailbox? mailbox, HeldPolicy<MailPolicy> held, MailPolicy shown, IReadOnlyList<MailRule> forAll, IReadOnlyList<Problem> problems, MailRule? draft)
    {
        string address = PolicyPages.Address(mailbox);
        // Rules that are only borrowed from all cannot be changed from here.
        bool own = mailbox is null || held.IsSet;
        return Markup.Of($"""
            <section class="card" aria-labelledby="rules">
            <h2 id="rules">Rules</h2>
            <p>They are asked from the top, before the spam filter; the first that matches decides. A rule never lets in mail that fails the check of a domain that publishes how it may be proven.</p>
            {(shown.Rules.Count == 0 ? Markup.Of($"""<p class="soft">There are no rules yet.</p>""") : Markup.Of($"""<ol class="list">{Markup.Each(shown.Rules.Index(), rule => Line(visit, address, held.Version, rule.Index, rule.Item, own))}</ol>"""))}
            {Markup.If(forAll.Count > 0, $"""<h3>After these, for all mailboxes</h3><ol class="list" start="{Number(shown.Rules.Count + 1)}">{Markup.Each(forAll, rule => Markup.Of($"<li>{Words(rule)}</li>"))}</ol>""")}
            <form method="post" action="{address}/add">{Form.Token(visit.Person)}<input type="hidden" name="version" value="{held.Version}">
            <h3>Add a rule</h3>
            {Form.Choice("effect", "What is done", Effects, (draft?.Effect ?? RuleEffect.Deny).ToString())}
            {Form.Choice("subject", "With which mail", Subjects, (draft?.Subject ?? RuleSubject.Address).ToString())}
            {Form.Text("pattern", "What to look for", draft?.Pattern ?? "", "An address such as ada@example.com, a domain such as *.example.com, a server or a range such as 192.0.2.0/24, a list such as news.example.com, or a field such as X-Mailer: *Sender*. A star stands for any characters.", problems: problems)}
            {Form.Tick("first", "Put it above the others")}
            <p><button>Add the rule</button></p>
            </form>
            </section>
            """);
    }

    private static Markup Line(Visit visit, string address, string version, int index, MailRule rule, bool own)
    {
        (string, string)[] fields = [("version", version), ("rule", Number(index))];
        return Markup.Of($"""
            <li><p>{Words(rule)}</p>
            {Markup.If(own, $"""<div class="row">{Markup.If(index > 0, $"""{Form.Button(visit.Person, address + "/up", "Move up", "quiet", fields)}""")}{Form.Button(visit.Person, address + "/remove", "Remove", "quiet", fields)}</div>""")}</li>
            """);
    }

    private static Markup Words(MailRule rule)
    {
        string what = rule.Effect switch { RuleEffect.Allow => "Take", RuleEffect.Deny => "Hold", RuleEffect.Suspend => "Suspend" };
        string which = rule.Effect == RuleEffect.Suspend ? "the sender" : "mail " + Subjects.First(s => s.Item1 == rule.Subject.ToString()).Item2;
        return Markup.Of($"<strong>{what}</strong> {which} <bdi><code>{rule.Pattern}</code></bdi>");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
