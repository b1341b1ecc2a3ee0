namespace Ingest.Mail.Auth;

/// <summary>What one DKIM signature proves (RFC 6376 section 6.1).</summary>
/// <param name="Result">Pass, Fail (something was changed), Policy (it holds, and still proves too little), Neutral, TempError or PermError.</param>
/// <param name="Fault">Why it is no pass.</param>
public sealed record DkimVerdict(AuthResult Result, DkimFault Fault)
{
    /// <summary>The signing domain (d=) in lower case, empty when not known.</summary>
    public string Domain { get; init; } = "";

    /// <summary>The selector (s=), empty when not known.</summary>
    public string Selector { get; init; } = "";

    /// <summary>On whose behalf (i=); "@" and the domain when it does not say.</summary>
    public string Identity { get; init; } = "";

    /// <summary>The algorithm (a=).</summary>
    public string Algorithm { get; init; } = "";

    /// <summary>The signed fields (h=) in lower case, in order.</summary>
    public IReadOnlyList<string> SignedFields { get; init; } = [];

    /// <summary>When it was signed (t=).</summary>
    public DateTimeOffset? SignedAt { get; init; }

    /// <summary>Until when it counts (x=).</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The length of the key in bits, 0 when not known.</summary>
    public int KeyBits { get; init; }

    /// <summary>True when l= lets others add to the body: a weak signature, whether somebody did or not.</summary>
    public bool IsWeak { get; init; }

    /// <summary>The bytes of the body that are not signed because of l=; what they say proves nothing.</summary>
    public long UnsignedBytes { get; init; }

    /// <summary>True when the domain says that it only tries DKIM out (t=y).</summary>
    public bool IsTest { get; init; }

    /// <summary>The first characters of the signature, by which reports tell signatures apart (RFC 6008).</summary>
    public string Start { get; init; } = "";

    /// <summary>The tag or field that the fault is about, empty when none.</summary>
    public string About { get; init; } = "";

    /// <summary>True when it proves that the domain wrote the whole body and From.</summary>
    public bool ProvesAll => Result == AuthResult.Pass && UnsignedBytes == 0;

    /// <summary>The fault in words; for a pass, what makes it weak, else empty.</summary>
    public string Reason => Fault switch
    {
        DkimFault.None when UnsignedBytes > 0 => $"weak: l= leaves {UnsignedBytes} bytes of the body unsigned",
        DkimFault.None => IsWeak ? "weak: l= lets others add to the body" : "",
        DkimFault.NoTagList => "the signature is no list of tags",
        DkimFault.Version => "v=1 is missing",
        DkimFault.TagMissing => $"{About}= is missing",
        DkimFault.TagUnreadable => $"{About}= cannot be read",
        DkimFault.UnknownAlgorithm => "the algorithm is not known",
        DkimFault.OldAlgorithm => "rsa-sha1 proves nothing any more",
        DkimFault.FromNotSigned => "From is not signed",
        DkimFault.IdentityOutsideDomain => "i= is not within d=",
        DkimFault.Expired => "the signature has expired",
        DkimFault.NoKey => "DNS has no key",
        DkimFault.KeyUnreadable => "the key in DNS cannot be read",
        DkimFault.KeyRevoked => "the key was withdrawn",
        DkimFault.KeyMismatch => $"the key is not for this: {About}=",
        DkimFault.KeyTooShort => "the key is shorter than 1024 bits",
        DkimFault.KeyTooLong => "the key is longer than 8192 bits",
        DkimFault.DnsTrouble => "DNS failed",
        DkimFault.BodyChanged => "the body was changed",
        DkimFault.SignatureWrong => "the header was changed or the key is another",
        DkimFault.FieldAdded => $"a second {About} was added that is not signed",
        DkimFault.TooMany => "not checked: too many signatures",
        DkimFault.NoEd25519 => "Ed25519 cannot be checked on this machine",
    };
}
