using System.Globalization;
using System.Net.Security;
using System.Text;
using Ingest.Mail.Tests.Wire;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Tests.Imap;

/// <summary>
/// A conversation in a file: what the server says (S:, with CRLF; "S|" for bytes as they stand, with \r \n \\ and \xNN), what it expects to hear (C:, to the
/// byte, or to what "..." stands for), what the client is told to do (do:) and what must come of it (=>). "TLS" shakes hands, "CLOSE" hangs up, "SILENCE" lets
/// time pass until the client gives up, # is a remark.
/// </summary>
internal sealed class Transcript
{
    private readonly List<(string Kind, string Text)> _script = [];
    private readonly List<(string Action, List<string> Expected)> _steps = [];
    private readonly TlsMode _tls = TlsMode.None;
    private readonly ManualTime _time = new();

    private Transcript(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            string text = line.Length > 3 ? line[3..] : "";
            switch (line.Split(' ', 2)[0])
            {
                case "do:": _steps.Add((line[4..], [])); break;
                case "=>": _steps[^1].Expected.Add(text); break;
                case "S:" or "S|" or "C:": _script.Add((line[..2], text)); break;
                case "TLS" or "CLOSE" or "SILENCE": _script.Add((line, "")); break;
                case "MODE": _tls = Enum.Parse<TlsMode>(line[5..]); break;
                default: throw new FormatException("Not a line of a transcript: " + line);
            }
        }
    }

    public static Transcript Read(string file) => new(File.ReadAllLines(file, Encoding.UTF8));

    /// <summary>All that the server says.</summary>
    public byte[] Said => [.. _script.SelectMany(line => line.Kind switch { "S:" => Encoding.UTF8.GetBytes(line.Text + "\r\n"), "S|" => Unescape(line.Text), _ => [] })];

    /// <summary>Plays the server's part while the client does its steps; returns what is expected and what came of it.</summary>
    public Task<(string Expected, string Actual)> RunAsync(CancellationToken cancel) => RunAsync((server, options) => new Client(server, options), cancel);

    /// <summary>The same for another protocol's client.</summary>
    public async Task<(string Expected, string Actual)> RunAsync(Func<MailServer, WireOptions, ITranscriptClient> open, CancellationToken cancel)
    {
        StringBuilder expected = new(), actual = new();
        await using LocalServer server = new(PlayAsync);
        ITranscriptClient client = open(server.Address(_tls), _script.Exists(line => line.Kind == "SILENCE") ? LocalServer.Options with { Time = _time } : LocalServer.Options);
        await using (client)
        {
            foreach ((string action, List<string> results) in _steps)
            {
                expected.AppendLine("do: " + action);
                actual.AppendLine("do: " + action);
                foreach (string result in results) expected.AppendLine("=> " + result);
                await foreach (string result in client.DoAsync(action, cancel)) actual.AppendLine("=> " + result);
            }
        }

        return (expected.ToString(), actual.ToString());
    }

    private async Task PlayAsync(Stream plain, CancellationToken cancel)
    {
        Stream stream = plain;
        foreach ((string kind, string text) in _script)
        {
            switch (kind)
            {
                case "S:":
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), cancel);
                    break;
                case "S|":
                    await stream.WriteAsync(Unescape(text), cancel);
                    break;
                case "C:":
                    string heard = await HearAsync(stream, cancel);
                    if (heard == text || (text.EndsWith("...", StringComparison.Ordinal) && heard.StartsWith(text[..^3], StringComparison.Ordinal))) break;
                    // It hangs up, which fails the step; and says why, since the client cannot know.
                    throw new InvalidOperationException($"Heard <{heard}>, expected <{text}>.");
                case "TLS":
                    SslStream tls = new(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.ForLocalhost }, cancel);
                    stream = tls;
                    break;
                case "CLOSE":
                    return;
                case "SILENCE":
                    Task<int> left = stream.ReadAsync(new byte[1], cancel).AsTask();
                    while (!left.IsCompleted)
                    {
                        _time.Advance(TimeSpan.FromHours(1));
                        await Task.WhenAny(left, Task.Delay(10, cancel));
                    }

                    return;
            }
        }

        // The script is over; the client hangs up when it has heard all of it.
        byte[] rest = new byte[4096];
        while (await stream.ReadAsync(rest, cancel) > 0)
        {
        }
    }

    private static async Task<string> HearAsync(Stream stream, CancellationToken cancel)
    {
        List<byte> line = [];
        byte[] one = new byte[1];
        while (line is not [.., (byte)'\r', (byte)'\n'])
        {
            if (await stream.ReadAsync(one, cancel) == 0) return Encoding.UTF8.GetString([.. line]) + "<end>";
            line.Add(one[0]);
        }

        return Encoding.UTF8.GetString([.. line])[..^2];
    }

    public static byte[] Unescape(string text)
    {
        List<byte> bytes = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\') bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
            else if (text[++i] == 'x') bytes.Add(byte.Parse(text.AsSpan((i += 2) - 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            else bytes.Add((byte)(text[i] switch { 'r' => '\r', 'n' => '\n', '0' => '\0', var other => other }));
        }

        return [.. bytes];
    }
}
