using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>Tells people from machines before anything is answered, so that loops end by construction.</summary>
public static class Screen
{
    /// <summary>
    /// The field that our own mail carries beside its Message-ID, with the same value: relays rewrite the one and keep the other.
    /// Alone it proves nothing; its value must carry our token.
    /// </summary>
    public const string OwnIdField = "X-Ingest-Message-ID";

    /// <summary>More Received fields than any honest way has (RFC 5321 section 6.3 asks for a limit of at least 100 at relays; we are at the end).</summary>
    public const int MostHops = 50;

    private static readonly string[] AutoReplyFields = ["X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-AutoReply-From", "X-Mail-Autoreply", "X-FC-MachineGenerated"];
    private static readonly string[] ListFields = ["List-Id", "List-Unsubscribe", "List-Post", "List-Help", "Mailing-List", "Feedback-ID"];
    private static readonly HashSet<string> MailSystems = new(StringComparer.OrdinalIgnoreCase) { "mailer-daemon", "mdaemon", "mail-daemon" };

    /// <summary>Decides what sort of mail it is, and whether an automatic answer may be thought of.</summary>
    public static Screened Decide(MailMessage message, AuthVerdict auth, ScreenInputs inputs)
    {
        (ScreenKind kind, ScreenReason reason) = Sort(message, inputs);
        bool quiet = kind != ScreenKind.Human || !auth.Authenticated || message.From.Count != 1
            || AsksForSilence(message) || HasNullReturnPath(message) || IsUnattended(message.From[0].Address)
            || message.Headers.First(OwnIdField) is not null
            || message.ReplyTo.Any(a => inputs.OwnAddresses.Contains(a.Address) || IsUnattended(a.Address));
        return new Screened(kind, reason, !quiet);
    }

    private static (ScreenKind, ScreenReason) Sort(MailMessage message, ScreenInputs inputs)
    {
        if (message.Headers.All("Received").Skip(MostHops).Any())
            return (ScreenKind.Loop, ScreenReason.HopCount);
        if (message.MessageId is { } id && inputs.IsOurMessageId(id))
            return (ScreenKind.OwnMail, ScreenReason.OwnMessageId);
        if (message.Headers.First(OwnIdField) is { } original && inputs.IsOurMessageId(original.Trim().Trim('<', '>')))
            return (ScreenKind.OwnMail, ScreenReason.OwnIdField);
        if (message.From.Any(a => inputs.OwnAddresses.Contains(a.Address)))
            return (ScreenKind.OwnMail, ScreenReason.OwnFrom);
        if (message.Kind == MailKind.Bounce)
            return (ScreenKind.Bounce, ScreenReason.DeliveryNotice);
        if (message.Kind == MailKind.Report)
            return (ScreenKind.Report, ScreenReason.ReportStructure);
        if (message.From is [{ } author] && IsMailSystem(message, author.Address))
            return (ScreenKind.Bounce, ScreenReason.MailSystem);
        return SortByFields(message);
    }

    private static (ScreenKind, ScreenReason) SortByFields(MailMessage message)
    {
        string submitted = FirstWord(message.Headers.First("Auto-Submitted"));
        if (submitted is not ("" or "no"))
            return (ScreenKind.AutoReply, ScreenReason.AutoSubmitted);
        string precedence = FirstWord(message.Headers.First("Precedence"));
        if (precedence is "auto_reply" or "auto-reply" || AutoReplyFields.Any(f => message.Headers.First(f) is { } v && FirstWord(v) is not ("no" or "false")))
            return (ScreenKind.AutoReply, ScreenReason.AutoReplyField);
        if (message.Kind == MailKind.AutoReply)
            return (ScreenKind.AutoReply, ScreenReason.AutoReplyStructure);
        if (message.Kind == MailKind.Calendar)
            return (ScreenKind.Calendar, ScreenReason.CalendarStructure);
        // Only these three words are machines' (RFC 2076 section 3.9); "first-class", "normal" and the like are people's.
        if (precedence is "bulk" or "list" or "junk")
            return (ScreenKind.Bulk, ScreenReason.Precedence);
        if (ListFields.Any(f => message.Headers.First(f) is not null))
            return (ScreenKind.Bulk, ScreenReason.ListField);
        return message.Kind == MailKind.Bulk ? (ScreenKind.Bulk, ScreenReason.BulkStructure) : (ScreenKind.Human, ScreenReason.NoSign);
    }

    // Exchange sets it on ordinary notifications too, so it silences us but does not make a mail an automatic answer.
    private static bool AsksForSilence(MailMessage message) => message.Headers.All("X-Auto-Response-Suppress")
        .Any(value => value.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries)
            .Any(word => word.ToUpperInvariant() is "ALL" or "OOF" or "AUTOREPLY"));

    // A postmaster may be a person with a question; one who takes no answers is a machine.
    private static bool IsMailSystem(MailMessage message, string author) =>
        MailSystems.Contains(LocalPart(author)) || (IsPostmaster(author) && HasNullReturnPath(message));

    private static bool IsPostmaster(string address) => LocalPart(address).Equals("postmaster", StringComparison.OrdinalIgnoreCase);

    private static bool HasNullReturnPath(MailMessage message) =>
        message.Headers.First("Return-Path") is { } path && path.Trim() is "<>" or "";

    private static bool IsUnattended(string address)
    {
        string local = LocalPart(address).Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal);
        return local.StartsWith("noreply", StringComparison.OrdinalIgnoreCase) || local.StartsWith("donotreply", StringComparison.OrdinalIgnoreCase)
            || local.EndsWith("noreply", StringComparison.OrdinalIgnoreCase) || local.StartsWith("bounce", StringComparison.OrdinalIgnoreCase)
            || IsPostmaster(address) || MailSystems.Contains(LocalPart(address));
    }

    private static string LocalPart(string address) => address[..Math.Max(address.LastIndexOf('@'), 0)].Trim('"');

    private static string FirstWord(string? value) =>
        value?.Split([' ', '\t', ';', '(', ','], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [{ } word, ..] ? word.ToLowerInvariant() : "";
}
