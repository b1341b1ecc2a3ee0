using System.Text.Json;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;

namespace Ingest.App.Api;

/// <summary>What is done with one sort of finding.</summary>
/// <param name="Mask">lastFour, firstSixLastFour, label, pseudonym, full or none.</param>
/// <param name="Confidence">Findings below it, 0 to 1, are left alone; null for the policy's own line.</param>
public sealed record MaskDocument(string? Mask = null, double? Confidence = null);

/// <summary>What is done with each sort; a sort may also be given as its mask alone.</summary>
/// <param name="Card">Payment card numbers.</param>
/// <param name="CardExpiry">Expiry dates of cards.</param>
/// <param name="CardCode">Security codes of cards.</param>
/// <param name="Iban">International bank account numbers.</param>
/// <param name="BankAccount">Bank accounts in the form of their country.</param>
/// <param name="NationalId">National ids.</param>
/// <param name="Passport">Passport numbers.</param>
/// <param name="DrivingLicence">Driving licences.</param>
/// <param name="DateOfBirth">Dates of birth.</param>
/// <param name="Phone">Phone numbers.</param>
/// <param name="Email">E-mail addresses.</param>
/// <param name="IpAddress">IP and network card addresses.</param>
/// <param name="PostalAddress">Postal addresses.</param>
/// <param name="Wallet">Wallets of crypto currencies.</param>
/// <param name="HealthNumber">Health numbers.</param>
/// <param name="Secret">Passwords, keys, tokens, one-time codes.</param>
/// <param name="Person">Names of people; found only by recognisers that are plugged in.</param>
public sealed record MasksDocument(MaskDocument? Card = null, MaskDocument? CardExpiry = null, MaskDocument? CardCode = null, MaskDocument? Iban = null, MaskDocument? BankAccount = null, MaskDocument? NationalId = null, MaskDocument? Passport = null, MaskDocument? DrivingLicence = null, MaskDocument? DateOfBirth = null, MaskDocument? Phone = null, MaskDocument? Email = null, MaskDocument? IpAddress = null, MaskDocument? PostalAddress = null, MaskDocument? Wallet = null, MaskDocument? HealthNumber = null, MaskDocument? Secret = null, MaskDocument? Person = null)
{
    internal static MasksDocument Of(RedactionPolicy policy)
    {
        MaskDocument M(FindingType type) => new(JsonNamingPolicy.CamelCase.ConvertName(policy.Of(type).Mask.ToString()), policy.Of(type).Confidence);
        return new(M(FindingType.Card), M(FindingType.CardExpiry), M(FindingType.CardCode), M(FindingType.Iban), M(FindingType.BankAccount), M(FindingType.NationalId), M(FindingType.Passport), M(FindingType.DrivingLicence), M(FindingType.DateOfBirth), M(FindingType.Phone), M(FindingType.Email), M(FindingType.IpAddress), M(FindingType.PostalAddress), M(FindingType.Wallet), M(FindingType.HealthNumber), M(FindingType.Secret), M(FindingType.Person));
    }
}

