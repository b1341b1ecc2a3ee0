using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam.Training;

/// <summary>A mail from a file, as far as it can be judged without its mailbox: who delivered it is read from its topmost lines.</summary>
/// <param name="Message">The mail.</param>
/// <param name="Auth">What the server that delivered it found out about its sender, as far as that can be told from what others may have written.</param>
/// <param name="Screened">What sort of mail it is.</param>
/// <param name="Context">What else is known: what it does as deceivers do.</param>
public sealed record MailFile(MailMessage Message, AuthVerdict Auth, Screened Screened, SpamContext Context)
{
    private static readonly ScreenInputs s_nobody = new(new OwnAddresses([]), _ => false);

    /// <summary>Reads a mail. Never throws; a line that an mbox put before it is passed over.</summary>
    public static MailFile Read(ReadOnlyMemory<byte> raw)
    {
        MailMessage message = MailMessage.Parse(raw);
        AuthVerdict auth = Authenticate.FromField(message, DeliveredBy(message));
        return new MailFile(message, auth, Screen.Decide(message, auth, s_nobody), SpamContext.None with { Hints = PhishingHints.Find(message, auth, []) });
    }

    /// <summary>Judges it.</summary>
    public SpamVerdict Judge(SpamModel model, SpamThresholds lines) => Classify.Decide(Message, Auth, Screened, Context with { Thresholds = lines }, model);

    // The first field of whoever wrote the first Received line, and above the first such line of anybody else.
    private static AuthenticationResults? DeliveredBy(MailMessage message)
    {
        string? provider = null;
        foreach (Header header in message.Headers)
        {
            if (header.Name.Equals("Received", StringComparison.OrdinalIgnoreCase))
            {
                if (ReceivedLine.Parse(header.Unfolded) is not { } line) return null;
                if (!line.By.Any(c => c is >= 'g' and <= 'z') || !line.By.Contains('.', StringComparison.Ordinal)) continue;
                string owner = Hosts.Owner(line.By).ToString();
                if (provider is not null && provider != owner) return null;
                provider = owner;
            }
            else if (header.Name.Equals("Authentication-Results", StringComparison.OrdinalIgnoreCase) && AuthenticationResults.TryParse(header.Unfolded, out AuthenticationResults field))
            {
                // Microsoft's servers leave their name out.
                bool isTheirs = field.AuthservId.Length > 0 ? provider is null || Hosts.Owner(field.AuthservId).SequenceEqual(provider) : provider == "outlook.com";
                if (isTheirs) return field;
            }
        }

        return null;
    }
}
