using Ingest.Cli.Commands;
using Ingest.Core.Access;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>A token as one line of a list; no mailboxes means all, no networks means any.</summary>
public sealed record TokenLine(string Id, string Name, IReadOnlyList<string> Allows, IReadOnlyList<string> Mailboxes, IReadOnlyList<string> Networks, DateTimeOffset Expires, bool Ended)
{
    public static TokenLine Of(TokenInfo token, DateTimeOffset now) => new(
        token.Id, token.Name, [.. token.Permissions.Select(TokenCommand.Words)], [.. token.Inboxes.Select(inbox => inbox.Value)],
        [.. token.Networks.Select(network => network.ToString())], token.Expires, token.Expires <= now);
}

/// <summary>Tokens as a table.</summary>
internal static class TokensView
{
    public static IRenderable Render(IReadOnlyList<TokenLine> tokens)
    {
        if (tokens.Count == 0)
            return Tables.Sentence("No token yet: \"ingest token create\" makes one.");
        Table table = Tables.New("token", "name", "allows", "mailboxes", "from", "ends");
        foreach (TokenLine token in tokens)
            table.AddRow(
                Tables.Cell(token.Id, Color.Aqua), Tables.Cell(token.Name), Tables.Cell(string.Join(", ", token.Allows)),
                Tables.Cell(token.Mailboxes.Count > 0 ? string.Join(", ", token.Mailboxes) : "all"), Tables.Cell(token.Networks.Count > 0 ? string.Join(", ", token.Networks) : "anywhere"),
                Tables.Cell(token.Ended ? "has ended" : Tables.Moment(token.Expires)));
        return table;
    }
}
