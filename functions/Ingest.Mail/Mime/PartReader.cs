using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>
/// Divides a mail into its parts (RFC 2046 section 5.1) in one pass: every line is looked at once, whatever the nesting,
/// as all open boundaries are compared together. Recursion is bounded by <see cref="ParseLimits.MaxDepth"/>.
/// </summary>
internal sealed class PartReader
{
    private readonly ReadOnlyMemory<byte> memory;
    private readonly ParseLimits limits;
    private readonly List<Defect> defects;
    private readonly Budget budget;
    private readonly BoundaryStack boundaries = new();

    /// <summary>Shared with the readers of encoded forwarded mails, so that limits hold for the whole.</summary>
    internal sealed class Budget
    {
        public int Parts;
        public long DecodedBytes;
        public bool Guessed;
        public required UnpackBudget Unpack;
    }

    private PartReader(ReadOnlyMemory<byte> memory, ParseLimits limits, List<Defect> defects, Budget budget)
    {
        this.memory = memory;
        this.limits = limits;
        this.defects = defects;
        this.budget = budget;
    }

    public static MimePart Read(ReadOnlyMemory<byte> memory, int start, ParseLimits limits, List<Defect> defects) =>
        Read(memory, start, 0, limits, defects, new Budget { Unpack = new UnpackBudget(limits) });

    private static MimePart Read(ReadOnlyMemory<byte> memory, int start, int depth, ParseLimits limits, List<Defect> defects, Budget budget)
    {
        var reader = new PartReader(memory, limits, defects, budget);
        var position = start;
        return reader.ReadPart(ref position, depth, "text/plain", out _);
    }

    /// <summary>Reads the part at <paramref name="position"/> and leaves it at the boundary line that ended the part.</summary>
    private MimePart ReadPart(ref int position, int depth, string defaultType, out BoundaryMatch match)
    {
        budget.Parts++;
        var source = memory.Span;
        var headers = new HeaderList(memory, limits.MaxFieldBytes);
        var start = position;
        position = HeaderReader.Read(headers, position, limits, boundaries, defects);
        var part = Describe(headers, start, defaultType);
        part.Offset = start;
        part.ContentOffset = position;
        var divided = part.ContentType.StartsWith("multipart/", StringComparison.Ordinal) && ReadMultipart(part, ref position, depth, out match);
        if (!divided && IsMessage(part) && part.TransferEncoding == TransferEncoding.Identity && MayGoDeeper(depth, position) && position < source.Length)
        {
            part.Add(ReadPart(ref position, depth + 1, "text/plain", out match));
        }
        else if (!divided)
            position = boundaries.Find(source, position, out match);
        else
            match = boundaries.Match(source, position);
        part.End = match.Level >= 0 ? LineBreaks.TrimEnd(source, part.ContentOffset, position) : position;
        if (part.IsLeaf && IsMessage(part) && part.TransferEncoding != TransferEncoding.Identity && MayGoDeeper(depth, start))
            ReadEncodedMessage(part, depth);
        if (part.IsLeaf && SmimeReader.IsOpaque(part) && MayGoDeeper(depth, start))
            ReadSigned(part, depth);
        return part;
    }

    private bool ReadMultipart(MimePart part, ref int position, int depth, out BoundaryMatch match)
    {
        match = BoundaryMatch.None;
        if (!MayGoDeeper(depth, position))
            return false;
        var source = memory.Span;
        var boundary = BoundaryOf(part);
        if (boundary is null)
        {
            defects.Add(new Defect(DefectKind.MissingBoundary, part.Offset));
            boundary = Guess(position);
        }
        if (boundary is null)
            return false;
        var start = position;
        var level = boundaries.Count;
        boundaries.Push(boundary);
        position = boundaries.Find(source, position, out match);
        var closed = match is { Close: true } && match.Level == level;
        while (match.Level == level && !match.Close && budget.Parts < limits.MaxParts)
        {
            position = LineBreaks.Next(source, position);
            // A boundary that is the last line was meant to close.
            if (position == source.Length && !part.IsLeaf)
            {
                match = BoundaryMatch.None;
                break;
            }
            part.Add(ReadPart(ref position, depth + 1, part.ContentType == "multipart/digest" ? "message/rfc822" : "text/plain", out match));
            closed = match.Level == level && match.Close;
        }
        boundaries.Pop();
        if (part.IsLeaf)
        {
            position = start;
            defects.Add(new Defect(DefectKind.UnusedBoundary, part.Offset));
            return Guess(start) is { } guessed && ReadGuessed(part, guessed, ref position, depth, out match);
        }
        if (budget.Parts >= limits.MaxParts && match.Level == level && !match.Close)
            defects.Add(new Defect(DefectKind.TooManyParts, position));
        else if (!closed)
            defects.Add(new Defect(DefectKind.MissingCloseBoundary, part.Offset));
        // The epilogue, or what the limits left undivided, up to a boundary of the parent.
        if (match.Level == level || match.Level < 0)
            position = boundaries.Find(source, position, out match);
        return true;
    }

    private bool ReadGuessed(MimePart part, byte[] boundary, ref int position, int depth, out BoundaryMatch match)
    {
        var source = memory.Span;
        var level = boundaries.Count;
        boundaries.Push(boundary);
        position = boundaries.Find(source, position, out match);
        while (match.Level == level && !match.Close && budget.Parts < limits.MaxParts)
        {
            position = LineBreaks.Next(source, position);
            part.Add(ReadPart(ref position, depth + 1, "text/plain", out match));
        }
        boundaries.Pop();
        if (match.Level == level || match.Level < 0)
            position = boundaries.Find(source, position, out match);
        return true;
    }

