using Ingest.Core.Access;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class TenantKeysTests
{
    private static readonly InboxId Inbox = InboxId.Parse("support");

    [Fact]
    public void Names_have_their_promised_shapes()
    {
        using TenantKeys keys = Keys();
        string messageKey = keys.MessageKey(Inbox, "INBOX/77/1201");
        string ticket = keys.TicketId(messageKey);
        Assert.Matches("^[0-9a-hjkmnp-tv-z]{32}$", messageKey);
        Assert.Matches("^[0-9a-hjkmnp-tv-z]{26}$", ticket);
        Assert.Matches("^[0-9A-HJKMNP-TV-Z]{8}$", TenantKeys.DisplayNumber(ticket));
        Assert.StartsWith(TenantKeys.DisplayNumber(ticket), ticket, StringComparison.OrdinalIgnoreCase);
        Assert.Matches("^[0-9a-hjkmnp-tv-z]{32}$", keys.AnchorKey(Inbox, "<a@b>"));
        Assert.Matches("^1\\.[A-Za-z0-9_-]{22}$", keys.BlindIndex("contact.email", "a@example.com"));
        Assert.Equal(32, keys.Mac("reply", [1]).Length);
    }

    // Frozen: another implementation computed these from the keys 01…, 02…. A change here changes the identity of everything stored.
    [Fact]
    public void Names_never_change()
    {
        using TenantKeys keys = Keys();
        Assert.Equal("zpzzsdn41w73xj2wzpx2w4nt780c9e8x", keys.MessageKey(Inbox, "INBOX/77/1201"));
        Assert.Equal("1ey3wk91hdvdv6mq7kpv3ch4hc", keys.TicketId("0123456789abcdefghjkmnpqrstvwxyz"));
        Assert.Equal("cv82091zyt64515hsc4ywb9c8ah1wawd", keys.AnchorKey(Inbox, "<CAF\u00e9=1@mail.example>"));
        Assert.Equal("1.KgJ0IwxX9Nq4okS03J_56w", keys.BlindIndex("contact.email", "jos\u00e9@example.com"));
        Assert.Equal("8c532232a1081a1421cae1ac00a5749a7cfdc096e75755f0ac1960ab42e20e70", Convert.ToHexStringLower(keys.Mac("reply", "abc"u8)));
    }

    [Fact]
    public void Different_things_have_different_names()
    {
        using TenantKeys keys = Keys();
        using TenantKeys others = Keys(seed: 9);
        string[] names =
        [
            keys.MessageKey(Inbox, "1"),
            keys.MessageKey(Inbox, "2"),
            keys.MessageKey(InboxId.Parse("support1"), ""),
            keys.MessageKey(InboxId.Parse("suppor"), "t1"),
            others.MessageKey(Inbox, "1"),
            keys.AnchorKey(Inbox, "1"),
            keys.AnchorKey(InboxId.Parse("sales"), "1"),
        ];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.NotEqual(keys.BlindIndex("contact.email", "a"), keys.BlindIndex("phone", "a"));
        Assert.NotEqual(keys.BlindIndex("contact.email", "a"), others.BlindIndex("contact.email", "a"));
        Assert.NotEqual(keys.Mac("a", "bc"u8), keys.Mac("ab", "c"u8));
        Assert.Throws<ArgumentException>(() => keys.BlindIndex("a\0b", "c"));
    }

    [Theory]
    [InlineData("<id@mail.example>", " id@mail.example\t", true)]
    [InlineData("<id@mail.example>", "< id@mail.example >", true)]
    [InlineData("<id@mail.example>", "<ID@mail.example>", false)]
    [InlineData("<id@mail.example>", "<<id@mail.example>>", false)]
    [InlineData("<>", "", true)]
    public void A_message_id_is_known_by_what_is_inside_its_brackets(string one, string two, bool same)
    {
        using TenantKeys keys = Keys();
        Assert.Equal(same, keys.AnchorKey(Inbox, one) == keys.AnchorKey(Inbox, two));
    }

    [Fact]
    public void Odd_text_of_a_mail_never_throws()
    {
        using TenantKeys keys = Keys();
        Assert.NotEmpty(keys.AnchorKey(Inbox, "\uD800\0\uFFFF" + new string('x', 100_000)));
        Assert.NotEmpty(keys.MessageKey(Inbox, "\uDC00"));
        Assert.NotEmpty(keys.BlindIndex("message.id", "\0\uD800"));
    }

    [Fact]
    public void Keys_given_back_name_nothing()
    {
        TenantKeys keys = Keys();
        keys.Dispose();
        keys.Dispose();
        Assert.Throws<ObjectDisposedException>(() => keys.TicketId("m"));
        Assert.Equal("***", keys.ToString());
    }

    private static TenantKeys Keys(byte seed = 1)
    {
        TenantRoot root = new(TenantId.Parse("acme"), [1], indexEpochs: [1]);
        root.Secret.Write(root.IdKeyOffset, Enumerable.Repeat(seed, 32).ToArray());
        root.Secret.Write(root.IndexKeyOffset(1), Enumerable.Repeat((byte)(seed + 1), 32).ToArray());
        return new TenantKeys(root);
    }
}
