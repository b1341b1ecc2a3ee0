using System.CommandLine;

namespace Ingest.Cli.Commands;

/// <summary>Makes tokens for callers of the API.</summary>
internal static class TokenCommand
{
    static readonly Option<int> Days = new("--days") { Description = "Days until it ends, 1 to 365.", DefaultValueFactory = _ => 30 };

    public static Command Create()
    {
        Days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 365)
                result.AddError("--days is a number from 1 to 365.");
        });
        ExampleCommand command = new("token", "Prints a token for the API; it cannot be shown again.", "ingest token --days 7") { Days };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string token = await desk.Desk.Tokens.CreateAsync(desk.Tenant, TimeSpan.FromDays(line.GetValue(Days)), cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync(token);
        return ExitCode.Ok;
    }
}
