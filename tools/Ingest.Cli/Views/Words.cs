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
        [.. Enum.GetValues<MessageMarks>().Where(mark => mark is not (MessageMarks.None or MessageMarks.Outbound) && marks.HasFlag(mark)).Select(mark => Of<MessageMarks>(mark))];

    /// <summary>How a delivery stands, and what to do if it does not go well.</summary>
    public static string Of(Delivery delivery) => delivery.State switch
    {
        DeliveryState.Queued => delivery.Attempts == 0 ? "waits to be sent" : $"will be tried again ({delivery.Code})",
        DeliveryState.Sending => "is being sent",
        DeliveryState.Sent => delivery.Code.Length == 0 ? "sent" : $"sent ({delivery.Code})",
        DeliveryState.Uncertain => $"may or may not have been delivered ({delivery.Code}): look into the mailbox's Sent folder, then \"ingest reply resolve\"",
        DeliveryState.Failed => $"not delivered ({delivery.Code})",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string Person(string? name, string? address) =>
        string.IsNullOrEmpty(name) ? address ?? "" : string.IsNullOrEmpty(address) ? name : $"{name} <{address}>";

    public static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");
}
