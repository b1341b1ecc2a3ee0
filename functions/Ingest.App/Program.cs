using System.Globalization;
using System.Net;
using Ingest.App;
using Ingest.App.Api;
using Ingest.App.Connect;
using Ingest.App.Console;
using Ingest.App.Functions;
using Ingest.Core.Settings;

IngestSettings? settings = IngestSettings.Read(Environment.GetEnvironmentVariable, out IReadOnlyList<string> problems);
if (settings is null)
{
    await Console.Error.WriteLineAsync("Ingest cannot start: " + string.Join(" ", problems));
    // Never 0: the Functions host would take that for a wish to stay down.
    return 1;
}

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders().AddSimpleConsole(options => options.SingleLine = true);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Ingest", LogLevel.Information);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    string? port = Environment.GetEnvironmentVariable("FUNCTIONS_CUSTOMHANDLER_PORT");
    kestrel.Listen(IPAddress.Loopback, int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0);
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
});
builder.Services.AddSingleton(new Desk(settings)).AddSingleton<FunctionMap>().AddSingleton<ConsoleSession>().AddSingleton<Admission>().AddSingleton<ApiFront>().AddSingleton<ConnectPages>().AddSingleton<SignInPages>()
    .AddSingleton<ConsolePages>();

WebApplication app = builder.Build();
VaultLog.Attach(app.Services.GetRequiredService<Desk>(), app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Ingest.Vault"));
FunctionMap functions = app.Services.GetRequiredService<FunctionMap>();
ApiFront api = app.Services.GetRequiredService<ApiFront>();
ConnectPages connect = app.Services.GetRequiredService<ConnectPages>();
SignInPages signIn = app.Services.GetRequiredService<SignInPages>();
ConsolePages console = app.Services.GetRequiredService<ConsolePages>();
app.Run(async http =>
{
    if (await functions.TryRunAsync(http)) return;
    SafeHeaders.Set(http.Response.Headers);
    PathString path = http.Request.Path;
    if (path.StartsWithSegments("/api", StringComparison.Ordinal, out PathString rest)) await api.RunAsync(http, rest);
    else if (path.StartsWithSegments("/connect", StringComparison.Ordinal, out rest)) await connect.RunAsync(http, rest);
    else if (path.StartsWithSegments("/console", StringComparison.Ordinal, out rest))
    {
        if (!await signIn.TryRunAsync(http, rest)) await console.RunAsync(http, rest);
    }
    // The host asks here until something answers.
    else if (path == "/") await http.Response.WriteAsync("Ingest");
    else http.Response.StatusCode = StatusCodes.Status404NotFound;
});
await app.RunAsync();
return 1;

/// <summary>The handler's entry, named for the tests.</summary>
public partial class Program;
