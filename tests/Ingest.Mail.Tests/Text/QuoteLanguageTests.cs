using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Text;

/// <summary>What mail programs write above quoted text, language by language, as they write it.</summary>
public sealed class QuoteLanguageTests
{
    [Theory]
    [InlineData("en", "On Tue, 3 Mar 2026 at 09:00, Bob Doe <bob@example.com> wrote:")]
    [InlineData("en", "On Mar 3, 2026, at 9:00 AM, Bob Doe wrote:")]
    [InlineData("en", "On 03/03/2026 09:00, Bob Doe wrote:")]
    [InlineData("en", "---- On Tue, 03 Mar 2026 09:00:12 +0100 Bob Doe <bob@example.com> wrote ----")]
    [InlineData("en", "Bob Doe <bob@example.com> writes:")]
    [InlineData("de", "Am Di., 3. März 2026 um 09:00 Uhr schrieb Bob Doe <bob@example.com>:")]
    [InlineData("de", "Am 03.03.2026 um 09:00 schrieb Bob Doe:")]
    [InlineData("fr", "Le mar. 3 mars 2026 à 09:00, Bob Doe <bob@example.com> a écrit :")]
    [InlineData("fr", "Le 03/03/2026 à 09:00, Bob Doe a écrit\u00a0:")]
    [InlineData("es", "El mar, 3 mar 2026 a las 9:00, Bob Doe (<bob@example.com>) escribió:")]
    [InlineData("pt", "Em ter., 3 de mar. de 2026 às 09:00, Bob Doe <bob@example.com> escreveu:")]
    [InlineData("it", "Il giorno mar 3 mar 2026 alle ore 09:00 Bob Doe <bob@example.com> ha scritto:")]
    [InlineData("nl", "Op di 3 mrt 2026 om 09:00 schreef Bob Doe <bob@example.com>:")]
    [InlineData("nl", "Op 3 mrt. 2026, om 09:00 heeft Bob Doe <bob@example.com> het volgende geschreven:")]
    [InlineData("sv", "Den tis 3 mars 2026 kl 09:00 skrev Bob Doe <bob@example.com>:")]
    [InlineData("no", "tir. 3. mars 2026 kl. 09:00 skrev Bob Doe <bob@example.com>:")]
    [InlineData("da", "Den tirs. 3. mar. 2026 kl. 09.00 skrev Bob Doe <bob@example.com>:")]
    [InlineData("fi", "ti 3. maalisk. 2026 klo 9.00 Bob Doe (bob@example.com) kirjoitti:")]
    [InlineData("is", "Þann þri., 3. mar. 2026 kl. 09:00 skrifaði Bob Doe <bob@example.com>:")]
    [InlineData("pl", "wt., 3 mar 2026 o 09:00 Bob Doe <bob@example.com> napisał(a):")]
    [InlineData("pl", "W dniu 3.03.2026 o 09:00, Bob Doe pisze:")]
    [InlineData("cs", "út 3. 3. 2026 v 9:00 odesílatel Bob Doe <bob@example.com> napsal:")]
    [InlineData("sk", "ut 3. 3. 2026 o 9:00 Bob Doe <bob@example.com> napísal(a):")]
    [InlineData("hu", "Bob Doe <bob@example.com> ezt írta (időpont: 2026. márc. 3., K, 9:00):")]
    [InlineData("ro", "În mar., 3 mar. 2026 la 09:00, Bob Doe <bob@example.com> a scris:")]
    [InlineData("bg", "На вт, 3.03.2026 г. в 9:00 Bob Doe <bob@example.com> написа:")]
    [InlineData("hr", "uto, 3. ožu 2026. u 09:00 Bob Doe <bob@example.com> napisao je:")]
    [InlineData("sr", "дана уто, 3. мар 2026. у 09:00 Bob Doe <bob@example.com> је написао/ла:")]
    [InlineData("sl", "V V tor., 3. mar. 2026 ob 09:00 je oseba Bob Doe <bob@example.com> napisala:")]
    [InlineData("ru", "вт, 3 мар. 2026 г. в 09:00, Bob Doe <bob@example.com>:")]
    [InlineData("ru", "3 марта 2026 г., 09:00 пользователь Bob Doe <bob@example.com> написал:")]
    [InlineData("uk", "вт, 3 бер. 2026 р. о 09:00 Bob Doe <bob@example.com> пише:")]
    [InlineData("el", "Στις Τρί 3 Μαρ 2026 στις 9:00 π.μ., ο χρήστης Bob Doe <bob@example.com> έγραψε:")]
    [InlineData("tr", "Bob Doe <bob@example.com>, 3 Mar 2026 Sal, 09:00 tarihinde şunu yazdı:")]
    [InlineData("lt", "2026-03-03, an, 09:00 Bob Doe <bob@example.com> rašė:")]
    [InlineData("lv", "otrd., 2026. g. 3. marts, plkst. 09:00 — lietotājs Bob Doe (<bob@example.com>) rakstīja:")]
    [InlineData("et", "Kuupäev T, 3. märts 2026 kell 09:00 kirjutas Bob Doe <bob@example.com>:")]
    [InlineData("ca", "Missatge de Bob Doe <bob@example.com> del dia dt., 3 de març 2026 a les 9:00:")]
    [InlineData("vi", "Vào Th 3, 3 thg 3, 2026 vào lúc 09:00 Bob Doe <bob@example.com> đã viết:")]
    [InlineData("id", "Pada tanggal Sel, 3 Mar 2026 pukul 09.00 Bob Doe <bob@example.com> menulis:")]
    [InlineData("th", "เมื่อ อ. 3 มี.ค. 2026 เวลา 09:00 Bob Doe <bob@example.com> เขียนว่า:")]
    [InlineData("he", "\u202b\u200fבתאריך יום ג׳, 3 במרץ 2026 ב-9:00 מאת \u202aBob Doe\u202c\u200f <\u202abob@example.com\u202c\u200f>:\u202c")]
    [InlineData("ar", "في الثلاثاء، ٣ مارس ٢٠٢٦ 9:00 ص Bob Doe <bob@example.com> كتب:")]
    [InlineData("fa", "در تاریخ سه‌شنبه ۳ مارس ۲۰۲۶،‏ 9:00 Bob Doe <bob@example.com> نوشت:")]
    [InlineData("hi", "मंगल, 3 मार्च 2026 को 9:00 am बजे को Bob Doe <bob@example.com> ने लिखा:")]
    [InlineData("zh", "Bob Doe <bob@example.com> 于2026年3月3日周二 09:00写道：")]
    [InlineData("zh", "在 2026年3月3日，上午9:00，Bob Doe <bob@example.com> 写道：")]
    [InlineData("zh", "Bob Doe <bob@example.com> 於 2026年3月3日 週二 上午9:00寫道：")]
    [InlineData("ja", "2026年3月3日(火) 9:00 Bob Doe <bob@example.com>:")]
    [InlineData("ja", "2026/03/03 9:00、Bob Doe <bob@example.com>のメール:")]
    [InlineData("ko", "2026년 3월 3일 (화) 오전 9:00, Bob Doe <bob@example.com>님이 작성:")]
    public void An_attribution_is_elided_with_the_quote(string language, string line)
    {
        var quoted = ReplyTrimmer.Trim($"Hello there.\n\n{line}\n\n> First\n> Second\n");
        Assert.True(quoted.Reply == "Hello there.", $"{language}: {quoted.Reply}");
        Assert.StartsWith(line.TrimEnd(), quoted.Elided, StringComparison.Ordinal);
        var bare = ReplyTrimmer.Trim($"Hello there.\n\n{line}\n\nFirst\nSecond\n");
        Assert.True(bare.Reply == "Hello there.", $"{language}, no marks: {bare.Reply}");
        var below = ReplyTrimmer.Trim($"{line}\n> First\n> Second\n\nHello there.");
        Assert.True(below.Reply == "Hello there.", $"{language}, below: {below.Reply}");
        // Programs break lines where it suits them.
        if (line.StartsWith("----", StringComparison.Ordinal))
            return;
        var at = line.LastIndexOf(' ');
        var broken = ReplyTrimmer.Trim($"Hello there.\n\n{line[..at]}\n{line[(at + 1)..]}\n\n> First\n");
        Assert.True(broken.Reply == "Hello there.", $"{language}, broken: {broken.Reply}");
    }

