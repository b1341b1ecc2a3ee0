using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Smtp;
using Ingest.Mail.Tests.Wire;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.Mail.Tests.Smtp;

public sealed class SmtpPropertyTests
{
    private static readonly string[] Pieces =
    [
        "250", "250 ", "250-", "354 ", "421 ", "550-5.1.1", "220", " ", "-", "2", "25", "5.7.139", "9.9.9", "\r\n", "\n", "\r", "\0", "é", "x", "AUTH PLAIN", "SIZE", "SIZE 99999999999999999999", "STARTTLS", "PIPELINING", "\r\n250 ok\r\n", "\r\n334 \r\n",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_a_server_says_the_client_ends_with_an_outcome()
    {
        foreach (string said in Gen.Elements(Pieces).ListOf().Select(string.Concat).Sample(300, new Rnd(18, 1), 40))
        {
            // It says all of it whatever it hears, then hangs up.
            await using LocalServer server = new(async (stream, cancel) =>
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes("220 x\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN\r\n" + said), cancel);
                stream.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                await stream.CopyToAsync(Stream.Null, cancel);
            });
            try
            {
                await using SmtpClient smtp = await SmtpClient.ConnectAsync(server.Address(), LocalServer.Options, Cancel);
                SmtpResult result = await smtp.SendAsync(new SmtpEnvelope("a@b.example", ["c@d.example"]), "Subject: x\r\n\r\nx\r\n"u8.ToArray(), Cancel);
                Assert.True(Enum.IsDefined(result.Outcome));
                Assert.Matches("^([245][0-9][0-9]|[245]\\.[0-9]{1,3}\\.[0-9]{1,3}|[a-z0-9-]+)$", result.Code);
                await smtp.AuthenticateAsync(new SmtpLogin("ann", "secret"), Cancel);
            }
            catch (Exception e) when (e is WireException or SmtpRefusedException)
            {
                // No conversation could be had.
            }
        }
    }

    [Theory]
    [InlineData("250 2.1.0 ok", 250, "2.1.0")]
    [InlineData("250 2.1.0", 250, "2.1.0")]
    [InlineData("250", 250, "")]
    [InlineData("250 ", 250, "")]
    [InlineData("550 5.1.1.1 x", 550, "")]
    [InlineData("550 5.7.1234 x", 550, "")]
    [InlineData("550 4.1.1 x", 550, "")]
    [InlineData("550  5.7.139 Authentication unsuccessful", 550, "5.7.139")]
    [InlineData("550 5..1 x", 550, "")]
    [InlineData("250\t2.0.0 tab", 250, "2.0.0")]
    public async Task Codes_are_read_where_they_stand(string line, int code, string enhanced)
    {
        await using LocalServer server = new((stream, cancel) => stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), cancel).AsTask());
        await using WireConnection wire = await WireConnection.ConnectAsync(server.Address(), LocalServer.Options, Cancel);

        SmtpReply reply = await SmtpReplyReader.ReadAsync(wire, Cancel);

        Assert.Equal((code, enhanced), (reply.Code, reply.Enhanced));
    }

    [Fact]
    public async Task Any_message_arrives_as_it_is_through_dots_at_every_chunk_border()
    {
        const int Chunk = 64 * 1024;
        foreach (int at in Enumerable.Range(Chunk - 5, 10).Concat(Enumerable.Range(2 * Chunk - 5, 10)))
        {
            // A line that ends at "at", a line that is a dot, and lines that begin with one.
            byte[] message = Encoding.ASCII.GetBytes(Lines(at) + "\r\n.\r\n..\r\n.x\r\n" + Lines(Chunk) + "\r\n.");

            byte[] heard = await HeardAsync(message);

            Assert.Equal([.. message, .. "\r\n"u8], heard);
        }
    }

    [Fact]
    public async Task Any_lines_arrive_as_they_are()
    {
        Gen<string> lines = Gen.Elements(".", "..", "\r\n", "\r\n.", "x", "\r\n.\r\n", "QUIT").ListOf().Select(string.Concat);
        foreach (string message in lines.Sample(60, new Rnd(18, 1), 60))
        {
            byte[] bytes = Encoding.ASCII.GetBytes(message);
            byte[] expected = bytes.Length == 0 || message.EndsWith("\r\n", StringComparison.Ordinal) ? bytes : [.. bytes, .. "\r\n"u8];
            Assert.Equal(expected, await HeardAsync(bytes));
        }
    }

    [Fact]
    public async Task Giving_up_before_the_end_has_left_throws_and_after_it_is_uncertain()
    {
        foreach (string last in (string[])["DATA", "."])
        {
            using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            await using LocalServer server = new((stream, cancel) => ServeAsync(stream, command =>
            {
                if (command != last) return true;
                giveUp.Cancel();
                return false;
            }, null, cancel));
            await using SmtpClient smtp = await SmtpClient.ConnectAsync(server.Address(), LocalServer.Options, Cancel);
            Task<SmtpResult> sending = smtp.SendAsync(new SmtpEnvelope("a@b.example", ["c@d.example"]), "Subject: x\r\n\r\nx\r\n"u8.ToArray(), giveUp.Token);

            if (last == ".")
                Assert.Equal((SmtpOutcome.Uncertain, "smtp-canceled"), ((await sending).Outcome, (await sending).Code));
            else
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
            Assert.True(smtp.IsOver);
        }
    }

    [Fact]
    public async Task Secrets_and_contents_are_masked_in_the_trace()
    {
        List<string> trace = [];
        await using LocalServer server = new((stream, cancel) => ServeAsync(stream, static _ => true, null, cancel));
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(server.Address(), LocalServer.Options with { Trace = trace.Add }, Cancel);

        await smtp.AuthenticateAsync(new SmtpLogin("ann", "s3cret"), Cancel);
        await smtp.SendAsync(new SmtpEnvelope("a@b.example", ["c@d.example"]), "Subject: private\r\n\r\nx\r\n"u8.ToArray(), Cancel);

        string all = string.Join('\n', trace);
        Assert.Contains("C: MAIL FROM:<a@b.example>", all, StringComparison.Ordinal);
        Assert.DoesNotContain("private", all, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("\0ann\0s3cret"u8), all, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", new SmtpLogin("ann", "s3cret").ToString(), StringComparison.Ordinal);
    }

    private static string Lines(int length)
    {
        StringBuilder text = new();
        while (text.Length + 80 < length) text.Append('a', 70).Append("\r\n");
        return text.Append('b', length - text.Length).ToString();
    }

    private static async Task<byte[]> HeardAsync(byte[] message)
    {
        byte[] heard = [];
        await using LocalServer server = new((stream, cancel) => ServeAsync(stream, static _ => true, bytes => heard = bytes, cancel));
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(server.Address(), LocalServer.Options, Cancel);
        SmtpResult result = await smtp.SendAsync(new SmtpEnvelope("a@b.example", ["c@d.example"]), message, Cancel);
        Assert.Equal((SmtpOutcome.Accepted, "250"), (result.Outcome, result.Code));
        return heard;
    }

    // Just enough of a server: dots undone as RFC 5321 section 4.5.2 says, line by line.
    private static async Task ServeAsync(Stream stream, Func<string, bool> answers, Action<byte[]>? deliver, CancellationToken cancel)
    {
        using StreamReader reader = new(stream, Encoding.Latin1);
        await SayAsync("220 x");
        while (await reader.ReadLineAsync(cancel) is { } command)
        {
            if (!answers(command)) break;
            await SayAsync(command switch { "DATA" => "354 go", _ when command.StartsWith("EHLO", StringComparison.Ordinal) => "250-x\r\n250-AUTH PLAIN\r\n250 PIPELINING", _ when command.StartsWith("AUTH", StringComparison.Ordinal) => "235 in", _ => "250 ok" });
            if (command != "DATA") continue;
            StringBuilder text = new();
            while (await reader.ReadLineAsync(cancel) is { } line && line != ".") text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
            deliver?.Invoke(Encoding.Latin1.GetBytes(text.ToString()));
            if (!answers(".")) break;
            await SayAsync("250 ok");
        }

        // It says nothing more, and waits until the other side has left.
        await stream.CopyToAsync(Stream.Null, cancel);

        Task SayAsync(string line) => stream.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"), cancel).AsTask();
    }
}
