namespace Ingest.Mail.Mime;

/// <summary>What servers write above a bounce that has no machine-readable part.</summary>
internal static class BounceWords
{
    private static readonly string[] Subjects =
    [
        "undeliver", "delivery status", "delivery failure", "delivery failed", "delivery report", "delivery notification", "failure notice", "returned mail", "mail delivery", "returned to sender",
        "delivery problem", "could not send", "non delivery", "nondeliverable", "non-deliverable", "message delivery", "delivery error", "mail failure", "mail error", "mail failed", "failure delivery", "could not be delivered", "failed mail", "delayed", "unzustellbar", "non remis", "no se puede entregar",
        "warning: could not", "user unknown", "message status", "mail system error", "error sending", "returned email", "bounce",
    ];

    private static readonly string[] AutoReplies =
    [
        "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "out of office", "automatische antwort", "abwesenheit", "réponse automatique", "absence", "respuesta automática", "risposta automatica", "automatisch antwoord",
        "resposta automática", "autosvar", "automatisk svar", "automaattinen vastaus", "automatyczna odpowiedź", "автоответ", "автоматический ответ", "自动回复", "自動回覆", "自動応答",
    ];

    /// <summary>True for the subjects that mail programs give to answers they send by themselves.</summary>
    public static bool IsAutoReply(string subject)
    {
        foreach (var words in AutoReplies)
        {
            if (subject.StartsWith(words, StringComparison.OrdinalIgnoreCase))
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