    [Theory]
    [InlineData("en", "From:", "Sent:", "To:", "Subject:")]
    [InlineData("de", "Von:", "Gesendet:", "An:", "Betreff:")]
    [InlineData("fr", "De :", "Envoyé :", "À :", "Objet :")]
    [InlineData("es", "De:", "Enviado el:", "Para:", "Asunto:")]
    [InlineData("pt", "De:", "Enviada em:", "Para:", "Assunto:")]
    [InlineData("it", "Da:", "Inviato:", "A:", "Oggetto:")]
    [InlineData("nl", "Van:", "Verzonden:", "Aan:", "Onderwerp:")]
    [InlineData("sv", "Från:", "Skickat:", "Till:", "Ämne:")]
    [InlineData("no", "Fra:", "Sendt:", "Til:", "Emne:")]
    [InlineData("da", "Fra:", "Dato:", "Til:", "Emne:")]
    [InlineData("fi", "Lähettäjä:", "Lähetetty:", "Vastaanottaja:", "Aihe:")]
    [InlineData("pl", "Od:", "Wysłano:", "Do:", "Temat:")]
    [InlineData("cs", "Od:", "Odesláno:", "Komu:", "Předmět:")]
    [InlineData("sk", "Od:", "Odoslané:", "Komu:", "Predmet:")]
    [InlineData("hu", "Feladó:", "Elküldve:", "Címzett:", "Tárgy:")]
    [InlineData("ro", "De la:", "Trimis:", "Către:", "Subiect:")]
    [InlineData("bg", "От:", "Изпратено:", "До:", "Относно:")]
    [InlineData("hr", "Od:", "Poslano:", "Prima:", "Predmet:")]
    [InlineData("sl", "Od:", "Poslano:", "Za:", "Zadeva:")]
    [InlineData("ru", "От:", "Отправлено:", "Кому:", "Тема:")]
    [InlineData("uk", "Від:", "Надіслано:", "Кому:", "Тема:")]
    [InlineData("el", "Από:", "Στάλθηκε:", "Προς:", "Θέμα:")]
    [InlineData("tr", "Kimden:", "Gönderildi:", "Kime:", "Konu:")]
    [InlineData("lt", "Nuo:", "Išsiųsta:", "Kam:", "Tema:")]
    [InlineData("lv", "No kā:", "Nosūtīts:", "Kam:", "Tēma:")]
    [InlineData("et", "Saatja:", "Saadetud:", "Adressaat:", "Teema:")]
    [InlineData("vi", "Từ:", "Đã gửi:", "Đến:", "Chủ đề:")]
    [InlineData("id", "Dari:", "Dikirim:", "Kepada:", "Subjek:")]
    [InlineData("th", "จาก:", "ส่ง:", "ถึง:", "เรื่อง:")]
    [InlineData("he", "מאת:", "נשלח:", "אל:", "נושא:")]
    [InlineData("ar", "من:", "تم الإرسال:", "إلى:", "الموضوع:")]
    [InlineData("zh", "发件人:", "发送时间:", "收件人:", "主题:")]
    [InlineData("zh", "寄件者：", "寄件日期：", "收件者：", "主旨：")]
    [InlineData("ja", "差出人:", "送信日時:", "宛先:", "件名:")]
    [InlineData("ko", "보낸 사람:", "보낸 날짜:", "받는 사람:", "제목:")]
    public void A_block_of_header_lines_is_elided_with_all_below(string language, string from, string sent, string to, string subject)
    {
        foreach (var rule in (string[])["", "________________________________\n", "-----Original Message-----\n"])
        {
            var trimmed = ReplyTrimmer.Trim($"Hello there.\n\n{rule}{from} Bob Doe <bob@example.com>\n{sent} 2026-03-03 09:00\n{to} Ada\n{subject} Order 7\n\nFirst\n");
            Assert.True(trimmed.Reply == "Hello there.", $"{language}: {trimmed.Reply}");
        }
    }

