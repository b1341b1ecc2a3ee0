using System.Diagnostics.Metrics;
using Ingest.App.Functions;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What the app's own log and its metrics say of a round of housekeeping in which much went wrong.</summary>
public sealed class HouseFaultsTests
{
    private static readonly TenantContext Acme = new(TenantId.Parse("acme")), Other = new(TenantId.Parse("other"));

    [Fact]
    public void Each_sort_of_fault_has_a_line_each_broken_log_its_own_and_all_are_counted()
    {
        List<(int Id, LogLevel Level, string Text)> lines = [];
        System.Collections.Concurrent.ConcurrentBag<string> counted = [];
        using MeterListener listener = new() { InstrumentPublished = (instrument, all) => { if (instrument.Name == "ingest.house_faults") all.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Add(string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        listener.Start();

        HouseFaults.Tell(new Lines(lines), [new NotNowException("test-waits"), new FormatException("canary text"), new NotNowException("test-waits"), Broken(Acme), Broken(Other), new FormatException("canary text")]);

        Assert.Equal([(101, LogLevel.Information), (102, LogLevel.Error), (303, LogLevel.Error), (303, LogLevel.Error)], lines.Select(line => (line.Id, line.Level)));
        Assert.Contains("acme EndChanged number 3", lines[2].Text, StringComparison.Ordinal);
        Assert.Contains("other EndChanged number 3", lines[3].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.Text.Contains("canary", StringComparison.Ordinal));
        Assert.Equal(2, counted.Count(tags => tags == "fault=test-waits,put_off=True"));
        Assert.Equal(2, counted.Count(tags => tags == "fault=FormatException,put_off=False"));
        Assert.Equal(2, counted.Count(tags => tags == "fault=AuditBrokenException,put_off=False"));
    }

    private static AuditBrokenException Broken(TenantContext tenant) => new(tenant, new AuditFinding("20260302", 3, AuditFault.EndChanged));

    private sealed class Lines(List<(int, LogLevel, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> text) => lines.Add((id.Id, level, text(state, exception)));
    }
}
