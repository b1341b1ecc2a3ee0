namespace Ingest.Core.Redaction;

/// <summary>What stands right beside a telephone number, or beside what only looks like one.</summary>
internal static class PhoneNeighbours
{
    private const int Four = 4;

    /// <summary>True within a version: "app 5.16.9 (16695)".</summary>
    internal static bool IsInVersion(ReadOnlySpan<char> text, int start) => start > 1 && text[start - 1] == '.' && char.IsAsciiDigit(text[start - 2]);

    /// <summary>True for fours that go on, as of a parcel or an account: "0034 0434 1468 6261 8279".</summary>
    internal static bool IsOfLongerRow(ReadOnlySpan<char> text, in DialledNumber number, int end)
    {
        if (number.Size(0) != Four || number.Separator(1) != ' ')
            return false;
        int groups = 0;
        for (; end + 5 <= text.Length && text[end] == ' ' && !text.Slice(end + 1, Four).ContainsAnyExceptInRange('0', '9') && (end + 5 == text.Length || !char.IsLetterOrDigit(text[end + 5])); end += 5)
            groups++;
        return groups > 1;
    }

    /// <summary>True after the letter of a signature's line: "T: 030 901820", "| M 0171 1234567".</summary>
    internal static bool IsLettered(ReadOnlySpan<char> text, int start)
    {
        if (start < 2 || text[start] is not ('0' or '(' or '+') || text[start - 1] != ' ')
            return false;
        ReadOnlySpan<char> before = text[Math.Max(0, start - 24)..start].TrimEnd(' ');
        bool sign = before is [.., ':'];
        before = sign ? before[..^1] : before;
        if (before is not [.., 'T' or 'M' or 'F' or 'P'])
            return false;
        before = before[..^1].TrimEnd(' ');
        return before.IsEmpty || before[^1] is '\n' or ReadableText.Break or '|' or '>';
    }
}
