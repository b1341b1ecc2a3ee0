namespace Ingest.Mail.Smtp;

/// <summary>One reply of a server (RFC 5321 section 4.2). Its words are for deciding what it means; they are never shown or logged.</summary>
/// <param name="Code">The three digits of its last line.</param>
/// <param name="Enhanced">The enhanced status code (RFC 2034), such as 5.1.1; empty when there is none or it contradicts the digits.</param>
/// <param name="Lines">What stands after the digits, line by line.</param>
internal sealed record SmtpReply(int Code, string Enhanced, IReadOnlyList<string> Lines)
{
    /// <summary>Done.</summary>
    public bool IsYes => Code is >= 200 and < 300;

    /// <summary>Go on.</summary>
    public bool IsGoOn => Code is >= 300 and < 400;

    /// <summary>No, for now.</summary>
    public bool IsNotNow => Code is >= 400 and < 500;

    /// <summary>The server hangs up.</summary>
    public bool IsGoodbye => Code == 421;

    /// <summary>The most precise code there is.</summary>
    public string Status => Enhanced.Length > 0 ? Enhanced : Code.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether the server used this word, in any case.</summary>
    public bool Says(string word) => Lines.Any(line => line.Contains(word, StringComparison.OrdinalIgnoreCase));
}
