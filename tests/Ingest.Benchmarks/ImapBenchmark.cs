using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ingest.Cli.Servers;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;

namespace Ingest.Benchmarks;

/// <summary>A whole mailbox of small mails from a Dovecot on this machine in batches of 100, in turns with Python's imaplib on the same server.</summary>
internal static class ImapBenchmark
{
    private const string User = "alice@example.test";
    private const int Mails = 20_000, Batch = 100, Rounds = 7, BytesOfMail = 1_500;

    public static async Task<int> RunAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ingest-imap-");
        try
        {
            if (!OperatingSystem.IsWindows()) folder.UnixFileMode = (UnixFileMode)0b111_101_101;
            await using MailServerPair pair = await MailServerPair.StartAsync(folder.FullName, new MailServerOptions { Postfix = false }, default);
            string roots = Path.Combine(folder.FullName, "roots.pem");
            await File.WriteAllTextAsync(roots, pair.Certificate.ExportCertificatePem());
            await FillAsync(pair);
            Console.WriteLine($"\nIMAP, {Mails:N0} mails of {BytesOfMail:N0} bytes in batches of {Batch}, Dovecot on this machine, {Rounds} rounds in turns");
            Console.WriteLine($"  {"",-44}{"mails/s",12}{"worst–best",20}{"client CPU/mail",18}{"allocated/mail",16}");
            foreach (TlsMode tls in (TlsMode[])[TlsMode.None, TlsMode.Implicit]) await CompareAsync(pair, tls, roots);
            return 0;
        }
        catch (ServerException missing)
        {
            Console.WriteLine($"IMAP is left out: {missing.Message}");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task CompareAsync(MailServerPair pair, TlsMode tls, string roots)
    {
        int port = tls == TlsMode.Implicit ? pair.Ports.Imaps : pair.Ports.Imap;
        List<(double Seconds, double Cpu, long Allocated)> ours = [];
        List<double> theirs = [];
        // The first round warms the server's index, our compiler and the machine's caches.
        for (int round = 0; round <= Rounds; round++)
        {
            (double Seconds, double Cpu, long Allocated) own = await FetchAllAsync(pair, new MailServer("localhost", port, tls));
            double? python = await PythonAsync(pair, port, tls, roots);
            if (round == 0) continue;
            ours.Add(own);
            if (python is { } seconds) theirs.Add(seconds);
        }

        string name = tls == TlsMode.None ? "plaintext" : "TLS";
        Line($"{name}, Ingest.Mail", [.. ours.Select(round => round.Seconds)],
            string.Create(CultureInfo.InvariantCulture, $"{Statistics.Median([.. ours.Select(round => round.Cpu)]) / Mails * 1e6:0.0} µs"),
            string.Create(CultureInfo.InvariantCulture, $"{Statistics.Median([.. ours.Select(round => (double)round.Allocated)]) / Mails:N0} B"));
        if (theirs.Count > 0) Line($"{name}, Python imaplib", theirs, "", "");
    }

    private static void Line(string name, List<double> seconds, string cpu, string allocated) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {name,-44}{Mails / Statistics.Median(seconds),12:N0}{$"{Mails / seconds.Max():N0}–{Mails / seconds.Min():N0}",20}{cpu,18}{allocated,16}"));

    private static async Task<(double Seconds, double Cpu, long Allocated)> FetchAllAsync(MailServerPair pair, MailServer server)
    {
        WireOptions options = new() { MayConnect = AddressRules.IsPublicOrLoopback, TrustedRoots = [X509CertificateLoader.LoadCertificate(pair.Certificate.RawData)] };
        await using ImapConnection imap = await ImapConnection.ConnectAsync(server, options, default);
        await imap.SignInAsync(new ImapLogin(User, pair.Password), default);
        await imap.ExamineAsync("INBOX", default);
        List<uint> uids = await imap.SearchUidsAsync(1, null, null, default);
        (long started, TimeSpan cpu, long allocated) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
        int count = 0;
        foreach (uint[] batch in uids.Chunk(Batch))
            await foreach (ImapMail mail in imap.FetchMailAsync(batch, 1024 * 1024, default)) count += mail.Body == ImapBody.Complete ? 1 : 0;
        if (count != Mails) throw new InvalidOperationException($"{count} mails came, not {Mails}.");
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, GC.GetTotalAllocatedBytes() - allocated);
    }

    private static async Task<double?> PythonAsync(MailServerPair pair, int port, TlsMode tls, string roots)
    {
        string script = Path.Combine(RepoFolder.Find(), "tests", "Ingest.Benchmarks", "imaplib_fetch.py");
        string[] arguments = [script, "localhost", port.ToString(CultureInfo.InvariantCulture), tls == TlsMode.Implicit ? "tls" : "plain", User, pair.Password, roots, $"{Batch}", "1"];
        try
        {
            using Process python = Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true })!;
            string said = await python.StandardOutput.ReadToEndAsync();
            await python.WaitForExitAsync();
            return python.ExitCode == 0 ? double.Parse(said.Split(' ')[0], CultureInfo.InvariantCulture) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static async Task FillAsync(MailServerPair pair)
    {
        await using (ImapConnection imap = await ImapConnection.ConnectAsync(new MailServer("localhost", pair.Ports.Imap, TlsMode.None), new WireOptions { MayConnect = AddressRules.IsPublicOrLoopback }, default))
        {
            await imap.SignInAsync(new ImapLogin(User, pair.Password), default);
            await imap.ExamineAsync("INBOX", default);
        }

        string text = string.Concat(Enumerable.Repeat("All of this is one more line of a small mail.\r\n", BytesOfMail / 47));
        for (int i = 0; i < Mails; i++)
        {
            byte[] mail = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"From: ann{i}@customer.example\r\nTo: {User}\r\nSubject: Mail {i}\r\nMessage-ID: <m{i}@customer.example>\r\n\r\n{text}"));
            string file = Path.Combine(pair.MaildirOf(User), "cur", string.Create(CultureInfo.InvariantCulture, $"{1_790_000_000 + i}.M{i:000000}P1.bench,S={mail.Length},W={mail.Length}:2,S"));
            await File.WriteAllBytesAsync(file, mail);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
        }
    }
}
