using System.Text;
using System.Text.Json;
using Ingest.LocalHost.Envelopes;
using Ingest.LocalHost.Queues;
using Xunit;

namespace Ingest.App.Tests.LocalHost;

public sealed class OutputTests
{
    [Theory]
    [InlineData("\"plain words, no base\"", false, "plain words, no base")]
    [InlineData("\"b2s=\"", false, "ok")]
    [InlineData("\"b2s=\"", true, "b2s=")]
    [InlineData("\"\"", false, "")]
    [InlineData("\"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\"", false, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6")]
    [InlineData("[]", false)]
    [InlineData("[\"b2s=\",1.0,true]", false, "b2s=", "1.0", "True")]
    [InlineData("{\"a\":[],\"b\":{}}", false, "{\n  \"a\": [],\n  \"b\": {}\n}")]
    [InlineData("\" {\\\"a\\\":1} \"", false, "{\n  \"a\": 1\n}")]
    [InlineData("\"[1,2]\"", false, "1", "2")]
    [InlineData("\"{not json}\"", false, "{not json}")]
    [InlineData("{\"at\":\"2026-11-22T02:00:00.500Z\",\"n\":1.10,\"e\":1e2}", false, "{\n  \"at\": \"2026-11-22T02:00:00.5Z\",\n  \"n\": 1.1,\n  \"e\": 100.0\n}")]
    [InlineData("42", false, "42")]
    public void An_output_becomes_the_messages_the_host_would_send(string value, bool binary, params string[] messages)
    {
        using JsonDocument document = JsonDocument.Parse(value);

        Assert.Equal(messages, QueueOutputs.Messages(document.RootElement, binary).Select(Encoding.UTF8.GetString));
    }

    [Theory]
    // A hexadecimal GUID and words of the right length are base64 too, white space and all: they leave as garbage.
    [InlineData("f81d4fae7dec11d0a76500a0c91e6bf6")]
    [InlineData("abcd")]
    [InlineData("lower case key")]
    public void Words_that_happen_to_be_base64_are_decoded(string word)
    {
        using JsonDocument document = JsonDocument.Parse(JsonSerializer.Serialize(word));

        Assert.Equal([Convert.FromBase64String(word)], QueueOutputs.Messages(document.RootElement, binary: false));
    }

    [Theory]
    [InlineData("x\"y", """
        "\"x\\\"y\""
        """)]
    [InlineData("tab\tline\nend", """
        "\"tab\\tline\\nend\""
        """)]
    [InlineData("ümlaut € 😀 <b>'&+/", """
        "\"ümlaut € 😀 <b>'&+/\""
        """)]
    [InlineData("\u0001\u0085\u2028", """
        "\"\\u0001\\u0085\\u2028\""
        """)]
    public void A_string_is_encoded_twice_with_the_hosts_escapes(string text, string json)
    {
        Envelope envelope = new();
        envelope.Data.Add(("item", text));

        Assert.Equal($$$"""{"Data":{"item":{{{json}}}},"Metadata":{}}""", Encoding.UTF8.GetString(envelope.ToUtf8()));
    }

    [Fact]
    public void Values_are_encoded_by_their_kind()
    {
        Envelope envelope = new();
        envelope.Data.Add(("nothing", null));
        envelope.Data.Add(("bytes", new byte[] { 1, 2, 3 }));
        envelope.Metadata["Count"] = 1L;
        envelope.Metadata["Flag"] = true;
        envelope.Metadata["When"] = new DateTimeOffset(2026, 11, 22, 2, 0, 0, 123, TimeSpan.Zero);
        envelope.Metadata["Gone"] = null;
        envelope.Metadata["QueueTrigger"] = "left out";
        envelope.Metadata["Object"] = new RawJson("{\"a\":1}");
        envelope.Metadata["COUNT"] = 2L;

        Assert.Equal(
            """{"Data":{"nothing":"null","bytes":"AQID"},"Metadata":{"Count":"2","Flag":"true","When":"2026-11-22T02:00:00+00:00","Object":{"a":1}}}""",
            Encoding.UTF8.GetString(envelope.ToUtf8()));
    }

    [Fact]
    public void Spilt_properties_are_texts_except_objects_and_arrays_stay_behind()
    {
        Envelope envelope = new();
        envelope.Metadata["Id"] = "host's";

        BodyProperties.Spill("""{"ID":"mine","n":1.50,"i":12345678901234567890,"t":true,"z":null,"o":{"a":[1]},"arr":[1],"when":"2026-11-22T04:00:00+02:00","day":"2026-11-22"}""", envelope);

        Assert.Equal(
            """{"Data":{},"Metadata":{"Id":"\"mine\"","n":"\"1.5\"","i":"\"12345678901234567890\"","t":"\"True\"","z":"\"\"","o":{"a":[1]},"when":"\"11/22/2026 02:00:00\"","day":"\"2026-11-22\""}}""",
            Encoding.UTF8.GetString(envelope.ToUtf8()));
    }

    [Theory]
    [InlineData("[{\"a\":1}]")]
    [InlineData("{\"a\":1")]
    [InlineData("{a}")]
    [InlineData("")]
    public void What_is_no_json_object_spills_nothing(string body)
    {
        Envelope envelope = new();

        BodyProperties.Spill(body, envelope);

        Assert.Empty(envelope.Metadata);
    }

    [Fact]
    public void An_object_return_value_wins_over_outputs_unless_it_has_a_binding_of_its_own()
    {
        Answer answer = Answer.Read(200, "application/json", """{"OUTPUTS":{"a":1,"b":2},"returnvalue":{"b":3}}"""u8.ToArray());

        Assert.Equal(("1", "3", "2"), (Text(answer.Output("a", false)), Text(answer.Output("b", false)), Text(answer.Output("b", true))));
        Assert.Equal("{\"b\":3}", Text(answer.Output("$return", true)));
        Assert.Null(answer.Output("A", false));
    }

    [Fact]
    public void Idle_polls_grow_apart_up_to_the_longest_interval()
    {
        PollDelay delay = new(TimeSpan.FromSeconds(1), () => 0.5);
        double[] First() => [.. Enumerable.Range(0, 6).Select(_ => delay.Next().TotalMilliseconds)];

        Assert.Equal([100, 200, 300, 500, 900, 1000], First());
        delay.Found();
        Assert.Equal(100, delay.Next().TotalMilliseconds);
        for (int i = 0; i < 2_000; i++)
            Assert.InRange(delay.Next().TotalMilliseconds, 100, 1000);
    }

    private static string? Text(JsonElement? value) => value?.GetRawText();
}
