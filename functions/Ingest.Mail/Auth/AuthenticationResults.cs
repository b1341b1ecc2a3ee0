namespace Ingest.Mail.Auth;

/// <summary>
/// What a border server found out about a mail (RFC 8601). Anyone can write such a field: believe only those whose
/// <see cref="AuthservId"/> is one's own border, and only above the first Received line that is not.
/// </summary>
/// <param name="AuthservId">The server that made the checks, in lower case; empty when it left its name out, as Office 365 does, or wrote more than a name and a version.</param>
/// <param name="Results">The outcomes in order; empty for "none".</param>
public sealed record AuthenticationResults(string AuthservId, IReadOnlyList<MethodResult> Results)
{
    private const int MaxResults = 100;
    private const int MaxProperties = 50;

    /// <summary>The first outcome of that method, null when it was not checked.</summary>
    public MethodResult? First(string method)
    {
        foreach (var result in Results)
        {
            if (result.Method == method)
                return result;
        }
        return null;
    }

    /// <summary>Reads the unfolded value of a field; false when there is nothing in it. Comments give no results, what cannot be read is left out.</summary>
    public static bool TryParse(string headerValue, out AuthenticationResults results)
    {
        var scanner = new ResultsScanner(headerValue);
        var found = new List<MethodResult>();
        var id = "";
        if (!scanner.SegmentHasMethod())
        {
            id = Name(ref scanner);
            scanner.SkipSegment();
        }
        while (!scanner.AtEnd && found.Count < MaxResults)
        {
            if (Method(ref scanner) is { } result)
                found.Add(result);
            scanner.SkipSegment();
        }
        results = new AuthenticationResults(id, found);
        return id.Length > 0 || found.Count > 0;
    }

    /// <summary>What we found out, to be written under our own name.</summary>
    public static AuthenticationResults Of(string authservId, MailVerdict verdict) => ResultsWriter.Of(authservId, verdict);

    /// <summary>The value of a field that says this, unfolded, comments left out; nothing in it can be taken for more than it is (RFC 8601 section 2.2).</summary>
    public string Format() => ResultsWriter.Format(this);

    // "mx.example.com 1"
    private static string Name(ref ResultsScanner scanner)
    {
        var id = scanner.Value().ToLowerInvariant();
        if (!scanner.AtSegmentEnd && !scanner.Value().All(char.IsAsciiDigit))
            return "";
        return scanner.AtSegmentEnd ? id : "";
    }

    // "dkim/1 = pass reason=x header.d=y"
    private static MethodResult? Method(ref ResultsScanner scanner)
    {
        scanner.TakeComments();
        var method = scanner.Name();
        if (scanner.Take('/'))
            scanner.Name();
        if (method.Length == 0 || !scanner.Take('='))
            return null;
        var word = scanner.Value().ToLowerInvariant();
        var reason = "";
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!scanner.AtSegmentEnd && properties.Count < MaxProperties)
        {
            var name = scanner.Name();
            if (!scanner.Take('='))
            {
                if (name.Length == 0)
                    scanner.SkipCharacter();
                continue;
            }
            var value = scanner.Value();
            if (name == "reason")
                reason = value;
            else if (name.Length > 0)
                properties.TryAdd(name, value);
        }
        return new MethodResult(method, Outcome(word), word, reason, properties) { Comment = scanner.TakeComments() };
    }

    private static AuthResult Outcome(string word) => word switch
    {
        "pass" => AuthResult.Pass,
        "fail" or "hardfail" or "bestguessfail" => AuthResult.Fail,
        "softfail" => AuthResult.SoftFail,
        "neutral" => AuthResult.Neutral,
        "policy" => AuthResult.Policy,
        "temperror" or "error" => AuthResult.TempError,
        "permerror" => AuthResult.PermError,
        _ => AuthResult.None,
    };
}
