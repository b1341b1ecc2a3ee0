using System.CommandLine;
using System.Globalization;

namespace Ingest.Cli.Commands;

/// <summary>Options that take a number within bounds.</summary>
internal static class Numbers
{
    public const int HighestPort = 65535;

    public static Option<int> Option(string name, string description, int normal, int least, int most)
    {
        Option<int> option = new(name) { Description = description, HelpName = "n", DefaultValueFactory = _ => normal };
        Hold(option, least, most);
        return option;
    }

    public static void Hold(Option option, int least, int most) => option.Validators.Add(result =>
    {
        if (!result.Implicit && result.Tokens.Count == 1 && !IsWithin(result.Tokens[0].Value, least, most))
            result.AddError($"{option.Name} takes a number from {least} to {most}.");
    });

    public static bool IsWithin(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most;
}
