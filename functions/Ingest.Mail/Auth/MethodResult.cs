namespace Ingest.Mail.Auth;

/// <summary>One method's outcome in an Authentication-Results field (RFC 8601 section 2.2).</summary>
/// <param name="Method">spf, dkim, dmarc, arc and the like, in lower case.</param>
/// <param name="Result">The outcome.</param>
/// <param name="Word">The outcome as written, in lower case.</param>
/// <param name="Reason">The reason given, empty when none.</param>
/// <param name="Properties">Values by their "ptype.property" name in lower case, such as header.d or smtp.mailfrom; the first of each name.</param>
public sealed record MethodResult(string Method, AuthResult Result, string Word, string Reason, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>The text of the comments beside it, empty when none: words for people, which some servers fill with a policy.</summary>
    public string Comment { get; init; } = "";

    /// <summary>The property of that name, empty when absent.</summary>
    public string this[string property] => Properties.TryGetValue(property, out var value) ? value : "";
}
