using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>The whole decision about one mail: as sentences, and as the codes behind them.</summary>
public sealed record Explained(string MessageKey, string Outcome, string Reason, string TicketId, string Steps, IReadOnlyList<string> Sentences, SenderLine? Sender)
{
    internal static Explained Of(JournalLine line, SenderCheck? sender) => new(line.MessageKey, line.Outcome.ToString(), line.Reason == OutcomeReason.None ? "" : line.Reason.ToString(), line.TicketId, line.Steps,
        Explanation.Of(line, sender), sender is null ? null : SenderLine.Of(sender));
}

/// <summary>Who is proven to have sent a mail, by which checks, and what the domain asks for.</summary>
public sealed record SenderLine(bool Verified, string Domain, string Reason, string CheckedBy, string Signer, string Sealer, string Spf, string Dkim, string Dmarc, string Arc, string Policy)
{
    internal static SenderLine Of(SenderCheck s) => new(s.IsProven(), s.Domain, s.Reason.ToString(), s.Checker.ToString(), s.Signer, s.Sealer,
        s.Spf.ToString(), s.Dkim.ToString(), s.Dmarc.ToString(), s.Arc.ToString(), s.Policy.ToString());
}

/// <summary>A decision as a list to read.</summary>
internal static class ExplainView
{
    public static IRenderable Render(Explained mail) => new Rows(
    [
        new Text(mail.MessageKey, new Style(decoration: Decoration.Bold)),
        .. mail.Sentences.Select(sentence => new Text("  " + Printable.Line(sentence))),
        .. mail.Sender is { } s ? [new Text($"  SPF {s.Spf}, DKIM {s.Dkim}, DMARC {s.Dmarc}, ARC {s.Arc}; the domain asks for {s.Policy}; checked by {s.CheckedBy}", Color.Grey)] : Array.Empty<Text>(),
        new Text(""),
    ]);
}
