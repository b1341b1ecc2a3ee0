using System.Buffers.Text;
using System.Globalization;

namespace Ingest.Mail.Imap;

/// <summary>Dates as IMAP writes them (RFC 3501 9, date-time): " 1-Feb-2026 09:08:07 +0100".</summary>
internal static class InternalDate
{
    private static ReadOnlySpan<byte> Months => "janfebmaraprmayjunjulaugsepoctnovdec"u8;

    /// <summary>Reads a date; null for anything else.</summary>
    public static DateTimeOffset? Parse(ReadOnlySpan<byte> text)
    {
        text = text.Trim((byte)' ');
        if (!Number(ref text, (byte)'-', out int day) || text.Length < 4 || text[3] != '-') return null;
        Span<byte> name = [(byte)(text[0] | 0x20), (byte)(text[1] | 0x20), (byte)(text[2] | 0x20)];
        int at = Months.IndexOf(name);
        if (at < 0 || at % 3 != 0) return null;
        text = text[4..];
        if (!Number(ref text, (byte)' ', out int year) || !Number(ref text, (byte)':', out int hour) || !Number(ref text, (byte)':', out int minute)
            || !Number(ref text, (byte)' ', out int second)) return null;
        if (text.Length < 5 || text[0] is not ((byte)'+' or (byte)'-') || !Utf8Parser.TryParse(text[1..5], out int zone, out int used) || used != 4) return null;
        int offset = (((zone / 100) * 60) + (zone % 100)) * (text[0] == '-' ? -1 : 1);
        if (year is < 1 or > 9998 || day < 1 || day > DateTime.DaysInMonth(year, (at / 3) + 1) || hour > 23 || minute > 59 || second > 60 || Math.Abs(offset) > 14 * 60) return null;
        return new DateTimeOffset(year, (at / 3) + 1, day, hour, minute, Math.Min(second, 59), TimeSpan.FromMinutes(offset));
    }

    /// <summary>The date as APPEND takes it.</summary>
    public static string Format(DateTimeOffset date) =>
        date.ToString("dd-MMM-yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + date.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);

    /// <summary>The day as SEARCH takes it.</summary>
    public static string FormatDay(DateTimeOffset date) => date.ToString("d-MMM-yyyy", CultureInfo.InvariantCulture);

    private static bool Number(ref ReadOnlySpan<byte> text, byte end, out int number)
    {
        if (!Utf8Parser.TryParse(text, out number, out int used) || used == text.Length || text[used] != end || number < 0) return false;
        text = text[(used + 1)..];
        return true;
    }
}
