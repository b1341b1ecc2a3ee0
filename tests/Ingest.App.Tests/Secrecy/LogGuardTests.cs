using System.Text.RegularExpressions;
using Ingest.Cli.Servers;
using Ingest.Core.Telemetry;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Ingest.App.Tests.Secrecy;

/// <summary>Nothing that people wrote can reach a log line or an exception's text, by the forms of the methods that write them.</summary>
public sealed partial class LogGuardTests
{
    private static readonly Type[] Shipped = [.. typeof(Log).Assembly.GetTypes(), .. typeof(SafeHeaders).Assembly.GetTypes(), .. typeof(Ingest.Mail.Mime.MailMessage).Assembly.GetTypes()];

    [Fact]
    public void Log_methods_take_ids_enums_and_numbers_only()
    {
        Assert.True(LogGuard.Methods([typeof(Log)]).Count() >= 10, "The log methods were not found.");
        None(LogGuard.Methods(Shipped).SelectMany(LogGuard.Faults));
    }

    [Fact]
    public void Log_methods_are_in_one_place() =>
        None(LogGuard.Methods(Shipped).Where(method => method.DeclaringType != typeof(Log)).Select(method => $"{method.DeclaringType}.{method.Name} belongs into {typeof(Log)}."));

    [Fact]
    public void A_log_method_that_takes_content_is_named()
    {
        string[] faults = [.. LogGuard.Methods([typeof(Planted)]).SelectMany(LogGuard.Faults)];

        Assert.Equal(["Planted.Exception", "Planted.Object", "Planted.Text"], faults.Select(fault => fault.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_text_of_an_exception_is_read() =>
        None(Sources().Where(line => MessageRead().IsMatch(line.Text)).Select(line => $"{line.Place} reads an exception's text, which may quote content: use its type or a code of ours."));

    [Fact]
    public void No_exception_quotes_what_people_wrote() =>
        None(Sources().Where(line => line.Text.Contains("Exception(", StringComparison.Ordinal) && line.Text.Contains("$\"", StringComparison.Ordinal)).SelectMany(line => Hole().Matches(line.Text).Select(hole => (line.Place, Name: hole.Groups[1].Value)))
            .Where(hole => !Harmless().IsMatch(hole.Name)).Select(hole => $"{hole.Place} puts {{{hole.Name}}} into an exception's text: say which limit or setting, never what was there."));

    [Fact]
    public void Nothing_is_printed_but_the_problems_of_a_start() =>
        None(Sources().Where(line => line.Text.Contains("Console.", StringComparison.Ordinal) && !line.Place.Contains("/Ingest.App/Program.cs:", StringComparison.Ordinal))
            .Select(line => $"{line.Place} prints: write a line in {typeof(Log)} instead."));

    // Settings, limits, names of properties and types, HTTP statuses, and codes of ours.
    [GeneratedRegex(@"^(name|key|parameter|property|folder|path|code|(TableRules\.)?Max\w+|value\.GetType\(\)\.Name|\(int\)(status|response\.StatusCode|\(refused\.StatusCode \?\? 0\))|GmailErrors\.Known\(reason\)\.ToLowerInvariant\(\))$")]
    private static partial Regex Harmless();

    [GeneratedRegex(@"(?<!\{)\{([^{}""]+)\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"\b(e|ex|exception|refused|error|failure|unanswered|InnerException)\??\.(Message\b|StackTrace\b|ToString\()")]
    private static partial Regex MessageRead();

    private static IEnumerable<(string Place, string Text)> Sources()
    {
        string root = RepoFolder.Find();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(root, "functions"), "*.cs", SearchOption.AllDirectories))
        {
            string place = Path.GetRelativePath(root, file).Replace('\\', '/');
            if (place.Split('/').Any(part => part is "bin" or "obj")) continue;
            int number = 0;
            foreach (string line in File.ReadLines(file)) yield return ("/" + place + ":" + ++number, line);
        }
    }

    private static void None(IEnumerable<string> faults)
    {
        string[] sentences = [.. faults];
        Assert.True(sentences.Length == 0, string.Join('\n', sentences));
    }

    private static partial class Planted
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Tenant} {Count}")]
        public static partial void Good(ILogger logger, string tenant, int? count);

        [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "{Subject}")]
        public static partial void Text(ILogger logger, string subject);

        [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "failed")]
        public static partial void Exception(ILogger logger, Exception exception);

        [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "{Where}")]
        public static partial void Object(ILogger logger, object where);
    }
}
