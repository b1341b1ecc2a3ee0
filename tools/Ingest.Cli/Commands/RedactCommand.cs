using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;

namespace Ingest.Cli.Commands;

/// <summary><c>ingest redact</c>: what is found in texts and mails, and what is left of them.</summary>
internal static class RedactCommand
{
    const int InputsInFlight = 64;

    const string Notes = """
        Each input gives {"file", "text", "findings": [{"type", "start", "length", "rule", "confidence"}]}, places in UTF-16 code units of the input.

        A policy is a JSON file. All of it may be left out: it begins as a preset, and what it says changes that.
          { "preset": "default",                         default, pci, gdpr, hipaa or off
            "confidence": 0.5,                           findings below it are left alone
            "types": { "card": "lastFour",               lastFour, firstSixLastFour, label, pseudonym, full or none
                       "email": "none",
                       "phone": { "mask": "label", "confidence": 0.7 } },
            "countries": ["us", "gb"],                   whose own numbers are looked for; [] for all
            "rulesOff": ["us.passport"],                 rules that are not asked
            "allow": ["ORD-######"],                     never masked: # a digit, ? a letter or digit, * any of them
            "pdf": "textCopy", "archives": "flag", "images": "flag", "unreadable": "flag",   or withhold
            "original": "kept", "outgoing": ["card"], "dryRun": false }
        The types: card, cardExpiry, cardCode, iban, bankAccount, nationalId, passport, drivingLicence, dateOfBirth, phone, email, ipAddress, postalAddress, wallet,
        healthNumber, secret, person. A mailbox's own policy is shown and set by "ingest policy redaction".
        """;

