namespace Ingest.Core.Screening;

/// <summary>Hints in words that an agent understands.</summary>
public static class HintWords
{
    /// <summary>The hint as a sentence without a full stop.</summary>
    public static string Of(PhishingHint hint) => hint switch
    {
        PhishingHint.LookAlikeDomain => "The sender's domain looks like a well-known one, and is another",
        PhishingHint.MixedScriptDomain => "The sender's domain mixes letters of several alphabets",
        PhishingHint.NameShowsOtherAddress => "The sender's name shows another address than the one it came from",
        PhishingHint.NameOfAnother => "The sender goes by a well-known name, and the address is not theirs",
        PhishingHint.ReplyToElsewhere => "Answers would go to another domain than it came from",
        PhishingHint.LinkGoesElsewhere => "A link shows one address and leads to another",
        PhishingHint.LinkToIpAddress => "A link leads to a bare number instead of a name",
        PhishingHint.LinkObscured => "A link hides where it leads",
        PhishingHint.LinkToLookAlike => "A link leads to a domain that looks like a well-known one",
        PhishingHint.AsksForCredentials => "A form in it asks for a password, a card or the like",
        PhishingHint.DangerousAttachment => "An attachment would run when opened, or hides what it does",
        PhishingHint.PosesAsOurs => "It says to come from one of our own domains, and is not proven",
    };
}
