namespace Ingest.Mail.Mime;

/// <summary>What servers write above a bounce that has no machine-readable part.</summary>
internal static class BounceWords
{
    private static readonly string[] Subjects =
    [
        "undeliver", "delivery status", "delivery failure", "delivery failed", "delivery report", "delivery notification", "failure notice", "returned mail", "mail delivery", "returned to sender",
        "delivery problem", "could not send", "non delivery", "nondeliverable", "non-deliverable", "message delivery", "delivery error", "mail failure", "mail error", "mail failed", "failure delivery", "could not be delivered", "failed mail", "delayed", "unzustellbar", "non remis", "no se puede entregar",
        "warning: could not", "user unknown", "message status", "mail system error", "error sending", "returned email", "bounce", "not delivered", "cannot be delivered", "could not deliver", "delivery incomplete", "rejected mail", "mail rejected", "message rejected",
        "nicht zugestellt", "zustellung fehlgeschlagen", "zustellbenachrichtigung", "non distribué", "échec de la remise", "échec de remise", "no entregado", "no se pudo entregar", "mancato recapito", "mensagem devolvida", "não entregue", "niet bezorgd", "onbestelbaar", "ikke levert", "ikke leveret", "ej levererat",
        "kunde inte levereras", "nie dostarczono", "не доставлен", "недоставлен", "не может быть доставлен", "配信不能", "配信できません", "退信", "无法送达", "無法傳遞", "未送達", "전송 실패", "teslim edilemedi",
    ];

    // What no person begins a subject with, when a colon follows.
    private static readonly string[] AutoReplies =
    [
        "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "automated response", "automatic response", "out of office", "out of office autoreply", "out of office auto-reply", "out of office reply", "out of the office", "vacation response", "automatische antwort", "automatische beantwortung", "abwesenheitsnotiz", "réponse automatique", "réponse auto", "auto-réponse", "absence du bureau", "respuesta automática", "fuera de la oficina", "fuera de oficina", "risposta automatica", "fuori sede", "fuori ufficio", "automatisch antwoord", "afwezig", "afwezigheidsbericht",
        "resposta automática", "resposta automàtica", "autosvar", "automatisk svar", "automatiskt svar", "automaattinen vastaus", "automatyczna odpowiedź", "odpowiedź automatyczna", "automatická odpověď", "automatická odpoveď", "automatikus válasz", "răspuns automat", "αυτόματη απάντηση",
        "automatsko odgovaranje", "automatski odgovor", "samodejni odgovor", "automaatne vastus", "automatinis atsakymas", "otomatik yanıt", "автоответ", "автоматический ответ", "автоматична відповідь", "автоматичен отговор", "trả lời tự động", "自动回复", "自动答复", "自動回覆", "自動応答", "自動返信", "自動回信", "자동 회신", "תשובה אוטומטית", "מענה אוטומטי", "رد تلقائي", "الرد التلقائي", "ตอบกลับอัตโนมัติ", "การตอบกลับอัตโนมัติ", "ตอบรับอัตโนมัติ",
    ];

    // What a person may begin one with, too.
    private static readonly string[] AbsenceWords = ["abwesenheit", "absence", "away", "vacation", "holiday", "urlaub"];

    // In the words of servers, which people do not use of their own mail.
    private static readonly string[] Sentences =
    [
        "could not be delivered", "couldn't be delivered", "was not delivered", "has not been delivered", "unable to deliver", "could not deliver", "wasn't able to deliver", "delivery to the following recipient", "undeliverable", "delivery has failed", "delivery failed",
        "addresses had permanent", "addresses had delivery", "did not reach the following recipient", "error delivering your mail", "attempting to deliver", "rejected by a remote mail server", "the following address", "returned to sender", "error message below", "transcript of session",
        "konnte nicht zugestellt", "konnten nicht zugestellt", "n'a pas pu être", "n'ont pas pu être", "no se pudo entregar", "no se ha podido entregar", "impossibile recapitare", "não pôde ser entregue", "kon niet worden bezorgd", "nie mogła zostać dostarczona", "не может быть доставлено", "не было доставлено", "配信できませんでした", "届けることができません", "无法投递", "無法投遞",
    ];

    private const int MaxText = 4000;

    /// <summary>
    /// True for the subjects that mail programs give to answers they send by themselves: those words and a colon or in square brackets, or, from a sender that takes
    /// no answer, those words at the start.
    /// </summary>
    public static bool IsAutoReply(string subject, bool fromNobody)
    {
        // Marks of direction stand before words that are written from right to left.
        var start = subject.AsSpan().TrimStart(" \u200e\u200f\u202a\u202b\u2067");
        var bracketed = start is ['[', ..];
        start = bracketed ? start[1..].TrimStart() : start;
        foreach (var words in AutoReplies)
        {
            if (start.StartsWith(words, StringComparison.OrdinalIgnoreCase) && (fromNobody || (bracketed ? start[words.Length..].TrimStart() is [']', ..] : start[words.Length..].TrimStart(" \u00a0\u200e\u200f\u202c\u2069") is [':' or '：', ..])))
                return true;
        }
        foreach (var words in AbsenceWords)
        {
            if (fromNobody && subject.StartsWith(words, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>True when the text begins as servers write about a delivery that failed.</summary>
    public static bool InText(string? text)
    {
        var start = text.AsSpan();
        start = start[..Math.Min(start.Length, MaxText)];
        foreach (var words in Sentences)
        {
            if (start.Contains(words, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>True when a subject speaks of a delivery that failed.</summary>
    public static bool InSubject(string subject)
    {
        foreach (var words in Subjects)
        {
            if (subject.Contains(words, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
