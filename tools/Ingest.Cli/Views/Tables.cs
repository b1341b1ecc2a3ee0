using System.Globalization;
using Spectre.Console;

namespace Ingest.Cli.Views;

/// <summary>The look that all tables share.</summary>
internal static class Tables
{
    public static Table New(params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns)
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))));
        return table;
    }

    public static Table AlignNumbers(this Table table, params int[] columns)
    {
        foreach (int column in columns)
            table.Columns[column].RightAligned().NoWrap();
        return table;
    }

    /// <summary>What stands where a table would be empty.</summary>
    public static Text Sentence(string text) => new(text + Environment.NewLine);

    public static Text Cell(string text, Style? style = null) => new(Printable.Line(text), style);

    public static Text Cell(long number) => new(number.ToString("N0", CultureInfo.InvariantCulture));

    public static Text Cell(DateTimeOffset? time) => new(time is { } known ? Moment(known) : "never");

    public static string Moment(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
