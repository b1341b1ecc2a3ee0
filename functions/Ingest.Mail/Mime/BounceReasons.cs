using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Tells the reason of a bounce from what servers write, and the other way round where a status is needed and none was given.</summary>
internal static class BounceReasons
{
    private const int MaxText = 4000;

    // In order: the first row with a phrase in the text decides, so what is said more exactly stands above what is said in general.
    private static readonly (BounceReason Reason, string[] Phrases)[] Table =
    [
        (BounceReason.SystemFull, ["no space left", "insufficient system storage", "insufficient disk space", "mail system full", "not enough disk space"]),
        (BounceReason.MailboxFull,
        [
            "mailbox full", "mailbox is full", "mailbox exceeds", "mailbox has exceeded", "mail box is full", "inbox is full", "over quota", "overquota", "over the quota", "quota exceeded", "exceeded quota", "exceeds quota",
            "exceeded storage", "exceed the quota", "exceed mailbox quota", "disk quota", "storage quota", "out of storage", "mailbox size limit", "maildir delivery failed: user quota", "account is full", "exceeding quota",
            "exceeds allowed size", "would exceed", "over its quota", "over their quota", "mailfolder is full", "quota violation", "not enough storage space", "too many messages on this mailbox", "quotaexceeded", "boîte aux lettres pleine",
            "boite pleine", "bal pleine", "postfach voll", "postfach ist voll", "buzón lleno", "casella piena", "mailbox vol", "переполнен",
        ]),
        (BounceReason.ExceedLimit, ["message length exceeds administrative limit", "exceeds administrative"]),
        (BounceReason.MessageTooBig,
        [
            "message size exceeds", "message too large", "message too big", "message is too large", "message is too big", "too large a message", "size limit exceeded", "exceeds maximum message size", "exceeds size limit", "max message size", "maximum message size",
            "exceeded message size", "message file too big", "larger than the current system limit", "exceeded maximum inbound message size", "message header size", "size exceeded", "fixed maximum message size",
        ]),
        // Exchange Online and the carriers that hide whether an address exists.
        (BounceReason.UserUnknown, ["recipient address rejected: access denied"]),
        (BounceReason.Filtered, ["550 : user unknown"]),
        (BounceReason.NoRelaying, ["relay access denied", "relaying denied", "relay not permitted", "relaying not", "unable to relay", "not permitted to relay", "we do not relay", "mail relay", "relay denied", "allowed rcpthosts", "no relaying", "relaying prohibited", "relay prohibited", "cannot relay", "insecure relay"]),
        (BounceReason.VirusDetected, ["virus", "malware", "infected", "trojan"]),
        (BounceReason.SpamDetected, ["blacklisted url", "uribl", "surbl", "considered spam", "spam message", "as spam", "is spam", "- spam", "spam content", "spam mail", "spam detected", "spamassassin", "junk mail", "unsolicited", "spamscore", "spam score", "identified spam", "bulk mail", "looks like spam", "content of message was rejected", "message rejected as spam", "suspected spam", "probable spam", "rejected for policy reasons"]),
        (BounceReason.Rejected,
        [
            "sender rejected", "sender address rejected", "sender denied", "sender not", "unroutable sender", "sender is not", "sender verify", "permission to post", "groups.google.com", "not allowed to send", "may not have permission", "not allowed to post", "purported responsible", "domain of sender", "sender domain", "from address", "return path", "invalid sender", "bad sender", "sender refused", "rejected as your domain",
            "backscatter", "not a member",
        ]),
        (BounceReason.MailerError, ["pipe to |", "command failed", "command died", "mailer error", "exit status", "exit code", "local delivery failed", "procmail", "x-unix", "service unavailable mailer"]),
        (BounceReason.Blocked,
        [
            "block list", "blocklist", "blacklist", "black list", "dnsbl", "spamhaus", "spamcop", "sorbs", "barracudacentral", "blocked using", "blocked by", "reputation", "client host rejected", "client host blocked", "client host", "cannot find your hostname",
            "reverse dns", "reverse lookup", "ptr record", "no ptr", "rdns", "helo command rejected", "helo/ehlo", "bad sender ip", "your ip", "your e-mail is redundant", "your server", "connections from", "connections not accepted from", "has been blocked", "is blocked", "banned", "smtp server of your isp", "not allowed to connect", "refused to talk to me: 5",
        ]),
        (BounceReason.SecurityError, ["authentication required", "must be authenticated", "starttls", "tls required", "access denied", "access not allowed", "access to this", "spf", "dkim", "dmarc", "not authorized", "unauthorized", "security policy", "authentication failed", "unauthenticated", "certificate", "policy violation"]),
        (BounceReason.NotAccept, ["null mx", "nullmx", "no smtp service", "does not accept mail", "does not receive mail", "mail receiving disabled", "host/domain does not accept mail", "name server: .: host not found", "not accepting mail for", "malformed or unexpected name server reply"]),
        (BounceReason.NetworkError,
        [
            "host not found, try again", "name server timeout", "network unreachable", "network is unreachable", "no route to host", "connection refused", "connection reset", "connection dropped", "lost connection", "loops back", "mail loop", "routing loop", "loop detected",
            "too many hops", "hop count exceeded", "hopcount exceeded", "could not connect", "host name lookup failure", "temporary resolution", "temporary lookup", "maximum hop count", "dns server", "network error", "connection failed",
        ]),
        (BounceReason.Expired,
        [
            "delivery time expired", "message expired", "envelope expired", "delivery expired", "retry time not reached", "retry timeout", "could not deliver for the last", "aborted after", "could not find a gateway", "attempts:", "too long in", "in the queue for", "queue too long", "queued too long",
            "did not accept our requests to connect", "connection timed out", "operation timed out", "conversation timed out", "timed out", "timeout", "could not be delivered for", "cannot send message for", "could not send message for", "no response", "not able to be delivered in", "could not establish", "couldn't establish", "unable to connect",
        ]),
        (BounceReason.HostUnknown,
        [
            "host unknown", "unknown host", "domain does not exist", "domain doesn't exist", "domain not found", "domain name not found", "host not found", "no such domain", "no such host", "unrouteable address", "unroutable address", "dns lookup failure", "dns failure", "name or service not known", "domain is not",
            "unknown domain", "not a valid domain", "nxdomain", "non-existent domain", "domain was not found", "illegal host/domain", "host is unknown", "hostname not found", "no mx", "mx record", "no dns", "domain must exist", "does not resolve", "recipient domain", "invalid domain", "can't find any host", "couldn't find any host", "cannot find host", "unresolvable",
        ]),
        (BounceReason.HasMoved, ["has moved", "user has moved", "please try another", "has been replaced by", "is no longer at", "no longer available at this address", "new e-mail address is", "no longer works here", "changed address", "no longer on server", "please use this new address", "address changed"]),
        (BounceReason.Suspended, ["account is locked", "locked account", "disabled", "suspended", "deactivated", "is inactive", "account inactive", "inactive account", "inactive user", "inactivity", "not active", "no longer active", "closed account", "temporarily restricted", "account has been closed", "frozen"]),
        (BounceReason.UserUnknown,
        [
            "user unknown", "unknown user", "user is unknown", "unknown local user", "unknown recipient", "recipient unknown", "recipient not found", "recipient is not", "recipient not exist", "invalid recipient", "invalid user", "invalid address", "invalid mailbox", "no such user", "no such recipient", "no such address", "no such mailbox", "no such account", "no such person", "no such local",
            "no mailbox", "mailbox not found", "mailbox does not exist", "mailbox unknown", "unknown mailbox", "user not found", "user not known", "user not exist", "user does not", "user doesn't", "not a known user", "user cannot be found", "address unknown", "unknown address", "address does not exist", "address not found", "address wasn't found", "address is not", "address no longer",
            "unknown or illegal", "unknown local-part", "unknown local part", "bad address", "bad recipient", "bad destination", "not our customer", "no account", "does not have an account", "doesn't have an account", "doesn't have a", "is not a valid", "not a valid", "not a registered", "not listed in", "not recognized", "recipnotfound", "not known", "is unknown",
            "no user", "account does not exist", "account not found", "non-existent", "nonexistent", "not exist", "doesn't exist", "no longer valid", "this user doesn't have", "there is no one", "wasn't found", "could not be found", "unable to find", "cannot find", "is not known", "unknown account", "undeliverable address", "delivery to the following recipient failed permanently because the address",
            "destinataire inconnu", "utilisateur inconnu", "adresse inconnue", "empfänger unbekannt", "benutzer unbekannt", "unbekannter empfänger", "usuario desconocido", "usuario no existe", "utente sconosciuto", "пользователь не найден", "нет такого пользователя", "不存在", "見つかりません",
        ]),
        (BounceReason.TooManyConnections, ["too many connections", "too many recipients", "too many messages", "rate limit", "ratelimit", "too many concurrent", "concurrent connections", "throttl", "too fast", "exceeded the max", "too many emails", "too much mail", "frequency limited"]),
        (BounceReason.ContentError, ["mime", "8bit", "8-bit", "bare lf", "bare cr", "bare newline", "invalid header", "header error", "malformed", "attachment", "conversion", "improper use", "message content"]),
        (BounceReason.SyntaxError, ["syntax error", "unrecognized command", "command unrecognized", "command not recognized", "bad sequence", "need rcpt", "need mail", "bad command"]),
        (BounceReason.SystemError, ["system error", "internal error", "local error", "configuration error", "configuration problem", "duplicated message-id", "interrupted system call", "unexpected error", "cannot open", "can't create", "server error", "unable to process", "temporary failure", "system not accepting", "service not available", "resources temporarily unavailable", "out of memory"]),
        (BounceReason.UserUnknown, ["recipient address rejected", "address rejected"]),
        (BounceReason.Filtered, ["filter", "rejected by a remote mail server", "mailbox unavailable", "not accepting", "restricted", "recipient rejected", "refused by recipient", "user reject", "rejected by the recipient", "not taken", "refused", "rejected", "not accept", "prohibited"]),
    ];

