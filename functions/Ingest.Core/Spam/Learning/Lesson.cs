namespace Ingest.Core.Spam.Learning;

/// <summary>What a person said of a mail.</summary>
public enum LessonVerdict
{
    /// <summary>It is wanted.</summary>
    Ham = 1,
    /// <summary>It is spam.</summary>
    Spam = 2,
}

/// <summary>What a lesson was learned from.</summary>
public enum LessonSource
{
    /// <summary>The mail as it came.</summary>
    Original = 1,
    /// <summary>What its ticket holds of it, as the original is gone: addresses, subject and redacted text, no other header fields.</summary>
    Ticket = 2,
}

/// <summary>One correction: what a person said of one mail, and what the filter sees of that mail.</summary>
public sealed record Lesson
{
    /// <summary>The ticket that holds the mail; the lesson is sealed under its key and goes with it.</summary>
    public required string TicketId { get; init; }
    /// <summary>The mail.</summary>
    public required string MessageKey { get; init; }
    /// <summary>Who said it: a random id, never a name.</summary>
    public required string By { get; init; }
    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }
    /// <summary>What they said.</summary>
    public required LessonVerdict Verdict { get; init; }
    /// <summary>What it was learned from.</summary>
    public required LessonSource Source { get; init; }
    /// <summary>What the filter said without any lessons, as log-odds of spam: only the rest is left to learn.</summary>
    public required double Base { get; init; }
    /// <summary>Whose mail it is, as a number that says no more than whether two are of one sender.</summary>
    public required long Sender { get; init; }
    /// <summary>The mail's features, the most telling ones.</summary>
    public required FeatureVector Features { get; init; }

    /// <summary>Its name: one person says one thing of one mail, and saying another replaces it.</summary>
    public string Id => $"{TicketId}.{MessageKey}.{By}";
}
