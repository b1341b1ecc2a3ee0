using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ingest.Cli.Servers;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.App.Tests.Mail;

/// <summary>What we sign, verified by mailauth with a stub for DNS.</summary>
public sealed class SignTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly RSA rsa = RSA.Create(2048);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        rsa.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Mails_of_all_sorts_pass_at_an_independent_verifier()
    {
        using DkimKey key = DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        DkimForm[] forms = [DkimForm.Relaxed, DkimForm.Simple];
        List<string> files = [];
        foreach ((byte[] mail, int number) in Mails().Select((mail, number) => (mail, number)))
        {
            foreach (DkimForm header in forms)
            {
                foreach (DkimForm body in forms)
                {
                    files.Add(folder.File($"{number}-{header}-{body}.eml"));
                    await File.WriteAllBytesAsync(files[^1], DkimSigner.Sign(mail, new DkimSignature { Domain = "acme.example", Selector = "s1", Key = key, SignedAt = TimeProvider.System.GetUtcNow(), HeaderForm = header, BodyForm = body }), Cancel);
                }
            }
        }

        List<JsonElement> results = await VerifyAsync(key.PublicRecord, files);

        Assert.Equal(files.Count, results.Count);
        Assert.All(results, result => Assert.Equal("pass acme.example", $"{result[0].GetProperty("result")} {result[0].GetProperty("aligned")}"));
    }

    [Fact]
    public async Task The_command_prints_the_signed_mail_byte_for_byte()
    {
        string mail = folder.File("mail.eml"), pem = folder.File("key.pem"), signed = folder.File("signed.eml");
        byte[] bytes = Mails().First();
        await File.WriteAllBytesAsync(mail, bytes, Cancel);
        await File.WriteAllTextAsync(pem, rsa.ExportRSAPrivateKeyPem(), Cancel);

        (int code, byte[] output, _) = await IngestAsync("sign", "--domain", "acme.example", "--selector", "s1", "--key", pem, "--now", "1800000000", mail);

        Assert.Equal(0, code);
        Assert.StartsWith("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=acme.example; s=s1; t=1800000000;\r\n", Encoding.ASCII.GetString(output), StringComparison.Ordinal);
        Assert.Equal(bytes, output[^bytes.Length..]);
        // mailauth looks at the clock: a signature of the future is none.
        (_, output, _) = await IngestAsync("sign", "--domain", "acme.example", "--selector", "s1", "--key", pem, mail);
        await File.WriteAllBytesAsync(signed, output, Cancel);
        using DkimKey key = DkimKey.FromPem(await File.ReadAllTextAsync(pem, Cancel));
        Assert.Equal("pass", Assert.Single(await VerifyAsync(key.PublicRecord, [signed]))[0].GetProperty("result").GetString());
    }

    [Fact]
    public async Task A_key_that_cannot_sign_is_named_with_the_fix()
    {
        string mail = folder.File("mail.eml"), pem = folder.File("key.pem");
        await File.WriteAllBytesAsync(mail, Mails().First(), Cancel);
        await File.WriteAllTextAsync(pem, rsa.ExportSubjectPublicKeyInfoPem(), Cancel);

        (int code, byte[] output, string error) = await IngestAsync("sign", "--domain", "acme.example", "--selector", "s1", "--key", pem, mail);

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains("holds no private key", error, StringComparison.Ordinal);
    }

    private static IEnumerable<byte[]> Mails()
    {
        OutgoingMail plain = new()
        {
            From = new MailAddress("Acme, Support", "support@acme.example"),
            ReplyTo = new MailAddress("", "support+r.0123456789@acme.example"),
            To = [new MailAddress("Jörg Müller", "joerg@customer.example")],
            Subject = "Re: Ihre Bestellung – Größe?",
            Date = new DateTimeOffset(2026, 11, 2, 9, 5, 0, TimeSpan.FromHours(1)),
            MessageId = "1@acme.example",
            InReplyTo = "parent@customer.example",
            References = ["root@customer.example", "parent@customer.example"],
            Text = "Guten Tag,\n\n.dot\nFrom here  on \t\n\n\n",
        };
        yield return MessageWriter.Write(plain);
        yield return MessageWriter.Write(plain with { Text = "" });
        yield return MessageWriter.Write(plain with { Html = "<p>Guten Tag</p>", Attachments = [new OutgoingAttachment("größe.bin", "", RandomNumberGenerator.GetBytes(100_000))] });
        yield return "From: a@acme.example\r\nSubject:   odd \t folds\r\n\t here \r\nX-Y: z\r\n\r\n  body \t with \r\n\r\n\r\nblanks  \r\n \t\r\n\r\n"u8.ToArray();
        yield return "From: a@acme.example\r\nFrom : b@acme.example\r\nReceived: x\r\n\r\nno line end"u8.ToArray();
        yield return "From: a@acme.example\r\nSubject: no body\r\n\r\n"u8.ToArray();
    }

    private async Task<List<JsonElement>> VerifyAsync(string record, List<string> files)
    {
        NodeTools tools = await NodeTools.EnsureInstalledAsync(Cancel);
        string dns = folder.File("dns.json");
        await File.WriteAllTextAsync(dns, JsonSerializer.Serialize(new Dictionary<string, string> { ["s1._domainkey.acme.example"] = record }), Cancel);
        (int code, byte[] output, string error) = await RunAsync("node", [Path.Combine(AppContext.BaseDirectory, "Mail", "dkim-verify.mjs"), tools.Folder, dns, .. files]);
        Assert.True(code == 0, error);
        return [.. Encoding.UTF8.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static Task<(int Code, byte[] Output, string Error)> IngestAsync(params string[] arguments) =>
        RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "ingest.dll"), .. arguments]);

    private static async Task<(int Code, byte[] Output, string Error)> RunAsync(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        using MemoryStream output = new();
        Task<string> error = process.StandardError.ReadToEndAsync(Cancel);
        await process.StandardOutput.BaseStream.CopyToAsync(output, Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output.ToArray(), await error);
    }
}
