using System.Security.Cryptography;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>A wish that says by itself what is to go: words instead of their place, a file with its digest. So it means the same whoever carries it out, and whenever. Sealed at rest.</summary>
/// <param name="Part">Words, all that a message says, or a file.</param>
/// <param name="MessageKey">The key of the message; empty for words, wherever they stand in the ticket.</param>
/// <param name="Words">The words.</param>
/// <param name="Attachment">Which file, from 0.</param>
/// <param name="Digest">That file's SHA-256, hexadecimal.</param>
internal sealed record SettledWish(RedactedPart Part, string MessageKey = "", string Words = "", int Attachment = 0, string Digest = "")
{
    // Where Compose puts what is too long to be shown: told from a customer's own file of that name by its media type, which of theirs has no parameters.
    private static bool IsWholeBody(AttachmentDocument file) => (file.Name, file.ContentType) is ("message.txt", "text/plain; charset=utf-8") or ("message.html", "text/html; charset=utf-8");

    /// <summary>What a redaction for this wish does; told in <paramref name="file"/> whether another file is where the one that was meant stood.</summary>
    public TicketRewrite Rewrite(FileWatch file)
    {
        if (Part == RedactedPart.Message) return new TicketRewrite(Only(WithoutText)) { Only = MessageKey };
        if (Part == RedactedPart.Attachment) return new TicketRewrite(Only((message, contents) => WithoutFile(message, contents, file))) { Only = MessageKey };
        MaskMessage mask = new(TextRemoval.Policy, TextRemoval.Tools(Words));
        return new TicketRewrite(MessageKey.Length == 0 ? mask.Run : Only(mask.Run)) { Retitle = mask.Run, Only = MessageKey };
    }

    private RewriteMessage Only(RewriteMessage rewrite) => (message, contents) => message.Key == MessageKey ? rewrite(message, contents) : null;

    private static Rewritten? WithoutText(TicketMessage message, IReadOnlyList<Func<byte[]>> contents)
    {
        MessageDocument old = message.Document!;
        if (old.Text == RedactByHand.Mark && old.Html.Length == 0) return null;
        int[] kept = [.. Enumerable.Range(0, contents.Count).Where(i => !IsWholeBody(old.Attachments[i]))];
        MessageDocument next = old with
        {
            Text = RedactByHand.Mark,
            Html = "",
            Reply = RedactByHand.Mark,
            Elided = "",
            Signature = "",
            Attachments = [.. kept.Select(i => old.Attachments[i])],
            Redactions = old.Redactions + 1,
        };
        return new Rewritten(next, [.. kept.Select(i => contents[i])], 1);
    }

    private Rewritten? WithoutFile(TicketMessage message, IReadOnlyList<Func<byte[]>> contents, FileWatch file)
    {
        MessageDocument old = message.Document!;
        AttachmentDocument? there = Attachment < old.Attachments.Count ? old.Attachments[Attachment] : null;
        if (there is { Name: RedactByHand.Mark, Size: 0 }) return null;
        file.IsAnother = there?.Sha256 != Digest;
        if (file.IsAnother) return null;
        AttachmentDocument gone = new() { Name = RedactByHand.Mark, ContentType = "application/octet-stream", Sha256 = Convert.ToHexStringLower(SHA256.HashData([])), LookedInto = true };
        return new Rewritten(
            old with { Attachments = [.. old.Attachments.Select((attachment, i) => i == Attachment ? gone : attachment)], Redactions = old.Redactions + 1 },
            [.. contents.Select((content, i) => i == Attachment ? static () => [] : content)], 1);
    }
}

/// <summary>Whether the file that was meant is no longer where it was, by its digest.</summary>
internal sealed class FileWatch
{
    public bool IsAnother { get; set; }
}

/// <summary>A wish as it lies in the row of a redaction that is under way.</summary>
/// <param name="Wish">What is to go.</param>
/// <param name="Mark">What the messages will say of it.</param>
/// <param name="IfVersion">The version of the ticket for which alone it was meant; null for whatever is in it.</param>
internal sealed record AskedRedaction(SettledWish Wish, LaterRedaction Mark, string? IfVersion);
