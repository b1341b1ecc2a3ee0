using System.Buffers;
using System.Collections.Frozen;

namespace Ingest.Mail.Text;

/// <summary>What a label such as "From:" above quoted text stands for.</summary>
internal enum QuoteLabel : byte
{
    None,
    From,
    Date,
    To,
    Subject,
    Other,
}

/// <summary>The words that mail programs put around quoted text, by what they mean; a table, so that a language is a matter of lines.</summary>
internal static class QuoteWords
{
    /// <summary>How an attribution may begin when it does not begin with a number; a trailing blank wants one in the text.</summary>
    public static WordStarts Openers { get; } = new(Split(
        // Words for "on" and "at".
        "on |at |am |le |el |il |op |em |no dia |a |à |dnia |w dniu |den |d. |på |vào |lúc |pe |în data |la data |στις |την |στο |в |у |на |дана |dana |dne |dňa |dňa: |ve středu|ke |ti |la |lørdag|den|kl. |tarihinde|pada |tanggal |del |o dia |en data |missatge|data|el dia |ar |le |ddydd |ar an|më |i |á |þann |"
        + "在|于|於|בתאריך|ב-|ביום|في |بتاريخ |در تاریخ |در |เมื่อ|を|מאת|el|"
        // Days of the week.
        + "mon|tue|wed|thu|fri|sat|sun|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|mo.|di.|mi.|do.|fr.|sa.|so.|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|sab|dom|gio|seg|ter|qua|qui|sex|"
        + "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|man|tir|tor|lör|sön|lau|mán|poniedział|wtor|środ|czwart|piąt|sobot|niedziel|pon.|pn.|wt.|śr.|czw.|pt.|sob.|niedz.|pondělí|úterý|středa|čtvrtek|pátek|po |út |st |čt |pá |so |ne |pon|uto|sri|čet|pet|sub|ned|hétf|kedd|szerd|csütört|péntek|szombat|vasárnap|"
        + "понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт|ср|чт|пт|сб|вс|нд|понеділок|вівторок|середа|п'ятниця|субота|неділя|нед|уто|сре|чет|пет|суб|pzt|sal|çar|per|cum|cmt|paz|Δευ|Τρί|Τετ|Πέμ|Παρ|Σάβ|Κυρ|thứ|chủ nhật|senin|selasa|rabu|kamis|jumat|sabtu|minggu|"
        // Months, where they come first.
        + "jan|feb|apr|may|jun|jul|aug|sep|oct|nov|dec|"
        // Programs that draw lines around it.
        + "---- |-----on |------on |------ |--- on |-------- "));

    /// <summary>Verbs with which an attribution says who wrote; those with a letter at an end must be whole words.</summary>
    public static string[] VerbList { get; } = Split(
        "wrote|writes|sent|said|schrieb|geschrieben|a écrit|a ecrit|écrivait|écrit|escribió|escribio|escribiste|ha scritto|scritto|scrisse|schreef|geschreven|geskryf|escreveu|escribiu|va escriure|ha escrit|idatzi du|napisał|napisała|napisal|napísal|napsal|napsala|napisao|napisala|napisali|piše|pisze|missatge de|skrev|skrifaði|kirjoitti|"
        + "yazdı|şunu yazdı|şunları yazdı|yazdi|đã viết|viết|írta|ezt írta|a scris|scris|shkroi|rašė|parašė|rakstīja|kirjutas|menulis|scríobh|ysgrifennodd|έγραψε|написал|написала|написал(а)|пишет|пише|написав|написала|написа|написао|піша|напісаў|yozdi|жазды|yazdı|գրել է|დაწერა|"
        + "כתב|כתבה|כתב/ה|كتب|كتبت|نوشت|ने लिखा|लिखा|เขียนว่า|เขียน|写道|寫道|寫到|写到|写了|撰写|来信|のメール|書きました|書き込み|さんは書きました|wrote on|작성|님이 작성|썼습니다|쓰셨습니다|에 쓴|schrieb am|geschrieben hat|ha escrito|escrito");

