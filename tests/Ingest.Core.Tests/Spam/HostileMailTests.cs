using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Training;
using Xunit;

namespace Ingest.Core.Tests.Spam;

/// <summary>Mail that is made to hurt the filter: it always ends, never throws, and reads no more than it may.</summary>
public sealed class HostileMailTests
{
    private static readonly string[] Pieces =
    [
        "<", ">", "<!--", "-->", "<a href=", "<a href=\"http://", "\"", "'", "</a", "<style", "</style>", "<div style=display:none>", "</div>", "&#", "&#65;", "http://", "www.", "@", ".", "%", "\u200B", "\u202E", "а", "v1agra", "𝓯𝓻𝓮𝓮",
        "中", "$1,000,000", "=?utf-8?B?", "\uD83D", "\0", "\n", " ", "<script", "<form action=", "<meta http-equiv=refresh", "0x", "xn--", "v i a g r a ", ":", ";", "--b", "<title",
    ];

    private static SpamVerdict Judge(string html, string subject = "x") => MailFile.Read(Encoding.UTF8.GetBytes($"From: \"{subject}\" <a@b.example>\nSubject: {subject}\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{html}\n")).Judge(SpamModel.Base, SpamThresholds.Default);

    private static bool IsSound(SpamVerdict verdict) => verdict.Score is > 0 and < 1 && verdict.Reasons.All(r => double.IsFinite(r.Weight) && SpamWords.Of(r).Length > 0);

    [Fact]
    public void Any_heap_of_broken_html_is_judged() =>
        Prop.ForAll(Gen.Elements(Pieces).ListOf().ToArbitrary(), parts => IsSound(Judge(string.Concat(parts), string.Concat(parts.Take(5)).Replace("\n", " ", StringComparison.Ordinal)))).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_are_judged() => Prop.ForAll<byte[]>(bytes => IsSound(MailFile.Read(bytes).Judge(SpamModel.Base, SpamThresholds.Default))).QuickCheckThrowOnFailure();

    public static TheoryData<string> Repeated => [.. Pieces.Where(p => p is not ("\uD83D" or "\0"))];

    // Quadratic work over a megabyte of these would not end within the time that a test has.
    [Theory]
    [MemberData(nameof(Repeated))]
    public void A_megabyte_of_one_piece_is_judged(string piece) => Assert.True(IsSound(Judge(string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)))));

    [Fact]
    public void A_mail_never_has_more_features_than_are_kept()
    {
        string words = string.Join(' ', Enumerable.Range(0, 200_000).Select(i => $"w{Convert.ToString(i, 8)}x"));
        MailFile mail = MailFile.Read(Encoding.UTF8.GetBytes($"From: a@b.example\n{string.Concat(Enumerable.Range(0, 300).Select(i => $"Received: from h{i}.example by g{i}.example; x\n"))}Subject: {words[..900]}\n\n{words}\n"));
        FeatureVector features = SpamFeatures.Extract(mail.Message, mail.Auth, mail.Screened, mail.Context);
        Assert.InRange(features.Hashes.Length, 100, FeatureVector.Most);
    }

    [Fact]
    public void Every_code_has_words_for_an_agent_and_none_is_said_twice()
    {
        string[] all = [.. Enum.GetValues<SpamCode>().SelectMany(code => new[] { 1.0, -1.0 }.Select(weight => SpamWords.Of(new SpamReason(code, weight))).Distinct())];
        Assert.All(all, words => Assert.InRange(words.Length, 10, 90));
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Theory]
    [InlineData("раураl", "paypal")]
    [InlineData("v1agra", "viagra")]
    [InlineData("v\u200Bi\u00ADagra", "viagra")]
    [InlineData("𝓯𝓻𝓮𝓮", "free")]
    [InlineData("ｆｒｅｅ", "free")]
    [InlineData("v i a g r a", "viagra")]
    public void A_disguised_word_is_read_as_the_word_that_it_looks_like(string disguised, string plain)
    {
        static FeatureVector Of(string text)
        {
            using var features = new FeatureBuilder();
            _ = new TextReading(features, FeatureGroup.Word, FeatureGroup.WordPair).Read(text);
            return features.Build();
        }

        Assert.True(Of(disguised).Hashes.BinarySearch(Of(plain).Hashes[0]) >= 0);
    }
}