    private static readonly Dictionary<BounceReason, string> Details = new()
    {
        [BounceReason.Undefined] = "900", [BounceReason.OnHold] = "901", [BounceReason.SyntaxError] = "902", [BounceReason.NoRelaying] = "909", [BounceReason.Filtered] = "910", [BounceReason.UserUnknown] = "911", [BounceReason.HostUnknown] = "912",
        [BounceReason.HasMoved] = "916", [BounceReason.Rejected] = "918", [BounceReason.Suspended] = "921", [BounceReason.MailboxFull] = "922", [BounceReason.ExceedLimit] = "923", [BounceReason.SystemError] = "930", [BounceReason.SystemFull] = "931",
        [BounceReason.NotAccept] = "932", [BounceReason.MessageTooBig] = "934", [BounceReason.MailerError] = "939", [BounceReason.NetworkError] = "944", [BounceReason.TooManyConnections] = "945", [BounceReason.Expired] = "947", [BounceReason.ContentError] = "960",
        [BounceReason.SecurityError] = "970", [BounceReason.VirusDetected] = "970", [BounceReason.Blocked] = "971", [BounceReason.SpamDetected] = "980",
    };

    /// <summary>The reason in the words of a server; <see cref="BounceReason.Undefined"/> when none is known.</summary>
    public static BounceReason OfWords(ReadOnlySpan<char> text)
    {
        var words = Plain(text);
        var reason = InTable(words);
        if (reason is BounceReason.UserUnknown or BounceReason.Undefined or BounceReason.SystemError or BounceReason.Filtered && DomainIsMissing(words))
            reason = BounceReason.HostUnknown;
        if (reason is BounceReason.UserUnknown && SaysAfter(words, "end of data"))
            return BounceReason.Filtered;
        return reason is BounceReason.UserUnknown or BounceReason.HostUnknown or BounceReason.Undefined && SaysAfter(words, "MAIL ") ? BounceReason.Rejected : reason;
    }

