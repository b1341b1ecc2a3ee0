using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ingest.Cli.Servers;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;

namespace Ingest.Benchmarks;

/// <summary>What DKIM costs beside the bare hash and the bare RSA operation.</summary>
internal static class AuthBenchmark
{
    private const int Length = 20 * 1000;

    private const int Rounds = 5, OfOthers = 400;

    public static int Run()
    {
        Measure.Title("DKIM, a text of 20 KB, RSA of 2,048 bits");
        using RSA rsa = RSA.Create(2048);
        using DkimKey key = DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        byte[] mail = Mail();
        DkimSignature settings = new() { Domain = "acme.example", Selector = "s1", Key = key };
        byte[] signed = DkimSigner.Sign(mail, settings);
        DnsAnswer answer = new(DnsStatus.Answer) { Texts = [key.PublicRecord] };
        DkimVerifier verifier = new((_, _, _) => ValueTask.FromResult(answer), TimeProvider.System);
        byte[] signature = rsa.SignHash(SHA256.HashData(mail), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Measure.Time("SHA-256 and RSA verify, µs", Measure.Of(() => rsa.VerifyHash(SHA256.HashData(mail), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), 1e6, "");
        Measure.Time("DKIM verify, key known, µs", Measure.Of(() => verifier.VerifyAsync(signed, CancellationToken.None).GetAwaiter().GetResult()), 1e6, "", "≤ 1.5 ×");
        Measure.Time("SHA-256 and RSA sign, µs", Measure.Of(() => rsa.SignHash(SHA256.HashData(mail), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), 1e6, "");
        Measure.Time("DKIM sign, µs", Measure.Of(() => DkimSigner.Sign(mail, settings)), 1e6, "", "≤ 1.2 ×");
        Compare(mail, signed, settings, verifier, key, rsa);
        return 0;
    }

    private static void Compare(byte[] mail, byte[] signed, DkimSignature settings, DkimVerifier verifier, DkimKey key, RSA rsa)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ingest-dkim-");
        try
        {
            string Write(string name, byte[] content)
            {
                string file = Path.Combine(folder.FullName, name);
                File.WriteAllBytes(file, content);
                return file;
            }

            string signedFile = Write("signed.eml", signed), mailFile = Write("mail.eml", mail), pem = Write("key.pem", Encoding.ASCII.GetBytes(rsa.ExportRSAPrivateKeyPem()));
            string keys = Write("keys", Encoding.ASCII.GetBytes($"s1._domainkey.acme.example {key.PublicRecord}\n"));
            string verify = Write("verify.conf", Encoding.ASCII.GetBytes($"Mode v\nTestPublicKeys {keys}\n"));
            string sign = Write("sign.conf", Encoding.ASCII.GetBytes($"Mode s\nDomain acme.example\nSelector s1\nKeyFile {pem}\nInternalHosts 0.0.0.0/0\nRequireSafeKeys no\nCanonicalization relaxed/relaxed\n"));
            Console.WriteLine($"\nThe same mail beside other programs, one process each, {Rounds} rounds in turns\n  {"",-44}{"mails/CPU s",12}{"worst–best",20}");
            Turns("verify", ("Ingest.Mail", () => Cost(() => verifier.VerifyAsync(signed, CancellationToken.None).GetAwaiter().GetResult())),
                ("python3-dkim", () => Other("dkimpy-verify", key.PublicRecord, signedFile)), ("OpenDKIM", () => Other("opendkim", verify, signedFile)));
            Turns("sign", ("Ingest.Mail", () => Cost(() => DkimSigner.Sign(mail, settings))),
                ("python3-dkim", () => Other("dkimpy-sign", pem, mailFile)), ("OpenDKIM", () => Other("opendkim", sign, mailFile)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Turns(string what, params (string Name, Func<double?> Seconds)[] sides)
    {
        List<double>[] found = [.. sides.Select(_ => new List<double>())];
        for (int round = 0; round < Rounds; round++)
            for (int side = 0; side < sides.Length; side++)
                if (sides[side].Seconds() is { } seconds) found[side].Add(seconds);
        foreach ((List<double> seconds, string name) in found.Zip(sides.Select(s => s.Name)))
            Console.WriteLine(seconds.Count == 0 ? $"  {what}, {name,-38}not here" : string.Create(CultureInfo.InvariantCulture,
                $"  {$"{what}, {name}",-44}{1 / Statistics.Median(seconds),12:N0}{$"{1 / seconds.Max():N0}–{1 / seconds.Min():N0}",20}"));
    }

    private static double? Cost(Func<object> work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < 10 * OfOthers; i++) work();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds / (10 * OfOthers);
    }

    private static double? Other(string task, string secret, string mail)
    {
        string script = Path.Combine(RepoFolder.Find(), "tests", "Ingest.Benchmarks", "dkim_rate.py");
        try
        {
            using Process python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, task, secret, mail, OfOthers.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string said = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0 ? double.Parse(said, CultureInfo.InvariantCulture) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    // Plain text as people type it, some with two spaces after a full stop, with the traces of a few servers.
    private static byte[] Mail()
    {
        StringBuilder mail = new("From: Ann <ann@acme.example>\r\nTo: bob@example.com\r\nSubject: Your order of today\r\nDate: Tue, 3 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\n");
        for (int hop = 0; hop < 8; hop++)
            mail.Append(CultureInfo.InvariantCulture, $"Received: from host{hop}.example ([192.0.2.{hop}]) by mx{hop}.example with ESMTPS\r\n for <bob@example.com>; Tue, 3 Mar 2026 10:00:0{hop} +0000\r\n");
        mail.Append("\r\n");
        for (int word = 0; mail.Length < Length; word++)
            mail.Append("word").Append(word % 997).Append(word % 11 == 10 ? "\r\n" : word % 41 == 40 ? ".  " : " ");
        return Encoding.ASCII.GetBytes(mail.Append("end\r\n").ToString());
    }
}
