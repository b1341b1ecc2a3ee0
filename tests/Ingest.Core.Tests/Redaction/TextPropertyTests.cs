using FsCheck;
using FsCheck.Fluent;
using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>What holds whatever the text: no exception, findings in order and within it, and nothing more found in what was masked.</summary>
public sealed class TextPropertyTests
{
    private static readonly string[] Pieces =
    [
        "anna@example.com", "@", "a.", "(at)", " dot ", "%40", "mailto:", "://", "https://user:Sommer24@example.com/a", "203.0.113.77", "::", "2001:db8::1", "fe80:", "00:1A:2B:3C:4D:5E", "-", ".", ":", "=", "\"", "'", " ", "\n", "\v", "\u200B",
        "+49 30 1234567", "(415) 555-2671", "415-555-2671", "0532 123 45 67", "01 42 68 53 00", "4111 1111 1111 1111", "2024-11-22", "phone", "call ", "x12", "ext. 9", "password", "Password: ", "password is ", "Passwort lautet ", "пароль: ",
        "token=", "secret ", "api key ", "Authorization: Bearer ", "Sommer2024!", "hunter2", "ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8", "eyJhbGciOiJIUzI1NiJ9", "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "code ", "Your code is ",
        "493021", "recovery codes: ", "a7f3k-9q2x1", "500 Main Street", "Springfield, IL 62704", "Hauptstraße 12", "80331 München", "NW1 6XE", "P.O. Box ", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "[secret]", "[email]", "[phone]", "12", "7", "é", "١٢٣", "密码", "\uD835", ",", ";", "<", ">", "(", ")", "#", "$", "_", "/", "x", "sk-",
    ];

    private static readonly RedactionPolicy[] Policies = [RedactionPolicy.Default, RedactionPolicy.Default with { Confidence = 0 }, RedactionPolicy.Default with { Confidence = 0.9 }];

