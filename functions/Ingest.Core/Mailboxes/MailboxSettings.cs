using Ingest.Core.Screening;
using Ingest.Mail.Mime;

namespace Ingest.Core.Mailboxes;

/// <summary>A setting that cannot be kept as it stands.</summary>
/// <param name="Setting">Which: the name of a member of <see cref="MailboxSettings"/>.</param>
/// <param name="Fix">What is wrong and what to do about it, without content.</param>
public sealed record SettingProblem(string Setting, string Fix);

/// <summary>What an admin may change of a mailbox without connecting it anew; kept with <see cref="MailboxStore.ChangeProfileAsync"/>.</summary>
public sealed record MailboxSettings
{
    /// <summary>The longest sender name, in UTF-16 code units.</summary>
    public const int LongestName = 100;

    /// <summary>The longest acknowledgement, in UTF-16 code units.</summary>
    public const int LongestAcknowledgement = 10_000;

    /// <summary>The most aliases, and the most authserv-ids.</summary>
    public const int MostNames = 50;

    /// <summary>The name that customers see on what goes out; empty for the name of whoever writes.</summary>
    public string SenderName { get; init; } = "";
    /// <summary>The text of the automatic acknowledgement, with {number} for the ticket's number; empty for none.</summary>
    public string Acknowledgement { get; init; } = "";
    /// <summary>True when mail to name+anything@ reaches the mailbox.</summary>
    public bool PlusAddressing { get; init; }
    /// <summary>Other addresses that lead to it.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];
    /// <summary>Whose Authentication-Results are believed (RFC 8601).</summary>
    public IReadOnlyList<string> AuthservIds { get; init; } = [];

    /// <summary>Who may pass mail on and be believed about its author (ARC): domains, with all names below them.</summary>
    public IReadOnlyList<string> TrustedSealers { get; init; } = [];
    /// <summary>The provider's own servers, or domains above them, as they name themselves in Received lines. Where an IMAP mailbox has none, SPF is not asked.</summary>
    public IReadOnlyList<string> ReceivingServers { get; init; } = [];

    /// <summary>The settings of a mailbox as they stand.</summary>
    public static MailboxSettings Of(MailboxProfile profile) => new()
    {
        SenderName = profile.SenderName, Acknowledgement = profile.Acknowledgement, PlusAddressing = profile.PlusAddressing, Aliases = profile.Aliases, AuthservIds = profile.AuthservIds,
        TrustedSealers = profile.TrustedSealers, ReceivingServers = profile.ReceivingServers,
    };

    /// <summary>The same without what is only a matter of typing: white space around, CR LF, empty lines of lists, names said twice.</summary>
    public MailboxSettings Tidy() => this with
    {
        SenderName = SenderName.Trim(),
        Acknowledgement = Acknowledgement.ReplaceLineEndings("\n").Trim(),
        Aliases = Tidy(Aliases),
        AuthservIds = Tidy(AuthservIds),
        TrustedSealers = Tidy(TrustedSealers),
        ReceivingServers = Tidy(ReceivingServers),
    };

    private static IReadOnlyList<string> Tidy(IReadOnlyList<string> names) => [.. names.Select(name => name.Trim()).Where(name => name.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>What keeps these settings from being those of that mailbox; empty when nothing does.</summary>
    public IReadOnlyList<SettingProblem> Check(Mailbox mailbox)
    {
        List<SettingProblem> problems = [];
        void Unless(bool right, string setting, string fix)
        {
            if (!right) problems.Add(new SettingProblem(setting, fix));
        }

        Unless(SenderName.Length <= LongestName && !SenderName.Any(char.IsControl), nameof(SenderName), "The name that customers see is one line of 100 characters at most: shorten it.");
        Unless(Acknowledgement.Length <= LongestAcknowledgement && !Acknowledgement.Any(c => char.IsControl(c) && c is not ('\n' or '\t')), nameof(Acknowledgement),
            "The acknowledgement is plain text of 10,000 characters at most: shorten it.");
        Unless(Aliases.Count <= MostNames, nameof(Aliases), "A mailbox has 50 other addresses at most: name fewer.");
        Unless(Aliases.All(IsAddress), nameof(Aliases), "One of the other addresses is none: it looks like sales@example.com.");
        Unless(!Aliases.Any(alias => string.Equals(alias, mailbox.Profile.Address, StringComparison.OrdinalIgnoreCase)), nameof(Aliases), "One of the other addresses is the mailbox's own: leave it out.");
        Unless(AuthservIds.Count <= MostNames && AuthservIds.All(IsAuthservId), nameof(AuthservIds), "Whose checks are believed is the first word of the field Authentication-Results, such as mx.example.com.");
        Unless(TrustedSealers.Count <= MostNames && TrustedSealers.All(IsDomain), nameof(TrustedSealers), "Who may pass mail on is a domain, such as lists.example.com: the d= of the field ARC-Seal.");
        Unless(ReceivingServers.Count <= MostNames && ReceivingServers.All(IsDomain), nameof(ReceivingServers), "The provider's servers are names such as mx.example.com, or the domain above them: the word after \"by\" in their Received lines.");
        bool decides = mailbox.Kind == MailboxKind.Google;
        Unless(!decides || PlusAddressing == mailbox.Profile.PlusAddressing, nameof(PlusAddressing), "Gmail always delivers name+anything@: leave this as it is.");
        Unless(!decides || AuthservIds.SequenceEqual(mailbox.Profile.AuthservIds), nameof(AuthservIds), "Of a Gmail mailbox only Gmail's own checks are believed: leave this as it is.");
        Unless(!decides || ReceivingServers.SequenceEqual(mailbox.Profile.ReceivingServers), nameof(ReceivingServers), "The servers of a Gmail mailbox are known: leave this as it is.");
        return problems;
    }

    /// <summary>A profile with these settings, all else as it was.</summary>
    public MailboxProfile ApplyTo(MailboxProfile profile) => profile with
    {
        SenderName = SenderName,
        Acknowledgement = Acknowledgement,
        PlusAddressing = PlusAddressing,
        Aliases = Aliases,
        AuthservIds = AuthservIds,
        TrustedSealers = TrustedSealers,
        ReceivingServers = ReceivingServers,
    };

    private static bool IsAddress(string text) => text.Length <= 320 && MessageWriter.WireAddress(text) is not null && OwnAddresses.Normalise(text).Contains('@', StringComparison.Ordinal);

    // A name of one label could be all of "com".
    private static bool IsDomain(string text) => text.Length is > 0 and <= 253 && text.Split('.') is { Length: > 1 } labels && labels.All(l => l.Length is > 0 and <= 63 && l.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));

    private static bool IsAuthservId(string text) => text.Length is > 0 and <= 255 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':');
}
