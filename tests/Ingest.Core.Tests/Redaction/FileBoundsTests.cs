using System.Text;
using Ingest.Core.Redaction;
using Ingest.Core.Redaction.Files;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>What is not looked into is said, and withheld where the policy says so.</summary>
public sealed class FileBoundsTests
{
    private const string Card = "5105105105105100";

    private static RedactedAttachment Masked(string name, byte[] content, RedactionPolicy? policy = null, FileLimits? limits = null) => new FileSearch(policy ?? RedactionPolicy.Default, null, limits).Redact("", name, content);

    public static TheoryData<string, byte[], UnreadReason> Unread() => new()
    {
        { "a.png", CanaryPlaces.Png("Comment\0x"), UnreadReason.Image },
        { "a.gif", [.. "GIF89a"u8, 1, 0, 1, 0, 0, 0, 0], UnreadReason.Image },
        { "a.heic", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, 1, 2, 3], UnreadReason.Image },
        { "a.mp3", [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 1], UnreadReason.Media },
        { "a.7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4], UnreadReason.Archive },
        { "a.rar", [0x52, 0x61, 0x72, 0x21, 0x1A, 7, 1, 0], UnreadReason.Archive },
        { "a.doc", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0], UnreadReason.UnreadKind },
        { "a.xlsx", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. Encoding.Unicode.GetBytes("EncryptedPackage")], UnreadReason.Encrypted },
        { "winmail.dat", [0x78, 0x9F, 0x3E, 0x22, 1, 0], UnreadReason.UnreadKind },
        { "a.rtf", [.. @"{\rtf1 5105105105105100}"u8], UnreadReason.UnreadKind },
        { "a.asc", [.. "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"u8], UnreadReason.Encrypted },
        { "a.pdf", [.. "%PDF-1.7\n1 0 obj\n<</A/B>>\nendobj\ntrailer\n<</Encrypt 1 0 R>>"u8], UnreadReason.Encrypted },
        { "a.pdf", PdfFixtures.Pdf("BT /F1 9 Tf <00120013> Tj ET", "", "<</Type/Font/Subtype/Type0/Encoding/Identity-H>>"), UnreadReason.UnreadKind },
        { "a.pdf", PdfFixtures.Pdf("", "", "<<>>", "<</Type/XObject/Subtype/Image/Width 1/Height 1/Filter/DCTDecode/Length 2>>\nstream\nxx\nendstream"), UnreadReason.Image },
        { "a.bin", [0, 1, 2, 3, 4, 5, 6, 7, 255], UnreadReason.UnknownKind },
        { "a.zip", [.. "PK\u0003\u0004"u8, 1, 2, 3], UnreadReason.Damaged },
        { "b.zip", [.. OfficeFixtures.Zip(("a.txt", "x")), .. "5105105105105100"u8], UnreadReason.Damaged },
        { "a.uue", [.. "begin 644 a.txt\n#0V%T\n`\nend\n"u8], UnreadReason.Embedded },
        { "a.docm", OfficeFixtures.Word("<w:p/>", ("word/vbaProject.bin", "x")), UnreadReason.Embedded },
        { "a.xml", [.. "<!DOCTYPE r [<!ENTITY c \"45567375\"><!ENTITY d \"86899855\">]><r>&c;&d;</r>"u8], UnreadReason.UnreadKind },
        { "a.docx", OfficeFixtures.Word(string.Concat("4556737586899855".Select(c => $"<w:p><w:r><w:sym w:font=\"Symbol\" w:char=\"F03{c}\"/></w:r></w:p>"))), UnreadReason.UnreadKind },
        { "a.vcf", [.. "BEGIN:VCARD\r\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\nEND:VCARD\r\n"u8], UnreadReason.Image },
    };

    [Theory]
    [MemberData(nameof(Unread))]
    public void What_was_not_looked_into_is_said_and_kept_or_withheld(string name, byte[] content, UnreadReason reason)
    {
        RedactedAttachment kept = Masked(name, content);
        Assert.Equal((reason, FileState.Kept, false), (kept.Unread, kept.State, kept.LookedInto));
        Assert.Same(content, kept.Content);
        if (name.EndsWith(".asc", StringComparison.Ordinal) || name.EndsWith(".vcf", StringComparison.Ordinal) || name.EndsWith(".uue", StringComparison.Ordinal) || name.EndsWith(".xml", StringComparison.Ordinal))
            return;
        RedactedAttachment withheld = Masked(name, content, RedactionPolicy.Default with { Archives = UnreadFile.Withhold, Images = UnreadFile.Withhold, Unreadable = UnreadFile.Withhold });
        Assert.Equal((reason, FileState.Withheld), (withheld.Unread, withheld.State));
        Assert.Empty(withheld.Content);
        Assert.Equal(name, withheld.Name);
    }

    [Fact]
    public void A_pdf_in_which_something_was_found_is_withheld_or_copied_as_the_policy_says()
    {
        byte[] pdf = PdfFixtures.Pdf($"BT /F1 9 Tf (pay {Card} now) Tj ET");
        RedactedAttachment copy = Masked("bill.pdf", pdf);
        Assert.Equal((FileState.TextCopy, "bill.pdf.txt", "text/plain; charset=utf-8"), (copy.State, copy.Name, copy.ContentType));
        Assert.Contains("pay ••••••••••••5100 now", Encoding.UTF8.GetString(copy.Content), StringComparison.Ordinal);
        RedactedAttachment withheld = Masked("bill.pdf", pdf, RedactionPolicy.Default with { Pdf = FoundInPdf.Withhold });
        Assert.Equal((FileState.Withheld, 1), (withheld.State, withheld.Findings.Count));
        byte[] clean = PdfFixtures.Pdf("BT /F1 9 Tf (pay now) Tj ET", "FlateDecode");
        RedactedAttachment kept = Masked("bill.pdf", clean);
        Assert.Same(clean, kept.Content);
        Assert.True(kept.LookedInto);
    }

    [Fact]
    public void A_dry_run_finds_and_changes_nothing()
    {
        foreach (string place in CanaryPlaces.Names)
            foreach (Ingest.Mail.Mime.MailAttachment attachment in Ingest.Mail.Mime.MailMessage.Parse(CanaryPlaces.With(place, Card)).Attachments)
            {
                byte[] content = attachment.Decode();
                Assert.Equal(content, Redact.Attachment(attachment.ContentType, content, RedactionPolicy.Default with { DryRun = true, Images = UnreadFile.Withhold, Archives = UnreadFile.Withhold }, null, attachment.SafeName).Content);
            }
    }

    [Fact]
    public void Archives_are_listed_with_their_names_masked()
    {
        RedactedAttachment zip = Masked("a.zip", OfficeFixtures.Zip(("a.txt", "x"), ($"{Card}.txt", "y")));
        Assert.Equal(["a.txt", "••••••••••••5100.txt"], zip.Entries);
        Assert.Equal(FileState.Masked, zip.State);
        byte[] tar = new byte[2048];
        Encoding.ASCII.GetBytes($"{Card}.txt").CopyTo(tar, 0);
        Encoding.ASCII.GetBytes("00000000001").CopyTo(tar, 124);
        Encoding.ASCII.GetBytes("ustar").CopyTo(tar, 257);
        Encoding.ASCII.GetBytes("b.txt").CopyTo(tar, 1024);
        RedactedAttachment listed = Masked("a.tar", tar);
        Assert.Equal(["••••••••••••5100.txt", "b.txt"], listed.Entries);
        Assert.Equal(UnreadReason.Archive, listed.Unread);
    }

    [Fact]
    public void What_grows_when_unpacked_is_left_within_bounds()
    {
        var limits = new FileLimits { MaxExpandedBytes = 100_000 };
        byte[] bomb = OfficeFixtures.Zip(("a.txt", new string('x', 1_000_000)));
        RedactedAttachment zip = Masked("a.zip", bomb, null, limits);
        Assert.Equal((UnreadReason.TooLarge, FileState.Kept), (zip.Unread, zip.State));
        var search = new FileSearch(RedactionPolicy.Default, null, limits);
        Assert.Equal(UnreadReason.None, search.Redact("", "a.zip", OfficeFixtures.Zip(("a.txt", new string('x', 60_000)))).Unread);
        Assert.Equal(UnreadReason.TooLarge, search.Redact("", "b.zip", OfficeFixtures.Zip(("a.txt", new string('x', 60_000)))).Unread);
        Assert.Equal(UnreadReason.TooLarge, Masked("a.pdf", PdfFixtures.Pdf(new string(' ', 1_000_000), "FlateDecode"), null, limits).Unread);
    }

    [Fact]
    public void What_was_found_beside_what_could_not_be_unpacked_is_withheld()
    {
        RedactedAttachment zip = Masked("a.zip", OfficeFixtures.Zip(("a.txt", Card), ("b.txt", new string('x', 1_000_000))), null, new FileLimits { MaxExpandedBytes = 100_000 });
        Assert.Equal(FileState.Withheld, zip.State);
        Assert.Empty(zip.Content);
    }

    [Fact]
    public void Files_in_one_another_are_opened_so_far_and_no_further()
    {
        byte[] file = OfficeFixtures.Zip(("a.txt", Card));
        byte[] mail = CanaryPlaces.File("a.txt", "text/plain", Card);
        for (int i = 0; i < 12; i++)
        {
            file = OfficeFixtures.Zip(("a.zip", file));
            mail = CanaryPlaces.File("a.eml", "message/rfc822", mail);
        }
        Assert.Equal(UnreadReason.TooDeep, Masked("a.zip", file).Unread);
        Assert.Equal(UnreadReason.TooDeep, Masked("a.eml", mail).Unread);
        Assert.Equal(UnreadReason.TooLarge, Masked("a.zip", OfficeFixtures.Zip([.. Enumerable.Range(0, 2100).Select(i => ($"{i}", "x"))])).Unread);
    }

    [Fact]
    public void What_is_read_of_a_hostile_file_is_no_more_than_the_file()
    {
        foreach (string piece in (string[])["<", "<a ", "<!--", "<script>", "<a b='", "&#", "<p>4", "<a href=%34 ", "</", "<a b=c/", "<![CDATA[", "<!--[if", "<style>\\", "<a style='(", "data:x;base64,"])
        {
            string html = string.Concat(Enumerable.Repeat(piece, 20_000)) + "411111111111";
            Assert.InRange(HtmlText.Split(html).Sum(t => (long)t.Letters.Length), 0, 2L * html.Length);
            Assert.InRange(JsonText.Read(html).Text.Letters.Length, 0, html.Length);
            Assert.InRange(LineText.Calendar(html, LinePart.Content, out _).Letters.Length, 0, html.Length);
            _ = Redact.Attachment("application/xml", Encoding.UTF8.GetBytes(html), RedactionPolicy.Default, null, "a.xml");
        }
    }

    [Fact]
    public void Pictures_within_files_are_taken_out_where_pictures_are_withheld()
    {
        RedactionPolicy policy = RedactionPolicy.Default with { Images = UnreadFile.Withhold };
        byte[] picture = CanaryPlaces.Png("Comment\0x");
        byte[] html = Encoding.ASCII.GetBytes($"<img src=\"data:image/png;base64,{Convert.ToBase64String(picture)}\">");
        Assert.Equal("<img src=\"data:image/png;base64,\">", Encoding.ASCII.GetString(Masked("a.html", html, policy).Content));
        Assert.Equal(UnreadReason.Image, Masked("a.html", html).Unread);
        byte[] word = OfficeFixtures.Zip(("[Content_Types].xml", "<Types/>"u8.ToArray()), ("word/document.xml", "<w:p/>"u8.ToArray()), ("word/media/image1.png", picture));
        Assert.Equal(UnreadReason.Image, Masked("a.docx", word).Unread);
        using var archive = new System.IO.Compression.ZipArchive(new MemoryStream(Masked("a.docx", word, policy).Content));
        Assert.Equal(0, archive.GetEntry("word/media/image1.png")!.Length);
    }

    [Fact]
    public void The_policy_that_looks_for_nothing_touches_nothing()
    {
        byte[] content = Encoding.UTF8.GetBytes(Card);
        Assert.Same(content, Masked("a.txt", content, RedactionPolicy.Off).Content);
    }
}
