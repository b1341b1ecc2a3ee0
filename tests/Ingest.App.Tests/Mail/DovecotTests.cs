using System.Security.Cryptography;
using System.Text;
using Ingest.App.Tests.Servers;
using Ingest.Cli.Servers;
using Ingest.Core.Mailboxes;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.App.Tests.Mail;

/// <summary>The IMAP client against a real Dovecot.</summary>
public sealed class DovecotTests(DovecotTests.Dovecot dovecot) : IClassFixture<DovecotTests.Dovecot>
{
    private const string Alice = "alice@example.test";
    private static int _folders;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private WireOptions Options => new() { MayConnect = AddressRules.IsPublicOrLoopback, TrustedRoots = dovecot.Servers.Roots };

    private MailServer ServerOf(TlsMode tls) => new("localhost", tls == TlsMode.Implicit ? dovecot.Servers.Ports.Imaps : dovecot.Servers.Ports.Imap, tls);

    private async Task<ImapConnection> SignedInAsync(WireOptions? options = null)
    {
        ImapConnection imap = await ImapConnection.ConnectAsync(ServerOf(TlsMode.Implicit), options ?? Options, Cancel);
        await imap.SignInAsync(new ImapLogin(Alice, dovecot.Servers.Pair.Password), Cancel);
        return imap;
    }

