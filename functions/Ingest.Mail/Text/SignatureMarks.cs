using System.Buffers;

namespace Ingest.Mail.Text;

/// <summary>Lines that start a signature or are one.</summary>
internal static class SignatureMarks
{
    private const int MaxDeviceLine = 140;
    private const int MaxWords = 9;

    // Before the name of a device or program.
    private static readonly WordStarts Devices = new(Split(
        "sent from |sent via |sent with |sent by |sent using |sent on |get outlook for |get [outlook for |from my |von meinem |von meiner |gesendet von |gesendet mit |gesendet über |gesendet aus |diese nachricht wurde von meinem |diese nachricht wurde mit |outlook für |holen sie sich outlook |envoyé de |envoyé depuis |envoyé à partir |envoyé avec |télécharger outlook |obtenez outlook |provenance : |"
        + "enviado desde |enviado do |enviado de |enviado a partir |enviado con |enviado através |enviado pelo |enviado via |obtener outlook |obter outlook |obtén outlook |inviato da |inviato dal |inviato con |scarica outlook |ottieni outlook |verzonden vanaf |verzonden met |verzonden via |verstuurd vanaf |verstuurd met |outlook voor |download outlook voor |"
        + "wysłane z |wysłano z |wysłane przez |pobierz program outlook |skickat från |skickat med |hämta outlook |sendt fra |sendt med |sendt via |få outlook |hent outlook |lähetetty |hanki outlook |odesláno z |odesláno ze |odoslané z |získat outlook |získajte outlook |elküldve |küldve az |trimis de |trimis din |descărcați outlook |poslano s |poslano z |poslato sa |preuzmite outlook |išsiųsta iš |nosūtīts no |saadetud minu |enviat des |bidalita |sent frá |"
        + "отправлено с |отправлено из |отправлено через |отправлено на |послано с |скачать outlook |відправлено з |надіслано з |изпратено от |послато са |στάλθηκε από |λήψη του outlook |aşağıdaki aygıttan |benim |iphone'umdan |ipad'imden |android için outlook |gönderildi |đã gửi từ |được gửi từ |gửi từ |dikirim dari |dihantar dari |ส่งจาก |נשלח מ|נשלח באמצעות |أُرسلت من |أرسلت من |تم الإرسال من |مرسل من |ارسال شده از |मेरे |"
        + "從我的|从我的|发自我的|發自我的|来自我的|發送自|传送自我的|我的 iphone|從 windows|获取 outlook|获取适用于|取得 outlook|發自 |发自 |iphoneから送信|ipadから送信|androidから|outlook for |ios 版 outlook |ios 版の outlook |ios版 outlook |ios 用 outlook |android 版 outlook |android 版の outlook |android版 outlook |outlook を入手|windows 版のメール|나의 iphone|내 iphone|내 갤럭시|iphone에서|android용"));

    // English lines begin like sentences; these words, or few words and no comma, tell them apart.
    private static readonly string[] DeviceWords = Split(
        "iphone|ipad|ipod|android|samsung|galaxy|blackberry|windows|outlook|yahoo|mailbox|airmail|mobile|phone|smartphone|tablet|htc|nokia|huawei|xiaomi|redmi|oneplus|motorola|sony|xperia|gmail|aol|sparrow|thunderbird|proton|protonmail|tutanota|k-9|bluemail|typeapp|mailspring|superhuman|acompli|handheld|wireless|device|app|email|webmail|cell|cellphone|verizon|t-mobile|at&t|polymail|boxer|zimbra|yandex|icloud|spark|mail|mymail|cloudmagic|macbook|imac|ios|handy|mobilgerät|mobiltelefon");

    // The first words of the line above a name.
    private static readonly WordStarts Closings = new(Split(
        "regards|best|kind regards|kindest regards|warm regards|warmest|many thanks|thanks|thank you|thx|cheers|sincerely|yours|respectfully|cordially|take care|talk soon|all the best|with regards|with best|with kind|rgds|br,|kr,|mfg|lg|vg|viele grüße|liebe grüße|beste grüße|grüße|gruß|gruss|viele gruesse|mit freundlichen|mit besten|mit herzlichen|freundliche grüße|freundlichen gruß|herzliche|schöne grüße|danke|vielen dank|besten dank|hochachtungsvoll|"
        + "cordialement|bien cordialement|bien à vous|très cordialement|sincères salutations|salutations|meilleures salutations|merci|amicalement|saludos|un saludo|atentamente|atte|cordiales saludos|saludos cordiales|un cordial saludo|gracias|muchas gracias|cordiali saluti|distinti saluti|saluti|grazie|un saluto|atenciosamente|cumprimentos|com os melhores|obrigado|obrigada|abraço|att,|met vriendelijke|vriendelijke groet|groeten|hartelijke|mvg|bedankt|dank|"
        + "med vänlig|vänliga hälsningar|hälsningar|mvh|tack|med venlig|venlig hilsen|vennlig hilsen|med vennlig|hilsen|tak|takk|terveisin|ystävällisin|kiitos|pozdrawiam|z poważaniem|pozdrowienia|z wyrazami|dziękuję|s pozdravem|s úctou|děkuji|s pozdravom|ďakujem|üdvözlettel|köszönettel|tisztelettel|cu stimă|cu respect|mulțumesc|lijep pozdrav|srdačan pozdrav|lep pozdrav|hvala|с уважением|спасибо|з повагою|дякую|поздрави|с уважение|με εκτίμηση|ευχαριστώ|φιλικά|saygılarımla|iyi çalışmalar|teşekkürler|sevgiler|trân trọng|cảm ơn|salam|hormat|terima kasih|בברכה|תודה|مع تحيات|تحياتي|شكرا|敬具|よろしく|以上|此致|祝|谢谢|謝謝|감사합니다|드림"));

