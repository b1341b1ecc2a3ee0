using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Imap;
using Ingest.Mail.Tests.Wire;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.Mail.Tests.Imap;

/// <summary>Whatever a server says: each step ends, with a result or in one of the two families, and takes memory within bounds.</summary>
public sealed class NeverThrowsTests
{
    private static readonly string[] Pieces =
    [
        "* ", "A1 ", "A2 ", "A3 ", "+ ", "OK ", "NO ", "BAD ", "BYE ", "FETCH ", "1 ", "2 ", "-1 ", "1e9 ", "4294967296 ", "EXISTS", "EXPUNGE", "SEARCH ", "ESEARCH ", "ALL ", "1:5", ",", "(", ")", "\"", "\\", "{", "}", "{3}", "{3+}", "{99}", "~{2}",
        "{4294967295}", "\r\n", "\n", "\r", "[", "]", "<", ">", "UID ", "BODY[] ", "BODY[]<0> ", "RFC822.SIZE ", "INTERNALDATE ", "\"17-Jul-1996 02:44:25 -0700\"", "NIL", " ", "LIST ", "STATUS ", "INBOX ", "FLAGS ", "[CAPABILITY ",
        "[UIDVALIDITY 3] ", "[UIDNEXT 9]", "abc", "\0", "\u00ff", "CAPABILITY IMAP4rev1 MOVE LITERAL+",
    ];

    private static readonly (string Name, Func<ImapConnection, Task> Do)[] Steps =
    [
        ("noop", imap => imap.NoopAsync(default)),
        ("examine", imap => imap.ExamineAsync("INBOX", default)),
        ("status", imap => imap.StatusAsync("INBOX", default)),
        ("list", imap => imap.ListAsync(default)),
        ("search", imap => imap.SearchUidsAsync(1, null, null, default)),
        ("facts", imap => imap.FetchFactsAsync([1, 2, 3], default)),
        ("fetch", async imap => await imap.FetchMailAsync([1, 2, 3], 100_000, default).CountAsync()),
        ("large", imap => imap.FetchLargeMailAsync(1, 10, 100_000, default)),
        ("sign-in", imap => imap.SignInAsync(new ImapLogin("ann", "secret"), default)),
        ("append", imap => imap.AppendAsync("Sent", "x"u8.ToArray(), DateTimeOffset.UnixEpoch, default)),
        ("logout", imap => imap.LogoutAsync(default)),
    ];

    [Fact]
    public void Any_words_of_the_grammar_in_any_order_end_well() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements(Pieces)).ToArbitrary(), static pieces => Task.Run(() => TryAllAsync(Encoding.Latin1.GetBytes("* OK [CAPABILITY IMAP4rev1 LITERAL+] hello\r\n* 1 FETCH (" + string.Concat(pieces))))
            .GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Any_bytes_end_well() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255).Select(b => (byte)b)).ToArbitrary(), static bytes => Task.Run(() => TryAllAsync([.. "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n"u8, .. bytes]))
            .GetAwaiter().GetResult()).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Every_conversation_may_break_off_after_any_byte()
    {
        foreach (byte[] said in Conversations())
            for (int length = 0; length <= said.Length; length++) await TryAllAsync(said[..length]);
    }

    [Fact]
    public async Task Every_conversation_may_be_damaged_anywhere()
    {
        Random random = new(7);
        foreach (byte[] said in Conversations())
        {
            for (int round = 0; round < 60; round++)
            {
                byte[] damaged = [.. said];
                for (int i = 0; i <= round % 4; i++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                await TryAllAsync(damaged);
            }
        }
    }

    [Fact]
    public async Task What_a_server_announces_is_not_what_is_allocated()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        await TryAllAsync("* OK [CAPABILITY IMAP4rev1] hello\r\n* 1 FETCH (UID 1 BODY[] {4294967290}\r\nx"u8.ToArray());
        await TryAllAsync("* OK [CAPABILITY IMAP4rev1] hello\r\n* LIST () NIL {4294967290}\r\nx"u8.ToArray());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 * 1024 * 1024);
    }

    /// <summary>What the servers of all transcripts say, one after the other.</summary>
    private static IEnumerable<byte[]> Conversations() =>
        TranscriptTests.Names.Select(name => Transcript.Read(TranscriptTests.FileOf(name)).Said).Where(said => said.Length > 0);

    private static async Task TryAllAsync(byte[] said)
    {
        foreach ((_, Func<ImapConnection, Task> step) in Steps)
        {
            ScriptedStream stream = new(said);
            try
            {
                await using ImapConnection imap = await ImapConnection.BeginAsync(new WireConnection(new MailServer("localhost", 143, TlsMode.None), LocalServer.Options, stream), "A", default);
                await step(imap);
            }
            catch (Exception e) when (e is WireException or ImapRefusedException)
            {
                Assert.Matches("^(wire|imap)-[a-z-]+$", e.Message);
            }
        }
    }

    /// <summary>Says all that it has to say, to whatever it is told, and ends.</summary>
    private sealed class ScriptedStream(byte[] said) : MemoryStream(said, writable: false)
    {
        public override bool CanWrite => true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
