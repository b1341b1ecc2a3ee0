using System.Buffers.Binary;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>
/// Reads TNEF streams, the winmail.dat of Exchange and Outlook (MS-OXTNEF). Nothing is copied but decompressed RTF; what is cut off or broken ends the reading and leaves what came before.
/// Recursion into messages within is bounded by <see cref="ParseLimits.MaxDepth"/>, files by <see cref="ParseLimits.MaxParts"/>.
/// </summary>
internal sealed class TnefReader
{
    private const uint Signature = 0x223E9F78;

    // Attributes (MS-OXTNEF section 2.1.3.1).
    private const uint OemCodepage = 0x00069007, SubjectAttribute = 0x00018004, BodyAttribute = 0x0002800C, MessageProperties = 0x00069003,
        AttachRenderData = 0x00069002, AttachData = 0x0006800F, AttachTitle = 0x00018010, AttachTransportName = 0x00069001, AttachProperties = 0x00069005;

    // Properties (MS-OXPROPS).
    private const int SubjectId = 0x0037, SubmitTimeId = 0x0039, SenderNameId = 0x0C1A, SenderAddressId = 0x0C1F, SentNameId = 0x0042, SentAddressId = 0x0065, SenderSmtpId = 0x5D01, SentSmtpId = 0x5D02, BodyId = 0x1000, RtfId = 0x1009, HtmlId = 0x1013, InternetIdId = 0x1035,
        InternetCodepageId = 0x3FDE, DisplayNameId = 0x3001, DataId = 0x3701, FileNameId = 0x3704, LongFileNameId = 0x3707, TransportNameId = 0x370C, MimeTagId = 0x370E, ContentIdId = 0x3712;

