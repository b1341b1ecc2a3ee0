using System.Text;
using Ingest.Core.Replies;

namespace Ingest.App.Tests.Secrecy;

/// <summary>Mails in which everything that people write carries a canary.</summary>
internal static class CanaryMails
{
    public const string Mailbox = "canarydeskheron@acme.example", SenderDomain = "larkspur.example", ImportedFile = "canaryimportedjackdaw.eml";

    private const string Body = "canarybodyotter", BodyUtf8 = "カナリアのひみつのことば", Html = "canaryhtmlbadger", Subject = "canarysubjectlemur", Name = "Canarynamewombat",
        Local = "canarylocalibex", Cc = "canarycopytapir", ReplyTo = "canaryreplytostoat", Field = "canaryfieldgecko", MessageId = "canarymessageidorca", File = "canaryfilenamefinch",
        Text = "canaryattachmentshrew", Binary = "canarybinarymarmot", Quoted = "canaryquotedplover", Signature = "canarysignatureegret", Nested = "canarynestedbittern",
        Said = "canaryreplytextwren", ReplyFile = "canaryreplyfilerook", ReplyContent = "canaryreplycontentgull", Note = "canarynotepipit", Agent = "Canaryagentlark", Carbon = "canarycarbonteal",
        Thanks = "canaryacknowledgeswift", Domain = "canarydomaincrake", Shown = "Canaryshownmarten", Broken = "canarybrokencivet", Diagnostic = "canarydiagnosticsmew", LongText = "canarylongtextdunlin";

    public static IReadOnlyList<Canary> Words { get; } =
    [
        new("mailbox address", Mailbox, Guessable: true), new("mailbox's local part", Mailbox.Split('@')[0], Guessable: true),
        new("sender's address", $"{Local}@{SenderDomain}", Guessable: true), new("sender's local part", Local, Guessable: true),
        new("sender's name", Name, Guessable: true), new("cc", Cc, Guessable: true), new("reply-to", ReplyTo, Guessable: true),
        new("subject", Subject, Guessable: true), new("body", Body), new("body of another script", BodyUtf8), new("html", Html), new("quoted text", Quoted),
        new("signature", Signature), new("long text", LongText), new("header field", Field, Guessable: true), new("broken header", Broken),
        new("Message-ID", MessageId, Guessable: true), new("attachment", Text), new("binary attachment", Binary), new("attached mail", Nested),
        new("file name", $"{File}.txt", Guessable: true), new("file name's stem", File, Guessable: true), new("bounce's diagnostic", Diagnostic),
        new("reply's text", Said), new("reply's file name", ReplyFile, Guessable: true), new("reply's file", ReplyContent), new("note", Note), new("agent's name", Agent, Guessable: true),
        new("reply's copy", Carbon, Guessable: true), new("acknowledgement", Thanks), new("sender name", Shown, Guessable: true),
        new("imported file's name", ImportedFile, Guessable: true), new("imported file's stem", ImportedFile.Split('.')[0], Guessable: true),
    ];

    /// <summary>What every new ticket is acknowledged with.</summary>
    public const string Acknowledgement = Thanks + " {number}";

    /// <summary>The name that customers see.</summary>
    public const string SenderName = Shown;

    /// <summary>Who writes most of them.</summary>
    public const string Sender = Local + "@" + SenderDomain;

    /// <summary>A domain that signs.</summary>
    public const string SigningDomain = Domain + ".example";

    /// <summary>A reply in which everything that an agent writes carries a canary.</summary>
    public static NewReply Reply => new()
    {
        Text = Said, AuthorName = Agent, Cc = [$"{Carbon}@{SenderDomain}"], QuoteHistory = true,
        Attachments = [new NewAttachment(ReplyFile + ".txt", "text/plain", Encoding.UTF8.GetBytes(ReplyContent))],
    };

    /// <summary>A note of an agent.</summary>
    public static NewNote AgentsNote => new(Note, "person1", Agent);

