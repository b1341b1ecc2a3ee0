namespace Ingest.Core.Screening;

/// <summary>What in a mail is as deceivers do it: shown to the agent, and weighed by the spam filter. None proves anything alone.</summary>
public enum PhishingHint
{
    /// <summary>The sender's domain, read with its look-alike letters made plain, is that of a known brand or of the tenant, and is not it.</summary>
    LookAlikeDomain = 1,
    /// <summary>The sender's domain mixes scripts within a label (UTS 39).</summary>
    MixedScriptDomain = 2,
    /// <summary>The display name shows another address than the real one.</summary>
    NameShowsOtherAddress = 3,
    /// <summary>The display name is that of a known brand, or of the tenant's own people, and the address is not theirs.</summary>
    NameOfAnother = 4,
    /// <summary>Answers are to go to another organisation's domain.</summary>
    ReplyToElsewhere = 5,
    /// <summary>A link shows one host and leads to another.</summary>
    LinkGoesElsewhere = 6,
    /// <summary>A link leads to a bare IP address.</summary>
    LinkToIpAddress = 7,
    /// <summary>A link hides its host behind user information or odd encodings.</summary>
    LinkObscured = 8,
    /// <summary>A link's host imitates a known brand.</summary>
    LinkToLookAlike = 9,
    /// <summary>A form asks for a password or a card within the mail or an attachment of it.</summary>
    AsksForCredentials = 10,
    /// <summary>An attachment that would run when opened, or is an html page that poses as a document.</summary>
    DangerousAttachment = 11,
    /// <summary>It says to come from one of the mailbox's own domains and is not proven.</summary>
    PosesAsOurs = 12,
}
