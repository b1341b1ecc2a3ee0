using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>What is masked in a file leaves it the file it was.</summary>
public sealed class FileFormTests
{
    private const string Card = "5105105105105100";

    private static RedactedAttachment Masked(string name, byte[] content, RedactionPolicy? policy = null, string type = "") => Redact.Attachment(type, content, policy ?? RedactionPolicy.Default, null, name);

    private static string Text(string name, string content, string type = "") => Encoding.UTF8.GetString(Masked(name, Encoding.UTF8.GetBytes(content), null, type).Content);

    [Theory]
    [InlineData("""{"a":5105105105105100}""")]
    [InlineData("""{"a":-5105105105105100,"b":[5105105105105100.0,true,null]}""")]
    [InlineData("""{"5105105105105100":"\u0035\u0031\u0030\u00355105 1051 0510\u0030","c":"\n\\"}""")]
    [InlineData("""{"a":["5105","1051","0510","5100"]}""")]
    [InlineData("""{"a":{"b":[{"c":" 5105\t1051\t0510\t5100 "}]}}""")]
    public void Json_stays_json_and_keeps_its_form(string json)
    {
        string masked = Text("a.json", json);
        using JsonDocument before = JsonDocument.Parse(json), after = JsonDocument.Parse(masked);
        Assert.Equal(before.RootElement.EnumerateObject().Count(), after.RootElement.EnumerateObject().Count());
        Assert.DoesNotContain("510510510510", masked, StringComparison.Ordinal);
        Assert.NotEqual(json, masked);
    }

    [Fact]
    public void Json_that_is_not_touched_by_a_finding_stays_as_it_is() =>
        Assert.Equal("""{ "n" : 1.50, "t": "\u00e4 [card]", "x": "••••••••••••5100" }""".Replace("[card]", "ok", StringComparison.Ordinal), Text("a.json", """{ "n" : 1.50, "t": "\u00e4 ok", "x": "5105105105105100" }"""));

