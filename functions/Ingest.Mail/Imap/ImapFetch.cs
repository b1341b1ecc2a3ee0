using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Imap;

/// <summary>What a FETCH answer told of one message; what it did not is absent.</summary>
/// <param name="Uid">The message's UID.</param>
/// <param name="Received">When the server took it.</param>
/// <param name="Size">Its size in bytes, which servers have been seen to get wrong.</param>
public readonly record struct ImapMessageFacts(uint Uid, DateTimeOffset? Received, long? Size);

/// <summary>How a message came.</summary>
public enum ImapBody
{
    /// <summary>Whole.</summary>
    Complete = 1,
    /// <summary>The server answered without it.</summary>
    Missing = 2,
    /// <summary>It is longer than was allowed.</summary>
    TooLarge = 3,
}

/// <summary>A message that was fetched.</summary>
/// <param name="Uid">Its UID.</param>
/// <param name="Body">How it came.</param>
/// <param name="Raw">Its bytes; empty unless complete.</param>
/// <param name="Received">When the server took it, where it told.</param>
public readonly record struct ImapMail(uint Uid, ImapBody Body, ReadOnlyMemory<byte> Raw, DateTimeOffset? Received);

/// <summary>UID FETCH (RFC 3501 6.4.5) of facts and of whole messages, without marking them as read; never of BODYSTRUCTURE or ENVELOPE, which servers get wrong.</summary>
public static class ImapFetch
{
    private const int PieceBytes = 4 * 1024 * 1024;

    /// <summary>Sizes and times of messages; those that are gone are left out, and so are those whose answer makes no sense.</summary>
    public static async Task<List<ImapMessageFacts>> FetchFactsAsync(this ImapConnection imap, IReadOnlyList<uint> uids, CancellationToken cancel)
    {
        List<ImapMessageFacts> facts = new(uids.Count);
        foreach ((string set, _) in UidSet.Split(uids))
        {
            await imap.RunAsync(new ImapCommand("UID FETCH").Word(set).Word("(UID RFC822.SIZE INTERNALDATE)"), async response =>
            {
                if (response.Word == ImapWord.Fetch && await ReadAsync(imap.Reader, 0, cancel) is { Uid: > 0 } answer) facts.Add(new(answer.Uid, answer.Received, answer.Size));
            }, cancel);
        }

        return facts;
    }

    /// <summary>The UID of the first message of the folder, or of the last; null when there is none.</summary>
    public static async Task<uint?> FetchEdgeUidAsync(this ImapConnection imap, bool last, CancellationToken cancel)
    {
        uint? found = null;
        if (imap.Selected is { Exists: 0 }) return null;
        await imap.RunAsync(new ImapCommand("FETCH").Word(last ? "*" : "1").Word("(UID)"), async response =>
        {
            if (response.Word == ImapWord.Fetch && await ReadAsync(imap.Reader, 0, cancel) is { Uid: > 0 } answer) found = answer.Uid;
        }, cancel);
        return found;
    }

    /// <summary>
    /// Whole messages, many by one command, each handed out as soon as it is here and in the server's order. Those that are gone, or whose answer makes no
    /// sense, are left out. Breaking off the enumeration ends the connection.
    /// </summary>
    public static async IAsyncEnumerable<ImapMail> FetchMailAsync(this ImapConnection imap, IReadOnlyList<uint> uids, int limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        HashSet<uint> wanted = [.. uids];
        foreach ((string set, _) in UidSet.Split(uids))
        {
            bool isDone = false;
            try
            {
                await imap.SendAsync(new ImapCommand("UID FETCH").Word(set).Word("(UID INTERNALDATE BODY.PEEK[])"), cancel);
                while (!isDone)
                {
                    ImapResponse response = await imap.NextAsync(cancel);
                    if (isDone = response.EndsCommand) imap.Accepted(response);
                    // What has no body is news of the message that nobody asked for; the body may still come.
                    else if (response.Word == ImapWord.Fetch && await ReadAsync(imap.Reader, limit, cancel) is { Body: not 0 } answer && wanted.Remove(answer.Uid))
                        yield return new ImapMail(answer.Uid, answer.Body, answer.Raw, answer.Received);
                }
            }
            finally
            {
                if (!isDone) imap.Broken(WireFault.Dropped);
            }
        }
    }

