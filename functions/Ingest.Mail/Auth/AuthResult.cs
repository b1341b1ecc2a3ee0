namespace Ingest.Mail.Auth;

/// <summary>The words of RFC 8601 section 2.7 for the outcome of an authentication method.</summary>
public enum AuthResult
{
    /// <summary>Nothing to check, or a word that the RFC does not know; see <see cref="MethodResult.Word"/>.</summary>
    None,
    /// <summary>The check succeeded.</summary>
    Pass,
    /// <summary>The check failed.</summary>
    Fail,
    /// <summary>The check failed, but its owner does not want that held against the mail (SPF "~all").</summary>
    SoftFail,
    /// <summary>The check says nothing.</summary>
    Neutral,
    /// <summary>The check succeeded, but local policy does not accept it.</summary>
    Policy,
    /// <summary>The check could not be made now.</summary>
    TempError,
    /// <summary>The check can never be made, as something published is broken.</summary>
    PermError,
}

/// <summary>The results as RFC 8601 writes them.</summary>
public static class AuthResultWords
{
    /// <summary>pass, fail, softfail, temperror and so on.</summary>
    public static string Word(this AuthResult result) => result switch
    {
        AuthResult.None => "none",
        AuthResult.Pass => "pass",
        AuthResult.Fail => "fail",
        AuthResult.SoftFail => "softfail",
        AuthResult.Neutral => "neutral",
        AuthResult.Policy => "policy",
        AuthResult.TempError => "temperror",
        AuthResult.PermError => "permerror",
    };
}
