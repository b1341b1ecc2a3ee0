using System.Buffers;

namespace Ingest.Mail.Text;

/// <summary>The lines that mail programs put before quoted text, in the languages they speak.</summary>
internal static class QuoteIntro
{
    private const int MaxLines = 5;
    private const int MaxLength = 400;

    private static readonly WordStarts Openers = new(
    [
        "on ", "at ", "am ", "le ", "el ", "il ", "op ", "em ", "a ", "dnia ", "w dniu ", "den ", "d. ", "på ", "vào ", "pe ", "στις ", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "в ", "пн", "вт", "ср", "чт", "пт", "сб", "вс",
        "понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье", "---- on ", "------on ", "em ", "no dia ", "ven", "gio", "mar", "mer", "lun", "sab", "dom", "poniedział", "wt", "śr", "czw", "pt.", "sob", "niedz",
    ]);

    private static readonly SearchValues<string> Verbs = SearchValues.Create(
    [
        "wrote", "writes", "sent", "schrieb", "geschrieben", "a écrit", "a ecrit", "écrit", "escribió", "escribio", "ha scritto", "scrisse", "schreef", "geschreven", "escreveu", "napisał", "napisała", "napisal", "skrev", "написал", "пишет", "пише", "написав",
        "kirjoitti", "yazdı", "đã viết", "írta", "a scris", "napsal", "έγραψε", "写道", "写道：", "寫道", "작성", "のメール", "wrote -",
    ], StringComparison.OrdinalIgnoreCase);

    private static readonly WordStarts Separators = new(
    [
        "original message", "original appointment", "ursprüngliche nachricht", "originalnachricht", "urspruengliche nachricht", "message d'origine", "message d’origine", "message original", "messaggio originale", "mensaje original", "mensagem original",
        "oorspronkelijk bericht", "original meddelelse", "oprindelig meddelelse", "ursprungligt meddelande", "opprinnelig melding", "wiadomość oryginalna", "oryginalna wiadomość", "исходное сообщение", "пересылаемое сообщение", "alkuperäinen viesti", "reply message", "antwort nachricht",
    ]);

    private static readonly WordStarts Forwards = new(
    [
        "forwarded message", "begin forwarded message", "weitergeleitete nachricht", "anfang der weitergeleiteten", "message transféré", "début du message transféré", "mensaje reenviado", "messaggio inoltrato", "inizio messaggio inoltrato",
        "doorgestuurd bericht", "begin doorgestuurd bericht", "mensagem encaminhada", "wiadomość przekazana", "przekazana wiadomość", "vidarebefordrat meddelande", "videresendt besked", "videresendt melding", "пересланное сообщение", "пересылаемое сообщение",
    ]);

    private static readonly string[] Authors = ["from", "von", "de", "da", "van", "od", "fra", "från", "от", "від", "lähettäjä", "kimden", "发件人", "寄件者", "差出人", "보낸 사람"];

    private static readonly string[] Labels =
    [
        "sent", "date", "to", "subject", "cc", "reply-to", "gesendet", "datum", "an", "betreff", "kopie", "envoyé", "envoye", "à", "a", "objet", "enviado", "enviado el", "fecha", "para", "asunto", "inviato", "data", "oggetto", "verzonden", "aan", "onderwerp",
        "enviada em", "assunto", "wysłano", "do", "dw", "temat", "skickat", "till", "ämne", "sendt", "til", "emne", "dato", "отправлено", "дата", "кому", "тема", "копия", "发送时间", "收件人", "主题", "日期", "寄件日期", "收件者", "主旨", "lähetetty", "vastaanottaja", "aihe", "when", "where", "importance", "enviado em",
    ];

    private static readonly SearchValues<char> Dashes = SearchValues.Create("-_*=~—– \t>");