    [Theory]
    [InlineData("-----Original Message-----")]
    [InlineData("-----Ursprüngliche Nachricht-----")]
    [InlineData("-----Message d'origine-----")]
    [InlineData("-----Mensaje original-----")]
    [InlineData("-----Mensagem original-----")]
    [InlineData("-----Messaggio originale-----")]
    [InlineData("-----Oorspronkelijk bericht-----")]
    [InlineData("-----Ursprungligt meddelande-----")]
    [InlineData("-----Opprinnelig melding-----")]
    [InlineData("-----Oprindelig meddelelse-----")]
    [InlineData("-----Alkuperäinen viesti-----")]
    [InlineData("-----Wiadomość oryginalna-----")]
    [InlineData("-----Původní zpráva-----")]
    [InlineData("-----Pôvodná správa-----")]
    [InlineData("-----Eredeti üzenet-----")]
    [InlineData("-----Mesaj original-----")]
    [InlineData("-----Izvorna poruka-----")]
    [InlineData("-----Исходное сообщение-----")]
    [InlineData("-----Αρχικό μήνυμα-----")]
    [InlineData("-----Özgün İleti-----")]
    [InlineData("-----Thư gốc-----")]
    [InlineData("-----הודעה מקורית-----")]
    [InlineData("-----الرسالة الأصلية-----")]
    [InlineData("-----邮件原件-----")]
    [InlineData("------------------ 原始邮件 ------------------")]
    [InlineData("-----元のメッセージ-----")]
    [InlineData("-----원본 메시지-----")]
    [InlineData("*-------- Original Message --------*")]
    [InlineData("________ Original Message ________")]
    public void A_line_that_names_the_original_message_is_elided_with_all_below(string line) =>
        Assert.Equal("Hello there.", ReplyTrimmer.Trim($"Hello there.\n{line}\nFirst\n").Reply);

