using Ingest.Core.Screening;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>What the filter looks at in a mail, as hashed features.</summary>
public static class SpamFeatures
{
    private const int ReadAtMost = 32 * 1024;

    /// <summary>The features of a mail. Pure; linear in the size of what is read of it, which is bounded.</summary>
    public static FeatureVector Extract(MailMessage message, AuthVerdict auth, Screened screened, SpamContext context)
    {
        using var features = new FeatureBuilder();
        string text = message.Text ?? "";
        AddWords(features, FeatureGroup.Word, text.AsSpan(0, Math.Min(text.Length, ReadAtMost)));
        AddWords(features, FeatureGroup.Subject, message.Subject);
        if (message.From is [{ } from, ..])
        {
            features.Add(FeatureGroup.Identity, from.Address.ToLowerInvariant());
            features.Add(FeatureGroup.Identity, from.Domain);
        }

        features.Add(FeatureGroup.Sender, "authenticated", auth.Authenticated ? 1 : 0);
        features.Add(FeatureGroup.Sender, "history", (int)context.History);
        features.Add(FeatureGroup.Header, "screened", (int)screened.Kind);
        return features.Build();
    }

    private static void AddWords(FeatureBuilder features, FeatureGroup group, ReadOnlySpan<char> text)
    {
        Span<char> word = stackalloc char[32];
        int length = 0;
        foreach (char c in text)
        {
            if (char.IsLetterOrDigit(c))
            {
                if (length < word.Length) word[length++] = char.ToLowerInvariant(c);
                continue;
            }

            if (length > 1) features.Add(group, word[..length]);
            length = 0;
        }

        if (length > 1) features.Add(group, word[..length]);
    }
}
