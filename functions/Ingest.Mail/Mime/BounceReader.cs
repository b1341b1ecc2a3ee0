namespace Ingest.Mail.Mime;

/// <summary>Reads per-recipient results of delivery status notifications (RFC 3464), with the blank lines as servers set them.</summary>
internal static class BounceReader
{
    public static List<BounceRecipient> Read(MimePart root, FieldReader fields, string? text, ParseLimits limits)
    {
        var original = Original(root, limits);
        var id = original is null ? InText(text, limits) : Id(original, limits);
        var recipients = new List<BounceRecipient>();
        ReadStatus(root, id, recipients, limits);
        if (recipients.Count > 0)
            return recipients;
        foreach (var address in fields.Addresses("X-Failed-Recipients"))
            recipients.Add(new BounceRecipient("failed", "", address.Address, id));
        if (recipients.Count > 0)
            return recipients;
        recipients = BounceText.Read(text ?? "", [.. fields.Addresses("From"), .. fields.Addresses("To")], fields.Text("Subject"), id);
        // The notice names nobody: then whom the returned mail was for.
        if (recipients.Count == 0 && original?.Find("To") is { } to && AddressReader.Read(to.Unfolded, 2) is [var only])
            recipients.Add(new BounceRecipient("failed", "", only.Address, id));
        return recipients;
    }

    private static void ReadStatus(MimePart part, string? original, List<BounceRecipient> recipients, ParseLimits limits)
    {
        if (part.IsLeaf && part.ContentType is "message/delivery-status" or "message/global-delivery-status")
            ReadGroups(part.DecodeText(), original, recipients, limits);
        if (part.IsMessage)
            return;
        foreach (var child in part.Children)
            ReadStatus(child, original, recipients, limits);
    }

    private static void ReadGroups(string status, string? original, List<BounceRecipient> recipients, ParseLimits limits)
    {
        var group = new Group();
        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (recipients.Count >= limits.MaxBounceRecipients)
                return;
            if (line.IsWhiteSpace())
            {
                // Some servers part the fields of one group with blank lines: a group ends only when it names its recipient and fate.
                if (group.IsWhole)
                    group.Flush(recipients, original);
                continue;
            }
            var colon = line.IndexOf(':');
            if (colon <= 0 || char.IsWhiteSpace(line[0]))
                continue;
            var name = line[..colon].Trim();
            if (group.Repeats(name))
                group.Flush(recipients, original);
            group.Set(name, line[(colon + 1)..].Trim());
        }
        if (recipients.Count < limits.MaxBounceRecipients)
            group.Flush(recipients, original);
    }

    private struct Group
    {
        private string? final, first, action, status;

        public readonly bool IsWhole => (final ?? first) is not null && action is not null;

        public readonly bool Repeats(ReadOnlySpan<char> name) =>
            (final is not null && Is(name, "Final-Recipient")) || (action is not null && final is not null && Is(name, "Original-Recipient"));

        public void Set(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
        {
            if (Is(name, "Final-Recipient"))
                final ??= Address(value);
            else if (Is(name, "Original-Recipient"))
                first ??= Address(value);
            else if (Is(name, "Action"))
                action ??= Word(value).ToLowerInvariant();
            else if (Is(name, "Status"))
                status ??= Word(value);
        }

        public void Flush(List<BounceRecipient> recipients, string? original)
        {
            var address = string.IsNullOrEmpty(final) ? first : final;
            if (!string.IsNullOrEmpty(address))
                recipients.Add(new BounceRecipient(action ?? "failed", status ?? "", address, original));
            this = default;
        }

        private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

        private static string Word(ReadOnlySpan<char> value)
        {
            var stop = value.IndexOfAny(" \t(;");
            return (stop < 0 ? value : value[..stop]).ToString();
        }

        // "rfc822; <a@b>" and what is left of it.
        private static string Address(ReadOnlySpan<char> value)
        {
            var semicolon = value.IndexOf(';');
            var text = value[(semicolon + 1)..].Trim().ToString();
            var read = AddressReader.Read(text, 1);
            return read.Count > 0 ? read[0].Address : text;
        }
    }

    /// <summary>The header of the mail that came back, when the notice includes it.</summary>
    private static HeaderList? Original(MimePart part, ParseLimits limits)
    {
        if (part.IsMessage)
            return part.Children[0].Headers;
        if (part.IsLeaf && part.ContentType is "text/rfc822-headers" or "message/rfc822-headers" or "message/global-headers" or "message/rfc822")
        {
            var list = new HeaderList(part.DecodeContent(), limits.MaxFieldBytes);
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

    private static string? Id(HeaderList headers, ParseLimits limits) => headers.Find("Message-ID") is { } header ? MessageIds.One(header.Unfolded, limits) : null;

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
