using Ingest.Core.Keys;
using Ingest.Core.Tests.Keys;
using Xunit;

[assembly: AssemblyFixture(typeof(LocalVaultFolder))]

namespace Ingest.Core.Tests.Keys;

/// <summary>One folder of local keys for all tests, because RSA keys are slow to make.</summary>
public sealed class LocalVaultFolder : IDisposable
{
    private readonly TempFolder folder = new();

    public string Path => folder.Path;

    public LocalKeyVault Vault { get; }

    public LocalVaultFolder() => Vault = new LocalKeyVault(Path);

    public void Dispose()
    {
        Vault.Dispose();
        folder.Dispose();
    }
}
