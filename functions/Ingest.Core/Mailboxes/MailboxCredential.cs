using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ingest.Core.Mailboxes;

/// <summary>What opens a mailbox. Secret: at rest only inside an envelope, in text never.</summary>
/// <param name="Kind">The provider, "google", or "password" for a mail server.</param>
/// <param name="RefreshToken">The token that access tokens are drawn with, or the password.</param>
/// <param name="Subject">The provider's lasting id of the account that consented; reconnecting must show the same.</param>
/// <param name="Email">The account's address at the time of consent.</param>
/// <param name="Scopes">What was granted.</param>
public sealed record MailboxCredential(string Kind, string RefreshToken, string Subject, string Email, IReadOnlyList<string> Scopes)
{
    /// <summary>The <see cref="Kind"/> of a Google account.</summary>
    public const string Google = "google";

    /// <summary>The <see cref="Kind"/> of a name and password at a mail server; the name is in the server's settings.</summary>
    public const string Password = "password";

    /// <summary>A password for a mail server.</summary>
    public static MailboxCredential OfPassword(string password) => new(Password, password, "", "", []);

    /// <summary>The bytes to seal.</summary>
    public byte[] ToJsonBytes() => JsonSerializer.SerializeToUtf8Bytes(this, CredentialJson.Default.MailboxCredential);

    /// <summary>Reads <see cref="ToJsonBytes"/>; throws <see cref="FormatException"/> on anything else, without quoting it.</summary>
    public static MailboxCredential FromJsonBytes(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CredentialJson.Default.MailboxCredential) is { Kind: not null, RefreshToken: not null, Subject: not null, Email: not null, Scopes: not null } read
                ? read
                : throw new FormatException("Not a mailbox credential.");
        }
        catch (JsonException)
        {
            throw new FormatException("Not a mailbox credential.");
        }
    }

    /// <inheritdoc />
    public override string ToString() => "***";
}

[JsonSerializable(typeof(MailboxCredential))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class CredentialJson : JsonSerializerContext;
