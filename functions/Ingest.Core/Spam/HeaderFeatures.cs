using System.Text;
using Ingest.Core.Keys;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>Which header fields there are and how they are formed. Nothing that tells a year, a program or a relay: those are other mails in other years.</summary>
internal static class HeaderFeatures
{
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_names = new HashSet<string>(
        ["list-post", "precedence", "reply-to", "sender", "cc", "mime-version", "organization", "errors-to", "x-priority", "importance", "in-reply-to", "references", "to", "date", "message-id"],
        StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public static void Add(FeatureBuilder features, MailReading mail)
    {
        AddNames(features, mail.Message.Headers);
        AddSubject(features, mail);
        AddSender(features, mail);
        AddIdentity(features, mail);
    }

    private static void AddNames(FeatureBuilder features, HeaderList headers)
    {
        Span<char> name = stackalloc char[24];
        for (int i = 0; i < headers.Count; i++)
        {
            ReadOnlySpan<byte> raw = headers[i].Raw.Span;
            int colon = raw[..Math.Min(raw.Length, name.Length)].IndexOf((byte)':');
            if (colon <= 0 || Encoding.Latin1.GetChars(raw[..colon], name) is var length && !s_names.Contains(Lower(name[..length]))) continue;
            features.Add(FeatureGroup.Header, name[..length]);
        }
    }

    private static Span<char> Lower(Span<char> text)
    {
        foreach (ref char c in text)
            c = char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
        return text;
    }

    private static void AddSubject(FeatureBuilder features, MailReading mail)
    {
        string subject = mail.Message.Subject;
        TextFacts facts = mail.Subject;
        features.Add(FeatureGroup.Header, "subject-words", Math.Min(facts.Words, 12) / 3);
        if (facts.Exclamations > 0) features.Add(FeatureGroup.Header, "subject-exclaims", Math.Min(facts.Exclamations, 3));
        if (subject.Contains('?', StringComparison.Ordinal)) features.Add(FeatureGroup.Header, "subject-asks");
        if (facts.Sums > 0) features.Add(FeatureGroup.Header, "subject-sum");
        if (facts.Letters >= 6) features.Add(FeatureGroup.Header, "subject-capitals", 4 * facts.Capitals / facts.Letters);
        bool answers = subject.StartsWith("re:", StringComparison.OrdinalIgnoreCase) || subject.StartsWith("aw:", StringComparison.OrdinalIgnoreCase);
        if (answers) features.Add(FeatureGroup.Header, mail.Message.InReplyTo.Count + mail.Message.References.Count > 0 ? "subject-answers" : "subject-says-re");
    }

    private static void AddSender(FeatureBuilder features, MailReading mail)
    {
        MailAddress from = mail.From;
        features.Add(FeatureGroup.Header, from.Name.Length == 0 ? "from-without-name" : from.Name == from.Address ? "from-named-as-address" : "from-name");
        if (from.Name.Length > 4 && from.Name.Any(char.IsLetter) && !from.Name.Any(char.IsLower)) features.Add(FeatureGroup.Header, "from-capitals");
        int at = Math.Max(from.Address.LastIndexOf('@'), 0), digits = CountDigits(from.Address.AsSpan(0, at));
        features.Add(FeatureGroup.Header, "from-digits", Math.Min(digits, 5));
        features.Add(FeatureGroup.Header, "to", Math.Min(mail.Message.To.Count + mail.Message.Cc.Count, 20) switch { 0 => 0, 1 => 1, <= 5 => 2, < 20 => 3, _ => 4 });
        if (mail.Message.ReplyTo is [{ } reply, ..] && reply.Address != from.Address)
            features.Add(FeatureGroup.Header, Hosts.Owner(reply.Domain).SequenceEqual(Hosts.Owner(mail.FromDomain)) ? "reply-to-other-person" : "reply-to-other-domain");
        string? id = mail.Message.MessageId;
        int host = id?.LastIndexOf('@') ?? -1;
        features.Add(FeatureGroup.Header, id is null ? "id-none" : host < 0 ? "id-without-host" : Hosts.Owner(id[(host + 1)..].ToLowerInvariant()).SequenceEqual(Hosts.Owner(mail.FromDomain)) ? "id-own-host" : "id-other-host");
    }

    private static void AddIdentity(FeatureBuilder features, MailReading mail)
    {
        if (mail.From.Address.Length == 0) return;
        features.Add(FeatureGroup.Identity, EmailIdentity.Normalise(mail.From.Address));
        features.Add(FeatureGroup.Identity, mail.FromDomain);
        if (mail.From.Name.Length > 0) features.Add(FeatureGroup.Identity, FeatureBuilder.Mix(FeatureBuilder.Hash(mail.From.Name), 'n'));
        if (mail.Message.Headers.First("List-Id") is { } list) features.Add(FeatureGroup.Identity, FeatureBuilder.Mix(FeatureBuilder.Hash(list), 'i'));
        if (mail.Message.ReplyTo is [{ Address.Length: > 0 } reply, ..]) features.Add(FeatureGroup.Identity, FeatureBuilder.Mix(FeatureBuilder.Hash(reply.Address.ToLowerInvariant()), 'r'));
        features.Add(FeatureGroup.Sender, "authenticated", mail.Auth.Authenticated ? 1 : 0);
        features.Add(FeatureGroup.Sender, "history", (int)mail.Context.History);
        features.Add(FeatureGroup.Sender, "screened", (int)mail.Screened.Kind);
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (char c in text)
            count += char.IsAsciiDigit(c) ? 1 : 0;
        return count;
    }
}
