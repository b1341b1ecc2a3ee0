using System.Text;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Fuzz;

/// <summary>What is packed in mails, and what reports say: streams, texts and notices of strangers.</summary>
internal static class PackedTargets
{
    private static readonly ParseLimits Limits = ParseLimits.Default;

    private static readonly string Stream = Encoding.Latin1.GetString(new TnefStream().Codepage(1252)
        .Message(TnefStream.Unicode(0x0037, "Subject"), TnefStream.Unicode(0x1000, "Hello"), TnefStream.Binary(0x1009, [12, 0, 0, 0, 9, 0, 0, 0, 0x4D, 0x45, 0x4C, 0x41, 0, 0, 0, 0, .. "{\\rtf1 x}"u8]))
        .File("abc"u8.ToArray(), "a.txt", TnefStream.Unicode(0x3707, "long a.txt"))
        .File(null, null, TnefStream.Inner(new TnefStream().Message(TnefStream.Unicode(0x1000, "Inner")).File("d"u8.ToArray(), "d.txt").Bytes)).Bytes);

    private static readonly string Signed = Encoding.Latin1.GetString(MailMessage.Parse(Fixtures.Mail("signed-around-its-content")).Root.DecodeContent());

    public static IReadOnlyList<Target> All { get; } =
    [
        new("TNEF", Tnef, 100, Stream),
        new("compressed RTF", static b => Assert.True((RtfCompression.Decompress(Bytes(b), 1 << 20, out _)?.Length ?? 0) <= b.Length * 9 + 1), 20, "....\u00ff\u00ff\u00ff\u007fLZFu....ab\u0001cdefgh\u0003ij", "....\u0010\u0000\u0000\u0000MELA....{\\rtf1 x}"),
        new("RTF", static b => RtfBody.Read(b), 40, "{\\rtf1\\ansi\\ansicpg1251\\uc1{\\fonttbl{\\f0 Arial;}}\\'e9\\u233?\\par x\\bin2 }}{\\*\\x y}}", "{\\rtf1\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf x\\htmlrtf0 y}"),
        new("uuencode within text", Uu, 60, "Hi\nbegin 644 a.txt\n#0V%T\n`\nend\nBye\nbegin 755 b\nM\nend\n"),
        new("calendar", Calendar, 600, "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nDTSTART;TZID=\"Europe/Berlin\":20260303T100000\nDURATION:-P1DT2H\nATTENDEE;CN=\"a^nb\";PARTSTAT=ACCEPTED:mailto:x@y\nSUMMARY:a\\,b\\nc\n d\nEND:VEVENT\nEND:VCALENDAR\n"),
        new("delivery status", Status, 400, "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; <a@b.example>\nAction: failed\nStatus: 5.1.1 (x)\nDiagnostic-Code: smtp; 550-'5.7.1 no\n such user\n\nAction: delayed\nOriginal-Recipient: rfc822;c@d.example\n"),
        new("notice in words", Notice, 600, "<a@b.example>:\nhost x said: 550 5.1.1 user unknown (in reply to RCPT TO)\n>>> DATA\n<<< 550 no\n554 <c@d.example>... mailbox full\nneko.example does not exist\n--- Below this line is a copy\nTo: e@f.example\n"),
        new("notice in JSON", static b => Assert.True(ServiceNotice.Read(Text(b), Limits).Count <= Limits.MaxBounceRecipients && ServiceNotice.Kind(Text(b)) is null or MailKind.Bounce or MailKind.Report), 200, "{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Transient\",\"bouncedRecipients\":[{\"emailAddress\":\"a@b\",\"status\":\"5.1.1\",\"diagnosticCode\":\"550 \\ud800\"}]},\"mail\":{\"headers\":[{\"name\":\"Message-ID\",\"value\":\"<x>\"}]}}"),
        new("S/MIME", Smime, 600, Signed),
    ];

    // Seeds are text; these bytes are its characters.
    private static byte[] Bytes(byte[] input) => Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(input));

    private static string Text(byte[] input) => Encoding.UTF8.GetString(input);

    private static void Tnef(byte[] input)
    {
        var bytes = Bytes(input);
        var message = TnefReader.Read(bytes, Limits, new UnpackBudget(Limits));
        Assert.True(message is null || message.Files.Count <= Limits.MaxParts);
        var part = MimePart.OfContent(bytes, "application/ms-tnef", "winmail.dat", null);
        foreach (var file in TnefParts.Of(part, Limits, [], new UnpackBudget(Limits))?.Files ?? [])
            Assert.Equal(file.DecodeContent().Length, file.DecodedLength());
    }

    private static void Uu(byte[] input)
    {
        var (text, files) = (Text(input).Replace("\r", "", StringComparison.Ordinal), new List<MimePart>());
        Assert.True(UuBlocks.Split(text, files, new UnpackBudget(Limits)).Length <= text.Length);
        Assert.True(files.Sum(static f => f.RawContent.Length) <= 64L * text.Length);
    }

    private static void Calendar(byte[] input)
    {
        if (CalendarSummary.Read(Text(input), "", Limits) is not { } calendar)
            return;
        Assert.True(calendar.Events.Count <= Limits.MaxCalendarEvents);
        _ = CalendarSummary.Text(calendar);
        Assert.DoesNotContain(calendar.Events, static e => e.Summary.AsSpan().ContainsAny('\r', '\n') || e.Attendees.Any(static a => a.Address.AsSpan().ContainsAny('\r', '\n')));
        _ = calendar.Events.Select(static e => (e.Start?.Moment, e.End?.Moment)).ToList();
    }

    private static void Status(byte[] input) =>
        Assert.True(StatusReport.Read(Text(input), 10).TrueForAll(static g => g.Recipient.Length > 0));

    private static void Notice(byte[] input)
    {
        var text = Text(input);
        var notice = BounceText.Read(text, [new MailAddress("", "me@x.example")]);
        Assert.All(notice.Recipients(), block => Assert.Contains('@', block.Address));
        var (enhanced, reply) = BounceStatus.Find(text);
        Assert.True(enhanced.Length <= 9 && reply is 0 or (>= 250 and <= 579));
        Assert.Equal(enhanced, BounceStatus.Declared(enhanced));
        _ = BounceReasons.OfWords(text);
    }

    private static void Smime(byte[] input)
    {
        var bytes = Bytes(input);
        Assert.True((SmimeReader.Open(bytes, out _)?.Length ?? 0) <= bytes.Length);
        Assert.NotNull(SmimeReader.Check(bytes, []));
    }
}
