using Ingest.Core.Pipeline;

namespace Ingest.App;

/// <summary>
/// What is large is held in memory, decoded and encoded again: a few at a time, weighed in bytes. What is still arriving is weighed apart from what is worked
/// on, so that slow lines keep nobody waiting but one another, and what is shown apart from both.
/// </summary>
public sealed class Admission
{
    /// <summary>What is smaller passes unweighed.</summary>
    public const int WeighedFrom = 1024 * 1024;

    /// <summary>What is arriving.</summary>
    public ByteGate Arriving { get; } = new(96 * 1024 * 1024);

    /// <summary>What is worked on.</summary>
    public ByteGate Working { get; } = new(96 * 1024 * 1024);

    /// <summary>What is made for a reader.</summary>
    public ByteGate Showing { get; } = new(96 * 1024 * 1024);
}

/// <summary>One request's body, its room in memory, and the time it may take us, which stands still while its body comes.</summary>
public sealed class RequestIntake : IDisposable
{
    private const int CopiesOfABody = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly HttpContext _http;
    private readonly Admission _admission;
    private readonly CancellationTokenSource _deadline;
    private readonly List<IDisposable> _places = [];

    /// <summary>Begins the request's time.</summary>
    public RequestIntake(HttpContext http, Admission admission)
    {
        (_http, _admission) = (http, admission);
        _deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        _deadline.CancelAfter(Limit);
    }

    /// <summary>The request's end: its time is over, or the caller has left.</summary>
    public CancellationToken Cancel => _deadline.Token;

    /// <summary>How the body came; <see cref="Arrival.Whole"/> as long as it was not asked for.</summary>
    public Arrival Arrival { get; private set; } = Arrival.Whole;

    /// <summary>Takes the whole body in, so that reading it later waits for nobody. The room for it is held until the request ends.</summary>
    public async Task<Arrival> ReceiveAsync(int largest)
    {
        HttpRequest request = _http.Request;
        if (request.ContentLength > largest) return Arrival = Arrival.TooLarge;
        long weight = request.ContentLength ?? largest;
        using IDisposable? arriving = weight > Admission.WeighedFrom ? await _admission.Arriving.EnterAsync(weight, Cancel) : null;
        _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        (Arrival, ReadOnlyMemory<byte> body) = await Body.ReadAsync(request.Body, request.ContentLength, largest, Pace.Usual, TimeProvider.System, _http.RequestAborted);
        _deadline.CancelAfter(Limit);
        if (Arrival != Arrival.Whole) return Arrival;
        if (body.Length > Admission.WeighedFrom) _places.Add(await _admission.Working.EnterAsync((long)body.Length * CopiesOfABody, Cancel));
        request.Body = new MemoryStream(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(body, out ArraySegment<byte> bytes) ? bytes.Array! : [], 0, body.Length, writable: false);
        return Arrival;
    }

    /// <summary>Waits for room for something large that is to be shown; held until the request ends.</summary>
    public async Task MakeRoomAsync(long bytes)
    {
        if (bytes > Admission.WeighedFrom) _places.Add(await _admission.Showing.EnterAsync(bytes, Cancel));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (IDisposable place in _places) place.Dispose();
        _deadline.Dispose();
    }
}