    /// <summary>Finds one of the verbs.</summary>
    public static SearchValues<string> Verbs { get; } = SearchValues.Create(VerbList, StringComparison.OrdinalIgnoreCase);

    /// <summary>What stands between dashes above the mail that is answered.</summary>
    public static WordStarts Separators { get; } = new(Split(
        "original message|original appointment|original mail|original email|reply message|original text|ursprüngliche nachricht|urspruengliche nachricht|originalnachricht|ursprüngliche e-mail|antwort nachricht|ursprünglicher termin|message d'origine|message d’origine|message original|message initial|courriel d'origine|mensaje original|mensagem original|messaggio originale|messaggio originario|"
        + "oorspronkelijk bericht|originele bericht|origineel bericht|oorspronklike boodskap|original meddelelse|oprindelig meddelelse|oprindelig besked|opprinnelig melding|opprinnelig meldning|original melding|ursprungligt meddelande|originalmeddelande|ursprungligt mail|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|wiadomość pierwotna|"
        + "původní zpráva|původní e-mail|pôvodná správa|eredeti üzenet|mesaj original|mesajul original|mesajul iniţial|izvorna poruka|originalna poruka|izvirno sporočilo|originalus pranešimas|pradinis laiškas|originalus laiškas|sākotnējais ziņojums|oriģinālais ziņojums|algne kiri|algne sõnum|algsõnum|missatge original|jatorrizko mezua|mensaxe orixinal|upphaflegt skeyti|upprunaleg skilaboð|"
        + "исходное сообщение|исходное письмо|оригинальное сообщение|первоначальное сообщение|вихідне повідомлення|оригінальне повідомлення|початкове повідомлення|оригинално съобщение|оригинална порука|изворна порука|αρχικό μήνυμα|πρωτότυπο μήνυμα|orijinal mesaj|özgün ileti|özgün İleti|orijinal İleti|orjinal mesaj|orijinal ileti|thư gốc|tin nhắn gốc|email gốc|pesan asli|mesej asal|ข้อความต้นฉบับ|ข้อความเดิม|"
        + "הודעה מקורית|ההודעה המקורית|الرسالة الأصلية|رسالة أصلية|پیام اصلی|मूल संदेश|原始邮件|原始信件|原邮件|邮件原件|原始郵件|原始訊息|原始邮件信息|元のメッセージ|オリジナルメッセージ|元のメール|원본 메시지|원본 메일|원래 메시지|原文"));

