namespace Ingest.Mail.Auth;

/// <summary>What SPF says about a client (RFC 7208 section 2.6).</summary>
/// <param name="Result">None, Neutral, Pass, Fail, SoftFail, TempError or PermError.</param>
/// <param name="Domain">The domain that was asked, in lower case; empty when there was none that can be asked.</param>
public sealed record SpfVerdict(AuthResult Result, string Domain)
{
    /// <summary>What the domain says to those it rejects (RFC 7208 section 6.2), printable ASCII by a stranger; empty when it says nothing.</summary>
    public string Explanation { get; init; } = "";

    /// <summary>The terms that asked DNS, of 10 that may.</summary>
    public int Lookups { get; init; }

    /// <summary>The terms that asked for something that is not there, of 2 that may.</summary>
    public int VoidLookups { get; init; }

    /// <summary>Why there is an error or no result, in a few words of ours; empty else.</summary>
    public string Problem { get; init; } = "";

    /// <summary>True when the HELO name was checked, as the envelope had no sender (section 2.4).</summary>
    public bool IsHelo { get; init; }
}
