using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

public sealed class DkimVerifierTests
{
    private const string Lieser = "auth/dkim_lieser.zip";
    private const string Vectors = "auth/dkim_vectors.zip";

    // The faults of the extension's own names.
    private static readonly Dictionary<string, DkimFault> Names = new()
    {
        ["DKIM_SIGERROR_MISSING_V"] = DkimFault.Version,
        ["DKIM_SIGERROR_KEY_MISMATCHED_K"] = DkimFault.KeyMismatch,
        ["DKIM_SIGERROR_DOMAIN_I"] = DkimFault.IdentityOutsideDomain,
        ["DKIM_SIGERROR_CORRUPT_BH"] = DkimFault.BodyChanged,
        ["DKIM_SIGERROR_BADSIG"] = DkimFault.SignatureWrong,
        ["DKIM_POLICYERROR_UNSIGNED_HEADER_ADDED"] = DkimFault.FieldAdded,
    };

    [Fact]
    public async Task The_cases_of_lieser_hold()
    {
        var files = Corpus.Zip(Lieser).ToDictionary(static file => file.Name, static file => file.Bytes);
        using var document = JsonDocument.Parse(files["dkim_cases.json"]);
        var dns = Texts(files["dns_txt.json"]);
        var wrong = new List<string>();
        var cases = document.RootElement.GetProperty("cases").EnumerateArray().ToList();
        foreach (var test in cases)
        {
            // The suite lists the RSA signature first where there are two, whatever their order in the message.
            var verdicts = (await VerifyAsync(files[test.GetProperty("file").GetString()!], dns)).OrderByDescending(static verdict => verdict.Algorithm, StringComparer.Ordinal).ToList();
            foreach (var expected in test.GetProperty("expect").EnumerateObject())
            {
                if (Found(verdicts, expected.Name) is { } found && found != Text(expected.Value))
                    wrong.Add($"{test.GetProperty("name").GetString()}: {expected.Name} is {found}, not {Text(expected.Value)}");
            }
        }
        Assert.Empty(wrong);
        Assert.Equal(27, cases.Count);
    }

    [Fact]
    public async Task Real_mail_of_lieser_passes()
    {
        var files = Corpus.Zip(Lieser).ToList();
        var dns = Texts(files.Single(static file => file.Name == "dns_txt.json").Bytes);
        var originals = files.Where(static file => file.Name.StartsWith("original/", StringComparison.Ordinal)).ToList();
        foreach (var (name, bytes) in originals)
        {
            var verdicts = await VerifyAsync(bytes, dns, 1_600_000_000);
            Assert.True(verdicts.Any(static verdict => verdict.Result == AuthResult.Pass), $"{name}: {string.Join(", ", verdicts.Select(static verdict => $"{verdict.Domain} {verdict.Result} {verdict.Reason}"))}");
        }
        Assert.Equal(5, originals.Count);
    }

    [Theory]
    [InlineData("gmail.msg", "gmail.pub")]
    [InlineData("related.msg", "gmail.pub")]
    [InlineData("multipart-no-end-boundary.msg", "gmail.pub")]
    public async Task Messages_with_their_keys_beside_them_pass(string file, string key)
    {
        var files = Corpus.Zip(Vectors).ToDictionary(static entry => entry.Name, static entry => entry.Bytes);
        var pem = Encoding.ASCII.GetString(files["mimekit/" + key]);
        var record = "k=rsa; p=" + string.Concat(pem.Split('\n').Where(static line => !line.StartsWith('-')).Select(static line => line.Trim()));
        var verdicts = await VerifyAsync(files["mimekit/" + file], (_, _, _) => ValueTask.FromResult(new DnsAnswer(DnsStatus.Answer) { Texts = [record] }));
        Assert.Equal((AuthResult.Pass, DkimFault.None), (verdicts[0].Result, verdicts[0].Fault));
    }

    [Fact]
    public async Task The_example_of_RFC_8463_passes_with_both_algorithms()
    {
        var files = Corpus.Zip(Vectors).ToDictionary(static entry => entry.Name, static entry => entry.Bytes);
        foreach (var (message, table) in new[] { ("mailauth/ec/signed.eml", files["mailauth/ec/dns.json"]), ("mimekit/rfc8463-example.msg", files["mailauth/ec/dns.json"]) })
        {
            var verdicts = await VerifyAsync(files[message], DnsTable.Parse(table).LookupAsync);
            Assert.Equal(["ed25519-sha256", "rsa-sha256"], verdicts.Select(static verdict => verdict.Algorithm).Order());
            Assert.All(verdicts, static verdict => Assert.Equal((AuthResult.Pass, "football.example.com"), (verdict.Result, verdict.Domain)));
        }
        Assert.True(Ed25519.IsAvailable);
    }

