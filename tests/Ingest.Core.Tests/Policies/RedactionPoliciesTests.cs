using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Policies;

/// <summary>A mailbox's redaction: kept, and obeyed by mail that is taken in.</summary>
[Collection(nameof(StorageCollection))]
public sealed class RedactionPoliciesTests(StorageFixture storage)
{
    private const string Card = "4111 1111 1111 1111";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<TestDesk> OpenAsync(Func<RedactionPolicy, RedactionPolicy>? policy = null)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        if (policy is not null) await test.Desk.RedactionPolicies.ChangeAsync(test.Tenant, test.Mailbox.Id, policy, AuditActor.Command, Cancel);
        return test;
    }

    private static RedactionPolicy Styled(RedactionPolicy policy, MaskStyle style) => policy with { Types = new Dictionary<FindingType, TypePolicy>(policy.Types) { [FindingType.Card] = new(style) } };

    private static async Task<(JournalLine Line, MessageDocument Message)> TakeInAsync(TestDesk test, string id, string body = $"card {Card} thanks\r\n")
    {
        JournalLine line = await test.TakeInAsync(Mails.From("ann@customer.example", "Hello", id, body: body), Cancel);
        return (line, (await test.Desk.Tickets.MessagesAsync(test.Tenant, line.TicketId, Cancel)).Single(message => message.Key == line.MessageKey).Document!);
    }

    [Fact]
    public async Task A_policy_is_kept_sealed_and_a_mailbox_without_one_goes_by_the_one_for_all()
    {
        TestDesk test = await OpenAsync();
        await test.Desk.RedactionPolicies.ChangeAsync(test.Tenant, null, p => p with { Allow = ["SECRETSIGN-####"] }, AuditActor.Command, Cancel);
        Assert.Equal(["SECRETSIGN-####"], (await test.Desk.RedactionPolicies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).Allow);

        HeldPolicy<RedactionPolicy>? own = await test.Desk.RedactionPolicies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Confidence = 0.75 }, AuditActor.Command, Cancel);
        RedactionPolicy read = await test.NewProcess().RedactionPolicies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel);
        Assert.Equal((0.75, "SECRETSIGN-####"), (read.Confidence, read.Allow.Single()));
        TableEntity row = (await test.Desk.Storage.Tables.GetTableClient(TableNames.Policies).GetEntityIfExistsAsync(test.Tenant.Tenant.Value, "redact!" + test.Mailbox.Id, cancel: Cancel))!;
        Assert.True(row.GetBinary("doc")!.AsSpan().StartsWith("TKE1"u8));
        Assert.Equal(-1, row.GetBinary("doc")!.AsSpan().IndexOf("SECRETSIGN"u8));

        Assert.True(await test.Desk.RedactionPolicies.RemoveAsync(test.Tenant, test.Mailbox.Id, own!.Version, AuditActor.Command, Cancel));
        Assert.Equal(RedactionPolicy.UsualConfidence, (await test.Desk.RedactionPolicies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).Confidence);
        await Assert.ThrowsAsync<PolicyException>(() => test.Desk.RedactionPolicies.ChangeAsync(test.Tenant, null, p => p with { Allow = ["*"] }, AuditActor.Command, Cancel));
    }

    [Fact]
    public async Task The_audit_log_says_what_was_changed_and_not_what_is_allowed()
    {
        TestDesk test = await OpenAsync();
        await test.Desk.RedactionPolicies.ChangeAsync(test.Tenant, test.Mailbox.Id, _ => RedactionPolicy.Pci with { Allow = ["SECRETSIGN-####"], DryRun = true }, AuditActor.Command, Cancel);
        await test.Desk.RedactionPolicies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => Styled(p, MaskStyle.FirstSixLastFour) with { Allow = ["OTHERSIGN-####"], Outgoing = [FindingType.Card], DryRun = false }, AuditActor.Command, Cancel);
        await test.Desk.RedactionPolicies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p, AuditActor.Command, Cancel);
        List<string> codes = [];
        await foreach (string day in test.Desk.Audit.DaysAsync(test.Tenant, Cancel))
            await foreach (AuditEntry entry in test.Desk.Audit.EntriesAsync(test.Tenant, day, Cancel))
                if (entry.Event.Action == AuditAction.PolicyChanged) codes.Add(entry.Event.Code);
        Assert.Equal(
        [
            "redact-preset-default-to-pci", "redact-allow-0-to-1", "redact-dry-run-no-to-yes",
            "redact-card-firstsixlastfour", "redact-allow-other", "redact-outgoing-cardexpiry-no-more", "redact-outgoing-cardcode-no-more", "redact-outgoing-secret-no-more", "redact-dry-run-yes-to-no",
            "redact-policy-same",
        ], codes);
    }

    [Fact]
    public void Every_code_of_a_change_is_one_that_the_audit_log_takes()
    {
        foreach (RedactionPreset from in Enum.GetValues<RedactionPreset>())
            foreach (FindingType type in Enum.GetValues<FindingType>())
                foreach (MaskStyle style in Enum.GetValues<MaskStyle>())
                {
                    RedactionPolicy old = RedactionPolicy.Named(from), next = RedactionPolicy.Named((RedactionPreset)(((int)from + 1) % 5)) with
                    {
                        Types = new Dictionary<FindingType, TypePolicy> { [type] = new(style, 0.333) },
                        Pdf = FoundInPdf.Withhold,
                        Archives = UnreadFile.Withhold,
                        Images = UnreadFile.Withhold,
                        Unreadable = UnreadFile.Withhold,
                        Original = OriginalMail.NotKept,
                        Outgoing = [type],
                        Confidence = 0.123,
                        Countries = ["us"],
                        RulesOff = ["us.ssn"],
                    };
                    foreach (string code in RedactionPolicies.Between(old, next).Concat(RedactionPolicies.Between(next, old)))
                        _ = new AuditEvent(AuditAction.PolicyChanged, AuditActor.Command) { Code = code };
                }
    }

    [Fact]
    public async Task Mail_is_masked_as_its_mailbox_says_and_the_line_counts_by_sort_and_rule()
    {
        TestDesk test = await OpenAsync(p => Styled(p, MaskStyle.FirstSixLastFour));
        (JournalLine line, MessageDocument message) = await TakeInAsync(test, "1@customer.example");
        Assert.Contains("4111 11•• •••• 1111", message.Text, StringComparison.Ordinal);
        Assert.Contains(" redact=card:1 rules=card.visa:1", line.Steps, StringComparison.Ordinal);
        Assert.Equal((1, "card:1"), (message.Redactions, message.Masked));
        Assert.Contains("1 card number in it was masked before anything was kept.", Explanation.Of(line));

        await test.Desk.RedactionPolicies.ChangeAsync(test.Tenant, test.Mailbox.Id, _ => RedactionPolicy.Off, AuditActor.Command, Cancel);
        (line, message) = await TakeInAsync(test, "2@customer.example");
        Assert.Contains(Card, message.Text, StringComparison.Ordinal);
        Assert.EndsWith(" redact=0", line.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pseudonym_is_the_same_in_one_mailbox_and_another_in_the_next()
    {
        TestDesk test = await OpenAsync(p => Styled(p, MaskStyle.Pseudonym)), other = await OpenAsync(p => Styled(p, MaskStyle.Pseudonym));
        string[] names = [.. new[] { await TakeInAsync(test, "1@customer.example"), await TakeInAsync(other, "1@customer.example") }.Select(taken => taken.Message.Text.Split('[', ']')[1])];
        Assert.Matches("^card [0-9A-HJKMNP-TV-Z]{7}$", names[0]);
        Assert.NotEqual(names[0], names[1]);

        test.UseDns((_, _, _) => throw new InvalidOperationException("Nobody asks."));
        Assert.Contains($"[{names[0]}]", (await TakeInAsync(test, "2@customer.example", "again 4111-1111-1111-1111\r\n")).Message.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"[{names[0]}]", (await TakeInAsync(test, "3@customer.example", "another 5500 0000 0000 0004\r\n")).Message.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_counts_and_masks_withholds_and_destroys_nothing()
    {
        TestDesk test = await OpenAsync(_ => RedactionPolicy.Pci with { DryRun = true });
        (JournalLine line, MessageDocument message) = await TakeInAsync(test, "1@customer.example");
        Assert.Contains(Card, message.Text, StringComparison.Ordinal);
        Assert.Equal((0, ""), (message.Redactions, message.Masked));
        Assert.Contains(" found=card:1 rules=card.visa:1", line.Steps, StringComparison.Ordinal);
        Assert.False(line.IsOriginalNotKept);
        Assert.Contains("1 card number in it would have been masked, and was not: the mailbox only counts what it would mask (dry run).", Explanation.Of(line));
    }

    [Fact]
    public async Task Nothing_is_said_of_masking_in_mail_that_was_kept_back_and_a_reviewer_sees_it_masked_as_the_mailbox_says()
    {
        TestDesk test = await OpenAsync(p => Styled(p, MaskStyle.Label));
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Closed = true }, AuditActor.Command, Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From("ann@customer.example", "Hello", "1@customer.example", body: $"card {Card}\r\n"), Cancel);
        Assert.Equal(OutcomeKind.Quarantined, line.Outcome);
        Assert.DoesNotContain("redact=", line.Steps, StringComparison.Ordinal);
        Assert.DoesNotContain(Explanation.Of(line), sentence => sentence.Contains("mask", StringComparison.Ordinal));
        Assert.DoesNotContain(Explanation.Of(line with { Steps = line.Steps + " redact=0" }), sentence => sentence.Contains("mask", StringComparison.Ordinal));
        Assert.Contains("[card]", (await test.Desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel))!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_count_by_sort_and_name_nobody()
    {
        TestDesk test = await OpenAsync(_ => RedactionPolicy.Pci with { DryRun = true });
        System.Collections.Concurrent.ConcurrentBag<(string Name, long Count, string Tags)> measured = [];
        using System.Diagnostics.Metrics.MeterListener listener = new() { InstrumentPublished = (instrument, all) => { if (instrument.Meter.Name == Telemetry.Meters.Name) all.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) => measured.Add((instrument.Name, count, string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")))));
        listener.Start();
        await TakeInAsync(test, "1@customer.example");
        Assert.Contains(("ingest.redacted_mails", 1L, "dry_run=True"), measured);
        Assert.Contains(("ingest.redactions", 1L, "type=card,dry_run=True"), measured);
        Assert.DoesNotContain(measured, one => one.Tags.Contains("example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_policy_that_cannot_be_read_stops_the_mail_for_now()
    {
        TestDesk test = await OpenAsync(_ => RedactionPolicy.Pci);
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Policies);
        TableEntity row = (await rows.GetEntityIfExistsAsync(test.Tenant.Tenant.Value, "redact!" + test.Mailbox.Id, cancel: Cancel))!;
        byte[] box = row.GetBinary("doc")!.ToArray();
        box[^1] ^= 1;
        await rows.UpdateEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["doc"] = box }, row.ETag, TableUpdateMode.Replace, Cancel);

        Desk desk = test.NewProcess();
        Assert.Equal("policy-unreadable", (await Assert.ThrowsAsync<NotNowException>(() => desk.Redaction(test.Tenant, test.Mailbox.Id, Cancel).AsTask())).ReasonCode);
        Assert.Empty(await desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel));
    }
}
