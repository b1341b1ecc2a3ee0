using System.IO.Compression;
using System.Text;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Small documents of office programs, made here.</summary>
internal static class OfficeFixtures
{
    private const string Types = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>""";

    internal static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        var output = new MemoryStream();
        using (var zip = new ZipArchive(output, ZipArchiveMode.Create, true))
            foreach ((string name, byte[] content) in entries)
            {
                using Stream to = zip.CreateEntry(name, name == "mimetype" ? CompressionLevel.NoCompression : CompressionLevel.Optimal).Open();
                to.Write(content);
            }
        return output.ToArray();
    }

    internal static byte[] Zip(params (string Name, string Content)[] entries) => Zip([.. entries.Select(e => (e.Name, Encoding.UTF8.GetBytes(e.Content)))]);

    internal static byte[] Word(string body, params (string Name, string Content)[] more) => Zip(
    [
        ("[Content_Types].xml", Types),
        ("_rels/.rels", """<Relationships><Relationship Id="r1" Type="officeDocument" Target="word/document.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail" Target="docProps/thumbnail.jpeg"/></Relationships>"""),
        ("word/document.xml", $"""<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="x"><w:body>{body}</w:body></w:document>"""),
        ("docProps/thumbnail.jpeg", "not really a picture"),
        .. more,
    ]);

    internal static byte[] Excel(string cells, string shared = "") => Zip(
        ("[Content_Types].xml", Types),
        ("xl/workbook.xml", """<workbook><sheets><sheet name="One" sheetId="1"/></sheets></workbook>"""),
        ("xl/worksheets/sheet1.xml", $"""<worksheet><sheetData><row r="1" spans="1:3">{cells}</row></sheetData></worksheet>"""),
        ("xl/sharedStrings.xml", $"""<sst count="1" uniqueCount="1"><si>{shared}</si></sst>"""));

    internal static byte[] Slides(string paragraph) => Zip(
        ("[Content_Types].xml", Types),
        ("ppt/slides/slide1.xml", $"""<p:sld xmlns:a="a" xmlns:p="p"><p:txBody>{paragraph}</p:txBody></p:sld>"""));

    internal static byte[] OpenText(string body) => Zip(
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("content.xml", $"""<office:document-content xmlns:text="t"><office:body><office:text>{body}</office:text></office:body></office:document-content>"""),
        ("Thumbnails/thumbnail.png", "not really a picture"),
        ("META-INF/manifest.xml", """<manifest:manifest><manifest:file-entry manifest:full-path="content.xml"/><manifest:file-entry manifest:full-path="Thumbnails/thumbnail.png"/></manifest:manifest>"""));
}
