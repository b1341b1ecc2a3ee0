using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

/// <summary>An independent implementation (Debian's python3-dkim) accepts what we sign, and we accept what it signs.</summary>
public sealed class PythonDkimTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    // Arguments: verify RECORD FILES…, or sign HEADER BODY PEM FILES…; a word per file, or the signed file in place.
    private const string Program = """
        import sys, dkim
        if sys.argv[1] == 'verify':
            for name in sys.argv[3:]:
                print('pass' if dkim.verify(open(name, 'rb').read(), dnsfunc=lambda n, timeout=5: sys.argv[2].encode()) else 'fail')
        else:
            key = open(sys.argv[4], 'rb').read()
            for name in sys.argv[5:]:
                mail = open(name, 'rb').read()
                field = dkim.sign(mail, b's1', b'acme.example', key, canonicalize=(sys.argv[2].encode(), sys.argv[3].encode()))
                open(name, 'wb').write(field + mail)
                print('signed')
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("ingest-dkim-").FullName;
    private readonly RSA rsa = RSA.Create(2048);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_we_sign_it_accepts()
    {
        using var key = DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        var files = new List<string>();
        foreach (var mail in Mails())
        {
            foreach (var (header, body) in Forms)
                files.Add(Save(files.Count, DkimSigner.Sign(mail, new DkimSignature { Domain = "acme.example", Selector = "s1", Key = key, HeaderForm = header, BodyForm = body })));
        }
        var words = await RunAsync(["verify", key.PublicRecord, .. files]);
        Assert.Equal(files.ConvertAll(static _ => "pass"), words);
    }

    [Fact]
    public async Task What_it_signs_we_accept()
    {
        using var key = DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        var pem = Path.Combine(folder, "key.pem");
        await File.WriteAllTextAsync(pem, rsa.ExportRSAPrivateKeyPem(), Cancel);
        var answer = new DnsAnswer(DnsStatus.Answer) { Texts = [key.PublicRecord] };
        foreach (var (header, body) in Forms)
        {
            var files = Mails().Select((mail, number) => Save(number, mail)).ToList();
            await RunAsync(["sign", Word(header), Word(body), pem, .. files]);
            foreach (var file in files)
            {
                var verdicts = await new DkimVerifier((_, _, _) => ValueTask.FromResult(answer), TimeProvider.System).VerifyAsync(await File.ReadAllBytesAsync(file, Cancel), Cancel);
                Assert.Equal((AuthResult.Pass, "acme.example"), verdicts.Select(static verdict => (verdict.Result, verdict.Domain)).First());
            }
        }
    }

    public void Dispose()
    {
        rsa.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static (DkimForm Header, DkimForm Body)[] Forms =>
        [(DkimForm.Relaxed, DkimForm.Relaxed), (DkimForm.Relaxed, DkimForm.Simple), (DkimForm.Simple, DkimForm.Relaxed), (DkimForm.Simple, DkimForm.Simple)];

    private static IEnumerable<byte[]> Mails() =>
    [
        MessageWriter.Write(OutgoingMails.Simple),
        Encoding.ASCII.GetBytes("From: a@acme.example\r\nSubject: empty\r\n\r\n"),
        Encoding.ASCII.GetBytes("From:  a@acme.example\r\nSubject: folded\r\n \t subject \r\n\r\nbody \t with  blanks \r\n\r\n \r\n\r\n"),
        Encoding.ASCII.GetBytes("From: a@acme.example\r\nSubject: no end of line\r\n\r\n\r\n\tlast line"),
    ];

    private string Save(int number, byte[] mail)
    {
        var file = Path.Combine(folder, $"{number}.eml");
        File.WriteAllBytes(file, mail);
        return file;
    }

    private async Task<List<string>> RunAsync(string[] arguments)
    {
        if (!File.Exists(Python))
            Assert.Skip("Python is not here. Install it with: sudo apt-get install python3-dkim");
        var program = Path.Combine(folder, "program.py");
        await File.WriteAllTextAsync(program, Program, Cancel);
        using var process = Process.Start(new ProcessStartInfo(Python, [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        if ((await error).Contains("No module named", StringComparison.Ordinal))
            Assert.Skip("python3-dkim is not here. Install it with: sudo apt-get install python3-dkim");
        Assert.True(process.ExitCode == 0, await error);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static string Word(DkimForm form) => form == DkimForm.Simple ? "simple" : "relaxed";
}
