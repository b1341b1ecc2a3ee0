namespace Ingest.Mail.Text;

/// <summary>Lines that start a signature.</summary>
internal static class SignatureMarks
{
    private const int MaxDeviceLine = 120;

    private static readonly WordStarts Devices = new(
    [
        "sent from ", "sent via ", "sent with ", "(sent from ", "get outlook for", "from my iphone", "von meinem ", "gesendet von ", "gesendet mit ", "diese nachricht wurde von meinem", "envoyé de ", "envoyé depuis ", "envoyé à partir", "enviado desde ", "enviado do ", "enviado de ", "enviado a partir",
        "inviato da ", "inviato dal ", "verzonden vanaf ", "verzonden met ", "verstuurd vanaf ", "wysłane z ", "wysłano z ", "skickat från ", "sendt fra ", "отправлено с ", "отправлено из ", "відправлено з ", "lähetetty ", "odesláno z ", "outlook für ", "télécharger outlook", "obtener outlook", "從我的 ", "从我的 ", "发自我的", "iphoneから送信",
    ]);

    /// <summary>True for "-- " and what becomes of it on the way (RFC 3676 section 4.3).</summary>
    public static bool IsMark(ReadOnlySpan<char> line) => line.TrimEnd() is "--" or "—" or "–" or "- --";

    /// <summary>True for the rule that mailing lists put above their footer.</summary>
    public static bool IsListFooter(ReadOnlySpan<char> line)
    {
        line = line.TrimEnd();
        return line.Length >= 30 && (line.IndexOfAnyExcept('_') < 0 || line.IndexOfAnyExcept('-') < 0);
    }

    /// <summary>True for lines such as "Sent from my iPhone".</summary>
    public static bool IsDeviceLine(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        return line.Length <= MaxDeviceLine && Devices.Begin(line);
    }
}
