using System.IO.Compression;
using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

/// <summary>What goes over a real connection.</summary>
public sealed class GoogleTransportTests : IAsyncLifetime
{
    private readonly WebApplication server;
    private readonly byte[] mail = new byte[400_000];
    private readonly List<string> authorizations = [];
    private long sent;

    public GoogleTransportTests()
    {
        new Random(1).NextBytes(mail);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        server = builder.Build();
        server.Run(AnswerAsync);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.StartAsync(Cancel);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Failure_26_a_mail_costs_about_its_size_on_the_wire()
    {
        await using Rig rig = Open();
        FetchedMail fetched = await rig.Source.FetchAsync(new ListedId("m1"), Cancel);

        Assert.True(mail.AsSpan().SequenceEqual(fetched.Raw.Span));
        Assert.InRange(sent, mail.Length, (long)(mail.Length * 1.1));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_so_the_token_stays_here()
    {
        await using Rig rig = Open();
        NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => rig.Source.FetchAsync(new ListedId("elsewhere"), Cancel));

        Assert.Equal("gmail-307", notNow.ReasonCode);
        Assert.Single(authorizations);
    }

    private Rig Open()
    {
        var endpoints = GoogleEndpoints.ForDevelopment(new Uri(server.Urls.Single()));
        var transport = new GoogleTransport();
        var access = new GoogleAccess(
            () => new GoogleConsent(new GoogleClient("c", "s"), endpoints, transport, TimeProvider.System),
            new MailboxCredential(MailboxCredential.Google, "r", "s", "e", []), (_, _) => Task.CompletedTask, TimeProvider.System);
        return new Rig(new GmailSource(access, BackFill.All, endpoints, transport, TimeProvider.System), access, transport);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        context.Response.ContentType = "application/json";
        if (path == "/oauth2/token")
        {
            await context.Response.WriteAsync("""{"access_token":"a","expires_in":3600}""", Cancel);
            return;
        }

        authorizations.Add(context.Request.Headers.Authorization.ToString());
        if (path.EndsWith("/elsewhere", StringComparison.Ordinal))
        {
            context.Response.Redirect("/gmail/v1/users/me/messages/m1", permanent: false, preserveMethod: true);
            return;
        }

        string json = $$"""{"id":"m1","raw":"{{Convert.ToBase64String(mail).Replace('+', '-').Replace('/', '_')}}","internalDate":"1"}""";
        bool gzip = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal)
            && context.Request.Headers.UserAgent.ToString().Contains("gzip", StringComparison.Ordinal);
        using var body = new MemoryStream();
        await using (Stream target = gzip ? new GZipStream(body, CompressionLevel.Optimal, leaveOpen: true) : body)
            await target.WriteAsync(Encoding.ASCII.GetBytes(json), Cancel);
        if (gzip)
            context.Response.Headers.ContentEncoding = "gzip";
        sent += body.Length;
        await context.Response.Body.WriteAsync(body.ToArray(), Cancel);
    }

    private sealed record Rig(GmailSource Source, GoogleAccess Access, GoogleTransport Transport) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Source.DisposeAsync();
            Access.Dispose();
            Transport.Dispose();
        }
    }
}
