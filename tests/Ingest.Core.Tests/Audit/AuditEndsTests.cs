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
    private const string First = "20260301", Second = "20260302", Third = "20260303", Open = "20260304";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<AccessDesk> DaysAsync(int signed) => AuditForge.DaysAsync(storage, signed);

    private static async Task<string> ExportedSignatureAsync(AccessDesk desk, string day)
    {
        using MemoryStream file = new();
        await desk.NewProcess().AuditExport.WriteAsync(desk.Tenant, day, AuditForm.Chain, file, Cancel);
        return JsonDocument.Parse(Encoding.UTF8.GetString(file.ToArray()).TrimEnd('\n').Split('\n')[^1]).RootElement.GetProperty("signature").GetString()!;
    }

    private static Task<AuditFinding?> VerifyAsync(AccessDesk desk) => desk.NewProcess().AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task The_newest_closed_day_made_anew_after_it_was_signed_is_not_signed_again(string? next)
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        await AuditForge.StripAsync(desk, Third, count: 99, next: next);
        byte[] forged = (await AuditForge.HeadAsync(desk, Third)).Hash;
        // The open day goes with it, so that everything is of one piece.
        await AuditForge.CutAsync(desk, Open);
        Assert.Equal("", await ExportedSignatureAsync(desk, Third));
        Assert.Equal(new AuditFinding(Third, 3, AuditFault.EndChanged), await VerifyAsync(desk));
        AuditBrokenException broken = await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(new AuditFinding(Third, 3, AuditFault.EndChanged), broken.Finding);
        Assert.Equal(forged, (await AuditForge.HeadAsync(desk, Third)).Hash);
        Assert.Empty((await AuditForge.HeadAsync(desk, Third)).Signature);
        AuditEntry told = await desk.NewProcess().Audit.EntriesAsync(desk.Tenant, "20260304", Cancel).SingleAsync(Cancel);
        Assert.Equal((AuditAction.AuditVerified, AuditResult.Failed, Third, "not-signed"), (told.Event.Action, told.Event.Result, told.Event.Subject, told.Event.Code));
    }

    [Fact]
    public async Task A_day_made_anew_under_a_signed_one_is_signed_neither_in_place_nor_in_an_export()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        await AuditForge.StripAsync(desk, Second, count: 99);
        Assert.Equal("", await ExportedSignatureAsync(desk, Second));
        AuditBrokenException broken = await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(new AuditFinding(Second, 3, AuditFault.EndChanged), broken.Finding);
        Assert.Empty((await AuditForge.HeadAsync(desk, Second)).Signature);
    }

    // Neither day was ever signed: only the next day speaks against it.
    [Fact]
    public async Task A_day_that_the_next_does_not_follow_on_is_not_signed()
    {
        AccessDesk desk = await DaysAsync(signed: 1);
        await AuditForge.StripAsync(desk, Second, count: 99);
        Assert.Equal("", await ExportedSignatureAsync(desk, Second));
        AuditBrokenException broken = await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(new AuditFinding(Third, 0, AuditFault.DayLinkBroken), broken.Finding);
        Assert.Empty((await AuditForge.HeadAsync(desk, Second)).Signature);
    }

    [Fact]
    public async Task A_signature_that_was_only_taken_away_comes_back()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        byte[] signature = (await AuditForge.HeadAsync(desk, Second)).Signature;
        await AuditForge.StripAsync(desk, Second);
        Assert.Empty((await AuditForge.HeadAsync(desk, Second)).Signature);
        Assert.Equal(1, await desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(signature, (await AuditForge.HeadAsync(desk, Second)).Signature);
        Assert.Null(await desk.NewProcess().AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel));
    }

    // Where a day stands says nothing: whoever takes the newest away makes an older one the newest.
    [Fact]
    public async Task A_signed_day_made_anew_and_made_the_newest_is_found_where_it_lies()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        await AuditForge.StripAsync(desk, Second, count: 777, next: "");
        await AuditForge.CutAsync(desk, Third, Open);
        Assert.Equal(new AuditFinding(Second, 3, AuditFault.NotSigned), await VerifyAsync(desk));
    }

    [Theory]
    [InlineData(Third, Third, Open)]
    [InlineData(Second, Second, Third, Open)]
    [InlineData(First, First, Second, Third, Open)]
    public async Task The_newest_days_cannot_be_taken_away_unnoticed(string found, params string[] gone)
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        await AuditForge.CutAsync(desk, gone);
        Assert.Equal(new AuditFinding(found, 0, AuditFault.DayGone), await VerifyAsync(desk));
        if (found == First) return;
        // Nor when the log goes on with today, nor when it begins the day that is gone anew.
        string last = found == Third ? Second : First;
        await AuditForge.ChangeHeadAsync(desk, last, ("next", Open));
        await desk.NewProcess().Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command), Cancel);
        await desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel);
        Assert.Equal(new AuditFinding(found, 0, AuditFault.DayGone), await VerifyAsync(desk));
        await AuditForge.CutAsync(desk, Open);
        await AuditForge.ChangeHeadAsync(desk, last, ("next", found));
        AuditBrokenException broken = await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(new AuditFinding(found, 1, AuditFault.EndChanged), broken.Finding);
    }

    // An export signs how an open day stands; that is no end of the day.
    [Fact]
    public async Task A_day_cut_back_to_what_an_export_signed_while_it_was_open_is_found_and_not_exported_as_signed()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command), Cancel);
        using MemoryStream file = new();
        await desk.Desk.AuditExport.WriteAsync(desk.Tenant, Open, AuditForm.Chain, file, Cancel);
        JsonElement end = JsonDocument.Parse(Encoding.UTF8.GetString(file.ToArray()).TrimEnd('\n').Split('\n')[^1]).RootElement;
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command), Cancel);
        desk.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await desk.Desk.Audit.SignAsync(desk.Tenant, Cancel));
        TableEntity head = (await AuditForge.Rows(desk).GetEntityIfExistsAsync($"{desk.Tenant}.{Open}", "head", cancel: Cancel))!;
        (head["count"], head["hash"], head["sigKid"], head["sig"]) = (1L, Convert.FromHexString(end.GetProperty("hash").GetString()!), end.GetProperty("key").GetString(), end.GetProperty("signature").GetBytesFromBase64());
        await AuditForge.Rows(desk).UpsertEntityAsync(head, TableUpdateMode.Replace, Cancel);
        await AuditForge.Rows(desk).DeleteEntityAsync($"{desk.Tenant}.{Open}", "e!0000000002", cancel: Cancel);
        Assert.Equal(new AuditFinding(Open, 2, AuditFault.EndChanged), await VerifyAsync(desk));
        Assert.Equal("", await ExportedSignatureAsync(desk, Open));
    }

    [Fact]
    public async Task An_end_that_was_taken_away_or_put_in_is_found()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        await desk.Desk.Blobs.PutAsync(AuditLog.EndsContainer, $"{desk.Tenant}/20290101", "ingest-audit-end 1 20290101 1 00 kid 00\n"u8.ToArray(), onlyIfAbsent: true, Cancel);
        Assert.Equal(new AuditFinding("20290101", 0, AuditFault.SignatureWrong), await VerifyAsync(desk));
        Assert.True(await desk.Desk.Blobs.DeleteIfExistsAsync(AuditLog.EndsContainer, $"{desk.Tenant}/20290101", Cancel));
        Assert.Null(await VerifyAsync(desk));
        Assert.True(await desk.Desk.Blobs.DeleteIfExistsAsync(AuditLog.EndsContainer, $"{desk.Tenant}/{Second}", Cancel));
        Assert.Equal(new AuditFinding(Second, 3, AuditFault.EndNotKept), await VerifyAsync(desk));
    }

    [Fact]
    public async Task Ends_that_are_not_kept_are_kept_again_only_when_the_whole_log_is_proven_and_somebody_says_so()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        foreach (string day in (string[])[First, Second]) Assert.True(await desk.Desk.Blobs.DeleteIfExistsAsync(AuditLog.EndsContainer, $"{desk.Tenant}/{day}", Cancel));
        await desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel);
        Assert.Equal(new AuditFinding(First, 3, AuditFault.EndNotKept), await VerifyAsync(desk));
        Assert.Equal(2, await desk.NewProcess().Audit.KeepEndsAsync(desk.Tenant, AuditActor.Command, Cancel));
        Assert.Null(await VerifyAsync(desk));
        AuditEntry told = await desk.NewProcess().Audit.EntriesAsync(desk.Tenant, Open, Cancel).LastAsync(Cancel);
        Assert.Equal((AuditAction.AuditVerified, "ends-kept", 2L, AuditActor.Command), (told.Event.Action, told.Event.Code, told.Event.Count, told.Event.Actor));

        // A day made anew has no signature; one cut back has a wrong one: nothing is kept of either.
        foreach (string day in (string[])[Second, Third]) Assert.True(await desk.Desk.Blobs.DeleteIfExistsAsync(AuditLog.EndsContainer, $"{desk.Tenant}/{day}", Cancel));
        await AuditForge.StripAsync(desk, Second, count: 99);
        for (int i = 0; i < 2; i++)
        {
            AuditBrokenException broken = await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.KeepEndsAsync(desk.Tenant, AuditActor.Command, Cancel));
            Assert.Equal(new AuditFinding(Second, 3, AuditFault.NotSigned), broken.Finding);
        }

        Assert.Equal([$"{desk.Tenant}/{First}"], await desk.Desk.Blobs.ListAsync(AuditLog.EndsContainer, $"{desk.Tenant}/", Cancel).Select(blob => blob.Name).ToArrayAsync(Cancel));
        // Told once, however often it is met on one day.
        Assert.Equal(1, await desk.NewProcess().Audit.EntriesAsync(desk.Tenant, Open, Cancel).CountAsync(entry => entry.Event.Code == "ends-not-kept", Cancel));
    }

    [Fact]
    public async Task What_is_in_the_way_of_a_signature_is_told_once_a_day()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        await AuditForge.StripAsync(desk, Second, count: 99);
        for (int hour = 0; hour < 3; hour++) await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(1, await desk.NewProcess().Audit.EntriesAsync(desk.Tenant, Open, Cancel).CountAsync(entry => entry.Event.Code == "not-signed", Cancel));
        desk.Clock.Advance(TimeSpan.FromDays(1));
        await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(1, await desk.NewProcess().Audit.EntriesAsync(desk.Tenant, "20260305", Cancel).CountAsync(entry => entry.Event.Code == "not-signed", Cancel));
    }

    [Fact]
    public async Task Only_today_and_yesterday_may_lack_a_signature()
    {
        AccessDesk desk = await DaysAsync(signed: 2);
        Assert.Null(await VerifyAsync(desk));
        desk.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(new AuditFinding(Third, 3, AuditFault.NotSigned), await VerifyAsync(desk));
        await desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel);
        Assert.Null(await VerifyAsync(desk));
    }

    [Fact]
    public async Task The_end_of_a_day_goes_with_the_day()
    {
        AccessDesk desk = await DaysAsync(signed: 3);
        Assert.Equal(2, await desk.Desk.Audit.DeleteBeforeAsync(desk.Tenant, new DateOnly(2026, 3, 2), Cancel));
        Assert.Equal([$"{desk.Tenant}/{Second}", $"{desk.Tenant}/{Third}"], await desk.Desk.Blobs.ListAsync(AuditLog.EndsContainer, $"{desk.Tenant}/", Cancel).Select(blob => blob.Name).ToArrayAsync(Cancel));
    }
}
