namespace Ingest.Core.Spam;

/// <summary>How spam-like a mail is and why.</summary>
/// <param name="Score">0 (surely wanted) to 1 (surely spam).</param>
/// <param name="Verdict">What follows from the score and the mailbox's lines.</param>
/// <param name="Reasons">What spoke for or against it, weightiest first.</param>
public sealed record SpamVerdict(double Score, SpamVerdictKind Verdict, IReadOnlyList<SpamReason> Reasons);

/// <summary>What to make of a mail.</summary>
public enum SpamVerdictKind
{
    /// <summary>Wanted.</summary>
    Ham,
    /// <summary>Shown, with a warning.</summary>
    Unsure,
    /// <summary>Held in quarantine.</summary>
    Spam,
}

/// <summary>One rule that matched.</summary>
/// <param name="Code">Which.</param>
/// <param name="Weight">What it added to the log-odds of spam; negative speaks for the mail.</param>
public readonly record struct SpamReason(SpamCode Code, double Weight);

/// <summary>The rules.</summary>
public enum SpamCode
{
    /// <summary>DMARC failed and the domain asks for rejection or quarantine.</summary>
    DmarcFailEnforced,
    /// <summary>DMARC failed.</summary>
    DmarcFail,
    /// <summary>SPF failed.</summary>
    SpfFail,
    /// <summary>The sender is authenticated.</summary>
    Authenticated,
    /// <summary>Several authors.</summary>
    SeveralFrom,
    /// <summary>No author, or one that is no address.</summary>
    NoFrom,
    /// <summary>A link shows one host and leads to another.</summary>
    LinkHostMismatch,
    /// <summary>A link leads to a bare IP address.</summary>
    LinkToIpAddress,
    /// <summary>A link hides its host behind user information or odd encodings.</summary>
    LinkObscured,
    /// <summary>The display name shows another address than the real one.</summary>
    NameShowsOtherAddress,
    /// <summary>The provider's filter called it spam.</summary>
    ProviderSaysSpam,
    /// <summary>An attachment that would run when opened.</summary>
    ExecutableAttachment,
    /// <summary>A phrase typical of spam.</summary>
    SpamPhrase,
    /// <summary>A subject in capitals.</summary>
    ShoutingSubject,
    /// <summary>Hardly any text beside a picture.</summary>
    PictureInsteadOfText,
    /// <summary>A subject with a random tail, money signs or the label that advertisers had to use.</summary>
    OddSubject,
    /// <summary>A sender name that a program numbered.</summary>
    NumberedSender,
    /// <summary>Html and no text beside it, which few mail programs of people send.</summary>
    HtmlWithoutText,
    /// <summary>A form to fill in within the mail.</summary>
    FormInMail,
    /// <summary>Very many recipients.</summary>
    ManyRecipients,
    /// <summary>Structure that mail programs do not make but spam programs do.</summary>
    ForgedStructure,
    /// <summary>Letters disguised in html or unicode.</summary>
    DisguisedText,
    /// <summary>It answers a mail.</summary>
    IsReply,
    /// <summary>It came through a mailing list.</summary>
    IsList,
    /// <summary>What the tenant's agents taught.</summary>
    LearnedFromAgents,
}
