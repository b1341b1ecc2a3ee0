using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;

namespace Ingest.App.Api;

/// <summary>What a tenant's root keys hang from, and the keys that a tenant brings itself; for who manages its people, since both decide who can read everything.</summary>
internal sealed class KeyRoutes(Desk desk)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/keys", Permission.ManagePeople, "Lists the root keys, the key-encryption keys that they hang from, and the keys that you brought.", ListAsync) { Audit = AuditAction.Listed, AuditCode = "keys", Response = AppJson.Default.KeysView },
        new("PUT", "/keys/own", Permission.ManagePeople, "Lists the Key Vault keys that yours may hang from: the first wraps from now on, and what hangs from others moves to it within some hours. Leave a key on the list until then.", SetAsync)
        {
            Audit = AuditAction.PolicyChanged, Request = AppJson.Default.OwnKeysBody, Response = AppJson.Default.KeysView, More = [Problems.Refused],
        },
    ];

    private async Task<Answer> ListAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.ManagePeople)) return Problems.NotAllowed;
        List<RootKeyView> roots = [];
        await foreach (RootState root in desk.Keys.Roots.ListAsync(call.Tenant, open: false, call.Cancel))
            roots.Add(new RootKeyView(root.Purpose.ToString(), root.Epoch, root.Kid, root.IsNewest, root.Created));
        return Answer.Of(new KeysView(roots, await desk.TenantKeks.FindAsync(call.Tenant.Tenant, call.Cancel)), AppJson.Default.KeysView);
    }

    private async Task<Answer> SetAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.ManagePeople)) return Problems.NotAllowed;
        (OwnKeysBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.OwnKeysBody);
        if (body is null) return problem!;
        if (await StillNeededAsync(call, body.Kids) is { } needed)
            return Problems.RefusedFor("key-in-use", $"Root keys still hang from {needed}: leave it on the list, behind the new one, until GET /api/keys says that none does. Nothing was changed.");
        call.Trail.About = call.Trail.About with { Subject = "kek", Count = body.Kids.Count };
        await call.Trail.TellAsync(AuditAction.PolicyChanged);
        try
        {
            await desk.TenantKeks.SetAsync(call.Tenant, body.Kids, call.Cancel);
        }
        catch (ArgumentException)
        {
            return Problems.RefusedFor("key-unusable", "Name up to four different keys such as https://NAME.vault.azure.net/keys/NAME, without a version.");
        }
        catch (NotNowException e) when (e.ReasonCode is "vault-forbidden" or "vault-disabled" or "vault-key-missing" or "vault-key-expired" or "vault-key-wrong-use" or "vault-key-wrong-type")
        {
            return Problems.RefusedFor(e.ReasonCode, "A trial with the first key failed: switch it on, and give this app's identity get, wrap key and unwrap key on it. Nothing was changed; try again after a minute.");
        }
        catch (NotNowException e) when (e.ReasonCode == "vault-key-elsewhere")
        {
            return Problems.RefusedFor(e.ReasonCode, "Keys of your own work where keys are in Key Vault; here they are files, under the development profile.");
        }

        return await ListAsync(call);
    }

    // Without it nothing of the tenant opens any more, the list itself included.
    private async Task<string?> StillNeededAsync(ApiCall call, IReadOnlyList<string> kids)
    {
        foreach (string old in await desk.TenantKeks.FindAsync(call.Tenant.Tenant, call.Cancel))
        {
            if (kids.Contains(old, StringComparer.Ordinal)) continue;
            await foreach (RootState root in desk.Keys.Roots.ListAsync(call.Tenant, open: false, call.Cancel))
                if (root.Kid.StartsWith(old + "/", StringComparison.Ordinal)) return old;
        }

        return null;
    }
}
