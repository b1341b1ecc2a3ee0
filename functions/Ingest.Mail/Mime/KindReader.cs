namespace Ingest.Mail.Mime;

/// <summary>Says what sort of mail it is from headers and structure; never from what people write in it, except for bounces of old servers.</summary>
internal static class KindReader
{
    public static MailKind Read(HeaderList headers, MimePart root, IReadOnlyList<MailAddress> from, string subject)
    {
        var report = root.ContentType == "multipart/report" ? root.Parameters["report-type"]?.Trim().ToLowerInvariant() ?? "" : null;
        if (report == "delivery-status" || (report is not null && Has(root, "message/delivery-status")))
            return MailKind.Bounce;
        if (report == "" && LooksLikeBounce(headers, root, from, subject))
            return MailKind.Bounce;
        if (report is not null || Has(root, "message/feedback-report") || Has(root, "message/disposition-notification") || IsDmarcReport(root, subject))
            return MailKind.Report;
        if (Has(root, "message/delivery-status") || LooksLikeBounce(headers, root, from, subject))
            return MailKind.Bounce;
        if (IsAutomatic(headers) || (IsFromNobody(headers) && BounceWords.IsAutoReply(subject)))
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

    // An old server's bounce: written by a daemon, and either about a failed delivery or from nobody with the mail that came back.
    private static bool LooksLikeBounce(HeaderList headers, MimePart root, IReadOnlyList<MailAddress> from, string subject)
    {
        if (headers.Has("X-Failed-Recipients"))
            return true;
        var daemon = from.Count > 0 && IsDaemon(from[0]);
        if (!daemon)
            return false;
        return BounceWords.InSubject(subject) || (IsFromNobody(headers) && (Has(root, "message/rfc822") || Has(root, "text/rfc822-headers")));
    }

    private static bool IsFromNobody(HeaderList headers) => headers.First("Return-Path") is { } path && path.Trim() is "<>" or "";

    private static bool IsDaemon(MailAddress address)
    {
        var at = address.Address.LastIndexOf('@');
        var local = at < 0 ? address.Address : address.Address[..at];
        foreach (var name in (ReadOnlySpan<string>)["mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "mdaemon", "bounce", "bounces", "mailer_daemon", "microsoftexchange"])
        {
            if (local.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return address.Name.Contains("mail delivery", StringComparison.OrdinalIgnoreCase) || address.Name.Contains("mailer-daemon", StringComparison.OrdinalIgnoreCase);
    }

    // RFC 7489 section 7.2.1.1 fixes the subject's form.
    private static bool IsDmarcReport(MimePart root, string subject) =>
        subject.StartsWith("Report Domain:", StringComparison.OrdinalIgnoreCase) && subject.Contains("Submitter:", StringComparison.OrdinalIgnoreCase)
        && (Has(root, "application/gzip") || Has(root, "application/zip") || Has(root, "text/xml") || Has(root, "application/xml") || Has(root, "application/x-gzip") || Has(root, "application/x-zip-compressed") || Has(root, "application/octet-stream"));

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
