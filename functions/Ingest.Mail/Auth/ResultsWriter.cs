using System.Buffers;
using System.Text;

namespace Ingest.Mail.Auth;

/// <summary>Writes Authentication-Results (RFC 8601).</summary>
internal static class ResultsWriter
{
    // token of RFC 2045, and "@" and "/" which every program writes bare in addresses and names.
    private static readonly SearchValues<char> Token = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`{|}~@/");
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    public static AuthenticationResults Of(string authservId, MailVerdict verdict)
    {
        var results = new List<MethodResult>();
        if (verdict.Spf is { } spf)
            results.Add(Result("spf", spf.Result, spf.Problem, (spf.IsHelo ? "smtp.helo" : "smtp.mailfrom", spf.Domain)));
        foreach (var signature in verdict.Dkim)
            results.Add(Result("dkim", signature.Result, signature.Reason, ("header.d", signature.Domain), ("header.s", signature.Selector), ("header.b", signature.Start)));
        if (verdict.Dkim.Count == 0)
            results.Add(Result("dkim", AuthResult.None, ""));
        results.Add(Result("arc", verdict.Arc.Result, verdict.Arc.Problem));
        results.Add(Result("dmarc", verdict.Dmarc.Result, verdict.Dmarc.Problem, ("header.from", verdict.Dmarc.FromDomain)));
        return new AuthenticationResults(authservId.ToLowerInvariant(), results);
    }

    public static string Format(AuthenticationResults results)
    {
        var text = new StringBuilder(Value(results.AuthservId));
        var isEmpty = true;
        foreach (var result in results.Results)
        {
            if (!IsName(result.Method) || !IsName(result.Word))
                continue;
            isEmpty = false;
            text.Append("; ").Append(result.Method).Append('=').Append(result.Word);
            if (result.Reason.Length > 0)
                text.Append(" reason=").Append(Value(result.Reason));
            foreach (var (name, value) in result.Properties)
            {
                if (IsName(name) && value.Length > 0)
                    text.Append(' ').Append(name).Append('=').Append(Value(value));
            }
        }
        return isEmpty ? text.Append("; none").ToString() : text.ToString();
    }

    private static MethodResult Result(string method, AuthResult result, string reason, params ReadOnlySpan<(string Name, string Value)> properties)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in properties)
        {
            if (value.Length > 0)
                values[name] = value;
        }
        return new MethodResult(method, result, result.Word(), reason, values);
    }

    private static bool IsName(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    // A token, else a quoted string; controls, line ends first of all, cannot stand in a field.
    private static string Value(string text)
    {
        if (text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Token))
            return text;
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            if (char.IsControl(character))
                continue;
            if (character is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(character);
        }
        return quoted.Append('"').ToString();
    }
}
