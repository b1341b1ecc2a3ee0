using System.Text;
using System.Text.Json;
using Ingest.Core.Audit;
using Ingest.Core.Store;
using Ingest.Core.Tests.Access;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Audit;

/// <summary>Whoever can write every row and has no key gets no signature for a day that was signed before, or that the next day does not follow on.</summary>
[Collection(nameof(StorageCollection))]
public sealed class AuditEndsTests(StorageFixture storage)
{
    private const string Second = "20260302", Third = "20260303";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Three days that are over, of two entries each, and the open one; so many of them signed.
    private async Task<AccessDesk> DaysAsync(int signed)
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        for (int day = 0; day < 3; day++)
        {
            for (int i = 1; i <= 2; i++) await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command) { Count = i }, Cancel);
            desk.Clock.Advance(TimeSpan.FromDays(1));
            if (day < signed) Assert.Equal(1, await desk.Desk.Audit.SignAsync(desk.Tenant, Cancel));
        }

        return desk;
    }

    private static TableClient Rows(AccessDesk desk) => desk.Desk.Storage.Tables.GetTableClient(TableNames.Audit);

    private static async Task<AuditHead> HeadAsync(AccessDesk desk, string day) => (await desk.Desk.Audit.HeadAsync(desk.Tenant, day, Cancel))!;

    // Takes the signature away and, with a count, makes the day anew with another last entry, as a chain that is whole in itself.
    private static async Task StripAsync(AccessDesk desk, string day, long? count = null, string? next = null, byte[]? previous = null)
    {
        TableClient rows = Rows(desk);
        string partition = $"{desk.Tenant}.{day}";
        TableEntity head = (await rows.GetEntityIfExistsAsync(partition, "head", cancel: Cancel))!, bare = new(partition, "head");
        foreach ((string name, object value) in head)
            if (name is not ("sig" or "sigKid")) bare[name] = value;
        if (next is not null) bare["next"] = next;
        if (count is { } other)
        {
            AuditHead old = await HeadAsync(desk, day);
            byte[] hash = AuditHead.Beginning(desk.Tenant.ToString(), day, old.PreviousDay, previous ?? old.PreviousHash);
            await foreach (AuditEntry entry in desk.Desk.Audit.EntriesAsync(desk.Tenant, day, Cancel))
            {
                AuditEntry forged = entry.Number == 2 ? entry with { Event = entry.Event with { Count = other } } : entry;
                hash = forged.HashAfter(desk.Tenant.ToString(), hash);
                TableEntity row = (await rows.GetEntityIfExistsAsync(partition, $"e!{entry.Number:D10}", cancel: Cancel))!;
                (row["count"], row["hash"]) = (forged.Event.Count, hash);
                await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
            }

            (bare["hash"], bare["previousHash"]) = (hash, previous ?? old.PreviousHash);
        }

        await rows.UpsertEntityAsync(bare, TableUpdateMode.Replace, Cancel);
    }

    private static async Task<string> ExportedSignatureAsync(AccessDesk desk, string day)
    {
        using MemoryStream file = new();
        await desk.NewProcess().AuditExport.WriteAsync(desk.Tenant, day, AuditForm.Chain, file, Cancel);
        return JsonDocument.Parse(Encoding.UTF8.GetString(file.ToArray()).TrimEnd('\n').Split('\n')[^1]).RootElement.GetProperty("signature").GetString()!;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task The_newest_closed_day_made_anew_after_it_was_signed_is_not_signed_again(string? next)
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        await StripAsync(desk, Third, count: 99, next: next);
        byte[] forged = (await HeadAsync(desk, Third)).Hash;
        // The open day goes with it, so that everything is of one piece.
        await Rows(desk).DeleteEntityAsync($"{desk.Tenant}.20260304", "head", cancel: Cancel);
        await Rows(desk).DeleteEntityAsync($"{desk.Tenant}.days", "d!" + (99999999 - 20260304), cancel: Cancel);
        Assert.Equal("", await ExportedSignatureAsync(desk, Third));
        AuditBrokenException broken = await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(new AuditFinding(Third, 3, AuditFault.EndChanged), broken.Finding);
        Assert.Equal(forged, (await HeadAsync(desk, Third)).Hash);
        Assert.Empty((await HeadAsync(desk, Third)).Signature);
        AuditEntry told = await desk.NewProcess().Audit.EntriesAsync(desk.Tenant, "20260304", Cancel).SingleAsync(Cancel);
        Assert.Equal((AuditAction.AuditVerified, AuditResult.Failed, Third, "not-signed"), (told.Event.Action, told.Event.Result, told.Event.Subject, told.Event.Code));
    }

    [Fact]
    public async Task A_day_made_anew_under_a_signed_one_is_signed_neither_in_place_nor_in_an_export()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        await StripAsync(desk, Second, count: 99);
        Assert.Equal("", await ExportedSignatureAsync(desk, Second));
        AuditBrokenException broken = await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(new AuditFinding(Second, 3, AuditFault.EndChanged), broken.Finding);
        Assert.Empty((await HeadAsync(desk, Second)).Signature);
    }

    // Neither day was ever signed: only the next day speaks against it.
    [Fact]
    public async Task A_day_that_the_next_does_not_follow_on_is_not_signed()
    {
        AccessDesk desk = await DaysAsync(signed: 1);
        await StripAsync(desk, Second, count: 99);
        Assert.Equal("", await ExportedSignatureAsync(desk, Second));
        AuditBrokenException broken = await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(new AuditFinding(Third, 0, AuditFault.DayLinkBroken), broken.Finding);
        Assert.Empty((await HeadAsync(desk, Second)).Signature);
    }

    [Fact]
    public async Task A_signature_that_was_only_taken_away_comes_back()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        byte[] signature = (await HeadAsync(desk, Second)).Signature;
        await StripAsync(desk, Second);
        Assert.Empty((await HeadAsync(desk, Second)).Signature);
        Assert.Equal(1, await desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(signature, (await HeadAsync(desk, Second)).Signature);
        Assert.Null(await desk.NewProcess().AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel));
    }

    [Fact]
    public async Task The_end_of_a_day_goes_with_the_day()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        Assert.Equal(2, await desk.Desk.Audit.DeleteBeforeAsync(desk.Tenant, new DateOnly(2026, 3, 2), Cancel));
        Assert.Equal([$"{desk.Tenant}/{Second}", $"{desk.Tenant}/{Third}"], await desk.Desk.Blobs.ListAsync(AuditLog.EndsContainer, $"{desk.Tenant}/", Cancel).Select(blob => blob.Name).ToArrayAsync(Cancel));
    }
}