    static readonly Argument<string[]> Inputs = new("inputs")
    {
        Description = "Text files, folders of them (*.txt, recursively, sorted by path), or - for stdin, which is also read where nothing is named; with --mail mails, folders of them or mbox files.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    static readonly Option<string?> Policy = new("--policy") { Description = "The policy: a JSON file, or the JSON itself.", HelpName = "file" };
    static readonly Option<string?> PolicyOfMailbox = new("--policy-of") { Description = "Go by the policy of this mailbox (id or address), with its own addresses and pseudonyms.", HelpName = "mailbox" };
    static readonly Option<string?> Preset = new("--preset") { Description = "What a policy that names no preset begins as: default, pci, gdpr, hipaa or off.", HelpName = "name" };
    static readonly Option<string?> Confidence = new("--confidence") { Description = "Findings below it, 0 to 1, are left alone, whatever the policy says.", HelpName = "number" };
    static readonly Option<string?> Types = new("--types") { Description = "Look for these types only, with commas between.", HelpName = "types" };
    static readonly Option<string?> Countries = new("--countries") { Description = "Look for the numbers of these countries only, with commas between.", HelpName = "countries" };
    static readonly Option<bool> Lines = new("--lines") { Description = "Every line is one input, an empty one too; their objects have a \"line\", counted from 1." };
    static readonly Option<bool> Mail = new("--mail") { Description = "The inputs are mails: prints subject, names, text, html, reply, elided, signature and attachments, findings with their place." };
    static readonly Option<bool> FindingsOnly = new("--findings-only") { Description = "Leave out the texts." };

    public static Command Create()
    {
        ExampleCommand command = new("redact", "Prints texts and mails as they would be kept, and what was found in them, one JSON object per input, in the order of the inputs.",
            "ingest redact letter.txt | jq .text",
            "ingest redact --lines --types card,iban < log.txt > findings.ndjson",
            "ingest redact --mail --preset pci mail.eml | jq .findings",
            "ingest redact --mail --policy-of support@acme.example mail.eml",
            "ingest redact --report support@acme.example --days 7",
            "ingest redact --existing support@acme.example --dry-run",
            "ingest redact --policy '{\"types\":{\"email\":\"none\"},\"allow\":[\"ORD-######\"]}' letters/")
        {
            Inputs, Policy, PolicyOfMailbox, Preset, Confidence, Types, Countries, Lines, Mail, FindingsOnly,
        };
        RedactReport.AddTo(command);
        RedactExisting.AddTo(command);
        command.Notes = Notes;
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        if (await RedactReport.TryRunAsync(line, cancel) is { } reported) return reported;
        MailboxRedaction? ofMailbox = null;
        RedactionPolicy policy;
        try
        {
            if (line.GetValue(Lines) && line.GetValue(Mail)) throw new FormatException("--lines and --mail do not go together: a mail has many lines.");
            if (line.GetValue(PolicyOfMailbox) is { Length: > 0 } mailbox) ofMailbox = await OfMailboxAsync(line, mailbox, cancel);
            policy = PolicyOf(line, ofMailbox?.Policy);
        }
        catch (FormatException e)
        {
            await line.InvocationConfiguration.Error.WriteLineAsync("ingest redact: " + e.Message);
            return ExitCode.Usage;
        }

        bool given = line.GetValue(Policy) is not null || line.GetValue(Preset) is not null || line.GetValue(Confidence) is not null || line.GetValue(Types) is not null || line.GetValue(Countries) is not null;
        if (await RedactExisting.TryRunAsync(line, given ? policy : null, cancel) is { } exit) return exit;
        string[] inputs = line.GetValue(Inputs) is { Length: > 0 } named ? named : ["-"];
        return await RunAsync(inputs, policy, line.GetValue(Lines), line.GetValue(Mail), !line.GetValue(FindingsOnly), Console.OpenStandardInput(), Console.OpenStandardOutput(), cancel, ofMailbox?.Tools);
    }

    static async Task<MailboxRedaction> OfMailboxAsync(ParseResult line, string mailbox, CancellationToken cancel)
    {
        if (line.GetValue(Policy) is not null || line.GetValue(Preset) is not null) throw new FormatException("--policy-of takes the place of --policy and --preset.");
        LocalDesk desk = LocalDesk.Of(line);
        return await desk.Desk.Redaction(desk.Tenant, (await desk.MailboxAsync(mailbox, cancel)).Mailbox.Id, cancel);
    }

    /// <summary>Reads the inputs and writes NDJSON; 0 unless one cannot be read.</summary>
    internal static Task<int> RunAsync(IReadOnlyList<string> inputs, RedactionPolicy policy, bool lines, bool mail, bool withText, Stream stdin, Stream stdout, CancellationToken cancel, RedactionTools? tools = null)
    {
        // Without a mailbox there is no key: pseudonyms tell values apart within this run only.
        tools ??= new RedactionTools { Pseudonym = Pseudonyms.Under(RandomNumberGenerator.GetBytes(32)) };
        RedactOutput output = new(policy, tools, withText);
        if (lines) return new RedactLines(output).RunAsync(inputs, stdin, stdout, cancel);
        return new MailLines("redact", InputsInFlight, (name, raw, _) => Task.FromResult(mail ? output.Mail(name, MailMessage.Parse(raw)) : output.Text(name, TextInputs.Decode(raw.Span))), mail ? null : TextInputs.ReadAsync)
            .RunAsync(inputs, stdin, stdout, cancel);
    }

    static RedactionPolicy PolicyOf(ParseResult line, RedactionPolicy? ofMailbox)
    {
        RedactionPolicy policy = ofMailbox ?? (line.GetValue(Preset) is { } preset ? Read($$"""{"preset":"{{Plain(preset)}}"}""") : RedactionPolicy.Default);
        if (line.GetValue(Policy) is { } named) policy = Read(named, policy);
        if (line.GetValue(Confidence) is { } number)
        {
            policy = double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double confidence) && confidence is >= 0 and <= 1
                ? policy.WithConfidence(confidence) : throw new FormatException("--confidence takes a number from 0 to 1, such as 0.5.");
        }

        if (line.GetValue(Countries) is { } countries) policy = Read($$"""{"countries":[{{Listed(countries)}}]}""", policy);
        // Read as what goes out, which is a list of types too.
        return line.GetValue(Types) is { } types ? policy.With(Read($$"""{"outgoing":[{{Listed(types)}}]}""").Outgoing) : policy;
    }

    static RedactionPolicy Read(string named, RedactionPolicy? start = null)
    {
        // JSON that is no object is told so, rather than looked for as a file.
        if (named.TrimStart() is ['{' or '[' or '"', ..] || named.Trim() == "null") return RedactionPolicy.FromJson(Encoding.UTF8.GetBytes(named), start);
        try
        {
            return RedactionPolicy.FromJson(File.ReadAllBytes(named), start);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"The policy file cannot be read: {e.Message}", e);
        }
    }

    static string Listed(string text) => string.Join(',', text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(word => $"\"{Plain(word)}\""));

    // No name of ours has other signs, so what has them is unknown all the same.
    static string Plain(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '?'));
}
