using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>Kept-back mail in the words of the console.</summary>
internal static class ReviewWords
{
    /// <summary>A reason in a few words, for a chip.</summary>
    public static string Short(OutcomeReason reason) => reason switch
    {
        OutcomeReason.Spam => "Spam",
        OutcomeReason.Unsure => "May be spam",
        OutcomeReason.ProviderSaysSpam => "Spam, says the provider",
        OutcomeReason.Backscatter => "Bounce of a foreign mail",
        OutcomeReason.Report => "Report of a mail system",
        OutcomeReason.Loop => "Travels in circles",
        OutcomeReason.DeniedByRule => "Denied by a rule",
        OutcomeReason.NotOnAllowList => "Not on the allow list",
        OutcomeReason.UnprovenFirstContact => "First mail, not proven",
        OutcomeReason.FirstContact => "First mail",
        OutcomeReason.FailedAuthentication => "Failed its domain's check",
        OutcomeReason.RateLimited => "Too many in an hour",
        OutcomeReason.AutomaticAnswer => "Automatic answer",
        OutcomeReason.OutOfOffice => "Out of office",
        OutcomeReason.UnknownSenderOfTicket => "Stranger in a ticket",
        OutcomeReason.MayNotJoin => "May not write in the ticket",
        OutcomeReason.SystemSender => "From a mail system",
        OutcomeReason.NoAuthor => "Without author",
        OutcomeReason.Blank => "Empty",
        OutcomeReason.ToUnattended => "To a no-reply address",
        OutcomeReason.UnknownServer => "Unknown server",
        OutcomeReason.MailboxClosed => "Mailbox is closed",
        OutcomeReason.Unreadable => "Unreadable",
        OutcomeReason.TooLarge => "Too large",
        OutcomeReason.SuspendedSender => "Suspended sender",
        OutcomeReason.DangerousAttachment => "Program attached",
        OutcomeReason.RepeatedContent => "Same content again",
        OutcomeReason.Unfetchable => "Not handed out",
        OutcomeReason.Crashed => "Program ended",
        OutcomeReason.Overrun => "Took too long",
        OutcomeReason.Fault => "Our mistake",
        OutcomeReason.OriginalMissing => "Original missing",
        OutcomeReason.None or OutcomeReason.NewTicket or OutcomeReason.JoinedByToken or OutcomeReason.JoinedAsParticipant or OutcomeReason.JoinedAsLateRoot or OutcomeReason.NewTicketLinked or OutcomeReason.SameMail
            or OutcomeReason.OwnMail or OutcomeReason.Vanished or OutcomeReason.OriginalErased or OutcomeReason.DeletedByPerson or OutcomeReason.ExpiredUnreviewed => "Other",
    };

    /// <summary>What an alarm says.</summary>
    public static string Of(KeptAlarm alarm, KeptCounts counts, DateTimeOffset now) => alarm switch
    {
        KeptAlarm.TooMany => $"{Number(counts.Total)} mails are kept back, which is enough for the mailbox's policy to give an alarm.",
        KeptAlarm.TooOld => $"A mail that nobody looked at waits for {Words.Count((int)(now - (counts.Oldest ?? now)).TotalDays, "day")}.",
        KeptAlarm.DeletedSoon => $"{Number(counts.Soon)} {(counts.Soon == 1 ? "mail that nobody looked at is" : "mails that nobody looked at are")} deleted within {KeptCounts.NoticeDays} days{(counts.NextExpiry is { } next ? ", the first on " + Day(next) : "")}, unless somebody lets them in.",
    };

    /// <summary>When a mail is deleted, in words that say how soon.</summary>
    public static string Expiry(DateTimeOffset expires, DateTimeOffset now) => (expires - now).TotalDays switch
    {
        <= 0 => "is deleted within the hour",
        < 1 => "is deleted within a day",
        < 2 => "is deleted tomorrow",
        < 8 and var days => $"is deleted in {(int)days} days",
        _ => "is deleted on " + Day(expires),
    };

    /// <summary>A day.</summary>
    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>A number with its thousands apart.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A code for the address of the list, which says what came of a decision.</summary>
    public static string CodeOf(ReviewEnd end, bool delete) => end switch
    {
        ReviewEnd.Done => delete ? "deleted" : "released",
        ReviewEnd.LetInBefore => "let-in-before",
        ReviewEnd.DeletedBefore => "deleted-before",
        ReviewEnd.Expired => "expired",
        ReviewEnd.OriginalGone => "original-gone",
        ReviewEnd.Held => "held",
        ReviewEnd.Damaged => "damaged",
        ReviewEnd.NotThere => "gone",
    };

    /// <summary>The same for a mail that is kept back no longer.</summary>
    public static string CodeOf(JournalLine? line) => line switch
    {
        { Reason: OutcomeReason.DeletedByPerson } => "deleted-before",
        { Reason: OutcomeReason.ExpiredUnreviewed } => "expired",
        { Reason: OutcomeReason.OriginalErased } => "original-gone",
        { Outcome: OutcomeKind.Ticketed } => "let-in-before",
        _ => "gone",
    };

    /// <summary>What a code says; nothing for a code that is none.</summary>
    public static Markup Said(string code)
    {
        string text = code switch
        {
            "released" => "It is taken in now and will be a ticket in a moment, as if it had just arrived. Until then it may still stand below.",
            "deleted" => "It was deleted.",
            "gone" => "Nothing was done: there is no such mail.",
            "let-in-before" => "Nothing was done: somebody let it in before, and it is a ticket.",
            "deleted-before" => "Nothing was done: somebody deleted it before.",
            "expired" => "Nothing was done: its time was over, and it was deleted.",
            "original-gone" => "Nothing was done: its original is gone or was erased.",
            "damaged" => "Nothing was done: its original is damaged and cannot be opened. It can only be deleted.",
            "held" => "It was not deleted: a legal hold keeps this mailbox's mail. It can be let in.",
            "none" => "Nothing was done: no mail was chosen.",
            _ => "",
        };
        return Markup.If(text.Length > 0, $"""<div class="{(code is "released" or "deleted" ? "notice good" : "notice warn")}" role="status"><p>{text}</p></div>""");
    }
}
