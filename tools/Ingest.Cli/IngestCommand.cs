using System.CommandLine;
using System.Text.RegularExpressions;
using Ingest.Cli.Commands;
using Ingest.Cli.Servers;
using Ingest.Cli.Views;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.LocalHost;

namespace Ingest.Cli;

/// <summary>The command line: every command in one list, and the one place where a failure becomes a sentence and an exit code.</summary>
public static partial class IngestCommand
{
    const string Description = """
        Email in, tickets out. Every stage can be tried alone on files; the other commands work on the system that "ingest up" started.
        Exit code 0: done; 1: the command could not run; 2: the command line is wrong. INGEST_DEBUG=1 adds the details of a failure.
        """;

    // A file may be called @mail: no argument is the name of a file with more arguments.
    static readonly ParserConfiguration AsWritten = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        RootCommand root = Create();
        ParseResult line = root.Parse(args.Count > 0 ? args : ["--help"], AsWritten);
        if (line.Errors.Count > 0)
            return await RefuseAsync(line, error);

        using Interruption interruption = new(error);
        try
        {
            // The interruption is ours: the library's own would end the process before "up" has stopped its servers.
            InvocationConfiguration settings = new()
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            await CommandTrail.TellAsync(line, interruption.Cancel);
            return await line.InvokeAsync(settings, interruption.Cancel);
        }
        catch (OperationCanceledException) when (interruption.Cancel.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception fault)
        {
            await error.WriteLineAsync(Explain(fault));
            return ExitCode.Failed;
        }
    }

    internal static RootCommand Create()
    {
        RootCommand root = new(Description)
        {
            UpCommand.Create(),
            ImportCommand.Create(),
            MailboxCommand.Create(),
            TicketsCommand.Create(),
            JournalCommand.Create(),
            ExplainCommand.Create(),
            ReportsCommand.Create(),
            ReplyCommand.Create(),
            QuarantineCommand.Create(),
            SpamCommand.Create(),
            ReplayCommand.Create(),
            EraseCommand.Create(),
            HoldCommand.Create(),
            RetentionCommand.Create(),
            PolicyCommand.Create(),
            KeysCommand.Create(),
            TokenCommand.Create(),
            AuditCommand.Create(),
            PersonCommand.Create(),
            StageCommands.Parse(),
            StageCommands.Spf(),
            StageCommands.Verify(),
            RedactCommand.Create(),
            SignCommand.Create(),
            ModelCommands.Classify(),
            ModelCommands.Train(),
            PublishZipCommand.Create(),
        };
        root.Add(DataFolder.Option);
        Examples.ShowInHelp(root);
        return root;
    }

    // The library names the type of ours that a word could not be read as.
    [GeneratedRegex(" as expected type '[^']*'")]
    private static partial Regex TypeName();

    static async Task<int> RefuseAsync(ParseResult line, TextWriter error)
    {
        // A word that is no command is also reported as a missing command.
        string[] messages = [.. line.Errors.Select(problem => TypeName().Replace(problem.Message, "")).Distinct()];
        foreach (string message in messages.Where(message => line.UnmatchedTokens.Count == 0 || line.UnmatchedTokens.Any(message.Contains)))
            await error.WriteLineAsync("ingest: " + message);
        await error.WriteLineAsync($"\"{Examples.Path(line.CommandResult.Command)} --help\" shows how it is used.");
        return ExitCode.Usage;
    }

    static string Explain(Exception fault)
    {
        if (Environment.GetEnvironmentVariable("INGEST_DEBUG") == "1")
            return fault.ToString();
        return "ingest: " + fault switch
        {
            CannotRunException or ServerException or LocalHostException or IOException or UnauthorizedAccessException => fault.Message,
            MailboxRefusedException refused => $"The mailbox refuses us ({Words.Of(refused.Fault)}): \"ingest mailbox connect\" prints a link that connects it again.",
            NotNowException later => $"Not now ({later.ReasonCode}): try again in a moment.",
            _ when StoreFault.IsTransient(fault) => $"The running system does not answer ({StoreFault.Word(fault)}): does \"ingest up\" still run, and what do its logs say?",
            _ => $"Something went wrong that should not ({fault.GetType().Name}). Run it again with INGEST_DEBUG=1 to see where.",
        };
    }
}
