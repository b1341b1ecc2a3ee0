using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Cli.Commands;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>Where a command shows its results: tables for people, one JSON object a line for programs.</summary>
internal sealed class Page
{
    const int WidthOfFiles = 160;

    static readonly Option<bool> Json = new("--json") { Description = "One JSON object a line (the default when stdout is not a terminal)." };
    static readonly Option<bool> Table = new("--table") { Description = "A table (the default on a terminal)." };

    readonly bool forPeople;
    readonly TextWriter output;

    public Page(TextWriter output, bool forPeople, bool onTerminal)
    {
        this.output = output;
        this.forPeople = forPeople;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = onTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        if (!onTerminal)
            Console.Profile.Width = WidthOfFiles;
    }

    public IAnsiConsole Console { get; }

    public static void AddOptions(Command command)
    {
        command.Add(Json);
        command.Add(Table);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Json) && result.GetValue(Table))
                result.AddError("--json and --table exclude each other.");
        });
    }

    public static Page Of(ParseResult line)
    {
        bool onTerminal = !System.Console.IsOutputRedirected;
        bool forPeople = line.GetValue(Table) || (onTerminal && !line.GetValue(Json));
        return new Page(line.InvocationConfiguration.Output, forPeople, onTerminal);
    }

    /// <summary>Shows a list as one table, or as one object a line.</summary>
    public void Show<T>(IReadOnlyList<T> items, Func<IReadOnlyList<T>, IRenderable> table)
    {
        if (forPeople)
            Console.Write(table(items));
        else
            foreach (T item in items)
                WriteObject(item);
    }

    /// <summary>Shows one thing as a page to read, or as one object.</summary>
    public void Show<T>(T item, Func<T, IRenderable> page)
    {
        if (forPeople)
            Console.Write(page(item));
        else
            WriteObject(item);
    }

    void WriteObject<T>(T item) => output.WriteLine(JsonSerializer.Serialize(item, typeof(T), ViewJson.Default));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TicketLine))]
[JsonSerializable(typeof(TicketDetail))]
[JsonSerializable(typeof(MailboxLine))]
[JsonSerializable(typeof(BooksLine))]
[JsonSerializable(typeof(JournalRow))]
[JsonSerializable(typeof(TokenLine))]
[JsonSerializable(typeof(AuditLine))]
[JsonSerializable(typeof(Explained))]
[JsonSerializable(typeof(ReportLine))]
[JsonSerializable(typeof(RootKeyLine))]
[JsonSerializable(typeof(KeptLine))]
[JsonSerializable(typeof(KeptDetail))]
[JsonSerializable(typeof(KeptEnd))]
[JsonSerializable(typeof(BulkLine))]
[JsonSerializable(typeof(KeptSummary))]
[JsonSerializable(typeof(RedactionReportLine))]
internal sealed partial class ViewJson : JsonSerializerContext;
