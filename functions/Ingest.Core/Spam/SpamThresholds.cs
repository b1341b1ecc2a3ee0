namespace Ingest.Core.Spam;

/// <summary>Where the lines are drawn on the calibrated score.</summary>
/// <param name="UnsureFrom">From this score on a mail is unsure.</param>
/// <param name="SpamFrom">From this score on a mail is spam; never below <paramref name="UnsureFrom"/>.</param>
public readonly record struct SpamThresholds(double UnsureFrom, double SpamFrom)
{
    /// <summary>Where nobody decided otherwise, at most one wanted mail in so many is to be called spam.</summary>
    public const int UsualOneIn = 2000;

    // A warning costs a customer nothing but an agent's glance: it may be wrong more often.
    private const int UnsureAsOften = 20;

    /// <summary>The shipped lines.</summary>
    public static SpamThresholds Default { get; } = ForOneCustomerIn(UsualOneIn);

    /// <summary>The lines by which at most one wanted mail in <paramref name="n"/> is called spam, as far as mail tells that the shipped model never saw.</summary>
    public static SpamThresholds ForOneCustomerIn(int n) => ForOneCustomerIn(n, SpamModel.Base);

    /// <summary>The same for another model.</summary>
    public static SpamThresholds ForOneCustomerIn(int n, SpamModel model) => new(Math.Min(model.ScoreForOneIn(Math.Max(n / UnsureAsOften, 1)), model.ScoreForOneIn(n)), model.ScoreForOneIn(n));
}