    [Theory]
    [InlineData(TlsMode.Implicit)]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.None)]
    public async Task Every_way_to_sign_in_with_a_password_works(TlsMode tls)
    {
        Func<ImapConnection, Task>[] ways =
        [
            imap => imap.LoginAsync(Alice, "secret", Cancel),
            imap => imap.AuthenticatePlainAsync(Alice, "secret", Cancel),
            imap => imap.SignInAsync(new ImapLogin(Alice, "secret"), Cancel),
        ];
        foreach (Func<ImapConnection, Task> signIn in ways)
        {
            await using ImapConnection imap = await ImapConnection.ConnectAsync(ServerOf(tls), Options, Cancel);
            Assert.False(imap.Capabilities.HasMove);
            await signIn(imap);
            // What Dovecot can do it tells only to those who are in.
            Assert.True(imap.Capabilities.HasMove);
            await imap.IdAsync("Ingest", "1", Cancel);
            Assert.Equal("INBOX", (await imap.ExamineAsync("INBOX", Cancel)).Name);
            await imap.LogoutAsync(Cancel);
        }
    }

    [Theory]
    [InlineData("AUTH=XOAUTH2")]
    [InlineData("AUTH=OAUTHBEARER")]
    public async Task A_token_is_taken_and_a_bad_one_refused_after_which_the_connection_can_be_used(string mechanism)
    {
        await using ImapConnection imap = await ImapConnection.ConnectAsync(ServerOf(TlsMode.Implicit), Options, Cancel);
        Assert.True(imap.Capabilities.Has(mechanism));
        foreach (string bad in (string[])[dovecot.Token(Alice, TimeSpan.FromHours(-1)), dovecot.Token("bob@example.test", TimeSpan.FromHours(1)), "rubbish"])
            Assert.Equal(ImapRefusal.AuthenticationFailed, (await Assert.ThrowsAsync<ImapRefusedException>(() => SignInAsync(bad))).Reason);
        await SignInAsync(dovecot.Token(Alice, TimeSpan.FromHours(1)));
        await imap.ExamineAsync("INBOX", Cancel);

        Task SignInAsync(string token) => mechanism == "AUTH=XOAUTH2" ? imap.AuthenticateXOAuth2Async(Alice, token, Cancel) : imap.AuthenticateOAuthBearerAsync(Alice, token, Cancel);
    }

    [Fact]
    public async Task A_wrong_password_is_told_from_trouble_and_can_be_put_right()
    {
        await using ImapConnection imap = await ImapConnection.ConnectAsync(ServerOf(TlsMode.StartTls), Options, Cancel);
        ImapRefusedException refused = await Assert.ThrowsAsync<ImapRefusedException>(() => imap.SignInAsync(new ImapLogin(Alice, "wrong"), Cancel));
        Assert.Equal((ImapRefusal.AuthenticationFailed, false), (refused.Reason, refused.MayPass));
        await imap.SignInAsync(new ImapLogin(Alice, "secret"), Cancel);
    }

    [Fact]
    public async Task Failure_31_a_certificate_nobody_vouches_for_is_refused_by_both_kinds_of_tls()
    {
        foreach (TlsMode tls in (TlsMode[])[TlsMode.Implicit, TlsMode.StartTls])
        {
            WireException refused = await Assert.ThrowsAsync<WireException>(() => ImapConnection.ConnectAsync(ServerOf(tls), Options with { TrustedRoots = null }, Cancel));
            Assert.Equal(WireFault.CertificateUntrusted, refused.Fault);
        }

        WireException plain = await Assert.ThrowsAsync<WireException>(() => ImapConnection.ConnectAsync(ServerOf(TlsMode.StartTls) with { Tls = TlsMode.Implicit }, Options, Cancel));
        Assert.Equal(WireFault.TlsNotSpoken, plain.Fault);
    }

    [Fact]
    public async Task Mail_is_put_away_found_marked_moved_and_read_back_to_the_byte()
    {
        string folder = await NewFolderAsync();
        await using ImapConnection imap = await SignedInAsync();
        byte[] mail = Encoding.Latin1.GetBytes("Message-ID: <m1@example.test>\r\nSubject: caf\u00e9\r\n\r\n* 1 FETCH (UID 1 BODY[] {3}\r\n)\r\n.\r\n");
        DateTimeOffset received = new(2026, 2, 1, 9, 8, 7, TimeSpan.FromHours(5.5));
        (uint validity, uint uid) = (await imap.AppendAsync(folder, mail, received, Cancel))!.Value;
        Assert.Equal(ImapRefusal.NonExistent, (await Assert.ThrowsAsync<ImapRefusedException>(() => imap.AppendAsync("No such folder", mail, received, Cancel))).Reason);

        ImapFolderState state = await imap.SelectAsync(folder, Cancel);
        Assert.Equal((validity, uid + 1, 1L, false), (state.UidValidity, state.UidNext, state.Exists, state.IsReadOnly));
        Assert.Equal([uid], await imap.SearchMessageIdAsync("m1@example.test", Cancel));
        Assert.Equal([new ImapMessageFacts(uid, received, mail.Length)], await imap.FetchFactsAsync([uid], Cancel));
        ImapMail read = await imap.FetchMailAsync([uid], 1_000_000, Cancel).SingleAsync(Cancel);
        Assert.Equal((uid, ImapBody.Complete, received), (read.Uid, read.Body, read.Received!.Value));
        Assert.Equal(mail, read.Raw.ToArray());

        await imap.AddFlagAsync([uid], "\\Flagged", Cancel);
        await imap.RemoveFlagAsync([uid], "\\Seen", Cancel);
        Assert.Equal(ImapMoved.Moved, await imap.MoveAsync([uid], "Archive", Cancel));
        Assert.Equal(0, imap.Selected!.Exists);
        Assert.Empty(await imap.SearchUidsAsync(1, null, null, Cancel));
        Assert.Equal(uid + 1, (await imap.StatusAsync(folder, Cancel)).UidNext);
    }

    [Fact]
    public async Task Without_move_a_message_is_copied_marked_and_expunged()
    {
        string folder = await NewFolderAsync();
        await using ImapConnection imap = await SignedInAsync();
        await imap.AppendAsync(folder, "a: b\r\n\r\n"u8.ToArray(), DateTimeOffset.UnixEpoch, Cancel);
        await imap.AppendAsync(folder, "c: d\r\n\r\n"u8.ToArray(), DateTimeOffset.UnixEpoch, Cancel);
        await imap.SelectAsync(folder, Cancel);
        imap.Capabilities = ImapCapabilities.Parse("IMAP4rev1 UIDPLUS"u8);
        Assert.Equal(ImapMoved.Moved, await imap.MoveAsync([1], "Archive", Cancel));
        Assert.Equal([2u], await imap.SearchUidsAsync(1, null, null, Cancel));
    }

    [Fact]
    public async Task Folders_are_listed_with_what_they_are_for()
    {
        await using ImapConnection imap = await SignedInAsync();
        IReadOnlyList<ImapFolder> folders = await imap.ListAsync(Cancel);
        Assert.Contains(folders, folder => folder.Name == "INBOX");
        Assert.Contains(folders, folder => folder is { Name: "Sent", Delimiter: '/', Marks: ImapFolderMarks.Sent });
        Assert.Contains(folders, folder => folder is { Name: "Junk", Marks: ImapFolderMarks.Junk });
    }

    [Fact]
    public async Task A_message_of_26_MB_is_read_whole_and_in_pieces()
    {
        string folder = await NewFolderAsync();
        byte[] mail = new byte[26 * 1024 * 1024];
        Random random = new(1);
        for (int i = 0; i < mail.Length; i++) mail[i] = (i % 78) switch { 76 => (byte)'\r', 77 => (byte)'\n', _ => (byte)random.Next('a', 'z') };
        await using ImapConnection imap = await SignedInAsync();
        (_, uint uid) = (await imap.AppendAsync(folder, mail, DateTimeOffset.UnixEpoch, Cancel))!.Value;
        await imap.ExamineAsync(folder, Cancel);
        byte[] hash = SHA256.HashData(mail);
        // Dovecot mends the last line's missing break or not; what counts is that both ways bring the same.
        ReadOnlyMemory<byte> whole = (await imap.FetchMailAsync([uid], 64 * 1024 * 1024, Cancel).SingleAsync(Cancel)).Raw;
        ReadOnlyMemory<byte> pieces = (await imap.FetchLargeMailAsync(uid, mail.Length, 64 * 1024 * 1024, Cancel))!.Value.Raw;
        Assert.Equal(hash, SHA256.HashData(whole.Span[..mail.Length]));
        Assert.Equal(SHA256.HashData(whole.Span), SHA256.HashData(pieces.Span));
        Assert.Equal(ImapBody.TooLarge, (await imap.FetchLargeMailAsync(uid, mail.Length, 10 * 1024 * 1024, Cancel))!.Value.Body);
        Assert.Equal(ImapBody.TooLarge, (await imap.FetchMailAsync([uid], 10 * 1024 * 1024, Cancel).SingleAsync(Cancel)).Body);
        await imap.NoopAsync(Cancel);
    }

    [Fact]
    public async Task No_trace_shows_a_password_or_a_token()
    {
        List<string> trace = [];
        await using (ImapConnection imap = await SignedInAsync(Options with { Trace = trace.Add })) await imap.LogoutAsync(Cancel);
        await using (ImapConnection imap = await ImapConnection.ConnectAsync(ServerOf(TlsMode.StartTls), Options with { Trace = trace.Add }, Cancel)) await imap.LoginAsync(Alice, "secret", Cancel);
        string all = string.Join('\n', trace);
        Assert.Contains("AUTHENTICATE PLAIN", all, StringComparison.Ordinal);
        Assert.Contains("LOGIN", all, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", all, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{Alice}\0secret")), all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_finds_out_what_is_wrong_and_what_is_right()
    {
        MailboxProbe probe = new(Options);
        ServerSettings good = new() { Host = "localhost", Port = dovecot.Servers.Ports.Imaps, Tls = TlsMode.Implicit, UserName = Alice };
        Assert.Equal("imap-authentication-failed", (await probe.TryImapAsync(good, "wrong", Cancel)).Code);
        Assert.Equal("wire-tls-not-spoken", (await probe.TryImapAsync(good with { Port = dovecot.Servers.Ports.Imap }, "secret", Cancel)).Code);
        Assert.Equal("wire-certificate-untrusted", (await new MailboxProbe(Options with { TrustedRoots = null }).TryImapAsync(good, "secret", Cancel)).Code);
        Assert.Contains("INBOX", (await probe.TryImapAsync(good with { Folders = ["Nowhere"] }, "secret", Cancel)).Fix, StringComparison.Ordinal);
        Assert.True((await probe.TryImapAsync(good, "secret", Cancel)).Ok);
        Assert.True((await probe.TryImapAsync(good with { Port = dovecot.Servers.Ports.Imap, Tls = TlsMode.StartTls, Folders = ["INBOX", "Sent"] }, "secret", Cancel)).Ok);
    }

    // By its Maildir: the client has no CREATE.
    private async Task<string> NewFolderAsync()
    {
        string name = $"Test{Interlocked.Increment(ref _folders)}";
        await using (await SignedInAsync())
        {
        }

        await dovecot.MakeFolderAsync(Alice, name, Cancel);
        return name;
    }

    /// <summary>Dovecot alone, with the key of its tokens.</summary>
    public sealed class Dovecot : IAsyncLifetime
    {
        private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

        public MailServers Servers { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Servers = await MailServers.StartAsync(new MailServerOptions { Postfix = false });
            if (!Servers.IsThere) return;
            string home = Path.GetFullPath(Path.Combine(Servers.Pair.MaildirOf(Alice), "..", "..", ".."));
            await File.WriteAllTextAsync(Path.Combine(home, "keys", "default", "HS256", "default"), Convert.ToBase64String(_key), Cancel);
        }

        /// <summary>A token for a user, good for so long.</summary>
        public string Token(string user, TimeSpan lifetime)
        {
            long expires = (TimeProvider.System.GetUtcNow() + lifetime).ToUnixTimeSeconds();
            string signed = Text("""{"alg":"HS256","typ":"JWT","kid":"default"}""") + "." + Text($$"""{"iss":"http://issuer.test/","sub":"{{user}}","email":"{{user}}","exp":{{expires}}}""");
            return signed + "." + Base64(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(signed)));

            static string Text(string json) => Base64(Encoding.UTF8.GetBytes(json));
            static string Base64(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
        }

        /// <summary>Makes a folder as another mail program would.</summary>
        public async Task MakeFolderAsync(string user, string name, CancellationToken cancel)
        {
            using System.Net.Sockets.TcpClient client = new();
            await client.ConnectAsync(System.Net.IPAddress.Loopback, Servers.Ports.Imap, cancel);
            using StreamReader reader = new(client.GetStream(), Encoding.ASCII);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"a LOGIN {user} {Servers.Pair.Password}\r\nb CREATE {name}\r\nc LOGOUT\r\n"), cancel);
            while (await reader.ReadLineAsync(cancel) is { } line && !line.StartsWith("c ", StringComparison.Ordinal)) Assert.False(line.StartsWith("b NO", StringComparison.Ordinal), line);
        }

        public ValueTask DisposeAsync() => Servers.DisposeAsync();
    }
}
