using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Store;

/// <summary>An account's name and key, for the emulator and tests; in Azure the identity of the app is used instead.</summary>
public sealed class TableSharedKeyCredential
{
    private readonly byte[] key;

    /// <summary>Takes the key in base64; throws <see cref="FormatException"/> if it is not.</summary>
    public TableSharedKeyCredential(string accountName, string accountKey)
    {
        AccountName = accountName;
        key = Convert.FromBase64String(accountKey);
    }

    /// <summary>The account's name.</summary>
    public string AccountName { get; }

    internal string Sign(string text) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    /// <summary>The account's name: the key is never shown.</summary>
    public override string ToString() => AccountName;
}

/// <summary>Signs each try anew ("Authorize with Shared Key", table service): a date more than 15 minutes old is refused.</summary>
internal sealed class SharedKeyPolicy(TableSharedKeyCredential credential, TimeProvider time) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        Request request = message.Request;
        string date = time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        request.Headers.SetValue("x-ms-date", date);
        request.Headers.TryGetValue("Content-Type", out string? contentType);
        // Path style (the emulator) names the account twice: once as the account, once as the start of the path.
        string resource = "/" + credential.AccountName + request.Uri.ToUri().AbsolutePath;
        string signed = $"{request.Method}\n\n{contentType}\n{date}\n{resource}";
        request.Headers.SetValue("Authorization", $"SharedKey {credential.AccountName}:{credential.Sign(signed)}");
    }
}
