using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Ingest.Cli.Local;

namespace Ingest.Cli.Commands;

/// <summary>Starts the whole system on this machine and keeps it running.</summary>
internal static class UpCommand
{
    static readonly Option<bool> Demo = new("--demo")
    {
        Description = "Connect the sample mailboxes, wait until their mails are tickets, show them, answer, prove that no mail was lost, and end.",
    };

    static readonly Option<int?> Port = PortOption("--port", "The app's port (default 7071 or the next free one).");

    static readonly Option<int[]?> AzuritePorts = new("--azurite-ports")
    {
        Description = "Ports of Azurite's blob, queue and table services (default 10000,10001,10002 or the next free ones).",
        HelpName = "a,b,c",
        CustomParser = ReadPorts,
    };

    static readonly Option<int?> GooglePort = PortOption("--google-port", "The Google emulator's port (default 9004 or the next free one).");

    static readonly Option<int> Instances = Numbers.Option("--instances", "How many instances of the app work side by side.", normal: 1, least: 1, most: 16);

    static readonly Option<bool> NoGoogle = new("--no-google") { Description = "Run without the Google emulator and its sample mailbox." };

    static readonly Option<string?> Dns = new("--dns")
    {
        Description = "Answer from this JSON file instead of DNS, as with \"ingest verify\". The demonstration has its own.",
        HelpName = "file",
    };

    public static Command Create()
    {
        ExampleCommand command = new("up",
            "Starts storage, a stand-in for Google, and the app on this machine, until Ctrl-C. What came in is kept in the data folder.",
            "tools/up                          everything, with a link that connects the sample mailbox",
            "tools/up --demo                   the same by itself, from consent to tickets, then ends",
            "tools/up --data /tmp/second --port 7171   a second system beside the first");
        foreach (Option option in new Option[] { Demo, Port, AzuritePorts, GooglePort, Instances, NoGoogle, Dns })
            command.Add(option);
        command.Validators.Add(Check);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        TextWriter output = line.InvocationConfiguration.Output;
        LocalOptions options = new()
        {
            Data = DataFolder.Of(line),
            Port = line.GetValue(Port),
            AzuritePorts = line.GetValue(AzuritePorts) is { Length: > 0 } ports ? ports : null,
            GooglePort = line.GetValue(GooglePort),
            Instances = line.GetValue(Instances),
            Google = !line.GetValue(NoGoogle),
        };
        output.WriteLine($"Starting on {options.Data} ...");
        await using MailDemo? mail = line.GetValue(Demo) ? await MailDemo.StartAsync(output, cancel) : null;
        options = options with { TrustedRoots = mail?.Certificate, Dns = await DnsOf(line, mail, cancel) };
        await using LocalSystem system = await LocalSystem.StartAsync(options, TextWriter.Synchronized(line.InvocationConfiguration.Error).WriteLine, cancel);
        if (line.GetValue(Demo))
            return await Local.Demo.RunAsync(system.Settings, mail, output, line.InvocationConfiguration.Error, cancel);
        await Welcome.WriteAsync(options.Data, system.Settings, output, cancel);
        await UntilCancelledAsync(cancel);
        output.WriteLine("Stopping ...");
        return ExitCode.Ok;
    }

    // The demonstration must end the same on every machine, and the domains of its mails exist in no DNS.
    static async Task<byte[]?> DnsOf(ParseResult line, MailDemo? mail, CancellationToken cancel)
    {
        if (line.GetValue(Dns) is { } file)
            return await File.ReadAllBytesAsync(file, cancel);
        return line.GetValue(Demo) ? mail?.Zone ?? "{}"u8.ToArray() : null;
    }

    static Task UntilCancelledAsync(CancellationToken cancel)
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        cancel.Register(cancelled.SetResult);
        return cancelled.Task;
    }

    static Option<int?> PortOption(string name, string description)
    {
        Option<int?> option = new(name) { Description = description, HelpName = "port" };
        Numbers.Hold(option, least: 1, Numbers.HighestPort);
        return option;
    }

    static int[]? ReadPorts(ArgumentResult result)
    {
        string[] texts = result.Tokens.Count == 1 ? result.Tokens[0].Value.Split(',') : [];
        if (texts.Length == 3 && texts.All(text => Numbers.IsWithin(text, 1, Numbers.HighestPort)) && texts.Distinct().Count() == 3)
            return [.. texts.Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        result.AddError("--azurite-ports takes three different ports with commas between them, such as 10000,10001,10002.");
        return null;
    }

    static void Check(CommandResult result)
    {
        if (result.GetValue(NoGoogle) && result.GetValue(GooglePort) is not null)
            result.AddError("--no-google and --google-port exclude each other.");
        if (result.GetValue(Dns) is { } file && !File.Exists(file))
            result.AddError("--dns names no file.");
        if (result.GetValue(NoGoogle) && result.GetValue(Demo))
            result.AddError("--demo needs the Google emulator: leave --no-google out.");
    }
}
