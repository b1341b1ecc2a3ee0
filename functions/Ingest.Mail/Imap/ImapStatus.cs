using System.Globalization;
using System.Text;

namespace Ingest.Mail.Imap;

/// <summary>What a status response says beside its word: a code with what belongs to it, and words for people.</summary>
/// <param name="Code">The response code in capitals, empty when there is none.</param>
/// <param name="Arguments">What follows the code within its brackets.</param>
/// <param name="Text">The words.</param>
internal readonly record struct ImapStatus(string Code, string Arguments, string Text)
{
    private const int LongestText = 2_000;

    // A server that gives no code says it in words; these mean "not now", whatever the command was.
    private static readonly string[] Limits = ["too many", "rate limit", "throttl", "bandwidth", "simultaneous", "exceeded", "maximum number of connections"];
    private static readonly string[] Later = ["try again", "temporar", "unavailable", "not available", "later", "internal", "server error", "timed out", "timeout", "not connected", "backend", "busy"];
    private static readonly string[] AppPasswords = ["application-specific password", "app password", "app-specific", "web login required", "log in via your web browser", "webalert"];

    public static ImapStatus Read(ImapReader reader)
    {
        reader.IsText();
        reader.Spaces();
        string code = "", arguments = "";
        if (reader.Take((byte)'['))
        {
            code = Encoding.Latin1.GetString(reader.Word()).ToUpperInvariant();
            reader.Spaces();
            arguments = Encoding.Latin1.GetString(reader.Until((byte)']'));
            reader.Take((byte)']');
        }

        ReadOnlySpan<byte> rest = reader.Rest;
        return new ImapStatus(code, arguments, Encoding.Latin1.GetString(rest[..Math.Min(rest.Length, LongestText)]));
    }

    /// <summary>The first number that belongs to the code; 0 when it has none.</summary>
    public uint Number => uint.TryParse(Arguments.Split(' ', 2)[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : 0;

    public ImapRefusal Reason
    {
        get
        {
            ImapRefusal byCode = Code switch
            {
                "AUTHENTICATIONFAILED" => ImapRefusal.AuthenticationFailed,
                "AUTHORIZATIONFAILED" or "NOPERM" or "PRIVACYREQUIRED" => ImapRefusal.AuthorizationFailed,
                "EXPIRED" => ImapRefusal.Expired,
                "WEBALERT" => ImapRefusal.AppPasswordNeeded,
                "NONEXISTENT" or "TRYCREATE" => ImapRefusal.NonExistent,
                "OVERQUOTA" => ImapRefusal.OverQuota,
                "LIMIT" or "THROTTLED" => ImapRefusal.Limit,
                "UNAVAILABLE" or "SERVERBUG" or "CONTACTADMIN" or "CORRUPTION" => ImapRefusal.Unavailable,
                "INUSE" => ImapRefusal.InUse,
                _ => ImapRefusal.Unspecified,
            };
            // Gmail calls too many connections a failed login, with or without that code.
            if (byCode is not (ImapRefusal.Unspecified or ImapRefusal.AuthenticationFailed)) return byCode;
            string text = Text;
            if (Array.Exists(Limits, words => text.Contains(words, StringComparison.OrdinalIgnoreCase))) return ImapRefusal.Limit;
            if (Array.Exists(AppPasswords, words => text.Contains(words, StringComparison.OrdinalIgnoreCase))) return ImapRefusal.AppPasswordNeeded;
            return byCode == ImapRefusal.Unspecified && Array.Exists(Later, words => text.Contains(words, StringComparison.OrdinalIgnoreCase)) ? ImapRefusal.Unavailable : byCode;
        }
    }
}
