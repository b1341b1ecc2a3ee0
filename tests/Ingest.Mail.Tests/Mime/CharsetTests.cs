using System.Text;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

/// <summary>Text in its true charset under no label or a false one.</summary>
public sealed class CharsetTests
{
    private const string Russian = "Здравствуйте! Я не получил свой заказ номер 7, хотя вы обещали доставить его вчера. Пожалуйста, сообщите, где он. С уважением, Иван Петров";

    public static TheoryData<string, string> Texts => new()
    {
        { "windows-1252", "Guten Tag, ich möchte meine Bestellung ändern. Können Sie mir das bestätigen? Viele Grüße aus Köln" },
        { "windows-1252", "Bonjour, j’ai reçu le colis hier, mais il était endommagé. Pourriez-vous le remplacer? Très cordialement, Frédéric" },
        { "windows-1252", "¿Cuándo llegará mi pedido? Todavía no lo recibí y mañana me voy. Gracias, José Muñoz" },
        { "windows-1252", "Olá, não recebi a fatura do mês passado. Poderia enviá-la? Obrigado pela atenção" },
        { "windows-1252", "Hej, jag väntar på mitt paket från Göteborg. När kommer det? Vänliga hälsningar, Åsa" },
        { "windows-1252", "Hei, pakken er ikke kommet ennå. Når får jeg den? Hilsen Bjørn på Ørsta, ærlig talt" },
        { "windows-1250", "Dobrý den, moje objednávka ještě nepřišla. Můžete mi prosím říci, kdy přijde? Děkuji, Jiří Dvořák" },
        { "iso-8859-2", "Dobrý den, moje objednávka ještě nepřišla. Můžete mi prosím říci, kdy přijde? Děkuji, Jiří Dvořák" },
        { "windows-1250", "Dzień dobry, wciąż nie otrzymałem przesyłki. Proszę o informację, gdzie ona jest. Z poważaniem, Łukasz Wiśniewski" },
        { "iso-8859-2", "Dzień dobry, wciąż nie otrzymałem przesyłki. Proszę o informację, gdzie ona jest. Z poważaniem, Łukasz Wiśniewski" },
        { "windows-1250", "Jó napot, még mindig nem kaptam meg a csomagot. Kérem, írják meg, mikor érkezik. Üdvözlettel, Győző Szűcs" },
        { "windows-1254", "Merhaba, siparişim hâlâ gelmedi. Ne zaman geleceğini söyler misiniz? Teşekkürler, Işık Çağlar, İstanbul" },
        { "windows-1251", Russian },
        { "koi8-r", Russian },
        { "iso-8859-5", Russian },
        { "cp866", Russian },
        { "windows-1251", "Доброго дня! Я досі не отримав своє замовлення. Будь ласка, повідомте, де воно. Її адреса: Київ" },
        { "windows-1251", "Здравейте, все още не съм получил поръчката си. Моля, кажете кога ще пристигне. Поздрави" },
        { "windows-1253", "Καλημέρα σας, δεν έχω λάβει ακόμα την παραγγελία μου. Πότε θα έρθει; Ευχαριστώ πολύ, Γιώργος" },
        { "iso-8859-7", "Καλημέρα σας, δεν έχω λάβει ακόμη την παραγγελία μου. Πότε θα έρθει; Ευχαριστώ πολύ, Γιώργος" },
        { "windows-1255", "שלום, עדיין לא קיבלתי את ההזמנה שלי. מתי היא תגיע? תודה רבה, דוד" },
        { "windows-1256", "مرحبا، لم أستلم طلبي حتى الآن. متى سيصل؟ شكرا جزيلا لكم" },
        { "windows-874", "สวัสดีครับ ผมยังไม่ได้รับสินค้าที่สั่งซื้อไว้ กรุณาแจ้งให้ทราบด้วยว่าจะมาถึงเมื่อไร ขอบคุณมากครับ" },
        { "shift_jis", "お世話になっております。注文した商品がまだ届いていません。いつ届くか教えていただけますか。よろしくお願いいたします。" },
        { "euc-jp", "お世話になっております。注文した商品がまだ届いていません。いつ届くか教えていただけますか。よろしくお願いいたします。" },
        { "iso-2022-jp", "お世話になっております。注文した商品がまだ届いていません。よろしくお願いいたします。" },
        { "gb18030", "您好，我的订单到现在还没有收到。请问什么时候可以送到？如果有问题，请尽快告诉我。谢谢！" },
        { "big5", "您好，我的訂單到現在還沒有收到。請問什麼時候可以送到？如果有問題，請儘快告訴我。謝謝！" },
        { "euc-kr", "안녕하세요. 주문한 상품을 아직 받지 못했습니다. 언제 도착하는지 알려 주시기 바랍니다. 감사합니다." },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Text_is_right_without_a_label_and_under_a_false_one(string charset, string text)
    {
        var bytes = Charsets.Find(charset)!.GetBytes(text);
        foreach (var label in (string[])["", "; charset=us-ascii", "; charset=utf-8", "; charset=x-unknown", "; charset=default"])
        {
            if (charset == "iso-2022-jp" && label.Contains('8', StringComparison.Ordinal))
                continue;
            var message = MailMessage.Parse((byte[])[.. Encoding.ASCII.GetBytes($"From: a@b.example\nContent-Type: text/plain{label}\n\n"), .. bytes]);
            Assert.True(message.Text == text, $"{charset} under \"{label}\": {message.Text}");
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Text_is_right_in_UTF_8_under_the_label_of_another_charset(string charset, string text)
    {
        foreach (var label in (string[])["iso-8859-1", "windows-1252", "us-ascii", "iso-8859-2", charset])
        {
            // Charsets of several bytes a character are believed when every byte fits.
            if (Charsets.Find(label) is { IsSingleByte: false })
                continue;
            var message = MailMessage.Parse((byte[])[.. Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset={label}\n\n"), .. Encoding.UTF8.GetBytes(text)]);
            Assert.True(message.Text == text, $"UTF-8 under {label}: {message.Text}");
            Assert.Contains(message.Defects, static d => d.Kind == DefectKind.WrongCharset);
        }
    }

    [Theory]
    [InlineData("windows-1251", Russian)]
    [InlineData("koi8-r", Russian)]
    [InlineData("gb18030", "您好，我的订单到现在还没有收到。请问什么时候可以送到？如果有问题，请尽快告诉我。谢谢！")]
    [InlineData("windows-1253", "Καλημέρα σας, δεν έχω λάβει ακόμα την παραγγελία μου. Πότε θα έρθει;")]
    public void Rows_of_accented_letters_under_a_western_label_are_another_alphabet(string charset, string text)
    {
        var message = MailMessage.Parse((byte[])[.. "Content-Type: text/plain; charset=iso-8859-1\n\n"u8, .. Charsets.Find(charset)!.GetBytes(text)]);
        Assert.Equal(text, message.Text);
    }

    [Theory]
    [InlineData("iso-8859-1", "5 \u20ac \u201ea\u201c")]
    [InlineData("iso-8859-2", "\u0161t\u011bst\u00ed \u017eena")]
    [InlineData("iso-8859-10", "\u010du\u0173i\u0146\u0161")]
    [InlineData("iso-8859-14", "\u0174\u0177 c\u0175m")]
    [InlineData("iso-8859-16", "\u0219i \u021bar\u0103 \u20ac")]
    public void Labelled_text_is_read_by_its_label(string charset, string text)
    {
        // ISO 8859 where it has only controls means the Windows charset of the same languages.
        var encoding = charset switch { "iso-8859-1" => Charsets.Windows1252, "iso-8859-2" => Charsets.Find("windows-1250")!, _ => Charsets.Find(charset)! };
        Assert.Equal(text, MailMessage.Parse((byte[])[.. Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset={charset}\n\n"), .. encoding.GetBytes(text)]).Text);
    }

    [Theory]
    [InlineData("utf-8", "42C3BC726F0A42FC726F", "Büro\nBüro")]
    [InlineData("", "53C3BCC39F65204772C3BCC39F650A4772FCDF65", "Süße Grüße\nGrüße")]
    [InlineData("utf-8", "477275C39F20C3BC62C3", "Gruß üb\uFFFD")]
    [InlineData("utf-8", "E8AEA2E58D95E58D", "订单\uFFFD")]
    [InlineData("utf-8", "E38182E3810AE38184", "あ\uFFFD\nい")]
    [InlineData("utf-8", "53C3BC64204772756FDF", "Süd Gruoß")]
    [InlineData("gb2312", "E68891E79A84E8AEA2E58D95", "我的订单")]
    [InlineData("utf-16", "4BC3B66C6E", "Köln")]
    [InlineData("gb2312", "42FC726F20756E64204BF66C6E", "Büro und Köln")]
    [InlineData("shift_jis", "A4A2A4EAA4ACA4C8A4A6", "ありがとう")]
    [InlineData("shift_jis", "B6C0B6C5C3BDC4", "ｶﾀｶﾅﾃｽﾄ")]
    [InlineData("", "C4D6DC", "ÄÖÜ")]
    [InlineData("", "C0C9C8", "ÀÉÈ")]
    [InlineData("", "CFF0E8E2E5F2", "Привет")]
    public void Bytes_that_do_not_fit_their_label_lose_as_little_as_can_be(string label, string hex, string text)
    {
        var type = label.Length > 0 ? $"; charset={label}" : "";
        var message = MailMessage.Parse((byte[])[.. Encoding.ASCII.GetBytes($"From: a@b.example\nContent-Type: text/plain{type}\n\n"), .. Convert.FromHexString(hex)]);
        Assert.Equal(text, message.Text);
    }

    [Fact]
    public void A_footer_in_another_charset_does_not_spoil_the_text()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes("Grüße aus Köln, schöne Straße\n"), .. Encoding.Latin1.GetBytes("___\nListe für Gäste\n")];
        Assert.Equal("Grüße aus Köln, schöne Straße\n___\nListe für Gäste\n", MailMessage.Parse((byte[])[.. "Content-Type: text/plain; charset=utf-8\n\n"u8, .. body]).Text);
    }

    [Fact]
    public void The_upper_half_of_each_table_goes_there_and_back()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(static b => (byte)b)];
        foreach (var encoding in (Encoding[])[LatinTable.Nordic, LatinTable.Celtic, LatinTable.SouthEastern])
        {
            var text = encoding.GetString(all);
            Assert.Equal(256, text.Distinct().Count());
            Assert.Equal(all, encoding.GetBytes(text));
        }
    }
}
