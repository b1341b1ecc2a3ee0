using System.CommandLine;
using Ingest.Mail.Auth;

namespace Ingest.Cli.Commands;

/// <summary><c>ingest sign</c>: one mail in, the same bytes out with a DKIM-Signature field before them.</summary>
internal static class SignCommand
{
    static readonly Argument<string> Input = new("input") { Description = "The mail: a file, or - for stdin." };
    static readonly Option<string> Domain = new("--domain") { Description = "The signing domain (d=).", Required = true, HelpName = "domain" };
    static readonly Option<string> Selector = new("--selector") { Description = "The selector (s=): the key is published at <selector>._domainkey.<domain>.", Required = true, HelpName = "name" };
    static readonly Option<string> Key = new("--key") { Description = "The private RSA key in PEM.", Required = true, HelpName = "file" };
    static readonly Option<string?> Now = new("--now") { Description = "The time of the signature (t=) in ISO 8601 or seconds since 1970; this moment by default.", HelpName = "time" };

    public static Command Create()
    {
        ExampleCommand command = new("sign",
            "Signs a mail with DKIM (rsa-sha256, relaxed/relaxed) and prints it, byte for byte as it must be sent.",
            "openssl genrsa -out key.pem 2048",
            "ingest sign --domain acme.example --selector s1 --key key.pem mail.eml > signed.eml") { Input, Domain, Selector, Key, Now };
        command.SetAction((line, cancel) => RunAsync(line, cancel));
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        byte[] message = await ReadAsync(line.GetRequiredValue(Input), cancel);
        try
        {
            using DkimKey key = DkimKey.FromPem(await File.ReadAllTextAsync(line.GetRequiredValue(Key), cancel));
            byte[] signed = DkimSigner.Sign(message, new DkimSignature
            {
                Domain = line.GetRequiredValue(Domain),
                Selector = line.GetRequiredValue(Selector),
                Key = key,
                SignedAt = Moment.Read(line.GetValue(Now)),
            });
            await using Stream stdout = Console.OpenStandardOutput();
            await stdout.WriteAsync(signed, cancel);
            return 0;
        }
        catch (DkimKeyException e)
        {
            throw new CannotRunException(e.Message, e);
        }
        catch (ArgumentException e)
        {
            throw new CannotRunException("--domain and --selector must be names that DNS can hold, such as acme.example and s1.", e);
        }
    }

    static async Task<byte[]> ReadAsync(string input, CancellationToken cancel)
    {
        if (input != "-")
            return await File.ReadAllBytesAsync(input, cancel);
        using MemoryStream mail = new();
        await using Stream stdin = Console.OpenStandardInput();
        await stdin.CopyToAsync(mail, cancel);
        return mail.ToArray();
    }
}
