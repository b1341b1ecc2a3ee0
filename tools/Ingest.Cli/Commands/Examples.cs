using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Ingest.Cli.Commands;

/// <summary>A command whose help ends with lines to copy.</summary>
internal sealed class ExampleCommand(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Lines { get; } = examples;

    /// <summary>More than fits into the list of all commands; its help ends with it.</summary>
    public string Notes { get; set; } = "";
}

/// <summary>Help texts with examples, which the library has no section for.</summary>
internal static class Examples
{
    public static void ShowInHelp(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Help((HelpAction)help.Action!);
    }

    /// <summary>How the command is called, such as "ingest tickets show".</summary>
    public static string Path(Command command)
    {
        string name = command is RootCommand ? "ingest" : command.Name;
        return command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {name}" : name;
    }

    sealed class Help(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = inner.Invoke(parseResult);
            if (parseResult.CommandResult.Command is ExampleCommand { Lines.Count: > 0 } command)
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                if (command.Notes.Length > 0) output.WriteLine(command.Notes + Environment.NewLine);
                output.WriteLine("Examples:");
                foreach (string line in command.Lines)
                    output.WriteLine("  " + line);
                output.WriteLine();
            }
            return code;
        }
    }
}
