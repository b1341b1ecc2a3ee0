using System.Globalization;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Views;

/// <summary>Codes as people read them.</summary>
internal static class Words
{
    /// <summary>NeedsReconnect → "needs reconnect".</summary>
    public static string Of<T>(T code) where T : struct, Enum
    {
        string name = code.ToString();
        return string.Concat(name.Select((letter, i) => char.IsUpper(letter)
            ? (i > 0 ? " " : "") + char.ToLowerInvariant(letter)
            : letter.ToString()));
    }

    public static IReadOnlyList<string> Of(MessageMarks marks) =>
        [.. Enum.GetValues<MessageMarks>().Where(mark => mark != MessageMarks.None && marks.HasFlag(mark)).Select(mark => Of<MessageMarks>(mark))];

    public static string Person(string? name, string? address) =>
        string.IsNullOrEmpty(name) ? address ?? "" : string.IsNullOrEmpty(address) ? name : $"{name} <{address}>";

    public static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");
}
