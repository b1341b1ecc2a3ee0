using System.Globalization;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Threading;

namespace Ingest.Core.Tickets;

/// <summary>A journal line in sentences: every step's decision, in the order in which they were made, and how the mail ended.</summary>
public static class Explanation
{
    /// <summary>What is said of an original that went with a redaction.</summary>
    public const string OriginalDestroyed = "Its original was destroyed: by a person, or with a redaction.";

    /// <summary>The sentences in order; <paramref name="sender"/>, when it was kept, says more of who sent it than the line may.</summary>
    public static IReadOnlyList<string> Of(JournalLine line, SenderCheck? sender = null)
    {
        List<string> sentences = [$"The mailbox received it on {At(line.Received)}."];
        foreach ((string step, string code) in Steps(line.Steps))
        {
            // What was kept back was not looked through for anything to mask, whatever former versions wrote down.
            if (step is "redact" && line.Outcome != OutcomeKind.Ticketed) continue;
            if ((step == "auth" && sender is not null ? sender.ToSentence() : Say(step, code)) is { Length: > 0 } sentence) sentences.Add(sentence);
        }

        sentences.Add($"{Of(line.Outcome, line.Reason)} This was written down on {At(line.At)}.");
        if (line.Attempt > 0) sentences.Add($"It took {line.Attempt + 1} tries: a service behind did not answer at first.");
        return sentences;
    }

    /// <summary>How a mail ended, and why.</summary>
    public static string Of(OutcomeKind outcome, OutcomeReason reason) => reason switch
    {
        OutcomeReason.NewTicket => "It began a new ticket.",
        OutcomeReason.JoinedByToken => "It joined this ticket, since it answers a mail of ours: it carries the mark that only our mails have.",
        OutcomeReason.JoinedAsParticipant => "It joined this ticket, since it refers to a mail in it and its sender, who is verified, takes part in it.",
        OutcomeReason.JoinedAsLateRoot => "It joined this ticket: an answer to it had come before it, from the same verified person.",
        OutcomeReason.NewTicketLinked => "It refers to a ticket that its sender may not join, so it began a new ticket that points there.",
        OutcomeReason.SameMail => "It is a copy of a mail that was taken in before, so nothing was added.",
        OutcomeReason.Spam => "It was kept back, since it looks like spam.",
        OutcomeReason.Backscatter => "It was kept back: it reports the failure of a mail that was not ours.",
        OutcomeReason.Report => "It was kept back: it is a report of a mail system.",
        OutcomeReason.Loop => "It was kept back: it travels in circles.",
        OutcomeReason.OwnMail when outcome == OutcomeKind.Quarantined => "It was kept back: it names this mailbox as its author, without the mark of our own mail.",
        OutcomeReason.OwnMail => "It was not taken in: it is our own mail that came back.",
        OutcomeReason.Vanished => "It was not taken in: it was gone from the mailbox before it could be fetched.",
        OutcomeReason.OriginalErased => "It was not taken in: its original was erased before.",
        OutcomeReason.DeletedByPerson => "It was kept back, and then deleted by a person.",
        OutcomeReason.ExpiredUnreviewed => "It was kept back, and nobody let it in within the time that the mailbox keeps such mail.",
        OutcomeReason.DeniedByRule => "It was kept back: one of the mailbox's rules denies it.",
        OutcomeReason.NotOnAllowList => "It was kept back: the mailbox takes mail only from senders on its list.",
        OutcomeReason.UnprovenFirstContact => "It was kept back: its sender never wrote before and is not proven.",
        OutcomeReason.FirstContact => "It was kept back: its sender never wrote before, and the mailbox holds first mails.",
        OutcomeReason.FailedAuthentication => "It was kept back: it fails the check that its sender's domain asks for.",
        OutcomeReason.RateLimited => "It was kept back: more mail came than the mailbox takes in an hour.",
        OutcomeReason.AutomaticAnswer => "It was kept back: it is an automatic answer, to no mail of ours.",
        OutcomeReason.OutOfOffice => "It was kept back: it is an out-of-office note, to no mail of ours.",
        OutcomeReason.UnknownSenderOfTicket => "It was kept back: it refers to a ticket, and its sender is nobody known.",
        OutcomeReason.MayNotJoin => "It was kept back: it refers to a ticket that its sender may not write in.",
        OutcomeReason.SystemSender => "It was kept back: a mail system wrote it.",
        OutcomeReason.NoAuthor => "It was kept back: it does not say who wrote it.",
        OutcomeReason.Blank => "It was kept back: there is nothing in it.",
        OutcomeReason.ToUnattended => "It was kept back: it was written to an address that takes no answers.",
        OutcomeReason.UnknownServer => "It was kept back: nobody could say whether its server may send for its domain.",
        OutcomeReason.MailboxClosed => "It was kept back: the mailbox takes no mail.",
        OutcomeReason.Unreadable => "It was kept back: its structure could not be read.",
        OutcomeReason.TooLarge => "It was kept back: it is larger than the mailbox takes.",
        OutcomeReason.Unsure => "It was kept back: it may be spam, and the mailbox holds such mail.",
        OutcomeReason.SuspendedSender => "It was kept back: a person suspended its sender.",
        OutcomeReason.DangerousAttachment => "It was kept back: a program is attached to it.",
        OutcomeReason.ProviderSaysSpam => "It was kept back: the mailbox's provider calls it spam.",
        OutcomeReason.RepeatedContent => "It was kept back: the same content came again and again.",
        OutcomeReason.Unfetchable => "It is parked: the mail provider would not hand it out.",
        OutcomeReason.Crashed => "It is parked: our program ended each time it was taken in.",
        OutcomeReason.Overrun => "It is parked: it could not be taken in within the time that one mail may take.",
        OutcomeReason.Fault => "It is parked: we made a mistake over it. It was recorded, and letting it in tries again.",
        OutcomeReason.OriginalMissing => "It is parked: its original is missing.",
        OutcomeReason.None => outcome switch
        {
            OutcomeKind.Ticketed => "It became a message of a ticket.",
            OutcomeKind.Duplicate => "It is a copy of a mail that was taken in before.",
            OutcomeKind.Quarantined => "It was kept back.",
            OutcomeKind.Rejected => "It was not taken in.",
            OutcomeKind.Parked => "It is parked.",
        },
    };

