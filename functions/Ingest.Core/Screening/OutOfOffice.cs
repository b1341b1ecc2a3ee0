using System.Text;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>
/// Notes that a program sends for a person who is away, in 24 languages. A person may write the same words, so words alone make no note: the subject must begin with
/// them, the text must say so too and be short, and the mail must answer another one or be built as machines build theirs.
/// </summary>
internal static class OutOfOffice
{
    private const int ReadAtMost = 1500, LongestNote = 4000, LongestSubject = 200;

    private sealed record Language(string[] Subjects, string[] Sentences);

    // Lower case, single blanks, straight quotes. Subjects as programs and people name such notes; sentences as they begin.
    private static readonly Language[] Languages =
    [
        new(["out of office", "out of the office", "out-of-office", "ooo", "away from the office", "on vacation", "on annual leave", "annual leave", "maternity leave", "parental leave", "sick leave", "on leave", "on holiday", "i am out of", "i'm out of", "away until", "vacation", "vacation response", "vacation reply", "auto-response", "autoreply", "auto reply", "automatic reply"],
            ["out of the office", "out of office", "away from the office", "away from my desk", "away from my mail", "on vacation", "on annual leave", "on maternity leave", "on parental leave", "on paternity leave", "on sick leave", "on holiday", "on leave until", "on leave from", "am on leave", "currently away", "currently out", "limited access to my email", "limited access to email", "limited access to e-mail", "when i return", "upon my return", "not be reading my mail", "no longer with the company", "no longer work"]),
        new(["abwesenheit", "abwesenheitsnotiz", "abwesend", "ich bin abwesend", "nicht im büro", "urlaub", "im urlaub", "außer haus", "ausser haus", "automatische antwort", "abwesenheitsnachricht"],
            ["nicht im büro", "nicht im haus", "außer haus", "ausser haus", "abwesend", "im urlaub", "in urlaub", "nicht im dienst", "in elternzeit", "nicht erreichbar", "wieder im büro", "wieder erreichbar", "in mutterschutz", "nicht am arbeitsplatz"]),
        new(["absence", "absent", "absente", "absence du bureau", "en congé", "congés", "en vacances", "hors du bureau", "réponse automatique", "message d'absence", "notification d'absence"],
            ["absent du bureau", "absente du bureau", "je suis absent", "je suis actuellement absent", "je serai absent", "actuellement absent", "en congé", "en vacances", "hors du bureau", "de retour le", "à mon retour", "dès mon retour"]),
        new(["fuera de la oficina", "fuera de oficina", "ausente", "ausencia", "de vacaciones", "respuesta automática", "estoy fuera"],
            ["fuera de la oficina", "fuera de oficina", "estoy de vacaciones", "estaré de vacaciones", "estaré ausente", "estoy ausente", "me encuentro ausente", "me encuentro de vacaciones", "me encontraré fuera", "a mi regreso", "a mi vuelta", "acceso limitado al correo"]),
        new(["fuori ufficio", "fuori sede", "assenza", "assente", "in ferie", "risposta automatica", "ferie"],
            ["fuori ufficio", "fuori sede", "sono in ferie", "sarò in ferie", "sono assente", "sarò assente", "in ferie fino", "al mio rientro", "al mio ritorno", "assente dall'ufficio"]),
        new(["fora do escritório", "ausência", "ausente", "em férias", "de férias", "férias", "resposta automática"],
            ["fora do escritório", "estou de férias", "estarei de férias", "estou em férias", "estarei em férias", "estou ausente", "estarei ausente", "encontro-me ausente", "encontro-me de férias", "no meu regresso", "no meu retorno", "ausente do escritório"]),
        new(["afwezig", "afwezigheid", "niet aanwezig", "buiten kantoor", "met vakantie", "op vakantie", "vakantie", "automatisch antwoord", "afwezigheidsbericht"],
            ["niet aanwezig", "niet op kantoor", "afwezig", "met vakantie", "op vakantie", "buiten kantoor", "weer aanwezig", "terug op kantoor", "niet bereikbaar"]),
        new(["frånvaro", "frånvarande", "ej på kontoret", "inte på kontoret", "semester", "på semester", "autosvar", "automatiskt svar"],
            ["inte på kontoret", "ej på kontoret", "på semester", "har semester", "är frånvarande", "är tillbaka", "åter på kontoret", "föräldraledig", "är ledig", "tjänsteledig"]),
        new(["fravær", "fraværende", "ikke på kontoret", "ferie", "på ferie", "autosvar", "automatisk svar"],
            ["ikke på kontoret", "er på ferie", "har ferie", "holder ferie", "er fraværende", "tilbage på kontoret", "tilbake på kontoret", "på barsel", "er bortreist", "har fri", "ute av kontoret", "ikke til stede"]),
        new(["poissa", "en ole paikalla", "lomalla", "poissaolo", "poissaoloilmoitus", "automaattinen vastaus", "poissa toimistosta"],
            ["en ole paikalla", "olen lomalla", "olen poissa", "poissa toimistosta", "palaan töihin", "palaan lomalta", "olen vuosilomalla", "en ole toimistossa", "olen tavoitettavissa"]),
        new(["nieobecność", "nieobecny", "nieobecna", "poza biurem", "urlop", "na urlopie", "odpowiedź automatyczna", "autoodpowiedź", "jestem na urlopie"],
            ["jestem na urlopie", "przebywam na urlopie", "poza biurem", "jestem nieobecn", "będę nieobecn", "nieobecny w biurze", "nieobecna w biurze", "nie ma mnie w biurze", "wracam do biura", "po powrocie", "po moim powrocie"]),
        new(["mimo kancelář", "nepřítomnost", "nepřítomen", "nepřítomna", "dovolená", "na dovolené", "automatická odpověď", "jsem mimo"],
            ["mimo kancelář", "jsem na dovolené", "čerpám dovolenou", "nejsem přítom", "nepřítomen", "nepřítomna", "nebudu v kanceláři", "nejsem v kanceláři", "po návratu", "budu zpět"]),
        new(["házon kívül", "távollét", "szabadság", "szabadságon", "automatikus válasz", "nem vagyok az irodában"],
            ["házon kívül", "szabadságon vagyok", "szabadságon leszek", "távol vagyok", "távol leszek", "nem vagyok az irodában", "irodán kívül", "visszatérésem", "nem tartózkodom"]),
        new(["absent din birou", "plecat din birou", "concediu", "în concediu", "in concediu", "răspuns automat", "în afara biroului", "sunt în concediu"],
            ["sunt în concediu", "sunt in concediu", "voi fi în concediu", "voi fi plecat", "nu sunt la birou", "în afara biroului", "in afara biroului", "sunt plecat", "la întoarcere", "revin la birou", "mă întorc"]),
        new(["εκτός γραφείου", "απουσία", "σε άδεια", "αυτόματη απάντηση", "άδεια"],
            ["εκτός γραφείου", "σε άδεια", "θα απουσιάζω", "απουσιάζω", "θα λείπω", "λείπω από το γραφείο", "επιστρέφω", "με την επιστροφή μου"]),
        new(["вне офиса", "отсутствие", "отсутствую", "в отпуске", "отпуск", "автоответ", "автоматический ответ", "меня нет в офисе", "нет на месте"],
            ["нахожусь в отпуске", "я в отпуске", "буду в отпуске", "вне офиса", "меня нет в офисе", "отсутствую", "буду отсутствовать", "не в офисе", "вернусь", "по возвращении", "ограниченный доступ к почте", "в командировке"]),
        new(["поза офісом", "відпустка", "у відпустці", "я у відпустці", "відсутність", "автовідповідь", "автоматична відповідь"],
            ["у відпустці", "поза офісом", "мене немає в офісі", "відсутній", "відсутня", "буду відсутн", "повернуся", "після повернення"]),
        new(["ofis dışında", "ofis dışındayım", "izindeyim", "yıllık izin", "tatildeyim", "otomatik yanıt", "otomatik cevap"],
            ["ofis dışında", "izindeyim", "izinde olacağım", "yıllık izinde", "yıllık izin", "tatildeyim", "tatilde olacağım", "ofiste olmayacağım", "ofiste değilim", "döndüğümde"]),
        new(["不在", "不在通知", "不在のお知らせ", "休暇", "休暇中", "自動応答", "自動返信", "外出中"],
            ["不在にして", "不在とな", "不在の", "休暇を", "休暇中", "休暇の", "お休みを", "出張中", "育児休業", "夏季休業", "戻り次第"]),
        new(["外出", "不在办公室", "休假", "自动回复", "自動回覆", "自动答复", "不在辦公室", "休假中", "我正在休假", "公出"],
            ["正在休假", "休假中", "我在休假", "休假期间", "休假期間", "不在办公室", "不在辦公室", "外出", "出差", "年假", "无法及时回复", "無法及時回覆", "回来后", "回來後"]),
        new(["부재", "부재중", "부재 중", "휴가", "휴가 중", "휴가중", "자동 회신", "자동회신", "자동 응답", "외출"],
            ["부재중", "부재 중", "휴가 중", "휴가중", "휴가입니다", "휴가로", "출장 중", "출장중", "자리를 비", "복귀"]),
        new(["خارج المكتب", "خارج مكتبي", "إجازة", "في إجازة", "رد تلقائي", "الرد التلقائي"],
            ["خارج المكتب", "خارج مكتبي", "في إجازة", "في اجازة", "في عطلة", "عند عودتي", "غير متواجد", "لن أكون متاح"]),
        new(["מחוץ למשרד", "בחופשה", "חופשה", "לא במשרד", "מענה אוטומטי", "תשובה אוטומטית"],
            ["מחוץ למשרד", "בחופשה", "לא במשרד", "איני במשרד", "אני נמצא בחופש", "אני נמצאת בחופש", "עם שובי", "אחזור למשרד"]),
        new(["tidak di kantor", "di luar kantor", "cuti", "sedang cuti", "balasan otomatis"],
            ["sedang cuti", "tidak di kantor", "di luar kantor", "sedang tidak berada", "saya cuti", "kembali ke kantor"]),
    ];