    [Theory]
    [InlineData("Sent from my iPhone")]
    [InlineData("Sent from Outlook for Android")]
    [InlineData("Get Outlook for iOS (https://aka.ms/o0ukef)")]
    [InlineData("Von meinem iPhone gesendet")]
    [InlineData("Gesendet mit der GMX Mail App")]
    [InlineData("Envoyé de mon iPhone")]
    [InlineData("Enviado desde mi iPhone")]
    [InlineData("Enviado do meu iPhone")]
    [InlineData("Inviato da iPhone")]
    [InlineData("Verstuurd vanaf mijn iPhone")]
    [InlineData("Skickat från min iPhone")]
    [InlineData("Sendt fra min iPhone")]
    [InlineData("Lähetetty iPhonesta")]
    [InlineData("Wysłane z iPhone'a")]
    [InlineData("Odesláno z iPhonu")]
    [InlineData("Trimis de pe iPhone-ul meu")]
    [InlineData("Отправлено с iPhone")]
    [InlineData("Надіслано з iPhone")]
    [InlineData("Στάλθηκε από το iPhone μου")]
    [InlineData("iPhone'umdan gönderildi")]
    [InlineData("Đã gửi từ iPhone của tôi")]
    [InlineData("Dikirim dari iPhone saya")]
    [InlineData("נשלח מה-iPhone שלי")]
    [InlineData("أُرسلت من الـ iPhone")]
    [InlineData("发自我的iPhone")]
    [InlineData("從我的 iPhone 傳送")]
    [InlineData("iPhoneから送信")]
    [InlineData("iOS 版 Outlook を入手<https://aka.ms/o0ukef>")]
    [InlineData("Android 版 Outlook を入手 (https://aka.ms/AAb9ysg)")]
    [InlineData("나의 iPhone에서 보냄")]
    public void A_line_that_a_device_adds_is_a_signature(string line)
    {
        Assert.Equal(("Hello there.", line), Parts($"Hello there.\n\n{line}\n"));
        Assert.Equal(("Hello there.", line), Parts($"Hello there.\n\n{line}\n\nOn Tue, 3 Mar 2026 at 09:00, Bob <bob@example.com> wrote:\n> First\n"));
    }

    [Theory]
    [InlineData("On Monday I wrote 3 mails to you, and nothing happened.\nPlease help:\n- one\n- two")]
    [InlineData("From: London\nTo: Paris\nDate: 3 March\n\nCan I book this?")]
    [InlineData("I have two questions:\n1. Who wrote this?\n2. When?")]
    [InlineData("Sent from the warehouse on Monday, it never arrived.")]
    [InlineData("The parcel was sent from Berlin on 3 March 2026.\n\nWhere is it?")]
    [InlineData("On the box it says:\n\nmade in 2019")]
    [InlineData("My data:\n\nAda Lovelace\nada@example.com\n+44 20 7946 0000")]
    [InlineData("Part one\n\n--------\n\nPart two\n\n--------\n\nPart three")]
    [InlineData("Heading\n-------\ntext below")]
    [InlineData("```\n> not a quote\nOn Tue, 3 Mar 2026 at 09:00, Bob <bob@example.com> wrote:\n```\nsee above")]
    [InlineData("a > b\nc | d\n| x | y |\n| 1 | 2 |\n| 3 | 4 |")]
    [InlineData("Subject: is it right?\nI think so.")]
    [InlineData("My trip:\n\nFrom: Rome\nTo: Oslo\nDate: 9 June 2026\nSubject: Flight 7\n\nPlease move it.")]
    [InlineData("My trip is this\n\nFrom: Rome\nTo: Oslo\nDate: 09.06.2026\nSubject: Flight 7\n\nPlease move it.")]
    [InlineData("These came back:\n\nFrom: ada@example.com\nTo: bob@example.com\nSubject: Hello\nDate: Tue, 9 Jun 2026 09:00:00 +0000\n\nWhy is that?")]
    [InlineData("Add two colleagues, please.\n\nBob Doe\nbob@example.com\n+44 20 7946 0001")]
    [InlineData("We have moved to\n\nExample Ltd\n1 High Street\n+44 20 7946 0002\nada@example.com")]
    [InlineData("The letter was\nsent from our office in Leeds\nand is lost.")]
    [InlineData("The chair was sent\nfrom my store and\nis broken.")]
    [InlineData("The output\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11")]
    [InlineData("Two faults:\n--\nno sound\n--\nno light\n\nCan you help?")]
    [InlineData("My list\n\n_____________\nchair 1\ndesk 2")]
    public void Text_of_the_author_stays(string text) => Assert.Equal(text, ReplyTrimmer.Trim(text).Reply);

