using System.Text;
using System.Text.Json;
using Ingest.Core.Audit;
using Ingest.Core.Store;
using Ingest.Core.Tests.Access;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Audit;

/// <summary>Whatever somebody does to a log, in the stores or in its files, is found at its first place.</summary>
[Collection(nameof(StorageCollection))]
public sealed class AuditCheckTests(StorageFixture storage)
{
    private const string First = "20260301", Second = "20260302", Third = "20260303";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Two signed days of five entries, and an open one of three.
    private async Task<AccessDesk> ThreeDaysAsync()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        foreach (int count in (int[])[5, 5, 3])
        {
            for (int i = 1; i <= count; i++)
                await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command) { Count = i, Code = "ticket" }, Cancel);
            if (count == 5) desk.Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(2, await desk.Desk.Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(0, await desk.Desk.Audit.SignAsync(desk.Tenant, Cancel));
        return desk;
    }

    private static async Task<List<string>> LinesAsync(AccessDesk desk, params string[] days)
    {
        using MemoryStream file = new();
        foreach (string day in days) Assert.True(await desk.Desk.AuditExport.WriteAsync(desk.Tenant, day, AuditForm.Chain, file, Cancel) >= 0);
        return [.. Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static async Task<AuditFinding?> CheckAsync(IEnumerable<string> lines, byte[]? pinned = null)
    {
        AuditCheck check = new();
        foreach (string line in lines)
            if (await AuditLines.CheckAsync(check, Encoding.UTF8.GetBytes(line), pinned) is { } found) return found;
        return check.Finish();
    }

    [Fact]
    public async Task A_whole_log_is_whole_in_the_stores_and_in_its_files()
    {
        AccessDesk desk = await ThreeDaysAsync();
        AuditCheck check = new();
        Assert.Null(await desk.Desk.AuditExport.CheckAsync(desk.Tenant, check, Cancel));
        Assert.Equal((3, 13L), (check.Days, check.Entries));
        Assert.Null(await CheckAsync(await LinesAsync(desk, First, Second, Third)));
        Assert.Null(await CheckAsync(await LinesAsync(desk, Second)));
        Assert.Equal(-1, await desk.Desk.AuditExport.WriteAsync(desk.Tenant, "20260401", AuditForm.Chain, Stream.Null, Cancel));
    }

    // Lines of two days: 0 begin, 1-5 entries, 6 end; 7 begin, 8-12 entries, 13 end.
    public static TheoryData<string, string, long, AuditFault> Tamperings => new()
    {
        { "delete 3", First, 3, AuditFault.EntryMissing },
        { "delete 1", First, 1, AuditFault.EntryMissing },
        { "delete 5", First, 5, AuditFault.EntryMissing },
        { "delete 6", First, 6, AuditFault.EndMissing },
        { "delete 13", Second, 6, AuditFault.EndMissing },
        { "delete 0", First, 1, AuditFault.Unreadable },
        { "swap 2 3", First, 2, AuditFault.EntryMissing },
        { "copy 4 5", First, 5, AuditFault.EntryTooMany },
        { "copy 9 5", Second, 2, AuditFault.Unreadable },
        { "replace 2 \"count\":2 \"count\":7", First, 2, AuditFault.EntryChanged },
        { "replace 4 \"actorKind\":\"Command\" \"actorKind\":\"System\"", First, 4, AuditFault.EntryChanged },
        { "replace 12 \"entry\":5 \"entry\":6", Second, 5, AuditFault.EntryMissing },
        { "replace 3 ContentRead Nonsense", First, 3, AuditFault.Unreadable },
        { "replace 3 {\" x", First, 3, AuditFault.Unreadable },
        { "replace 6 \"entries\":5 \"entries\":4", First, 5, AuditFault.EntryTooMany },
        { "replace 6 \"entries\":5 \"entries\":6", First, 6, AuditFault.EntryMissing },
        { "replace 7 \"previousDay\":\"20260301\" \"previousDay\":\"20260228\"", Second, 0, AuditFault.DayMissing },
    };

    [Theory]
    [MemberData(nameof(Tamperings))]
    public async Task What_is_done_to_a_file_is_found_at_its_place(string how, string day, long number, AuditFault fault)
    {
        List<string> lines = await LinesAsync(await ThreeDaysAsync(), First, Second);
        string[] words = how.Split(' ');
        int at = int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), to = words.Length > 2 && words[0] != "replace" ? int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture) : 0;
        switch (words[0])
        {
            case "delete": lines.RemoveAt(at); break;
            case "swap": (lines[at], lines[to]) = (lines[to], lines[at]); break;
            case "copy": lines.Insert(to, lines[at]); break;
            default:
                Assert.Contains(words[2], lines[at], StringComparison.Ordinal);
                lines[at] = lines[at].Replace(words[2], words[3], StringComparison.Ordinal);
                break;
        }

        Assert.Equal(new AuditFinding(day, number, fault), await CheckAsync(lines));
    }

    [Fact]
    public async Task A_day_that_is_left_out_is_missed()
    {
        List<string> lines = await LinesAsync(await ThreeDaysAsync(), First, Third);
        Assert.Equal(new AuditFinding(Third, 0, AuditFault.DayMissing), await CheckAsync(lines));
    }

    [Fact]
    public async Task A_chain_that_was_made_anew_without_the_key_is_found_by_its_signature()
    {
        AccessDesk desk = await ThreeDaysAsync();
        List<string> lines = await LinesAsync(desk, First);
        // Whoever can write everything but has no key: all entries but one, hashed anew.
        AuditEntry[] entries = await desk.Desk.Audit.EntriesAsync(desk.Tenant, First, Cancel).ToArrayAsync(Cancel);
        AuditHead head = (await desk.Desk.Audit.HeadAsync(desk.Tenant, First, Cancel))!;
        byte[] hash = AuditHead.Beginning(desk.Tenant.ToString(), First, head.PreviousDay, head.PreviousHash);
        List<string> forged = [lines[0]];
        foreach (AuditEntry entry in entries[..4])
        {
            hash = entry.HashAfter(desk.Tenant.ToString(), hash);
            forged.Add(Encoding.UTF8.GetString(AuditLines.Entry(entry with { Hash = hash })));
        }

        byte[] key = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("publicKey").GetBytesFromBase64();
        forged.Add(Encoding.UTF8.GetString(AuditLines.End(head with { Count = 4, Hash = hash }, key)));
        Assert.Equal(new AuditFinding(First, 5, AuditFault.SignatureWrong), await CheckAsync(forged));
    }

    [Fact]
    public async Task A_signature_by_another_key_is_refused_when_a_key_is_named()
    {
        AccessDesk desk = await ThreeDaysAsync();
        List<string> lines = await LinesAsync(desk, First);
        byte[] own = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("publicKey").GetBytesFromBase64();
        Assert.Null(await CheckAsync(lines, own));
        using System.Security.Cryptography.ECDsa other = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        Assert.Equal(new AuditFinding(First, 6, AuditFault.SignatureWrong), await CheckAsync(lines, other.ExportSubjectPublicKeyInfo()));
        Assert.Equal(new AuditFinding(First, 6, AuditFault.SignatureWrong), await CheckAsync(lines, [1, 2, 3]));
    }

    [Fact]
    public async Task Entries_of_another_tenant_do_not_fit()
    {
        AccessDesk one = await ThreeDaysAsync(), other = await ThreeDaysAsync();
        List<string> mine = await LinesAsync(one, First, Second), theirs = await LinesAsync(other, First, Second);
        Assert.Equal(new AuditFinding(First, 3, AuditFault.EntryChanged), await CheckAsync([.. mine[..3], theirs[3], .. mine[4..]]));
        Assert.Equal(new AuditFinding(Second, 0, AuditFault.ForeignTenant), await CheckAsync([.. mine[..7], .. theirs[7..]]));
    }

    [Theory]
    [InlineData("delete", Second, 4, AuditFault.EntryMissing)]
    [InlineData("change", Second, 4, AuditFault.EntryChanged)]
    [InlineData("insert", Second, 6, AuditFault.EntryChanged)]
    [InlineData("truncate", Second, 5, AuditFault.EndChanged)]
    [InlineData("rehash", Second, 6, AuditFault.SignatureWrong)]
    [InlineData("day", Third, 0, AuditFault.DayMissing)]
    [InlineData("head", Second, 0, AuditFault.EndMissing)]
    [InlineData("first day", Second, 0, AuditFault.DayMissing)]
    [InlineData("long", Second, 4, AuditFault.EntryChanged)]
    [InlineData("no mailbox", Second, 4, AuditFault.EntryChanged)]
    [InlineData("no text", Second, 4, AuditFault.EntryChanged)]
    [InlineData("no head", Second, 6, AuditFault.EndChanged)]
    [InlineData("no day", "", 0, null)]
    public async Task What_is_done_in_the_stores_is_found_at_its_place(string how, string day, long number, AuditFault? fault)
    {
        AccessDesk desk = await ThreeDaysAsync();
        TableClient rows = desk.Desk.Storage.Tables.GetTableClient(TableNames.Audit);
        string partition = $"{desk.Tenant}.{Second}", days = $"{desk.Tenant}.days";
        TableEntity entry = (await rows.GetEntityIfExistsAsync(partition, "e!0000000004", cancel: Cancel))!, last = (await rows.GetEntityIfExistsAsync(partition, "e!0000000005", cancel: Cancel))!;
        TableEntity head = (await rows.GetEntityIfExistsAsync(partition, "head", cancel: Cancel))!;
        switch (how)
        {
            case "delete": await rows.DeleteEntityAsync(partition, entry.RowKey, cancel: Cancel); break;
            case "change": await ReplaceAsync(rows, entry, ("actor", "4k7qz2mx4k7qz2mx")); break;
            case "long": await ReplaceAsync(rows, entry, ("subject", new string('x', 30_000))); break;
            // Where none was: what cannot be read must not be taken for what was not there.
            case "no mailbox": await ReplaceAsync(rows, entry, ("inbox", "Not a mailbox!")); break;
            case "no text": await ReplaceAsync(rows, entry, ("ticket", 7)); break;
            case "no head": await ReplaceAsync(rows, head, ("count", "many"), ("sig", "text")); break;
            case "no day": await rows.AddEntityAsync(new TableEntity(days, "d!yesterday"), Cancel); break;
            case "insert":
                TableEntity added = new(partition, "e!0000000006");
                foreach ((string name, object value) in last) added[name] = value;
                await rows.AddEntityAsync(added, Cancel);
                break;
            case "truncate":
                await rows.DeleteEntityAsync(partition, last.RowKey, cancel: Cancel);
                await ReplaceAsync(rows, head, ("count", 4L));
                break;
            case "rehash":
                AuditEntry[] entries = await desk.Desk.Audit.EntriesAsync(desk.Tenant, Second, Cancel).ToArrayAsync(Cancel);
                AuditEntry other = entries[4] with { Event = entries[4].Event with { Count = 99 } };
                byte[] hash = other.HashAfter(desk.Tenant.ToString(), entries[3].Hash);
                await ReplaceAsync(rows, last, ("count", 99L), ("hash", hash));
                await ReplaceAsync(rows, head, ("hash", hash));
                break;
            case "day": await rows.DeleteEntityAsync(days, "d!" + (99999999 - int.Parse(Second, System.Globalization.CultureInfo.InvariantCulture)), cancel: Cancel); break;
            case "head": await rows.DeleteEntityAsync(partition, "head", cancel: Cancel); break;
            case "first day": await rows.DeleteEntityAsync(days, "d!" + (99999999 - int.Parse(First, System.Globalization.CultureInfo.InvariantCulture)), cancel: Cancel); break;
        }

        AuditFinding? due = fault is { } one ? new AuditFinding(day, number, one) : null;
        Assert.Equal(due, await desk.NewProcess().AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel));
    }

    // Next is not signed: an old day may be made to look open, or as if it had just ended.
    [Theory]
    [InlineData(Second)]
    [InlineData(Third)]
    [InlineData("")]
    public async Task An_old_day_that_was_made_anew_and_lost_its_signature_is_found(string next)
    {
        AccessDesk desk = await ThreeDaysAsync();
        TableClient rows = desk.Desk.Storage.Tables.GetTableClient(TableNames.Audit);
        string partition = $"{desk.Tenant}.{First}";
        TableEntity last = (await rows.GetEntityIfExistsAsync(partition, "e!0000000005", cancel: Cancel))!, head = (await rows.GetEntityIfExistsAsync(partition, "head", cancel: Cancel))!;
        AuditEntry[] entries = await desk.Desk.Audit.EntriesAsync(desk.Tenant, First, Cancel).ToArrayAsync(Cancel);
        byte[] hash = (entries[4] with { Event = entries[4].Event with { Count = 99 } }).HashAfter(desk.Tenant.ToString(), entries[3].Hash);
        await ReplaceAsync(rows, last, ("count", 99L), ("hash", hash));
        TableEntity unsigned = new(partition, "head");
        foreach ((string name, object value) in head)
            if (name is not ("sig" or "sigKid")) unsigned[name] = value;
        await ReplaceAsync(rows, unsigned, ("hash", hash), ("next", next));
        Assert.Equal(new AuditFinding(First, 6, AuditFault.NotSigned), await desk.NewProcess().AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel));
    }

    private static Task<Azure.ETag> ReplaceAsync(TableClient rows, TableEntity row, params (string Name, object Value)[] values)
    {
        foreach ((string name, object value) in values) row[name] = value;
        return rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
    }

    // Changed before it was signed: the day is over, and housekeeping comes within the hour.
    [Theory]
    [InlineData("entry", 3)]
    [InlineData("cut", 5)]
    [InlineData("link", 0)]
    public async Task A_day_whose_chain_is_broken_is_not_signed_and_the_log_says_so(string how, long number)
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        for (int day = 0; day < 3; day++)
        {
            for (int i = 1; i <= 5; i++) await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command) { Count = i }, Cancel);
            desk.Clock.Advance(TimeSpan.FromDays(1));
            if (day == 0) Assert.Equal(1, await desk.Desk.Audit.SignAsync(desk.Tenant, Cancel));
        }

        TableClient rows = desk.Desk.Storage.Tables.GetTableClient(TableNames.Audit);
        string partition = $"{desk.Tenant}.{Second}";
        if (how == "entry") await ReplaceAsync(rows, (await rows.GetEntityIfExistsAsync(partition, "e!0000000003", cancel: Cancel))!, ("count", 99L));
        if (how == "cut") await rows.DeleteEntityAsync(partition, "e!0000000005", cancel: Cancel);
        if (how == "link") await RelinkAsync(desk, rows, partition);
        AuditFault fault = how switch { "entry" => AuditFault.EntryChanged, "cut" => AuditFault.EntryMissing, _ => AuditFault.DayLinkBroken };

        AuditBrokenException broken = await Assert.ThrowsAsync<AuditBrokenException>(() => desk.NewProcess().Audit.SignAsync(desk.Tenant, Cancel));
        Assert.Equal(desk.Tenant, broken.Tenant);
        Assert.Equal(new AuditFinding(Second, number, fault), broken.Finding);
        Assert.Empty((await desk.Desk.Audit.HeadAsync(desk.Tenant, Second, Cancel))!.Signature);
        // The day behind it is signed, unless it does not follow on what was put in front of it.
        Assert.Equal(how == "link", (await desk.Desk.Audit.HeadAsync(desk.Tenant, Third, Cancel))!.Signature.Length == 0);
        AuditEntry told = await desk.Desk.Audit.EntriesAsync(desk.Tenant, "20260304", Cancel).SingleAsync(Cancel);
        Assert.Equal((AuditAction.AuditVerified, AuditResult.Failed, Second, number, "not-signed"), (told.Event.Action, told.Event.Result, told.Event.Subject, told.Event.Count, told.Event.Code));
        // Nor is it by an export.
        string last = (await LinesAsync(desk, Second))[^1];
        Assert.Equal("", JsonDocument.Parse(last).RootElement.GetProperty("signature").GetString());
        Assert.NotNull(await CheckAsync(await LinesAsync(desk, First, Second, Third)));
    }

    // The day is made anew as a whole, with another day before it: a chain that is whole in itself.
    private static async Task RelinkAsync(AccessDesk desk, TableClient rows, string partition)
    {
        byte[] previous = new byte[32], hash = AuditHead.Beginning(desk.Tenant.ToString(), Second, First, previous);
        await foreach (AuditEntry entry in desk.Desk.Audit.EntriesAsync(desk.Tenant, Second, Cancel))
        {
            hash = entry.HashAfter(desk.Tenant.ToString(), hash);
            await ReplaceAsync(rows, (await rows.GetEntityIfExistsAsync(partition, $"e!{entry.Number:D10}", cancel: Cancel))!, ("hash", hash));
        }

        await ReplaceAsync(rows, (await rows.GetEntityIfExistsAsync(partition, "head", cancel: Cancel))!, ("previousHash", previous), ("hash", hash));
    }

    [Theory]
    [InlineData(First, Third, null)]
    [InlineData(First, Second, Third)]
    [InlineData(Second, Third, First)]
    [InlineData(Second, Second, First)]
    public async Task An_export_of_which_files_are_missing_at_its_ends_is_found_out(string first, string last, string? missing)
    {
        AccessDesk desk = await ThreeDaysAsync();
        AuditSpan span = (await desk.Desk.AuditExport.SignSpanAsync(desk.Tenant, First, Third, Cancel))!;
        Assert.Equal((First, Third), (span.From, span.To));
        Assert.Null(await desk.Desk.AuditExport.SignSpanAsync(desk.Tenant, "20260401", "20260402", Cancel));
        using MemoryStream file = new();
        foreach (string day in new[] { First, Second, Third }.Where(day => string.CompareOrdinal(day, first) >= 0 && string.CompareOrdinal(day, last) <= 0))
            await desk.Desk.AuditExport.WriteAsync(desk.Tenant, day, AuditForm.Chain, file, Cancel, span);
        string[] lines = Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(missing is null ? null : new AuditFinding(missing, 0, AuditFault.SpanCut), await CheckAsync(lines));
        // Whoever has no key cannot say that it went less far.
        string[] forged = [.. lines.Select(line => line.Replace($"\"to\":\"{Third}\"", $"\"to\":\"{last}\"", StringComparison.Ordinal).Replace($"\"from\":\"{First}\"", $"\"from\":\"{first}\"", StringComparison.Ordinal))];
        if (missing is not null) Assert.Equal(AuditFault.SignatureWrong, (await CheckAsync(forged))!.Fault);
    }

    [Fact]
    public async Task Old_days_go_and_the_rest_stays_whole()
    {
        AccessDesk desk = await ThreeDaysAsync();
        Assert.Equal(0, await desk.Desk.Audit.DeleteBeforeAsync(desk.Tenant, new DateOnly(2026, 3, 1), Cancel));
        Assert.Equal(5, await desk.Desk.Audit.DeleteBeforeAsync(desk.Tenant, new DateOnly(2026, 3, 2), Cancel));
        Assert.Null(await desk.Desk.AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel));
        Assert.Equal([Third, Second], await desk.Desk.Audit.DaysAsync(desk.Tenant, Cancel).ToArrayAsync(Cancel));
        // The open day stays, whatever is asked for.
        Assert.Equal(5, await desk.Desk.Audit.DeleteBeforeAsync(desk.Tenant, new DateOnly(2036, 1, 1), Cancel));
        Assert.Equal([Third], await desk.Desk.Audit.DaysAsync(desk.Tenant, Cancel).ToArrayAsync(Cancel));
        Assert.Null(await desk.Desk.AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel));

        // Whoever has no key cannot say that a log begins later than it does.
        TableClient rows = desk.Desk.Storage.Tables.GetTableClient(TableNames.Audit);
        TableEntity floor = (await rows.GetEntityIfExistsAsync($"{desk.Tenant}.days", "floor", cancel: Cancel))!;
        await ReplaceAsync(rows, floor, ("day", "20270101"));
        Assert.Equal(new AuditFinding("20270101", 0, AuditFault.SignatureWrong), await desk.Desk.AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel));
    }

    [Fact]
    public async Task Housekeeping_keeps_five_years()
    {
        AccessDesk desk = await ThreeDaysAsync();
        desk.Clock.Advance(new DateTimeOffset(2031, 3, 2, 12, 0, 0, TimeSpan.Zero) - desk.Clock.GetUtcNow());
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command), Cancel);
        await desk.Desk.Audit.SignAsync(desk.Tenant, Cancel);
        Assert.Equal(5, await desk.Desk.Audit.DeleteOldAsync(desk.Tenant, Cancel));
        Assert.Equal(["20310302", Third, Second], await desk.Desk.Audit.DaysAsync(desk.Tenant, Cancel).ToArrayAsync(Cancel));
        Assert.Null(await desk.Desk.AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel));
    }

    [Fact]
    public async Task Clocks_that_disagree_about_the_day_make_one_chain()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        FakeClock ahead = new();
        ahead.Advance(TimeSpan.FromHours(13));
        AccessDesk early = desk;
        AuditLog late = new(desk.Desk.Storage.Tables, desk.Desk.Blobs, desk.Desk.Vault, ahead);
        AuditEvent what = new(AuditAction.Searched, AuditActor.Command);
        await early.Desk.Audit.AppendAsync(desk.Tenant, what, Cancel);
        await late.AppendAsync(desk.Tenant, what, Cancel);
        await early.Desk.Audit.AppendAsync(desk.Tenant, what, Cancel);
        Assert.Equal((1L, 2L), ((await late.HeadAsync(desk.Tenant, First, Cancel))!.Count, (await late.HeadAsync(desk.Tenant, Second, Cancel))!.Count));
        Assert.Null(await desk.Desk.AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel));
    }

    [Fact]
    public async Task Many_processes_open_a_new_day_once()
    {
        AccessDesk desk = await ThreeDaysAsync();
        desk.Clock.Advance(TimeSpan.FromDays(2));
        await Task.WhenAll(Enumerable.Range(1, 24).Select(i => desk.NewProcess().Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.Searched, AuditActor.System) { Count = i }, Cancel)));
        await desk.Desk.Audit.SignAsync(desk.Tenant, Cancel);
        AuditCheck check = new();
        Assert.Null(await desk.Desk.AuditExport.CheckAsync(desk.Tenant, check, Cancel));
        Assert.Equal((4, 37L), (check.Days, check.Entries));
    }

    [Fact]
    public void Random_lines_never_throw()
    {
        Random random = new(1);
        string[] seeds = ["{\"begin\":\"ingest-audit-1\",\"tenant\":\"t\",\"day\":\"20260301\",\"previousDay\":\"\",\"previousHash\":\"00\"}", "{\"entry\":1}", "{\"end\":\"20260301\",\"publicKey\":\"AA==\",\"entries\":0,\"hash\":\"\"}", "[]", "null"];
        for (int i = 0; i < 2000; i++)
        {
            byte[] line = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (int n = random.Next(4); n > 0; n--) line[random.Next(line.Length)] = (byte)random.Next(256);
            AuditCheck check = new();
            _ = AuditLines.CheckAsync(check, line, pinned: null).IsCompletedSuccessfully;
            Assert.True(AuditLines.CheckAsync(new AuditCheck(), line, pinned: null).IsCompletedSuccessfully);
            AuditLines.KeyOf(line);
        }
    }
}
