namespace Ingest.App;

/// <summary>How a body came.</summary>
public enum Arrival
{
    /// <summary>All of it.</summary>
    Whole = 1,
    /// <summary>More than it may be.</summary>
    TooLarge = 2,
    /// <summary>Slower than its pace.</summary>
    TooSlow = 3,
    /// <summary>Not as HTTP has it.</summary>
    Malformed = 4,
}

/// <summary>How slowly a body may come: after a grace, so many bytes a second on average.</summary>
/// <param name="Grace">For a line that is slow to begin.</param>
/// <param name="BytesPerSecond">From then on.</param>
public sealed record Pace(TimeSpan Grace, int BytesPerSecond)
{
    /// <summary>The largest body is here before the proxies in front give up, 230 seconds after it began.</summary>
    public static Pace Usual { get; } = new(TimeSpan.FromSeconds(10), 128 * 1024);
}

/// <summary>Reads a body whole, at its pace or not at all.</summary>
public static class Body
{
    private const int FirstPiece = 64 * 1024;

    /// <summary>Reads a body of a length, if it is known, and of at most <paramref name="largest"/> bytes; empty unless it is whole.</summary>
    public static async Task<(Arrival Arrival, ReadOnlyMemory<byte> Bytes)> ReadAsync(Stream body, long? length, int largest, Pace pace, TimeProvider time, CancellationToken cancel)
    {
        using CancellationTokenSource late = new(pace.Grace, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        // One byte more than may come: it is never filled by a body that keeps to its length.
        byte[] bytes = new byte[(length ?? Math.Min(FirstPiece, largest)) + 1];
        long began = time.GetTimestamp();
        int count = 0;
        try
        {
            while (await body.ReadAsync(bytes.AsMemory(count), either.Token) is > 0 and int read)
            {
                count += read;
                if (count > largest) return (Arrival.TooLarge, default);
                if (count == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(2L * bytes.Length, largest + 1L));
                // What has come buys time for what is to come.
                TimeSpan left = pace.Grace + TimeSpan.FromSeconds((double)count / pace.BytesPerSecond) - time.GetElapsedTime(began);
                if (left <= TimeSpan.Zero) return (Arrival.TooSlow, default);
                late.CancelAfter(left);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return (Arrival.TooSlow, default);
        }
        catch (BadHttpRequestException e)
        {
            return (e.StatusCode switch { StatusCodes.Status413PayloadTooLarge => Arrival.TooLarge, StatusCodes.Status408RequestTimeout => Arrival.TooSlow, _ => Arrival.Malformed }, default);
        }

        return (Arrival.Whole, bytes.AsMemory(0, count));
    }
}
