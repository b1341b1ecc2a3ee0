using Ingest.Core.Screening;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>What the filter looks at in a mail, as hashed features.</summary>
public static class SpamFeatures
{
    /// <summary>The features of a mail. Pure; linear in the size of what is read of it, which is bounded.</summary>
    public static FeatureVector Extract(MailMessage message, AuthVerdict auth, Screened screened, SpamContext context)
    {
        using var reading = new MailReading(message, auth, screened, context);
        return reading.Features.Build();
    }
}
