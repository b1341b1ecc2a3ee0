using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>Which kept-back mail a person wants to see. What people wrote, a sender and words, is never part of an address.</summary>
internal sealed record ReviewQuestion(OutcomeKind Kind, string Inbox, OutcomeReason? Reason, int? Days, string Sender, string Words, string? After)
{
    private const int MostDays = 36_500, LongestWords = 200;

    /// <summary>What of it could not be understood. It is then answered with nothing: less of a filter would mean more mail than was asked for.</summary>
    public IReadOnlyList<Problem> Problems { get; private init; } = [];

    /// <summary>The question of a request, or of a form.</summary>
    public static ReviewQuestion Of(Func<string, string> asked)
    {
        ReviewQuestion question = Read(asked);
        List<Problem> problems = [];
        if (question.Inbox.Length == 0 && asked("inbox").Length > 0) problems.Add(new Problem("", "There is no such mailbox. Choose one of the list."));
        if (question.Reason is null && asked("reason").Length > 0) problems.Add(new Problem("", "There is no such reason. Choose one of those above the list."));
        if (question.Days is null && asked("days").Length > 0) problems.Add(new Problem("days", "Choose how long ago it was received, in whole days."));
        if (question.Sender.Length == 0 ? asked("sender").Trim().Length > 0 : question.Filter(DateTimeOffset.MaxValue) is null)
            problems.Add(new Problem("sender", "Write the whole address of the sender, like name@example.com, or a domain, like example.com."));
        if (question.Words.Length == 0 && asked("words").Trim().Length > 0) problems.Add(new Problem("words", $"Write at most {LongestWords} characters."));
        return question with { Problems = problems };
    }

    /// <summary>The same, said to be no question that a decision on all can be made by.</summary>
    public ReviewQuestion WithoutAll() => this with { Problems = [.. Problems, new Problem("words", "All that fit cannot be decided on by words: tick the mails, or take the words away.")] };

    private static ReviewQuestion Read(Func<string, string> asked) => new(
        asked("kind") == "parked" ? OutcomeKind.Parked : OutcomeKind.Quarantined,
        InboxId.TryParse(asked("inbox"), out InboxId inbox) ? inbox.Value : "",
        Enum.TryParse(asked("reason"), out OutcomeReason reason) && Enum.IsDefined(reason) && reason.ToString() == asked("reason") ? reason : null,
        int.TryParse(asked("days"), NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days <= MostDays ? days : null,
        asked("sender").Trim() is { Length: <= KeptFilter.LongestSender } sender ? sender : "", asked("words").Trim() is { Length: <= LongestWords } words ? words : "",
        KeptIndex.IsPlace(asked("after")) ? asked("after") : null);

    /// <summary>True when anything narrows the list.</summary>
    public bool Narrows => Inbox.Length > 0 || Reason is not null || Days is not null || Sender.Length > 0 || Words.Length > 0;

    /// <summary>The filter of the list; null when something in the question could not be understood.</summary>
    public KeptFilter? Filter(DateTimeOffset now)
    {
        KeptFilter filter = new() { Outcome = Kind, Reasons = Reason is { } reason ? [reason] : [], Sender = Sender, ReceivedBefore = Days is { } days ? now.AddDays(-days) : null };
        return Problems.Count == 0 && filter.IsUsable ? filter : null;
    }

    /// <summary>The mailboxes that are meant, of those that may be reviewed.</summary>
    public InboxId[] Among(IReadOnlyList<InboxId> mine) => [.. mine.Where(inbox => Inbox.Length == 0 || inbox.Value == Inbox)];

    /// <summary>The address of the list; without sender and words.</summary>
    public string Address(string said = "") =>
        $"{Visit.Review}?kind={(Kind == OutcomeKind.Parked ? "parked" : "quarantined")}{(Inbox.Length > 0 ? "&inbox=" + Inbox : "")}{(Reason is { } reason ? "&reason=" + reason : "")}{(Days is { } days ? string.Create(CultureInfo.InvariantCulture, $"&days={days}") : "")}{(After is not null ? "&after=" + After : "")}{(said.Length > 0 ? "&said=" + said : "")}";

    /// <summary>The question as hidden fields of a form, place excepted.</summary>
    public Markup Fields() => Markup.Of($"""
        <input type="hidden" name="kind" value="{(Kind == OutcomeKind.Parked ? "parked" : "quarantined")}"><input type="hidden" name="inbox" value="{Inbox}"><input type="hidden" name="reason" value="{Reason?.ToString()}"><input type="hidden" name="days" value="{Days?.ToString(CultureInfo.InvariantCulture)}"><input type="hidden" name="sender" value="{Sender}"><input type="hidden" name="words" value="{Words}">
        """);
}
