using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

/// <summary>OpenDKIM, run on files, accepts what we sign, and we accept what it signs. It hears header fields as a milter does, without their leading blanks: relaxed only.</summary>
public sealed partial class OpenDkimTests : IDisposable
{
    private const string Program = "/usr/sbin/opendkim";

    private readonly string folder = Directory.CreateTempSubdirectory("ingest-opendkim-").FullName;
    private readonly RSA rsa = RSA.Create(2048);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DkimForm.Relaxed)]
    [InlineData(DkimForm.Simple)]
    public async Task What_we_sign_it_accepts(DkimForm body)
    {
        using var key = DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(Path.Combine(folder, "keys"), $"s1._domainkey.acme.example {key.PublicRecord}\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "conf"), $"Mode v\nTestPublicKeys {folder}/keys\n", Cancel);
        foreach (var mail in Mails)
        {
            var signed = DkimSigner.Sign(mail, new DkimSignature { Domain = "acme.example", Selector = "s1", Key = key, BodyForm = body });
            Assert.Contains("verification (s=s1, d=acme.example, 2048-bit key) succeeded", await RunAsync(signed), StringComparison.Ordinal);
            signed[^3] ^= 1;
            Assert.Contains("failed", await RunAsync(signed), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("relaxed")]
    [InlineData("simple")]
    public async Task What_it_signs_we_accept(string body)
    {
        using var key = DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        var answer = new DnsAnswer(DnsStatus.Answer) { Texts = [key.PublicRecord] };
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), rsa.ExportRSAPrivateKeyPem(), Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "conf"), $"Mode s\nDomain acme.example\nSelector s1\nKeyFile {folder}/key.pem\nInternalHosts 0.0.0.0/0\nRequireSafeKeys no\nCanonicalization relaxed/{body}\n", Cancel);
        foreach (var mail in Mails)
        {
            var output = await RunAsync(mail);
            var field = "DKIM-Signature: " + Inserted().Match(output).Groups[1].Value.ReplaceLineEndings("\r\n") + "\r\n";
            var verdicts = await new DkimVerifier((_, _, _) => ValueTask.FromResult(answer), TimeProvider.System).VerifyAsync(Encoding.Latin1.GetBytes(field + Encoding.Latin1.GetString(mail)), Cancel);
            Assert.Equal((AuthResult.Pass, "acme.example"), verdicts.Select(static verdict => (verdict.Result, verdict.Domain)).Single());
        }
    }

    public void Dispose()
    {
        rsa.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static IReadOnlyList<byte[]> Mails =>
    [
        MessageWriter.Write(OutgoingMails.Simple),
        "From:  a@acme.example\r\nTo: b@c.example\r\nSubject: folded\r\n \t subject \r\n\r\nbody \t with  blanks \r\n\r\nend\r\n"u8.ToArray(),
    ];

    private async Task<string> RunAsync(byte[] mail)
    {
        if (!File.Exists(Program))
            Assert.Skip("OpenDKIM is not here. Install it with: sudo apt-get install opendkim");
        var file = Path.Combine(folder, "mail.eml");
        await File.WriteAllBytesAsync(file, mail, Cancel);
        using var process = Process.Start(new ProcessStartInfo(Program, ["-vvv", "-x", Path.Combine(folder, "conf"), "-t", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return output + await error;
    }

    [GeneratedRegex("hname='DKIM-Signature' hvalue='([^']*)'")]
    private static partial Regex Inserted();
}
