using System.Net;
using Ingest.LocalHost.Envelopes;
using Ingest.LocalHost.Script;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Ingest.LocalHost.Http;

/// <summary>The public side: routes a request to its function, checks the key, and passes it on or wraps it up.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    private const long LargestBody = 104_857_600;
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);

    private readonly HostContext host;
    private readonly WebApplication app;
    private readonly RouteTable routes;
    private readonly Rotation rotation;
    private readonly Keys keys;

    public HttpFront(HostContext host, IReadOnlyList<HandlerPlace> places, string masterKey)
    {
        this.host = host;
        rotation = new Rotation(host, places);
        keys = new Keys(host.Options, masterKey);
        Admin = new AdminApi(host, rotation, keys);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, host.Options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        app = builder.Build();
        app.Run(HandleAsync);
        routes = new RouteTable(host, app.Services.GetRequiredService<IInlineConstraintResolver>());
    }

    public AdminApi Admin { get; }

    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    public async Task StartAsync(CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            throw new LocalHostException(
                $"Port {host.Options.Port} on 127.0.0.1 is taken by another program: stop that, or choose another port with --port (LocalHostOptions.Port).", taken);
        }
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Address = new Uri(address + "/");
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(StopWithin);
        await app.StopAsync(limit.Token);
        await app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments(AdminApi.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.StatusCode = await Admin.AnswerAsync(context);
            return;
        }
        if (routes.Match(context) is not var (function, trigger, values) || (function.Disabled && !keys.IsMaster(context.Request)))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (!keys.Allows(context.Request, trigger.Level, function.Name))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        bool passes = host.Passes(function);
        if (passes && FunctionPath.IsReserved(context.Request.Path.Value ?? "", host.Script))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (await rotation.ReadyAsync(function, context.RequestAborted) is not { } instance)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            return;
        }
        if (passes)
            await PassAsync(context, function, instance);
        else
            await WrapAsync(context, function, trigger, values, instance);
    }

    private async Task PassAsync(HttpContext context, Function function, HostInstance instance)
    {
        bool proxying = host.Script.Host.Handler.Proxying;
        Invocation invocation = new(Guid.NewGuid(), function.Name, instance.Invoker.Index, 0);
        Task passing = Task.CompletedTask;
        InvocationOutcome outcome = await instance.Invoker.GuardAsync(
            invocation, cancel => passing = PassAsync(context, instance, proxying, invocation.Id, cancel), instance.Aborted);
        if (outcome == InvocationOutcome.Succeeded)
            return;
        // After a timeout the passage may still be writing: it ends when the handler is killed.
        await passing.ContinueWith(task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (context.Response.HasStarted)
            context.Abort();
        else
            context.Response.StatusCode = proxying && outcome == InvocationOutcome.Failed ? StatusCodes.Status502BadGateway : StatusCodes.Status500InternalServerError;
    }

    private async Task PassAsync(HttpContext context, HostInstance instance, bool proxying, Guid id, CancellationToken cancel)
    {
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancel, context.RequestAborted);
        string root = HostClients.Root(instance.Handler.Port);
        try
        {
            if (proxying)
                await Passage.ProxyAsync(context, host.Clients.Pass, root, id, both.Token);
            else
                await Passage.ForwardAsync(context, host.Clients.Pass, root, id, both.Token);
        }
        catch (Exception gone) when (context.RequestAborted.IsCancellationRequested && gone is OperationCanceledException or IOException or HttpRequestException)
        {
            // The client left; that is no failure of the function.
        }
    }

    private async Task WrapAsync(HttpContext context, Function function, HttpTrigger trigger, RouteValueDictionary values, HostInstance instance)
    {
        Envelope envelope = await HttpEnvelope.OfAsync(context, function, trigger, values, host.Clock);
        InvocationEnd end = await instance.Invoker.InvokeAsync(function, envelope, dequeueCount: 0, instance.Aborted);
        if (end.Answer is { } answer)
            await HttpEnvelope.AnswerAsync(context.Response, function, answer, context.RequestAborted);
        else
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
    }

    /// <summary>Signals belong to the program that runs this host, not to the web server in it.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
