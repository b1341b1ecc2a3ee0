using System.Net.Sockets;
using Azure;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.Core.Tests.Store;

public sealed class StoreFaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(401, true)]
    [InlineData(403, true)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(504, true)]
    [InlineData(400, false)]
    [InlineData(404, false)]
    [InlineData(409, false)]
    [InlineData(412, false)]
    [InlineData(413, false)]
    [InlineData(416, false)]
    public void A_status_is_not_now_or_a_fact(int status, bool transient)
    {
        RequestFailedException e = new(status, "refused");
        Assert.Equal(transient, StoreFault.IsTransient(e, Cancel));
        Assert.Equal(transient, StoreFault.IsTransient(new TableTransactionFailedException(status, "Code", 0, "id"), Cancel));
        Assert.Equal(status.ToString(System.Globalization.CultureInfo.InvariantCulture), StoreFault.Word(e));
    }

    [Fact]
    public void Broken_connections_and_timeouts_are_not_now()
    {
        Exception[] faults =
        [
            new SocketException(111), new IOException("broken"), new HttpRequestException("refused"), new TimeoutException(), new TaskCanceledException(),
            new RequestFailedException("no answer"), new RequestFailedException(0, "no answer", null, new IOException("broken")),
            new AggregateException(new RequestFailedException(0, "no answer", null, new HttpRequestException("refused")), new TaskCanceledException()),
            new Azure.Identity.CredentialUnavailableException("no identity"), new Azure.Identity.AuthenticationFailedException("refused"),
        ];
        Assert.All(faults, e => Assert.True(StoreFault.IsTransient(e, Cancel), e.GetType().Name));
    }

    [Fact]
    public void Bugs_and_the_callers_own_cancellation_are_faults_of_their_own()
    {
        Exception[] bugs =
        [
            new InvalidOperationException(), new ArgumentException("x"), new FormatException(), new InvalidDataException(), new FileNotFoundException(),
            new AggregateException(), new AggregateException(new IOException("broken"), new FormatException()),
        ];
        Assert.All(bugs, e => Assert.False(StoreFault.IsTransient(e, Cancel), e.GetType().Name));
        CancellationToken cancelled = new(canceled: true);
        Assert.False(StoreFault.IsTransient(new OperationCanceledException(cancelled), cancelled));
    }
}
