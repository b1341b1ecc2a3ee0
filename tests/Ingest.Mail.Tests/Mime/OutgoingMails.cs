using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;

namespace Ingest.Mail.Tests.Mime;

/// <summary>Mails to write, odd in every way a person or a sender can make them odd.</summary>
internal static class OutgoingMails
{
    // Pieces that mean something in headers or bodies, and characters of one to four bytes; a lone surrogate is what broken software hands on.
    private static readonly string[] Pieces =
    [
        "a", "Re: ", "word", " ", "  ", "\t", "\"", "\\", ",", ";", ":", "@", "<", ">", "(", ")", "=", "?", "=?", "?=", "=?utf-8?q?x?=", "=_", ".", "From ", "-- ", "--",
        "\r\n", "\n", "\r", "\0", "\u001b", "\u007f", "\r\nBcc: eve@evil.example\r\n\r\n", "é", "ß", "日本語", "Ω", "👩‍👩‍👧", "e\u0301", "\ud83d", "\u202e", "\u0085", "\u2028",
        "https://help.example/articles/a-long-address-that-no-line-of-a-header-can-hold-together-with-anything-else", "%", "'", "*", "/", "_", "{", "5",
    ];

    private static readonly Gen<string> Texts = Gen.Elements(Pieces).ListOf().Select(string.Concat);

    private static readonly Gen<string> Locals = Gen.Elements("a", "b.c", "support+r.0123456789abcdefghjkmnpqrs", "o'hara", "a..b", ".a", "\"quoted local\"", "\"a@t\"", "\"esc\\\"aped\\\\\"", "jörg");

    private static readonly Gen<string> Domains = Gen.Elements("example.test", "EXAMPLE.Test", "bücher.example", "日本語.example", "[192.0.2.1]", "[IPv6:2001:db8::1]");

    private static readonly Gen<MailAddress> Addresses =
        from name in Texts
        from local in Locals
        from domain in Domains
        select new MailAddress(name, $"{local}@{domain}");

    private static readonly Gen<string> Ids = Gen.Elements("1@a.example", "r.0123456789abcdefghjkmnpqrs.ABC@acme.example", "x$y%z@[10.0.0.1]", "no-at", new string('l', 300) + "@long.example");

    public static Gen<OutgoingMail> Any { get; } =
        from @from in Addresses
        from answers in Addresses.OrNull()
        from to in Addresses.ListOf()
        from cc in Addresses.ListOf()
        from subject in Texts
        from text in Texts
        from html in Texts.OrNull()
        from references in Ids.ListOf()
        from minutes in Gen.Choose(-720, 840)
        from files in Files.ListOf()
        from shown in Gen.Choose(0, 3)
        from more in Texts
        select new OutgoingMail
        {
            From = @from,
            ReplyTo = answers,
            To = [.. to],
            Cc = [.. cc],
            Subject = subject,
            Date = new DateTimeOffset(2026, 2, 28, 23, 59, 58, TimeSpan.FromMinutes(minutes)),
            MessageId = "r.0123456789abcdefghjkmnpqrs.42@acme.example",
            InReplyTo = references.FirstOrDefault(),
            References = [.. references],
            Text = text,
            Html = html,
            Attachments = [.. files.Select((file, i) => i < shown ? file with { ContentId = $"picture{i}$@acme.example" } : file)],
            Fields = [("Auto-Submitted", "auto-replied"), ("X-More", more)],
        };

    public static OutgoingMail Simple { get; } = new()
    {
        From = new MailAddress("Acme Support", "support@acme.example"),
        To = [new MailAddress("", "kim@customer.example")],
        Subject = "Your parcel",
        Date = new DateTimeOffset(2026, 11, 2, 9, 5, 0, TimeSpan.FromHours(1)),
        MessageId = "1@acme.example",
        Text = "Hello Kim,\nit is on its way.\n",
    };

    private static Gen<OutgoingAttachment> Files =>
        from name in Texts
        from type in Gen.Elements("application/pdf", "text/plain; charset=utf-8", "message/rfc822", "", "nonsense", "image/png; name=x\r\nBcc: y")
        from bytes in Gen.Choose(0, 255).Select(static b => (byte)b).ArrayOf()
        select new OutgoingAttachment(name, type, bytes);

    /// <summary>The text as UTF-8 can hold it.</summary>
    public static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
