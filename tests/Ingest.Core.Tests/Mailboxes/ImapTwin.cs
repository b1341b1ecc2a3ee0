using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;

namespace Ingest.Core.Tests.Mailboxes;

/// <summary>A folder of the twin.</summary>
internal sealed class TwinFolder
{
    public uint Validity { get; set; } = 1_700_000_000;
    public SortedDictionary<uint, (byte[] Raw, DateTimeOffset Received)> Mails { get; } = [];
    public uint Next { get; set; } = 1;
    public bool HidesNext { get; set; }

    public uint Add(byte[] raw, DateTimeOffset? received = null)
    {
        uint uid = Next++;
        Mails[uid] = (raw, received ?? DateTimeOffset.UnixEpoch.AddYears(56).AddMinutes(uid));
        return uid;
    }

    /// <summary>As a server does that lost its index: every message gets a new number under a new generation.</summary>
    public void Renumber()
    {
        (byte[] Raw, DateTimeOffset Received)[] all = [.. Mails.Values];
        Mails.Clear();
        (Validity, Next) = (Validity + 1, 1);
        foreach ((byte[] raw, DateTimeOffset received) in all) Add(raw, received);
    }
}

/// <summary>An IMAP server that knows just what the source asks of it, and fails as it is told to.</summary>
internal sealed class ImapTwin : IAsyncDisposable
{
    public const string User = "support@acme.example", Password = "secret";
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _conversations = [];
    private readonly Task _accepting;

    public ImapTwin()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Dictionary<string, TwinFolder> Folders { get; } = new() { ["INBOX"] = new() };
    public TwinFolder Inbox => Folders["INBOX"];

    /// <summary>Every command without its tag, as it came.</summary>
    public List<string> Commands { get; } = [];
    public int Connections { get; private set; }
    public long BytesSent { get; private set; }

    /// <summary>Answers a command in another way than it would: what to send before the tagged answer, "!" to hang up after it, "?" to say nothing more;
    /// after "%" comes the tagged answer itself.</summary>
    public Func<string, string?> Instead { get; set; } = _ => null;

    /// <summary>What is sent in place of the FETCH answer of one message with its body; "!" at the end hangs up.</summary>
    public Func<uint, string?> InsteadOfMail { get; set; } = _ => null;

    public ServerSettings Settings(params string[] folders) =>
        new() { Host = "localhost", Port = ((IPEndPoint)_listener.LocalEndpoint).Port, Tls = TlsMode.None, UserName = User, Folders = folders };

