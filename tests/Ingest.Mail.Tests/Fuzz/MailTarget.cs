using Ingest.Cli.Commands;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Fuzz;

/// <summary>Whole mails: nothing throws, ranges lie within the mail, and neither line ends nor pieces make a difference.</summary>
internal static class MailTarget
{
    public static void Read(byte[] mail)
    {
        var message = MailMessage.Parse(mail);
        Assert.False(ParseOutput.Line("x", message).IsEmpty);
        Assert.DoesNotContain(message.From.Concat(message.To).Concat(message.Cc).Concat(message.ReplyTo), static a => a.Address.AsSpan().ContainsAny('\r', '\n') || a.Name.AsSpan().ContainsAny('\r', '\n'));
        Assert.False(message.Subject.AsSpan().ContainsAny('\r', '\n'));
        Ranges(message.Root);
        foreach (var attachment in message.Attachments)
            Content(attachment);
    }

    public static void Pieces(byte[] mail)
    {
        var random = new Random(mail.Length);
        var whole = ParseOutput.Line("x", MailMessage.Parse(mail)).ToArray();
        Assert.Equal(whole, ParseOutput.Line("x", MailMessage.Parse(Mime.Pieces.Sequence(mail, random))).ToArray());
        using var stream = new Pieces(mail, random);
        // Nothing here waits: the stream answers at once.
        var read = MailMessage.ParseAsync(stream, null, CancellationToken.None);
        Assert.True(read.IsCompleted);
        Assert.Equal(whole, ParseOutput.Line("x", read.GetAwaiter().GetResult()).ToArray());
    }

    public static void LineEnds(byte[] mail)
    {
        mail = [.. mail.Where(static b => b != '\r')];
        var (lf, crlf) = (MailMessage.Parse(mail), MailMessage.Parse(Mime.Suites.LineEnds.CrLf(mail)));
        // In these a line break is not a byte of its own, nor is it after half a character of many others.
        if ($"{lf.Text}{lf.Html}{crlf.Text}{crlf.Html}".Contains('\uFFFD') || Leaves(lf.Root).Any(static p => Charsets.Find(p.Charset)?.CodePage is 1200 or 1201 or 12000 or 12001 or 52936))
            return;
        Assert.Equal((lf.Subject, lf.MessageId, lf.Date, lf.Kind, Lf(lf.Text), Lf(lf.Html), Lf(lf.Reply), Lf(lf.Elided)), (crlf.Subject, crlf.MessageId, crlf.Date, crlf.Kind, Lf(crlf.Text), Lf(crlf.Html), Lf(crlf.Reply), Lf(crlf.Elided)));
        Assert.Equal(lf.From.Concat(lf.To).Concat(lf.Cc), crlf.From.Concat(crlf.To).Concat(crlf.Cc));
        Assert.Equal(lf.Attachments.Select(static a => (a.Name, a.ContentType, a.Inline)), crlf.Attachments.Select(static a => (a.Name, a.ContentType, a.Inline)));
        Assert.Equal(lf.Defects.Select(static d => d.Kind), crlf.Defects.Select(static d => d.Kind));
    }

    private static IEnumerable<MimePart> Leaves(MimePart part) => part.IsLeaf ? [part] : part.Children.SelectMany(Leaves);

    private static string? Lf(string? text)
    {
        while (text?.Contains("\r\n", StringComparison.Ordinal) == true)
            text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        return text;
    }

    private static void Ranges(MimePart part)
    {
        Assert.True(part.Offset >= 0 && part.Offset <= part.ContentOffset && part.ContentOffset <= part.End && part.End <= part.Source.Length, $"{part.Offset} {part.ContentOffset} {part.End} of {part.Source.Length}");
        foreach (var child in part.Children)
            Ranges(child);
    }

    private static void Content(MailAttachment attachment)
    {
        var whole = attachment.Decode();
        Assert.Equal(whole.Length, attachment.Part.DecodedLength());
        using var content = attachment.OpenContent();
        var buffer = new byte[1 + whole.Length % 97];
        var at = 0;
        while (content.Read(buffer) is > 0 and var read)
        {
            Assert.True(buffer.AsSpan(0, read).SequenceEqual(whole.AsSpan(at, read)));
            at += read;
        }
        Assert.Equal(whole.Length, at);
    }
}