    // The first line in the body that starts with "--" and is followed by a field is what the sender meant. Once per mail, as it costs a pass.
    private byte[]? Guess(int position)
    {
        if (budget.Guessed)
            return null;
        budget.Guessed = true;
        var source = memory.Span;
        while (position < source.Length)
        {
            var next = LineBreaks.Next(source, position);
            var line = source[position..next].TrimEnd(" \t\r\n"u8);
            if (line.Length > 2 && line.StartsWith("--"u8) && next < source.Length && boundaries.Match(source, position).Level < 0
                && StartsWithContent(source[next..]))
                return line[2..].ToArray();
            position = next;
        }
        return null;
    }

    private static bool StartsWithContent(ReadOnlySpan<byte> line) => line.Length > 8 && Ascii.EqualsIgnoreCase(line[..8], "content-");

    private void ReadEncodedMessage(MimePart part, int depth)
    {
        defects.Add(new Defect(DefectKind.EncodedMessage, part.Offset));
        // No encoding makes content longer.
        if (budget.DecodedBytes + part.RawContent.Length * 3L / 4 > limits.MaxDecodedBytes)
        {
            defects.Add(new Defect(DefectKind.TooManyDecodedBytes, part.Offset));
            return;
        }
        var decoded = TransferDecoding.DecodeOnce(part.RawContent.Span, part.TransferEncoding);
        budget.DecodedBytes += decoded.Length;
        // Offsets of defects inside would point into the decoded bytes, so they are reported without one.
        var inner = new List<Defect>();
        if (decoded.Length > 0)
            part.Add(Read(decoded, 0, depth + 1, limits, inner, budget));
        foreach (var defect in inner)
            defects.Add(new Defect(defect.Kind));
    }

    // What was signed around its content is shown like any other mail (RFC 8551 section 3.5.2); the rest stays shut.
    private void ReadSigned(MimePart part, int depth)
    {
        if (!budget.Unpack.TryTake(part.RawContent.Length))
            return;
        var packed = part.DecodeContent();
        if (SmimeReader.Open(packed, out var kind) is not { } content)
        {
            if (kind is null && SmimeReader.KindOfStart(packed) is not null)
                defects.Add(new Defect(DefectKind.DamagedSmime, part.ContentOffset));
            return;
        }
        var inner = new List<Defect>();
        part.Add(Read(content, MailStart.Skip(content, inner), depth + 1, limits, inner, budget));
        foreach (var defect in inner)
            defects.Add(new Defect(defect.Kind));
    }

    private bool MayGoDeeper(int depth, int position)
    {
        if (depth < limits.MaxDepth && budget.Parts < limits.MaxParts)
            return true;
        defects.Add(new Defect(depth >= limits.MaxDepth ? DefectKind.TooDeep : DefectKind.TooManyParts, position));
        return false;
    }

    private static bool IsMessage(MimePart part) => part.ContentType is "message/rfc822" or "message/global" or "message/news";

    private static byte[]? BoundaryOf(MimePart part)
    {
        var boundary = part.Parameters.Bytes("boundary").AsSpan().TrimEnd(" \t\r\n"u8);
        return boundary.IsEmpty || boundary.Length > 500 ? null : boundary.ToArray();
    }

    private MimePart Describe(HeaderList headers, int offset, string defaultType)
    {
        var contentType = HeaderParameters.Empty;
        var type = defaultType;
        var seen = false;
        foreach (var header in headers.FindAll("Content-Type"))
        {
            if (seen)
                defects.Add(new Defect(DefectKind.DuplicateField, header.Offset));
            seen = true;
            var parsed = Parameters(header);
            if (MediaType.Normalize(parsed.Value) is { } known)
            {
                (contentType, type) = (parsed, known);
                break;
            }
            defects.Add(new Defect(DefectKind.BadContentType, header.Offset));
            contentType = parsed;
        }
        var disposition = headers.Find("Content-Disposition") is { } field ? Parameters(field) : HeaderParameters.Empty;
        var encoding = EncodingOf(headers);
        if (type.StartsWith("multipart/", StringComparison.Ordinal) && encoding != TransferEncoding.Identity)
        {
            defects.Add(new Defect(DefectKind.EncodedMultipart, offset));
            encoding = TransferEncoding.Identity;
        }
        return new MimePart(headers, contentType, disposition, type, encoding);
    }

    private HeaderParameters Parameters(Header header)
    {
        var parsed = HeaderParameters.Parse(header.LimitedValue, null, limits.MaxParameters, limits.MaxCommentDepth);
        if (parsed.IsCut)
            defects.Add(new Defect(DefectKind.TooManyParameters, header.Offset));
        return parsed;
    }

    private TransferEncoding EncodingOf(HeaderList headers)
    {
        if (headers.Find("Content-Transfer-Encoding") is not { } header)
            return TransferEncoding.Identity;
        var known = MediaType.Encoding(header.LimitedValue);
        if (known is null)
            defects.Add(new Defect(DefectKind.UnknownTransferEncoding, header.Offset));
        return known ?? TransferEncoding.Identity;
    }
}
