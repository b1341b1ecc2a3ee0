namespace Ingest.Mail.Mime;

/// <summary>Reads the fields that mean something to us from a header, noting what was wrong with them.</summary>
internal sealed class FieldReader(HeaderList headers, ParseLimits limits, List<Defect> defects)
{
    // Of those that may stand once (RFC 5322 section 3.6), the ones of which the first is used.
    private static readonly string[] Single = ["Subject", "Message-ID", "Date", "In-Reply-To", "References"];

    public string Text(string name) => headers.First(name) ?? "";

    private readonly Dictionary<string, List<MailAddress>> known = [];

    // Once only, so that what is wrong is said once.
    public List<MailAddress> Addresses(string name)
    {
        if (!known.TryGetValue(name, out var addresses))
            known[name] = addresses = ReadAddresses(name);
        return addresses;
    }

    private List<MailAddress> ReadAddresses(string name)
    {
        var addresses = new List<MailAddress>();
        foreach (var header in headers.FindAll(name))
        {
            // A second field of the name is not allowed; for recipients it is what broken senders mean, for From it is an attack.
            if (addresses.Count > 0 && name is "From" or "Sender")
            {
                defects.Add(new Defect(DefectKind.DuplicateField, header.Offset));
                break;
            }
            var text = header.Unfolded;
            var read = AddressReader.Read(text, limits.MaxAddresses - addresses.Count, limits.MaxCommentDepth);
            // An address only inside of encoded words is read, but no other reader sees it.
            if (IsEncoded(text) || (read.Count == 0 ? text.Length > 0 && !text.Contains(':') : read.Exists(static a => !AddressText.IsPlausible(a.Address))))
                defects.Add(new Defect(DefectKind.BadAddress, header.Offset));
            addresses.AddRange(read);
            if (addresses.Count < limits.MaxAddresses)
                continue;
            defects.Add(new Defect(DefectKind.TooManyAddresses, header.Offset));
            break;
        }
        return addresses;
    }

    private static bool IsEncoded(string text) => text.StartsWith("=?", StringComparison.Ordinal) && text.EndsWith("?=", StringComparison.Ordinal);

    public string? MessageId()
    {
        if (headers.Find("Message-ID") is not { } header)
        {
            defects.Add(new Defect(DefectKind.MissingMessageId));
            return null;
        }
        var value = header.Unfolded;
        var id = MessageIds.One(value, limits);
        if (id is null || !id.Contains('@') || !MessageIds.IsWhole(value))
            defects.Add(new Defect(DefectKind.BadMessageId, header.Offset));
        return id;
    }

    public List<string> Ids(string name)
    {
        if (headers.Find(name) is not { } header)
            return [];
        var ids = MessageIds.Many(header.Unfolded, limits, out var cut);
        if (cut)
            defects.Add(new Defect(DefectKind.TooManyReferences, header.Offset));
        return ids;
    }

    public DateTimeOffset? Date()
    {
        if (headers.Find("Date") is not { } header)
        {
            defects.Add(new Defect(DefectKind.MissingDate));
            return Received();
        }
        if (DateReader.Read(header.Unfolded) is { } date)
            return date;
        defects.Add(new Defect(DefectKind.BadDate, header.Offset));
        return Received();
    }

    // When the last server took the mail; its date stands after the last semicolon (RFC 5321 section 4.4).
    private DateTimeOffset? Received() =>
        headers.Find("Received")?.Unfolded is { } trace && trace.LastIndexOf(';') is >= 0 and var mark ? DateReader.Read(trace.AsSpan(mark + 1)) : null;

    public void NoteMissing()
    {
        if (headers.Find("From") is not { } from || from.Unfolded.Length == 0)
            defects.Add(new Defect(DefectKind.MissingFrom));
        foreach (var name in Single)
        {
            if (headers.IndexOf(name, 0) is >= 0 and var first && headers.IndexOf(name, first + 1) is >= 0 and var second)
                defects.Add(new Defect(DefectKind.DuplicateField, headers[second].Offset));
        }
        foreach (var header in headers)
        {
            if (header.End - header.Offset > limits.MaxFieldBytes && header.RawValue.Length > limits.MaxFieldBytes)
                defects.Add(new Defect(DefectKind.FieldTooLong, header.Offset));
        }
    }
}
