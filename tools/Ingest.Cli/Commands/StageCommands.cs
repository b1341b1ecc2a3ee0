using System.CommandLine;

namespace Ingest.Cli.Commands;

/// <summary>Stages of the pipeline, each alone on files: no store, no running system.</summary>
internal static class StageCommands
{
    static readonly Argument<string[]> Inputs = new("inputs")
    {
        Description = "Mails, folders of them (*.eml and files without extension, recursively, sorted by path), mbox files, or - for stdin.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Parse()
    {
        ExampleCommand command = new("parse",
            "Prints what a mail holds, one JSON object per mail, in the order of the inputs. A bad mail is a result, not an error.",
            "ingest parse mail.eml | jq .subject",
            "ingest parse mails/ old.mbox > mails.ndjson",
            "curl -s https://host.example/mail.eml | ingest parse -") { Inputs };
        // Bytes, not text: what mails hold is written as UTF-8 wherever stdout leads.
        command.SetAction((line, cancel) =>
            ParseCommand.RunAsync(line.GetRequiredValue(Inputs), Console.OpenStandardInput(), Console.OpenStandardOutput(), cancel));
        return command;
    }
}