    private static BounceReason InTable(string words)
    {
        foreach (var (reason, phrases) in Table)
        {
            foreach (var phrase in phrases)
            {
                if (words.Contains(phrase, StringComparison.OrdinalIgnoreCase))
                    return reason;
            }
        }
        return BounceReason.Undefined;
    }

    /// <summary>The reason that an enhanced status code stands for (RFC 3463, RFC 7372, RFC 7505).</summary>
    public static BounceReason OfStatus(string status) => status.Length < 5 ? BounceReason.Undefined : (status[0], status[2..]) switch
    {
        ('2', _) => BounceReason.Delivered,
        (_, "1.0" or "1.1" or "1.3") => BounceReason.UserUnknown,
        (_, "1.2") => BounceReason.HostUnknown,
        (_, "1.6" or "7.17" or "7.18") => BounceReason.HasMoved,
        (_, "1.7" or "1.8" or "7.27") => BounceReason.Rejected,
        (_, "1.10") => BounceReason.NotAccept,
        (_, "2.0" or "2.1" or "2.4" or "1.4") => BounceReason.Filtered,
        (_, "2.2") => BounceReason.MailboxFull,
        (_, "2.3") => BounceReason.ExceedLimit,
        (_, "3.1") => BounceReason.SystemFull,
        (_, "3.4") => BounceReason.MessageTooBig,
        (_, "4.1" or "4.7") => BounceReason.Expired,
        (_, "4.4") => BounceReason.HostUnknown,
        (_, "7.13") => BounceReason.Suspended,
        (_, "7.1" or "7.25") => BounceReason.Blocked,
        (_, ['3', '.', ..]) => BounceReason.SystemError,
        (_, ['4', '.', ..]) => BounceReason.NetworkError,
        (_, ['6', '.', ..]) => BounceReason.ContentError,
        (_, ['7', '.', ..]) => BounceReason.SecurityError,
        _ => BounceReason.Undefined,
    };