    [Fact]
    public void Any_mixture_of_pieces_is_read_to_its_end_and_its_findings_stand_in_order()
    {
        Gen<string> texts = Gen.Elements(Pieces).ListOf().Select(pieces => string.Concat(pieces));
        Prop.ForAll(texts.ToArbitrary(), text => Policies.All(policy =>
        {
            int last = 0;
            foreach (Finding found in Redact.Text(text, policy).Findings)
            {
                if (found.Start < last || found.Length <= 0 || found.Start + found.Length > text.Length)
                    return false;
                last = found.Start;
            }
            return true;
        })).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(40));
    }

    [Fact]
    public void What_was_masked_is_not_masked_again()
    {
        // Far enough from each other that one does not stand beside the other's words.
        const string Between = ". And then there is something else to be said about all of it, which is of no weight: ";
        Gen<string> texts = Gen.Elements(Pieces).ListOf().Select(pieces => string.Join(Between, pieces));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            string once = Redact.Text(text, RedactionPolicy.Default).Text;
            return Redact.Text(once, RedactionPolicy.Default).Text == once;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(25));
    }

    [Fact]
    public void Letters_drawn_by_lot_are_read_to_their_end()
    {
        var random = new Random(11);
        const string Letters = "0123456789abcdefxyzABCDEF@.:-+/()=_ \n\v\"'<>%[]{}~,;#$&!?•é密\u200B\uFF11\uD835";
        for (int round = 0; round < 500; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(300)).Select(_ => Letters[random.Next(Letters.Length)]));
            foreach (RedactionPolicy policy in Policies)
                _ = Redact.Text(text, policy).Findings;
            _ = Redact.Html(text, RedactionPolicy.Default);
        }
    }

    /// <summary>Each would take hours if what is read were read again and again.</summary>
    [Theory]
    [InlineData("@")]
    [InlineData("a.")]
    [InlineData("a@")]
    [InlineData("a@a.")]
    [InlineData("1")]
    [InlineData("1.")]
    [InlineData("1 ")]
    [InlineData("1-")]
    [InlineData("12-34 ")]
    [InlineData("+1")]
    [InlineData("a:")]
    [InlineData("::")]
    [InlineData("00:")]
    [InlineData("password ")]
    [InlineData("password")]
    [InlineData("password:")]
    [InlineData("password is ")]
    [InlineData("passwordpassword=\"")]
    [InlineData("token=a1")]
    [InlineData("secret_")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.")]
    [InlineData("ey")]
    [InlineData("ghp_")]
    [InlineData("glpat-")]
    [InlineData("AAAAAAAAAAAAAAA1-")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nab\n")]
    [InlineData("://a:b")]
    [InlineData("https://a:b@c ")]
    [InlineData("recovery codes ")]
    [InlineData("recovery codes a1b2c3 ")]
    [InlineData("seed phrase word ")]
    [InlineData("(at)")]
    [InlineData("a at a dot ")]
    [InlineData("1 Main ")]
    [InlineData("Hauptstraße 1")]
    [InlineData("Box 12 ")]
    [InlineData("code 493021 ")]
    [InlineData("your code is 1234567 ")]
    [InlineData("DefaultEndpointsProtocol=x;AccountKey=")]
    [InlineData("%40")]
    [InlineData("bc1q")]
    [InlineData("\"@")]
    [InlineData("密码")]
    [InlineData("a\n")]
    public void A_piece_repeated_a_hundred_thousand_times_ends(string piece)
    {
        string text = string.Concat(Enumerable.Repeat(piece, 100_000));
        Assert.NotNull(Redact.Text(text, RedactionPolicy.Default).Text);
        Assert.NotNull(Redact.Text(text, RedactionPolicy.Default with { Confidence = 0, DryRun = true }).Text);
    }

    [Fact]
    public async Task A_text_with_nothing_to_find_costs_no_memory()
    {
        // Card numbers have tests of their own.
        RedactionPolicy texts = RedactionPolicy.Default with
        {
            Types = Enum.GetValues<FindingType>().Except([FindingType.Email, FindingType.IpAddress, FindingType.Phone, FindingType.Wallet, FindingType.PostalAddress, FindingType.Secret]).ToDictionary(type => type, _ => new TypePolicy(MaskStyle.None)),
        };
        string text = string.Concat(Enumerable.Repeat("Hello, please let me know when you can come and look at it on 22 November at 10:30; it is about 3 boxes. See https://example.com/help for more.\n", 100));
        Assert.Empty(Redact.Text(text, texts).Findings);
        Assert.Equal(0, await MemoryCost.Least(() => Redact.Text(text, texts), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("4111 1111 1111 1111 ")]
    [InlineData("ada@example.org, ")]
    [InlineData("+1 415 555 0132 / ")]
    public void A_long_text_full_of_findings_costs_a_few_times_its_length(string piece)
    {
        int count = (3 << 20) / piece.Length;
        string text = string.Concat(Enumerable.Repeat(piece, count));
        (RedactedText redacted, long allocated) = OnNewThread(text);

        // Where it is read in pieces, one that is cut is told twice.
        Assert.InRange(redacted.Findings.Count, count, count + 2);
        Assert.DoesNotContain(piece.Trim(' ', ',', '/'), redacted.Text, StringComparison.Ordinal);
        // What is kept of it, and what was needed on the way: the text itself has two bytes for a sign.
        Assert.InRange(allocated, text.Length * 2L, text.Length * 2L * 30);
    }

    // One that has read before keeps lists of what it found, and would need less the more it had read.
    private static (RedactedText Redacted, long Allocated) OnNewThread(string text)
    {
        (RedactedText Redacted, long Allocated) read = default;
        Thread reader = new(() => read = (Redact.Text(text, RedactionPolicy.Default), GC.GetAllocatedBytesForCurrentThread()));
        reader.Start();
        reader.Join();
        return read;
    }
}
