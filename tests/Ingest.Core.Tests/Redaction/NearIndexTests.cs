using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>The words around candidates, remembered for a text, are those that are there.</summary>
public sealed class NearIndexTests
{
    private static readonly string[] Pieces =
        ["your ", "Code", " is ", "493021", "phone", "PHONE:", "order-", "o'clock ", "[phone]", "[ID number] ", "тел. ", "电话", "ü", "\n", ". ", "ip", "version ", "key", "s", "  ", "a", "pin", "zip", "?", "sécurité "];

    [Fact]
    public void What_is_remembered_is_what_a_fresh_look_finds()
    {
        Random random = new(7);
        NearWords[] sets = [.. OneTimeCodes.Indexed, .. Phones.Indexed, .. RandomText.Indexed, .. PostalAddresses.Indexed, .. IpAddresses.Indexed];
        NearIndex index = new();
        int found = 0;
        for (int round = 0; round < 400; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            index.Clear();
            for (int look = 0; look < 60; look++)
            {
                NearWords wanted = sets[random.Next(sets.Length)];
                int to = random.Next(text.Length + 1), from = random.Next(to + 1), reach = random.Next(80);
                bool there = wanted.Within(text.AsSpan(from, to - from));
                found += there ? 1 : 0;
                Assert.Equal(there, index.Within(text, wanted, from, to));
                Assert.Equal(wanted.Before(text, to, reach), index.Before(text, wanted, to, reach));
                Assert.True(!there || index.MayHold(text, wanted, from, to));
            }
        }
        Assert.InRange(found, 100, 24_000);
    }
}
