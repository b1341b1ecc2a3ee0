using Ingest.Core.Keys;
using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>
/// Signs with weights set by hand, in log-odds: what corpora of old mail cannot teach, or teach wrongly. README.md says why each weighs what it does. The model adds what it learned about the same signs.
/// </summary>
internal static class SpamSigns
{
    private const int ManyRecipients = 25;
    private const int HardlyAnyText = 15;
    private const int MuchHidden = 400;

    private static readonly SpamCode[] s_links =
    [
        SpamCode.LinkHostMismatch, SpamCode.LinkToIpAddress, SpamCode.LinkObscured, SpamCode.LinkToLookAlike, SpamCode.LinkShortened, SpamCode.LinkToOpenHost, SpamCode.LinkToMachineMadeHost,
        SpamCode.LinkToCheapDomain, SpamCode.LinkNamesRecipient,
    ];

    private static readonly SpamCode[] s_senders =
    [
        SpamCode.LookAlikeDomain, SpamCode.MixedScriptDomain, SpamCode.NameOfAnother, SpamCode.NameShowsOtherAddress, SpamCode.DecoratedName, SpamCode.MachineMadeSender, SpamCode.CheapDomain,
        SpamCode.ImpossibleDomain, SpamCode.SenderAtOpenHost,
    ];

    internal static List<SpamReason> Find(MailReading mail)
    {
        List<SpamReason> found = [];
        AddAuthentication(found, mail.Auth);
        AddHistory(found, mail.Context);
        AddHints(found, mail.Context.Hints);
        AddSender(found, mail);
        AddSubject(found, mail);
        AddText(found, mail);
        AddHtml(found, mail);
        AddLinks(found, mail);
        AddAttachments(found, mail);
        Share(found, s_links);
        Share(found, s_senders);
        return found;
    }

    // One bad link has several faults, and so has one bad address: the worst counts in full, the next half, the next a quarter.
    private static void Share(List<SpamReason> found, SpamCode[] family)
    {
        double share = 1;
        foreach (SpamReason reason in found.Where(r => Array.IndexOf(family, r.Code) >= 0).OrderByDescending(r => r.Weight).ThenBy(r => r.Code).ToArray())
        {
            found[found.IndexOf(reason)] = reason with { Weight = reason.Weight * share };
            share /= 2;
        }
    }

    // A sign counts once, whoever saw it.
    private static void Add(List<SpamReason> found, SpamCode code, double weight)
    {
        foreach (SpamReason reason in found)
            if (reason.Code == code) return;
        found.Add(new SpamReason(code, weight));
    }

    private static void AddAuthentication(List<SpamReason> found, AuthVerdict auth)
    {
        if (auth.Reason == AuthCode.SeveralFrom) Add(found, SpamCode.SeveralFrom, 1);
        if (auth.Reason == AuthCode.NoFrom) Add(found, SpamCode.NoFrom, 0.5);
        if (auth.Dmarc == AuthResult.Fail) Add(found, auth.Policy is DmarcPolicy.Reject or DmarcPolicy.Quarantine ? SpamCode.DmarcFailEnforced : SpamCode.DmarcFail, auth.Policy is DmarcPolicy.Reject or DmarcPolicy.Quarantine ? 3.5 : 1.5);
        else if (auth.Spf == AuthResult.Fail && !auth.Authenticated) Add(found, SpamCode.SpfFail, 1.5);
        else if (auth.Checker != AuthChecker.Nobody && !auth.Authenticated && auth.Spf != AuthResult.Pass && auth.Dkim != AuthResult.Pass) Add(found, SpamCode.NothingProven, 1.2);
        if (auth.Authenticated) Add(found, SpamCode.Authenticated, -0.5);
    }

    private static void AddHistory(List<SpamReason> found, SpamContext context)
    {
        if (context.JoinsTicket) Add(found, SpamCode.JoinsTicket, -4);
        if (context.History == SenderHistory.Known) Add(found, SpamCode.KnownSender, -2.5);
        if (context.History == SenderHistory.FirstContact) Add(found, SpamCode.FirstContact, 0.1);
        if (context.Provider == ProviderVerdict.Spam) Add(found, SpamCode.ProviderSaysSpam, 4);
        if (context.Provider == ProviderVerdict.Ham) Add(found, SpamCode.ProviderSaysHam, -0.7);
    }

