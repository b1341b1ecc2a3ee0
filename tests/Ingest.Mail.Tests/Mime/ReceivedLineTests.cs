using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class ReceivedLineTests
{
    [Theory]
    // Postfix, Gmail, sendmail: what the client said, then what the server saw.
    [InlineData("from mail.a.example (host.a.example [192.0.2.1]) by mx.b.example (Postfix) with ESMTPS id 4F for <x@b.example>; Mon, 2 Nov 2026 00:12:46 -0800 (PST)", "mail.a.example", "mail.a.example", "192.0.2.1", "mx.b.example")]
    [InlineData("from mail.a.example (mail.a.example. [2001:db8::1]) by MX.b.example. with ESMTPS id 4F (version=TLS1_3 bits=256/256); Mon, 2 Nov 2026", "mail.a.example", "mail.a.example", "2001:db8::1", "mx.b.example")]
    [InlineData("from [192.0.2.9] (unknown [203.0.113.9]) by mx.b.example; x", "[192.0.2.9]", "[192.0.2.9]", "203.0.113.9", "mx.b.example")]
    [InlineData("from a (b [IPv6:2001:db8::2]) by c; x", "a", "a", "2001:db8::2", "c")]
    [InlineData("from a (b [192.0.2.1] (may be forged)) by c (8.14.4/8.14.4); x", "a", "a", "192.0.2.1", "c")]
    // Exim: what the server saw, and beside it what the client said.
    [InlineData("from host.a.example ([192.0.2.1]:4711 helo=[203.0.113.9]) by mx.b.example with esmtps (Exim 4.96) (envelope-from <a@a.example>) id 1; x", "host.a.example", "[203.0.113.9]", "192.0.2.1", "mx.b.example")]
    [InlineData("from [192.0.2.1] (helo=[203.0.113.9] ident=x) by mx.b.example with smtp; x", "[192.0.2.1]", "[203.0.113.9]", "192.0.2.1", "mx.b.example")]
    // qmail, Exchange.
    [InlineData("from unknown (HELO mail.a.example) (192.0.2.1) by mx.b.example with SMTP; x", "unknown", "mail.a.example", "192.0.2.1", "mx.b.example")]
    [InlineData("from A.prod.example (2603:10a6::1) by B.prod.example (2603:10a6::2) with Microsoft SMTP Server id 15.20; x", "a.prod.example", "a.prod.example", "2603:10a6::1", "b.prod.example")]
    // Within one house.
    [InlineData("from mx.b.example by store.b.example with LMTP id 1; x", "mx.b.example", "mx.b.example", null, "store.b.example")]
    [InlineData("by 2002:a05:6402:1d8b:b0:5c9:4d:7cf with SMTP id 3f00c0de00001357; x", "", "", null, "2002:a05:6402:1d8b:b0:5c9:4d:7cf")]
    public void What_each_program_writes_is_understood(string value, string from, string helo, string? client, string by)
    {
        var line = ReceivedLine.Parse(value);
        Assert.Equal((from, helo, client, by, false), (line?.From, line?.Helo, line?.Client?.ToString(), line?.By, line?.IsAmbiguous));
    }

    [Theory]
    [InlineData("from evil.example ([192.0.2.66] helo=x) ([203.0.113.9]) by mx.b.example; x")]
    [InlineData("from a (b [192.0.2.1] [192.0.2.2]) by c; x")]
    public void Two_addresses_are_none(string value)
    {
        var line = ReceivedLine.Parse(value);
        Assert.Equal((true, null), (line?.IsAmbiguous, line?.Client));
    }

    [Theory]
    [InlineData("")]
    [InlineData("; from a by b")]
    [InlineData("(qmail 12345 invoked from network); 2 Nov 2026")]
    [InlineData("from a by b by c; x")]
    [InlineData("from a from b by c; x")]
    [InlineData("by a from b; x")]
    [InlineData("x from a by b; x")]
    [InlineData("from a (b [192.0.2.1] by c; x")]
    [InlineData("from a (b [192.0.2.1])) by c; x")]
    [InlineData("from \"a by b\" by c; x")]
    [InlineData("from a by ; x")]
    public void What_could_be_read_in_two_ways_is_not_read(string value) => Assert.Null(ReceivedLine.Parse(value));

    [Theory]
    [InlineData("from [192.0.2.1] by c; x")]
    [InlineData("from a (1) by c; x")]
    [InlineData("from a ([192.0.2.1]x) by c; x")]
    [InlineData("from a (b [fe80::1%eth0]) by c; x")]
    public void An_address_that_the_client_may_have_named_itself_is_not_taken(string value) => Assert.Null(ReceivedLine.Parse(value)!.Client);

    [Fact]
    public void Any_text_is_read_or_not_and_never_throws()
    {
        var pieces = Gen.Elements("from", "by", "with", "(", ")", "[", "]", "192.0.2.1", "::1", "helo=", "HELO", "ident=", "a.example", ";", " ", "\"", "\\", "IPv6:", "%", "\t", "(x [192.0.2.1])");
        Prop.ForAll(pieces.ListOf().ToArbitrary(), words =>
        {
            _ = ReceivedLine.Parse(string.Concat(words));
            _ = ReceivedLine.Parse(string.Join(' ', words));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }
}
