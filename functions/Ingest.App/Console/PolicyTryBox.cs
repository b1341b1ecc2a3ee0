using Ingest.App.Pages;
using Ingest.Core.Policies;

namespace Ingest.App.Console;

/// <summary>A box to try a policy with a mail that is only thought of.</summary>
internal static class PolicyTryBox
{
    public static Supposition Of(IFormCollection form) => new(form["from"].ToString().Trim())
    {
        Proven = form["proof"] == "proven", Failed = form["proof"] == "failed", Known = form["known"] == "yes", Ip = form["ip"].ToString().Trim(),
    };

    public static Markup Section(Visit visit, string address, Supposition? asked, PolicyDecision? answer, IReadOnlyList<Problem> problems) => Markup.Of($"""
        <section class="card" aria-labelledby="try">
        <h2 id="try">What would happen to a mail from …</h2>
        {(answer is { } said ? Markup.Of($"""<div class="notice {(said.Holds || said.AllowRefused ? "warn" : "good")}" role="status"><p>{said.ToSentence()}</p></div>""") : Markup.Empty)}
        <form method="post" action="{address}/try#try">{Form.Token(visit.Person)}
        {Form.Text("from", "Sender", asked?.From ?? "", "Such as ada@example.com.", problems: problems)}
        {Form.Text("ip", "Server that hands it over", asked?.Ip ?? "", "Such as 192.0.2.1; left empty, it is not known.", problems: problems)}
        {Form.Choice("proof", "The sender's domain", [("proven", "is proven"), ("none", "is not proven"), ("failed", "says that the mail is not its own")], asked is null or { Proven: true } ? "proven" : asked.Failed ? "failed" : "none")}
        {Form.Tick("known", "The sender wrote before", asked?.Known ?? false)}
        <p><button class="quiet">Try it</button> <span class="soft small">By what is kept now. Nothing is changed.</span></p>
        </form>
        </section>
        """);
}
