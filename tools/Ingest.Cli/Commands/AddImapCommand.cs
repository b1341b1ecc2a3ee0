using System.CommandLine;
using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Mail.Wire;

namespace Ingest.Cli.Commands;

/// <summary>Connects a mailbox on an IMAP server, after trying it.</summary>
internal static class AddImapCommand
{
    const string PasswordVariable = "INGEST_IMAP_PASSWORD";

    static readonly Argument<string> Address = new("address") { Description = "The address that customers write to." };
    static readonly Option<string> Host = new("--host") { Description = "The IMAP server's name.", HelpName = "name", Required = true };
    static readonly Option<int?> Port = new("--port") { Description = "Its port; 993 for tls and 143 for starttls by default.", HelpName = "number" };
    static readonly Option<string> Tls = new("--tls")
    {
        Description = "How the line is encrypted: tls from the start, or starttls. \"none\" is for servers on this machine only.",
        HelpName = "mode",
        DefaultValueFactory = _ => "tls",
    };
    static readonly Option<string?> User = new("--user") { Description = "The name to sign in with; the address by default.", HelpName = "name" };
    static readonly Option<string[]> Folders = new("--folder") { Description = "A folder to read; may be given several times. INBOX by default.", HelpName = "name" };
    static readonly Option<int?> Days = new("--days") { Description = "How many days of older mail to bring; 0 for none, all by default.", HelpName = "number" };
    static readonly Option<string[]> AuthservId = new("--authserv-id")
    {
        Description = "Whose Authentication-Results are believed (RFC 8601): the server's own name as it writes it there; nobody's by default.",
        HelpName = "id",
    };

    static readonly Option<string?> SmtpHost = new("--smtp-host") { Description = "The SMTP server that takes replies; without it the mailbox only reads.", HelpName = "name" };
    static readonly Option<int?> SmtpPort = new("--smtp-port") { Description = "Its port; 465 for tls and 587 for starttls by default.", HelpName = "number" };
    static readonly Option<string> SmtpTls = new("--smtp-tls") { Description = "How its line is encrypted: tls, starttls or none, as above.", HelpName = "mode", DefaultValueFactory = _ => "tls" };
    static readonly Option<bool> Plus = new("--plus-addressing") { Description = "Mail to name+anything@ reaches this mailbox, so that answers can carry their ticket in the address." };

    public static Command Create()
    {
        Tls.AcceptOnlyFromAmong("tls", "starttls", "none");
        SmtpTls.AcceptOnlyFromAmong("tls", "starttls", "none");
        ExampleCommand command = new("add-imap",
            $"Connects a mailbox on an IMAP server, or connects it again: the password is read from {PasswordVariable} or from standard input, never from the command line.",
            "ingest mailbox add-imap support@acme.example --host imap.acme.example",
            "ingest mailbox add-imap support@acme.example --host imap.acme.example --tls starttls --folder INBOX --folder Support < password.txt") { Address };
        foreach (Option option in (Option[])[Host, Port, Tls, User, Folders, Days, AuthservId, SmtpHost, SmtpPort, SmtpTls, Plus]) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        ServerSettings server = ServerOf(line);
        string password = Environment.GetEnvironmentVariable(PasswordVariable) is { Length: > 0 } set ? set : await AskAsync(line.InvocationConfiguration.Error, cancel);
        ProbeResult tried = await desk.Desk.Probe.TryImapAsync(server, password, cancel);
        if (!tried.Ok) throw new CannotRunException(tried.Fix);
        if (SmtpOf(line) is { } smtp && await desk.Desk.Probe.TrySmtpAsync(smtp, password, cancel) is { Ok: false } refused) throw new CannotRunException(refused.Fix);
        MailboxProfile profile = new()
        {
            Address = line.GetRequiredValue(Address),
            Imap = server,
            Smtp = SmtpOf(line),
            PlusAddressing = line.GetValue(Plus),
            AuthservIds = line.GetValue(AuthservId) ?? [],
            BackFillDays = line.GetValue(Days),
        };
        Mailbox mailbox = await desk.Desk.Mailboxes.ConnectImapAsync(desk.Tenant, profile, password, cancel);
        await desk.Desk.SyncQueue.SendAsync((Work.Sync(desk.Tenant, mailbox.Id) with { Attempt = 1 }).ToJson(), delay: null, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync($"{tried.Fix} {mailbox.Id} is read now, and from then on every minute.");
        return ExitCode.Ok;
    }

    static ServerSettings ServerOf(ParseResult line)
    {
        TlsMode tls = ModeOf(line.GetRequiredValue(Tls));
        return new ServerSettings
        {
            Host = line.GetRequiredValue(Host),
            Port = line.GetValue(Port) ?? (tls == TlsMode.Implicit ? 993 : 143),
            Tls = tls,
            UserName = line.GetValue(User) ?? line.GetRequiredValue(Address),
            Folders = line.GetValue(Folders) ?? [],
        };
    }

    static ServerSettings? SmtpOf(ParseResult line)
    {
        if (line.GetValue(SmtpHost) is not { } host) return null;
        TlsMode tls = ModeOf(line.GetRequiredValue(SmtpTls));
        return new ServerSettings { Host = host, Port = line.GetValue(SmtpPort) ?? (tls == TlsMode.Implicit ? 465 : 587), Tls = tls, UserName = line.GetValue(User) ?? line.GetRequiredValue(Address) };
    }

    static TlsMode ModeOf(string word) => word switch { "starttls" => TlsMode.StartTls, "none" => TlsMode.None, _ => TlsMode.Implicit };

    static async Task<string> AskAsync(TextWriter error, CancellationToken cancel)
    {
        if (Console.IsInputRedirected)
            return await Console.In.ReadLineAsync(cancel) ?? throw new CannotRunException($"There is no password: set {PasswordVariable}, or write it to standard input.");
        await error.WriteAsync("Password: ");
        StringBuilder typed = new();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else typed.Append(key.KeyChar);
        }
        await error.WriteLineAsync();
        return typed.ToString();
    }
}
