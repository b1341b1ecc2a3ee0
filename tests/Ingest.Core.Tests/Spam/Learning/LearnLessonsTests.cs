using System.Globalization;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Learning;
using Xunit;

namespace Ingest.Core.Tests.Spam.Learning;

/// <summary>The solver alone: what lessons may do, and what they may not.</summary>
public sealed class LearnLessonsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly Random s_random = new(7);

    // A mail of a kind: half of its features are the kind's, half its own, and some are everybody's.
    private static FeatureVector Mail(string kind, int number)
    {
        using FeatureBuilder features = new();
        foreach (FeatureGroup group in Enum.GetValues<FeatureGroup>())
        {
            for (int i = 0; i < 12; i++) features.Add(group, $"{kind} {i}");
            for (int i = 0; i < 6; i++) features.Add(group, $"{kind} {number} {i}");
            for (int i = 0; i < 6; i++) features.Add(group, $"all {i}");
        }

        return features.Build();
    }

    private static Lesson Teach(string kind, int number, LessonVerdict verdict, string by = "ann", double start = -4, DateTimeOffset? at = null, long? sender = null) => new()
    {
        TicketId = $"t{kind}{number}", MessageKey = $"m{kind}{number}", By = by, At = at ?? Now.AddSeconds(number), Verdict = verdict, Source = LessonSource.Original,
        Base = start, Sender = sender ?? kind.GetHashCode(StringComparison.Ordinal), Features = LessonFeatures.Keep(Mail(kind, number)),
    };

    private static IReadOnlyList<FeatureVector> Ordinary { get; } = [.. Enumerable.Range(0, 60).Select(i => LessonFeatures.Keep(Mail("ordinary" + (i / 3).ToString(CultureInfo.InvariantCulture), i)))];

    private static TenantModel? Build(IEnumerable<Lesson> lessons, DateTimeOffset? now = null) => LearnLessons.Build([.. lessons], Ordinary, now ?? Now.AddHours(1));

    private static IEnumerable<Lesson> Many(string kind, int count, LessonVerdict verdict, string by = "ann") => Enumerable.Range(0, count).Select(i => Teach(kind, i, verdict, by));

    [Fact]
    public void Twenty_lessons_turn_the_next_mail_of_the_kind_and_leave_others_alone()
    {
        TenantModel model = Build(Many("offers", 20, LessonVerdict.Spam))!;
        Assert.True(model.LogOdds(Mail("offers", 99)) > 4);
        Assert.InRange(model.LogOdds(Mail("customers", 1)), -1, 1);
    }

    [Fact]
    public void One_click_moves_its_own_kind_a_little_and_nobody_else()
    {
        TenantModel model = Build([Teach("customers", 1, LessonVerdict.Spam, start: -8)])!;
        Assert.InRange(model.LogOdds(Mail("customers", 1)), 0.5, 3);
        Assert.InRange(model.LogOdds(Mail("customers", 2)), 0, 2.5);
        Assert.InRange(model.LogOdds(Mail("others", 2)), -0.3, 0.3);
    }

    [Fact]
    public void Five_hundred_lessons_of_one_account_on_one_day_count_like_twenty()
    {
        Lesson[] flood = [.. Enumerable.Range(0, 500).Select(i => Teach("k" + i.ToString(CultureInfo.InvariantCulture), i, LessonVerdict.Spam, start: -8) with { At = Now.AddSeconds(i) })];
        double[] weights = LessonWeights.Of(flood, Now.AddHours(1));
        Assert.InRange(weights.Sum(), 19.9, 20.001);
        TenantModel model = Build(flood)!;
        Assert.All(Enumerable.Range(0, 50), i => Assert.InRange(model.LogOdds(Mail("victim" + i.ToString(CultureInfo.InvariantCulture), i)), -2, 2));
    }

    [Fact]
    public void One_account_counts_like_sixty_lessons_at_most_and_its_newest_first()
    {
        Lesson[] year = [.. Enumerable.Range(0, 200).Select(i => Teach("k" + i.ToString(CultureInfo.InvariantCulture), i, LessonVerdict.Spam, at: Now.AddDays(-i / 10.0)))];
        double[] weights = LessonWeights.Of(year, Now);
        Assert.InRange(weights.Sum(), 0, LessonWeights.MostOfOne + 1e-9);
        Assert.True(weights[0] > 0.9);
        Assert.Equal(0, weights[199]);
    }

    [Fact]
    public void Mail_of_one_sender_counts_like_sixteen_lessons_at_most_whoever_teaches()
    {
        Lesson[] many = [.. Enumerable.Range(0, 60).Select(i => Teach("k" + i.ToString(CultureInfo.InvariantCulture), i, LessonVerdict.Spam, by: "agent" + (i % 10).ToString(CultureInfo.InvariantCulture), sender: 5))];
        Assert.InRange(LessonWeights.Of(many, Now.AddHours(1)).Sum(), 0, LessonWeights.MostOfSender + 1e-9);
    }

    [Fact]
    public void Of_one_mail_the_newest_word_counts_and_the_older_comes_back_when_it_is_taken_out()
    {
        Lesson ham = Teach("k", 1, LessonVerdict.Ham, "ann", start: 4), spam = Teach("k", 1, LessonVerdict.Spam, "eve", start: 4, at: Now.AddMinutes(5));
        Assert.Equal(Build([spam])!.ToBytes(), Build([ham, spam])!.ToBytes());
        Assert.True(Build([ham])!.LogOdds(Mail("k", 1)) < -0.5);
    }

    [Fact]
    public void The_order_of_lessons_changes_nothing_and_what_is_taken_out_leaves_nothing_behind()
    {
        Lesson[] honest = [.. Many("offers", 20, LessonVerdict.Spam), .. Many("letters", 10, LessonVerdict.Ham, "bob")], poison = [.. Many("customers", 500, LessonVerdict.Spam, "eve")];
        byte[] alone = Build(honest)!.ToBytes();
        Assert.Equal(alone, Build(honest.OrderBy(_ => s_random.Next()))!.ToBytes());
        Lesson[] all = [.. honest, .. poison];
        Assert.NotEqual(alone, Build(all)!.ToBytes());
        Assert.Equal(alone, Build(all.Where(l => l.By != "eve"))!.ToBytes());
    }

    [Fact]
    public void Lessons_fade_and_are_forgotten()
    {
        Lesson[] lessons = [.. Many("offers", 20, LessonVerdict.Spam)];
        double now = Build(lessons)!.LogOdds(Mail("offers", 99)), later = Build(lessons, Now.AddDays(360))!.LogOdds(Mail("offers", 99));
        Assert.InRange(later, 0.1, now - 0.3);
        Assert.Null(Build(lessons, Now.AddDays(LessonWeights.ForgottenAfterDays + 2)));
        Assert.True(LearnLessons.IsForgotten(lessons[0], Now.AddDays(LessonWeights.ForgottenAfterDays + 2)));
    }

    [Fact]
    public void Whatever_is_taught_no_mail_is_moved_beyond_the_bound()
    {
        TenantModel model = LearnLessons.Build([.. Enumerable.Range(0, 40).SelectMany(agent => Enumerable.Range(0, 20).Select(i =>
            Teach("k", (agent * 20) + i, LessonVerdict.Spam, "a" + agent.ToString(CultureInfo.InvariantCulture), start: double.NegativeInfinity, sender: agent)))], [], Now.AddHours(1))!;
        Assert.InRange(model.LogOdds(Mail("k", 5)), 0, TenantModel.Bound);
        Assert.Equal(0, model.LogOdds(new FeatureVector([], [])));
    }

    [Fact]
    public void A_model_survives_its_bytes_and_nothing_else_is_one()
    {
        TenantModel model = Build(Many("offers", 20, LessonVerdict.Spam))!;
        byte[] bytes = model.ToBytes();
        Assert.InRange(bytes.Length, 0, 48 * 1024);
        TenantModel read = TenantModel.FromBytes(bytes)!;
        Assert.Equal(bytes, read.ToBytes());
        Assert.Equal(model.LogOdds(Mail("offers", 3)), read.LogOdds(Mail("offers", 3)), 0.05);
        for (int i = 0; i < 300; i++)
        {
            byte[] broken = [.. bytes[..s_random.Next(bytes.Length + 1)]];
            if (broken.Length > 0) broken[s_random.Next(broken.Length)] ^= (byte)(1 << s_random.Next(8));
            if (TenantModel.FromBytes(broken) is { } odd) Assert.InRange(odd.LogOdds(Mail("offers", 3)), -TenantModel.Bound, TenantModel.Bound);
        }
    }

    [Fact]
    public void A_lesson_keeps_a_bounded_part_of_a_long_mail_and_the_same_part_of_the_same_text()
    {
        FeatureVector Long(string last)
        {
            using FeatureBuilder features = new();
            for (int i = 0; i < 900; i++) features.Add(FeatureGroup.Word, "w" + i.ToString(CultureInfo.InvariantCulture));
            for (int i = 0; i < 900; i++) features.Add(FeatureGroup.WordPair, "p" + i.ToString(CultureInfo.InvariantCulture));
            features.Add(FeatureGroup.Word, last);
            features.Add(FeatureGroup.Identity, "ann@customer.example");
            return features.Build();
        }

        FeatureVector one = LessonFeatures.Keep(Long("x")), other = LessonFeatures.Keep(Long("y"));
        Assert.InRange(one.Hashes.Length, 100, LessonFeatures.Most);
        Assert.True(one.Hashes.ToArray().Intersect(other.Hashes.ToArray()).Count() >= one.Hashes.Length - 2);
        Assert.Contains(one.Hashes.ToArray(), hash => FeatureVector.GroupOf(hash) == FeatureGroup.Identity);
        Assert.InRange(one.ToBytes().Length, 1, 4096);
    }
}
