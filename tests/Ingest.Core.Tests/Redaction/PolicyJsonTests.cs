using System.Text;
using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

public sealed class PolicyJsonTests
{
    private static RedactionPolicy Read(string json) => RedactionPolicy.FromJson(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void A_preset_is_the_start_and_the_rest_changes_it()
    {
        RedactionPolicy policy = Read("""
            { "preset": "pci", "confidence": 0.45, "types": { "card": "full", "email": "label", "phone": { "mask": "pseudonym", "confidence": 0.7 } }, // for people
              "countries": ["us", "UK"], "rulesOff": ["us.passport"], "allow": ["ORD-######", "ord-######"], "pdf": "withhold", "archives": "flag", "images": "withhold", "unreadable": "flag",
              "outgoing": ["card"], "dryRun": true, }
            """);

        Assert.Equal(RedactionPreset.Pci, policy.Preset);
        Assert.Equal(new TypePolicy(MaskStyle.Full), policy.Of(FindingType.Card));
        Assert.Equal(new TypePolicy(MaskStyle.Label), policy.Of(FindingType.Email));
        Assert.Equal(new TypePolicy(MaskStyle.Pseudonym, 0.7), policy.Of(FindingType.Phone));
        Assert.Equal(MaskStyle.Label, policy.Of(FindingType.Secret).Mask);
        Assert.Equal(MaskStyle.None, policy.Of(FindingType.Iban).Mask);
        Assert.Equal((0.45, 0.7), (policy.LeastConfidence(FindingType.Card), policy.LeastConfidence(FindingType.Phone)));
        Assert.Equal(["us", "gb"], policy.Countries);
        Assert.Equal(["ORD-######"], policy.Allow);
        Assert.False(policy.Covers("us.passport"));
        Assert.True(policy.Covers("us.ssn"));
        Assert.False(policy.Covers("de.steuerid"));
        Assert.Equal((FoundInPdf.Withhold, UnreadFile.Flag, UnreadFile.Withhold, UnreadFile.Flag), (policy.Pdf, policy.Archives, policy.Images, policy.Unreadable));
        Assert.Equal(OriginalMail.NotKept, policy.Original);
        Assert.True(policy.DryRun && policy.KeepsOriginal && policy.UsesPseudonyms);
        Assert.Equal([FindingType.Card], policy.Outgoing);
    }

    [Fact]
    public void Nothing_said_is_the_usual() => Assert.Equal(RedactionPolicy.Default.ToText(), Read("{}").ToText());

    [Theory]
    [InlineData(RedactionPreset.Default, "{\"preset\":\"default\"}")]
    [InlineData(RedactionPreset.Pci, "{\"preset\":\"pci\"}")]
    [InlineData(RedactionPreset.Gdpr, "{\"preset\":\"gdpr\"}")]
    [InlineData(RedactionPreset.Hipaa, "{\"preset\":\"hipaa\"}")]
    [InlineData(RedactionPreset.Off, "{\"preset\":\"off\"}")]
    public void Every_preset_can_be_kept_and_is_written_as_its_name_alone(RedactionPreset preset, string json)
    {
        RedactionPolicy policy = RedactionPolicy.Named(preset);
        Assert.Empty(CheckRedaction.Find(policy));
        Assert.Equal(json, Encoding.UTF8.GetString(policy.ToJson()));
        Assert.Equal(policy.ToText(), Read(policy.ToText()).ToText());
        Assert.Equal(policy.ToText(), CheckRedaction.Tidy(policy).ToText());
        Assert.Equal(preset == RedactionPreset.Off, policy.IsOff);
    }

    [Theory]
    [InlineData("[]", "object of settings: preset, confidence, types")]
    [InlineData("{", "no JSON (line 1)")]
    [InlineData("{\"typs\":{}}", "\"typs\" is no setting of a redaction policy. Known are: preset, confidence, types, countries, rulesOff")]
    [InlineData("{\"preset\":\"strict\"}", "Known are: default, pci, gdpr, hipaa, off")]
    [InlineData("{\"preset\":1}", "Known are: default, pci, gdpr, hipaa, off")]
    [InlineData("{\"types\":{\"creditCard\":\"full\"}}", "\"creditCard\" is no sort of finding. Known are: card, cardExpiry")]
    [InlineData("{\"types\":{\"card\":\"lastFive\"}}", "types.card: \"lastFive\" is no way to mask. Known are: lastFour, firstSixLastFour, label, pseudonym, full, none")]
    [InlineData("{\"types\":{\"card\":2}}", "types.card: this is no way to mask")]
    [InlineData("{\"types\":{\"card\":{\"style\":\"full\"}}}", "Known are: mask, confidence")]
    [InlineData("{\"types\":{\"card\":{\"confidence\":1.5}}}", "number from 0 to 1")]
    [InlineData("{\"types\":\"card\"}", "types is an object")]
    [InlineData("{\"confidence\":-0.1}", "number from 0 to 1")]
    [InlineData("{\"confidence\":\"high\"}", "number from 0 to 1")]
    [InlineData("{\"countries\":[\"xx\"]}", "two letters of ISO 3166")]
    [InlineData("{\"countries\":\"us\"}", "list of texts")]
    [InlineData("{\"allow\":[\"*\"]}", "would allow too much")]
    [InlineData("{\"allow\":[\"#### #### #### ####\"]}", "would allow too much")]
    [InlineData("{\"allow\":[\"AB?*\"]}", "would allow too much")]
    [InlineData("{\"allow\":[\"A\\u0001BCD\"]}", "control characters")]
    [InlineData("{\"rulesOff\":[\"us passport\"]}", "Rules are named")]
    [InlineData("{\"pdf\":\"keep\"}", "Known are: textCopy, withhold")]
    [InlineData("{\"images\":\"mask\"}", "Known are: flag, withhold")]
    [InlineData("{\"original\":\"shred\"}", "Known are: kept, notKept")]
    [InlineData("{\"outgoing\":[\"cards\"]}", "\"cards\" is no sort of finding")]
    [InlineData("{\"dryRun\":\"yes\"}", "true or false")]
    [InlineData("{\"preset\":\"pci\",\"original\":\"kept\"}", "keeps no original")]
    [InlineData("{\"preset\":\"pci\",\"types\":{\"cardCode\":\"none\"}}", "masks card, cardExpiry and cardCode")]
    [InlineData("{\"preset\":\"pci\",\"confidence\":1}", "at a confidence of 0.5 or less")]
    [InlineData("{\"preset\":\"pci\",\"types\":{\"cardCode\":{\"mask\":\"label\",\"confidence\":1}}}", "at a confidence of 0.5 or less")]
    [InlineData("{\"preset\":\"pci\",\"rulesOff\":[\"card.code\"]}", "asks all rules of cards")]
    [InlineData("{\"preset\":\"pci\",\"rulesOff\":[\"card\"]}", "asks all rules of cards")]
    [InlineData("{\"preset\":\"pci\",\"allow\":[\"4556*\"]}", "allows no pattern")]
    [InlineData("{\"preset\":\"pci\",\"types\":{\"cardCode\":\"pseudonym\"}}", "no trace of a security code")]
    [InlineData("{\"allow\":[\"(a+)+$\"]}", "looks like a regular expression")]
    [InlineData("{\"allow\":[\"ORD-\\\\d{6}\"]}", "looks like a regular expression")]
    [InlineData("{\"allow\":[\"ORD-[0-9]+\"]}", "looks like a regular expression")]
    [InlineData("{\"preset\":\"pci\",\"allow\":[\"1###\"]}", "allows no pattern")]
    [InlineData("{\"preset\":\"pci\",\"allow\":[\"CVV ###\"]}", "allows no pattern")]
    [InlineData("{\"preset\":\"default\",\"preset\":\"off\"}", "\"preset\" is said twice")]
    [InlineData("{\"types\":{\"card\":\"full\",\"Card\":\"none\"}}", "\"Card\" is said twice")]
    [InlineData("null", "object of settings")]
    public void What_is_wrong_is_said_with_its_fix(string json, string fix) => Assert.Contains(fix, Assert.Throws<RedactionPolicyException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Patterns_have_bounds()
    {
        Assert.Equal(100, Read($$"""{"allow":[{{string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"ORD-{i:000}##\""))}}]}""").Allow.Count);
        Assert.Throws<RedactionPolicyException>(() => Read($$"""{"allow":[{{string.Join(',', Enumerable.Range(0, 101).Select(i => $"\"ORD-{i:000}##\""))}}]}"""));
        Assert.Throws<RedactionPolicyException>(() => Read($$"""{"allow":["{{new string('A', 101)}}"]}"""));
    }

    [Fact]
    public void A_store_leaves_out_what_a_later_version_added()
    {
        RedactionPolicy policy = RedactionPolicy.FromStore("""{"preset":"pci","types":{"card":"quantum","palmPrint":"full","email":"label"},"outgoing":["palmPrint","card"],"pdf":"burn","moreover":1}"""u8.ToArray());
        Assert.Equal(RedactionPreset.Pci, policy.Preset);
        Assert.Equal(MaskStyle.LastFour, policy.Of(FindingType.Card).Mask);
        Assert.Equal(MaskStyle.Label, policy.Of(FindingType.Email).Mask);
        Assert.Equal([FindingType.Card], policy.Outgoing);
        Assert.Equal(FoundInPdf.TextCopy, policy.Pdf);
        Assert.Equal(RedactionPreset.Default, RedactionPolicy.FromStore("""{"preset":"strictest"}"""u8.ToArray()).Preset);
    }

    [Fact]
    public void Any_policy_comes_back_as_it_was_written()
    {
        Random random = new(8);
        for (int i = 0; i < 2000; i++)
        {
            RedactionPolicy policy = Any(random);
            Assert.Equal(policy.ToText(), RedactionPolicy.FromStore(policy.ToJson()).ToText());
            Assert.Equal(policy.ToText(), RedactionPolicy.FromStore(Encoding.UTF8.GetBytes(policy.ToText())).ToText());
            Assert.Equal(policy.ToJson(), RedactionPolicy.FromStore(policy.ToJson()).ToJson());
            if (CheckRedaction.Find(policy).Count == 0)
                Assert.Equal(CheckRedaction.Tidy(policy).ToText(), Read(policy.ToText()).ToText());
        }
    }

    [Fact]
    public void Any_bytes_are_a_policy_or_an_error_that_says_why()
    {
        Random random = new(9);
        for (int i = 0; i < 5000; i++)
        {
            byte[] json = Any(random).ToJson();
            for (int edits = random.Next(4); edits >= 0; edits--)
                json[random.Next(json.Length)] = (byte)random.Next(256);
            try
            {
                RedactionPolicy.FromJson(json);
            }
            catch (RedactionPolicyException e)
            {
                Assert.InRange(e.Message.Length, 10, 400);
            }
        }
    }

    private static RedactionPolicy Any(Random random)
    {
        T Of<T>() where T : struct, Enum => random.GetItems(Enum.GetValues<T>(), 1)[0];
        double Confidence() => Math.Round(random.NextDouble(), 3);
        List<string> Some(params string[] all) => [.. all.Where(_ => random.Next(2) == 0)];

        RedactionPolicy policy = RedactionPolicy.Named(Of<RedactionPreset>());
        Dictionary<FindingType, TypePolicy> types = policy.Types.ToDictionary();
        for (int i = random.Next(6); i > 0; i--)
            types[Of<FindingType>()] = new TypePolicy(Of<MaskStyle>(), random.Next(2) == 0 ? null : Confidence());
        return policy with
        {
            Types = types,
            Confidence = random.Next(2) == 0 ? policy.Confidence : Confidence(),
            Countries = Some("us", "gb", "de"),
            RulesOff = Some("us.passport", "phone"),
            Allow = Some("ORD-######", "\"q\"uoted\\####", "Bestellung Ä####"),
            Pdf = Of<FoundInPdf>(),
            Archives = Of<UnreadFile>(),
            Images = Of<UnreadFile>(),
            Unreadable = Of<UnreadFile>(),
            Original = Of<OriginalMail>(),
            Outgoing = [.. random.GetItems(Enum.GetValues<FindingType>(), random.Next(4)).Distinct()],
            DryRun = random.Next(2) == 0,
        };
    }
}