    [Theory]
    [InlineData("Best regards,", null)]
    [InlineData("Mit freundlichen Grüßen", null)]
    [InlineData("Vielen Dank\n\nBob Doe", null)]
    [InlineData("It works now.\n\nAda", "Ada Lovelace")]
    [InlineData("It works now.", "Ada Lovelace")]
    [InlineData("It works now.", "ada")]
    public void A_card_below_a_closing_or_with_the_name_of_the_author_is_a_signature(string above, string? author)
    {
        var trimmed = ReplyTrimmer.Trim($"Hello there.\n\n{above}\n\nAda Lovelace\nada@example.com\n+44 20 7946 0000", null, author);
        Assert.Equal("Ada Lovelace\nada@example.com\n+44 20 7946 0000", trimmed.Signature);
    }

    [Theory]
    [InlineData("Thanks\nsent from my iPhone", "sent from my iPhone")]
    [InlineData("Thanks\n--\nBob\nAny Street 1", "--\nBob\nAny Street 1")]
    [InlineData("Thanks\n\n____________\nBob Doe\nSales", "____________\nBob Doe\nSales")]
    public void A_short_signature_needs_no_empty_line(string text, string signature) => Assert.Equal(("Thanks", signature), Parts(text));

    [Theory]
    [InlineData("From: Bob\nSent: 9 June 2026 09.05\nTo: Ada\nSubject: Order 7")]
    [InlineData("From: Bob\nSent: mardi 9 juin 2026 9h05\nTo: Ada\nSubject: Order 7")]
    [InlineData("From: Bob <bob@example.com>\nTo: Ada\nSubject: Order 7")]
    public void Header_lines_with_an_address_or_a_time_of_day_start_the_quote(string block) => Assert.Equal("Hello there.", ReplyTrimmer.Trim($"Hello there.\n\n{block}\n\nFirst\n").Reply);

    [Fact]
    public void The_armour_of_text_signed_in_the_clear_is_elided()
    {
        var trimmed = ReplyTrimmer.Trim("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nHello there.\n- - one\n- -- \nAda\n-----BEGIN PGP SIGNATURE-----\n\niHUEARYKAB0WIQ==\n=AbCd\n-----END PGP SIGNATURE-----\n");
        Assert.Equal("Hello there.\n- one", trimmed.Reply);
        Assert.Equal("--\nAda", trimmed.Signature);
        Assert.Equal("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n-----BEGIN PGP SIGNATURE-----\n\niHUEARYKAB0WIQ==\n=AbCd\n-----END PGP SIGNATURE-----", trimmed.Elided);
        Assert.Equal("Hello there.", ReplyTrimmer.Trim("-----BEGIN PGP SIGNED MESSAGE-----\n\nHello there.\n-----BEGIN PGP SIGNATURE-----\n\niHUEARYK").Reply);
        Assert.Equal("- a list\n- of two", ReplyTrimmer.Trim("- a list\n- of two").Reply);
    }

    [Fact]
    public void Answers_between_quotes_stay_with_the_quotes_they_answer()
    {
        var trimmed = ReplyTrimmer.Trim("On Tue, 3 Mar 2026 at 09:00, Bob <bob@example.com> wrote:\n> Which size?\n\nLarge.\n\n> Which colour?\n\nBlue.\n\n> Thanks\n> Bob\n\n-- \nAda");
        Assert.Equal("> Which size?\n\nLarge.\n\n> Which colour?\n\nBlue.", trimmed.Reply);
        Assert.Equal("--\nAda", trimmed.Signature);
        Assert.EndsWith("> Thanks\n> Bob", trimmed.Elided, StringComparison.Ordinal);
        Assert.EndsWith("> Bob\n\n--\nAda", trimmed.Cut, StringComparison.Ordinal);
    }

    private static (string Reply, string Signature) Parts(string text) => ReplyTrimmer.Trim(text) is var trimmed ? (trimmed.Reply, trimmed.Signature) : default;
}