    // What programs put before the words; "re:" is what answers of any kind begin with.
    private static readonly string[] Prefixes = ["re:", "aw:", "sv:", "vs:", "odp:", "antw:", "antwort:", "r:", "ris:", "rif:", "rv:", "res:", "auto:", "automatic reply:", "auto-reply:", "autoreply:", "ynt:", "回复:", "答复:", "[auto-reply]", "[autoreply]", "[ooo]", "(ooo)"];

    /// <summary>True for a mail that no field calls automatic, and that is a note all the same.</summary>
    internal static bool IsNote(MailMessage message, bool hasMachinesFields)
    {
        if (!hasMachinesFields && message.InReplyTo.Count == 0 && message.References.Count == 0) return false;
        if ((message.Text?.Length ?? 0) > LongestNote && message.Reply.Length > LongestNote) return false;
        string subject = Plain(message.Subject, LongestSubject);
        string text = Plain(message.Reply, ReadAtMost);
        return Array.Exists(Languages, language => Begins(subject, language.Subjects) && Says(text, language.Sentences));
    }

    /// <summary>True for a mail that is known to be automatic, and whose words are those of a note.</summary>
    internal static bool SpeaksOfAbsence(MailMessage message)
    {
        string subject = Plain(message.Subject, LongestSubject);
        string text = Plain(message.Reply, ReadAtMost);
        return Array.Exists(Languages, language => Says(text, language.Sentences) || Begins(subject, language.Subjects[..^1]));
    }

