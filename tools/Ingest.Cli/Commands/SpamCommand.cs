using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Teaches the spam filter, shows what it was taught, and takes that back.</summary>
internal static class SpamCommand
{
    static readonly Argument<string> Number = new("number") { Description = "The ticket's number or id." };
    static readonly Option<string?> Message = new("--message") { Description = "The message's key; without it the newest mail of the ticket.", HelpName = "key" };
    static readonly Option<string?> By = new("--by") { Description = "Of one teacher: the id that \"spam lessons\" prints.", HelpName = "id" };
    static readonly Option<string?> Since = new("--since") { Description = "Taught at that time or later, such as 2026-11-02T09:05:00Z.", HelpName = "time" };
    static readonly Option<string[]> Ids = new("--lesson") { Description = "One lesson, as \"spam lessons\" prints it; may be said several times.", HelpName = "lesson" };
    static readonly Option<FileInfo?> Output = new("--output") { Description = "Write to this file instead of to standard output.", HelpName = "file" };

    public static Command Create()
    {
        ExampleCommand mark = new("mark", "Says that a ticket's mail is spam: the ticket is closed and marked so, and the filter learns.", "ingest spam mark 4K7QZ2MX") { Number, Message };
        mark.SetAction((line, cancel) => MarkAsync(line, LessonVerdict.Spam, cancel));
        ExampleCommand unmark = new("unmark", "Says that a ticket's mail is no spam: a ticket that was set aside is open again, and the filter learns.", "ingest spam unmark 4K7QZ2MX") { Number, Message };
        unmark.SetAction((line, cancel) => MarkAsync(line, LessonVerdict.Ham, cancel));
        ExampleCommand lessons = new("lessons", "Lists what the filter was taught, the newest first: who, when, and what.", "ingest spam lessons", "ingest spam lessons --since 2026-11-02T00:00:00Z") { By, Since };
        lessons.SetAction(LessonsAsync);
        ExampleCommand undo = new("undo", "Takes lessons out; the model is built without them, and tickets that they had set aside are open again.", "ingest spam undo --by 7k2m9q4xw0r8t5vn --since 2026-11-02T00:00:00Z", "ingest spam undo --lesson LESSON") { By, Since, Ids };
        undo.SetAction(UndoAsync);
        ExampleCommand export = new("export", "Prints the tenant's model and its lessons, as JSON.", "ingest spam export --output spam-model.json") { Output };
        export.SetAction(ExportAsync);
        return new Command("spam", "Teaches the spam filter, takes lessons back, and measures it.") { mark, unmark, lessons, undo, export, ModelCommands.Evaluate() };
    }

    static async Task<int> MarkAsync(ParseResult line, LessonVerdict verdict, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        Ticket ticket = await TicketsCommand.FindTicketAsync(desk, line.GetRequiredValue(Number), cancel);
        string? key = line.GetValue(Message) ?? ticket.Document?.LastKey;
        TeachEnd end = key is { Length: 32 } && key.All(char.IsAsciiLetterOrDigit)
            ? await desk.Desk.TeachSpam.MarkAsync(desk.Tenant, ticket.Id, key, verdict, AuditActor.Command, cancel)
            : TeachEnd.NotThere;
        string state = verdict == LessonVerdict.Spam ? "The ticket is set aside as spam." : "The ticket is not set aside.";
        await line.InvocationConfiguration.Output.WriteLineAsync(end switch
        {
            TeachEnd.Learned => state + " The filter learns from it within minutes.",
            TeachEnd.NotALesson => state + " Nothing was learned: a machine wrote the mail, or too little is left of it.",
            TeachEnd.NotThere => throw new CannotRunException("There is no such mail from outside in this ticket: \"ingest tickets show\" prints the keys of its messages."),
        });
        return ExitCode.Ok;
    }

    static LessonChoice Choice(ParseResult line, string[]? ids) =>
        new(ids is { Length: > 0 } ? ids : null, line.GetValue(By), line.GetValue(Since) is { } since ? Read(since) : null);

    static DateTimeOffset Read(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
        ? time
        : throw new CannotRunException("--since takes a time such as 2026-11-02T09:05:00Z.");

    static async Task<int> LessonsAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        List<LessonLine> lessons = await desk.Desk.Lessons.ListAsync(desk.Tenant, cancel).Where(Choice(line, null).Means).ToListAsync(cancel);
        foreach (LessonLine lesson in lessons.OrderByDescending(l => l.At))
            await line.InvocationConfiguration.Output.WriteLineAsync(JsonSerializer.Serialize(
                new LessonOutput(lesson.Id, lesson.At, lesson.By, lesson.Verdict.ToString(), lesson.Source.ToString(), TenantNumber(lesson.TicketId)), SpamOutputJson.Default.LessonOutput));
        return ExitCode.Ok;
    }

    static string TenantNumber(string ticket) => Core.Keys.TenantKeys.DisplayNumber(ticket);

    static async Task<int> UndoAsync(ParseResult line, CancellationToken cancel)
    {
        LessonChoice choice = Choice(line, line.GetValue(Ids));
        if (choice is { Ids: null, By: null, Since: null })
            throw new CannotRunException("Say whose lessons (--by), since when (--since), or which (--lesson): \"ingest spam lessons\" lists them.");
        LocalDesk desk = LocalDesk.Of(line);
        Undone undone = await desk.Desk.TeachSpam.UndoAsync(desk.Tenant, choice, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{undone.Lessons} lessons were taken out and the model was built without them; {undone.Tickets} tickets are open again."));
        return ExitCode.Ok;
    }

    static async Task<int> ExportAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        byte[] json = await desk.Desk.TeachSpam.ExportAsync(desk.Tenant, cancel);
        if (line.GetValue(Output) is not { } file)
            await line.InvocationConfiguration.Output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(json));
        else
            await File.WriteAllBytesAsync(file.FullName, json, cancel);
        return ExitCode.Ok;
    }
}

/// <summary>A lesson as a line of output.</summary>
internal sealed record LessonOutput(string Id, DateTimeOffset At, string By, string Verdict, string Source, string Ticket);

/// <summary>Serialisation without reflection.</summary>
[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(LessonOutput))]
internal sealed partial class SpamOutputJson : System.Text.Json.Serialization.JsonSerializerContext;
