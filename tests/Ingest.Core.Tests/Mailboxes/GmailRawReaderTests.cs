using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Core.Mailboxes;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

public class GmailRawReaderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"raw":"YQ"}""", "a")]
    [InlineData("""{"raw":"YQ=="}""", "a")]
    [InlineData("""{"raw":"YQ\u003d\u003D"}""", "a")]
    [InlineData("""{ "id" : "x", "labelIds":["a","raw"], "raw" : "YWI=" , "historyId":"1" }""", "ab")]
    [InlineData("""{"raw":"Pz8_Pz8-"}""", "???" + "??>")]
    [InlineData("""{"raw":"Pz8\/Pz8+"}""", "???" + "??>")]
    [InlineData("""{"payload":{"raw":"no"},"raw":"YWJj"}""", "abc")]
    [InlineData("""{"raw":""}""", "")]
    public async Task The_string_is_decoded_in_any_dress(string json, string text)
    {
        RawMessage read = await ReadAsync(json, 1);

        Assert.Equal(text, Encoding.Latin1.GetString(read.Raw!.Value.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"raw":"YQ""")]
    [InlineData("""{"raw":"Y"}""")]
    [InlineData("""{"raw":"Y*Q="}""")]
    [InlineData("""{"raw":"YQ=Q"}""")]
    [InlineData("""{"raw":5}""")]
    [InlineData("""{"raw":"YQ\n"}""")]
    [InlineData("<html>")]
    public async Task What_is_not_such_an_answer_is_a_json_error(string json) =>
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(json, 3));

    [Fact]
    public async Task An_answer_without_the_string_has_no_raw() =>
        Assert.Null((await ReadAsync("""{"id":"x","internalDate":"12"}""", 4)).Raw);

    [Fact]
    public async Task Reading_stops_above_the_limit()
    {
        string json = $$"""{"sizeEstimate":10,"raw":"{{Convert.ToBase64String(new byte[500_000])}}"}""";

        Assert.True((await ReadAsync(json, 8000, limit: 400_000)).TooLarge);
        Assert.False((await ReadAsync(json, 8000, limit: 500_000)).TooLarge);
    }

    [Fact]
    public void Any_bytes_come_back_whatever_the_pieces() => Prop.ForAll<byte[], PositiveInt, bool>((bytes, piece, urlSafe) =>
    {
        string text = Convert.ToBase64String(bytes);
        RawMessage read = ReadAsync($$"""{"id":"1","raw":"{{(urlSafe ? text.Replace('+', '-').Replace('/', '_').TrimEnd('=') : text)}}","internalDate":"7"}""", piece.Get).GetAwaiter().GetResult();
        return read.Raw!.Value.Span.SequenceEqual(bytes) && read.InternalDate == 7;
    }).QuickCheckThrowOnFailure();

    private static Task<RawMessage> ReadAsync(string json, int piece, int limit = FetchedMail.MaxRawBytes) =>
        new GmailRawReader(new Pieces(Encoding.UTF8.GetBytes(json), piece), limit).ReadAsync(Cancel);

    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