    private static IEnumerable<(string Step, string Code)> Steps(string steps) => steps.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(step => step.Split('=', 2)).Where(pair => pair.Length == 2).Select(pair => (pair[0], pair[1]));

    private static string Say(string step, string code) => step switch
    {
        "auth" => Enum.TryParse(code, out AuthCode auth) ? Of(auth) : $"The sender's check ended as {code}.",
        "screen" => code.Split('/') is [var kind, var sign] && Enum.TryParse(kind, out ScreenKind screen) && Enum.TryParse(sign, out ScreenReason reason) ? Of(screen, reason) : $"It was sorted as {code}.",
        "thread" => Enum.TryParse(code, out ThreadKind thread) ? Of(thread) : $"Its ticket was looked for and ended as {code}.",
        "spam" => code.Split('/') is [var verdict, var score] && Enum.TryParse(verdict, out SpamVerdictKind spam) ? Of(spam, score) : $"The spam filter said {code}.",
        "why" => Why(code),
        "policy" => ByPolicy(code),
        "hints" => string.Join(' ', code.Split(',').Select(hint => Enum.TryParse(hint, out PhishingHint one) ? HintWords.Of(one) + "." : $"Hint {hint}.")),
        "redact" => Redacted(RedactionTally.ReadTypes(code), dryRun: false),
        "found" => Redacted(RedactionTally.ReadTypes(code), dryRun: true),
        "rules" => "",
        "report" => Reported(code),
        "original" => code switch { "not-kept" => "Its original was not kept: the mailbox's redaction says that none is.", "destroyed" => OriginalDestroyed, _ => $"Its original: {code}." },
        "released" => "A person of us looked at it and let it in, whatever the filter had said.",
        _ => $"Step {step}: {code}.",
    };

    /// <summary>What spoke for spam, strongest first, in words; empty when the filter was not asked or nothing did.</summary>
    public static IReadOnlyList<string> ForSpam(string steps) => Steps(steps).FirstOrDefault(step => step.Step == "why") is { Code: { } codes } ? SpamWhy.ForSpam(codes) : [];

    private static string Why(string codes)
    {
        string against = string.Join("; ", SpamWhy.ForSpam(codes)), forIt = string.Join("; ", SpamWhy.ForTheMail(codes));
        return (against, forIt) switch
        {
            ("", "") => "",
            (_, "") => $"For spam spoke: {against}.",
            ("", _) => $"For the mail spoke: {forIt}.",
            _ => $"For spam spoke: {against}. For the mail spoke: {forIt}.",
        };
    }

    private static string At(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture) + " UTC";

