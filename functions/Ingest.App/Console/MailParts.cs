using System.Globalization;
using System.Text;
using Ingest.App.Pages;
using Ingest.Core.Audit;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;
using Ingest.Mail.Text;

namespace Ingest.App.Console;

/// <summary>
/// The parts of a message that are answers of their own: its html, which a sandboxed frame shows under a policy that lets nothing run and nothing load; its
/// whole text; its files. Whatever a stranger sent is a download, never a page of ours.
/// </summary>
internal static class MailParts
{
    private const int LargestPicture = 2 * 1024 * 1024, MostPictures = 30;
    // Read, cleaned and encoded in UTF-16; pictures as base64 in UTF-16 within it.
    private const long LargestTogether = 8 * 1024 * 1024, CopiesOfHtml = 8, CopiesOfPictures = 8;

    private const string FramePolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; "
        + "base-uri 'none'; frame-ancestors 'self'";

    // On white, as mails expect. The host behind a link cannot be restyled by the mail, and neither can pictures be larger than the frame.
    private const string FrameStyle = "html{color-scheme:light}body{margin:.75rem;font:1rem/1.5 system-ui,sans-serif;color:#1a2230;background:#fff;overflow-wrap:anywhere}"
        + "img{max-width:100%!important;height:auto!important}table{max-width:100%}pre{white-space:pre-wrap}"
        + ".host{all:initial!important;direction:ltr!important;unicode-bidi:isolate!important;font:.8rem/1.4 system-ui,sans-serif!important;color:#556072!important;background:#eef1f5!important;border-radius:.25rem!important;padding:0 .3em!important;margin:0 .25em!important}"
        + ".remark{font:.8rem/1.4 system-ui,sans-serif;color:#556072;border-bottom:1px solid #d7dde5;margin:0 0 .75rem;padding:0 0 .4rem}"
        + ".picture{display:inline-block;border:1px dashed #8a94a3;border-radius:.25rem;color:#556072;background:#f4f6f8;font:.8rem/1.4 system-ui,sans-serif;padding:.1em .4em}";

    public static async Task<bool> TryAsync(Visit visit, Ticket ticket, string key, string[] part)
    {
        if (key.Length is 0 or > 40 || !key.All(char.IsAsciiLetterOrDigit)) return false;
        if (await visit.Desk.Tickets.FindMessageAsync(visit.Tenant, ticket.Id, key, visit.Cancel) is not { Document: { } document } message) return false;
        visit.Trail.About = visit.Trail.About with { Subject = message.Key, Count = 1 };
        switch (part)
        {
            case ["html"] when document.Html.Length > 0:
                await visit.Trail.TellAsync(AuditAction.ContentRead, "html");
                await FrameAsync(visit, ticket, message, document);
                return true;
            case ["text"]:
                await visit.Trail.TellAsync(AuditAction.Exported, "text");
                await DownloadAsync(visit, Encoding.UTF8.GetBytes(document.Text), ticket.Number + ".txt");
                return true;
            case ["attachments", var index]:
                if (!int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number >= document.Attachments.Count || document.Attachments[number].State == FileState.Withheld) return false;
                await visit.Intake.MakeRoomAsync(2 * document.Attachments[number].Size);
                if (await visit.Desk.Tickets.ReadAttachmentAsync(visit.Tenant, ticket.Id, message, number, visit.Cancel) is not { } content) return false;
                await visit.Trail.TellAsync(AuditAction.Exported, "attachment");
                await DownloadAsync(visit, content, document.Attachments[number].Name);
                return true;
            default:
                return false;
        }
    }

    internal static async Task DownloadAsync(Visit visit, byte[] content, string name)
    {
        HttpResponse answer = visit.Http.Response;
        answer.ContentType = "application/octet-stream";
        answer.ContentLength = content.Length;
        answer.Headers.ContentDisposition = "attachment; filename*=UTF-8''" + Uri.EscapeDataString(name);
        answer.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        await answer.Body.WriteAsync(content, visit.Cancel);
    }

    private static async Task FrameAsync(Visit visit, Ticket ticket, TicketMessage message, MessageDocument document)
    {
        await visit.Intake.MakeRoomAsync(CopiesOfHtml * document.Html.Length + CopiesOfPictures * Math.Min(LargestTogether, document.Attachments.Sum(file => file.Size)));
        Dictionary<string, string> pictures = await PicturesAsync(visit, ticket, message, document);
        SafeHtmlResult safe = SafeHtml.Convert(document.Html, id => pictures.GetValueOrDefault(id));
        HttpResponse answer = visit.Http.Response;
        answer.ContentType = "text/html; charset=utf-8";
        answer.Headers.ContentSecurityPolicy = FramePolicy;
        answer.Headers.XFrameOptions = "SAMEORIGIN";
        answer.Headers["Referrer-Policy"] = "no-referrer";
        await answer.WriteAsync($"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mail</title><style>{FrameStyle}</style></head><body>{Remarks(safe)}{safe.Html}</body></html>", visit.Cancel);
    }

    // Whatever is not shown is named, so that nobody takes the rest for the whole.
    private static Markup Remarks(SafeHtmlResult safe)
    {
        string[] remarks =
        [
            safe.RemoteImages > 0 ? Words.Count(safe.RemoteImages, "picture") + " from elsewhere not loaded" : "",
            safe.LeftOut > 0 ? Words.Count(safe.LeftOut, "active part") + " such as forms and scripts left out" : "",
            safe.Cut ? "the end left out, since the mail is too long" : "",
        ];
        string said = string.Join("; ", remarks.Where(remark => remark.Length > 0));
        return Markup.If(said.Length > 0, $"""<p class="remark">For your safety: {said}.</p>""");
    }

    // Pictures that the mail itself brought, as data: the frame has no origin, so it could not fetch them.
    private static async Task<Dictionary<string, string>> PicturesAsync(Visit visit, Ticket ticket, TicketMessage message, MessageDocument document)
    {
        Dictionary<string, string> pictures = [];
        long together = 0;
        for (int i = 0; i < document.Attachments.Count && pictures.Count < MostPictures; i++)
        {
            AttachmentDocument file = document.Attachments[i];
            string id = file.ContentId.Trim('<', '>');
            if (id.Length == 0 || file.State == FileState.Withheld || file.Size is 0 or > LargestPicture || together + file.Size > LargestTogether || pictures.ContainsKey(id) || !IsAskedFor(document.Html, id)) continue;
            if (await visit.Desk.Tickets.ReadAttachmentAsync(visit.Tenant, ticket.Id, message, i, visit.Cancel) is not { } content || PictureType(content) is not { } type) continue;
            pictures[id] = $"data:{type};base64,{Convert.ToBase64String(content)}";
            together += content.Length;
        }

        return pictures;
    }

    private static bool IsAskedFor(string html, string id) =>
        html.Contains("cid:" + id, StringComparison.OrdinalIgnoreCase) || html.Contains("cid:" + Uri.EscapeDataString(id), StringComparison.OrdinalIgnoreCase);

    // By its first bytes, whatever it says it is.
    private static string? PictureType(ReadOnlySpan<byte> content) => content switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        _ => null,
    };
}
