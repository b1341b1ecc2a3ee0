using System.Text;
using Ingest.Core.Keys;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>Which header fields there are and how they are formed. Nothing that tells a year, a program or a relay: those are other mails in other years.</summary>
internal static class HeaderFeatures
{
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_names = new HashSet<string>(
        ["list-post", "precedence", "reply-to", "sender", "organization", "errors-to", "x-priority", "importance", "references"],
        StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public static void Add(FeatureBuilder features, MailReading mail)
    {
        AddNames(features, mail.Message.Headers);
        AddSubject(features, mail);
        AddSender(features, mail);
        AddIdentity(features, mail);
        TraceFeatures.Add(features, mail.Message.Headers);
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
        if (facts.Words is 0 or > 10) features.Add(FeatureGroup.Header, facts.Words == 0 ? "subject-none" : "subject-long");
        if (facts.Exclamations > 0) features.Add(FeatureGroup.Header, "subject-exclaims", Math.Min(facts.Exclamations, 3));
        if (subject.Contains('?', StringComparison.Ordinal)) features.Add(FeatureGroup.Header, "subject-asks");
        if (facts.Sums > 0) features.Add(FeatureGroup.Header, "subject-sum");
        if (facts.Letters >= 6 && 4 * facts.Capitals >= facts.Letters) features.Add(FeatureGroup.Header, "subject-capitals", 4 * facts.Capitals / facts.Letters);
        bool answers = subject.StartsWith("re:", StringComparison.OrdinalIgnoreCase) || subject.StartsWith("aw:", StringComparison.OrdinalIgnoreCase);
        if (answers) features.Add(FeatureGroup.Header, mail.Message.InReplyTo.Count + mail.Message.References.Count > 0 ? "subject-answers" : "subject-says-re");
    }

    private static void AddSender(FeatureBuilder features, MailReading mail)
    {
        MailAddress from = mail.From;
        if (from.Name.Length == 0 || from.Name == from.Address) features.Add(FeatureGroup.Header, from.Name.Length == 0 ? "from-without-name" : "from-named-as-address");
        if (from.Name.Length > 4 && from.Name.Any(char.IsLetter) && !from.Name.Any(char.IsLower)) features.Add(FeatureGroup.Header, "from-capitals");
        int at = Math.Max(from.Address.LastIndexOf('@'), 0), digits = CountDigits(from.Address.AsSpan(0, at));
        if (digits > 1) features.Add(FeatureGroup.Header, "from-digits", Math.Min(digits, 5));
        if (mail.Message.To.Count + mail.Message.Cc.Count is var to and not 1) features.Add(FeatureGroup.Header, "to", to switch { 0 => 0, <= 5 => 2, < 20 => 3, _ => 4 });
        if (!mail.Message.Headers.Has("Date")) features.Add(FeatureGroup.Header, "date-none");
        if (mail.Message.ReplyTo is [{ } reply, ..] && reply.Address != from.Address)
            features.Add(FeatureGroup.Header, Hosts.Owner(reply.Domain).SequenceEqual(Hosts.Owner(mail.FromDomain)) ? "reply-to-other-person" : "reply-to-other-domain");
        string? id = mail.Message.MessageId;
        int host = id?.LastIndexOf('@') ?? -1;
        if (host < 0) features.Add(FeatureGroup.Header, id is null ? "id-none" : "id-without-host");
        else if (!Hosts.Owner(id![(host + 1)..].ToLowerInvariant()).SequenceEqual(Hosts.Owner(mail.FromDomain))) features.Add(FeatureGroup.Header, "id-other-host");
    }

    private static void AddIdentity(FeatureBuilder features, MailReading mail)
    {
        if (mail.From.Address.Length == 0) return;
        features.Add(FeatureGroup.Identity, EmailIdentity.Normalise(mail.From.Address));
        features.Add(FeatureGroup.Identity, mail.FromDomain);
        if (mail.From.Name.Length > 0) features.Add(FeatureGroup.Identity, FeatureBuilder.Mix(FeatureBuilder.Hash(mail.From.Name), 'n'));
        if (mail.Message.Headers.First("List-Id") is { } list) features.Add(FeatureGroup.Identity, FeatureBuilder.Mix(FeatureBuilder.Hash(list), 'i'));
        if (mail.Message.ReplyTo is [{ Address.Length: > 0 } reply, ..]) features.Add(FeatureGroup.Identity, FeatureBuilder.Mix(FeatureBuilder.Hash(reply.Address.ToLowerInvariant()), 'r'));
        // Where strangers get addresses, the domain says nothing of them.
        if (!Hosts.IsFreeMail(mail.FromDomain)) features.Add(FeatureGroup.Trace, Hosts.Owner(mail.FromDomain));
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (char c in text)
            count += char.IsAsciiDigit(c) ? 1 : 0;
        return count;
    }
}
