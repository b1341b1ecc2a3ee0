using Xunit;

namespace Ingest.Mail.Tests.Mime.Suites;

/// <summary>
/// Where we differ from another reader's expectation on purpose: lines of "case | what differs | why" in tests/fixtures/mime/opinions. A difference without a line
/// fails, and so does a line without a difference. What differs may end in * and then covers all that starts so.
/// </summary>
internal sealed class Opinions
{
    private readonly List<Line> lines = [];

    private sealed record Line(string Case, string What, string Why)
    {
        public bool Used { get; set; }

        public bool Covers(string name, string what) =>
            Case == name && (What.EndsWith('*') ? what.StartsWith(What[..^1], StringComparison.Ordinal) : what == What);
    }

    public static Opinions Of(string suite)
    {
        var opinions = new Opinions();
        foreach (var line in File.ReadLines(Path.Combine(Fixtures.Folder, "opinions", suite + ".txt")))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var columns = line.Split('|', StringSplitOptions.TrimEntries);
            Assert.True(columns.Length == 3 && columns[2].Length > 10, $"{suite}: a line needs case, what and why: {line}");
            opinions.lines.Add(new Line(columns[0], columns[1], columns[2]));
        }
        return opinions;
    }

    /// <summary>The differences of a case that nothing explains; what explains one is noted as used.</summary>
    public IEnumerable<string> Unexplained(string name, IEnumerable<Difference> differences)
    {
        foreach (var difference in differences)
        {
            var explained = false;
            foreach (var line in lines.Where(l => l.Covers(name, difference.What)))
                explained = line.Used = true;
            if (!explained)
                yield return Shown(name, difference);
        }
    }

    /// <summary>Lines that explained nothing.</summary>
    public IEnumerable<string> Stale() => lines.Where(static l => !l.Used).Select(static l => $"no longer so: {l.Case} | {l.What} | {l.Why}");

    // From a little before the first character that differs.
    private static string Shown(string name, Difference difference)
    {
        var same = difference.Expected.AsSpan().CommonPrefixLength(difference.Actual);
        var from = Math.Max(0, same - 40);
        return $"{name} | {difference.What}\n  expected {Short(difference.Expected[from..])}\n  but got  {Short(difference.Actual[from..])}";
    }

    private static string Short(string text)
    {
        text = string.Concat(text.Take(200).Select(static c => c is < ' ' or '\u007f' or '\\' ? $"\\x{(int)c:x2}" : $"{c}"));
        return text;
    }
}

/// <summary>Something that is not as expected.</summary>
internal readonly record struct Difference(string What, string Expected, string Actual);
