using Ingest.Core.Keys;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>A root key as one line of a list; no fault means whole, or not looked into.</summary>
public sealed record RootKeyLine(string Purpose, int Epoch, string Kid, bool Newest, DateTimeOffset Created, string Fault)
{
    public static RootKeyLine Of(RootState root) => new(root.Purpose.ToString().ToLowerInvariant(), root.Epoch, root.Kid, root.IsNewest, root.Created, root.Fault);
}

/// <summary>Root keys as a table.</summary>
internal static class RootKeysView
{
    public static IRenderable Render(IReadOnlyList<RootKeyLine> roots)
    {
        if (roots.Count == 0)
            return Tables.Sentence("No key yet: the first mailbox makes them.");
        Table table = Tables.New("for", "epoch", "hangs from", "made", "state");
        foreach (RootKeyLine root in roots)
            table.AddRow(Tables.Cell(root.Purpose, Color.Aqua), Tables.Cell((long)root.Epoch), Tables.Cell(root.Kid), Tables.Cell(Tables.Moment(root.Created)), Tables.Cell(StateOf(root)));
        return table;
    }

    private static string StateOf(RootKeyLine root) => root.Fault.Length > 0 ? root.Fault : root.Newest ? "newest" : "to be wrapped anew";
}
