using Ingest.Core.Keys;
using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>The rules themselves: what each looks at and what it weighs in log-odds.</summary>
internal static class SpamSigns
{
    /// <summary>Log-odds of spam before anything is known; low, because a wanted mail held back costs a hundred times a spam let through.</summary>
    internal const double Prior = -3;

    private const int ManyRecipients = 25;
    private const int HardlyAnyText = 80;

    internal static List<SpamReason> Find(MailMessage message, AuthVerdict auth, Screened screened, SpamContext context)
    {
        List<SpamReason> found = [];
        AddAuthentication(found, auth);
        AddSender(found, message, auth, context);
        AddEnvelope(found, message);
        AddContent(found, message);
        AddOrdinary(found, message, screened);
        return found;
    }

    private static void AddAuthentication(List<SpamReason> found, AuthVerdict auth)
    {
        if (auth.Reason == AuthCode.SeveralFrom)
            found.Add(new(SpamCode.SeveralFrom, 1));
        if (auth.Reason == AuthCode.NoFrom)
            found.Add(new(SpamCode.NoFrom, 0.5));
        if (auth.Dmarc == AuthResult.Fail)
            found.Add(auth.Policy is DmarcPolicy.Reject or DmarcPolicy.Quarantine ? new(SpamCode.DmarcFailEnforced, 3.5) : new(SpamCode.DmarcFail, 1.5));
        else if (auth.Spf == AuthResult.Fail && !auth.Authenticated)
            found.Add(new(SpamCode.SpfFail, 1.5));
        if (auth.Authenticated)
            found.Add(new(SpamCode.Authenticated, -0.5));
    }

    private static void AddSender(List<SpamReason> found, MailMessage message, AuthVerdict auth, SpamContext context)
    {
        if (message.From is [{ } from] && ShowsOtherAddress(from))
            found.Add(new(SpamCode.NameShowsOtherAddress, 2));
        if (context.Provider == ProviderVerdict.Spam)
            found.Add(new(SpamCode.ProviderSaysSpam, 5));
    }

