using System.CommandLine;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Training;

namespace Ingest.Cli.Commands;

/// <summary>The spam filter on files: how it judges mails, how a model is trained, how good one is.</summary>
internal static class ModelCommands
{
    const int MailsInFlight = 64;

    static readonly Argument<string[]> Inputs = new("inputs")
    {
        Description = "Mails, folders of them (*.eml and files without extension, recursively, sorted by path), mbox files, or - for stdin.",
        Arity = ArgumentArity.OneOrMore,
    };

    static readonly Option<string?> Model = new("--model") { Description = "Judge by this model instead of the shipped one.", HelpName = "file" };
    static readonly Option<int> OneIn = new("--one-customer-in") { Description = "Where the line to spam is drawn: at most one wanted mail in so many.", HelpName = "n", DefaultValueFactory = _ => SpamThresholds.UsualOneIn };
    static readonly Option<string[]> Ham = new("--ham") { Description = "Wanted mail: files, folders or mboxes; \"mails/:0-6\" takes only those whose SHA-256, as a number, leaves 0 to 6 when divided by 10.", HelpName = "dir", AllowMultipleArgumentsPerToken = true };
    static readonly Option<string[]> Spam = new("--spam") { Description = "Spam, in the same forms.", HelpName = "dir", AllowMultipleArgumentsPerToken = true };
    static readonly Option<string[]> Written = new("--written") { Description = "Folders of written examples (*.txt), made into mails of both kinds.", HelpName = "dir", AllowMultipleArgumentsPerToken = true };
    static readonly Option<string> Out = new("--out") { Description = "The file to write the model to.", HelpName = "file", Required = true };
    static readonly Argument<string> HamFolder = new("ham") { Description = "Wanted mail: a folder, file or mbox, with \":7-9\" only a part of it." };
    static readonly Argument<string> SpamFolder = new("spam") { Description = "Spam, in the same forms." };
    static readonly Option<int> Mistakes = new("--mistakes") { Description = "How many of the worst mistakes of each kind are shown.", HelpName = "n", DefaultValueFactory = _ => 10 };

    public static Command Classify()
    {
        ExampleCommand command = new("classify",
            "Prints how spam-like a mail is and why: a score of 0 to 1, a verdict, and reasons with weights (log-odds), one JSON object per mail, in the order of the inputs.",
            "ingest classify mail.eml | jq .reasons",
            "ingest classify --one-customer-in 10000 mails/ old.mbox") { Inputs, Model, OneIn };
        command.SetAction(async (line, cancel) =>
        {
            (SpamModel model, SpamThresholds lines) = await ReadModelAsync(line, cancel);
            return await new MailLines("classify", MailsInFlight, (name, raw, _) => Task.FromResult(SpamOutput.Line(name, MailFile.Read(raw).Judge(model, lines))))
                .RunAsync(line.GetRequiredValue(Inputs), Console.OpenStandardInput(), Console.OpenStandardOutput(), cancel);
        });
        return command;
    }

    public static Command Train()
    {
        ExampleCommand command = new("train",
            "Trains a base model from mails; the same mails make the same bytes, in whatever order they come. functions/Ingest.Core/Spam/README.md says what the shipped one was trained from.",
            "ingest train --ham ham/ --spam spam/ --out spam.model",
            "ingest train --ham corpus/ham:0-6 --spam corpus/spam:0-6 --written functions/Ingest.Core/Spam/Training/Written --out spam.model") { Ham, Spam, Written, Out };
        command.SetAction(TrainAsync);
        return command;
    }

    public static Command Evaluate()
    {
        ExampleCommand command = new("evaluate",
            "Judges mail of which it is known what it is, and prints how often the filter is right: one JSON object for the whole, then one for each line on the score, each step of the calibration, and each of the worst mistakes.",
            "ingest spam evaluate ham/ spam/",
            "ingest spam evaluate ham:7-9 spam:7-9 --model spam.model") { HamFolder, SpamFolder, Model, OneIn, Mistakes };
        command.SetAction(EvaluateAsync);
        return command;
    }

    static async Task<int> TrainAsync(ParseResult line, CancellationToken cancel)
    {
        List<TrainingMail> mails = [];
        foreach ((Option<string[]> option, bool isSpam) in new[] { (Ham, false), (Spam, true) })
            foreach (string input in line.GetValue(option) ?? [])
                await foreach ((_, ReadOnlyMemory<byte> raw) in PartOfCorpus.ReadAsync(input, cancel))
                    mails.Add(new TrainingMail(raw, isSpam));
        foreach (string folder in line.GetValue(Written) ?? [])
            mails.AddRange(WrittenMails.Read(folder));
        try
        {
            SpamModel model = SpamTraining.Train(mails);
            byte[] bytes = model.ToBytes();
            await File.WriteAllBytesAsync(line.GetRequiredValue(Out), bytes, cancel);
            Stream output = Console.OpenStandardOutput();
            await output.WriteAsync(SpamOutput.Trained(model, mails, bytes), cancel);
            return ExitCode.Ok;
        }
        catch (FormatException e)
        {
            throw new CannotRunException(e.Message, e);
        }
    }

    static async Task<int> EvaluateAsync(ParseResult line, CancellationToken cancel)
    {
        (SpamModel model, SpamThresholds lines) = await ReadModelAsync(line, cancel);
        List<JudgedMail> judged = [];
        foreach ((Argument<string> folder, bool isSpam) in new[] { (HamFolder, false), (SpamFolder, true) })
            await foreach ((string name, ReadOnlyMemory<byte> raw) in PartOfCorpus.ReadAsync(line.GetRequiredValue(folder), cancel))
                judged.Add(new JudgedMail(name, isSpam, MailFile.Read(raw).Judge(model, lines)));
        Stream output = Console.OpenStandardOutput();
        foreach (ReadOnlyMemory<byte> json in SpamOutput.Evaluation(new SpamEvaluation(judged), lines, line.GetValue(Mistakes)))
            await output.WriteAsync(json, cancel);
        return ExitCode.Ok;
    }

    static async Task<(SpamModel Model, SpamThresholds Lines)> ReadModelAsync(ParseResult line, CancellationToken cancel)
    {
        int oneIn = line.GetValue(OneIn) is > 0 and var n ? n : throw new CannotRunException("--one-customer-in takes a number above 0, such as 2000.");
        try
        {
            SpamModel model = line.GetValue(Model) is { } file ? SpamModel.FromBytes(await File.ReadAllBytesAsync(file, cancel)) : SpamModel.Base;
            return (model, SpamThresholds.ForOneCustomerIn(oneIn, model));
        }
        catch (FormatException e)
        {
            throw new CannotRunException(e.Message, e);
        }
    }
}
