using System.Text;
using Ingest.Core.Threading;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Threading;

public sealed class ContentHashTests
{
    private const string Mail = """
        From: Ada <ada@example.org>
        To: support@shop.example
        Subject: Broken lamp
        Date: Mon, 5 Oct 2026 10:00:00 +0200
        Message-ID: <1@example.org>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=x

        --x
        Content-Type: text/plain; charset=utf-8

        It does not shine.
        Ada
        --x
        Content-Type: application/pdf; name=a.pdf
        Content-Disposition: attachment; filename=a.pdf
        Content-Transfer-Encoding: base64

        AAECAwQ=
        --x--

        """;

    private static string Hash(string mail) => Convert.ToHexString(ContentHash.Compute(MailMessage.Parse(Encoding.UTF8.GetBytes(mail))));

    [Fact]
    public void The_same_mail_by_two_routes_has_one_hash()
    {
        string lf = Mail.ReplaceLineEndings("\n");
        const string Trace = "Delivered-To: support@shop.example\nReceived: from a by b; Mon, 5 Oct 2026 10:00:01 +0200\nAuthentication-Results: mx.example; spf=pass\n"
            + "DKIM-Signature: v=1; b=abc\nX-Spam-Score: 3\nReturn-Path: <ada@example.org>\n";
        Assert.Equal(Hash(lf), Hash(lf.ReplaceLineEndings("\r\n")));
        Assert.Equal(Hash(lf), Hash(Trace + lf));
        Assert.Equal(Hash(lf), Hash(lf.Replace("shine.", "shine.  ", StringComparison.Ordinal)));
        Assert.Equal(Hash(lf), Hash(lf.Replace("Subject: Broken lamp", "Subject: Broken\n lamp", StringComparison.Ordinal)));
        Assert.Equal(Hash(lf), Hash(lf.Replace("charset=utf-8\n\nIt does not", "charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nIt =64oes=20not", StringComparison.Ordinal)));
        Assert.Equal(Hash(lf), Hash(lf.Replace("boundary=x", "boundary=y", StringComparison.Ordinal).Replace("--x", "--y", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("It does not shine", "It does not shinE")]
    [InlineData("AAECAwQ=", "AAECAwU=")]
    [InlineData("filename=a.pdf", "filename=b.pdf")]
    [InlineData("Broken lamp", "Broken lamps")]
    [InlineData("ada@example.org>\nTo", "eve@example.org>\nTo")]
    [InlineData("10:00:00", "10:00:01")]
    [InlineData("<1@example.org>", "<2@example.org>")]
    [InlineData("To: support@shop.example", "To: sales@shop.example")]
    [InlineData("Message-ID:", "In-Reply-To: <0@example.org>\nMessage-ID:")]
    [InlineData("application/pdf; name", "application/zip; name")]
    public void Any_change_of_content_changes_the_hash(string old, string now)
    {
        string lf = Mail.ReplaceLineEndings("\n");
        Assert.Contains(old, lf, StringComparison.Ordinal);
        Assert.NotEqual(Hash(lf), Hash(lf.Replace(old, now, StringComparison.Ordinal)));
    }

    [Fact]
    public void Text_cannot_move_between_fields_unnoticed()
    {
        Assert.NotEqual(Hash("From: a@b.example\nTo: c@d.example\nSubject: xy\n\nz\n"), Hash("From: a@b.example\nTo: c@d.example\nSubject: x\n\nyz\n"));
        Assert.NotEqual(Hash("From: a@b.example\n\nx\n"), Hash("Subject: a@b.example\n\nx\n"));
    }

    [Fact]
    public void Unreadable_mail_is_told_apart_by_its_bytes()
    {
        Assert.NotEqual(Hash("Content-Type: application/x-odd\n\n\u0001\u0002"), Hash("Content-Type: application/x-odd\n\n\u0001\u0003"));
        Assert.Equal(Hash(""), Hash(""));
    }
}
