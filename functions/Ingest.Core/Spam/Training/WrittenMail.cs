using System.Globalization;
using System.Net;
using System.Text;

namespace Ingest.Core.Spam.Training;

/// <summary>
/// A written example: a line "== ham" or "== spam", fields, an empty line, the body with links as [text](address). It is made into two mails, one of plain text and one with html, each with the header that
/// a mail has today. What the author does not say (which provider, which program) is drawn from the text itself, so that it says nothing about what the mail is.
/// </summary>
internal sealed class WrittenMail
{
    // A few hundred of them stand beside thousands of others; spam of many sorts is written about in few words, wanted mail in every corpus.
    private const double WeightOfHam = 3, WeightOfSpam = 5.5;

    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _body = [];
    private readonly bool _isSpam;

    private WrittenMail(bool isSpam) => _isSpam = isSpam;

    /// <summary>The mails of a file of examples.</summary>
    public static IEnumerable<TrainingMail> ReadAll(string text)
    {
        WrittenMail? one = null;
        bool inBody = false;
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.StartsWith("== ", StringComparison.Ordinal))
            {
                foreach (TrainingMail mail in one?.Make() ?? []) yield return mail;
                (one, inBody) = (new WrittenMail(line[3..].TrimStart().StartsWith("spam", StringComparison.Ordinal)), false);
            }
            else if (one is null) continue;
            else if (inBody) one._body.Add(line);
            else if (line.Length == 0) inBody = true;
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon) one._fields[line[..colon]] = line[(colon + 1)..].Trim();
        }

        foreach (TrainingMail mail in one?.Make() ?? []) yield return mail;
    }

    private IEnumerable<TrainingMail> Make()
    {
        foreach (bool html in new[] { false, true })
        {
            if (_fields.GetValueOrDefault("form") is { } form && form != (html ? "html" : "text")) continue;
            yield return new TrainingMail(Encoding.UTF8.GetBytes(Render(html)), _isSpam, _isSpam ? WeightOfSpam : WeightOfHam, AnyLanguage: true);
        }
    }

    private string Render(bool html)
    {
        uint seed = FeatureBuilder.Hash(string.Join('\n', _body));
        var mail = new StringBuilder();
        string from = _fields.GetValueOrDefault("from", "Someone <someone@example.com>"), address = from[(from.LastIndexOf('<') + 1)..].TrimEnd('>'), domain = address[(address.LastIndexOf('@') + 1)..];
        AddDelivery(mail, domain, address, (int)(seed % 4));
        mail.Append(CultureInfo.InvariantCulture, $"From: {Encode(from[..Math.Max(from.LastIndexOf('<'), 0)].Trim())} <{address}>\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"To: {_fields.GetValueOrDefault("to", "support@shop.example")}\r\nSubject: {Encode(_fields.GetValueOrDefault("subject", ""))}\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"Date: Tue, 0{1 + (seed % 9)} Apr 2025 1{seed % 10}:2{seed % 7}:00 +0000\r\nMessage-ID: <{seed:x8}{(html ? "h" : "t")}@{((seed >> 8) % 3 == 0 ? "mailer.example" : domain)}>\r\nMIME-Version: 1.0\r\n");
        foreach (string name in new[] { "Reply-To", "List-Unsubscribe", "In-Reply-To", "References", "Cc" })
            if (_fields.GetValueOrDefault(name) is { } value) mail.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        string? attached = _fields.GetValueOrDefault("attach");
        if (attached is not null) mail.Append("Content-Type: multipart/mixed; boundary=\"m\"\r\n\r\n--m\r\n");
        AddBody(mail, html);
        if (attached is not null) mail.Append(CultureInfo.InvariantCulture, $"\r\n--m\r\nContent-Type: application/octet-stream; name=\"{attached}\"\r\nContent-Disposition: attachment; filename=\"{attached}\"\r\n\r\nx\r\n--m--\r\n");
        return mail.ToString();
    }

    private void AddDelivery(StringBuilder mail, string domain, string address, int provider)
    {
        string result = _fields.GetValueOrDefault("auth", provider == 3 ? "unknown" : "pass");
        mail.Append(CultureInfo.InvariantCulture, $"Return-Path: <{address}>\r\n");
        if (result == "unknown") return;
        (string spf, string dkim, string dmarc) = result switch
        {
            "pass" => ("pass", "pass", "pass (p=NONE sp=NONE dis=NONE)"),
            "reject" => ("fail", "none", "fail (p=REJECT sp=REJECT dis=REJECT)"),
            "fail" => ("softfail", "none", "fail (p=NONE sp=NONE dis=NONE)"),
            _ => ("none", "none", "none"),
        };
        string host = provider switch { 0 => "mx.google.com", 1 => "mx1.mailhost.example", _ => "mail.hosting.example" };
        mail.Append(CultureInfo.InvariantCulture, $"Received: from mail.{domain} (mail.{domain}. [192.0.2.7]) by {host} with ESMTPS id x1 for <support@shop.example>; Tue, 1 Apr 2025 10:00:00 +0000\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"Authentication-Results: {host}; dkim={dkim} header.d={domain}; spf={spf} smtp.mailfrom={address}; dmarc={dmarc} header.from={domain}\r\n");
    }

    private void AddBody(StringBuilder mail, bool html)
    {
        string text = string.Join("\r\n", _body.Select(line => Links(line, (label, target) => label == target ? target : $"{label} {target}"))).Trim();
        if (!html)
        {
            mail.Append("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n").Append(text).Append("\r\n");
            return;
        }

        mail.Append("Content-Type: multipart/alternative; boundary=\"a\"\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n").Append(text);
        mail.Append("\r\n--a\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<html><body>");
        foreach (string line in _body)
            mail.Append("<p>").Append(Links(WebUtility.HtmlEncode(line), (label, target) => $"<a href=\"{target}\">{label}</a>")).Append("</p>\r\n");
        mail.Append("</body></html>\r\n--a--\r\n");
    }

    private static string Links(string line, Func<string, string, string> write)
    {
        for (int at = line.IndexOf("](http", StringComparison.Ordinal); at >= 0; at = line.IndexOf("](http", StringComparison.Ordinal))
        {
            int open = line.LastIndexOf('[', at), end = line.IndexOf(')', at);
            if (open < 0 || end < 0) break;
            line = line[..open] + write(line[(open + 1)..at], line[(at + 2)..end]) + line[(end + 1)..];
        }

        return line;
    }

    private static string Encode(string text) => text.All(char.IsAscii) ? text : $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}?=";
}
