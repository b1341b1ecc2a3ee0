namespace Ingest.Core.Keys;

/// <summary>
/// A tenant's root rows are not as this system wrote them: unsigned, altered, rolled back or incomplete. Nothing is read or written for that tenant
/// until a person has looked; it is a fault of the world, never of one mail.
/// </summary>
public sealed class RootKeyRefusedException : Exception
{
    /// <summary>The one form this failure has.</summary>
    public RootKeyRefusedException() : base("The root key rows of a tenant were refused.")
    {
    }
}
