using System.Text;
using Ingest.Core.Mailboxes;

namespace Ingest.Core.Tests.Mailboxes;

/// <summary>A mailbox at the twin, driven as a sync drives it: list, fetch all, then keep the cursor.</summary>
internal sealed class GmailDesk : IAsyncDisposable
{
    private readonly GoogleTransport transport;
    private MailboxCredential credential;
    private GoogleAccess? access;

    public GmailDesk()
    {
        Clock = new FakeClock();
        Google = new GoogleTwin(Clock);
        transport = new GoogleTransport(Google);
        credential = new MailboxCredential(MailboxCredential.Google, "refresh-0", "sub-1", "desk@example.com", [GoogleConsent.MailScope]);
        Save = (_, _) => Task.CompletedTask;
    }

    public FakeClock Clock { get; }

    public GoogleTwin Google { get; }

    public BackFill Since { get; set; } = BackFill.All;

    public SourceCursor? Cursor { get; set; }

    public int Max { get; set; } = 100;

    /// <summary>Runs before a rotated token counts as stored; may throw.</summary>
    public Func<string, CancellationToken, Task> Save { get; set; }

    public string StoredToken => credential.RefreshToken;

    public GoogleAccess Access => access ??= new GoogleAccess(
        () => new GoogleConsent(new GoogleClient(GoogleTwin.Client, GoogleTwin.Secret), GoogleEndpoints.Google, transport, Clock),
        credential,
        async (rotated, cancel) =>
        {
            await Save(rotated, cancel);
            credential = credential with { RefreshToken = rotated };
        },
        Clock);

    public GoogleConsent Consent(string secret = GoogleTwin.Secret) => new(new GoogleClient(GoogleTwin.Client, secret), GoogleEndpoints.Google, transport, Clock);

    public GmailSource Source() => new(Access, Since, GoogleEndpoints.Google, transport, Clock);

    /// <summary>The process dies and comes back with what was stored.</summary>
    public void Restart() => access = null;

    /// <summary>Lists and fetches until there is no more; the ids in the order they came.</summary>
    public async Task<List<string>> SyncAsync(CancellationToken cancel, int maxPages = 1000)
    {
        List<string> ids = [];
        await using GmailSource source = Source();
        for (bool more = true; more; maxPages--)
        {
            if (maxPages == 0)
                throw new InvalidOperationException("The listing does not end.");
            ListedPage page = await source.ListAsync(Cursor, Max, cancel);
            Resynced |= page.Resynced;
            foreach (ListedId id in page.Ids)
            {
                FetchedMail mail = await source.FetchAsync(id, cancel);
                Texts[id.ProviderId] = mail.Kind == FetchKind.Fetched ? Encoding.Latin1.GetString(mail.Raw.Span) : mail.Kind.ToString();
                ids.Add(id.ProviderId);
            }

            (Cursor, more) = (page.Next, page.More);
        }

        return ids;
    }

    public bool Resynced { get; set; }

    public Dictionary<string, string> Texts { get; } = [];

    public ValueTask DisposeAsync()
    {
        access?.Dispose();
        transport.Dispose();
        return ValueTask.CompletedTask;
    }
}
