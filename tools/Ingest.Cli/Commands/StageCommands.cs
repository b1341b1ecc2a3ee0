using System.CommandLine;
using System.Net;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;

namespace Ingest.Cli.Commands;

/// <summary>Stages of the pipeline, each alone on files: no store, no running system.</summary>
internal static class StageCommands
{
    static readonly Argument<string[]> Inputs = new("inputs")
    {
        Description = "Mails, folders of them (*.eml and files without extension, recursively, sorted by path), mbox files, or - for stdin.",
        Arity = ArgumentArity.OneOrMore,
    };

    static readonly Option<string?> Ip = new("--ip") { Description = "The address that the mail came from.", HelpName = "address" };
    static readonly Option<string> Helo = new("--helo") { Description = "The name that the client gave in HELO or EHLO.", HelpName = "name", DefaultValueFactory = _ => "" };
    static readonly Option<string> MailFrom = new("--mail-from") { Description = "The envelope sender; empty for a bounce.", HelpName = "address", DefaultValueFactory = _ => "" };
    static readonly Option<string?> Dns = new("--dns") { Description = "Answer from this JSON file instead of DNS: { \"name\": { \"TXT\": [\"…\"], \"A\": [\"…\"] } }.", HelpName = "file" };
    static readonly Option<string?> Now = new("--now") { Description = "The time to judge at, in ISO 8601 or seconds since 1970; this moment by default.", HelpName = "time" };

    public static Command Parse()
    {
        ExampleCommand command = new("parse",
            "Prints what a mail holds, one JSON object per mail, in the order of the inputs. A bad mail is a result, not an error.",
            "ingest parse mail.eml | jq .subject",
            "ingest parse mails/ old.mbox > mails.ndjson",
            "curl -s https://host.example/mail.eml | ingest parse -") { Inputs };
        // Bytes, not text: what mails hold is written as UTF-8 wherever stdout leads.
        command.SetAction((line, cancel) =>
            ParseCommand.RunAsync(line.GetRequiredValue(Inputs), Console.OpenStandardInput(), Console.OpenStandardOutput(), cancel));
        return command;
    }

    public static Command Spf()
    {
        ExampleCommand command = new("spf",
            "Asks whether a client may send mail for a domain (SPF, RFC 7208) and prints the result, the domain's explanation and the lookups.",
            "ingest spf --ip 192.0.2.1 --helo mail.acme.example --mail-from sales@acme.example",
            "ingest spf --ip 192.0.2.1 --helo mail.acme.example --mail-from '' --dns zone.json") { Ip, Helo, MailFrom, Dns, Now };
        command.SetAction(async (line, cancel) =>
        {
            SpfQuestion question = Envelope(line) ?? throw new CannotRunException("--ip is missing: the address that the mail came from.");
            return await VerifyCommand.SpfAsync(question, await LookupAsync(line, cancel), Clock(line), Console.OpenStandardOutput(), cancel);
        });
        return command;
    }

    public static Command Verify()
    {
        ExampleCommand command = new("verify",
            "Prints who is proven to have sent a mail: SPF (with --ip), DKIM, ARC and DMARC, one JSON object per mail, in the order of the inputs.",
            "ingest verify mail.eml | jq .dmarc",
            "ingest verify --ip 192.0.2.1 --helo mail.acme.example --mail-from sales@acme.example --dns zone.json mail.eml") { Inputs, Ip, Helo, MailFrom, Dns, Now };
        command.SetAction(async (line, cancel) =>
        {
            MailVerifier verifier = new(await LookupAsync(line, cancel), Clock(line));
            return await VerifyCommand.RunAsync(line.GetRequiredValue(Inputs), verifier, Envelope(line), Console.OpenStandardInput(), Console.OpenStandardOutput(), cancel);
        });
        return command;
    }

    static SpfQuestion? Envelope(ParseResult line)
    {
        if (line.GetValue(Ip) is not { } text)
            return null;
        IPAddress ip = IPAddress.TryParse(text, out IPAddress? address) ? address : throw new CannotRunException("--ip takes an address such as 192.0.2.1 or 2001:db8::1.");
        string sender = line.GetRequiredValue(MailFrom);
        return new SpfQuestion(ip, line.GetRequiredValue(Helo), sender is ['<', .., '>'] ? sender[1..^1] : sender);
    }

    static async Task<DnsLookup> LookupAsync(ParseResult line, CancellationToken cancel)
    {
        if (line.GetValue(Dns) is not { } file)
            return new DnsResolver(DnsResolverOptions.FromSystem(), TimeProvider.System).LookupAsync;
        try
        {
            return DnsTable.Parse(await File.ReadAllBytesAsync(file, cancel)).LookupAsync;
        }
        catch (FormatException e)
        {
            throw new CannotRunException(e.Message, e);
        }
    }

    static TimeProvider Clock(ParseResult line) => line.GetValue(Now) is { } text ? new StoppedClock(Moment.Read(text)) : TimeProvider.System;

    sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
