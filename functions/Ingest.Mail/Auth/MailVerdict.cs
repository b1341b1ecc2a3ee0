namespace Ingest.Mail.Auth;

/// <summary>All that can be proven about who sent a message.</summary>
/// <param name="Spf">What the envelope proves; null when the client is not known.</param>
/// <param name="Dkim">What each signature proves, topmost first.</param>
/// <param name="Arc">What those who passed it on prove.</param>
/// <param name="Dmarc">Whether From is proven.</param>
public sealed record MailVerdict(SpfVerdict? Spf, IReadOnlyList<DkimVerdict> Dkim, ArcVerdict Arc, DmarcVerdict Dmarc);
