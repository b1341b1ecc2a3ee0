using System.Security.Cryptography;
using Ingest.App.Pages;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;

namespace Ingest.App.Console;

/// <summary>What somebody typed into the forms of a ticket, so that nothing of it is lost when it cannot be sent as it stands.</summary>
internal sealed record Draft
{
    private static readonly char[] Between = [',', ';', '\n', '\r'];

    public string To { get; init; } = "";
    public string Cc { get; init; } = "";
    public string Text { get; init; } = "";
    public bool Quote { get; init; }
    public bool Close { get; init; }
    public bool HadFiles { get; init; }

    /// <summary>What may not leave, as it was refused.</summary>
    public IReadOnlyList<FindingType> Refused { get; init; } = [];

    /// <summary>What is to leave all the same.</summary>
    public IReadOnlyList<FindingType> Anyway { get; init; } = [];

    /// <summary>True when a file was refused that cannot be looked into.</summary>
    public bool RefusedUnread { get; init; }

    /// <summary>True when files that cannot be looked into are to leave all the same.</summary>
    public bool Unread { get; init; }
    public string Note { get; init; } = "";
    public IReadOnlyList<Problem> Problems { get; init; } = [];
    public IReadOnlyList<Problem> NoteProblems { get; init; } = [];

    /// <summary>Makes a form that is sent twice count once.</summary>
    public string Once { get; init; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    public static Draft Of(IFormCollection form)
    {
        string once = form["once"].ToString();
        Draft draft = new()
        {
            To = form["to"].ToString(), Cc = form["cc"].ToString(), Quote = form["quote"] == "yes", Close = form["close"] == "yes", Unread = form["unread"] == "yes",
            // A browser sends CR LF; what is kept and compared has LF.
            Text = form[form.ContainsKey("note") ? "note" : "text"].ToString().ReplaceLineEndings("\n"),
            HadFiles = form.Files.Any(file => file.Length > 0),
            Anyway = [.. form["anyway"].Where(name => Enum.TryParse(name, out FindingType type) && Enum.IsDefined(type)).Select(name => Enum.Parse<FindingType>(name!))],
        };
        return once.Length is > 0 and <= 64 && once.All(char.IsAsciiLetterOrDigit) ? draft with { Once = once } : draft;
    }

    public async Task<NewReply> ToReplyAsync(Visit visit, IFormCollection form)
    {
        List<NewAttachment> files = [];
        foreach (IFormFile file in form.Files.Where(file => file.Name == "files" && file.FileName.Length > 0))
        {
            using MemoryStream content = new((int)file.Length);
            await file.CopyToAsync(content, visit.Cancel);
            files.Add(new NewAttachment(Path.GetFileName(file.FileName.Replace('\\', '/')), TypeOf(file), content.ToArray()));
        }

        return new NewReply
        {
            Text = Text, To = Addresses(To), Cc = Addresses(Cc), Attachments = files, QuoteHistory = Quote, CloseTicket = Close,
            AuthorId = visit.Caller.Id, AuthorName = visit.Caller.Name, IdempotencyKey = Once, SendAnyway = Anyway, SendUnread = Unread,
        };
    }

    // What a browser says of a file, if it is a type that can stand for one part.
    private static string TypeOf(IFormFile file)
    {
        string[] parts = (file.ContentType ?? "").ToLowerInvariant().Split('/');
        bool plain = parts is [{ Length: > 0 }, { Length: > 0 }] && parts.All(part => part.Length < 80 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-'));
        return plain && parts[0] is not ("multipart" or "message") ? $"{parts[0]}/{parts[1]}" : "application/octet-stream";
    }

    private static IReadOnlyList<string> Addresses(string text) => [.. text.Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
}
