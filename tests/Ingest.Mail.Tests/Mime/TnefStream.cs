using System.Buffers.Binary;
using System.Text;

namespace Ingest.Mail.Tests.Mime;

/// <summary>Writes TNEF streams as Outlook does, and broken ones as nobody should.</summary>
internal sealed class TnefStream
{
    private readonly List<byte> bytes = [];

    public TnefStream()
    {
        Write(0x223E9F78);
        bytes.AddRange([1, 0]);
    }

    public byte[] Bytes => [.. bytes];

    public TnefStream Attribute(byte level, uint id, byte[] data)
    {
        bytes.Add(level);
        Write(id);
        Write((uint)data.Length);
        bytes.AddRange(data);
        var sum = data.Aggregate(0, static (all, b) => all + b) & 0xFFFF;
        bytes.AddRange([(byte)sum, (byte)(sum >> 8)]);
        return this;
    }

    public TnefStream Codepage(int number) => Attribute(1, 0x00069007, [.. Number(number), 0, 0, 0, 0]);

    public TnefStream Message(params byte[][] properties) => Attribute(1, 0x00069003, List(properties));

    public TnefStream File(byte[]? content, string? title, params byte[][] properties)
    {
        Attribute(2, 0x00069002, new byte[14]);
        if (title is not null)
            Attribute(2, 0x00018010, [.. Encoding.Latin1.GetBytes(title), 0]);
        if (content is not null)
            Attribute(2, 0x0006800F, content);
        return properties.Length > 0 ? Attribute(2, 0x00069005, List(properties)) : this;
    }

    public static byte[] List(byte[][] properties) => [.. Number(properties.Length), .. properties.SelectMany(static p => p)];

    public static byte[] Unicode(int id, string text) => Variable(id, 0x1F, Encoding.Unicode.GetBytes(text + "\0"));

    public static byte[] String8(int id, byte[] text) => Variable(id, 0x1E, [.. text, 0]);

    public static byte[] Binary(int id, byte[] data) => Variable(id, 0x102, data);

    public static byte[] Inner(byte[] stream) => Variable(0x3701, 0x0D, [0x07, 0x03, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46, .. stream]);

    public static byte[] Integer(int id, int value) => [3, 0, (byte)id, (byte)(id >> 8), .. Number(value)];

    public static byte[] Number(int value)
    {
        var four = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(four, value);
        return four;
    }

    private static byte[] Variable(int id, int type, byte[] data) =>
        [(byte)type, (byte)(type >> 8), (byte)id, (byte)(id >> 8), 1, 0, 0, 0, .. Number(data.Length), .. data, .. new byte[-data.Length & 3]];

    private void Write(uint value) => bytes.AddRange(Number((int)value));
}