    private static readonly SearchValues<char> Ornaments = SearchValues.Create("-_*=~#+—–· \t");
    private static readonly SearchValues<char> NumberMarks = SearchValues.Create("0123456789+-/(). ");
    private static readonly SearchValues<string> ListWords = SearchValues.Create(Split("mailing list|unsubscribe|listinfo|list archive|list-"), StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<string> Excuses = SearchValues.Create(Split("excuse|typo|brevity|sorry|pardon|forgive|brief|apolog|autocorrect|spelling"), StringComparison.OrdinalIgnoreCase);

    // What companies append, by its first words.
    private static readonly WordStarts Disclaimers = new(Split(
        "this email and any|this e-mail and any|this email message and any|this e-mail message and any|this message and any|this email (including|this e-mail (including|this communication is intended|this email is confidential|this e-mail is confidential|this message is intended|this e-mail is intended|this email is intended|this transmission is|this message contains confidential|this email contains confidential|this e-mail contains confidential|the information contained in this|the information in this e|the contents of this e|the content of this e|confidentiality notice|confidential notice|disclaimer:|notice: this e|important notice: this|legal notice|privileged and confidential|please consider the environment|think before you print|"
        + "diese e-mail enthält|diese e-mail kann|diese e-mail ist|diese e-mail und|diese nachricht enthält|diese nachricht ist|der inhalt dieser e-mail|die information in dieser|bitte denken sie an die umwelt|ce message et|ce message est|ce courriel et|ce courriel est|cet e-mail et|les informations contenues|avis de confidentialité|este mensaje y|este mensaje es|este correo electrónico y|este correo electrónico es|la información contenida|aviso legal|aviso de confidencialidad|esta mensagem e|esta mensagem pode|este e-mail e|este e-mail pode|as informações contidas|aviso de confidencialidade|"
        + "questo messaggio e|questa e-mail e|questa email e|le informazioni contenute|avviso di riservatezza|dit bericht is|dit bericht en|deze e-mail is|deze e-mail en|de informatie in dit|de inhoud van dit|niniejsza wiadomość|ta wiadomość jest|treść tej wiadomości|denne e-post|denne e-mail|detta meddelande|detta e-post|настоящее сообщение|данное сообщение|это сообщение является|информация, содержащаяся|virus-free.|this email has been checked for viruses|diese e-mail wurde von|l'absence de virus|libre de virus.|sin virus."));

    /// <summary>True for "-- " and what becomes of it on the way (RFC 3676 section 4.3).</summary>
    public static bool IsMark(ReadOnlySpan<char> line) => line.TrimEnd() is "--" or "—" or "–" or "- --" or "‐‐" or "--=20";

    /// <summary>True for two dashes alone, without the blank behind that makes them the mark of a signature.</summary>
    public static bool IsBareMark(ReadOnlySpan<char> line) => line is "--" or "--\r";

    /// <summary>True for a line that takes leave: "Best regards," and the like.</summary>
    public static bool IsClosing(ReadOnlySpan<char> line)
    {
        line = line.Trim().TrimStart("*_-~");
        return line.Length is > 1 and < 60 && Words(line) <= 6 && Closings.Begin(line);
    }

    /// <summary>True for a line with the name of a device or a program in it.</summary>
    public static bool NamesDevice(ReadOnlySpan<char> line) => HasWord(line, DeviceWords) || line.ContainsAny(Excuses);

    /// <summary>True for the long rule that mailing lists and forums put above their footer.</summary>
    public static bool IsListFooter(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        return line.Length >= 30 && (line.IndexOfAnyExcept('_') < 0 || line.IndexOfAnyExcept('-') < 0 || line.IndexOfAnyExcept('=') < 0);
    }

    /// <summary>True for lines without a word: rules and the marks that trackers leave.</summary>
    public static bool IsOrnament(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        return line is "ᐧ" || (line.Length >= 2 && line.IndexOfAnyExcept(Ornaments) < 0);
    }

    /// <summary>True for what companies let their servers append.</summary>
    public static bool IsDisclaimer(ReadOnlySpan<char> line) => Disclaimers.Begin(line.TrimStart("*_<[( \t"));

    /// <summary>True for lines such as "Sent from my iPhone".</summary>
    public static bool IsDeviceLine(ReadOnlySpan<char> line)
    {
        line = line.Trim().TrimStart("<([*_ ").TrimEnd(">)]*_. ");
        if (line.Length is < 6 or > MaxDeviceLine)
            return false;
        if (IsFromMobile(line))
            return true;
        if (!Devices.Begin(line))
            return IsAndroidLast(line);
        if (line[0] is not ('s' or 'S' or 'f' or 'F'))
            return Words(line) <= MaxWords + 3;
        if (line.ContainsAny(Excuses))
            return true;
        var link = line.IndexOfAny("(<");
        var words = link > 8 ? line[..link] : line;
        if (Words(words) > MaxWords || words.ContainsAny(",;!?"))
            return false;
        var rest = words[words.IndexOf(' ')..];
        return HasWord(words, DeviceWords) || (rest.StartsWith(" from my ", StringComparison.OrdinalIgnoreCase) && Words(words) <= 6);
    }

    /// <summary>True for "-Joe Doe", the whole signature of some.</summary>
    public static bool IsDashedName(ReadOnlySpan<char> line) => line.Trim() is ['-', not ' ', ..] trimmed && (IsName(trimmed[1..]) || (Words(trimmed) == 1 && IsName($"X {trimmed[1..]}")));

    /// <summary>True for a line that is a way to reach somebody: an address, a telephone number, a web page.</summary>
    public static bool IsContact(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        if (line.Length is < 5 or > 100)
            return false;
        var digits = 0;
        foreach (var c in line)
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        if (digits >= 7 && line.IndexOfAnyExcept(NumberMarks) is var other && (other < 0 || (other < 12 && line.Length - digits < 30)))
            return true;
        return Words(line) <= 4 && ((line.Contains('@') && line.Contains('.')) || line.Contains("www.", StringComparison.OrdinalIgnoreCase) || line.Contains("http", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>True for the name of a person or a firm, as far as letters tell.</summary>
    public static bool IsName(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        if (line.Length is < 3 or > 40 || Words(line) is < 2 or > 4)
            return false;
        var start = true;
        foreach (var c in line)
        {
            if ((start && !char.IsUpper(c)) || !(char.IsLetter(c) || c is ' ' or '.' or '\'' or '’' or '-'))
                return false;
            start = c == ' ';
        }
        return true;
    }

    /// <summary>True for a line of a mailing list's footer that says so.</summary>
    public static bool IsOfList(ReadOnlySpan<char> line) => line.ContainsAny(ListWords);

    public static int Words(ReadOnlySpan<char> line)
    {
        var words = 0;
        foreach (var range in line.Split(' '))
            words += line[range].IsEmpty ? 0 : 1;
        return words;
    }

    private static bool HasWord(ReadOnlySpan<char> line, string[] words)
    {
        foreach (var word in words)
        {
            for (var at = line.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0;)
            {
                var end = at + word.Length;
                if ((at == 0 || !char.IsLetter(line[at - 1])) && (end == line.Length || !char.IsLetter(line[end])))
                    return true;
                var next = line[end..].IndexOf(word, StringComparison.OrdinalIgnoreCase);
                at = next < 0 ? -1 : end + next;
            }
        }
        return false;
    }

    // "via mobile", "Joe from mobile".
    private static bool IsFromMobile(ReadOnlySpan<char> line) =>
        line.Length < 50 && (line.EndsWith("from mobile", StringComparison.OrdinalIgnoreCase) || line.EndsWith("via mobile", StringComparison.OrdinalIgnoreCase)) && Words(line) <= 5;

    // Languages whose verb comes last.
    private static bool IsAndroidLast(ReadOnlySpan<char> line) =>
        line.Length < 60 && HasWord(line, DeviceWords) && (line.EndsWith("から送信") || line.EndsWith("gönderildi", StringComparison.OrdinalIgnoreCase) || line.EndsWith("gesendet", StringComparison.OrdinalIgnoreCase) || line.EndsWith("küldve", StringComparison.OrdinalIgnoreCase)
            || line.EndsWith("에서 보냄") || line.EndsWith("傳送") || line.EndsWith("发送") || line.EndsWith("發送") || line.EndsWith("から送信されました") || line.EndsWith("भेजा गया") || line.EndsWith("küldtem", StringComparison.OrdinalIgnoreCase));

    private static string[] Split(string words) => words.Split('|', StringSplitOptions.RemoveEmptyEntries);
}
