using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Mailboxes;
using Ingest.Mail.Wire;

namespace Ingest.App.Console;

/// <summary>
/// What an admin types to connect a mailbox by server, name and password. It comes back as it was typed when something is wrong, but for the password,
/// which no page ever holds.
/// </summary>
internal sealed record ImapForm
{
    private static readonly char[] Between = [',', '\n', '\r'];

    public string Address { get; init; } = "";
    public string User { get; init; } = "";
    public string Password { get; init; } = "";
    public string ImapHost { get; init; } = "";
    public string ImapPort { get; init; } = "993";
    public string ImapTls { get; init; } = nameof(TlsMode.Implicit);
    public string SmtpHost { get; init; } = "";
    public string SmtpPort { get; init; } = "465";
    public string SmtpTls { get; init; } = nameof(TlsMode.Implicit);
    public string Folders { get; init; } = "";
    public string Checker { get; init; } = "";
    public bool Plus { get; init; }
    public string Older { get; init; } = BackFillChoice.Month;

    public static ImapForm Of(IFormCollection form) => new()
    {
        Address = Text(form, "address"), User = Text(form, "user"), Password = form["password"].ToString(),
        ImapHost = Text(form, "imap-host"), ImapPort = Text(form, "imap-port"), ImapTls = Text(form, "imap-tls"),
        SmtpHost = Text(form, "smtp-host"), SmtpPort = Text(form, "smtp-port"), SmtpTls = Text(form, "smtp-tls"),
        Folders = Text(form, "folders"), Checker = Text(form, "checker"), Plus = form["plus"] == "yes", Older = Text(form, BackFillChoice.Name),
    };

    public static ImapForm Of(Mailbox mailbox) => new()
    {
        Address = mailbox.Profile.Address, User = mailbox.Profile.Imap?.UserName ?? "", ImapHost = mailbox.Profile.Imap?.Host ?? "",
        ImapPort = Number(mailbox.Profile.Imap?.Port ?? 993), ImapTls = (mailbox.Profile.Imap?.Tls ?? TlsMode.Implicit).ToString(),
        SmtpHost = mailbox.Profile.Smtp?.Host ?? "", SmtpPort = Number(mailbox.Profile.Smtp?.Port ?? 465), SmtpTls = (mailbox.Profile.Smtp?.Tls ?? TlsMode.Implicit).ToString(),
        Folders = string.Join(", ", (mailbox.Profile.Imap?.Folders ?? []).Where(name => name.Length > 0)), Checker = string.Join(", ", mailbox.Profile.AuthservIds), Plus = mailbox.Profile.PlusAddressing,
    };

    private static string Text(IFormCollection form, string name) => form[name].ToString().Trim() is { Length: <= 1000 } text ? text : "";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int PortOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) ? port : 0;

    private static TlsMode TlsOf(string text) => Enum.TryParse(text, out TlsMode mode) && Enum.IsDefined(mode) ? mode : TlsMode.Implicit;

    private string Name => User.Length > 0 ? User : Address;

    /// <summary>The server that is read.</summary>
    public ServerSettings Imap => new()
    {
        Host = ImapHost, Port = PortOf(ImapPort), Tls = TlsOf(ImapTls), UserName = Name,
        Folders = [.. Folders.Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)],
    };

    /// <summary>The server through which replies go; null when none is named.</summary>
    public ServerSettings? Smtp => SmtpHost.Length == 0 ? null : new ServerSettings { Host = SmtpHost, Port = PortOf(SmtpPort), Tls = TlsOf(SmtpTls), UserName = Name };

    /// <summary>What is kept of it.</summary>
    public MailboxProfile Profile => new()
    {
        Address = Address, Imap = Imap, Smtp = Smtp, BackFillDays = BackFillChoice.Of(Older), PlusAddressing = Plus,
        AuthservIds = [.. Checker.Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
    };

    /// <summary>What can be seen to be wrong before any server is asked.</summary>
    public IReadOnlyList<Problem> Check()
    {
        List<Problem> problems = [];
        int at = Address.LastIndexOf('@');
        if (at <= 0 || at == Address.Length - 1 || Address.Length > 320 || Address.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>' or ',' or ';'))
            problems.Add(new Problem("address", "Enter the address that customers write to; it looks like support@example.com."));
        if (ImapHost.Length == 0) problems.Add(new Problem("imap-host", "Enter the name of the IMAP server, such as imap.example.com."));
        if (Password.Length == 0) problems.Add(new Problem("password", "Enter the password."));
        return problems;
    }

    /// <summary>The field in which a failed test of a server most likely has its cause.</summary>
    public static string FieldOf(string code, string server) => code switch
    {
        _ when code.Contains("auth", StringComparison.Ordinal) || code.Contains("password", StringComparison.Ordinal) || code.Contains("mechanism", StringComparison.Ordinal) => "password",
        _ when code.Contains("user", StringComparison.Ordinal) => "user",
        _ when code.Contains("folder", StringComparison.Ordinal) => "folders",
        _ when code.Contains("port", StringComparison.Ordinal) || code.Contains("tls", StringComparison.Ordinal) => server + "-port",
        _ => server + "-host",
    };

    /// <summary>The fields.</summary>
    public Markup Fields(bool isNew, bool development, IReadOnlyList<Problem> problems) => Markup.Of($"""
        {(isNew ? Form.Text("address", "Address", Address, "The one that customers write to.", type: "email", required: true, problems: problems) : Markup.Of($"""<input type="hidden" name="address" value="{Address}">"""))}
        <div class="pair">
        {Form.Text("user", "User name", User, "Left empty, it is the address.", problems: problems)}
        {Form.Text("password", "Password", "", "Kept sealed; no page shows it again.", type: "password", required: true, complete: "new-password", problems: problems)}
        </div>
        <fieldset><legend>Incoming mail (IMAP)</legend>
        {Server("imap", ImapHost, ImapPort, ImapTls, "imap.example.com", development, problems)}
        {Form.Text("folders", "Folders", Folders, "Commas between names. Left empty, it is INBOX.", problems: problems)}
        </fieldset>
        <fieldset><legend>Outgoing mail (SMTP)</legend>
        <p class="hint">With the same user name and password. Left empty, tickets of this mailbox can be read and not answered.</p>
        {Server("smtp", SmtpHost, SmtpPort, SmtpTls, "smtp.example.com", development, problems)}
        </fieldset>
        {Markup.If(isNew, $"{BackFillChoice.Field(Older)}")}
        <details{Attr.If(Checker.Length > 0 || Plus, "open")}><summary>More</summary>
        {Form.Text("checker", "Whose checks of senders are believed", Checker, "The first word of the field Authentication-Results in mail that this provider took in, such as mx.example.com. Left empty, no sender counts as verified.", problems: problems)}
        {Form.Tick("plus", "Mail to name+anything@ reaches this mailbox, so that answers are recognised by their address, too", Plus)}
        </details>
        """);

    private static Markup Server(string server, string host, string port, string tls, string example, bool development, IReadOnlyList<Problem> problems)
    {
        List<(string, string)> modes = [(nameof(TlsMode.Implicit), "TLS"), (nameof(TlsMode.StartTls), "STARTTLS")];
        if (development) modes.Add((nameof(TlsMode.None), "None (only this machine)"));
        return Markup.Of($"""
            <div class="server">
            {Form.Text(server + "-host", "Server", host, "Such as " + example, problems: problems)}
            {Form.Text(server + "-port", "Port", port, problems: problems)}
            {Form.Choice(server + "-tls", "Encryption", modes, tls, problems: problems)}
            </div>
            """);
    }
}
