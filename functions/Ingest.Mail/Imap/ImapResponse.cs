using System.Text;

namespace Ingest.Mail.Imap;

/// <summary>How a response begins.</summary>
internal enum ImapWord
{
    Other = 0,
    Ok,
    No,
    Bad,
    Bye,
    PreAuth,
    Capability,
    Exists,
    Expunge,
    Fetch,
    Search,
    ESearch,
    List,
    Status,
}

/// <summary>The beginning of a response; what follows is in the reader.</summary>
/// <param name="Kind">'*' for untagged, 'T' for the answer that ends our command, '+' for a request to continue.</param>
/// <param name="Word">What it is.</param>
/// <param name="Number">The number before the word, as in "12 EXISTS".</param>
internal readonly record struct ImapResponse(char Kind, ImapWord Word, long Number)
{
    public bool EndsCommand => Kind == 'T';
    public bool AsksToContinue => Kind == '+';

    public static ImapWord WordOf(ReadOnlySpan<byte> word) => word.Length switch
    {
        2 when Is(word, "OK"u8) => ImapWord.Ok,
        2 when Is(word, "NO"u8) => ImapWord.No,
        3 when Is(word, "BAD"u8) => ImapWord.Bad,
        3 when Is(word, "BYE"u8) => ImapWord.Bye,
        4 when Is(word, "LIST"u8) => ImapWord.List,
        5 when Is(word, "FETCH"u8) => ImapWord.Fetch,
        6 when Is(word, "EXISTS"u8) => ImapWord.Exists,
        6 when Is(word, "SEARCH"u8) => ImapWord.Search,
        6 when Is(word, "STATUS"u8) => ImapWord.Status,
        7 when Is(word, "EXPUNGE"u8) => ImapWord.Expunge,
        7 when Is(word, "ESEARCH"u8) => ImapWord.ESearch,
        7 when Is(word, "PREAUTH"u8) => ImapWord.PreAuth,
        10 when Is(word, "CAPABILITY"u8) => ImapWord.Capability,
        _ => ImapWord.Other,
    };

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(word, name);
}
