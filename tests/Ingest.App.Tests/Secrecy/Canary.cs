namespace Ingest.App.Tests.Secrecy;

/// <summary>A word that must rest nowhere outside an envelope.</summary>
/// <param name="Name">What it stands for, shown when it is found.</param>
/// <param name="Word">The word itself.</param>
/// <param name="Guessable">True when people could guess the whole value (an address, a subject), so that its plain digest gives it away too.</param>
internal sealed record Canary(string Name, string Word, bool Guessable = false);

/// <summary>Where a canary was found.</summary>
/// <param name="Place">The file, row or line, with the layers that were taken off on the way: "azurite/x.json > base64 > gzip".</param>
/// <param name="Canary">Which.</param>
/// <param name="Form">How it was written.</param>
internal readonly record struct Sighting(string Place, string Canary, string Form)
{
    public override string ToString() => $"{Canary} as {Form} in {Place}";
}