    /// <summary>A whole mail by an authenticated sender, with every part there is.</summary>
    public static byte[] Whole(int number, string more = "") => Mail(number, more,
        $"""
        Content-Type: multipart/mixed; boundary="outer"

        --outer
        Content-Type: multipart/alternative; boundary="inner"

        --inner
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: base64

        {Base64($"Hello,\r\n\r\n{Body} {BodyUtf8} {number}\r\n\r\n-- \r\n{Signature}\r\n\r\nOn Mon, 9 Nov 2026 at 10:00, Acme wrote:\r\n> {Quoted}\r\n")}
        --inner
        Content-Type: text/html; charset=utf-8

        <p>Hello, <b>{Html}</b> <a href="https://{SenderDomain}/{Html}">{number}</a></p>
        --inner--
        --outer
        Content-Type: text/plain; charset=utf-8; name="{File}.txt"
        Content-Disposition: attachment; filename="{File}.txt"

        {Text}
        --outer
        Content-Type: application/octet-stream; name="{File}.bin"
        Content-Disposition: attachment; filename="{File}.bin"
        Content-Id: <{Field}@{SenderDomain}>
        Content-Transfer-Encoding: base64

        {Base64($"\u0001\u0002{Binary}\u0003")}
        --outer
        Content-Type: message/rfc822

        From: {Nested}@{SenderDomain}
        Subject: {Nested}

        {Nested}
        --outer--
        """);

    /// <summary>A mail that answers another one of ours.</summary>
    public static byte[] Answer(int number, int to) => Mail(number, $"In-Reply-To: <{MessageId}.{to}@{SenderDomain}>\r\nReferences: <{MessageId}.{to}@{SenderDomain}>\r\n", Plain(Body));

    /// <summary>A text that no row holds.</summary>
    public static byte[] Long(int number) => Mail(number, "", Plain(string.Concat(Enumerable.Repeat(LongText + " is said again.\r\n", 3000))));

    /// <summary>Like spam, from someone who only claims to be the sender.</summary>
    public static byte[] Forged(int number) => Mail(number, "",
        Plain($"URGENT!!! Dear winner, your account {Body} is suspended, click here now: http://192.0.2.7/{Html} viagra lottery million dollars bitcoin"), dmarc: "fail (p=REJECT)");

    /// <summary>Someone else who names a thread.</summary>
    public static byte[] Stranger(int number, int to) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Answer(number, to)).Replace(SenderDomain, "stranger.example", StringComparison.Ordinal)
        .Replace($".{to}@stranger.example", $".{to}@{SenderDomain}", StringComparison.Ordinal));

    /// <summary>No Message-ID, headers that are none, no end of the last part, bytes of no charset.</summary>
    public static byte[] Malformed(int number) =>
    [
        .. Encoding.UTF8.GetBytes($"{Broken} without colon\r\nFrom: =?utf-8?q?{Name}=ff?= <{Local}@{SenderDomain}\r\nSubject: =?none?x?{Subject}?= {number}\r\nDate: {Broken}\r\n"
            + $"Content-Type: multipart/mixed; boundary\r\nContent-Transfer-Encoding: {Broken}\r\nX-{Broken}: {Field}\r\n\r\n--\r\n{Body} "),
        0xff, 0xfe, 0x80, 0x0d, 0x00,
    ];

    /// <summary>A delivery report about a mail that was never ours.</summary>
    public static byte[] Bounce(int number) => Mail(number, "Auto-Submitted: auto-replied\r\n",
        $"""
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain

        {Diagnostic}
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.{SenderDomain}

        Final-Recipient: rfc822; {Local}@{SenderDomain}
        Action: failed
        Status: 5.1.1
        Diagnostic-Code: smtp; 550 {Diagnostic}

        --b--
        """);

    private static string Plain(string text) => $"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n";

    private static byte[] Mail(int number, string more, string rest, string dmarc = "pass (p=QUARANTINE sp=QUARANTINE dis=NONE)")
    {
        string head = $"""
            Authentication-Results: mx.google.com;
                   dkim={dmarc.Split(' ')[0]} header.i=@{SenderDomain} header.d={SenderDomain} header.s=s1;
                   spf=pass (google.com: domain of {Local}@{SenderDomain} designates 192.0.2.10 as permitted sender) smtp.mailfrom={Local}@{SenderDomain};
                   dmarc={dmarc} header.from={SenderDomain}
            Delivered-To: {Mailbox}
            Return-Path: <{Local}@{SenderDomain}>
            Date: Mon, 09 Nov 2026 10:{number % 60:00}:12 +0100
            From: {Name} <{Local}@{SenderDomain}>
            Reply-To: <{ReplyTo}@{SenderDomain}>
            To: Acme <{Mailbox}>
            Cc: <{Cc}@{SenderDomain}>
            Subject: {Subject} {number}
            Message-ID: <{MessageId}.{number}@{SenderDomain}>
            X-Canary: {Field}
            MIME-Version: 1.0

            """;
        return Encoding.UTF8.GetBytes(Crlf(head) + more + Crlf(rest));
    }

    private static string Crlf(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text), Base64FormattingOptions.InsertLineBreaks);
}
