namespace Ingest.Mail.Mime;

/// <summary>Says what sort of mail it is from headers and structure; never from what people write in it, except for bounces of old servers.</summary>
internal static class KindReader
{
    public static MailKind Read(HeaderList headers, MimePart root, IReadOnlyList<MailAddress> from, string subject, BodyChoice body)
    {
        // The text of html is made only where something else already speaks of a bounce.
        if (ServiceNotice.Kind(body.Html is null ? body.Text : null) is { } service)
            return service;
        var report = root.ContentType == "multipart/report" ? root.Parameters["report-type"]?.Trim().ToLowerInvariant() ?? "" : null;
        if (report == "delivery-status" || (report is not null && Has(root, "message/delivery-status")))
            return MailKind.Bounce;
        if (report == "" && LooksLikeBounce(headers, root, from, subject, body))
            return MailKind.Bounce;
        if (report is not null || Has(root, "message/feedback-report") || Has(root, "message/disposition-notification") || IsDmarcReport(root, subject) || IsComplaint(root, subject))
            return MailKind.Report;
        if (Has(root, "message/delivery-status") || LooksLikeBounce(headers, root, from, subject, body))
            return MailKind.Bounce;
        if (IsAutomatic(headers) || BounceWords.IsAutoReply(subject, IsFromNobody(headers)))
            return MailKind.AutoReply;
        if (HasCalendar(root))
            return MailKind.Calendar;
        return IsBulk(headers) ? MailKind.Bulk : MailKind.Mail;
    }

    // X-Auto-Response-Suppress says what the sender wants not to get; ordinary mail carries it too, so it decides nothing here.
    private static bool IsAutomatic(HeaderList headers)
    {
        if (headers.First("Auto-Submitted") is { } submitted && FirstWord(submitted) is { Length: > 0 } word && !Same(word, "no"))
            return true;
        if (headers.First("X-Autoreply") is { } reply && !Same(reply.Trim(), "no"))
            return true;
        if (headers.First("X-Mailer") is { } mailer && Same(FirstWord(mailer), "vacation"))
            return true;
        if (headers.Has("X-Autorespond") || headers.Has("X-Auto-Reply") || headers.Has("X-Autoresponse"))
            return true;
        return headers.First("Precedence") is { } precedence && (Same(precedence.Trim(), "auto_reply") || Same(precedence.Trim(), "auto-reply"));
    }

    private static bool IsBulk(HeaderList headers)
    {
        if (headers.Has("List-Id") || headers.Has("List-Unsubscribe") || headers.Has("List-Post"))
            return true;
        return headers.First("Precedence")?.Trim() is { } precedence && (Same(precedence, "bulk") || Same(precedence, "list") || Same(precedence, "junk"));
    }

    // An old server's bounce: written by a daemon or from nobody, about a failed delivery or with the mail that came back.
    private static bool LooksLikeBounce(HeaderList headers, MimePart root, IReadOnlyList<MailAddress> from, string subject, BodyChoice body)
    {
        if (headers.Has("X-Failed-Recipients"))
            return true;
        var nobody = IsFromNobody(headers);
        var returned = Has(root, "message/rfc822") || Has(root, "text/rfc822-headers");
        if (from.Count > 0 && IsDaemon(from[0]))
            return (nobody && returned) || ((BounceWords.InSubject(subject) || BounceWords.InText(body.Text)) && (nobody || returned || IsMachine(from[0]) || HasEvidence(headers, from, body.Text)));
        return nobody && (BounceWords.InSubject(subject) || returned) && BounceWords.InText(body.Text);
    }

    // A postmaster is a person too, and a courier has deliveries that fail: a machine gives a code, names whom it could not reach, or says that it is one.
    private static bool HasEvidence(HeaderList headers, IReadOnlyList<MailAddress> from, string? text) =>
        IsAutomatic(headers) || BounceText.Read(text ?? "", from).IsOfMachine;

    private static bool IsFromNobody(HeaderList headers) => headers.First("Return-Path") is { } path && path.Trim() is "<>" or "";

    private static readonly string[] DaemonAddresses =
        ["postmaster", "bounce", "bounces", "post_master", "mailmarshal", "mail-system", "mailsystem", "mail.delivery", "mail-delivery", "maildelivery"];

    private static readonly string[] DaemonNames =
        ["mail delivery", "delivery system", "mail administrator", "mail system", "system administrator", "internet mail delivery"];

    // As whom no person writes.
    private static readonly string[] MachineAddresses = ["mailer-daemon", "mail-daemon", "mailerdaemon", "mdaemon", "mailer_daemon"];

    private static readonly string[] MachineNames = ["mailer-daemon", "mailer daemon", "mail delivery system", "delivery subsystem"];

    // The number behind Exchange's name is hexadecimal.
    private static bool IsMachine(MailAddress address) =>
        IsOneOf(address, MachineAddresses, MachineNames) || address.Address.StartsWith("microsoftexchange", StringComparison.OrdinalIgnoreCase);

    private static bool IsDaemon(MailAddress address) => IsMachine(address) || IsOneOf(address, DaemonAddresses, DaemonNames);

    private static bool IsOneOf(MailAddress address, string[] starts, string[] names)
    {
        foreach (var start in starts)
        {
            if (address.Address.StartsWith(start, StringComparison.OrdinalIgnoreCase) && (address.Address.Length == start.Length || !char.IsAsciiLetter(address.Address[start.Length])))
                return true;
        }
        foreach (var words in names)
        {
            if (address.Name.Contains(words, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    // RFC 7489 section 7.2.1.1 fixes the subject's form; Amazon has its own.
    private static bool IsDmarcReport(MimePart root, string subject) =>
        (subject.StartsWith("Report Domain:", StringComparison.OrdinalIgnoreCase) || subject.StartsWith("Dmarc Aggregate Report Domain:", StringComparison.OrdinalIgnoreCase)) && subject.Contains("Submitter:", StringComparison.OrdinalIgnoreCase) && IsDmarcReport(root);

    /// <summary>True when the mail carries a file of the kinds that aggregate reports come in.</summary>
    public static bool IsDmarcReport(MimePart root) =>
        Has(root, "application/gzip") || Has(root, "application/zip") || Has(root, "text/xml") || Has(root, "application/xml") || Has(root, "application/x-gzip") || Has(root, "application/x-zip-compressed") || Has(root, "application/octet-stream");

    // The feedback loop of servers that know no RFC 5965 is the mail itself under a fixed subject.
    private static bool IsComplaint(MimePart root, string subject) =>
        subject.StartsWith("complaint about message from ", StringComparison.OrdinalIgnoreCase) && Has(root, "message/rfc822");

    private static bool HasCalendar(MimePart part)
    {
        if (part.ContentType == "text/calendar" && part.Disposition != "attachment")
            return true;
        if (part.IsMessage)
            return false;
        foreach (var child in part.Children)
        {
            if (HasCalendar(child))
                return true;
        }
        return false;
    }

    // Not inside forwarded mails: those are evidence, not this mail.
    private static bool Has(MimePart part, string type)
    {
        if (part.ContentType == type)
            return true;
        if (part.IsMessage)
            return false;
        foreach (var child in part.Children)
        {
            if (Has(child, type))
                return true;
        }
        return false;
    }

    private static ReadOnlySpan<char> FirstWord(string value)
    {
        var text = value.AsSpan().Trim();
        var stop = text.IndexOfAny(" ;(\t");
        return stop < 0 ? text : text[..stop];
    }

    private static bool Same(ReadOnlySpan<char> value, string other) => value.Equals(other, StringComparison.OrdinalIgnoreCase);
}