    public static WireOptions Wire { get; } = new() { MayConnect = AddressRules.IsPublicOrLoopback, Resolve = static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]) };

    public static WireOptions Hasty { get; } = Wire with { ReadTimeout = TimeSpan.FromMilliseconds(200), ConnectTimeout = TimeSpan.FromMilliseconds(400) };

    public ImapSource Open(BackFill? since = null, WireOptions? wire = null, TimeProvider? time = null, string password = Password, params string[] folders) =>
        new(Settings(folders), new ImapLogin(User, password), since ?? BackFill.All, wire ?? Wire, time ?? TimeProvider.System);

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                Connections++;
                _conversations.Add(ServeAsync(socket));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        using StreamReader reader = new(stream, Encoding.Latin1);
        try
        {
            if (Instead("greeting") is { } greeting && await SayAsync(stream, greeting)) return;
            await SayAsync(stream, "* OK [CAPABILITY IMAP4rev1] twin ready\r\n");
            TwinFolder? open = null;
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                (string tag, string command) = line.Split(' ', 2) is [var t, var c] ? (t, c) : (line, "");
                lock (Commands) Commands.Add(command);
                string? instead = Instead(command);
                if (instead is not null && await SayAsync(stream, instead)) return;
                (string said, string word) = instead is ['%', ..] ? ("", instead[1..]) : Answer(command, ref open);
                if (await SayAsync(stream, said) || await SayAsync(stream, $"{tag} {word}\r\n") || command == "LOGOUT") return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The other side left.
        }
    }

    /// <summary>True when the conversation is over with it.</summary>
    private async Task<bool> SayAsync(NetworkStream stream, string text)
    {
        if (text is ['%', ..]) return false;
        byte[] bytes = Encoding.Latin1.GetBytes(text.TrimEnd('!', '?'));
        BytesSent += bytes.Length;
        await stream.WriteAsync(bytes, _stop.Token);
        if (text.EndsWith('?')) await Task.Delay(Timeout.Infinite, _stop.Token);
        return text.EndsWith('!');
    }

    private (string Said, string Word) Answer(string command, ref TwinFolder? open)
    {
        string[] words = command.Split(' ');
        switch (words)
        {
            case ["LOGIN", var user, var password]:
                return ("", user == $"\"{User}\"" && password == $"\"{Password}\"" ? "OK in" : "NO [AUTHENTICATIONFAILED] no");
            case ["CAPABILITY"]:
                return ("* CAPABILITY IMAP4rev1\r\n", "OK done");
            case ["EXAMINE", var name]:
                if (!Folders.TryGetValue(name.Trim('"'), out open)) return ("", "NO [NONEXISTENT] no such folder");
                return ($"* {open.Mails.Count} EXISTS\r\n* OK [UIDVALIDITY {open.Validity}] v\r\n" + (open.HidesNext ? "" : $"* OK [UIDNEXT {open.Next}] n\r\n"), "OK [READ-ONLY] done");
            case ["UID", "SEARCH", "UID", var set, .. var rest]:
                DateTimeOffset day = rest is ["SINCE", var text] ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : default;
                TwinFolder folder = open!;
                return ($"* SEARCH {string.Join(' ', Uids(folder, set).Where(uid => folder.Mails[uid].Received >= day))}\r\n", "OK done");
            case ["UID", "FETCH", var set, .. var items]:
                return (Fetch(open!, Uids(open!, set), string.Join(' ', items).Contains("BODY", StringComparison.Ordinal)), "OK done");
            case ["FETCH", var which, "(UID)"]:
                uint? edge = which == "*" ? open!.Mails.Keys.Cast<uint?>().LastOrDefault() : open!.Mails.Keys.Cast<uint?>().FirstOrDefault();
                return (edge is { } uid ? $"* 1 FETCH (UID {uid})\r\n" : "", "OK done");
            case ["LIST", ..]:
                return (string.Concat(Folders.Keys.Select(name => $"* LIST () \"/\" \"{name}\"\r\n")), "OK done");
            case ["LOGOUT"]:
                return ("* BYE bye\r\n", "OK done");
            default:
                return ("", "BAD unknown");
        }
    }

    private string Fetch(TwinFolder folder, IEnumerable<uint> uids, bool whole)
    {
        StringBuilder said = new();
        foreach (uint uid in uids)
        {
            (byte[] raw, DateTimeOffset received) = folder.Mails[uid];
            string date = received.ToString("dd-MMM-yyyy HH:mm:ss", CultureInfo.InvariantCulture) + " +0000";
            if (!whole) said.Append(CultureInfo.InvariantCulture, $"* 1 FETCH (UID {uid} RFC822.SIZE {raw.Length} INTERNALDATE \"{date}\")\r\n");
            else if (InsteadOfMail(uid) is { } instead)
            {
                said.Append(instead);
                if (instead.EndsWith('!')) break;
            }
            else said.Append(CultureInfo.InvariantCulture, $"* 1 FETCH (UID {uid} INTERNALDATE \"{date}\" BODY[] {{{raw.Length}}}\r\n").Append(Encoding.Latin1.GetString(raw)).Append(")\r\n");
        }

        return said.ToString();
    }

    private static List<uint> Uids(TwinFolder folder, string set)
    {
        List<uint> found = [];
        foreach (string piece in set.Split(','))
        {
            string[] ends = piece.Split(':');
            uint last = folder.Mails.Keys.LastOrDefault();
            uint from = ends[0] == "*" ? last : uint.Parse(ends[0], CultureInfo.InvariantCulture), to = ends[^1] == "*" ? last : uint.Parse(ends[^1], CultureInfo.InvariantCulture);
            if (from > to) (from, to) = (to, from);
            found.AddRange(folder.Mails.Keys.Where(uid => uid >= from && uid <= to));
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        await Task.WhenAll(_conversations);
        _stop.Dispose();
    }
}
