namespace Ingest.Core.Spam;

/// <summary>The strongest reasons of a verdict as codes, for the journal, and again as words.</summary>
public static class SpamWhy
{
    /// <summary>The most reasons that are kept.</summary>
    public const int Most = 5;

    // Less than this turns no verdict, and would be noise to whoever reads it.
    private const double Least = 0.3;

    /// <summary>The strongest reasons, strongest first: "+" for those that spoke for spam, "-" for those that spoke for the mail. Empty when none was strong.</summary>
    public static string ToCodes(SpamVerdict verdict) => string.Join(',', verdict.Reasons.Where(r => Math.Abs(r.Weight) >= Least).OrderByDescending(r => Math.Abs(r.Weight)).Take(Most).Select(r => $"{(r.Weight > 0 ? '+' : '-')}{r.Code}"));

    /// <summary>The reasons that spoke for spam, in words, without a full stop; codes that this version does not know are left out.</summary>
    public static IReadOnlyList<string> ForSpam(string codes) => Words(codes, '+');

    /// <summary>The reasons that spoke for the mail, in words.</summary>
    public static IReadOnlyList<string> ForTheMail(string codes) => Words(codes, '-');

    private static string[] Words(string codes, char sign) =>
        [.. codes.Split(',').Where(code => code.Length > 1 && code[0] == sign && Enum.TryParse(code[1..], out SpamCode _) && char.IsAsciiLetterUpper(code[1]))
            .Select(code => SpamWords.Of(new SpamReason(Enum.Parse<SpamCode>(code[1..]), sign == '+' ? 1 : -1)))];
}
