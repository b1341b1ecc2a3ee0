namespace Ingest.Core.Spam.Training;

/// <summary>How a mail of which it is known what it is was judged.</summary>
/// <param name="Name">The name to show for it.</param>
/// <param name="IsSpam">What it is.</param>
/// <param name="Verdict">What the filter says.</param>
public sealed record JudgedMail(string Name, bool IsSpam, SpamVerdict Verdict);

/// <summary>What a line on the score does.</summary>
/// <param name="Score">From this score on.</param>
/// <param name="FalsePositives">Wanted mails at or above it.</param>
/// <param name="FalseNegatives">Spam below it.</param>
public readonly record struct LineResult(double Score, int FalsePositives, int FalseNegatives);

/// <summary>Mails whose score lies between two bounds: what was said of them and what they are.</summary>
/// <param name="From">The lower bound, included.</param>
/// <param name="To">The upper bound.</param>
/// <param name="Mails">How many.</param>
/// <param name="MeanScore">The mean score.</param>
/// <param name="SpamShare">The share that is spam.</param>
public readonly record struct CalibrationBin(double From, double To, int Mails, double MeanScore, double SpamShare);

/// <summary>How well a filter tells spam from wanted mail.</summary>
public sealed class SpamEvaluation
{
    private static readonly double[] s_lines = [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999];
    private static readonly double[] s_bounds = [0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1];

    private readonly double[] _ham, _spam;

    /// <summary>Compares verdicts with what the mails are.</summary>
    public SpamEvaluation(IReadOnlyList<JudgedMail> mails)
    {
        Mails = mails;
        _ham = [.. mails.Where(m => !m.IsSpam).Select(m => m.Verdict.Score).Order()];
        _spam = [.. mails.Where(m => m.IsSpam).Select(m => m.Verdict.Score).Order()];
    }

    /// <summary>The mails, in the order given.</summary>
    public IReadOnlyList<JudgedMail> Mails { get; }

    /// <summary>How many are wanted.</summary>
    public int Ham => _ham.Length;

    /// <summary>How many are spam.</summary>
    public int Spam => _spam.Length;

    /// <summary>The chance that a spam scores above a wanted mail, ties counted half; NaN without mails of both kinds.</summary>
    public double Auc
    {
        get
        {
            double wins = 0;
            int below = 0, atMost = 0;
            foreach (double score in _spam)
            {
                while (below < _ham.Length && _ham[below] < score) below++;
                while (atMost < _ham.Length && _ham[atMost] <= score) atMost++;
                wins += below + ((atMost - below) / 2.0);
            }

            return _ham.Length == 0 || _spam.Length == 0 ? double.NaN : wins / _ham.Length / _spam.Length;
        }
    }

    /// <summary>Spam that is missed by a line just above every wanted mail but so many: hindsight, to compare filters by.</summary>
    public int MissedAtFalsePositives(int allowed)
    {
        double line = _ham.Length > allowed ? _ham[^(allowed + 1)] : -1;
        return _spam.Count(score => score <= line);
    }

    /// <summary>How many of a kind got a verdict.</summary>
    public int Count(bool isSpam, SpamVerdictKind verdict) => Mails.Count(m => m.IsSpam == isSpam && m.Verdict.Verdict == verdict);

    /// <summary>What a line at some score does.</summary>
    public LineResult At(double score) => new(score, _ham.Count(s => s >= score), _spam.Count(s => s < score));

    /// <summary>What lines at round scores do.</summary>
    public IEnumerable<LineResult> Lines() => s_lines.Select(At);

    /// <summary>What scores promise and what is true; bins without mails are left out.</summary>
    public IEnumerable<CalibrationBin> Calibration()
    {
        for (int i = 0; i + 1 < s_bounds.Length; i++)
        {
            (double from, double to) = (s_bounds[i], s_bounds[i + 1]);
            JudgedMail[] inside = [.. Mails.Where(m => m.Verdict.Score >= from && (m.Verdict.Score < to || to == 1))];
            if (inside.Length > 0) yield return new CalibrationBin(from, to, inside.Length, inside.Average(m => m.Verdict.Score), inside.Average(m => m.IsSpam ? 1.0 : 0));
        }
    }

    /// <summary>The mails that were judged most wrongly, the worst first: wanted mail that is not called wanted, then spam that is not called spam.</summary>
    public IEnumerable<JudgedMail> Worst(int most) =>
        Mails.Where(m => !m.IsSpam && m.Verdict.Verdict != SpamVerdictKind.Ham).OrderByDescending(m => m.Verdict.Score).Take(most)
            .Concat(Mails.Where(m => m.IsSpam && m.Verdict.Verdict != SpamVerdictKind.Spam).OrderBy(m => m.Verdict.Score).Take(most));
}
