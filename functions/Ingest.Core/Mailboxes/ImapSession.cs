using Ingest.Core.Pipeline;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

/// <summary>One connection to a mailbox's server for all that a sync does; made when first needed, and anew a few times when it breaks.</summary>
internal sealed class ImapSession(MailServer server, ImapLogin login, WireOptions wire) : IAsyncDisposable
{
    private const int MostConnections = 8;
    private static readonly TimeSpan Leave = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskedTooMuch = TimeSpan.FromMinutes(5);
    private ImapConnection? _imap;
    private int _connections, _commandsBefore;
    private bool _wasIn;
    private long _readBefore;

    /// <summary>Commands sent so far, over all connections.</summary>
    public int CommandsSent => _commandsBefore + (_imap?.CommandsSent ?? 0);

    /// <summary>Bytes received so far, over all connections.</summary>
    public long BytesRead => _readBefore + (_imap?.BytesRead ?? 0);

    /// <summary>Opens a folder for reading; what is open already is not opened again unless <paramref name="anew"/>.</summary>
    public async Task<(ImapConnection Imap, ImapFolderState State)> OpenAsync(string folder, bool anew, CancellationToken cancel)
    {
        ImapConnection imap = await ConnectedAsync(cancel);
        return imap.Selected is { } open && open.Name == folder && !anew ? (imap, open) : (imap, await imap.ExamineAsync(folder, cancel));
    }

    private async Task<ImapConnection> ConnectedAsync(CancellationToken cancel)
    {
        if (_imap is { IsOver: false } live) return live;
        await CloseAsync();
        if (++_connections > MostConnections) throw new NotNowException("imap-reconnects");
        ImapConnection imap = await ImapConnection.ConnectAsync(server, wire, cancel);
        try
        {
            await SignInAsync(imap, cancel);
            await imap.IdAsync("Ingest", "1", cancel);
            return _imap = imap;
        }
        catch
        {
            await imap.DisposeAsync();
            throw;
        }
    }

    private async Task SignInAsync(ImapConnection imap, CancellationToken cancel)
    {
        try
        {
            await imap.SignInAsync(login, cancel);
            _wasIn = true;
        }
        catch (ImapRefusedException refused) when (!refused.MayPass && !_wasIn)
        {
            // What was accepted a moment ago is not wrong now; the next poll will tell. But trying a wrong password again and again locks accounts: a person must act.
            throw new MailboxRefusedException(refused.Reason is ImapRefusal.AuthorizationFailed or ImapRefusal.NoMechanism ? MailboxFault.NoPermission : MailboxFault.PasswordRefused);
        }
    }

    /// <summary>What a failure of the connection or the server means for the mailbox: try again later.</summary>
    public static NotNowException NotNow(Exception e) => e switch
    {
        WireException { Fault: WireFault.Busy } busy => new NotNowException(busy.Code, AskedTooMuch),
        WireException broken => new NotNowException(broken.Code),
        ImapRefusedException { Reason: ImapRefusal.Limit } limit => new NotNowException(limit.Code, AskedTooMuch),
        ImapRefusedException refused => new NotNowException(refused.Code),
        _ => throw new ArgumentException("Only failures of the server are put off.", nameof(e), e),
    };

    private async ValueTask CloseAsync()
    {
        if (_imap is not { } imap) return;
        _imap = null;
        await imap.DisposeAsync();
        _commandsBefore += imap.CommandsSent;
        _readBefore += imap.BytesRead;
    }

    /// <summary>Takes leave of the server and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_imap is { IsOver: false } live)
        {
            using CancellationTokenSource patience = new(Leave, wire.Time);
            try
            {
                await live.LogoutAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                // It need not hear it.
            }
        }

        await CloseAsync();
    }
}