    [Fact]
    public void A_table_keeps_its_columns()
    {
        const string Table = "name;number;code\n\"Ada; B\";5105105105105100;\"x\"\n";
        string masked = Text("a.csv", Table);
        Assert.Equal(Table.Count(c => c == ';'), masked.Count(c => c == ';'));
        Assert.Equal(Table.Count(c => c == '"'), masked.Count(c => c == '"'));
        Assert.Contains(";••••••••••••5100;", masked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.xml", "<r><CVV>654</CVV></r>", "654")]
    [InlineData("a.xml", "<r><password>Hund77xz</password></r>", "Hund77xz")]
    [InlineData("a.xml", "<r><SortCode>20-00-00</SortCode></r>", "20-00-00")]
    [InlineData("a.xml", "<r><DateofBirth>12/03/1985</DateofBirth></r>", "1985")]
    [InlineData("a.xml", "<r><APIkey>7f3b2c1e4d5a41555526</APIkey></r>", "7f3b2c1e")]
    [InlineData("a.xml", "<user pin='4821'/>", "4821")]
    [InlineData("a.txt", "use <password>Hund77xz</password>", "Hund77xz")]
    [InlineData("a.txt", "*5105* *1051* *0510* *5100*", "0510")]
    [InlineData("a.txt", "**5105** 1051 0510 5100", "0510")]
    [InlineData("a.csv", "a,5105,1051,0510,5100\n", "0510")]
    [InlineData("a.csv", "ssn,name\n536904399,Bob\n", "536904399")]
    [InlineData("a.csv", "\"name\";\"password\";\"note\"\n\"Bob\";\"fluffycat\";\"hi\"\n", "fluffycat")]
    [InlineData("a.csv", "name,accountNumber,sort_code\nBob,12345678,20-00-00\n", "1234")]
    [InlineData("a.csv", "user,bob\npin,4821\n", "4821")]
    [InlineData("a.tsv", "name\tdate of birth\nBob\t12/03/1985\n", "1985")]
    [InlineData("a.html", "<table><tr><td>Password</td><td>fluffycat</td></tr></table>", "fluffycat")]
    [InlineData("a.html", "<table><tr><th>User</th><th>Password</th><th>Mail</th></tr><tr><td>bob</td><td>fluffycat</td><td>-</td></tr></table>", "fluffycat")]
    [InlineData("a.txt", "Password | fluffycat", "fluffycat")]
    public void Names_and_marks_around_a_value_do_not_hide_it(string name, string content, string value) => Assert.DoesNotContain(value, Text(name, content), StringComparison.Ordinal);

    [Theory]
    [InlineData("a.csv", "order,amount,date\n12345678,12.50,2024-11-22\n")]
    [InlineData("a.html", "<table><tr><th>Username</th><th>Password</th></tr><tr><td>12345</td><td>required</td></tr></table>")]
    [InlineData("a.html", "<table><tr><th>Password</th><th>Status</th></tr><tr><td>required</td><td>expired</td></tr></table>")]
    [InlineData("a.txt", "User | Password | Email\nbob | x | y")]
    public void Heads_of_columns_name_what_stands_below_them_and_nothing_else(string name, string content) => Assert.Equal(content, Text(name, content));

    [Theory]
    [InlineData("""<c r="A1" t="s"><v>0</v></c><c r="B1"><v>536904399</v></c>""", "<t>SSN</t>")]
    [InlineData("""<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>536904399</v></c>""", "<t>Name</t></si><si><r><t>Social security</t></r><r><t> number</t></r></si><si><t>Bob</t>")]
    [InlineData("""<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c>""", "<t>Name</t></si><si><t>Password</t></si><si><t>Bob</t></si><si><t>fluffycat</t>")]
    [InlineData("""<c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Hund77xz</t></is></c>""", "<t>Password</t>")]
    [InlineData("""<c r="A1" t="inlineStr"><is><t>PIN</t></is></c><c r="B1"><v>4821</v></c>""", "")]
    public void Cells_of_a_workbook_are_named_by_texts_that_lie_elsewhere_in_it(string cells, string shared)
    {
        RedactedAttachment masked = Masked("a.xlsx", OfficeFixtures.Excel(cells, shared));
        Assert.Single(masked.Findings);
        string all = Entry(masked.Content, "xl/worksheets/sheet1.xml") + Entry(masked.Content, "xl/sharedStrings.xml");
        foreach (string value in (string[])["536904399", "fluffycat", "Hund77xz", "4821"])
            Assert.DoesNotContain(value, all, StringComparison.Ordinal);
        new XmlDocument { XmlResolver = null }.LoadXml(Entry(masked.Content, "xl/worksheets/sheet1.xml"));
        new XmlDocument { XmlResolver = null }.LoadXml(Entry(masked.Content, "xl/sharedStrings.xml"));
    }

    [Fact]
    public void All_pieces_of_a_packed_file_are_read()
    {
        byte[] two = [.. Packed("one\n"), .. Packed($"pay {Card}\n")], ended = [.. two, .. Packed("")];
        foreach (byte[] packed in (byte[][])[two, ended])
        {
            RedactedAttachment masked = Masked("a.txt.gz", packed);
            Assert.Equal((FileState.Masked, UnreadReason.None), (masked.State, masked.Unread));
            using var unpacked = new StreamReader(new GZipStream(new MemoryStream(masked.Content), CompressionMode.Decompress));
            Assert.Equal("one\npay ••••••••••••5100\n", unpacked.ReadToEnd());
        }
        Assert.Equal(UnreadReason.None, Masked("a.txt.gz", [.. Packed("one\n"), .. Packed("two\n")]).Unread);
        Assert.Equal(UnreadReason.Damaged, Masked("a.txt.gz", [.. Packed("one\n"), .. "and 5105105105105100"u8]).Unread);
    }

    private static byte[] Packed(string text)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal, true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        // A piece in which there is nothing is one all the same.
        return output.Length > 0 ? output.ToArray() : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }

    [Fact]
    public void Cells_of_documents_are_named_by_those_before_and_above()
    {
        string Cell(string text) => $"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>";
        byte[] word = OfficeFixtures.Word($"<w:tbl><w:tr>{Cell("User")}{Cell("Password")}{Cell("PIN")}</w:tr><w:tr>{Cell("bob")}{Cell("Hund77xz")}{Cell("4821")}</w:tr></w:tbl>");
        byte[] excel = OfficeFixtures.Excel("""<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>""", "<t>Password</t></si><si><t>Hund77xz</t>");
        byte[] pair = OfficeFixtures.Word($"<w:tbl><w:tr>{Cell("Password")}{Cell("fluffycat")}</w:tr></w:tbl>");
        Assert.Single(Masked("a.docx", pair).Findings);
        Assert.Equal(2, Masked("a.docx", word).Findings.Count);
        Assert.Single(Masked("a.xlsx", excel).Findings);
    }

    [Fact]
    public void Xml_stays_well_formed()
    {
        string masked = Text("a.xml", "<?xml version=\"1.0\"?><a b='&#53;105105105105100'><![CDATA[5105105105105100]]><c>5105105105105100 &amp; 5105 1051 0510 5100</c></a>", "application/xml");
        var document = new XmlDocument { XmlResolver = null };
        document.LoadXml(masked);
        Assert.Equal("••••••••••••5100", document.DocumentElement!.GetAttribute("b"));
        Assert.DoesNotContain(Card, document.DocumentElement.InnerText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<c r=\"A1\" s=\"1\"><v>5105105105105100</v></c>")]
    [InlineData("<c r=\"A1\"><v>5.1051051051051E15</v></c>")]
    [InlineData("<c r=\"A1\" t=\"n\"><f>B1*1</f><v>5.1051051051051E+15</v></c>")]
    [InlineData("<c r=\"A1\" s=\"4\" t=\"str\"><v>5105 1051 0510 5100</v></c>")]
    public void A_number_in_a_cell_becomes_masked_text(string cell)
    {
        RedactedAttachment masked = Masked("a.xlsx", OfficeFixtures.Excel(cell + "<c r=\"B1\"><v>0.1428571428571428</v></c>"));
        string sheet = Entry(masked.Content, "xl/worksheets/sheet1.xml");
        Assert.Equal(FileState.Masked, masked.State);
        Assert.Contains("t=\"str\"", sheet, StringComparison.Ordinal);
        Assert.DoesNotContain("t=\"n\"", sheet, StringComparison.Ordinal);
        Assert.DoesNotContain("<f>", sheet, StringComparison.Ordinal);
        Assert.Contains("5100</v>", sheet, StringComparison.Ordinal);
        Assert.Contains("<v>0.1428571428571428</v>", sheet, StringComparison.Ordinal);
        new XmlDocument { XmlResolver = null }.LoadXml(sheet);
    }

    [Fact]
    public void A_document_keeps_its_files_in_order_but_its_thumbnail()
    {
        byte[] word = OfficeFixtures.Word($"<w:p><w:r><w:t>{Card}</w:t></w:r></w:p>");
        RedactedAttachment masked = Masked("a.docx", word);
        using var before = new ZipArchive(new MemoryStream(word));
        using var after = new ZipArchive(new MemoryStream(masked.Content));
        Assert.Equal(before.Entries.Select(e => e.FullName).Where(n => !n.Contains("thumbnail", StringComparison.Ordinal)), after.Entries.Select(e => e.FullName));
        Assert.DoesNotContain("thumbnail", Entry(masked.Content, "_rels/.rels"), StringComparison.Ordinal);
        Assert.Contains("Target=\"word/document.xml\"", Entry(masked.Content, "_rels/.rels"), StringComparison.Ordinal);
        foreach (ZipArchiveEntry entry in after.Entries)
            new XmlDocument { XmlResolver = null }.Load(entry.Open());
    }

    [Fact]
    public void An_open_document_begins_with_its_kind_unpacked()
    {
        RedactedAttachment masked = Masked("a.odt", OfficeFixtures.OpenText($"<text:p>{Card}</text:p>"));
        Assert.Equal("mimetypeapplication/vnd.oasis", Encoding.ASCII.GetString(masked.Content, 30, 29));
        Assert.DoesNotContain("humbnail", Entry(masked.Content, "META-INF/manifest.xml"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_measure_between_words_stays_a_measure()
    {
        RedactedAttachment masked = Masked("a.docx", OfficeFixtures.Word($"<w:p w:rsidR=\"00A12345\"><w:r><w:t>{Card}</w:t></w:r><wp:posOffset>5105105105105100</wp:posOffset></w:p>"));
        Assert.Contains("<wp:posOffset>5105105105105100</wp:posOffset>", Entry(masked.Content, "word/document.xml"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mail_in_a_file_is_still_a_mail_and_all_else_in_it_stays()
    {
        byte[] inner = CanaryPlaces.File("ä.csv", "text/csv", $"a;{Card}\r\nb;2");
        byte[] mail = [.. "X-Odd:  two  blanks \r\n"u8, .. inner];
        RedactedAttachment masked = Masked("a.eml", mail);
        MailMessage message = MailMessage.Parse(masked.Content);
        Assert.StartsWith("X-Odd:  two  blanks \r\n", Encoding.UTF8.GetString(masked.Content), StringComparison.Ordinal);
        Assert.Equal("a;XXXXXXXXXXXX5100\r\nb;2", Encoding.UTF8.GetString(Assert.Single(message.Attachments).Decode()));
        Assert.Contains("see the file", message.Text, StringComparison.Ordinal);
        Assert.True(masked.LookedInto);
    }

    [Fact]
    public void A_pdf_within_a_mail_gives_way_to_its_text()
    {
        RedactedAttachment masked = Masked("a.eml", CanaryPlaces.File("bill.pdf", "application/pdf", PdfFixtures.Pdf($"BT /F1 9 Tf (pay {Card} now) Tj ET")));
        MailAttachment copy = Assert.Single(MailMessage.Parse(masked.Content).Attachments);
        Assert.Equal(("text/plain", "bill.pdf.txt"), (copy.ContentType, copy.Name));
        Assert.Contains("pay ••••••••••••5100 now", Encoding.UTF8.GetString(copy.Decode()), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_keeps_its_encoding_and_its_broken_bytes()
    {
        byte[] broken = [0xFF, 0xFE, 0x41, 0xD8, .. Encoding.Unicode.GetBytes(Card), 0x00, 0xDC, 0x07];
        byte[] masked = Masked("a.txt", broken).Content;
        Assert.Equal(broken[..4], masked[..4]);
        Assert.Equal(broken[^3..], masked[^3..]);
        Assert.Equal(broken.Length, masked.Length);
        byte[] latin = [0x80, 0xE9, (byte)' ', .. Encoding.ASCII.GetBytes(Card), 0xFE];
        masked = Masked("a.txt", latin).Content;
        Assert.Equal((0x80, 0xE9, 0xFE, latin.Length), (masked[0], masked[1], masked[^1], masked.Length));
    }

    [Fact]
    public void Pictures_lose_the_notes_in_which_something_was_found_and_nothing_else()
    {
        RedactedAttachment masked = Masked("a.jpg", CanaryPlaces.Jpeg($"mine is {Card}"));
        Assert.Equal([0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 1, 0xFF, 0xDA, 0, 2, 1, 2, 3, 0xFF, 0xD9], masked.Content);
        Assert.Equal((FileState.Masked, UnreadReason.Image), (masked.State, masked.Unread));
        byte[] clean = CanaryPlaces.Png("Comment\0nothing");
        Assert.Same(clean, Masked("a.png", clean).Content);
    }

    [Fact]
    public void Html_stays_html()
    {
        string masked = Text("a.html", $"<html><body><p title=\"{Card}\" onclick='x(\"{Card}\")'>5105<b>1051</b>&#48;&#53;&#49;&#48; 5100 &lt;&amp;</p></body></html>", "text/html");
        new XmlDocument { XmlResolver = null }.LoadXml(masked);
        Assert.Contains("&lt;&amp;</p>", masked, StringComparison.Ordinal);
        Assert.DoesNotContain(Card, masked, StringComparison.Ordinal);
    }

    private static string Entry(byte[] zip, string name)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        using var reader = new StreamReader(archive.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }
}
