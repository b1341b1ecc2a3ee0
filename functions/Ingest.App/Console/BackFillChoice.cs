using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Mailboxes;

namespace Ingest.App.Console;

/// <summary>How much of the mail that is there already becomes tickets, when a mailbox is connected for the first time.</summary>
internal static class BackFillChoice
{
    public const string Name = "older", Everything = "all", Month = "30";

    private static readonly (string Value, string Text)[] Choices =
        [("0", "Only mail that comes from now on"), ("7", "Also mail of the last 7 days"), (Month, "Also mail of the last 30 days"), (Everything, "All mail that is there")];

    public static Markup Field(string chosen) => Form.Choice(Name, "Older mail", Choices, chosen, "Each mail becomes a ticket. It cannot be changed later for this mailbox.");

    /// <summary>Days of older mail; null for all, and for anything that is no choice of ours.</summary>
    public static int? Of(string value) => Choices.Any(c => c.Value == value) && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int days) ? days : null;

    public static string Say(Mailbox mailbox) => mailbox.Profile.BackFillDays switch
    {
        null => "all that was there when it was connected",
        <= 0 => "none: only what came after it was connected",
        { } days => "of the " + Words.Count(days, "day") + " before it was connected",
    };
}