    private static string Count(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");

    private static string ByPolicy(string code)
    {
        if (code.Split('/') is not [var word, var reason, var rule]) return $"The mailbox's policy said {code}.";
        return word switch
        {
            "Allow" => $"Rule {rule} of the mailbox allows it, whatever the spam filter says.",
            "AllowRefused" => $"Rule {rule} of the mailbox would allow it, but it is not proven, and its domain publishes that such mail is not its own: the rule is not obeyed.",
            "AllowUnchecked" => $"Rule {rule} of the mailbox would allow it, but it could not be checked whether its domain sent it, and the domain asks that unproven mail is not trusted: the rule is not obeyed.",
            "Suspend" => $"Rule {rule} of the mailbox suspends its sender.",
            _ when rule != "0" => $"Rule {rule} of the mailbox holds it.",
            _ => $"The mailbox's settings hold it: {(Enum.TryParse(reason, out OutcomeReason why) ? HeldWords.Of(why) : reason)}.",
        };
    }

    private static string Reported(string code)
    {
        if (code.Split('/') is not [var sort, var all, var bad] || !Enum.TryParse(sort, out ReportSort report) || !long.TryParse(all, out long mails) || !long.TryParse(bad, out long unproven))
            return $"The report was read as {code}.";
        return report switch
        {
            ReportSort.Aggregate => $"A receiver reports on {Count(mails, "mail")} in the name of a domain, of which {unproven.ToString("N0", CultureInfo.InvariantCulture)} could not be proven (DMARC).",
            ReportSort.Failure => "A receiver reports a mail in the name of a domain that could not be proven.",
            ReportSort.Complaint => "A receiver passes on that somebody complained of a mail.",
            ReportSort.Disposition => "It says that a mail was read or deleted.",
            ReportSort.Unknown => "What it reports is not of a form that is understood.",
        };
    }

    private static string Redacted(IReadOnlyDictionary<FindingType, int> types, bool dryRun) => (types.Values.Sum(), dryRun) switch
    {
        (0, _) => "Nothing that the mailbox masks was found in it.",
        (var count, false) => $"{TallyWords.Of(types)} in it {(count == 1 ? "was" : "were")} masked before anything was kept.",
        (var count, true) => $"{TallyWords.Of(types)} in it would have been masked, and {(count == 1 ? "was" : "were")} not: the mailbox only counts what it would mask (dry run).",
    };

    private static string Of(AuthCode code) => code switch
    {
        AuthCode.DmarcPass => "The sender's domain is verified: DMARC passed.",
        AuthCode.AlignedDkim => "The sender's domain is verified: it signed the mail (DKIM).",
        AuthCode.AlignedSpf => "The sender's domain is verified: the mail came from one of its servers (SPF).",
        AuthCode.NoTrustedField => "The sender is not verified: the mail provider left no result of its checks in the mail.",
        AuthCode.Unreadable => "The sender is not verified: the result of the mail provider's checks cannot be read.",
        AuthCode.NoFrom => "The sender is not verified: the mail names no author.",
        AuthCode.SeveralFrom => "The sender is not verified: the mail names several authors.",
        AuthCode.FromMismatch => "The sender is not verified: the mail provider checked another author than the one shown.",
        AuthCode.DmarcFail => "The sender is not verified: the domain that it names says that the mail is not from there (DMARC failed).",
        AuthCode.TempError => "The sender is not verified: the checks could not be made, as DNS did not answer for a quarter of an hour.",
        AuthCode.NotAligned => "The sender is not verified: what was proven is about another domain than the author's.",
        AuthCode.OriginUnknown => "The sender is not verified: no signature of the author's domain holds, and which server the mail came from is not known.",
        AuthCode.NothingProven => "The sender is not verified: nothing proves that the author's domain sent it.",
        AuthCode.TrustedArc => "The sender's domain is verified: one whom this mailbox trusts passed the mail on, and had found it proven (ARC).",
    };

    private static string Of(ScreenKind kind, ScreenReason reason)
    {
        string what = kind switch
        {
            ScreenKind.Human => "A person wrote it, as far as one can tell",
            ScreenKind.AutoReply => "A machine wrote it: it is an automatic answer",
            ScreenKind.Bounce => "It says that a mail could not be delivered",
            ScreenKind.Report => "It is a report of a mail system",
            ScreenKind.Bulk => "It was sent to a list or in bulk",
            ScreenKind.Calendar => "It is an entry for a calendar",
            ScreenKind.OwnMail => "It is our own mail",
            ScreenKind.Loop => "It travels in circles",
        };
        string sign = reason switch
        {
            ScreenReason.NoSign => "",
            ScreenReason.HopCount => " (it passed through more than 50 servers)",
            ScreenReason.OwnFrom => " (in the name of this mailbox)",
            ScreenReason.OwnMessageId or ScreenReason.OwnIdField => " (it carries our own mark)",
            ScreenReason.DeliveryNotice or ScreenReason.ReportStructure or ScreenReason.AutoReplyStructure or ScreenReason.BulkStructure or ScreenReason.CalendarStructure => " (its structure says so)",
            ScreenReason.MailSystem => " (its author is a mail system)",
            ScreenReason.AutoSubmitted => " (its field Auto-Submitted says so)",
            ScreenReason.AutoReplyField => " (a field that auto-responders write says so)",
            ScreenReason.Precedence => " (its field Precedence says so)",
            ScreenReason.ListField => " (it has the fields of a mailing list)",
            ScreenReason.AutoGenerated => " (its field Auto-Submitted says that a program made it)",
            ScreenReason.DeliveredBefore => " (it was delivered to the same address before)",
            ScreenReason.OutOfOffice => " (its words are those of an out-of-office note)",
        };
        return what + sign + ".";
    }

    private static string Of(ThreadKind kind) => kind switch
    {
        ThreadKind.New => "It refers to no ticket.",
        ThreadKind.ByToken => "It answers a mail of ours.",
        ThreadKind.AsParticipant => "It refers to a ticket in which its sender takes part.",
        ThreadKind.Linked => "It refers to a ticket that its sender may not join.",
    };

    private static string Of(SpamVerdictKind verdict, string score) => verdict switch
    {
        SpamVerdictKind.Ham => $"The spam filter let it pass ({score} of 1).",
        SpamVerdictKind.Unsure => $"The spam filter is not sure about it ({score} of 1).",
        SpamVerdictKind.Spam => $"The spam filter takes it for spam ({score} of 1).",
    };
}
