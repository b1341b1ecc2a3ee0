using System.Security.Cryptography;

namespace Ingest.Core.Spam.Training;

/// <summary>A mail to learn from.</summary>
/// <param name="Raw">Its bytes.</param>
/// <param name="IsSpam">What it is.</param>
/// <param name="Weight">How often it counts: corpora of many mails once, written examples more.</param>
/// <param name="AnyLanguage">True where wanted mail of the same language is there too; of other mail in a language without counterpart only the form is learned.</param>
public sealed record TrainingMail(ReadOnlyMemory<byte> Raw, bool IsSpam, double Weight = 1, bool AnyLanguage = false);

/// <summary>Makes a model from mails: bit for bit the same from the same mails, in whatever order they come.</summary>
public static class SpamTraining
{
    private const int Folds = 5;
    private const int AllGroups = 0x7F;
    // Without the header, as mail comes from forms, forwards and other years.
    private const int ContentGroups = AllGroups & ~(1 << (int)FeatureGroup.Header) & ~(1 << (int)FeatureGroup.Trace) & ~(1 << (int)FeatureGroup.Structure);
    private const float Step = 2f / 127;
    private const int FewWords = 20, CommonWords = 3;

    private static readonly uint[] s_english = [.. new[] { "the", "and", "you", "your", "for", "this", "with", "that", "have", "from", "are", "not", "will", "can" }.Select(w => HashOfWord(w))];

    private sealed record Example(FeatureVector Features, double Offset, TrainingMail Mail, int Groups, byte[] Digest);

    /// <summary>Trains a model.</summary>
    public static SpamModel Train(IEnumerable<TrainingMail> mails) => Train(mails, new FtrlSettings());

    internal static SpamModel Train(IEnumerable<TrainingMail> mails, FtrlSettings settings)
    {
        List<Example> examples = [.. mails.Select(Look).OrderBy(e => Convert.ToHexString(e.Digest), StringComparer.Ordinal).ThenBy(e => e.Mail.IsSpam)];
        if (!examples.Exists(e => e.Mail.IsSpam) || !examples.Exists(e => !e.Mail.IsSpam)) throw new FormatException("A model is learned from mails of both kinds: ham and spam.");

        double[] odds = new double[examples.Count], bare = new double[examples.Count];
        for (int fold = 0; fold < Folds; fold++)
        {
            Ftrl learner = Learn([.. examples.Where(e => FoldOf(e) != fold)], settings);
            for (int i = 0; i < examples.Count; i++)
            {
                if (FoldOf(examples[i]) != fold) continue;
                odds[i] = examples[i].Offset + learner.LogOdds(examples[i].Features, AllGroups);
                bare[i] = examples[i].Offset + learner.LogOdds(examples[i].Features, AllGroups & ~(1 << (int)FeatureGroup.Trace));
            }
        }

        Calibration calibration = Calibrate(examples, odds);
        double[] ham = [.. examples.Select((e, i) => (e, i)).Where(x => !x.e.Mail.IsSpam).DistinctBy(x => Convert.ToHexString(x.e.Digest)).Select(x => Math.Max(odds[x.i], bare[x.i])).OrderDescending()];
        return new SpamModel(Quantise(Learn(examples, settings), examples), Step, calibration, HamShares.Of(ham, calibration));
    }

    private static Example Look(TrainingMail mail)
    {
        MailFile file = MailFile.Read(mail.Raw);
        using var reading = new MailReading(file.Message, file.Auth, file.Screened, file.Context);
        FeatureVector features = reading.Features.Build();
        double offset = Classify.Prior;
        foreach (SpamReason sign in reading.Signs)
            offset += sign.Weight;
        int groups = mail.AnyLanguage || IsEnglish(features) ? AllGroups : AllGroups & ~((1 << (int)FeatureGroup.Word) | (1 << (int)FeatureGroup.WordPair) | (1 << (int)FeatureGroup.Subject));
        return new Example(features, offset, mail, groups, SHA256.HashData(mail.Raw.Span));
    }

    private static int FoldOf(Example example) => example.Digest[^2] % Folds;

    private static Ftrl Learn(IReadOnlyList<Example> examples, FtrlSettings settings)
    {
        var learner = new Ftrl(settings);
        for (int pass = 0; pass < settings.Passes; pass++)
        {
            // Another order each time, drawn from the mails themselves.
            foreach (Example example in examples.OrderBy(e => FeatureBuilder.Mix(BitConverter.ToUInt32(e.Digest), (uint)pass)).ThenBy(e => Convert.ToHexString(e.Digest), StringComparer.Ordinal))
            {
                learner.Learn(example.Features, example.Groups, example.Offset, example.Mail.IsSpam, example.Mail.Weight);
                learner.Learn(example.Features, example.Groups & ContentGroups, example.Offset, example.Mail.IsSpam, example.Mail.Weight);
            }
        }

        return learner;
    }

    private static sbyte[] Quantise(Ftrl learner, List<Example> examples)
    {
        var weights = new sbyte[SpamModel.Places];
        foreach (Example example in examples)
            foreach (uint hash in example.Features.Hashes)
                if (FeatureVector.GroupOf(hash) != FeatureGroup.Identity) weights[SpamModel.PlaceOf(hash)] = (sbyte)Math.Clamp(Math.Round(learner.Weight(hash) / Step), -127, 127);
        return weights;
    }

    // Platt's line by Newton's steps, with his correction of the targets, so that perfect separation gives no infinite slope.
    private static Calibration Calibrate(List<Example> examples, double[] odds)
    {
        double spam = examples.Count(e => e.Mail.IsSpam), ham = examples.Count - spam, high = (spam + 1) / (spam + 2), low = 1 / (ham + 2);
        double slope = 1, offset = 0;
        for (int round = 0; round < 50; round++)
        {
            double g1 = 0, g0 = 0, h11 = 1e-6, h10 = 0, h00 = 1e-6;
            for (int i = 0; i < odds.Length; i++)
            {
                double p = PlainMath.Sigmoid((slope * odds[i]) + offset), error = p - (examples[i].Mail.IsSpam ? high : low), w = p * (1 - p);
                (g1, g0, h11, h10, h00) = (g1 + (error * odds[i]), g0 + error, h11 + (w * odds[i] * odds[i]), h10 + (w * odds[i]), h00 + w);
            }

            double det = (h11 * h00) - (h10 * h10), d1 = ((h00 * g1) - (h10 * g0)) / det, d0 = ((h11 * g0) - (h10 * g1)) / det;
            slope = Math.Clamp(slope - Math.Clamp(d1, -0.5, 0.5), 0.05, 5);
            offset = Math.Clamp(offset - Math.Clamp(d0, -1, 1), -10, 10);
        }

        return new Calibration(slope, offset);
    }

    // A text of some length without the words that every English text has is in another language.
    private static bool IsEnglish(FeatureVector features)
    {
        ReadOnlySpan<uint> hashes = features.Hashes;
        int common = 0, words = 0;
        foreach (uint hash in s_english)
            common += hashes.BinarySearch(hash) >= 0 ? 1 : 0;
        while (words < hashes.Length && FeatureVector.GroupOf(hashes[words]) == FeatureGroup.Word)
            words++;
        return words < FewWords || common >= CommonWords;
    }

    private static uint HashOfWord(string word)
    {
        using var one = new FeatureBuilder();
        one.Add(FeatureGroup.Word, word);
        return one.Build().Hashes[0];
    }
}