    /// <summary>
    /// A status for a notice that gives none: the class, and a detail of 9xx that no server sends, which says what the words meant. The numbers are those that
    /// public bounce collections use.
    /// </summary>
    public static string Status(char statusClass, BounceReason reason) =>
        reason is BounceReason.Delivered || statusClass == '2' ? "2.0.0" : statusClass + ".0." + (statusClass == '4' && reason == BounceReason.Filtered ? "924" : Details[reason]);

    // "neko.example.com does not exist": a name with a dot and without an @ is a domain.
    private static bool DomainIsMissing(string words)
    {
        var at = words.IndexOf(" does not exist", StringComparison.OrdinalIgnoreCase);
        if (at <= 0)
            return false;
        var before = words.AsSpan(0, at);
        var name = before[(before.LastIndexOf(' ') + 1)..].Trim("<>()'\"");
        return name.Contains('.') && !name.Contains('@') && !name.EndsWith(".");
    }

    // What was refused only after the whole message does exist, and what was refused before a recipient was named is the sender (Exim's and Postfix's words).
    private static bool SaysAfter(string words, string command) =>
        words.Contains("after " + command, StringComparison.OrdinalIgnoreCase) || words.Contains("in reply to " + command, StringComparison.OrdinalIgnoreCase);

    // Addresses and links hold words that mean nothing here.
    private static string Plain(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, MaxText)];
        var plain = new StringBuilder(text.Length);
        foreach (var range in text.SplitAny(" \t\r\n"))
        {
            var token = text[range];
            if (token.IsEmpty)
                continue;
            if (plain.Length > 0)
                plain.Append(' ');
            if (token.Contains('@'))
                plain.Append('@');
            else
                plain.Append(Site(token));
        }
        return plain.ToString();
    }

    // Of a link only who is linked to: that may be a block list.
    private static ReadOnlySpan<char> Site(ReadOnlySpan<char> token)
    {
        var start = token.IndexOf("://");
        if (start < 0)
            return token;
        var site = token[(start + 3)..];
        var end = site.IndexOf('/');
        return end < 0 ? site : site[..end];
    }
}