    private static bool ShowsOtherAddress(MailAddress from)
    {
        int at = from.Name.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0)
            return false;
        int end = at + 1;
        while (end < from.Name.Length && (char.IsLetterOrDigit(from.Name[end]) || from.Name[end] is '.' or '-'))
            end++;
        string shown = EmailIdentity.Domain(from.Name[(at + 1)..end]);
        return shown.Contains('.', StringComparison.Ordinal) && from.Domain.Length > 0 && !Authenticate.Aligned(shown, EmailIdentity.Domain(from.Domain));
    }

    private static void AddEnvelope(List<SpamReason> found, MailMessage message)
    {
        if (message.To.Count + message.Cc.Count > ManyRecipients)
            found.Add(new(SpamCode.ManyRecipients, 0.7));
        if (IsShouting(message.Subject))
            found.Add(new(SpamCode.ShoutingSubject, 1.2));
        if (HasOddSubject(message.Subject))
            found.Add(new(SpamCode.OddSubject, 1.6));
        if (message.From is [{ } from] && HasNumberedName(from.Address))
            found.Add(new(SpamCode.NumberedSender, 1.3));
        if (ForgeryOf(message) is > 0 and double forgery)
            found.Add(new(SpamCode.ForgedStructure, forgery));
    }

    private static bool IsShouting(string subject) =>
        subject.Count(char.IsUpper) >= 10 && !subject.Any(char.IsLower);

    // "Great offer     kxqzv": a tail that makes every copy differ; or the label that an old law asked of advertisers.
    private static bool HasOddSubject(string subject)
    {
        int gap = subject.TrimEnd().LastIndexOf("     ", StringComparison.Ordinal);
        return (gap > 0 && !subject[(gap + 5)..].Trim().Contains(' ', StringComparison.Ordinal))
            || subject.StartsWith("ADV:", StringComparison.OrdinalIgnoreCase) || subject.Contains("$$", StringComparison.Ordinal) || subject.Contains("!!!", StringComparison.Ordinal);
    }

    private static bool HasNumberedName(string address)
    {
        ReadOnlySpan<char> local = address.AsSpan(0, Math.Max(address.LastIndexOf('@'), 0));
        int digits = 0;
        foreach (char c in local)
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        return digits >= 4 && digits < local.Length && local.IndexOfAny("+=-.") < 0;
    }

    private static double ForgeryOf(MailMessage message)
    {
        HeaderList headers = message.Headers;
        double weight = 0;
        if (headers.First("Message-ID") is { } id && (!id.Contains('@', StringComparison.Ordinal) || !id.TrimStart().StartsWith('<')))
            weight += 1;
        if (headers.First("To")?.Contains("undisclosed", StringComparison.OrdinalIgnoreCase) == true)
            weight += 1;
        if (headers.All("Subject").Skip(1).Any() || headers.All("Date").Skip(1).Any())
            weight += 1;
        if (headers.First("X-Priority")?.TrimStart().StartsWith('1') == true && headers.First("X-MSMail-Priority") is not null && message.Html is not null)
            weight += 0.7;
        return weight;
    }

    private static void AddContent(List<SpamReason> found, MailMessage message)
    {
        string text = message.Text ?? "";
        Links links = Links.Of(message.Html, text);
        if (links.HostMismatch)
            found.Add(new(SpamCode.LinkHostMismatch, 1.5));
        if (links.ToIpAddress)
            found.Add(new(SpamCode.LinkToIpAddress, 2));
        if (links.Obscured)
            found.Add(new(SpamCode.LinkObscured, 1.5));
        if (SpamPhrases.Weigh(message.Subject, text) is > 0 and double phrases)
            found.Add(new(SpamCode.SpamPhrase, phrases));
        if (message.Attachments.Any(a => IsExecutable(a.Name)))
            found.Add(new(SpamCode.ExecutableAttachment, 3));
        if (message.Html is { } html)
            AddHtml(found, html, text, links);
        if (Disguise.IsIn(message.Subject) || Disguise.IsIn(text))
            found.Add(new(SpamCode.DisguisedText, 2));
    }

    private static void AddHtml(List<SpamReason> found, string html, string text, Links links)
    {
        bool picture = html.Contains("<img", StringComparison.OrdinalIgnoreCase);
        if (picture && links.Count > 0 && text.AsSpan().Trim().Length < HardlyAnyText)
            found.Add(new(SpamCode.PictureInsteadOfText, 1.5));
        if (Disguise.BreaksWordsApart(html))
            found.Add(new(SpamCode.DisguisedText, 2));
        if (html.Contains("<form", StringComparison.OrdinalIgnoreCase))
            found.Add(new(SpamCode.FormInMail, 1));
    }

    private static bool IsExecutable(string name)
    {
        int dot = name.TrimEnd(' ', '.').LastIndexOf('.');
        return dot >= 0 && name.TrimEnd(' ', '.')[(dot + 1)..].ToUpperInvariant() is "EXE" or "SCR" or "PIF" or "COM" or "BAT" or "CMD" or "VBS" or "VBE" or "JS" or "JSE"
            or "WSF" or "WSH" or "HTA" or "CPL" or "LNK" or "MSI" or "JAR" or "PS1" or "REG" or "ISO" or "IMG" or "VHD" or "VHDX" or "CHM" or "XLL" or "ONE" or "APPX";
    }

    private static void AddOrdinary(List<SpamReason> found, MailMessage message, Screened screened)
    {
        if ((message.InReplyTo.Count > 0 || message.References.Count > 0) && screened.Kind == ScreenKind.Human)
            found.Add(new(SpamCode.IsReply, -1));
        if (message.Headers.First("List-Post") is not null)
            found.Add(new(SpamCode.IsList, -0.5));
        if (message.Html is not null && IsHtmlAlone(message) && screened.Kind == ScreenKind.Human)
            found.Add(new(SpamCode.HtmlWithoutText, 0.8));
    }

    private static bool IsHtmlAlone(MailMessage message) =>
        message.Headers.First("Content-Type")?.TrimStart().StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true;
}
