using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Store;

/// <summary>Sends one table request through Azure.Core's pipeline and turns a refusal into an exception.</summary>
internal sealed class TableWire
{
    /// <summary>The oldest version that has everything used here, so that no service or emulator is too old.</summary>
    private const string ServiceVersion = "2019-02-02";
    private const string Json = "application/json;odata=minimalmetadata";

    private readonly HttpPipeline pipeline;

    public TableWire(Uri endpoint, HttpPipelinePolicy authentication, TableClientOptions options)
    {
        Root = endpoint.AbsoluteUri.TrimEnd('/');
        HttpPipelineOptions build = new(options) { RequestFailedDetailsParser = new TableFailure() };
        build.PerRetryPolicies.Add(authentication);
        pipeline = HttpPipelineBuilder.Build(build);
    }

    /// <summary>The endpoint without a slash at its end.</summary>
    public string Root { get; }

    public HttpMessage Create(RequestMethod method, string pathAndQuery)
    {
        HttpMessage message = pipeline.CreateMessage();
        Request request = message.Request;
        request.Method = method;
        request.Uri.Reset(new Uri(Root + pathAndQuery));
        request.Headers.Add("x-ms-version", ServiceVersion);
        request.Headers.Add("DataServiceVersion", "3.0");
        request.Headers.Add("MaxDataServiceVersion", "3.0;NetFx");
        request.Headers.Add("Accept", Json);
        return message;
    }

    public static void SetBody(HttpMessage message, ReadOnlyMemory<byte> json)
    {
        message.Request.Headers.Add("Content-Type", "application/json");
        message.Request.Content = RequestContent.Create(json);
    }

    /// <summary>Sends and lets <paramref name="read"/> take what it needs from a good answer; <paramref name="isFact"/> lets a refusal through to it.</summary>
    public async Task<T> SendAsync<T>(HttpMessage message, Func<Response, T> read, CancellationToken cancel, Func<Response, bool>? isFact = null)
    {
        using (message)
        {
            await pipeline.SendAsync(message, cancel);
            Response response = message.Response;
            if (response.IsError && isFact?.Invoke(response) != true)
                throw TableFailure.From(response);
            return read(response);
        }
    }

    public static ETag ETagOf(Response response) => response.Headers.ETag ?? default;

    /// <summary>A row that is not there; a table that is not there is a fault of the set-up and stays one.</summary>
    public static bool IsRowMissing(Response response) => response.Status == 404 && TableFailure.CodeOf(response) != TableErrorCode.TableNotFound;
}