    /// <summary>
    /// One large message in pieces of a few MiB, so that no step of it takes long; null when it is gone or the answer makes no sense, and
    /// <see cref="ImapBody.TooLarge"/> beyond <paramref name="limit"/> bytes. <paramref name="size"/> is a guess.
    /// </summary>
    public static async Task<ImapMail?> FetchLargeMailAsync(this ImapConnection imap, uint uid, long size, int limit, CancellationToken cancel)
    {
        using MemoryStream mail = new((int)Math.Clamp(size, 0, limit));
        while (true)
        {
            if (await FetchPieceAsync(imap, uid, mail.Length, limit, cancel) is not { } piece) return null;
            // Past the end some servers say NIL instead of nothing.
            if (piece.Body == ImapBody.Missing && mail.Length == 0) return new ImapMail(uid, ImapBody.Missing, default, piece.Received);
            if (piece.Body == ImapBody.TooLarge || mail.Length + piece.Raw.Length > limit) return new ImapMail(uid, ImapBody.TooLarge, default, piece.Received);
            mail.Write(piece.Raw.Span);
            // A server that knows no pieces sends the whole at once.
            if (piece.Raw.Length != PieceBytes) return new ImapMail(uid, ImapBody.Complete, mail.GetBuffer().AsMemory(0, (int)mail.Length), piece.Received);
        }
    }

    private static async Task<FetchAnswer?> FetchPieceAsync(ImapConnection imap, uint uid, long from, int limit, CancellationToken cancel)
    {
        FetchAnswer? piece = null;
        string items = string.Create(CultureInfo.InvariantCulture, $"(UID INTERNALDATE BODY.PEEK[]<{from}.{PieceBytes}>)");
        await imap.RunAsync(new ImapCommand("UID FETCH").Word(UidSet.Text(uid)).Word(items), async response =>
        {
            if (response.Word == ImapWord.Fetch && await ReadAsync(imap.Reader, limit, cancel) is { Body: not 0 } answer && answer.Uid == uid) piece = answer;
        }, cancel);
        return piece;
    }

    private readonly record struct FetchAnswer(uint Uid, DateTimeOffset? Received, long? Size, ImapBody Body, ReadOnlyMemory<byte> Raw);

    private static async ValueTask<FetchAnswer> ReadAsync(ImapReader reader, int limit, CancellationToken cancel)
    {
        FetchAnswer answer = default;
        reader.Spaces();
        if (!reader.Take((byte)'(')) return answer;
        while (true)
        {
            reader.Spaces();
            switch (ReadItem(reader))
            {
                case Item.Uid:
                    if (reader.TryNumber(out long uid) && uid <= uint.MaxValue) answer = answer with { Uid = (uint)uid };
                    break;
                case Item.Size:
                    if (reader.TryNumber(out long size)) answer = answer with { Size = size };
                    break;
                case Item.Date:
                    if (await reader.StringAsync(cancel) is { } date) answer = answer with { Received = InternalDate.Parse(date) };
                    break;
                case Item.Body:
                    bool isLiteral = reader.IsAtLiteral;
                    byte[]? raw = await reader.MailAsync(limit, cancel);
                    answer = answer with { Raw = raw, Body = raw is not null ? ImapBody.Complete : isLiteral ? ImapBody.TooLarge : ImapBody.Missing };
                    break;
                case Item.Other:
                    await reader.SkipValueAsync(cancel);
                    break;
                case Item.None:
                    // The end, or nothing that an item begins with.
                    return answer;
            }
        }
    }

    private enum Item
    {
        None,
        Other,
        Uid,
        Size,
        Date,
        Body,
    }

    private static Item ReadItem(ImapReader reader)
    {
        ReadOnlySpan<byte> name = reader.Word();
        Item item = name.Length switch
        {
            0 => Item.None,
            3 when Ascii.EqualsIgnoreCase(name, "UID"u8) => Item.Uid,
            4 when Ascii.EqualsIgnoreCase(name, "BODY"u8) && reader.Rest is [(byte)'[', (byte)']', ..] => Item.Body,
            11 when Ascii.EqualsIgnoreCase(name, "RFC822.SIZE"u8) => Item.Size,
            12 when Ascii.EqualsIgnoreCase(name, "INTERNALDATE"u8) => Item.Date,
            _ => Item.Other,
        };
        if (item != Item.None && reader.Take((byte)'['))
        {
            reader.Until((byte)']');
            reader.Take((byte)']');
            // The piece's place: "<0>".
            if (reader.Take((byte)'<'))
            {
                reader.Until((byte)'>');
                reader.Take((byte)'>');
            }
        }

        reader.Spaces();
        return item;
    }
}