    private static void AddHints(List<SpamReason> found, IReadOnlyList<PhishingHint> hints)
    {
        foreach (PhishingHint hint in hints)
        {
            (SpamCode code, double weight) = hint switch
            {
                PhishingHint.LookAlikeDomain => (SpamCode.LookAlikeDomain, 3.0),
                PhishingHint.MixedScriptDomain => (SpamCode.MixedScriptDomain, 3.0),
                PhishingHint.NameShowsOtherAddress => (SpamCode.NameShowsOtherAddress, 2.0),
                PhishingHint.NameOfAnother => (SpamCode.NameOfAnother, 2.8),
                PhishingHint.ReplyToElsewhere => (SpamCode.ReplyToElsewhere, 0.8),
                PhishingHint.LinkGoesElsewhere => (SpamCode.LinkHostMismatch, 1.2),
                PhishingHint.LinkToIpAddress => (SpamCode.LinkToIpAddress, 1.5),
                PhishingHint.LinkObscured => (SpamCode.LinkObscured, 1.5),
                PhishingHint.LinkToLookAlike => (SpamCode.LinkToLookAlike, 2.5),
                PhishingHint.AsksForCredentials => (SpamCode.FormInMail, 2.0),
                PhishingHint.DangerousAttachment => (SpamCode.DangerousAttachment, 2.5),
                PhishingHint.PosesAsOurs => (SpamCode.PosesAsOurs, 2.5),
            };
            Add(found, code, weight);
        }
    }

    private static void AddSender(List<SpamReason> found, MailReading mail)
    {
        MailMessage message = mail.Message;
        MailAddress from = mail.From;
        if (ShowsOtherAddress(from)) Add(found, SpamCode.NameShowsOtherAddress, 2);
        if (IsDecorated(from.Name)) Add(found, SpamCode.DecoratedName, 1.4);
        if (Hosts.LooksRandom(mail.FromDomain) || Hosts.IsRandom(LocalPart(from.Address))) Add(found, SpamCode.MachineMadeSender, 1.2);
        if (Hosts.HasCheapEnd(mail.FromDomain)) Add(found, SpamCode.CheapDomain, 0.8);
        if (mail.FromDomain.Length > 0 && !mail.FromDomain.Contains('.', StringComparison.Ordinal) && mail.FromDomain != "localhost") Add(found, SpamCode.ImpossibleDomain, 1.2);
        if (Hosts.IsOpenHost(mail.FromDomain)) Add(found, SpamCode.SenderAtOpenHost, 1);
        if (message.To.Count + message.Cc.Count > ManyRecipients) Add(found, SpamCode.ManyRecipients, 0.7);
        if (message.Headers.First("To")?.Contains("undisclosed", StringComparison.OrdinalIgnoreCase) == true) Add(found, SpamCode.HiddenRecipients, 0.5);
        else if (message.To is [{ Address.Length: > 0 } to] && to.Address.Equals(from.Address, StringComparison.OrdinalIgnoreCase)) Add(found, SpamCode.ToItself, 0.8);
        if (message.ReplyTo is [{ Address.Length: > 0 } reply, ..] && Hosts.IsFreeMail(reply.Domain) && reply.Domain != from.Domain && !message.Headers.Has("List-Id")) Add(found, SpamCode.ReplyToFreeMail, 1.2);
        if (message.Headers.First("Message-ID") is { Length: > 0 } id && !id.Contains('@', StringComparison.Ordinal)) Add(found, SpamCode.ForgedStructure, 0.7);
        if (message.Headers.All("Subject").Skip(1).Any() || message.Headers.All("Date").Skip(1).Any()) Add(found, SpamCode.ForgedStructure, 1);
    }

    private static ReadOnlySpan<char> LocalPart(string address) => address.AsSpan(0, Math.Max(address.LastIndexOf('@'), 0));

