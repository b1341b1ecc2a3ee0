using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Training;
using Xunit;

namespace Ingest.Core.Tests.Spam;

public sealed class SpamModelTests
{
    [Fact]
    public void The_shipped_model_is_small_and_its_lines_rise_with_the_care_that_is_asked_for()
    {
        Assert.InRange(SpamModel.Base.ToBytes().Length, 10_000, 2 * 1024 * 1024);
        Assert.True(SpamModel.Base.Calibration.Slope > 0);
        double[] lines = [.. new[] { 10, 100, 1000, 2000, 10_000, 1_000_000 }.Select(n => SpamThresholds.ForOneCustomerIn(n).SpamFrom)];
        Assert.Equal(lines.Order(), lines);
        Assert.All(lines, line => Assert.InRange(line, 0.001, 1));
        Assert.Equal(SpamThresholds.ForOneCustomerIn(SpamThresholds.UsualOneIn), SpamThresholds.Default);
        Assert.True(SpamThresholds.Default.UnsureFrom < SpamThresholds.Default.SpamFrom);
    }

    [Fact]
    public void A_model_survives_being_written_and_read()
    {
        byte[] bytes = SpamModel.Base.ToBytes();
        Assert.Equal(bytes, SpamModel.FromBytes(bytes).ToBytes());
    }

    [Fact]
    public void A_damaged_model_is_refused_with_a_reason()
    {
        byte[] good = SpamModel.Base.ToBytes();
        Assert.Throws<FormatException>(() => SpamModel.FromBytes([]));
        Assert.Throws<FormatException>(() => SpamModel.FromBytes([2, .. good[1..]]));
        for (int length = 0; length < 200; length++)
            Assert.Throws<FormatException>(() => SpamModel.FromBytes(good.AsSpan(0, length)).ScoreForOneIn(length < 190 ? 1 : throw new FormatException()));
    }

    [Fact]
    public void The_same_mails_make_the_same_model_in_whatever_order_they_come()
    {
        TrainingMail[] mails = [.. WrittenMail.ReadAll(File.ReadAllText(Path.Combine(SpamCorpora.Written, "en-ham.txt"))), .. WrittenMail.ReadAll(File.ReadAllText(Path.Combine(SpamCorpora.Written, "en-spam.txt")))];
        byte[] one = SpamTraining.Train(mails).ToBytes(), other = SpamTraining.Train(mails.Reverse()).ToBytes();
        Assert.Equal(one, other);
        Assert.NotEqual(one, SpamTraining.Train(mails.Skip(1)).ToBytes());
    }

    [Fact]
    public void Mail_of_one_kind_only_makes_no_model() =>
        Assert.Throws<FormatException>(() => SpamTraining.Train([new TrainingMail(Encoding.ASCII.GetBytes("Subject: x\n\nhello\n"), IsSpam: true)]));

    [Fact]
    public void The_shipped_model_is_the_one_that_its_stated_mails_make()
    {
        byte[] trained = SpamTraining.Train(SpamCorpora.Shipped()).ToBytes();
        Assert.True(SpamModel.Base.ToBytes().AsSpan().SequenceEqual(trained),
            $"What the filter looks at has changed since the model was trained ({Convert.ToHexStringLower(SHA256.HashData(trained))} now): train it again, as functions/Ingest.Core/Spam/README.md says, and look at the numbers.");
    }

    [Fact]
    public void The_exponential_function_is_right_to_the_last_digits()
    {
        for (double x = -40; x <= 40; x += 0.37)
            Assert.InRange(PlainMath.Exp(x) / Math.Exp(x), 1 - 1e-13, 1 + 1e-13);
        Assert.Equal(0.5, PlainMath.Sigmoid(0));
    }
}
