using Ingest.Mail.Mime;

namespace Ingest.Core.Redaction.Files;

/// <summary>Masks header fields of a mail within a file: texts, display names, names of files. Ids, traces, signatures and addresses themselves stay.</summary>
internal static class MailFields
{
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        "Message-ID", "In-Reply-To", "References", "Content-ID", "MIME-Version", "Content-Transfer-Encoding", "DKIM-Signature", "X-Google-DKIM-Signature", "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results",
        "Authentication-Results", "Received", "Received-SPF", "Return-Path", "Date", "Resent-Date", "Resent-Message-ID", "List-ID", "DomainKey-Signature", "X-Received", "Thread-Index", "Delivery-Date", "Autocrypt", "Delivered-To",
    };

    private static readonly HashSet<string> Addresses = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc", "Disposition-Notification-To", "Return-Receipt-To", "Errors-To", "Mail-Followup-To", "Mail-Reply-To",
        "X-Original-To", "Apparently-To",
    };

    /// <summary>The field as it is to be written instead; null when it stays.</summary>
    internal static byte[]? Mask(Header header, FileSearch search, List<Finding> findings)
    {
        string name = header.Name;
        if (Kept.Contains(name) || name.StartsWith("X-MS-Exchange-", StringComparison.OrdinalIgnoreCase))
            return null;
        int before = findings.Count;
        byte[]? field = Addresses.Contains(name) ? Named(header, name, search, findings)
            : name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase) ? Parameters(header, name, search, findings)
            : Text(header, name, search, findings);
        return findings.Count == before || search.Policy.DryRun ? null : field;
    }

    private static byte[] Text(Header header, string name, FileSearch search, List<Finding> findings) => PartEdit.TextField(name, search.Name(header.Value, findings));

    private static byte[] Named(Header header, string name, FileSearch search, List<Finding> findings)
    {
        List<Finding> inNames = [], inAll = [];
        List<MailAddress> addresses = [.. PartEdit.Addresses(header).Select(address => address with { Name = search.Name(address.Name, inNames) })];
        // Comments and what else stands between addresses are found here, and go.
        if (inNames.Count == 0)
            search.Name(string.Join(' ', header.Value.Split(' ').Where(word => !word.Contains('@'))), inAll);
        findings.AddRange(inNames);
        findings.AddRange(inAll);
        return PartEdit.AddressField(name, addresses);
    }

    private static byte[] Parameters(Header header, string name, FileSearch search, List<Finding> findings) =>
        PartEdit.ParameterField(name, PartEdit.Parameters(header), (parameter, value) =>
            parameter is "boundary" or "charset" or "type" or "start" or "protocol" or "micalg" or "size" ? value : search.FileName(value, findings));
}
