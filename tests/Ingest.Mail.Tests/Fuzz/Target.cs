using System.Text;
using Ingest.Mail.Auth;
using Ingest.Mail.Imap;
using Ingest.Mail.Mime;
using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Fuzz;

/// <summary>A parser that is given anything, and what must be true of its answer.</summary>
/// <param name="Name">What it reads.</param>
/// <param name="Try">Reads the bytes and asserts.</param>
/// <param name="PerByte">Bytes it may allocate for each byte of input, besides a megabyte.</param>
/// <param name="Seeds">Inputs to start from; mails, if none.</param>
internal sealed record Target(string Name, Action<byte[]> Try, int PerByte, params string[] Seeds)
{
    private static readonly ParseLimits Limits = ParseLimits.Default;

    public static IReadOnlyList<Target> All { get; } =
    [
        new("mail", MailTarget.Read, 1500),
        new("mail in pieces", MailTarget.Pieces, 1500),
        new("mail with either line end", MailTarget.LineEnds, 3000),
        new("addresses", Addresses, 100, "\"Smith, J\" (x (y)) <a@b.example>, c@d.example; group: e@f.example, =?utf-8?q?g?= <h@i>;", "<@a,@b:c@d> \"q\\\"\"@x, [a@[1.2.3.4]]"),
        new("date", static b => DateReader.Read(Text(b)), 10, "Thu, 1 Jan 2026 24:00:60 +0130 (comment)", "2026-01-02T03:04:05.678Z", "1/2/26 3:04 pm EST"),
        new("ids", Ids, 100, "<a@b> <c d@e>, f@g.example", "Your message of Monday"),
        new("parameters", Parameters, 400, "text/plain; charset=utf-8; name*0*=utf-8''%41; name*1=\"b\\\"\"; name*2*=%4; (c) x=y", "attachment; filename=a b.txt; filename*=iso-8859-1'en'%A4"),
        new("encoded words", Words, 60, "=?utf-8?q?a_=C3=A4?= =?utf-8?b?w6Q=?= x=?x?Q??=", "=?iso-2022-jp*ja?B?GyRCJDM=?= =?iso-2022-jp?B?JHMbKEI=?="),
        new("html to text", static b => Assert.DoesNotContain('\0', HtmlText.Convert(Text(b).Replace("\0", "", StringComparison.Ordinal))), 400, "<table><tr><td>a<td><a href=http://x>b</a></table><pre> c\n</pre><blockquote>d</blockquote>&amp;&#x41;<ul><li>e"),
        new("safe html", static b => Assert.DoesNotContain("<script", SafeHtml.Convert(Text(b), static _ => null).Html, StringComparison.OrdinalIgnoreCase), 600, "<p style='color:red' onclick=x>a<img src=cid:1><svg><script>alert(1)</script><a href=javascript:x>b</a>"),
        new("reply trimmer", Trim, 200, "Hi\n\nOn Tue, 3 Mar 2026, Bob <b@x> wrote:\n> a\n>> b\nanswer\n-- \nme\nSent from my iPhone\n-----Original Message-----\nFrom: a\nSent: b\nTo: c\nSubject: d\n\ne"),
        new("Authentication-Results", static b => AuthenticationResults.TryParse(Text(b), out _), 200, "mx.example.org 1; spf=pass (ok) smtp.mailfrom=a@b.example; dkim=fail reason=\"x\" header.d=b.example; dmarc=none"),
        new("mbox", MboxTarget.Read, 60, "From a@b Thu Jan  1 00:00:00 2026\nSubject: x\n\n>From y\n\nFrom c@d Thu Jan  1 00:00:01 2026\n\nz\n"),
        new("modified UTF-7", static b => ModifiedUtf7.Decode(Text(b)), 60, "INBOX/&ZeVnLIqe-/&-/&AOQ"),
        new("flowed text", static b => FlowedText.Join(Text(b).Replace("\r", "", StringComparison.Ordinal), b.Length % 2 == 0), 60, "> a \n> b\n>> c \n d \n-- \ne "),
        new("quoted date", static b => QuotedDate.Read(Text(b)), 100, "Tuesday, March 3, 2026 at 3:04 PM", "le 3 mars 2026 \u00e0 15:04"),
        new("html references", static b => HtmlEntities.Decode(Text(b)), 60, "&amp;&#x1F600;&#65;&notin;&hearts&copy=&#xFFFFFFFFF;"),
        new("charset guess", static b => Assert.NotNull(CharsetGuess.Of(b)), 60, "gr\u00fc\u00df", "\u041f\u0440\u0438\u0432\u0435\u0442"),
        new("file name", static b => Assert.NotEmpty(SafeFileName.Of(Text(b), "application/pdf")), 100, "../con.txt\u202Efdp.exe", "C:\\a\\b.doc"),
        .. PackedTargets.All,
    ];

    private static string Text(byte[] bytes) => bytes.Length % 3 == 0 ? Encoding.Latin1.GetString(bytes) : Encoding.UTF8.GetString(bytes);

    private static void Addresses(byte[] bytes)
    {
        var found = AddressReader.Read(Text(bytes), Limits.MaxAddresses);
        Assert.True(found.Count <= Limits.MaxAddresses);
        Assert.DoesNotContain(found, static a => (a.Address.Length == 0 && a.Name.Length == 0) || a.Address.AsSpan().ContainsAny('\r', '\n', '\0') || a.Name.AsSpan().ContainsAny('\r', '\n', '\0'));
    }

    private static void Ids(byte[] bytes)
    {
        var text = Text(bytes);
        Assert.All(MessageIds.Many(text, Limits), static id => Assert.False(id.Length == 0 || id.Length > Limits.MaxIdLength || id.Any(static c => c is <= ' ' or '<' or '>')));
        _ = MessageIds.One(text, Limits);
    }

    private static void Parameters(byte[] bytes)
    {
        var read = HeaderParameters.Parse(bytes, null, Limits.MaxParameters);
        foreach (var name in read.Names)
            Assert.False(read[name].AsSpan().ContainsAny('\r', '\n', '\0'));
    }

    private static void Words(byte[] bytes)
    {
        Assert.False(HeaderText.Decode(bytes, null).AsSpan().ContainsAny('\r', '\n', '\0'));
        _ = EncodedWords.Decode(Text(bytes));
    }

    private static void Trim(byte[] bytes)
    {
        var text = Text(bytes).Replace('\r', '\n');
        var trimmed = ReplyTrimmer.Trim(text);
        Assert.Equal(Letters(text), Letters(trimmed.Reply + trimmed.Elided + trimmed.Signature));
        Assert.Equal(Letters(text), Letters(trimmed.Reply + trimmed.Cut));
    }

    // The end of a line may be parted from its beginning, so that lines are no measure.
    private static string Letters(string text) => string.Concat(text.Where(static c => !char.IsWhiteSpace(c)).Order());
}