    /// <summary>Number of lines of an attribution ("On ... wrote:") that starts at <paramref name="index"/>, 0 when none does.</summary>
    public static int AttributionLength(Lines lines, int index)
    {
        var first = lines[index].Trim();
        if (first.Length > MaxLength || !MayOpen(first))
            return 0;
        bool digit = false, verb = false, address = false;
        var length = 0;
        for (var i = index; i < lines.Count && i < index + MaxLines; i++)
        {
            var line = lines[i].Trim();
            length += line.Length;
            if (line.IsEmpty || (line[0] == '>' && line is not ">:") || length > MaxLength)
                return 0;
            digit |= line.ContainsAnyInRange('0', '9');
            address |= line.Contains('@');
            verb |= line.ContainsAny(Verbs);
            if (!Closes(line))
                continue;
            // "2014-10-17 11:28 GMT+03:00 Name <a@b>:" has no verb, "Name <a@b> wrote:" no date.
            return (verb && (digit || address || first.StartsWith("---"))) || (digit && address && line.EndsWith(">:")) ? i - index + 1 : 0;
        }
        return 0;
    }

    /// <summary>True for lines such as "-----Original Message-----".</summary>
    public static bool IsSeparator(ReadOnlySpan<char> line) => IsRuled(line, Separators);

    /// <summary>True for lines such as "---------- Forwarded message ---------".</summary>
    public static bool IsForward(ReadOnlySpan<char> line) => IsRuled(line, Forwards) || (line.Trim() is [.., ':'] && line.Length < 80 && Forwards.Begin(line.Trim()));

    /// <summary>True when a block of From:, Sent:, To:, Subject: lines starts here, a rule above it included.</summary>
    public static bool StartsHeaderBlock(Lines lines, int index)
    {
        var ruled = false;
        if (IsRule(lines[index]))
        {
            ruled = true;
            do
                index++;
            while (index < lines.Count && lines.IsBlank(index));
        }
        if (index >= lines.Count || Label(lines[index]) is not { } first)
            return false;
        var author = IsOne(first, Authors);
        if (!author && !IsOne(first, Labels))
            return false;
        var labels = 1;
        for (var i = index + 1; i < lines.Count && i < index + 10 && labels < 3; i++)
        {
            if (lines.IsBlank(i) && labels < 2 && !ruled)
                break;
            if (Label(lines[i]) is not { } label)
                continue;
            if (IsOne(label, Authors))
            {
                author = true;
                labels++;
            }
            else if (IsOne(label, Labels))
                labels++;
        }
        return author && labels >= (ruled ? 2 : 3);
    }

    // A date, a word that introduces one, or "Name <address> wrote".
    private static bool MayOpen(ReadOnlySpan<char> line) =>
        char.IsAsciiDigit(line[0]) || Openers.Begin(line) || (line.Contains('@') && line.Contains('<') && line.ContainsAny(Verbs)) || (line.StartsWith("---") && line.ContainsAny(Verbs));

    private static bool Closes(ReadOnlySpan<char> line) => line[^1] is ':' or '：' || (line.EndsWith("--") && line.ContainsAny(Verbs));

    private static bool IsRuled(ReadOnlySpan<char> line, WordStarts words)
    {
        line = line.Trim();
        if (line.Length is < 8 or > 120 || line[0] is not ('-' or '_' or '*' or '=' or '—'))
            return false;
        var inner = line.Trim("-_*=—– \t:");
        return inner.Length < line.Length - 1 && words.Begin(inner);
    }

    private static bool IsRule(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        return line.Length >= 5 && line.IndexOfAnyExcept(Dashes) < 0;
    }

    // "*From:* x", "De : x"
    private static string? Label(ReadOnlySpan<char> line)
    {
        line = line.TrimStart(" \t*");
        var colon = line[..Math.Min(line.Length, 24)].IndexOfAny(':', '：');
        return colon <= 0 ? null : line[..colon].Trim(" \t*\u00a0").ToString();
    }

    private static bool IsOne(string word, string[] words)
    {
        foreach (var other in words)
        {
            if (word.Equals(other, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
