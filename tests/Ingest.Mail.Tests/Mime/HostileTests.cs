using System.Diagnostics;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

/// <summary>Mails made to exhaust a reader end soon and cost little beside themselves. Work is compared by bytes allocated, never by the clock.</summary>
public sealed class HostileTests
{
    private const long Beside = 64 * 1024 * 1024;
    private const int Million = 1_000_000;

    public static TheoryData<string> Names => [.. HostileMails.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Hostile_mail_costs_at_most_64_MB_beside_itself(string name)
    {
        var mail = HostileMails.All[name](Million);
        var clock = Stopwatch.StartNew();
        var most = Steps(mail, out var message).Max();
        var taken = clock.ElapsedMilliseconds;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(message);
        message = null;
        var held = before - GC.GetTotalMemory(forceFullCollection: true);
        TestContext.Current.SendDiagnosticMessage("{0}: {1:N1} MB mail, {2} ms, at most {3:N1} MB allocated in a step, {4:N1} MB held", name, mail.Length / 1e6, taken, most / 1e6, held / 1e6);
        GC.KeepAlive(mail);
        Assert.True(most < Beside, $"{most / 1e6:N1} MB were allocated");
        Assert.True(held < Beside, $"{held / 1e6:N1} MB are held");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Four_times_the_mail_is_at_most_about_four_times_the_work(string name)
    {
        var (small, large) = (HostileMails.All[name](Million / 64), HostileMails.All[name](Million / 16));
        // The pools are filled first.
        _ = (Steps(small, out _), Steps(large, out _));
        var (one, four) = (Steps(small, out _).Sum(), Steps(large, out _).Sum());
        Assert.True(four <= 5 * one + 64 * 1024, $"{one:N0} bytes became {four:N0}");
    }

    // Bytes allocated by each thing that a mail is asked for; attachments are decoded but not kept.
    private static long[] Steps(byte[] mail, out MailMessage? message)
    {
        var start = GC.GetAllocatedBytesForCurrentThread();
        message = MailMessage.Parse(mail);
        var parsed = GC.GetAllocatedBytesForCurrentThread();
        foreach (var attachment in message.Attachments)
            attachment.Part.CopyContentTo(Stream.Null);
        var decoded = GC.GetAllocatedBytesForCurrentThread();
        _ = (message.Text, message.Html);
        return [parsed - start, decoded - parsed, GC.GetAllocatedBytesForCurrentThread() - decoded];
    }
}
