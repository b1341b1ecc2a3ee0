using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Ingest.Mail.Dns;

/// <summary>
/// One question to one server: by UDP from a port and with an id that nobody can guess, by TCP when the answer is too long (RFC 7766), without EDNS for a server that
/// does not understand it. What is no answer to the question is not listened to.
/// </summary>
internal static class DnsExchange
{
    private const int FormatError = 1;
    private const int NotImplemented = 4;

    /// <exception cref="SocketException">The server cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task<DnsReply> AskAsync(IPEndPoint server, string name, DnsType type, CancellationToken cancel)
    {
        var reply = await AskAsync(server, name, type, withEdns: true, cancel);
        return reply.Code is FormatError or NotImplemented ? await AskAsync(server, name, type, withEdns: false, cancel) : reply;
    }

    private static async Task<DnsReply> AskAsync(IPEndPoint server, string name, DnsType type, bool withEdns, CancellationToken cancel)
    {
        var id = (ushort)RandomNumberGenerator.GetInt32(0x10000);
        var question = DnsMessage.Question(id, name, type, withEdns);
        // A socket for each question: the system draws a new random port.
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancel);
        await socket.SendAsync(question, SocketFlags.None, cancel);
        var buffer = new byte[4096];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancel);
            if (DnsMessage.Read(buffer.AsSpan(0, length), id, name, type) is { } reply)
                return reply.IsTruncated ? await AskByTcpAsync(server, id, question, name, type, cancel) : reply;
        }
    }

    private static async Task<DnsReply> AskByTcpAsync(IPEndPoint server, ushort id, byte[] question, string name, DnsType type, CancellationToken cancel)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancel);
        await using var stream = new NetworkStream(socket);
        var message = new byte[2 + question.Length];
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)question.Length);
        question.CopyTo(message, 2);
        await stream.WriteAsync(message, cancel);
        await stream.ReadExactlyAsync(message.AsMemory(0, 2), cancel);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(message)];
        await stream.ReadExactlyAsync(answer, cancel);
        return DnsMessage.Read(answer, id, name, type) is { IsTruncated: false } reply ? reply : throw new IOException("The answer by TCP is none to the question.");
    }
}
