using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ingest.Cli.Servers;

/// <summary>Dovecot and Postfix on this machine, on the loopback address only, from a folder of their own; they end with this process.</summary>
public sealed class MailServerPair : IAsyncDisposable
{
    private const int Tries = 3;
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromMinutes(1);

    private readonly MailServerOptions options;
    private readonly string folder;
    private ChildProcess? dovecot;
    private ChildProcess? postfix;

    private MailServerPair(string folder, MailServerOptions options, MailPorts ports)
    {
        this.folder = folder;
        this.options = options;
        Ports = ports;
        Certificate = WriteCertificate();
    }

    /// <summary>Where they listen; the same after a restart.</summary>
    public MailPorts Ports { get; }

    /// <summary>The certificate both present for localhost and 127.0.0.1; it is its own root.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The password of every user.</summary>
    public string Password => options.Password;

    /// <summary>Both servers' own words, for a test that failed.</summary>
    public string LogFolder => Path.Combine(folder, "log");

    /// <summary>Starts them and returns once every port answers.</summary>
    /// <param name="folder">Holds settings, mail and logs; it and its parents must be open to user nobody when root runs this.</param>
    /// <param name="options">What they are to be like.</param>
    /// <param name="cancel">Stops waiting, and the servers with it.</param>
    /// <exception cref="ServerException">They are missing and could not be installed, or did not come up.</exception>
    public static async Task<MailServerPair> StartAsync(string folder, MailServerOptions options, CancellationToken cancel)
    {
        if (await MailServerPackages.EnsureAsync(options.Postfix, cancel) is { } missing)
            throw new ServerException(missing);
        for (int attempt = 1; ; attempt++)
        {
            // Somebody may take a port between our look and theirs.
            var pair = new MailServerPair(Path.Combine(folder, attempt.ToString(CultureInfo.InvariantCulture)), options, MailPorts.Pick());
            try
            {
                await pair.StartAgainAsync(cancel);
                return pair;
            }
            catch (Exception e) when (e is not ServerException || attempt == Tries)
            {
                await pair.DisposeAsync();
                throw;
            }
            catch (ServerException)
            {
                await pair.DisposeAsync();
            }
        }
    }

    /// <summary>The folder a user's mail is in (Maildir: cur, new, tmp); there once mail came or the user signed in.</summary>
    public string MaildirOf(string user) => Path.Combine(folder, "mail", user, "Maildir");

    /// <summary>Adds a user, or gives one another password; both servers know at once.</summary>
    public Task SetPasswordAsync(string user, string password, CancellationToken cancel)
    {
        string file = Path.Combine(folder, "users");
        IEnumerable<string> others = File.ReadLines(file).Where(line => !line.StartsWith(user + ":", StringComparison.Ordinal));
        return File.WriteAllLinesAsync(file, [.. others, $"{user}:{{PLAIN}}{password}"], cancel);
    }

    /// <summary>Stops both, as a reboot of the mail host would.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref postfix, null) is { } master)
            await master.DisposeAsync();
        if (Interlocked.Exchange(ref dovecot, null) is { } imap)
            await imap.DisposeAsync();
    }

    /// <summary>Starts them on the same ports and mail after a stop.</summary>
    public async Task StartAgainAsync(CancellationToken cancel)
    {
        dovecot = Start("dovecot");
        await AnswersAsync(dovecot, "Dovecot", [Ports.Imap, Ports.Imaps, Ports.Lmtp, Ports.Sasl], cancel);
        if (!options.Postfix)
            return;
        postfix = Start("postfix");
        await AnswersAsync(postfix, "Postfix", [Ports.Smtp, Ports.Submission, Ports.Smtps], cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Certificate.Dispose();
    }

    private ChildProcess Start(string role) => ChildProcess.Start(new ChildStart
    {
        Name = role,
        Program = "/bin/bash",
        Arguments = [Path.Combine(RepoFolder.Find(), "tools", "emulators", "mail-servers.sh"), role, folder],
        Environment = Ports.AsEnvironment(),
    });

    private async Task AnswersAsync(ChildProcess child, string name, int[] ports, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(ReadyWithin);
        foreach (int port in ports)
        {
            while (!await ListensAsync(port, patience.Token))
            {
                if (child.HasExited)
                    throw Ended(child, name);
                if (patience.IsCancellationRequested)
                    throw new ServerException($"{name} does not answer on port {port}.");
                await Task.Delay(20, cancel);
            }
        }

        // Somebody else may have answered in its place.
        if (child.HasExited)
            throw Ended(child, name);
    }

    private ServerException Ended(ChildProcess child, string name) =>
        new($"{name} ended with exit code {child.ExitCode}. It said last: {string.Join(' ', child.LastLines.Concat(LastOfLog(name)).TakeLast(6))}");

    private IEnumerable<string> LastOfLog(string name)
    {
        string file = Path.Combine(LogFolder, name.ToLowerInvariant() + ".log");
        return File.Exists(file) ? File.ReadLines(file).TakeLast(4) : [];
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken cancel)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private X509Certificate2 WriteCertificate()
    {
        Directory.CreateDirectory(Path.Combine(folder, "tls"));
        foreach (string algorithm in (string[])["HS256", "RS256"])
            Directory.CreateDirectory(Path.Combine(folder, "keys", "default", algorithm));
        File.WriteAllLines(Path.Combine(folder, "users"), options.Users.Select(user => $"{user}:{{PLAIN}}{options.Password}"));
        File.WriteAllLines(Path.Combine(folder, "dovecot.more"), options.DovecotSettings);
        File.WriteAllLines(Path.Combine(folder, "main.cf.more"), options.PostfixSettings);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(Path.Combine(folder, "tls", "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls", "key.pem"), key.ExportPkcs8PrivateKeyPem());
        return X509CertificateLoader.LoadCertificate(certificate.RawData);
    }
}
