namespace Ingest.Mail.Mime;

/// <summary>Says which recipients a bounce is about and what became of each: from the report (RFC 3464) when there is one, and from the words of the notice.</summary>
internal static class BounceReader
{
    public static List<BounceRecipient> Read(MimePart root, FieldReader fields, string? text, ParseLimits limits)
    {
        if (ServiceNotice.Read(text, limits) is { Count: > 0 } told)
            return told;
        var original = Original(root, limits);
        var id = (original is null ? InText(text, limits) : Id(original, limits)) ?? Answered(root.Headers, limits);
        var notice = BounceText.Read(text ?? "", [.. fields.Addresses("From"), .. fields.Addresses("To")]);
        var subject = fields.Text("Subject");
        var recipients = new List<BounceRecipient>();
        ReadReports(root, notice, id, inner: false, recipients, limits);
        // A notice that names nobody may carry another server's notice.
        if (recipients.Count == 0 && notice.Recipients().Count == 0)
            ReadReports(root, notice, id, inner: true, recipients, limits);
        if (recipients.Count > 0)
            return recipients;
        var delayed = IsDelaySubject(subject) || IsDelay(notice.Notice);
        var failed = fields.Addresses("X-Failed-Recipients");
        var named = Names(failed.Select(static a => a.Address));
        foreach (var address in failed)
        {
            if (recipients.Count < limits.MaxBounceRecipients)
                recipients.Add(FromWords(address.Address, notice.About(address.Address, named), subject, delayed, id));
        }
        if (recipients.Count > 0)
            return recipients;
        // The notice may name nobody: then whom the returned mail was for.
        var blocks = notice.Recipients();
        if (original?.Find("To") is { } to && AddressReader.Read(to.Unfolded, 2) is [var only] && only.Address.Contains('@') && (blocks.Count == 0 || blocks is [var guess] && !guess.Address.Equals(only.Address, StringComparison.OrdinalIgnoreCase) && guess.Text.ToString() == notice.Notice))
            return [FromWords(only.Address, notice.Notice, subject, delayed, id, named: false)];
        return blocks.ConvertAll(block => FromWords(block.Address, block.Text.ToString(), subject, delayed, id));
    }

    private static void ReadReports(MimePart part, BounceText notice, string? original, bool inner, List<BounceRecipient> recipients, ParseLimits limits)
    {
        if (part.IsLeaf && part.ContentType is "message/delivery-status" or "message/global-delivery-status")
        {
            var groups = StatusReport.Read(Charsets.Decode(part.DecodeStart(limits.MaxReportBytes), part.Charset, out _), limits.MaxBounceRecipients - recipients.Count);
            var named = Names(groups.Select(static g => g.Recipient));
            foreach (var group in groups)
                recipients.Add(FromReport(group, notice.About(group.Recipient, named), original));
        }
        if (part.IsMessage && !inner)
            return;
        foreach (var child in part.Children)
            ReadReports(child, notice, original, inner, recipients, limits);
    }

    private static HashSet<string> Names(IEnumerable<string> addresses) => addresses.ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static BounceRecipient FromReport(StatusReport.Group group, string prose, string? original)
    {
        var action = group.Action.Length > 0 ? group.Action : "failed";
        var told = group.Diagnostic.Length > 0 ? group.Diagnostic : prose;
        var (enhanced, reply) = BounceStatus.Find(told);
        var status = BounceStatus.Better(BounceStatus.Declared(group.Status), enhanced);
        var reason = Reason(action, status, told, group.Diagnostic.Length > 0 ? prose : group.Status);
        if (status.Length == 0)
            status = BounceReasons.Status(Class(status, reply, action, told), reason);
        return new BounceRecipient(action, status, group.Recipient, original) { Reason = reason };
    }

    private static BounceRecipient FromWords(string address, string told, string subject, bool delayed, string? original, bool named = true)
    {
        var (status, reply) = BounceStatus.Find(told);
        var action = delayed ? "delayed" : "failed";
        var reason = Reason(action, status, told, subject);
        if (reason == BounceReason.Undefined && named)
            reason = BounceReason.OnHold;
        if (status.Length == 0)
            status = BounceReasons.Status(Class("", reply, action, told), reason);
        return new BounceRecipient(action, status, address, original) { Reason = reason };
    }

