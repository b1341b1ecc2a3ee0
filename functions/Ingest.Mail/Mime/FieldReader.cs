namespace Ingest.Mail.Mime;

/// <summary>Reads the fields that mean something to us from a header, noting what was wrong with them.</summary>
internal sealed class FieldReader(HeaderList headers, ParseLimits limits, List<Defect> defects)
{
    public string Text(string name) => headers.First(name) ?? "";

    public List<MailAddress> Addresses(string name)
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
            if (read.Count == 0 && text.Length > 0 && !text.Contains(':'))
                defects.Add(new Defect(DefectKind.BadAddress, header.Offset));
            addresses.AddRange(read);
            if (addresses.Count < limits.MaxAddresses)
                continue;
            defects.Add(new Defect(DefectKind.TooManyAddresses, header.Offset));
            break;
        }
        return addresses;
    }

    public string? MessageId()
    {
        if (headers.Find("Message-ID") is not { } header)
        {
            defects.Add(new Defect(DefectKind.MissingMessageId));
            return null;
        }
        var value = header.Unfolded;
        var id = MessageIds.One(value, limits);
        if (id is null || !id.Contains('@') || !value.StartsWith('<') || !value.EndsWith('>'))
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
            return null;
        }
        var date = DateReader.Read(header.Unfolded);
        if (date is null)
            defects.Add(new Defect(DefectKind.BadDate, header.Offset));
        return date;
    }

    public void NoteMissing()
    {
        if (headers.Find("From") is not { } from || from.Unfolded.Length == 0)
            defects.Add(new Defect(DefectKind.MissingFrom));
        foreach (var header in headers)
        {
            if (header.RawValue.Length > limits.MaxFieldBytes)
                defects.Add(new Defect(DefectKind.FieldTooLong, header.Offset));
        }
    }
}
