using System.Net.Sockets;
using System.Security.Authentication;
using Azure;

namespace Ingest.Core.Store;

/// <summary>
/// Tells "the world is not ready" from facts and bugs, for whoever catches an exception of tables, queues, blobs, vault or sign-in without
/// knowing their types.
/// </summary>
public static class StoreFault
{
    /// <summary>
    /// True if the same call may succeed later without anybody changing the data: throttling, server errors, timeouts, broken connections, and
    /// refused access (401, 403: roles and networks are repaired by people). False for facts (404, 409, 412), for requests the service does not
    /// understand, which are bugs, and for a cancellation that <paramref name="cancel"/> asked for; any other cancellation is a timeout.
    /// </summary>
    public static bool IsTransient(Exception e, CancellationToken cancel = default) => e switch
    {
        RequestFailedException { Status: > 0 } refused => IsTransient(refused.Status),
        // Status 0 is a request without an answer.
        RequestFailedException unanswered => unanswered.InnerException is not { } inner || IsTransient(inner, cancel),
        // What Azure.Core throws when several tries failed without an answer.
        AggregateException tries => tries.InnerExceptions.Count > 0 && tries.InnerExceptions.All(t => IsTransient(t, cancel)),
        OperationCanceledException => !cancel.IsCancellationRequested,
        TimeoutException or HttpRequestException or SocketException or AuthenticationException => true,
        Azure.Identity.AuthenticationFailedException => true,
        IOException => e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException),
        _ => false,
    };

    /// <summary>The fault in one word for logs and metrics: an HTTP status, or the exception's type.</summary>
    public static string Word(Exception e) => e switch
    {
        RequestFailedException { Status: > 0 } refused => refused.Status.ToString(System.Globalization.CultureInfo.InvariantCulture),
        AggregateException { InnerExceptions: [.., { } last] } => Word(last),
        _ => e.GetType().Name,
    };

    private static bool IsTransient(int status) => status is 401 or 403 or 408 or 429 or >= 500;
}
