using System.Globalization;
using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>Numbers in cells of spreadsheets: written out, since programs write long ones with an exponent, and made text when they are masked.</summary>
internal static class SheetNumbers
{
    private const int MostDigits = 40;

    /// <summary>The digits of a whole number, however it is written; null when it is none.</summary>
    internal static string? WholeDigits(ReadOnlySpan<char> number)
    {
        number = number.Trim();
        if (number.IsEmpty || number.Length > MostDigits)
            return null;
        int exponentAt = number.IndexOfAny('e', 'E'), exponent = 0;
        if (exponentAt > 0 && (!int.TryParse(number[(exponentAt + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || exponent is < 0 or > MostDigits))
            return null;
        ReadOnlySpan<char> mantissa = (exponentAt > 0 ? number[..exponentAt] : number).TrimStart('-');
        int point = mantissa.IndexOf('.');
        string fraction = point < 0 ? "" : mantissa[(point + 1)..].TrimEnd('0').ToString();
        string whole = (point < 0 ? mantissa : mantissa[..point]).ToString();
        if (fraction.Length > exponent || (whole + fraction).AsSpan().ContainsAnyExceptInRange('0', '9') || whole.Length == 0)
            return null;
        string digits = whole + fraction.PadRight(exponent, '0');
        return digits.Length > 1 ? digits.TrimStart('0') is { Length: > 0 } trimmed && point >= 0 ? trimmed : digits : digits;
    }

    /// <summary>The sheet with the cells in which something was found as text, written out, without the formula they came from; null when there are none.</summary>
    internal static string? AsText(string xml, List<NumberCell> cells, IReadOnlyList<Finding> findings)
    {
        StringBuilder? changed = null;
        int done = 0, at = 0;
        void Replace(Range range, string with)
        {
            (int start, int length) = range.GetOffsetAndLength(xml.Length);
            if (length == 0 && with.Length == 0)
                return;
            changed!.Append(xml, done, start - done).Append(with);
            done = start + length;
        }
        foreach (NumberCell cell in cells)
        {
            (int start, int length) = cell.Value.GetOffsetAndLength(xml.Length);
            while (at < findings.Count && findings[at].Start + findings[at].Length <= start)
                at++;
            if (at == findings.Count || findings[at].Start >= start + length)
                continue;
            changed ??= new StringBuilder(xml.Length + 64);
            Replace(cell.Type, "");
            Replace(cell.TagEnd..cell.TagEnd, " t=\"str\"");
            Replace(cell.Formula, "");
            Replace(cell.Value, cell.Digits);
        }
        return changed?.Append(xml, done, xml.Length - done).ToString();
    }
}
