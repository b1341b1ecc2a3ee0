using System.Buffers;
using System.Net;
using System.Text;
using Ingest.Mail.Text;

namespace Ingest.Mail.Mime;

/// <summary>Chooses what a person would read as the body, and what else there is (RFC 2046 section 5.1.4 for alternatives).</summary>
internal sealed class BodyChoice
{
    private readonly ParseLimits limits;
    private readonly List<Defect> defects;
    private readonly List<MimePart> others = [];
    private readonly List<Shown> shown = [];
    private string? text;
    private readonly UnpackBudget budget;
    private int bytesLeft;

    private BodyChoice(ParseLimits limits, List<Defect> defects)
    {
        this.limits = limits;
        this.defects = defects;
        bytesLeft = limits.MaxBodyBytes;
        budget = new UnpackBudget(limits);
    }

    /// <summary>The body as plain text, made from html where only that came, when it is first asked for; null when there is none.</summary>
    public string? Text => text ??= Rendered();

    /// <summary>What the html says about stretches of <see cref="Text"/>, null when its first stretch was not made from html.</summary>
    public HtmlRegions? Regions { get; private set; }

    /// <summary>The html body, several parts one after the other; null when there is none.</summary>
    public string? Html { get; private set; }

    /// <summary>Leaves and forwarded mails that are not part of the body, in order of appearance.</summary>
    public IReadOnlyList<MimePart> Others => others;

    public static BodyChoice Of(MimePart root, ParseLimits limits, List<Defect> defects)
    {
        var choice = new BodyChoice(limits, defects);
        var pieces = choice.Pieces(root, null, 0);
        if (pieces.Count == 0 && choice.Promoted() is { } promoted)
            pieces = [new Piece(promoted.ContentType == "text/html" ? null : promoted, promoted.ContentType == "text/html" ? promoted : null)];
        choice.Render(choice.Unpacked(pieces));
        return choice;
    }

    // What came packed takes its place among the rest; its body counts when the mail brings none of its own.
    private List<Piece> Unpacked(List<Piece> pieces)
    {
        for (var i = others.Count - 1; i >= 0; i--)
        {
            if (TnefParts.Of(others[i], limits, defects, budget) is not { } tnef)
                continue;
            others.RemoveAt(i);
            others.InsertRange(i, tnef.Files);
            if ((tnef.Plain ?? tnef.Html) is not null && pieces.TrueForAll(static p => IsBlank(p.Plain) && IsBlank(p.Html)))
                pieces = [new Piece(tnef.Plain, tnef.Html)];
        }
        // A calendar alone is read out, and stays among the rest.
        if (pieces.TrueForAll(static p => IsBlank(p.Plain) && IsBlank(p.Html)) && others.Find(static p => p.ContentType == "text/calendar") is { } part
            && CalendarSummary.Read(part.DecodeText(limits.MaxCalendarLength, out _), part.Parameters["method"] ?? "", limits) is { Events.Count: > 0 } calendar)
            pieces = [new Piece(MimePart.OfContent(Encoding.UTF8.GetBytes(CalendarSummary.Text(calendar)), "text/plain", "", null), null)];
        return pieces;
    }

    private static bool IsBlank(MimePart? part) => part is null || part.RawContent.Span.Trim(" \t\r\n"u8).IsEmpty;

    /// <summary>One stretch of the body in up to two forms.</summary>
    private readonly record struct Piece(MimePart? Plain, MimePart? Html);

    private List<Piece> Pieces(MimePart part, MimePart? parent, int index)
    {
        if (part.IsLeaf || part.IsMessage)
        {
            if (!IsBody(part, parent, index))
            {
                others.Add(part);
                return [];
            }
            return [part.ContentType == "text/html" ? new Piece(null, part) : new Piece(part, null)];
        }
        return part.ContentType == "multipart/alternative" ? Alternative(part) : Sequence(part);
    }

    private List<Piece> Sequence(MimePart part)
    {
        var pieces = new List<Piece>();
        for (var i = 0; i < part.Children.Count; i++)
            pieces.AddRange(Pieces(part.Children[i], part, i));
        return pieces;
    }

    // The last form that can be shown wins, but a plain and an html form are both kept.
    private List<Piece> Alternative(MimePart part)
    {
        List<Piece>? plain = null, html = null;
        for (var i = 0; i < part.Children.Count; i++)
        {
            var pieces = Pieces(part.Children[i], part, i);
            if (pieces.Count == 0)
                continue;
            if (pieces.Exists(static p => p.Html is not null))
                html = pieces;
            else if (plain is null || part.Children[i].ContentType == "text/plain")
                plain = pieces;
        }
        if (html is null)
            return plain ?? [];
        // Two forms of one stretch each: side by side. Otherwise the richer one holds everything, unless it brings its own plain form.
        if (plain is null || html.Exists(static p => p.Plain is not null))
            return plain is { Count: 1 } ? Merge(plain[0], html) : html;
        return plain.Count == 1 ? Merge(plain[0], html) : [.. plain.Select(static p => p with { Html = Nothing }), .. html.Select(static p => p with { Plain = Nothing })];
    }

    private static List<Piece> Merge(Piece plain, List<Piece> html)
    {
        var merged = new List<Piece>(html.Count);
        var placed = false;
        foreach (var piece in html)
        {
            merged.Add(!placed && piece.Html is not null ? piece with { Plain = plain.Plain ?? piece.Plain } : piece with { Plain = placed && piece.Html is not null ? Nothing : piece.Plain });
            placed |= piece.Html is not null;
        }
        return merged;
    }

