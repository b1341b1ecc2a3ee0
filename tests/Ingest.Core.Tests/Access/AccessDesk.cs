using Ingest.Core.Access;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Access;

/// <summary>A tenant of its own on the shared storage emulator, with a clock that can be moved and, when asked for, a directory.</summary>
internal sealed class AccessDesk
{
    private readonly StorageFixture _storage;

    private AccessDesk(StorageFixture storage, FakeClock clock) => (_storage, Clock, Tenant) = (storage, clock, new TenantContext(TenantId.Parse(StorageFixture.NewName())));

    public TenantContext Tenant { get; }
    public FakeClock Clock { get; }
    public Desk Desk { get; private set; } = null!;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<AccessDesk> OpenAsync(StorageFixture storage, SignInSettings? signIn = null, FakeClock? clock = null)
    {
        AccessDesk desk = new(storage, clock ?? new FakeClock());
        desk.Desk = desk.NewProcess(signIn: signIn);
        await desk.Desk.CreateStoresAsync(Cancel);
        return desk;
    }

    public static SignInSettings With(LocalIssuer issuer, Guid? firstOwner = null, bool secret = true, string? audience = null) => new()
    {
        Issuer = issuer.Issuer, Directory = LocalIssuer.Directory, ClientId = issuer.ClientId, ClientSecret = secret ? new Secret(issuer.ClientSecret) : null, ApiAudience = audience,
        FirstOwner = firstOwner is { } owner ? new Identity(LocalIssuer.Directory, owner) : null,
    };

    /// <summary>What a new process has: nothing cached, the same stores.</summary>
    public Desk NewProcess(bool development = true, SignInSettings? signIn = null) => new(new IngestSettings
    {
        Development = development,
        StorageConnectionString = _storage.ConnectionString,
        KeyFolder = _storage.KeyFolder,
        BaseUrl = new Uri("http://127.0.0.1:1"),
        Tenant = Tenant.Tenant,
        SignIn = signIn,
    }, Clock);

    public static Identity NewIdentity() => new(LocalIssuer.Directory, Guid.NewGuid());

    public async Task<Person> AddAsync(Role role, InboxId? inbox = null)
    {
        (Person? person, PeopleChange change) = await Desk.People.AddAsync(Tenant, NewIdentity(), "Somebody", "somebody@acme.example", [new Grant(role, inbox)], Cancel);
        Assert.Equal(PeopleChange.Done, change);
        return person!;
    }
}
