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
        var allocated = Cost(mail);
        TestContext.Current.SendDiagnosticMessage("{0}: {1:N1} MB mail, {2} ms, {3:N1} MB allocated", name, mail.Length / 1e6, clock.ElapsedMilliseconds, allocated / 1e6);
        Assert.True(allocated < Beside, $"{allocated / 1e6:N1} MB were allocated");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Four_times_the_mail_is_at_most_about_four_times_the_work(string name)
    {
        var small = HostileMails.All[name](Million / 64);
        Cost(small);
        var one = Cost(small);
        var four = Cost(HostileMails.All[name](Million / 16));
        Assert.True(four <= 5 * one + 64 * 1024, $"{one:N0} bytes became {four:N0}");
    }

    // All that a mail is asked for, attachments decoded but not kept.
    private static long Cost(byte[] mail)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = MailMessage.Parse(mail);
        foreach (var attachment in message.Attachments)
            attachment.Part.CopyContentTo(Stream.Null);
        _ = (message.Text, message.Html);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
