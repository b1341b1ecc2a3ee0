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

    // In the words of servers, which people do not use of their own mail.
    private static readonly string[] Sentences =
    [
        "could not be delivered", "couldn't be delivered", "was not delivered", "has not been delivered", "unable to deliver", "could not deliver", "wasn't able to deliver", "delivery to the following recipient", "undeliverable", "delivery has failed", "delivery failed",
        "addresses had permanent", "addresses had delivery", "did not reach the following recipient", "error delivering your mail", "attempting to deliver", "rejected by a remote mail server", "the following address", "returned to sender", "error message below", "transcript of session",
        "konnte nicht zugestellt", "n'a pas pu être", "no se pudo entregar", "не может быть доставлено", "не было доставлено",
    ];

    private const int MaxText = 4000;

    /// <summary>
    /// True for the subjects that mail programs give to answers they send by themselves: those words and a colon, or, from a sender that takes no answer, those
    /// words at the start.
    /// </summary>
    public static bool IsAutoReply(string subject, bool fromNobody)
    {
        foreach (var words in AutoReplies)
        {
            if (subject.StartsWith(words, StringComparison.OrdinalIgnoreCase) && (fromNobody || subject.AsSpan(words.Length).TrimStart().StartsWith(":") || subject.AsSpan(words.Length).TrimStart().StartsWith("：")))
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
