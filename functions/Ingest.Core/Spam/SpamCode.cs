namespace Ingest.Core.Spam;

/// <summary>What speaks for or against a mail. Names are kept in journals: they are never changed, only added.</summary>
public enum SpamCode
{
    /// <summary>DMARC failed and the domain asks for rejection or quarantine.</summary>
    DmarcFailEnforced,
    /// <summary>DMARC failed.</summary>
    DmarcFail,
    /// <summary>SPF failed.</summary>
    SpfFail,
    /// <summary>Somebody checked, and nothing proves any sender.</summary>
    NothingProven,
    /// <summary>The sender is authenticated.</summary>
    Authenticated,
    /// <summary>Several authors.</summary>
    SeveralFrom,
    /// <summary>No author, or one that is no address.</summary>
    NoFrom,
    /// <summary>It belongs to a ticket by our token or a proven participant.</summary>
    JoinsTicket,
    /// <summary>The sender is proven and wrote before.</summary>
    KnownSender,
    /// <summary>The sender is proven and never wrote before.</summary>
    FirstContact,
    /// <summary>The provider's filter called it spam.</summary>
    ProviderSaysSpam,
    /// <summary>The provider's filter let it pass.</summary>
    ProviderSaysHam,
    /// <summary>The sender's domain imitates a known one.</summary>
    LookAlikeDomain,
    /// <summary>The sender's domain mixes scripts.</summary>
    MixedScriptDomain,
    /// <summary>The display name shows another address than the real one.</summary>
    NameShowsOtherAddress,
    /// <summary>The display name is that of a known brand or of the tenant's people.</summary>
    NameOfAnother,
    /// <summary>It says to come from one of the mailbox's own domains and is not proven.</summary>
    PosesAsOurs,
    /// <summary>Answers are to go to another organisation.</summary>
    ReplyToElsewhere,
    /// <summary>Answers are to go to an address that anyone can get.</summary>
    ReplyToFreeMail,
    /// <summary>Large sums of money, and an address that anyone can get.</summary>
    MoneyFromFreeMail,
    /// <summary>Symbols, blanks or invisible characters in the display name.</summary>
    DecoratedName,
    /// <summary>An address or domain that looks drawn by a machine.</summary>
    MachineMadeSender,
    /// <summary>A sender in a top-level domain at which names cost next to nothing.</summary>
    CheapDomain,
    /// <summary>A sender's domain that cannot exist.</summary>
    ImpossibleDomain,
    /// <summary>A sender at a host where anyone gets a name within a minute.</summary>
    SenderAtOpenHost,
    /// <summary>Pictures among the letters of the subject.</summary>
    PictographsInSubject,
    /// <summary>Very many recipients.</summary>
    ManyRecipients,
    /// <summary>Recipients that are not named.</summary>
    HiddenRecipients,
    /// <summary>Author and recipient are the same.</summary>
    ToItself,
    /// <summary>The subject has the recipient's address in it.</summary>
    NamesRecipientAddress,
    /// <summary>Structure that mail programs do not make but spam programs do.</summary>
    ForgedStructure,
    /// <summary>A subject in capitals.</summary>
    ShoutingSubject,
    /// <summary>A subject with a random tail, money signs or the label that advertisers had to use.</summary>
    OddSubject,
    /// <summary>Letters disguised in html or unicode.</summary>
    DisguisedText,
    /// <summary>Much text that is not shown.</summary>
    HiddenText,
    /// <summary>Hardly any text beside a picture.</summary>
    PictureInsteadOfText,
    /// <summary>A form to fill in within the mail.</summary>
    FormInMail,
    /// <summary>A link shows one host and leads to another.</summary>
    LinkHostMismatch,
    /// <summary>A link leads to a bare IP address.</summary>
    LinkToIpAddress,
    /// <summary>A link hides its host behind user information or odd encodings.</summary>
    LinkObscured,
    /// <summary>A link's host imitates a known one.</summary>
    LinkToLookAlike,
    /// <summary>A link through a shortener.</summary>
    LinkShortened,
    /// <summary>A link to a page that anyone may put up under a well-known name.</summary>
    LinkToOpenHost,
    /// <summary>A link to a name that looks drawn by a machine.</summary>
    LinkToMachineMadeHost,
    /// <summary>A link into a top-level domain at which names cost next to nothing.</summary>
    LinkToCheapDomain,
    /// <summary>A link carries the recipient's address.</summary>
    LinkNamesRecipient,
    /// <summary>The address of a crypto-currency wallet.</summary>
    WalletAddress,
    /// <summary>An attachment that would run when opened.</summary>
    ExecutableAttachment,
    /// <summary>An attachment that runs or poses as a document.</summary>
    DangerousAttachment,
    /// <summary>A web page as an attachment.</summary>
    HtmlAttachment,
    /// <summary>It answers a mail.</summary>
    IsReply,
    /// <summary>It came through a mailing list.</summary>
    IsList,
    /// <summary>Its words, taken together.</summary>
    TypicalWords,
    /// <summary>The words of its subject, taken together.</summary>
    TypicalSubject,
    /// <summary>The form of its header, taken together.</summary>
    TypicalHeader,
    /// <summary>How it is built, taken together.</summary>
    TypicalStructure,
    /// <summary>The hosts, programs and lists that it names, taken together.</summary>
    TypicalTrace,
    /// <summary>What experience says of the signs in it, beyond their own weights.</summary>
    TypicalSigns,
    /// <summary>What the tenant's agents taught.</summary>
    LearnedFromAgents,
}