    [Theory]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=x", AuthResult.PermError, "bh= cannot be read")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA", AuthResult.PermError, "b= is missing")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA", AuthResult.PermError, "bh= is missing")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=to; b=AAAA; bh=AAAA", AuthResult.PermError, "From is not signed")]
    [InlineData("v=1; a=rsa-sha1; d=a.example; s=s; h=from; b=AAAA; bh=AAAA", AuthResult.PermError, "rsa-sha1 proves nothing any more")]
    [InlineData("v=1; a=rsa-sha512; d=a.example; s=s; h=from; b=AAAA; bh=AAAA", AuthResult.PermError, "the algorithm is not known")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; bh=AAAA; c=nice", AuthResult.PermError, "c= cannot be read")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; bh=AAAA; i=@b.example", AuthResult.PermError, "i= is not within d=")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; bh=AAAA; i=x@b.a.example", AuthResult.PermError, "DNS has no key")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; bh=AAAA; t=9; x=8", AuthResult.PermError, "the signature has expired")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; bh=AAAA; q=dns/http", AuthResult.PermError, "q= cannot be read")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; bh=AAAA; l=-1", AuthResult.PermError, "l= cannot be read")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=fails; h=from; b=AAAA; bh=AAAA", AuthResult.TempError, "DNS failed")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=gone; h=from; b=AAAA; bh=AAAA", AuthResult.PermError, "the key was withdrawn")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=chat; h=from; b=AAAA; bh=AAAA", AuthResult.PermError, "the key is not for this: s=")]
    [InlineData("v=1; a=rsa-sha256; d=a.example; s=junk; h=from; b=AAAA; bh=AAAA", AuthResult.PermError, "the key in DNS cannot be read")]
    [InlineData("v=1; v=1; a=rsa-sha256", AuthResult.PermError, "the signature is no list of tags")]
    [InlineData("nothing", AuthResult.PermError, "the signature is no list of tags")]
    public async Task What_is_wrong_with_a_signature_is_named(string field, AuthResult result, string reason)
    {
        var dns = DnsTable.Parse("""
            { "fails._domainkey.a.example": "SERVFAIL", "gone._domainkey.a.example": { "TXT": ["v=DKIM1; p="] },
              "chat._domainkey.a.example": { "TXT": ["v=DKIM1; s=chat; p=AAAA"] }, "junk._domainkey.a.example": { "TXT": ["v=DKIM1; p=AAAA"] } }
            """u8.ToArray());
        if (reason.Contains("expired", StringComparison.Ordinal))
            result = AuthResult.Fail;
        var verdict = Assert.Single(await VerifyAsync(Bytes($"DKIM-Signature: {field}\r\nFrom: a@a.example\r\n\r\nx\r\n"), dns.LookupAsync));
        Assert.Equal((result, reason), (verdict.Result, verdict.Reason));
    }

    [Fact]
    public async Task An_appended_text_after_l_passes_as_weak_and_proves_no_body()
    {
        var signer = new TestSigner();
        var whole = signer.Sign("From: a@a.example\r\n\r\nhello\r\n", length: 7);
        var appended = Bytes(Encoding.Latin1.GetString(whole) + "<b>pay here</b>\r\n");

        var verdict = Assert.Single(await VerifyAsync(whole, signer.LookupAsync));
        Assert.Equal((AuthResult.Pass, true, 0L, true), (verdict.Result, verdict.IsWeak, verdict.UnsignedBytes, verdict.ProvesAll));
        verdict = Assert.Single(await VerifyAsync(appended, signer.LookupAsync));
        Assert.Equal((AuthResult.Pass, true, 17L, false), (verdict.Result, verdict.IsWeak, verdict.UnsignedBytes, verdict.ProvesAll));
        Assert.Equal("weak: l= leaves 17 bytes of the body unsigned", verdict.Reason);
        verdict = Assert.Single(await VerifyAsync(Bytes(Encoding.Latin1.GetString(whole).Replace("hello", "he", StringComparison.Ordinal)), signer.LookupAsync));
        Assert.Equal(DkimFault.BodyChanged, verdict.Fault);
    }

    [Fact]
    public async Task Line_ends_that_storage_changed_are_as_they_were_sent_and_those_in_a_body_are_kept()
    {
        var signer = new TestSigner();
        var message = Encoding.Latin1.GetString(signer.Sign("From: a@a.example\r\n\r\none\r\n\r\ntwo\r\n"));
        foreach (var stored in new[] { message.ReplaceLineEndings("\n"), message.Replace("example\r\n", "example\n", StringComparison.Ordinal) })
            Assert.Equal(AuthResult.Pass, (await VerifyAsync(Bytes(stored), signer.LookupAsync)).Single().Result);
        message = Encoding.Latin1.GetString(signer.Sign("From: a@a.example\r\n\r\none\ntwo\r\n"));
        Assert.Equal(AuthResult.Pass, (await VerifyAsync(Bytes(message), signer.LookupAsync)).Single().Result);
        Assert.Equal(DkimFault.BodyChanged, (await VerifyAsync(Bytes(message.Replace("one\n", "one\r\n", StringComparison.Ordinal)), signer.LookupAsync)).Single().Fault);
    }

    [Fact]
    public async Task A_signature_counts_until_it_expires()
    {
        var signer = new TestSigner();
        var message = signer.Sign("From: a@a.example\r\n\r\nx\r\n", extra: " t=1000; x=2000;");
        Assert.Equal(AuthResult.Pass, (await VerifyAsync(message, signer.LookupAsync, 1999)).Single().Result);
        Assert.Equal((AuthResult.Fail, DkimFault.Expired), (await VerifyAsync(message, signer.LookupAsync, 2000)).Select(static v => (v.Result, v.Fault)).Single());
    }

    [Fact]
    public async Task A_short_key_is_against_policy_only_when_the_signature_is_right()
    {
        var signer = new TestSigner(768);
        var message = signer.Sign("From: a@a.example\r\n\r\nx\r\n");
        Assert.Equal((AuthResult.Policy, DkimFault.KeyTooShort), (await VerifyAsync(message, signer.LookupAsync)).Select(static v => (v.Result, v.Fault)).Single());
        message = Bytes(Encoding.Latin1.GetString(message).Replace("From: a", "From: b", StringComparison.Ordinal));
        Assert.Equal((AuthResult.Fail, DkimFault.SignatureWrong), (await VerifyAsync(message, signer.LookupAsync)).Select(static v => (v.Result, v.Fault)).Single());
    }

    [Fact]
    public async Task Only_so_many_signatures_are_checked()
    {
        var asked = 0;
        ValueTask<DnsAnswer> Count(string name, DnsType type, CancellationToken cancel)
        {
            asked++;
            return ValueTask.FromResult(DnsAnswer.NxDomain);
        }
        var many = string.Concat(Enumerable.Repeat("DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; bh=AAAA\r\n", 1000));
        var verdicts = await VerifyAsync(Bytes(many + "From: a@a.example\r\n\r\nx\r\n"), Count);
        Assert.Equal(DkimVerifier.MaxSignatures, asked);
        Assert.Equal(2 * DkimVerifier.MaxSignatures, verdicts.Count);
        Assert.All(verdicts.Skip(DkimVerifier.MaxSignatures), static verdict => Assert.Equal(AuthResult.Neutral, verdict.Result));
    }

    [Theory]
    [InlineData("From: x@evil.example\r\n", "From")]
    [InlineData("Reply-To: x@evil.example\r\n", "")]
    [InlineData("Subject: other\r\n", "Subject")]
    [InlineData("X-Trace: other\r\nReceived: from a\r\n", "")]
    public async Task A_field_put_before_the_signed_one_is_noticed(string added, string about)
    {
        var signer = new TestSigner();
        var message = signer.Sign("From: a@a.example\r\nSubject: x\r\n\r\nx\r\n", names: "from:subject");
        var verdict = Assert.Single(await VerifyAsync([.. Bytes(added), .. message], signer.LookupAsync));
        Assert.Equal(about, verdict.About);
        Assert.Equal(about.Length > 0 ? AuthResult.Policy : AuthResult.Pass, verdict.Result);
    }

    [Fact]
    public void Any_body_has_the_canonical_form_that_the_words_of_the_RFC_give()
    {
        var pieces = Gen.Elements("a", "b ", " ", "  ", "\t", " \t", "\r\n", "\r\n\r\n", " \r\n", "\t\r\n", "\r", "\n", "word", ".");
        Prop.ForAll(Gen.ArrayOf(pieces).Select(static parts => string.Concat(parts)).ToArbitrary(), static text =>
        {
            var body = Bytes(text);
            foreach (var form in new[] { DkimForm.Relaxed, DkimForm.Simple })
            {
                var plain = Plain(text, form);
                var limits = new long[] { long.MaxValue, 0, plain.Length / 2, plain.Length };
                var (hashes, length) = DkimBody.Hash(body, form, "\r\n"u8, limits);
                Assert.Equal(plain.Length, length);
                Assert.Equal(limits.Select(limit => Convert.ToHexString(SHA256.HashData(Bytes(plain[..(int)Math.Min(limit, plain.Length)])))), hashes.Select(Convert.ToHexString));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_signature_field_and_key_record_end_in_a_verdict()
    {
        var words = Gen.Elements("v=1", ";", "a=", "rsa-sha256", "ed25519-sha256", "; d=a.example", "; s=s", "; h=from", ":", "from", "; bh=AAAA", "; b=AAAA", "; i=@a.example", "; l=9", "; t=1", "; x=2", "c=", "relaxed/", "simple", "\r\n ", " ", "=", "\t", "\u00ff", "q=dns/txt", "k=ed25519", "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "p=", "t=s", "h=sha256", "v=DKIM1;");
        Prop.ForAll(Gen.ArrayOf(words).ToArbitrary(), Gen.ArrayOf(words).ToArbitrary(), static (field, record) =>
        {
            var dns = new DnsAnswer(DnsStatus.Answer) { Texts = [string.Concat(record)] };
            var message = Bytes($"DKIM-Signature: {string.Concat(field)}\r\nDKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AAAA{string.Concat(field)}\r\nFrom: a@a.example\r\n\r\nx");
            var verdicts = new DkimVerifier((_, _, _) => ValueTask.FromResult(dns), TimeProvider.System).VerifyAsync(message, CancellationToken.None).GetAwaiter().GetResult();
            Assert.All(verdicts, static verdict => Assert.True(verdict.Result != AuthResult.Pass && verdict.Reason.Length > 0));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_key_bytes_are_a_key_or_none()
    {
        using var rsa = RSA.Create(1024);
        var random = new Random(3);
        foreach (var whole in new[] { rsa.ExportSubjectPublicKeyInfo(), rsa.ExportRSAPublicKey() })
        {
            for (var i = 0; i < 1000; i++)
            {
                var bytes = whole.AsSpan(0, i % 3 == 0 ? random.Next(whole.Length) : whole.Length).ToArray();
                // Mostly the lengths and types at the start, and the exponent at the end.
                for (var changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
                    bytes[i % 2 == 0 ? random.Next(Math.Min(30, bytes.Length)) : bytes.Length - 1 - random.Next(Math.Min(6, bytes.Length))] = (byte)random.Next(256);
                var key = DkimPublicKey.Parse("p=" + Convert.ToBase64String(bytes));
                if (key.Fault == DkimFault.None)
                    Assert.False(key.Verify(new byte[32], new byte[128]));
            }
        }
        Assert.Equal(DkimFault.KeyTooLong, DkimPublicKey.Parse("p=" + Convert.ToBase64String(new byte[2000])).Fault);
        Assert.Equal(DkimFault.None, DkimPublicKey.Parse("p=" + Convert.ToBase64String(rsa.ExportRSAPublicKey())).Fault);
    }

    private static Task<IReadOnlyList<DkimVerdict>> VerifyAsync(byte[] message, DnsLookup dns, long now = 1_800_000_000) =>
        new DkimVerifier(dns, new FixedTime(now)).VerifyAsync(message, TestContext.Current.CancellationToken);

    private static DnsLookup Texts(byte[] json)
    {
        var names = JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
        return DnsTable.Parse(JsonSerializer.SerializeToUtf8Bytes(names.ToDictionary(static name => name.Key, static name => new { TXT = new[] { name.Value } }))).LookupAsync;
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(':', value.EnumerateArray().Select(static item => item.GetString())),
        JsonValueKind.Null => "",
        _ when Names.TryGetValue(value.ToString(), out var fault) => fault.ToString(),
        _ => value.ToString(),
    };

    // What we found under the path that the suite names; null for what we have no word for (its warnings).
    private static string? Found(List<DkimVerdict> verdicts, string path)
    {
        if (path == "signatures.length")
            return verdicts.Count.ToString(CultureInfo.InvariantCulture);
        var verdict = verdicts[path[11] - '0'];
        return path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..] switch
        {
            "result" => verdict.Result switch { AuthResult.Pass => "SUCCESS", AuthResult.TempError => "TEMPFAIL", _ => "PERMFAIL" },
            "sdid" => verdict.Domain,
            "auid" => verdict.Identity,
            "selector" => verdict.Selector,
            "timestamp" => verdict.SignedAt?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) ?? "",
            "expiration" => verdict.Expires?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) ?? "",
            "algorithmSignature" => verdict.Algorithm.Split('-')[0],
            "algorithmHash" => verdict.Algorithm.Split('-')[1],
            "signedHeaders" => string.Join(':', verdict.SignedFields),
            "errorType" => verdict.Fault.ToString(),
            "errorStrParams" => verdict.About,
            "warnings" => null,
            _ => "?",
        };
    }

    // Section 3.4.3 and 3.4.4, word by word.
    private static string Plain(string text, DkimForm form)
    {
        var lines = text.Split("\r\n").ToList();
        if (form == DkimForm.Relaxed)
            lines = lines.ConvertAll(static line => string.Join(' ', line.TrimEnd(' ', '\t').Replace('\t', ' ').Split(' ').Where((part, at) => at == 0 || part.Length > 0)));
        while (lines is [.., ""])
            lines.RemoveAt(lines.Count - 1);
        return lines.Count == 0 ? form == DkimForm.Simple ? "\r\n" : "" : string.Join("\r\n", lines) + "\r\n";
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