/// <summary>What is masked in mail before anything is kept. What is not sent is as the preset has it.</summary>
/// <param name="Preset">What it begins as: default, pci, gdpr, hipaa or off.</param>
/// <param name="Confidence">Findings below it, 0 to 1, are left alone.</param>
/// <param name="Types">What is done with each sort.</param>
/// <param name="Countries">The countries (ISO 3166, two letters) whose own numbers are looked for; empty for all.</param>
/// <param name="RulesOff">Rules that are not asked, such as us.passport.</param>
/// <param name="Allow">What is never masked: # is a digit, ? a letter or digit, * any of them; 100 at most.</param>
/// <param name="Pdf">What becomes of a PDF in which something was found: textCopy or withhold.</param>
/// <param name="Archives">What becomes of archives: flag or withhold.</param>
/// <param name="Images">What becomes of images: flag or withhold.</param>
/// <param name="Unreadable">What becomes of other files that cannot be looked into: flag or withhold.</param>
/// <param name="Original">What becomes of the original: kept or notKept.</param>
/// <param name="Outgoing">The sorts that do not leave in answers.</param>
/// <param name="DryRun">True when what would be masked is only counted.</param>
public sealed record RedactionDocument(
    string? Preset = null, double? Confidence = null, MasksDocument? Types = null, IReadOnlyList<string>? Countries = null, IReadOnlyList<string>? RulesOff = null, IReadOnlyList<string>? Allow = null,
    string? Pdf = null, string? Archives = null, string? Images = null, string? Unreadable = null, string? Original = null, IReadOnlyList<string>? Outgoing = null, bool? DryRun = null)
{
    internal static RedactionDocument Of(RedactionPolicy p) => new(
        Word(p.Preset), p.Confidence, MasksDocument.Of(p), p.Countries, p.RulesOff, p.Allow, Word(p.Pdf), Word(p.Archives), Word(p.Images), Word(p.Unreadable), Word(p.Original),
        [.. p.Outgoing.Select(type => type.ToWord())], p.DryRun);

    private static string Word(Enum word) => JsonNamingPolicy.CamelCase.ConvertName(word.ToString());
}

/// <summary>What is masked in a mailbox's mail.</summary>
/// <param name="Set">True when it has a policy of its own; else the one for all holds.</param>
/// <param name="Policy">What holds.</param>
public sealed record RedactionView(bool Set, RedactionDocument Policy);

/// <summary>How many of something: masked, and only counted in dry runs.</summary>
/// <param name="Name">A sort such as card, or a rule such as card.visa.</param>
/// <param name="Masked">How many were masked.</param>
/// <param name="Found">How many would have been: the dry run only counted them.</param>
public sealed record RedactionCountView(string Name, int Masked, int Found)
{
    internal static IReadOnlyList<RedactionCountView> Of(IReadOnlyDictionary<FindingType, RedactionCount> types) =>
        [.. types.OrderBy(type => type.Key).Select(type => new RedactionCountView(type.Key.ToWord(), type.Value.Masked, type.Value.Found))];

    internal static IReadOnlyList<RedactionCountView> Of(IReadOnlyDictionary<string, RedactionCount> rules) =>
        [.. rules.OrderBy(rule => rule.Key, StringComparer.Ordinal).Select(rule => new RedactionCountView(rule.Key, rule.Value.Masked, rule.Value.Found))];
}

/// <summary>One day of a report.</summary>
/// <param name="Day">The day, in UTC.</param>
/// <param name="Mails">How many mails became messages of tickets.</param>
/// <param name="WithFindings">In how many of them something was found.</param>
/// <param name="Types">How many of each sort.</param>
public sealed record RedactionDayView(DateOnly Day, int Mails, int WithFindings, IReadOnlyList<RedactionCountView> Types);

/// <summary>What was masked in a mailbox's mail, and what would have been; no content.</summary>
/// <param name="Since">The first day that was counted to its end.</param>
/// <param name="IsPartial">True when the time that an answer may take was over before all days that were asked for were counted: the numbers are those from Since on. "ingest redact --report" takes the time it needs.</param>
/// <param name="Mails">How many mails became messages of tickets.</param>
/// <param name="WithFindings">In how many of them something was found.</param>
/// <param name="Types">How many of each sort.</param>
/// <param name="Rules">How many by each rule.</param>
/// <param name="Days">The days with mail, oldest first.</param>
public sealed record RedactionReportView(
    DateOnly Since, bool IsPartial, int Mails, int WithFindings, IReadOnlyList<RedactionCountView> Types, IReadOnlyList<RedactionCountView> Rules, IReadOnlyList<RedactionDayView> Days)
{
    internal static RedactionReportView Of(RedactionReport report) => new(report.Since, report.IsPartial, report.Mails, report.WithFindings, RedactionCountView.Of(report.Types), RedactionCountView.Of(report.Rules),
        [.. report.Days.Select(day => new RedactionDayView(day.Day, day.Mails, day.WithFindings, RedactionCountView.Of(day.Types)))]);
}