    // At the start, and ended there by anything but more letters: "out of office chairs" is about chairs.
    private static bool Begins(string subject, string[] words)
    {
        ReadOnlySpan<char> rest = subject;
        for (int cuts = 0; cuts < 3; cuts++)
            foreach (string prefix in Prefixes)
                if (rest.StartsWith(prefix, StringComparison.Ordinal)) rest = rest[prefix.Length..].TrimStart();
        foreach (string word in words)
            if (rest.StartsWith(word, StringComparison.Ordinal) && Ends(rest[word.Length..])) return true;
        return false;
    }

    // What goes on to say how long, or what it is.
    private static readonly string[] Followers = ["until", "till", "from", "re", "reply", "message", "notice", "notification", "response", "alert", "auto", "autoreply", "bis", "vom", "ab", "jusqu", "hasta", "fino", "dal", "até", "tot", "från", "til", "fra", "do", "od"];

    private static bool Ends(ReadOnlySpan<char> rest)
    {
        if (rest.Length == 0 || !(char.IsWhiteSpace(rest[0]) || char.IsPunctuation(rest[0]) || char.IsSymbol(rest[0]))) return rest.Length == 0 || rest[0] > '\u2E80';
        ReadOnlySpan<char> next = rest.TrimStart();
        if (next.Length == 0 || char.IsPunctuation(next[0]) || char.IsSymbol(next[0]) || char.IsDigit(next[0])) return true;
        foreach (string follower in Followers)
            if (next.StartsWith(follower, StringComparison.Ordinal) && (next.Length == follower.Length || !char.IsLetter(next[follower.Length]))) return true;
        return false;
    }

    private static bool Says(string text, string[] sentences) => Array.Exists(sentences, sentence => text.Contains(sentence, StringComparison.Ordinal));

    private static string Plain(string text, int most)
    {
        StringBuilder plain = new(Math.Min(text.Length, most));
        bool blank = true;
        foreach (char c in text)
        {
            if (plain.Length == most) break;
            if (char.IsWhiteSpace(c))
            {
                if (!blank) plain.Append(' ');
                blank = true;
                continue;
            }

            if (c is '\u200e' or '\u200f' or '\u202a' or '\u202b' or '\u202c' or '\u2067' or '\u2069' or '\ufeff') continue;
            plain.Append(c is '\u2019' or '\u2018' ? '\'' : char.ToLowerInvariant(c));
            blank = false;
        }

        return plain.ToString().TrimEnd();
    }
}
