using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Policies;

[Collection(nameof(StorageCollection))]
public sealed class PolicyStoreTests(StorageFixture storage)
{
    private static readonly MailRule Rule = new(RuleEffect.Deny, RuleSubject.Address, "secret-name@example.com");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_is_kept_sealed_and_holds_for_its_mailbox_alone()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        InboxId other = InboxId.Parse("0123456789abcdef");
        Assert.False((await test.Desk.Policies.FindAsync(test.Tenant, test.Mailbox.Id, Cancel)).IsSet);
        Assert.Equal(2000, (await test.Desk.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).OneCustomerIn);

        HeldPolicy<MailPolicy>? held = await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Rules = [Rule], OneCustomerIn = 500, Hold = [HeldSort.Blank] }, AuditActor.Command, Cancel);
        MailPolicy read = (await test.NewProcess().Policies.FindAsync(test.Tenant, test.Mailbox.Id, Cancel)).Policy;
        Assert.Equal((500, HeldSort.Blank, Rule), (read.OneCustomerIn, read.Hold.Single(), read.Rules.Single()));
        Assert.Equal(500, (await test.Desk.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).OneCustomerIn);
        Assert.Equal(2000, (await test.Desk.Policies.InForceAsync(test.Tenant, other, Cancel)).OneCustomerIn);
        TableEntity row = (await test.Desk.Storage.Tables.GetTableClient(TableNames.Policies).GetEntityIfExistsAsync(test.Tenant.Tenant.Value, "mail!" + test.Mailbox.Id, cancel: Cancel))!;
        Assert.Equal(held!.Version, row.ETag.ToString());
        Assert.True(row.GetBinary("doc")!.AsSpan().StartsWith("TKE1"u8));
    }

    [Fact]
    public async Task The_policy_for_all_holds_where_a_mailbox_has_none_is_where_its_own_begins_and_its_rules_come_after()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.Desk.Policies.ChangeAsync(test.Tenant, null, p => p with { Rules = [Rule], OneCustomerIn = 300 }, AuditActor.Command, Cancel);
        MailPolicy before = await test.Desk.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel);
        Assert.Equal((300, 1), (before.OneCustomerIn, before.Rules.Count));

        MailRule own = new(RuleEffect.Allow, RuleSubject.Domain, "friend.example");
        HeldPolicy<MailPolicy>? held = await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Rules = [own] }, AuditActor.Command, Cancel);
        MailPolicy after = await test.Desk.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel);
        Assert.Equal(300, after.OneCustomerIn);
        Assert.Equal([own, Rule], after.Rules);

        Assert.False(await test.Desk.Policies.RemoveAsync(test.Tenant, test.Mailbox.Id, "W/\"another\"", AuditActor.Command, Cancel));
        Assert.True(await test.Desk.Policies.RemoveAsync(test.Tenant, test.Mailbox.Id, held!.Version, AuditActor.Command, Cancel));
        Assert.Equal(300, (await test.Desk.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).OneCustomerIn);
    }

    [Fact]
    public async Task Another_process_goes_by_a_change_within_two_minutes_and_asks_nothing_before()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        FakeClock clock = new();
        Desk other = test.NewProcess(time: clock);
        await other.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel);
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Closed = true }, AuditActor.Command, Cancel);

        using (OperationCounter count = OperationCounter.Start())
        {
            Assert.False((await other.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).Closed);
            Assert.Equal(0, count.Tables);
        }

        clock.Advance(PolicyStore.CacheAge);
        Assert.True((await other.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).Closed);
    }

    [Fact]
    public async Task A_policy_that_cannot_be_read_parks_no_mail_and_can_be_set_anew_or_taken_away()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        FakeClock clock = new();
        Desk running = test.NewProcess(time: clock);
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Closed = true }, AuditActor.Command, Cancel);
        Assert.True((await running.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).Closed);
        string version = await BreakAsync(test);

        clock.Advance(2 * PolicyStore.CacheAge);
        Assert.True((await running.Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).Closed);
        Assert.Equal("policy-unreadable", (await Assert.ThrowsAsync<NotNowException>(() => test.NewProcess().Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel))).ReasonCode);

        PolicyStore policies = test.NewProcess().Policies;
        HeldPolicy<MailPolicy> held = await policies.FindAsync(test.Tenant, test.Mailbox.Id, Cancel);
        Assert.Equal((true, true, version), (held.IsSet, held.IsUnreadable, held.Version));
        // A rule more would quietly put the usual in the place of all that was set.
        await Assert.ThrowsAsync<NotNowException>(() => policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Rules = [.. p.Rules, Rule] }, AuditActor.Command, Cancel, version));
        Assert.NotNull(await policies.ChangeAsync(test.Tenant, test.Mailbox.Id, _ => new MailPolicy { Closed = true, Rules = [Rule] }, AuditActor.Command, Cancel, version, whole: true));
        Assert.Equal(Rule, (await test.NewProcess().Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).Rules.Single());

        Assert.True(await policies.RemoveAsync(test.Tenant, test.Mailbox.Id, await BreakAsync(test), AuditActor.Command, Cancel));
        Assert.False((await test.NewProcess().Policies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).Closed);
    }

    [Fact]
    public async Task A_policy_whose_key_is_lost_is_not_taken_for_one_that_nobody_set_and_one_whose_key_was_erased_is()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.Desk.RedactionPolicies.ChangeAsync(test.Tenant, null, p => p with { Original = OriginalMail.NotKept }, AuditActor.Command, Cancel);
        await test.Desk.Keys.DiscardAsync(test.Tenant, new KeyName(KeyClass.Tenant, "policy"), Cancel);
        Assert.Equal("policy-unreadable", (await Assert.ThrowsAsync<NotNowException>(() => test.NewProcess().RedactionPolicies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel))).ReasonCode);
        HeldPolicy<RedactionPolicy> held = await test.NewProcess().RedactionPolicies.FindAsync(test.Tenant, null, Cancel);
        Assert.Equal((true, true), (held.IsSet, held.IsUnreadable));

        await test.Desk.Keys.EraseAsync(test.Tenant, KeyClass.Tenant, "policy", Cancel);
        Assert.True((await test.NewProcess().RedactionPolicies.InForceAsync(test.Tenant, test.Mailbox.Id, Cancel)).KeepsOriginal);
    }

    private static async Task<string> BreakAsync(TestDesk test)
    {
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Policies);
        TableEntity row = (await rows.GetEntityIfExistsAsync(test.Tenant.Tenant.Value, "mail!" + test.Mailbox.Id, cancel: Cancel))!;
        byte[] box = row.GetBinary("doc")!.ToArray();
        box[^1] ^= 1;
        TableEntity broken = new(row.PartitionKey, row.RowKey) { ["doc"] = box };
        return (await rows.UpdateEntityAsync(broken, row.ETag, TableUpdateMode.Replace, Cancel)).ToString();
    }

    [Fact]
    public void Choices_of_a_later_version_leave_the_rest_readable_in_the_store_and_are_refused_from_people()
    {
        byte[] json = """
            {"Closed":true,"Unsure":"Ask","FirstContact":"Hold","Proof":"Sworn","Provider":9,"Hold":["Blank","Weird"],"Later":{"a":1},
            "Rules":[{"Effect":"Deny","Subject":"Moon","Pattern":"x"},{"Effect":"Deny","Subject":"Address","Pattern":"secret-name@example.com"},{"Effect":"Sing","Subject":"Address","Pattern":"a@b.example"}]}
            """u8.ToArray();
        MailPolicy read = MailPolicy.FromStore(json);
        Assert.Equal((true, UnsureMail.Ticket, FirstContactMail.Hold, ProofWanted.Weighed, ProviderSpam.Weigh), (read.Closed, read.Unsure, read.FirstContact, read.Proof, read.Provider));
        Assert.Equal((HeldSort.Blank, Rule), (read.Hold.Single(), read.Rules.Single()));
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => MailPolicy.FromJson(json));
    }

    [Fact]
    public async Task Of_two_who_change_the_same_version_the_second_is_told()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        HeldPolicy<MailPolicy> first = await test.Desk.Policies.FindAsync(test.Tenant, test.Mailbox.Id, Cancel);
        Assert.NotNull(await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Closed = true }, AuditActor.Command, Cancel, first.Version));
        Assert.Null(await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Closed = false }, AuditActor.Command, Cancel, first.Version));
        Assert.True((await test.Desk.Policies.FindAsync(test.Tenant, test.Mailbox.Id, Cancel)).Policy.Closed);
    }

    [Fact]
    public async Task The_audit_log_says_what_was_changed_and_not_whom_a_rule_names()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id,
            p => p with { Rules = [Rule], Unsure = UnsureMail.Quarantine, MostFromSenderPerHour = 60, Hold = [HeldSort.OutOfOffice] }, AuditActor.Command, Cancel);
        List<string> codes = [];
        await foreach (string day in test.Desk.Audit.DaysAsync(test.Tenant, Cancel))
            await foreach (AuditEntry entry in test.Desk.Audit.EntriesAsync(test.Tenant, day, Cancel))
                if (entry.Event.Action == AuditAction.PolicyChanged) codes.Add(entry.Event.Code);
        Assert.Equal(["deny-rules-0-to-1", "unsure-ticket-to-quarantine", "holds-repeatedcontent-no-more", "holds-outofoffice", "sender-rate-200-to-60"], codes);
    }

    [Fact]
    public void What_a_policy_of_an_earlier_version_does_not_say_is_as_usual()
    {
        MailPolicy read = MailPolicy.FromJson("{\"Closed\":true,\"Rules\":null}"u8);
        Assert.Equal((true, 2000, 200, 10), (read.Closed, read.OneCustomerIn, read.MostFromSenderPerHour, read.MostSamePerHour));
        Assert.Equal((0, HeldSort.RepeatedContent, ProviderSpam.Weigh), (read.Rules.Count, read.Hold.Single(), read.Provider));
    }

    [Theory]
    [InlineData(RuleSubject.Address, "")]
    [InlineData(RuleSubject.Address, "*")]
    [InlineData(RuleSubject.Address, "*@*")]
    [InlineData(RuleSubject.Address, "example.com")]
    [InlineData(RuleSubject.Domain, "*")]
    [InlineData(RuleSubject.Domain, "*.*")]
    [InlineData(RuleSubject.Domain, "a@example.com")]
    [InlineData(RuleSubject.Domain, "localhost")]
    [InlineData(RuleSubject.IpAddress, "mail.example.com")]
    [InlineData(RuleSubject.List, "*")]
    [InlineData(RuleSubject.Header, "X-Mailer")]
    [InlineData(RuleSubject.Header, "X-Mailer:")]
    [InlineData(RuleSubject.Header, "X Mailer: a")]
    [InlineData(RuleSubject.Header, "X*: a")]
    [InlineData(RuleSubject.Header, "X-A: *1*2*3*4*5*6*7*8*9*")]
    public void Rules_that_mean_nothing_or_everything_are_refused_with_what_to_do(RuleSubject subject, string pattern)
    {
        IReadOnlyList<PolicyProblem> problems = CheckPolicy.Find(CheckPolicy.Tidy(new MailPolicy { Rules = [Rule, new MailRule(RuleEffect.Deny, subject, pattern)] }));
        Assert.Equal(2, Assert.Single(problems).Rule);
    }

    [Fact]
    public async Task Five_hundred_rules_of_usual_length_are_kept()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        MailRule[] rules = [.. Enumerable.Range(0, 500).Select(i => new MailRule(RuleEffect.Deny, RuleSubject.Address, $"person.{i * 7919}@mail-{i}.company.example"))];
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Rules = rules }, AuditActor.Command, Cancel);
        Assert.Equal(rules, (await test.NewProcess().Policies.FindAsync(test.Tenant, test.Mailbox.Id, Cancel)).Policy.Rules);
    }
}