    private static BounceReason Reason(string action, string status, string told, string more)
    {
        if (action is "delivered" or "relayed" or "expanded" or "deliverable" || status.StartsWith('2'))
            return BounceReason.Delivered;
        var reason = BounceReasons.OfWords(told);
        var meant = BounceReasons.OfStatus(status);
        // "Rejected" alone says less than the code beside it.
        if (meant != BounceReason.Undefined && (reason is BounceReason.Undefined or BounceReason.Filtered || meant == BounceReason.Rejected))
            reason = meant;
        if (reason == BounceReason.UserUnknown && !status.EndsWith(".1.1", StringComparison.Ordinal) && told.Contains("unknown", StringComparison.OrdinalIgnoreCase) && BounceText.FailedAtData(more))
            return BounceReason.Filtered;
        return reason == BounceReason.Undefined ? BounceReasons.OfWords(more) : reason;
    }

    // 4: it may yet work; 5: it failed for good (RFC 3463 section 3.1).
    private static char Class(string status, int reply, string action, string told)
    {
        if (status.Length > 0)
            return status[0];
        if (reply > 0)
            return (char)('0' + reply / 100);
        if (action is "delivered" or "relayed" or "expanded")
            return '2';
        return action == "delayed" || told.Contains("Deferred:", StringComparison.OrdinalIgnoreCase) ? '4' : '5';
    }

    private static readonly string[] Delays =
        ["warning message only", "will be retried", "will keep trying", "need to resend", "need to re-send", "message is delayed", "been delayed", "delivery delayed", "delivery is delayed", "temporary failure report", "not yet been delivered"];

    private static bool IsDelaySubject(string subject) =>
        subject.Contains("delay", StringComparison.OrdinalIgnoreCase) || subject.StartsWith("warning:", StringComparison.OrdinalIgnoreCase) || IsDelay(subject);

    private static bool IsDelay(string text)
    {
        foreach (var words in Delays)
        {
            if (text.Contains(words, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>The header of the mail that came back, when the notice includes it.</summary>
    private static HeaderList? Original(MimePart part, ParseLimits limits)
    {
        if (part.IsMessage)
            return part.Children[0].Headers;
        if (part.IsLeaf && part.ContentType is "text/rfc822-headers" or "message/rfc822-headers" or "message/global-headers" or "message/rfc822")
        {
            var list = new HeaderList(part.DecodeStart(limits.MaxReportBytes), limits.MaxFieldBytes);
            HeaderReader.Read(list, 0, limits, new BoundaryStack(), []);
            return list;
        }
        foreach (var child in part.Children)
        {
            if (Original(child, limits) is { } found)
                return found;
        }
        return null;
    }

    /// <summary>The Message-ID of the mail that a notice or report includes, null when there is none.</summary>
    public static string? OriginalId(MimePart root, ParseLimits limits) => Original(root, limits) is { } headers ? Id(headers, limits) : null;

    private static string? Id(HeaderList headers, ParseLimits limits) => headers.Find("Message-ID") is { } header ? MessageIds.One(header.Unfolded, limits) : null;

    // Some servers return nothing and answer the mail as a person would.
    private static string? Answered(HeaderList headers, ParseLimits limits) =>
        headers.Find("In-Reply-To") is { } reply && MessageIds.Many(reply.Unfolded, limits) is [var id, ..] ? id
        : headers.Find("References") is { } references && MessageIds.Many(references.Unfolded, limits) is [.., var last] ? last : null;

    // Old servers return the mail as text below their own.
    private static string? InText(string? text, ParseLimits limits)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var trimmed = line.TrimStart(" \t>|");
            if (trimmed.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase))
                return MessageIds.One(trimmed[11..].Trim().ToString(), limits);
        }
        return null;
    }
}