    /// <summary>What announces a mail that is passed on.</summary>
    public static WordStarts Forwards { get; } = new(Split(
        "forwarded message|begin forwarded message|start forwarded message|forwarded mail|forwarded by|forwarded email|weitergeleitete nachricht|anfang der weitergeleiteten|beginn der weitergeleiteten|weitergeleitete e-mail|weitergeleitet von|message transféré|début du message transféré|début du message réexpédié|message réexpédié|message transmis|transféré par|"
        + "mensaje reenviado|inicio del mensaje reenviado|comienzo del mensaje reenviado|mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|início da mensagem reencaminhada|messaggio inoltrato|inizio messaggio inoltrato|inizio del messaggio inoltrato|doorgestuurd bericht|begin doorgestuurd bericht|doorgezonden bericht|"
        + "videresendt besked|videresendt meddelelse|start på videresendt besked|videresendt melding|videresendt e-post|begynnelse på videresendt melding|vidarebefordrat meddelande|vidarebefordrat mejl|vidarebefordrat brev|välitetty viesti|edelleenlähetetty viesti|välitetty viesti alkaa|wiadomość przekazana|przekazana wiadomość|początek przekazywanej wiadomości|treść przekazanej wiadomości|"
        + "přeposlaná zpráva|přeposlaný e-mail|začátek přeposílané zprávy|začátek přeposlané zprávy|preposlaná správa|preposlaný e-mail|začiatok preposlanej správy|továbbított üzenet|továbbított levél|mesaj redirecționat|mesaj redirectionat|mesaj transmis|început mesaj redirecționat|proslijeđena poruka|prosljeđena poruka|prosleđena poruka|posredovano sporočilo|persiųstas pranešimas|persiunčiamas laiškas|pārsūtīta ziņa|pārsūtītais ziņojums|edastatud kiri|edastatud sõnum|missatge reenviat|inici del missatge reenviat|mensaxe reenviada|birbidalitako mezua|framsent skeyti|"
        + "пересланное сообщение|пересылаемое сообщение|начало переадресованного сообщения|начало пересланного сообщения|перенаправленное сообщение|переслане повідомлення|початок переадресованого повідомлення|початок листа, що пересилається|препратено съобщение|прослеђена порука|проследено порака|προωθημένο μήνυμα|αρχή προωθημένου μηνύματος|iletilmiş mesaj|iletilen mesaj|yönlendirilen mesaj|iletilmiş ileti|başlangıç iletilen mesaj|"
        + "thư được chuyển tiếp|tin nhắn được chuyển tiếp|bắt đầu thư được chuyển tiếp|pesan terusan|pesan yang diteruskan|mesej yang dimajukan|ข้อความที่ส่งต่อ|เริ่มข้อความที่ส่งต่อ|הודעה שהועברה|תחילת ההודעה שהועברה|رسالة معاد توجيهها|رسالة تمت إعادة توجيهها|الرسالة المحولة|بداية الرسالة المعاد توجيهها|پیام هدایت شده|अग्रेषित संदेश|"
        + "转发的邮件|转发邮件信息|转发邮件|转发信息|开始转发的邮件|以下是转发的邮件|轉寄郵件|轉寄的郵件|轉寄訊息|以下是轉寄的郵件|開始轉寄|転送されたメッセージ|転送メッセージ|転送メール|転送元メッセージ|전달된 메시지|전달된 메일|전달한 메시지"));

    /// <summary>What stands before the colon in the header lines that are repeated above quoted text.</summary>
    public static FrozenDictionary<string, QuoteLabel> Labels { get; } = BuildLabels();

