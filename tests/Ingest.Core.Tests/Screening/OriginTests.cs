using System.Net;
using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Screening;

public sealed class OriginTests
{
    private const string Path = "Return-Path: <ann@a.example>\n";
    private const string Border = "Received: from mail.a.example (mail.a.example [192.0.2.1]) by mx.acme.example (Postfix) with ESMTPS id 1 for <x@acme.example>; Mon, 2 Nov 2026 00:12:46 +0000\n";
    private const string Forged = "Received: from mail.bank.example (mail.bank.example [203.0.113.9]) by mx.acme.example with ESMTPS id 2; Mon, 2 Nov 2026 00:12:40 +0000\n";

    private static SpfQuestion? Find(string trace, params string[] servers) =>
        Origin.Find(MailMessage.Parse(Encoding.ASCII.GetBytes(trace.ReplaceLineEndings("\r\n") + "From: ann@a.example\r\n\r\nx\r\n")), servers);

    [Theory]
    [InlineData(Path + Border)]
    [InlineData(Path + Border + Forged)]
    // Delivered within the house: by LMTP, over a filter, by a private address.
    [InlineData(Path + "Received: from mx.acme.example by store.acme.example with LMTP id 3; x\n" + Border + Forged)]
    [InlineData(Path + "Received: from localhost (localhost [127.0.0.1]) by mx.acme.example with ESMTP; x\n" + Border)]
    [InlineData(Path + "Received: from mx.acme.example (mx.acme.example [10.1.2.3]) by store.acme.example with ESMTP; x\n" + Border)]
    [InlineData(Path + "Received: by store.acme.example with LMTP; x\n" + Border)]
    // Gmail: a line without a client, of a private address in IPv6 clothes.
    [InlineData("Received: by 2002:a05:6402:1d8b:b0:5c9:4d:7cf with SMTP id 3f; x\n" + Path + Border)]
    public void The_client_at_the_border_is_found(string trace)
    {
        SpfQuestion question = Find(trace, "acme.example")!;
        Assert.Equal((IPAddress.Parse("192.0.2.1"), "mail.a.example", "ann@a.example", "mx.acme.example"), (question.Client, question.Helo, question.MailFrom, question.Receiver));
    }

    [Theory]
    // Nobody said which servers are the provider's.
    [InlineData(Path + Border, "")]
    // Another provider's, or a name that only looks like it.
    [InlineData(Path + Border, "mx.other.example")]
    [InlineData(Path + Border, "x.acme.example")]
    [InlineData(Path + "Received: from a.example (a.example [192.0.2.1]) by evilacme.example; x\n" + Forged, "acme.example")]
    // The topmost line is not the provider's, or says nothing: what stands below could be anyone's.
    [InlineData(Path + "Received: (qmail 1 invoked from network); x\n" + Forged, "acme.example")]
    [InlineData(Path + "Received: from evil.example by mx.acme.example; x\n" + Forged, "acme.example")]
    [InlineData(Path + "Received: from evil.example ([192.0.2.66] helo=x) ([203.0.113.9]) by mx.acme.example; x\n" + Forged, "acme.example")]
    // A proxy hides the client: a private address, and a name that is not the provider's.
    [InlineData(Path + "Received: from evil.example (gateway [10.0.0.1]) by mx.acme.example; x\n" + Forged, "acme.example")]
    // No sender is known above the border.
    [InlineData("Received: from mail.a.example (mail.a.example [192.0.2.66]) by mx.acme.example; x\n" + Path + Forged, "acme.example")]
    [InlineData(Border + Path, "acme.example")]
    [InlineData("Return-Path: ann@a.example\n" + Border, "acme.example")]
    [InlineData("Return-Path: <ann @a.example>\n" + Border, "acme.example")]
    [InlineData("", "acme.example")]
    public void What_cannot_be_known_for_certain_is_not_guessed(string trace, string server) => Assert.Null(Find(trace, server.Length == 0 ? [] : [server]));

    [Theory]
    // A stranger who says to be the provider, and the provider's own hop over a public address: one looks like the other.
    [InlineData("Received: from mx.acme.example (evil.example [192.0.2.66]) by mx.acme.example; x\n" + Forged)]
    [InlineData("Received: from mx.acme.example (mx.acme.example [192.0.2.66]) by mx.acme.example; x\n" + Forged)]
    [InlineData("Received: from mx.acme.example (mx.acme.example [198.51.100.7]) by store.acme.example with ESMTPS id 9; x\n" + Border)]
    [InlineData("Received: from gateway.other.example ([198.51.100.7] helo=mx.acme.example) by store.acme.example with esmtps; x\n" + Border)]
    public void Who_bears_the_providers_name_at_a_public_address_is_not_taken_for_the_client(string trace) => Assert.Null(Find(Path + trace, "acme.example"));

    [Fact]
    public void A_bounce_has_no_sender_and_many_hops_within_the_house_are_a_loop()
    {
        Assert.Equal("", Find("Return-Path: <>\n" + Border, "acme.example")!.MailFrom);
        string hop = "Received: by store.acme.example with LMTP; x\n";
        Assert.NotNull(Find(Path + string.Concat(Enumerable.Repeat(hop, 7)) + Border, "acme.example"));
        Assert.Null(Find(Path + string.Concat(Enumerable.Repeat(hop, 8)) + Border, "acme.example"));
    }

    [Fact]
    public void A_profile_of_before_trusts_nobody_new()
    {
        MailboxProfile profile = System.Text.Json.JsonSerializer.Deserialize("""{"Address":"a@b.example"}""", MailboxJson.Default.MailboxProfile)!;
        Assert.Equal((0, 0), (profile.TrustedSealers?.Count ?? -1, profile.ReceivingServers?.Count ?? -1));
    }
}