    private static bool ShowsOtherAddress(MailAddress from)
    {
        int at = from.Name.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0) return false;
        int end = at + 1;
        while (end < from.Name.Length && (char.IsLetterOrDigit(from.Name[end]) || from.Name[end] is '.' or '-'))
            end++;
        string shown = EmailIdentity.Domain(from.Name[(at + 1)..end]);
        return shown.Contains('.', StringComparison.Ordinal) && from.Domain.Length > 0 && !Authenticate.Aligned(shown, EmailIdentity.Domain(from.Domain));
    }

    // Names of people and firms have no arrows, bells, rows of blanks or lone punctuation.
    private static bool IsDecorated(string name)
    {
        int odd = 0;
        foreach (char c in name)
        {
            if (LookAlikes.IsInvisible(c) || c is >= '\u2190' and <= '\u2BFF' || (char.IsSurrogate(c) && c is >= '\uD83C' and <= '\uD83E')) return true;
            if (c > '\u007F' && char.IsSymbol(c) && c is not ('™' or '®' or '©' or '°')) return true;
            odd += c is '!' or '*' or '#' or '$' or '%' or '=' or '~' or '^' or '>' or '<' or '+' ? 1 : 0;
        }

        return odd >= 2 || (name.Length > 0 && name[0] is '-' or '.' or '_' or ',' or '!' or '*') || name.Contains("   ", StringComparison.Ordinal) || name.EndsWith('_') || name.EndsWith(",,", StringComparison.Ordinal);
    }

    private static void AddSubject(List<SpamReason> found, MailReading mail)
    {
        string subject = mail.Message.Subject;
        TextFacts facts = mail.Subject;
        if (facts.Letters >= 10 && facts.Capitals == facts.Letters) Add(found, SpamCode.ShoutingSubject, 0.8);
        if (HasOddSubject(subject)) Add(found, SpamCode.OddSubject, 1.2);
        if (facts.Pictographs > 0) Add(found, SpamCode.PictographsInSubject, 0.4);
        if (facts.Disguised + facts.Hidden + facts.Spaced > 0) Add(found, SpamCode.DisguisedText, 2);
        if (LocalPart(mail.Recipient) is { Length: > 3 } name && mail.From.Domain.Length > 0 && subject.Contains(mail.Recipient, StringComparison.OrdinalIgnoreCase) && name.Length < subject.Length) Add(found, SpamCode.NamesRecipientAddress, 1.5);
    }

    // "Great offer     kxqzv": a tail that makes every copy differ; or the label that an old law asked of advertisers.
    private static bool HasOddSubject(string subject)
    {
        int gap = subject.AsSpan().TrimEnd().LastIndexOf("     ");
        return (gap > 0 && !subject.AsSpan(gap + 5).Trim().Contains(' '))
            || subject.StartsWith("ADV:", StringComparison.OrdinalIgnoreCase) || subject.Contains("$$", StringComparison.Ordinal) || subject.Contains("!!!", StringComparison.Ordinal);
    }

    private static void AddText(List<SpamReason> found, MailReading mail)
    {
        TextFacts text = mail.Text;
        if (text.Disguised >= 3 || text.Hidden >= 3 || text.Spaced >= 2) Add(found, SpamCode.DisguisedText, 2);
        if (text.Wallets > 0) Add(found, SpamCode.WalletAddress, 1.2);
        bool money = text.LargeSums > 0 || mail.Subject.LargeSums > 0;
        if (money && (Hosts.IsFreeMail(mail.FromDomain) || found.Exists(s => s.Code == SpamCode.ReplyToFreeMail))) Add(found, SpamCode.MoneyFromFreeMail, 1.2);
        if (mail.Message.InReplyTo.Count + mail.Message.References.Count > 0 && mail.Screened.Kind == ScreenKind.Human) Add(found, SpamCode.IsReply, -0.5);
        if (mail.Message.Headers.Has("List-Post")) Add(found, SpamCode.IsList, -0.2);
    }

    private static void AddHtml(List<SpamReason> found, MailReading mail)
    {
        HtmlFacts html = mail.Html;
        if (html.Pictures > 0 && mail.Links.Count > 0 && mail.Text.Words < HardlyAnyText) Add(found, SpamCode.PictureInsteadOfText, 1.4);
        if (html.BrokenWords >= 3 || html.Encoded >= 30) Add(found, SpamCode.DisguisedText, 2);
        if (html.Forms > 0) Add(found, SpamCode.FormInMail, html.Passwords > 0 ? 3 : 0.7);
        if (html.Hidden >= MuchHidden && html.Hidden > html.Shown / 2) Add(found, SpamCode.HiddenText, 1);
        if (html.Refreshes > 0) Add(found, SpamCode.LinkObscured, 1.5);
    }

    private static void AddLinks(List<SpamReason> found, MailReading mail)
    {
        LinkFacts links = mail.Links;
        if (links.Mismatch > 0) Add(found, SpamCode.LinkHostMismatch, 1.2);
        if (links.ToIpAddress > 0) Add(found, SpamCode.LinkToIpAddress, 1.5);
        if (links.Obscured > 0) Add(found, SpamCode.LinkObscured, 1.5);
        if (links.Shortened > 0) Add(found, SpamCode.LinkShortened, 0.8);
        if (links.OpenHosts > 0) Add(found, SpamCode.LinkToOpenHost, 1);
        if (links.Random > 0) Add(found, SpamCode.LinkToMachineMadeHost, 0.8);
        if (links.Cheap > 0) Add(found, SpamCode.LinkToCheapDomain, 0.6);
        if (links.NamesRecipient > 0) Add(found, SpamCode.LinkNamesRecipient, 0.7);
    }

    private static void AddAttachments(List<SpamReason> found, MailReading mail)
    {
        foreach (MailAttachment attachment in mail.Message.Attachments)
        {
            string end = EndOf(attachment.Name);
            if (end is "EXE" or "SCR" or "PIF" or "COM" or "BAT" or "CMD" or "VBS" or "VBE" or "JS" or "JSE" or "WSF" or "WSH" or "HTA" or "CPL" or "LNK" or "MSI" or "JAR" or "PS1" or "REG" or "ISO"
                or "IMG" or "VHD" or "VHDX" or "CHM" or "XLL" or "ONE" or "APPX") Add(found, SpamCode.ExecutableAttachment, 3);
            else if (end is "HTM" or "HTML" or "SHTML" or "XHTML" or "SVG" && !attachment.Inline) Add(found, SpamCode.HtmlAttachment, 1);
        }
    }

    private static string EndOf(string name)
    {
        name = name.TrimEnd(' ', '.');
        return name.LastIndexOf('.') is >= 0 and var dot ? name[(dot + 1)..].ToUpperInvariant() : "";
    }
}
