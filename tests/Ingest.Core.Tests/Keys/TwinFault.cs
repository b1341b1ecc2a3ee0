using System.Globalization;
using System.Text;
using Azure.Core;
using Microsoft.AspNetCore.Http;

namespace Ingest.Core.Tests.Keys;

/// <summary>What the stand-in for Key Vault does wrong; it answers true when it has answered in the vault's place.</summary>
internal sealed class TwinFault(Func<HttpContext, Task<bool>> answer)
{
    public Task<bool> AnswerAsync(HttpContext http) => answer(http);

    public static TwinFault Status(int status, string code = "Fault", string? inner = null, int? retryAfter = null) => new(async http =>
    {
        if (retryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await KeyVaultTwin.RefuseAsync(http, status, code, inner);
        return true;
    });

    /// <summary>A page of a front end that never reached the vault.</summary>
    public static TwinFault Page(int status) => new(async http =>
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsync("<html>Our services are not available right now</html>");
        return true;
    });

    /// <summary>Answers only after this; by then the caller has mostly gone.</summary>
    public static TwinFault Slow(Task until) => new(async http =>
    {
        await Task.WhenAny(until, Task.Delay(Timeout.Infinite, http.RequestAborted));
        return false;
    });

    /// <summary>Promises more than it sends, and hangs up.</summary>
    public static TwinFault Cut { get; } = new(async http =>
    {
        http.Response.ContentLength = 1000;
        await http.Response.Body.WriteAsync("{\"kid\":"u8.ToArray());
        await http.Response.Body.FlushAsync();
        http.Abort();
        return true;
    });

    /// <summary>Hangs up without a word.</summary>
    public static TwinFault HangUp { get; } = new(http =>
    {
        http.Abort();
        return Task.FromResult(true);
    });

    /// <summary>A well-formed answer that is too long.</summary>
    public static TwinFault Oversized { get; } = new(async http =>
    {
        await http.Response.WriteAsync("{\"padding\":\"" + new string('x', 70_000) + "\"}");
        return true;
    });

    /// <summary>Points elsewhere.</summary>
    public static TwinFault Redirect(string to) => new(http =>
    {
        http.Response.Redirect(to);
        return Task.FromResult(true);
    });

    /// <summary>Answers with these bytes.</summary>
    public static TwinFault Body(string text) => new(async http =>
    {
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
        return true;
    });
}

/// <summary>An app's identity: its tokens are its name and a number.</summary>
internal sealed class TwinIdentity(string name) : TokenCredential
{
    private int drawn;

    public int Drawn => drawn;

    public List<string> Scopes { get; } = [];

    public Exception? Failure { get; set; }

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        if (Failure is { } failure) throw failure;
        lock (Scopes) Scopes.AddRange(requestContext.Scopes);
        return new AccessToken($"{name}.{Interlocked.Increment(ref drawn)}", DateTimeOffset.MaxValue);
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
}