    // IID_IMessage: the object is a TNEF stream of its own.
    private static readonly byte[] MessageInterface = [0x07, 0x03, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

    private readonly ParseLimits limits;
    private readonly UnpackBudget budget;
    private readonly TnefMessage message = new();
    private Encoding codepage = Charsets.Windows1252;

    private TnefReader(ParseLimits limits, UnpackBudget budget)
    {
        this.limits = limits;
        this.budget = budget;
    }

    /// <summary>True when the bytes begin as a TNEF stream does.</summary>
    public static bool IsTnef(ReadOnlySpan<byte> bytes) => bytes.Length >= 6 && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Signature;

    /// <summary>The message in the stream; null when it is no TNEF stream.</summary>
    public static TnefMessage? Read(ReadOnlyMemory<byte> stream, ParseLimits limits, UnpackBudget budget) => Read(stream, limits, budget, 0);

    private static TnefMessage? Read(ReadOnlyMemory<byte> stream, ParseLimits limits, UnpackBudget budget, int depth)
    {
        if (!IsTnef(stream.Span))
            return null;
        var reader = new TnefReader(limits, budget);
        reader.ReadAttributes(stream, depth);
        return reader.message;
    }

    private void ReadAttributes(ReadOnlyMemory<byte> stream, int depth)
    {
        var position = 6;
        TnefFile? file = null;
        while (position < stream.Length)
        {
            var header = stream.Span[position..];
            if (header.Length < 9 || header[0] is not (1 or 2))
            {
                message.IsDamaged = true;
                return;
            }
            var attribute = BinaryPrimitives.ReadUInt32LittleEndian(header[1..]);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(header[5..]);
            position += 9;
            var there = (int)Math.Min(length, stream.Length - position);
            var data = stream.Slice(position, there);
            message.IsDamaged |= there < length;
            // A checksum of two bytes follows; senders and gateways get it wrong, and a wrong one says nothing of what to do.
            position = (int)Math.Min(stream.Length, position + length + 2);
            if (header[0] == 1)
                ReadOfMessage(attribute, data);
            else if (attribute == AttachRenderData)
                file = NextFile();
            else if (file is not null)
                ReadOfFile(file, attribute, data, depth);
        }
    }

    private TnefFile? NextFile()
    {
        if (!budget.TryTakeFile())
        {
            message.IsDamaged = true;
            return null;
        }
        var file = new TnefFile();
        message.Files.Add(file);
        return file;
    }

    private void ReadOfMessage(uint attribute, ReadOnlyMemory<byte> data)
    {
        switch (attribute)
        {
            case OemCodepage when data.Length >= 4:
                codepage = ByNumber(BinaryPrimitives.ReadInt32LittleEndian(data.Span)) ?? codepage;
                break;
            case SubjectAttribute:
                message.Subject = Text(data);
                break;
            case BodyAttribute:
                message.Text ??= Text(data);
                break;
            case MessageProperties:
                ReadProperties(data);
                break;
        }
    }

    private void ReadProperties(ReadOnlyMemory<byte> data)
    {
        var properties = new TnefProperties(data);
        ReadOnlyMemory<byte> html = default;
        var htmlCodepage = 0;
        while (properties.Next())
        {
            switch (properties.Id)
            {
                case SubjectId when properties.Text(codepage) is { Length: > 0 } subject: message.Subject = subject; break;
                case SubmitTimeId: message.Date = properties.When(); break;
                case SenderNameId or SentNameId when message.SenderName.Length == 0: message.SenderName = properties.Text(codepage); break;
                case SenderSmtpId or SentSmtpId: message.SenderAddress = properties.Text(codepage); break;
                case SenderAddressId or SentAddressId when !message.SenderAddress.Contains('@'): message.SenderAddress = properties.Text(codepage); break;
                case InternetIdId: message.MessageId = properties.Text(codepage); break;
                case InternetCodepageId: htmlCodepage = properties.Number; break;
                case BodyId when properties.Text(codepage) is { Length: > 0 } text: message.Text = text; break;
                case HtmlId when properties.Type == TnefProperties.Binary: html = properties.Value; break;
                case HtmlId when properties.Text(codepage) is { Length: > 0 } text: message.Html = text; break;
                case RtfId when properties.Type == TnefProperties.Binary: ReadRtf(properties.Value); break;
            }
        }
        message.IsDamaged |= properties.IsDamaged;
        if (!html.IsEmpty)
            message.Html = Charsets.Decode(html.Span, ByNumber(htmlCodepage)?.WebName ?? HtmlCharset.Find(html.Span), out _).TrimEnd('\0');
    }

    private void ReadRtf(ReadOnlyMemory<byte> compressed)
    {
        message.Rtf = RtfCompression.Decompress(compressed.Span, budget.Bytes, out var whole);
        budget.TryTake(message.Rtf?.Length ?? 0);
        message.IsDamaged |= !whole;
    }

    private void ReadOfFile(TnefFile file, uint attribute, ReadOnlyMemory<byte> data, int depth)
    {
        switch (attribute)
        {
            case AttachTitle or AttachTransportName when file.Name.Length == 0:
                file.Name = Text(data);
                break;
            case AttachData:
                file.Content = data;
                break;
            case AttachProperties:
                ReadFileProperties(file, data, depth);
                break;
        }
    }

    private void ReadFileProperties(TnefFile file, ReadOnlyMemory<byte> data, int depth)
    {
        string longName = "", name = "", transport = "", display = "";
        var properties = new TnefProperties(data);
        while (properties.Next())
        {
            switch (properties.Id)
            {
                case LongFileNameId: longName = properties.Text(codepage); break;
                case FileNameId: name = properties.Text(codepage); break;
                case TransportNameId: transport = properties.Text(codepage); break;
                case DisplayNameId: display = properties.Text(codepage); break;
                case MimeTagId: file.ContentType = properties.Text(codepage); break;
                case ContentIdId: file.ContentId = properties.Text(codepage); break;
                case DataId when properties.Type is TnefProperties.Binary or TnefProperties.Object: ReadData(file, properties.Value, properties.Type, depth); break;
            }
        }
        message.IsDamaged |= properties.IsDamaged;
        // The long name before the short one that the attributes carry, as a reader of the mail would have seen it.
        foreach (var better in (ReadOnlySpan<string>)[longName, file.Name, transport, name, display])
        {
            if (better.Length == 0)
                continue;
            file.Name = better;
            break;
        }
    }

    private void ReadData(TnefFile file, ReadOnlyMemory<byte> value, int type, int depth)
    {
        if (type == TnefProperties.Object && value.Length >= 16)
        {
            if (value.Span[..16].SequenceEqual(MessageInterface) && depth < limits.MaxDepth)
                file.Message = Read(value[16..], limits, budget, depth + 1);
            value = value[16..];
        }
        message.IsDamaged |= file.Message?.IsDamaged ?? false;
        if (file.Content.IsEmpty)
            file.Content = value;
    }

    private string Text(ReadOnlyMemory<byte> data) => TnefProperties.Clean(codepage.GetString(data.Span));

    private static Encoding? ByNumber(int codepage) => codepage switch
    {
        65001 => Charsets.Utf8,
        > 0 and < 65000 => Charsets.Find($"cp{codepage}"),
        _ => null,
    };
}
