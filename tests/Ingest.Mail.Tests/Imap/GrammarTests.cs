using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Imap;
using Xunit;

namespace Ingest.Mail.Tests.Imap;

public sealed class GrammarTests
{
    [Theory]
    [InlineData("INBOX", "INBOX")]
    [InlineData("a&b", "a&-b")]
    [InlineData("&", "&-")]
    [InlineData("Entwürfe", "Entw&APw-rfe")]
    [InlineData("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-")]
    [InlineData("☺!", "&Jjo-!")]
    [InlineData("😀", "&2D3eAA-")]
    [InlineData("a\r\nb", "a&AA0ACg-b")]
    public void Folder_names_are_written_and_read(string name, string written)
    {
        Assert.Equal(written, ModifiedUtf7.Encode(name));
        Assert.Equal(name, ModifiedUtf7.Decode(written));
    }

    [Theory]
    [InlineData("a&b")]
    [InlineData("&!!!-")]
    [InlineData("&AP-")]
    [InlineData("&APwAA-")]
    [InlineData("Büro")]
    public void A_name_that_is_not_of_this_encoding_stays_as_it_is(string name) => Assert.Equal(name, ModifiedUtf7.Decode(name));

    [Fact]
    public void Any_name_comes_back() => Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static name =>
    {
        // Half a surrogate pair is no name.
        string whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name.Get));
        string written = ModifiedUtf7.Encode(whole);
        Assert.DoesNotContain(written, static letter => letter is < ' ' or > '~');
        Assert.Equal(whole, ModifiedUtf7.Decode(written));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_string_breaks_out_of_its_command() => Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static text =>
    {
        if (text.Get.Contains('\0'))
        {
            Assert.Throws<ArgumentException>(() => new ImapCommand("LOGIN").String(text.Get));
            return;
        }

        foreach (ImapPart part in new ImapCommand("LOGIN").String(text.Get).Mailbox(text.Get).Finish().Where(part => !part.IsLiteral))
        {
            string line = Encoding.Latin1.GetString(part.Bytes.Span);
            Assert.DoesNotContain(line, static letter => letter is < ' ' or > '~');
            // Between the quotes there are none but escaped ones.
            Assert.Equal(0, line.Replace("\\\\", "", StringComparison.Ordinal).Replace("\\\"", "", StringComparison.Ordinal).Count(static letter => letter == '"') % 2);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_set_of_numbers_is_written_in_ranges_and_in_pieces_that_fit_a_command()
    {
        Assert.Equal([("1:3,5,7:8", 6)], UidSet.Split([1, 2, 3, 5, 7, 8]));
        Assert.Empty(UidSet.Split([]));
        Assert.Equal([($"{uint.MaxValue - 1}:{uint.MaxValue}", 2)], UidSet.Split([uint.MaxValue - 1, uint.MaxValue]));
        uint[] odd = [.. Enumerable.Range(0, 1000).Select(i => 4_000_000_001 + (uint)(2 * i))];
        List<(string Set, int Count)> pieces = [.. UidSet.Split(odd)];
        Assert.All(pieces, piece => Assert.InRange(piece.Set.Length, 1, 900));
        Assert.Equal(1000, pieces.Sum(piece => piece.Count));
        List<uint> read = [];
        foreach ((string set, _) in pieces) UidSet.Read(Encoding.ASCII.GetBytes(set), read, 2000);
        Assert.Equal(odd, read);
    }

    [Fact]
    public void A_range_without_end_is_read_up_to_what_is_allowed()
    {
        List<uint> read = [];
        UidSet.Read("1:4294967295"u8, read, 100);
        Assert.Equal(100, read.Count);
    }

    [Theory]
    [InlineData("17-Jul-1996 02:44:25 -0700", "1996-07-17T02:44:25.0000000-07:00")]
    [InlineData(" 1-feb-2026 09:08:07 +0530", "2026-02-01T09:08:07.0000000+05:30")]
    [InlineData("31-Dec-2016 23:59:60 +0000", "2016-12-31T23:59:59.0000000+00:00")]
    [InlineData("31-Feb-2026 09:08:07 +0000", null)]
    [InlineData("17-Xxx-1996 02:44:25 -0700", null)]
    [InlineData("17-Jul-1996 25:44:25 -0700", null)]
    [InlineData("17-Jul-1996 02:44:25 -9900", null)]
    [InlineData("17-Jul-1996 02:44:25", null)]
    [InlineData("0-Jul-1996 02:44:25 +0000", null)]
    [InlineData("17-Jul-99999 02:44:25 +0000", null)]
    [InlineData("", null)]
    public void Dates_are_read_or_are_none(string text, string? expected)
    {
        DateTimeOffset? date = InternalDate.Parse(Encoding.ASCII.GetBytes(text));
        Assert.Equal(expected, date?.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        if (date is { } read) Assert.Equal(read, InternalDate.Parse(Encoding.ASCII.GetBytes(InternalDate.Format(read))));
    }
}