    // Stands for "this stretch is covered by another one in that form".
    private static readonly MimePart Nothing = new(new HeaderList(ReadOnlyMemory<byte>.Empty, 0), HeaderParameters.Empty, HeaderParameters.Empty, "text/plain", TransferEncoding.Identity);

    private static bool IsBody(MimePart part, MimePart? parent, int index)
    {
        if (part.IsMessage || part.Disposition == "attachment")
            return false;
        if (part.ContentType.StartsWith("multipart/", StringComparison.Ordinal))
            return true;
        if (!part.ContentType.StartsWith("text/", StringComparison.Ordinal))
            return false;
        if (part.ContentType is not ("text/plain" or "text/html") && (parent is not null || !IsReadable(part.ContentType)))
            return false;
        if (parent is null)
            return true;
        if (parent.ContentType == "multipart/report")
            return index == 0;
        return part.FileName.Length == 0 || (parent.ContentType is "multipart/alternative" or "multipart/related" && index == 0);
    }

    private static bool IsReadable(string type) =>
        type is not ("text/calendar" or "text/vcard" or "text/x-vcard" or "text/directory" or "text/rfc822-headers" or "text/csv" or "text/x-amp-html");

    // Only named text and nothing else: the first is what the sender wrote.
    private MimePart? Promoted()
    {
        var index = others.FindIndex(static p => p.ContentType is "text/plain" or "text/html" && p.Disposition != "attachment");
        if (index < 0)
            return null;
        var part = others[index];
        others.RemoveAt(index);
        return part;
    }

    /// <summary>A piece decoded; a text of null is to be made from the html.</summary>
    private readonly record struct Shown(string? Plain, string? Html);

    private void Render(List<Piece> pieces)
    {
        var anyHtml = pieces.Exists(static p => p.Html is not null && p.Html != Nothing);
        List<string>? forms = null;
        foreach (var piece in pieces)
        {
            var plain = piece.Plain is null ? null : piece.Plain == Nothing ? "" : Decode(piece.Plain);
            var rich = piece.Html is null || piece.Html == Nothing ? null : Decode(piece.Html);
            if (anyHtml && piece.Html != Nothing && (rich ?? Preformatted(plain)) is { Length: > 0 } form)
                (forms ??= []).Add(form);
            // An empty plain form beside a full html one is what some newsletters send.
            if (rich is not null && piece.Plain != Nothing && string.IsNullOrWhiteSpace(plain))
                plain = null;
            shown.Add(new Shown(plain, plain is null ? rich : null));
        }
        if (anyHtml)
            Html = forms is null ? "" : forms is [var only] ? only : string.Concat(forms);
    }

    private static string? Preformatted(string? plain) => string.IsNullOrWhiteSpace(plain) ? null : $"<pre>{WebUtility.HtmlEncode(plain)}</pre>";

    // Asked twice at once it is made twice, and is the same.
    private string? Rendered()
    {
        if (shown is [] or [{ Plain: not null }])
            return shown is [] ? null : shown[0].Plain;
        var texts = new List<string>(shown.Count * 2);
        foreach (var piece in shown)
        {
            var next = piece.Plain ?? FromHtml(piece.Html ?? "", texts.Count == 0);
            if (next.Length == 0)
                continue;
            if (texts is [.., var last] && !last.EndsWith('\n'))
                texts.Add("\n");
            texts.Add(next);
        }
        return texts is [var one] ? one : string.Concat(texts);
    }

    // Line ends are one character before html is read (WHATWG HTML section 13.2.3.5). Regions are places in the text, so only the first stretch has them.
    private string FromHtml(string html, bool first)
    {
        var found = first ? new HtmlRegions() : null;
        var text = HtmlText.Convert(LineEnds(html), found);
        Regions = found ?? Regions;
        return text;
    }

    private string Decode(MimePart part)
    {
        var text = part.DecodeText(bytesLeft, out var defect);
        if (defect != DefectKind.None)
            defects.Add(new Defect(defect, part.ContentOffset));
        if (part.RawContent.Length > bytesLeft)
            defects.Add(new Defect(DefectKind.BodyTooLong, part.ContentOffset));
        bytesLeft = Math.Max(0, bytesLeft - part.RawContent.Length);
        if (part.ContentType == "text/html")
            return text;
        text = UuBlocks.Split(LineEnds(text), others, budget);
        return FlowedText.Applies(part) ? FlowedText.Join(text, FlowedText.DeletesSpace(part)) : text;
    }

    // Any line end becomes LF, also more than one CR before LF, which is what broken gateways make of it.
    private static string LineEnds(string text)
    {
        var carriage = text.IndexOf('\r', StringComparison.Ordinal);
        if (carriage < 0)
            return text;
        var buffer = ArrayPool<char>.Shared.Rent(text.Length);
        var length = 0;
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var run = rest.IndexOf('\r');
            run = run < 0 ? rest.Length : run;
            rest[..run].CopyTo(buffer.AsSpan(length));
            length += run;
            rest = rest[run..];
            var carriages = rest.IndexOfAnyExcept('\r');
            carriages = carriages < 0 ? rest.Length : carriages;
            if (carriages == rest.Length || rest[carriages] != '\n')
            {
                buffer.AsSpan(length, carriages).Fill('\n');
                length += carriages;
            }
            rest = rest[carriages..];
        }
        text = new string(buffer, 0, length);
        ArrayPool<char>.Shared.Return(buffer);
        return text;
    }
}
