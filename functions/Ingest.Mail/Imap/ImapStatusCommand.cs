using System.Text;

namespace Ingest.Mail.Imap;

/// <summary>STATUS (RFC 3501 6.3.10).</summary>
public static class ImapStatusCommand
{
    /// <summary>A folder's numbers without opening it; those that the server does not tell are 0.</summary>
    public static async Task<ImapFolderState> StatusAsync(this ImapConnection imap, string folder, CancellationToken cancel)
    {
        ImapFolderState state = new(folder, 0, 0, 0, IsReadOnly: true);
        await imap.RunAsync(new ImapCommand("STATUS").Mailbox(folder).Word("(MESSAGES UIDNEXT UIDVALIDITY)"), async response =>
        {
            if (response.Word != ImapWord.Status) return;
            imap.Reader.Spaces();
            await imap.Reader.StringAsync(cancel);
            state = ReadItems(imap.Reader, state);
        }, cancel);
        return state;
    }

    private static ImapFolderState ReadItems(ImapReader reader, ImapFolderState state)
    {
        reader.Spaces();
        reader.Take((byte)'(');
        while (true)
        {
            reader.Spaces();
            ReadOnlySpan<byte> item = reader.Word();
            if (item.IsEmpty) return state;
            string name = Encoding.ASCII.GetString(item).ToUpperInvariant();
            reader.Spaces();
            if (!reader.TryNumber(out long number) && reader.Word().IsEmpty) return state;
            state = name switch
            {
                "MESSAGES" => state with { Exists = number },
                "UIDNEXT" => state with { UidNext = ToUint(number) },
                "UIDVALIDITY" => state with { UidValidity = ToUint(number) },
                _ => state,
            };
        }
    }

    private static uint ToUint(long number) => number is >= 0 and <= uint.MaxValue ? (uint)number : 0;
}
