using Ingest.Core.Access;
using Ingest.Core.Tests;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Bodies come at their pace or not at all, and slow ones keep nobody waiting for long.</summary>
[Collection(nameof(RunningSystem))]
public sealed class UploadTests(RunningSystem system)
{
    private static readonly Pace Pace = new(TimeSpan.FromSeconds(10), 1000);

    [Fact]
    public async Task Uploads_that_stop_are_sent_away_and_others_get_in()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync(), path = $"/api/tickets/{house.Ticket.Id}/replies";
        const int Largest = 28 * 1024 * 1024;
        Task<int>[] stalled = [.. Enumerable.Range(0, 5).Select(_ => ApiClient.StallAsync(system, "POST", path, $"Content-Type: application/json\r\nAuthorization: {token}", Largest))];
        string file = Convert.ToBase64String(new byte[4 * 1024 * 1024]);
        Task<ApiAnswer> good = ApiClient.SendAsync(system, "POST", path, token, $"{{\"text\":\"See the file.\",\"attachments\":[{{\"name\":\"a.bin\",\"content\":\"{file}\"}}]}}");
        Assert.Equal(202, (await good).Status);
        Assert.All(await Task.WhenAll(stalled), status => Assert.Equal(408, status));
    }

    [Fact]
    public async Task A_form_that_stops_is_sent_away_too()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        (Person? person, _) = await system.Desk.People.AddAsync(house.Tenant, new Identity(Guid.NewGuid(), Guid.NewGuid()), "Slow", "", [new Grant(Role.Agent, null)], RunningSystem.Cancel);
        string cookie = await system.Desk.Sessions.OpenAsync(house.Tenant, person!.Id, RunningSystem.Cancel);
        Assert.Equal(408, await ApiClient.StallAsync(system, "POST", $"/console/tickets/{house.Ticket.Id}/reply", $"Cookie: ingest={cookie}\r\nContent-Type: application/x-www-form-urlencoded", 20 * 1024 * 1024));
    }

    [Fact]
    public async Task A_body_is_read_whole_whatever_its_pieces()
    {
        byte[] sent = [.. Enumerable.Range(0, 300_000).Select(i => (byte)i)];
        foreach (int piece in new[] { 1000, 65536, 1_000_000 })
            foreach (long? length in new long?[] { null, sent.Length })
            {
                (Arrival how, ReadOnlyMemory<byte> read) = await Body.ReadAsync(new Pieces(sent, piece), length, 300_000, Pace, TimeProvider.System, RunningSystem.Cancel);
                Assert.Equal(Arrival.Whole, how);
                Assert.True(sent.AsSpan().SequenceEqual(read.Span));
                Assert.Equal(Arrival.TooLarge, (await Body.ReadAsync(new Pieces(sent, piece), null, 299_999, Pace, TimeProvider.System, RunningSystem.Cancel)).Arrival);
            }

        Assert.Equal((Arrival.Whole, 0), (await Body.ReadAsync(new MemoryStream(), 0, 10, Pace, TimeProvider.System, RunningSystem.Cancel)) is var empty ? (empty.Arrival, empty.Bytes.Length) : default);
    }

    [Theory]
    [InlineData(2000, 20, Arrival.Whole)]
    [InlineData(1100, 20, Arrival.Whole)]
    [InlineData(500, 60, Arrival.TooSlow)]
    [InlineData(1, 60, Arrival.TooSlow)]
    public async Task What_has_come_buys_time_for_what_is_to_come(int bytesASecond, int seconds, Arrival expected)
    {
        FakeClock clock = new();
        (Arrival how, _) = await Body.ReadAsync(new Pieces(new byte[bytesASecond * seconds], bytesASecond, () => clock.Advance(TimeSpan.FromSeconds(1))), null, 1_000_000, Pace, clock, RunningSystem.Cancel);
        Assert.Equal(expected, how);
    }

    [Fact]
    public async Task A_caller_who_leaves_is_not_called_slow()
    {
        using CancellationTokenSource gone = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Body.ReadAsync(new Pieces(new byte[10], 1, gone.Cancel), null, 100, Pace, TimeProvider.System, gone.Token));
    }

    /// <summary>A body in pieces; something happens before each.</summary>
    private sealed class Pieces(byte[] bytes, int piece, Action? before = null) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
        {
            before?.Invoke();
            return cancel.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancel) : base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancel);
        }
    }
}
