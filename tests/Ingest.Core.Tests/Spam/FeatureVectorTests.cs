using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Spam;

public sealed class FeatureVectorTests
{
    private static readonly AuthVerdict Unknown = new(AuthResult.None, AuthResult.None, AuthResult.None, "example.com", false, null, AuthCode.NoTrustedField);
    private static readonly ScreenInputs Inputs = new(new OwnAddresses([]), _ => false);

    private static FeatureVector Extract(byte[] mail)
    {
        MailMessage message = MailMessage.Parse(mail);
        return SpamFeatures.Extract(message, Unknown, Screen.Decide(message, Unknown, Inputs), SpamContext.None);
    }

    private static byte[] Mail(string body) => Encoding.UTF8.GetBytes($"From: Ada <ada@example.com>\nSubject: Broken lamp\n\n{body}\n");

    [Fact]
    public void The_features_of_a_mail_are_sorted_and_distinct()
    {
        FeatureVector features = Extract(Mail("My lamp does not shine. My lamp is dark."));
        uint[] hashes = features.Hashes.ToArray();
        Assert.NotEmpty(hashes);
        Assert.Equal(hashes.Distinct().Order(), hashes);
        Assert.All(features.Values.ToArray(), value => Assert.InRange(value, float.Epsilon, 1));
    }

    [Fact]
    public void The_same_mail_has_the_same_features_and_another_mail_has_others()
    {
        Assert.Equal(Extract(Mail("Where is my order?")).ToBytes(), Extract(Mail("Where is my order?")).ToBytes());
        Assert.NotEqual(Extract(Mail("Where is my order?")).ToBytes(), Extract(Mail("Where is my invoice?")).ToBytes());
    }

    [Fact]
    public void A_vector_survives_being_written_and_read()
    {
        FeatureVector features = Extract(Mail(string.Join(' ', Enumerable.Range(0, 400).Select(i => $"word{(char)('a' + i % 26)}{(char)('a' + i / 26)}"))));
        FeatureVector read = FeatureVector.FromBytes(features.ToBytes())!;
        Assert.Equal(features.Hashes.ToArray(), read.Hashes.ToArray());
        Assert.Equal(features.Values.ToArray(), read.Values.ToArray());
    }

    [Fact]
    public void Bytes_that_are_no_vector_are_refused_and_never_throw()
    {
        byte[] good = Extract(Mail("Where is my order?")).ToBytes();
        for (int length = 0; length < good.Length; length++)
            Assert.Null(FeatureVector.FromBytes(good.AsSpan(0, length)));
        Assert.Null(FeatureVector.FromBytes([.. good, 0]));
        Prop.ForAll<byte[]>(bytes => FeatureVector.FromBytes(bytes) is null or { Hashes.Length: <= FeatureVector.Most }).QuickCheckThrowOnFailure();
        Prop.ForAll(Gen.Choose(0, good.Length - 1).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (at, value) =>
        {
            byte[] broken = [.. good];
            broken[at] = (byte)value;
            return FeatureVector.FromBytes(broken) is null or { Hashes.Length: <= FeatureVector.Most };
        }).QuickCheckThrowOnFailure();
    }
}
