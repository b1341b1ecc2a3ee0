using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>A mailbox's books: every mail ever listed has ended in exactly one way, or is still on its way.</summary>
public sealed record BooksLine(
    string Inbox, int Listed, int Ticketed, int Duplicate, int Quarantined, int Rejected, int Parked, int InFlight, int Unlisted, bool Balance)
{
    public static BooksLine Of(InboxId inbox, Books books) => new(
        inbox.Value, books.Listed, books.Ticketed, books.Duplicate, books.Quarantined, books.Rejected, books.Parked, books.InFlight,
        books.Unlisted, books.Balance);
}

/// <summary>The answer to "did we lose any?", with numbers.</summary>
internal static class BooksView
{
    public static IRenderable Render(IReadOnlyList<BooksLine> books)
    {
        if (books.Count == 0)
            return Tables.Sentence("No mailboxes.");
        Table table = Tables.New("mailbox", "listed", "", "ticketed", "duplicate", "quarantined", "rejected", "parked", "in flight", "")
            .AlignNumbers(1, 3, 4, 5, 6, 7, 8);
        foreach (BooksLine row in books)
            table.AddRow(
                Tables.Cell(row.Inbox), Tables.Cell(row.Listed), new Text(row.Balance ? "=" : "≠"), Tables.Cell(row.Ticketed),
                Tables.Cell(row.Duplicate), Tables.Cell(row.Quarantined), Tables.Cell(row.Rejected), Tables.Cell(row.Parked),
                Tables.Cell(row.InFlight), Verdict(row));
        return table;
    }

    static Text Verdict(BooksLine row)
    {
        int accounted = row.Ticketed + row.Duplicate + row.Quarantined + row.Rejected + row.Parked + row.InFlight;
        return row switch
        {
            { Balance: true } => new Text("OK", Color.Green),
            { Unlisted: > 0 } => Tables.Cell($"MISMATCH: {row.Unlisted} ended without having been listed", Color.Red),
            _ => Tables.Cell($"MISMATCH: {row.Listed} listed, {accounted} accounted for", Color.Red),
        };
    }
}
