using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>
/// A mailbox's books: every mail ever listed has ended in exactly one way or is still on its way.
/// </summary>
public sealed record Books(string Inbox, long Listed, long Ticketed, long Duplicate, long Quarantined, long Rejected, long Parked, long InFlight)
{
    public long Accounted => Ticketed + Duplicate + Quarantined + Rejected + Parked + InFlight;

    public bool Balance => Listed == Accounted;
}

/// <summary>The answer to "did we lose any?", with numbers.</summary>
internal static class BooksView
{
    public static IRenderable Render(IReadOnlyList<Books> books)
    {
        if (books.Count == 0)
            return new Text("No mailboxes.");
        Table table = Tables.New("mailbox", "listed", "=", "ticketed", "duplicate", "quarantined", "rejected", "parked", "in flight", "")
            .AlignNumbers(1, 3, 4, 5, 6, 7, 8);
        foreach (Books row in books)
            table.AddRow(
                Tables.Cell(row.Inbox), Tables.Cell(row.Listed), new Text(row.Balance ? "=" : "≠"), Tables.Cell(row.Ticketed),
                Tables.Cell(row.Duplicate), Tables.Cell(row.Quarantined), Tables.Cell(row.Rejected), Tables.Cell(row.Parked),
                Tables.Cell(row.InFlight), Verdict(row));
        return table;
    }

    static Text Verdict(Books row) => row.Balance
        ? new Text("OK", Color.Green)
        : Tables.Cell($"MISMATCH: {Math.Abs(row.Listed - row.Accounted)} {(row.Listed > row.Accounted ? "missing" : "too many")}", Color.Red);
}
