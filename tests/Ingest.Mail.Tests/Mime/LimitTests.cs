using System.Text;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class LimitTests
{
    [Fact]
    public void Nesting_stops_at_the_limit_and_the_rest_stays_undivided()
    {
        var mail = string.Concat(Enumerable.Range(0, 500).Select(static i => $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"));
        var message = Parse(mail);
        Assert.Contains(message.Defects, static d => d.Kind == DefectKind.TooDeep);
        Assert.Equal(ParseLimits.Default.MaxDepth, Depth(message.Root));
    }

    [Fact]
    public void Forwarded_mails_inside_one_another_stop_at_the_limit() =>
        Assert.Contains(Parse(string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\n\n", 5000))).Defects, static d => d.Kind == DefectKind.TooDeep);

    [Fact]
    public void Parts_stop_at_the_limit()
    {
        var message = Parse("Content-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat("--b\n\nx\n", 5000)));
        Assert.Contains(message.Defects, static d => d.Kind == DefectKind.TooManyParts);
        Assert.Equal(ParseLimits.Default.MaxParts - 1, message.Root.Children.Count);
    }

    [Fact]
    public void Headers_stop_at_the_limit()
    {
        var message = Parse(string.Concat(Enumerable.Repeat("X: y\n", 5000)) + "\nbody");
        Assert.Contains(message.Defects, static d => d.Kind == DefectKind.TooManyHeaders);
        Assert.Equal((ParseLimits.Default.MaxHeaders, "body"), (message.Headers.Count, message.Text));
    }

    [Fact]
    public void Addresses_stop_at_the_limit()
    {
        var message = Parse("To: " + string.Join(',', Enumerable.Range(0, 5000).Select(static i => $"a{i}@example.com")) + "\n\n");
        Assert.Contains(message.Defects, static d => d.Kind == DefectKind.TooManyAddresses);
        Assert.Equal(ParseLimits.Default.MaxAddresses, message.To.Count);
    }

    [Fact]
    public void Many_colons_in_an_address_field_end_no_process()
    {
        var message = Parse("To: " + string.Concat(Enumerable.Repeat("=?utf-8?Q?a:?= b:", 20_000)) + " c@example.com\n\nx");
        Assert.Equal("x", message.Text);
    }

    [Fact]
    public void The_oldest_and_the_newest_references_are_kept()
    {
        var message = Parse("References: " + string.Concat(Enumerable.Range(0, 1000).Select(static i => $"<{i}@x> ")) + "\n\n");
        Assert.Equal(ParseLimits.Default.MaxReferences, message.References.Count);
        Assert.Equal(("0@x", "999@x"), (message.References[0], message.References[^1]));
    }

    [Fact]
    public void A_body_longer_than_the_limit_is_cut()
    {
        var message = MailMessage.Parse(Encoding.ASCII.GetBytes("Subject: x\n\n" + new string('x', 1000)), new ParseLimits { MaxBodyBytes = 100 });
        Assert.Equal(100, message.Text!.Length);
        Assert.Contains(message.Defects, static d => d.Kind == DefectKind.BodyTooLong);
    }

    [Fact]
    public void Unpacking_stops_at_the_limit_and_what_is_beyond_stays_packed()
    {
        var inner = new TnefStream().Message(TnefStream.Unicode(0x0037, "Inner")).File(new byte[5000], "a.bin").Bytes;
        var stream = Convert.ToBase64String(new TnefStream().File(null, "inner", TnefStream.Inner(inner)).Bytes);
        var mail = "Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n" + stream;
        Assert.Equal("message/rfc822", Assert.Single(Parse(mail).Attachments).ContentType);

        var limited = MailMessage.Parse(Encoding.Latin1.GetBytes(mail), ParseLimits.Default with { MaxUnpackedBytes = 1000 });
        Assert.Contains(limited.Defects, static d => d.Kind == DefectKind.TooMuchUnpacked);
        Assert.Equal(("application/ms-tnef", inner.Length), (limited.Attachments[0].ContentType, limited.Attachments[0].Decode().Length));
    }

    [Fact]
    public void Files_within_a_stream_stop_at_the_limit_of_parts()
    {
        var stream = new TnefStream();
        for (var i = 0; i < 1100; i++)
            stream.File([1], $"{i}");
        var mail = Parse("Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n" + Convert.ToBase64String(stream.Bytes));
        Assert.Equal(ParseLimits.Default.MaxParts + 1, mail.Attachments.Count);
        Assert.Contains(mail.Defects, static d => d.Kind == DefectKind.DamagedTnef);
    }

    [Fact]
    public void Events_and_lines_of_a_calendar_stop_at_the_limit()
    {
        var calendar = Parse("Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n" + string.Concat(Enumerable.Repeat("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n", 100_000))).Calendar!;
        Assert.Equal(ParseLimits.Default.MaxCalendarEvents, calendar.Events.Count);
        var deep = Parse("Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n" + string.Concat(Enumerable.Repeat("BEGIN:VEVENT\n", 100_000))).Calendar!;
        Assert.Single(deep.Events);
    }

    [Fact]
    public void Recipients_of_a_bounce_stop_at_the_limit()
    {
        var report = string.Concat(Enumerable.Range(0, 5000).Select(static i => $"Final-Recipient: rfc822; {i}@x.example\nAction: failed\nStatus: 5.1.1\n\n"));
        var mail = Parse("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" + report + "--b--\n");
        Assert.Equal(ParseLimits.Default.MaxBounceRecipients, mail.Bounce.Count);
    }

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.ASCII.GetBytes(mail));

    private static int Depth(MimePart part) => part.IsLeaf ? 0 : 1 + part.Children.Max(Depth);
}
