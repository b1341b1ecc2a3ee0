using Ingest.Core.Screening;
using Ingest.Mail.Auth;

namespace Ingest.Core.Tickets;

/// <summary>Who is proven to have sent a message, how, and what is not: what agents are shown, sealed with the message.</summary>
public sealed record SenderCheck
{
    /// <summary>Why the sender counts as proven or not.</summary>
    public AuthCode Reason { get; init; }
    /// <summary>The author's domain, proven or not; empty when there is no single author.</summary>
    public string Domain { get; init; } = "";
    /// <summary>The domain whose signature proves the author; empty when none does.</summary>
    public string Signer { get; init; } = "";
    /// <summary>Who passed it on and is believed; empty when nobody had to be.</summary>
    public string Sealer { get; init; } = "";
    /// <summary>What SPF says.</summary>
    public AuthResult Spf { get; init; }
    /// <summary>What DKIM says.</summary>
    public AuthResult Dkim { get; init; }
    /// <summary>What DMARC says.</summary>
    public AuthResult Dmarc { get; init; }
    /// <summary>What ARC says; None when it was not looked at.</summary>
    public AuthResult Arc { get; init; }
    /// <summary>What the domain asks to be done with mail that is not proven.</summary>
    public DmarcPolicy Policy { get; init; }
    /// <summary>Whose checks it rests on.</summary>
    public AuthChecker Checker { get; init; }

    /// <summary>What is kept of a verdict.</summary>
    public static SenderCheck Of(AuthVerdict verdict) => new()
    {
        Reason = verdict.Reason, Domain = Cut.To(verdict.FromDomain, Cut.Name), Signer = Cut.To(verdict.SignerDomain ?? "", Cut.Name), Sealer = Cut.To(verdict.Sealer ?? "", Cut.Name),
        Spf = verdict.Spf, Dkim = verdict.Dkim, Dmarc = verdict.Dmarc, Arc = verdict.Arc, Policy = verdict.Policy, Checker = verdict.Checker,
    };

    /// <summary>True when the author's domain is proven.</summary>
    public bool IsProven() => Authenticate.Proves(Reason);

    /// <summary>The same in one sentence for agents.</summary>
    public string ToSentence() => Reason switch
    {
        AuthCode.DmarcPass or AuthCode.AlignedDkim or AuthCode.AlignedSpf => $"Verified: {Domain} sent it. {Proof()}, as {Who()} found.",
        AuthCode.TrustedArc => $"Verified: {Domain} sent it, as {Sealer} found, which passed it on and is trusted with that.",
        AuthCode.DmarcFail => $"Not verified: {Domain} says that mail like this is not its own{Wish()}.",
        AuthCode.NotAligned => $"Not verified: what is proven is about another domain than {Domain}.",
        AuthCode.OriginUnknown => $"Not verified: no signature of {Domain} holds, and which server it came from is not known{Wish()}.",
        AuthCode.NothingProven when Spf is AuthResult.Fail or AuthResult.SoftFail => $"Not verified: it came from a server that {Domain} does not name as its own.",
        AuthCode.NothingProven => $"Not verified: nothing proves that {Domain} sent it.",
        AuthCode.TempError => $"Not verified: DNS did not answer for a quarter of an hour, so {Domain} could not be checked.",
        AuthCode.NoTrustedField => "Not verified: the mail provider left no result of its checks in the mail.",
        AuthCode.Unreadable => "Not verified: the result of the mail provider's checks cannot be read.",
        AuthCode.NoFrom => "Not verified: the mail names no author.",
        AuthCode.SeveralFrom => "Not verified: the mail names several authors.",
        AuthCode.FromMismatch => "Not verified: the mail provider checked another author than the one shown.",
    };

    private string Proof() => Signer.Length > 0 ? "Its signature holds (DKIM)" : Reason == AuthCode.AlignedSpf || Spf == AuthResult.Pass ? "It came from one of its servers (SPF)" : "It meets what the domain asks for (DMARC)";

    private string Who() => Checker switch
    {
        AuthChecker.Provider => "the mail provider",
        AuthChecker.Ourselves or AuthChecker.Nobody => "we",
        AuthChecker.Both => "the mail provider and we",
    };

    private string Wish() => Policy switch
    {
        DmarcPolicy.Reject => "; it asks to refuse mail that is not proven",
        DmarcPolicy.Quarantine => "; it asks to distrust mail that is not proven",
        DmarcPolicy.None or DmarcPolicy.Unknown => "",
    };
}
