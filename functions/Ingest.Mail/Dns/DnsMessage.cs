using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Ingest.Mail.Dns;

/// <summary>Questions and answers on the wire (RFC 1035 section 4, RFC 6891).</summary>
internal static class DnsMessage
{
    /// <summary>The longest answer by UDP that is not cut into fragments on the way.</summary>
    public const int UdpSize = 1232;
    private const int HeaderLength = 12;
    private const int Soa = 6;
    private const int Opt = 41;
    private const int Internet = 1;

    /// <summary>A question for a name that DNS can hold, recursion desired.</summary>
    public static byte[] Question(ushort id, string name, DnsType type, bool withEdns)
    {
        var message = new byte[HeaderLength + name.Length + 2 + 4 + (withEdns ? 11 : 0)];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        message[2] = 1;
        message[5] = 1;
        var at = HeaderLength;
        foreach (var label in name.Split('.'))
        {
            message[at] = (byte)label.Length;
            at += 1 + Encoding.Latin1.GetBytes(label, message.AsSpan(at + 1));
        }
        at++;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at), (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 2), Internet);
        if (!withEdns)
            return message;
        message[11] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 5), Opt);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 7), UdpSize);
        return message;
    }

    /// <summary>Reads an answer; null when it is not one to that question, which then is still open (RFC 5452 section 9.1).</summary>
    public static DnsReply? Read(ReadOnlySpan<byte> message, ushort id, string name, DnsType type)
    {
        if (message.Length < HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(message) != id || (message[2] & 0xF8) != 0x80)
            return null;
        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
            return null;
        var at = HeaderLength;
        if (Name(message, ref at) != name || at + 4 > message.Length || BinaryPrimitives.ReadUInt16BigEndian(message[at..]) != (ushort)type || BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]) != Internet)
            return null;
        at += 4;
        var reply = new DnsReply(message[3] & 15, (message[2] & 2) != 0);
        if (reply.IsTruncated)
            return reply;
        var answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var authorities = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        for (var i = 0; i < answers + authorities; i++)
        {
            if (!Record(message, ref at, reply, i < answers, type))
                return reply with { IsBroken = true };
        }
        return reply;
    }

    private static bool Record(ReadOnlySpan<byte> message, ref int at, DnsReply reply, bool isAnswer, DnsType asked)
    {
        var owner = Name(message, ref at);
        if (owner is null || at + 10 > message.Length)
            return false;
        var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        var group = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
        // A lifetime with its highest bit set is none (RFC 2181 section 8).
        var seconds = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(message[(at + 4)..]));
        var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
        var start = at + 10;
        at = start + length;
        if (at > message.Length)
            return false;
        if (group != Internet)
            return true;
        if (!isAnswer)
        {
            if (type == Soa && length >= 22)
                reply.NegativeSeconds = Math.Min(seconds, Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(message[(at - 4)..])));
            return true;
        }
        if (type == (int)DnsType.Cname || type == (int)asked)
        {
            if (Data(message[..at], start, (DnsType)type) is not { } data)
                return false;
            reply.Records.Add(new DnsRecord(owner, (DnsType)type, seconds, data));
        }
        return true;
    }

    private static object? Data(ReadOnlySpan<byte> message, int start, DnsType type)
    {
        var data = message[start..];
        var at = start;
        switch (type)
        {
            case DnsType.A:
                return data.Length == 4 ? new IPAddress(data) : null;
            case DnsType.Aaaa:
                return data.Length == 16 ? new IPAddress(data) : null;
            case DnsType.Cname or DnsType.Ptr:
                return Name(message, ref at) is { } name && at == message.Length ? name : null;
            case DnsType.Mx:
                at += 2;
                return data.Length > 2 && Name(message, ref at) is { } host && at == message.Length
                    ? new MailExchange(BinaryPrimitives.ReadUInt16BigEndian(data), host)
                    : null;
            default:
                return Text(data);
        }
    }

    private static string? Text(ReadOnlySpan<byte> data)
    {
        var text = new StringBuilder(data.Length);
        while (!data.IsEmpty)
        {
            var length = data[0];
            if (length >= data.Length)
                return null;
            text.Append(Encoding.Latin1.GetString(data.Slice(1, length)));
            data = data[(1 + length)..];
        }
        return text.ToString();
    }

    /// <summary>
    /// The name at that place, normal, and the place after it; null when it runs over the end or is too long. A pointer must lead backwards from the name it is in,
    /// so there are no loops. A dot or another character that text cannot tell apart makes the label one that matches nothing.
    /// </summary>
    public static string? Name(ReadOnlySpan<byte> message, ref int at)
    {
        var name = new StringBuilder(64);
        var place = at;
        var begin = at;
        var end = -1;
        while (true)
        {
            if (place >= message.Length)
                return null;
            var length = message[place];
            if (length == 0)
                break;
            if (length >= 0xC0)
            {
                if (place + 1 >= message.Length)
                    return null;
                end = end < 0 ? place + 2 : end;
                place = (length & 0x3F) << 8 | message[place + 1];
                if (place >= begin)
                    return null;
                begin = place;
                continue;
            }
            if (length > DnsName.MaxLabel || place + 1 + length > message.Length || name.Length + length > DnsName.MaxLength)
                return null;
            if (name.Length > 0)
                name.Append('.');
            name.Append(Encoding.Latin1.GetString(message.Slice(place + 1, length)).Replace('.', '\0'));
            place += 1 + length;
        }
        at = end < 0 ? place + 1 : end;
        return name.ToString().ToLowerInvariant();
    }
}

/// <summary>What a server said.</summary>
/// <param name="Code">RCODE: 0 fine, 1 not understood, 2 failed, 3 no such name, 5 refused.</param>
/// <param name="IsTruncated">True when it must be asked again by TCP.</param>
internal sealed record DnsReply(int Code, bool IsTruncated)
{
    /// <summary>True when what follows the question cannot be read.</summary>
    public bool IsBroken { get; init; }

    /// <summary>The records of the answer section that are of the type asked for or aliases.</summary>
    public List<DnsRecord> Records { get; } = [];

    /// <summary>For how long "there is none" holds; null when the zone did not say, and then the answer may only be a part.</summary>
    public int? NegativeSeconds { get; set; }
}

/// <summary>One record.</summary>
internal sealed record DnsRecord(string Owner, DnsType Type, int Seconds, object Data);
