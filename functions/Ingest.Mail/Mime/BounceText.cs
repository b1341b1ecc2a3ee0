using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>
/// What a notice says in prose: the addresses that it names above the returned mail, each with the lines that are about it. Servers write them in two ways: the address and
/// then what happened, or a transcript and then "554 &lt;address&gt;".
/// </summary>
internal sealed class BounceText
{
    private const int MaxLines = 400;
    private const int MaxRecipients = 20;
    private const int MaxBlock = 4000;

    private static readonly SearchValues<char> AddressEnds = SearchValues.Create(" \t<>()[]\"',;:");

    private static readonly string[] OriginalStarts =
    [
        "received:", "return-path:", "message-id:", "x-mailer:", "mime-version:", "--- below this line", "----- original message", "---- original message", "original message follows", "----- unsent message", "---- returned message", "------- returned message",
        "------ this is a copy", "----- this is a copy", "below is a copy of the original message", "--- the header of the original", "message headers follow", "--- original message follows", "|--- message text follows", "|------------------------- message text", "dkim-signature:", "x-originating-ip:", "arc-seal:",
    ];

    private readonly StringBuilder notice = new();
    private readonly List<Block> blocks = [];
    private readonly List<Block> own = [];
    private readonly List<string> mentioned = [];
    private readonly IReadOnlyList<MailAddress> people;

    private BounceText(IReadOnlyList<MailAddress> people) => this.people = people;

    /// <summary>An address and what the notice says about it.</summary>
    public sealed record Block(string Address, StringBuilder Text);

    /// <summary>The whole notice, without the returned mail.</summary>
    public string Notice => notice.ToString();

    /// <summary>The recipient the returned mail names below the notice, when it came as text; null when none.</summary>
    public string? Returned { get; private set; }

    /// <summary>Reads the notice; <paramref name="people"/> are those who sent or got it, whom it is hardly about.</summary>
    public static BounceText Read(string text, IReadOnlyList<MailAddress> people)
    {
        var read = new BounceText(people);
        var left = MaxLines;
        var below = false;
        var pending = new StringBuilder();
        Block? current = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (left-- == 0)
                break;
            below = below || StartsOriginal(line.Trim());
            if (below)
            {
                if (read.Returned is null && line.StartsWith("To:", StringComparison.OrdinalIgnoreCase) && AddressReader.Read(line[3..].Trim().ToString(), 1) is [var to] && to.Address.Contains('@'))
                    read.Returned = to.Address;
                continue;
            }
            Append(read.notice, line);
            current = read.Line(line, current, pending);
        }
        return read;
    }

    /// <summary>Those the notice is about, best guess first: at the start of a line, then inside a sentence, then who got the notice.</summary>
    public List<Block> Recipients()
    {
        if (blocks.Count > 0)
            return blocks;
        // An address inside a sentence may be the postmaster to ask: only the first counts.
        if (mentioned.Count > 0)
            return [new Block(mentioned[0], notice)];
        if (Returned is not null && !IsOwn(Returned))
            return [new Block(Returned, notice)];
        return own.Count > 0 ? own[..1] : [];
    }

    /// <summary>True when a machine seems to have written it: it gives a code, has a line for whom it could not reach, or returns the mail as text.</summary>
    public bool IsOfMachine => blocks.Count > 0 || Returned is not null || BounceStatus.Find(Notice) is not ("", 0);

    /// <summary>
    /// What is said about an address: its lines, all of the notice when it has none, or nothing when the notice has lines only for <paramref name="others"/>
    /// that the report is about.
    /// </summary>
    public string About(string address, IReadOnlySet<string> others)
    {
        var foreign = blocks.Count > 0;
        foreach (var block in blocks)
        {
            if (block.Address.Equals(address, StringComparison.OrdinalIgnoreCase))
                return block.Text.ToString();
            foreign &= others.Contains(block.Address);
        }
        return foreign ? "" : Notice;
    }

    /// <summary>True when a transcript shows that the message itself was refused and not its recipient.</summary>
    public static bool FailedAtData(string transcript)
    {
        var data = false;
        foreach (var line in transcript.AsSpan().EnumerateLines())
        {
            var trimmed = line.TrimStart();
            if (trimmed.StartsWith(">>>"))
                data = trimmed.Trim("> ").StartsWith("DATA", StringComparison.OrdinalIgnoreCase);
            else if (trimmed.StartsWith("<<< 4") || trimmed.StartsWith("<<< 5"))
                return data;
        }
        return false;
    }

    private Block? Line(ReadOnlySpan<char> line, Block? current, StringBuilder pending)
    {
        var trimmed = line.TrimStart(" \t<\"'*");
        var coded = trimmed.Length > 5 && char.IsAsciiDigit(trimmed[0]) && char.IsAsciiDigit(trimmed[1]) && char.IsAsciiDigit(trimmed[2]) && trimmed[3] == ' ';
        var start = coded ? trimmed[4..].TrimStart(" \t<\"'") : trimmed;
        if (Address(line) is not { } address)
        {
            Append(current is null ? pending : current.Text, line);
            return current;
        }
        if (!start.StartsWith(address, StringComparison.Ordinal))
        {
            if (!IsOwn(address) && mentioned.Count < MaxRecipients && !line.TrimStart().StartsWith("<<<") && !line.TrimStart().StartsWith(">>>"))
                mentioned.Add(address);
            else if (own.Count < MaxRecipients)
                own.Add(new Block(address, notice));
            Append(current is null ? pending : current.Text, line);
            return current;
        }
        var list = IsOwn(address) ? own : blocks;
        var block = list.Find(b => b.Address.Equals(address, StringComparison.OrdinalIgnoreCase));
        if (block is null)
        {
            if (list.Count >= MaxRecipients)
                return current;
            block = new Block(address, new StringBuilder());
            list.Add(block);
        }
        if (coded)
        {
            // A transcript tells first and names after.
            Append(block.Text, pending.ToString());
            pending.Clear();
        }
        Append(block.Text, line);
        return coded ? null : block;
    }

    private static void Append(StringBuilder text, ReadOnlySpan<char> line)
    {
        if (text.Length < MaxBlock)
            text.Append(line[..Math.Min(line.Length, MaxBlock)]).Append('\n');
    }

    private static bool StartsOriginal(ReadOnlySpan<char> line)
    {
        foreach (var start in OriginalStarts)
        {
            if (line.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static string? Address(ReadOnlySpan<char> line)
    {
        var at = line.IndexOf('@');
        if (at <= 0 || at > 500)
            return null;
        var start = line[..at].LastIndexOfAny(AddressEnds) + 1;
        var end = line[at..].IndexOfAny(AddressEnds);
        var address = (end < 0 ? line[start..] : line[start..(at + end)]).TrimEnd(".");
        return address.Length > at - start + 1 && at > start && address.Length < 255 && !address.ContainsAnyInRange('\0', ' ') ? address.ToString() : null;
    }

    private bool IsOwn(string address)
    {
        foreach (var mine in people)
        {
            if (mine.Address.Equals(address, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return address.StartsWith("postmaster@", StringComparison.OrdinalIgnoreCase) || address.StartsWith("mailer-daemon@", StringComparison.OrdinalIgnoreCase);
    }
}