    /// <summary>Subject prefixes of mail that is passed on.</summary>
    public static FrozenSet<string> ForwardPrefixes { get; } = Split("fwd|fw|wg|tr|rv|enc|i|doorst|fs|vs|vb|vl|pd|przesłane|továbbítás|továbbá|i̇lt|ilt|ynt|yml|προώ|πρθ|пер|пересл|fyi|转发|轉寄|轉發|転送|전달|הועבר|إعادة توجيه|res enc|pren|prosl|posl|chuyển tiếp|reenv|reenviado|inoltro|inoltrata|weitergeleitet|videresend|vidarebefordrat|továbbítva")
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static FrozenDictionary<string, QuoteLabel> BuildLabels()
    {
        var labels = new Dictionary<string, QuoteLabel>(StringComparer.OrdinalIgnoreCase);
        // An ambiguous word (the Polish and Portuguese "do", the Danish "til") keeps the first meaning it is given.
        Add(QuoteLabel.From, "from|von|de|da|van|od|fra|från|от|від|от кого|відправник|отправитель|lähettäjä|lähettänyt|kimden|gönderen|expéditeur|expediteur|remitente|remetente|mittente|afzender|afsender|avsender|avsändare|nadawca|odesílatel|odosielateľ|feladó|felado|expeditor|de la|pošiljatelj|pošiljalac|šalje|nuo|siuntėjas|no kā|sūtītājs|saatja|kellelt|remitent|nork|frá|"
            + "изпратено от|подател|од|από|αποστολέας|từ|người gửi|dari|daripada|pengirim|จาก|ผู้ส่ง|מאת|من|از|فرستنده|प्रेषक|发件人|發件人|寄件者|寄件人|寄件者：|差出人|送信者|보낸 사람|보낸사람|발신인|보낸이|absender|o|ô|nga");
        Add(QuoteLabel.Date, "sent|date|sent on|gesendet|datum|gesendet am|envoyé|envoye|envoyé le|date d'envoi|enviado|enviado el|enviado em|enviada em|enviada|fecha|inviato|data invio|data|verzonden|verzonden op|sendt|dato|skickat|skickades|wysłano|wyslano|data wysłania|odesláno|odoslané|elküldve|küldve|dátum|küldés dátuma|trimis|poslano|poslato|datums|išsiųsta|nosūtīts|saadetud|kuupäev|enviat|data d'enviament|bidalia|sent:|dags|lähetetty|päivämäärä|päiväys|pvm|gönderildi|gönderme|gönderilme tarihi|tarih|"
            + "отправлено|дата|надіслано|дата и время|изпратено|дата и час|послато|испратено|датум|στάλθηκε|ημερομηνία|εστάλη|đã gửi|ngày|ngày gửi|gửi|dikirim|tanggal|dihantar|tarikh|ส่ง|ส่งเมื่อ|วันที่|נשלח|תאריך|تاريخ الإرسال|تم الإرسال|التاريخ|أرسلت|تاریخ|ارسال شده|भेजा गया|दिनांक|发送时间|发送日期|時間|时间|日期|寄件日期|傳送時間|傳送日期|发送|送信日時|送信日|日付|日時|보낸 날짜|날짜|보낸 시간|발송일");
        Add(QuoteLabel.To, "to|an|à|a|para|aan|till|til|do|adresat|komu|címzett|cimzett|către|catre|prima|za|kam|kellele|saaja|kime|alıcı|vastaanottaja|destinataire|destinatario|destinatário|per a|nori|recipient|recipients|til:|кому|получатель|одержувач|до|за|προς|παραλήπτης|đến|tới|người nhận|kepada|untuk|ถึง|אל|לכבוד|إلى|الى|به|گیرنده|प्रति|को|收件人|收件者|收信人|宛先|받는 사람|받는사람|수신인|받는이|empfänger|viðtakandi");
        Add(QuoteLabel.Subject, "subject|betreff|betr.|betr|objet|sujet|asunto|assunto|oggetto|onderwerp|emne|ämne|aihe|temat|předmět|predmet|tárgy|targy|subiect|subiectul|zadeva|tema|tēma|teema|assumpte|gaia|efni|konu|тема|предмет|заглавие|относно|наслов|θέμα|chủ đề|tiêu đề|subjek|perihal|judul|subjek|เรื่อง|หัวเรื่อง|נושא|הנדון|الموضوع|موضوع|विषय|主题|主旨|主題|标题|題名|件名|제목");
        Add(QuoteLabel.Other, "cc|bcc|reply-to|reply to|kopie|kopie an|copie|copie à|copia|cópia|kopi|kopia|kopio|dw|dw.|udw|más|másolat|kópia|risposta|rispondi a|antwort an|répondre à|responder a|antwoord aan|svar til|svara till|копия|копія|κοιν|κοινοποίηση|đồng kính gửi|tembusan|สำเนา|עותק|העתק|نسخة|نسخه|抄送|副本|密件抄送|ｃｃ|참조|importance|priority|priorität|wichtigkeit|priorité|when|where|wann|wo|attachments|anlagen|pièces jointes|adjuntos|anexos|allegati|bijlagen|organization|organisation|x-mailer|message-id|mailed-by|signed-by|on behalf of|newsgroups|resent-from|bilgi|kk");
        return labels.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

        void Add(QuoteLabel label, string words)
        {
            foreach (var word in Split(words))
                labels.TryAdd(word, label);
        }
    }

    private static string[] Split(string words) => [.. words.Split('|', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
}
