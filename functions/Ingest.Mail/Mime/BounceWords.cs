namespace Ingest.Mail.Mime;

/// <summary>What servers write above a bounce that has no machine-readable part.</summary>
internal static class BounceWords
{
    private static readonly string[] Subjects =
    [
        "undeliver", "delivery status", "delivery failure", "delivery failed", "delivery report", "delivery notification", "failure notice", "returned mail", "mail delivery", "returned to sender",
        "delivery problem", "could not send", "non delivery", "nondeliverable", "non-deliverable", "message delivery", "delivery error", "mail failure", "mail error", "failed mail", "delayed", "unzustellbar", "non remis", "no se puede entregar",
        "warning: could not", "user unknown", "message status", "mail system error", "error sending", "returned email", "bounce",
    ];

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
