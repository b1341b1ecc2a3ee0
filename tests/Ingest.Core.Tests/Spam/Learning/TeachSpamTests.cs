using System.Globalization;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Spam.Learning;

/// <summary>What people say of mail, from the word to the next mail of its kind.</summary>
[Collection(nameof(StorageCollection))]
public sealed class TeachSpamTests(StorageFixture storage)
{
    private static readonly AuditActor Ann = new(AuditActorKind.Person, "annannannannanna"), Eve = new(AuditActorKind.Person, "eveeveeveeveevee");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // An offer as it comes in a hundred wordings from one house; nothing in it looks bad to a filter that does not know it.
    private static byte[] Offer(int number) => Mails.From("team@growth.example", $"Quick question about your warehouse no. {number}", $"offer{number}@growth.example",
        body: $"Hello there,\r\nour team helps logistics managers with pallet racks. Case study {number} shows how. Would Tuesday at {number % 12} suit you for a short call?\r\nBest, Kim\r\n");

    private static byte[] Question(int number) => Mails.From($"customer{number}@home{number}.example", $"Order {number} has not arrived", $"q{number}@home{number}.example",
        body: $"Good morning,\r\nI ordered lamp {number} two weeks ago and it has not arrived. Where is my parcel? My order number is {number}.\r\nThank you\r\n");

    private static async Task<JournalLine> TakeInAsync(TestDesk test, byte[] mail) => await test.TakeInAsync(mail, Cancel);

    private static double ScoreOf(JournalLine line) =>
        double.Parse(line.Steps.Split(' ').Single(step => step.StartsWith("spam=", StringComparison.Ordinal)).Split('/')[1], CultureInfo.InvariantCulture);

    private static Task<TeachEnd> MarkAsync(TestDesk test, JournalLine line, LessonVerdict verdict, AuditActor actor) =>
        test.Desk.TeachSpam.MarkAsync(test.Tenant, line.TicketId, line.MessageKey, verdict, actor, Cancel);

    [Fact]
    public async Task Twenty_corrections_of_one_kind_make_the_next_one_seen_and_nobody_else_suffers()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        for (int i = 0; i < 20; i++)
        {
            JournalLine line = await TakeInAsync(test, Offer(i));
            Assert.Equal(OutcomeKind.Ticketed, line.Outcome);
            Assert.Equal(TeachEnd.Learned, await MarkAsync(test, line, LessonVerdict.Spam, Ann));
            await TakeInAsync(test, Question(i));
        }

        await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel);
        JournalLine next = await TakeInAsync(test, Offer(99)), customer = await TakeInAsync(test, Question(99));

        Assert.True(ScoreOf(next) >= 0.5, next.Steps);
        Assert.True(ScoreOf(customer) < 0.2, customer.Steps);
        Assert.Equal(OutcomeKind.Ticketed, customer.Outcome);
    }

    [Fact]
    public async Task A_ticket_that_is_marked_as_spam_is_closed_and_comes_back_when_that_was_wrong()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await TakeInAsync(test, Offer(1));

        Assert.Equal(TeachEnd.Learned, await MarkAsync(test, line, LessonVerdict.Spam, Ann));
        Ticket aside = (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!;
        Assert.Equal((TicketState.Closed, true), (aside.State, aside.Flags.HasFlag(MessageMarks.MarkedSpam)));
        Assert.Equal(LessonVerdict.Spam, Assert.Single(await LinesAsync(test)).Verdict);

        Assert.Equal(TeachEnd.Learned, await MarkAsync(test, line, LessonVerdict.Ham, Ann));
        Ticket back = (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!;
        Assert.Equal((TicketState.Open, false), (back.State, back.Flags.HasFlag(MessageMarks.MarkedSpam)));
        Assert.Equal(LessonVerdict.Ham, Assert.Single(await LinesAsync(test)).Verdict);
    }

    [Fact]
    public async Task A_mail_that_was_let_in_by_somebody_is_a_lesson_of_theirs()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await TakeInAsync(test, Lottery);
        Assert.SkipUnless(line.Outcome == OutcomeKind.Quarantined, "The filter lets this one through now.");

        await test.Desk.IngestMail.RunAsync(ReleaseOf(test, line), Cancel);

        LessonLine lesson = Assert.Single(await LinesAsync(test));
        Assert.Equal((LessonVerdict.Ham, Ann.Id, line.MessageKey, LessonSource.Original), (lesson.Verdict, lesson.By, lesson.MessageKey, lesson.Source));
    }

    [Fact]
    public async Task A_mail_that_was_let_in_is_taken_in_although_nothing_can_be_learned_from_it()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await TakeInAsync(test, Lottery);
        Assert.SkipUnless(line.Outcome == OutcomeKind.Quarantined, "The filter lets this one through now.");
        await using IAsyncDisposable spoiled = await SpoilStateAsync(test);

        Outcome outcome = await test.Desk.IngestMail.RunAsync(ReleaseOf(test, line), Cancel);

        Assert.Equal(OutcomeKind.Ticketed, outcome.Kind);
        Assert.Equal(OutcomeKind.Ticketed, (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel))!.Outcome);
        Assert.Empty(await LinesAsync(test));
    }

    private static byte[] Lottery { get; } = Mails.From("win@lottery.example", "YOU ARE A WINNER!!! claim your prize money now", "s1@lottery.example", authenticated: false,
        body: "Dear beneficiary, you have won 5,000,000 USD. Wire transfer. Act now! Click here http://1.2.3.4/claim Viagra cheap pills casino bonus 100% free!!!\r\n");

    private static Work ReleaseOf(TestDesk test, JournalLine line) => new()
    {
        TenantText = test.Tenant.ToString(), InboxText = test.Mailbox.Id.Value, Pack = line.Pack, MessageKey = line.MessageKey, Offset = line.Offset, Length = line.Length,
        ReceivedUnixMs = line.Received.ToUnixTimeMilliseconds(), Released = true, ReleasedBy = Ann.Id,
    };

    // While it is like this, everything about lessons fails; housekeeping of other tests is to meet it as it was.
    private static async Task<IAsyncDisposable> SpoilStateAsync(TestDesk test)
    {
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Lessons);
        TableEntity? was = await rows.GetEntityIfExistsAsync(test.Tenant.ToString(), "model", cancel: Cancel);
        await rows.UpsertEntityAsync(new TableEntity(test.Tenant.ToString(), "model") { ["revision"] = "spoiled" }, TableUpdateMode.Replace, Cancel);
        return new Mend(rows, test.Tenant.ToString(), was);
    }

    private sealed class Mend(TableClient rows, string tenant, TableEntity? was) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (was is null) await rows.DeleteEntityAsync(tenant, "model", Azure.ETag.All, CancellationToken.None);
            else await rows.UpsertEntityAsync(was, TableUpdateMode.Replace, CancellationToken.None);
        }
    }

    [Fact]
    public async Task Machines_teach_nothing()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine first = await TakeInAsync(test, Question(1));
        JournalLine answer = await TakeInAsync(test, Mails.From("customer1@home1.example", "Out of office", "o1@home1.example", "q1@home1.example", "q1@home1.example", extra: "Auto-Submitted: auto-replied\r\n"));
        Assert.Equal((OutcomeKind.Ticketed, first.TicketId), (answer.Outcome, answer.TicketId));

        Assert.Equal(TeachEnd.NotALesson, await MarkAsync(test, answer, LessonVerdict.Spam, Ann));

        Assert.Empty(await LinesAsync(test));
        Assert.Equal(TicketState.Closed, (await test.Desk.Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!.State);
    }

    [Fact]
    public async Task Where_the_original_is_gone_the_ticket_teaches()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await TakeInAsync(test, Offer(3));
        await test.Desk.Keys.EraseAsync(test.Tenant, [new KeyName(KeyClass.Raw, line.MessageKey, test.Mailbox.Id)], Cancel);

        Assert.Equal(TeachEnd.Learned, await MarkAsync(test, line, LessonVerdict.Spam, Ann));

        Assert.Equal(LessonSource.Ticket, Assert.Single(await LinesAsync(test)).Source);
        Lesson lesson = Assert.Single((await test.Desk.Lessons.ReadAsync(test.Tenant, Cancel)).Lessons);
        LessonMail original = LessonMail.Of(Ingest.Mail.Mime.MailMessage.Parse(Offer(3)), Ingest.Core.Screening.Authenticate.FromProvider(Ingest.Mail.Mime.MailMessage.Parse(Offer(3)), ["mx.google.com"]), Human, SpamContext.None, LessonSource.Original);
        Assert.Equal(original.Sender, lesson.Sender);
        Assert.True(lesson.Features.Hashes.ToArray().Intersect(original.Features.Hashes.ToArray()).Count() > original.Features.Hashes.Length / 2);
    }

    [Fact]
    public async Task Undo_takes_out_what_one_account_taught_and_brings_its_tickets_back()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine honest = await TakeInAsync(test, Offer(1));
        await MarkAsync(test, honest, LessonVerdict.Spam, Ann);
        List<JournalLine> poisoned = [];
        for (int i = 0; i < 6; i++)
        {
            poisoned.Add(await TakeInAsync(test, Question(i)));
            await MarkAsync(test, poisoned[i], LessonVerdict.Spam, Eve);
        }

        TenantModel poison = (await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel)).Model!;
        Undone undone = await test.Desk.TeachSpam.UndoAsync(test.Tenant, new LessonChoice(By: Eve.Id, Since: DateTimeOffset.UnixEpoch), Cancel);

        Assert.Equal(new Undone(6, 6), undone);
        Assert.Equal(Ann.Id, Assert.Single(await LinesAsync(test)).By);
        foreach (JournalLine line in poisoned) Assert.Equal(TicketState.Open, (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!.State);
        Assert.Equal(TicketState.Closed, (await test.Desk.Tickets.FindAsync(test.Tenant, honest.TicketId, Cancel))!.State);
        // Another process reads a model as if the rest had never been said.
        LessonBook book = await test.Desk.Lessons.ReadAsync(test.Tenant, Cancel);
        ModelState state = (await test.Desk.Lessons.FindStateAsync(test.Tenant, Cancel))!;
        byte[] clean = LearnLessons.Build(book.Lessons, [.. book.Ordinary.Select(o => o.Features)], state.At)!.ToBytes();
        Assert.Equal(clean, (await test.NewProcess().TenantModels.FindAsync(test.Tenant, Cancel))!.ToBytes());
        Assert.NotEqual(clean, poison.ToBytes());
    }

    [Fact]
    public async Task A_tenant_that_was_attacked_with_five_hundred_poisoned_corrections_recovers_by_one_undo()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        List<JournalLine> tickets = [];
        for (int i = 0; i < 4; i++) tickets.Add(await TakeInAsync(test, Question(i)));
        // From here on their sender is known, which counts for every mail to come.
        await TakeInAsync(test, Offer(89));
        for (int i = 0; i < 12; i++) await test.Desk.Lessons.PutAsync(test.Tenant, LessonOn(tickets[0], Offer(i), i, LessonVerdict.Spam, Ann), Cancel);
        await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel);
        double honest = ScoreOf(await TakeInAsync(test, Offer(90)));

        for (int i = 0; i < 500; i++) await test.Desk.Lessons.PutAsync(test.Tenant, LessonOn(tickets[1 + (i % 3)], Offer(1000 + i), 100 + i, LessonVerdict.Ham, Eve), Cancel);
        await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel);
        double poisoned = ScoreOf(await TakeInAsync(test, Offer(91)));

        Assert.Equal(500, (await test.Desk.TeachSpam.UndoAsync(test.Tenant, new LessonChoice(By: Eve.Id), Cancel)).Lessons);
        double after = ScoreOf(await TakeInAsync(test, Offer(92)));

        Assert.True(honest >= 0.5 && poisoned < honest - 0.2 && Math.Abs(after - honest) <= 0.05, $"{honest} {poisoned} {after}");
    }

    private static Lesson LessonOn(JournalLine line, byte[] mail, int number, LessonVerdict verdict, AuditActor by)
    {
        Ingest.Mail.Mime.MailMessage message = Ingest.Mail.Mime.MailMessage.Parse(mail);
        LessonMail read = LessonMail.Of(message, Ingest.Core.Screening.Authenticate.FromProvider(message, ["mx.google.com"]), Human, SpamContext.None, LessonSource.Original);
        return new Lesson
        {
            TicketId = line.TicketId, MessageKey = number.ToString("D32", CultureInfo.InvariantCulture), By = by.Id, At = TimeProvider.System.GetUtcNow(), Verdict = verdict, Source = read.Source,
            Base = read.Base, Sender = read.Sender, Features = read.Features,
        };
    }

    [Fact]
    public async Task A_ticket_that_two_call_spam_stays_aside_when_one_is_taken_back()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await TakeInAsync(test, Offer(1));
        await MarkAsync(test, line, LessonVerdict.Spam, Ann);
        await MarkAsync(test, line, LessonVerdict.Spam, Eve);

        Assert.Equal(new Undone(1, 0), await test.Desk.TeachSpam.UndoAsync(test.Tenant, new LessonChoice(By: Eve.Id), Cancel));

        Assert.Equal(TicketState.Closed, (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!.State);
    }

    [Fact]
    public async Task Rows_that_somebody_spoiled_keep_no_mail_from_being_taken_in()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await MarkAsync(test, await TakeInAsync(test, Offer(1)), LessonVerdict.Spam, Ann);
        await MarkAsync(test, await TakeInAsync(test, Offer(2)), LessonVerdict.Spam, Ann);
        await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel);
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Lessons);
        TableEntity model = (await rows.GetEntityIfExistsAsync(test.Tenant.ToString(), "model", cancel: Cancel))!;
        LessonLine spoiled = (await LinesAsync(test))[0];
        string name = $"l!{spoiled.TicketId}!{spoiled.MessageKey}!{spoiled.By}";
        TableEntity lesson = (await rows.GetEntityIfExistsAsync(test.Tenant.ToString(), name, cancel: Cancel))!;
        foreach (TableEntity row in new[] { model, lesson })
        {
            byte[] box = row.GetBinary("doc")!;
            box[^1] ^= 1;
            row["doc"] = box;
            await rows.UpdateEntityAsync(row, Azure.ETag.All, TableUpdateMode.Replace, Cancel);
        }

        Desk later = test.NewProcess();
        Assert.Null(await later.TenantModels.FindAsync(test.Tenant, Cancel));
        await later.TenantModels.KeepAsync(test.Tenant, Cancel);
        Assert.NotNull(await later.TenantModels.FindAsync(test.Tenant, Cancel));

        // A later version may read what this one cannot.
        Assert.Equal(2, (await LinesAsync(test)).Count);
        Assert.Equal(1, (await later.Lessons.FindStateAsync(test.Tenant, Cancel))!.Lessons);
    }

    [Fact]
    public async Task Of_lessons_without_a_key_only_those_that_were_erased_are_wiped()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine[] lines = [await TakeInAsync(test, Offer(1)), await TakeInAsync(test, Offer(2)), await TakeInAsync(test, Offer(3))];
        foreach (JournalLine line in lines) await MarkAsync(test, line, LessonVerdict.Spam, Ann);
        await test.Desk.Keys.EraseAsync(test.Tenant, [new KeyName(KeyClass.Ticket, lines[0].TicketId)], Cancel);
        await test.Desk.Keys.DiscardAsync(test.Tenant, new KeyName(KeyClass.Ticket, lines[1].TicketId), Cancel);

        Desk later = test.NewProcess();
        await later.TenantModels.KeepAsync(test.Tenant, Cancel);

        Assert.Equal(lines[1..].Select(l => l.TicketId).Order(), (await LinesAsync(test)).Select(l => l.TicketId).Order());
        Assert.Equal(1, (await later.Lessons.FindStateAsync(test.Tenant, Cancel))!.Lessons);
    }

    [Fact]
    public async Task A_lesson_whose_teacher_died_before_the_model_was_built_counts_all_the_same()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await MarkAsync(test, await TakeInAsync(test, Offer(1)), LessonVerdict.Spam, Ann);
        ModelState state = (await test.Desk.Lessons.FindStateAsync(test.Tenant, Cancel))!;
        Assert.NotEqual(state.Built, state.Revision);

        Desk other = test.NewProcess();
        await other.KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.NotNull(await other.TenantModels.FindAsync(test.Tenant, Cancel));

        ModelState built = (await other.Lessons.FindStateAsync(test.Tenant, Cancel))!;
        Assert.Equal((built.Revision, 1), (built.Built, built.Lessons));
    }

    [Fact]
    public async Task No_mail_builds_a_model_or_fails_by_one()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await MarkAsync(test, await TakeInAsync(test, Offer(1)), LessonVerdict.Spam, Ann);
        FakeClock clock = new();
        clock.Advance(TimeProvider.System.GetUtcNow() - clock.GetUtcNow());
        Desk later = test.NewProcess(time: clock);
        Assert.Null(await later.TenantModels.FindAsync(test.Tenant, Cancel));
        Assert.Equal(0, (await later.Lessons.FindStateAsync(test.Tenant, Cancel))!.Version);
        await test.Desk.TenantModels.KeepAsync(test.Tenant, Cancel);
        clock.Advance(TenantModels.CacheAge);
        TenantModel? read = await later.TenantModels.FindAsync(test.Tenant, Cancel);
        Assert.NotNull(read);

        await using IAsyncDisposable spoiled = await SpoilStateAsync(test);
        clock.Advance(TenantModels.CacheAge);

        Assert.Same(read, await later.TenantModels.FindAsync(test.Tenant, Cancel));
        Assert.Null(await test.NewProcess().TenantModels.FindAsync(test.Tenant, Cancel));
        await Assert.ThrowsAnyAsync<Exception>(() => test.NewProcess().TenantModels.KeepAsync(test.Tenant, Cancel));
    }

    [Fact]
    public async Task Two_who_teach_and_build_at_once_lose_nothing()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        List<JournalLine> lines = [];
        for (int i = 0; i < 6; i++) lines.Add(await TakeInAsync(test, Offer(i)));
        Desk[] desks = [test.Desk, test.NewProcess()];

        await Task.WhenAll(lines.Select(async (line, i) =>
        {
            Desk desk = desks[i % 2];
            await desk.TeachSpam.MarkAsync(test.Tenant, line.TicketId, line.MessageKey, LessonVerdict.Spam, Ann, Cancel);
            await desk.TenantModels.RebuildAsync(test.Tenant, Cancel);
        }));

        await test.Desk.TenantModels.KeepAsync(test.Tenant, Cancel);
        TenantModel? model = await test.NewProcess().TenantModels.FindAsync(test.Tenant, Cancel);
        Assert.NotNull(model);
        Assert.Equal((6, 6), ((await LinesAsync(test)).Count, (await test.Desk.Lessons.FindStateAsync(test.Tenant, Cancel))!.Lessons));
    }

    [Fact]
    public async Task A_model_that_is_held_costs_no_operation_and_one_that_is_not_costs_two()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await MarkAsync(test, await TakeInAsync(test, Offer(1)), LessonVerdict.Spam, Ann);
        await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel);
        Desk later = test.NewProcess();
        (await later.Keys.ForTenantAsync(test.Tenant, Cancel)).Dispose();

        using (OperationCounter first = OperationCounter.Start())
        {
            Assert.NotNull(await later.TenantModels.FindAsync(test.Tenant, Cancel));
            Assert.Equal(2, first.Tables);
        }

        using OperationCounter again = OperationCounter.Start();
        Assert.NotNull(await later.TenantModels.FindAsync(test.Tenant, Cancel));
        Assert.Equal(0, again.Tables + again.Queues + again.BlobReads);
    }

    [Fact]
    public async Task Each_model_has_a_key_of_its_own_that_goes_with_it()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await MarkAsync(test, await TakeInAsync(test, Offer(1)), LessonVerdict.Spam, Ann);
        string first = (await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel)).State!.Owner;
        string second = (await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel)).State!.Owner;

        Desk later = test.NewProcess();
        Assert.Null(await later.Keys.FindAsync(test.Tenant, KeyClass.Tenant, first, Cancel));
        Assert.NotNull(await later.Keys.FindAsync(test.Tenant, KeyClass.Tenant, second, Cancel));
    }

    [Theory]
    [InlineData(ErasureKind.Ticket)]
    [InlineData(ErasureKind.Contact)]
    [InlineData(ErasureKind.Mailbox)]
    public async Task What_is_erased_is_unlearned_and_the_receipt_counts_it(ErasureKind kind)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await TakeInAsync(test, Offer(1));
        await TakeInAsync(test, Question(1));
        await MarkAsync(test, line, LessonVerdict.Spam, Ann);
        Assert.NotNull((await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel)).Model);

        ErasureEnd end = kind switch
        {
            ErasureKind.Ticket => await test.Desk.Eraser.TicketAsync(test.Tenant, line.TicketId, AuditActor.System, Cancel),
            ErasureKind.Contact => await test.Desk.Eraser.ContactAsync(test.Tenant, "team@growth.example", AuditActor.System, Cancel),
            _ => await test.Desk.Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.System, Cancel),
        };

        byte[] receipt = end.Erasure!.Receipt!;
        ReceiptCheck check = Receipt.Check(receipt, await test.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(receipt), Cancel));
        Assert.Equal(1, check.Body!.Counts["lessons"]);
        Desk later = test.NewProcess();
        Assert.Empty(await later.Lessons.ListAsync(test.Tenant, Cancel).ToListAsync(Cancel));
        Assert.Null(await later.TenantModels.FindAsync(test.Tenant, Cancel));
        Assert.DoesNotContain((await later.Lessons.ReadAsync(test.Tenant, Cancel)).Ordinary, o => o.TicketId == line.TicketId);
    }

    [Fact]
    public async Task An_erasure_takes_the_model_away_and_leaves_building_the_next_to_housekeeping()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine erased = await TakeInAsync(test, Offer(1)), stays = await TakeInAsync(test, Offer(2));
        await MarkAsync(test, erased, LessonVerdict.Spam, Ann);
        await MarkAsync(test, stays, LessonVerdict.Spam, Ann);
        string before = (await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel)).State!.Owner;

        Assert.NotNull((await test.Desk.Eraser.TicketAsync(test.Tenant, erased.TicketId, AuditActor.System, Cancel)).Erasure!.Receipt);

        Desk later = test.NewProcess();
        Assert.Null(await later.TenantModels.FindAsync(test.Tenant, Cancel));
        Assert.Null(await later.Keys.FindAsync(test.Tenant, KeyClass.Tenant, before, Cancel));
        await later.TenantModels.KeepAsync(test.Tenant, Cancel);
        Assert.NotNull(await test.NewProcess().TenantModels.FindAsync(test.Tenant, Cancel));
        Assert.Equal(1, (await later.Lessons.FindStateAsync(test.Tenant, Cancel))!.Lessons);
    }

    // What an old copy of everything brings back: the lessons and the model as they were, and every key, from a backup or as raw rows; the second after a model was built in between.
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_model_that_an_erased_persons_mail_was_in_stays_closed_after_a_restore(bool rawKeys, bool builtSince)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine erased = await TakeInAsync(test, Offer(1)), stays = await TakeInAsync(test, Question(1));
        await MarkAsync(test, erased, LessonVerdict.Spam, Ann);
        await MarkAsync(test, stays, LessonVerdict.Spam, Ann);
        ModelState then = (await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel)).State!;
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        Dictionary<string, List<TableEntity>> copy = [];
        foreach (string table in (string[])[TableNames.Lessons, TableNames.Keys]) copy[table] = await Mine(test, table).ToListAsync(Cancel);
        if (builtSince) await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel);
        ErasureEnd end = await test.Desk.Eraser.ContactAsync(test.Tenant, "team@growth.example", AuditActor.System, Cancel);
        Assert.Equal(!builtSince, Receipt.Read(end.Receipt!)!.Keys.Any(line => line.Contains(then.Owner, StringComparison.Ordinal)));

        await PutBackAsync(test, TableNames.Lessons, copy[TableNames.Lessons]);
        if (rawKeys)
        {
            await PutBackAsync(test, TableNames.Keys, copy[TableNames.Keys]);
            Assert.NotNull(await test.NewProcess().Lessons.OpenAsync(test.Tenant, then, Cancel));
            await test.NewProcess().Erasures.ReplayAsync(test.Tenant, Cancel);
        }
        else
        {
            await PutBackAsync(test, TableNames.Keys, []);
            Assert.NotNull(await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel));
        }

        Desk later = test.NewProcess();
        Assert.Null(await later.Lessons.OpenAsync(test.Tenant, then, Cancel));
        Assert.Null(await later.TenantModels.FindAsync(test.Tenant, Cancel));
        // Housekeeping builds the next from what lives, under a key that nobody ever named.
        await later.TenantModels.KeepAsync(test.Tenant, Cancel);
        ModelState built = (await test.NewProcess().Lessons.FindStateAsync(test.Tenant, Cancel))!;
        Assert.NotNull(await test.NewProcess().Lessons.OpenAsync(test.Tenant, built, Cancel));
        Assert.Equal(1, built.Lessons);
        Assert.NotEqual(then.Owner, built.Owner);
    }

    private static IAsyncEnumerable<TableEntity> Mine(TestDesk test, string table) => test.Desk.Storage.Tables.GetTableClient(table)
        .QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").Or(TableFilter.PartitionIs(test.Tenant.ToString())), cancel: Cancel);

    private static async Task PutBackAsync(TestDesk test, string table, IReadOnlyList<TableEntity> rows)
    {
        await foreach (TableEntity row in Mine(test, table)) await test.Desk.Storage.Tables.GetTableClient(table).DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: Cancel);
        foreach (TableEntity row in rows) await test.Desk.Storage.Tables.GetTableClient(table).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
    }

    [Fact]
    public async Task A_tenant_that_is_erased_has_taught_nothing()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await MarkAsync(test, await TakeInAsync(test, Offer(1)), LessonVerdict.Spam, Ann);
        await test.Desk.TenantModels.RebuildAsync(test.Tenant, Cancel);

        await test.Desk.Eraser.TenantAsync(test.Tenant, AuditActor.System, Cancel);

        Assert.Empty(await test.NewProcess().Lessons.ListAsync(test.Tenant, Cancel).ToListAsync(Cancel));
        Assert.Null(await test.NewProcess().Lessons.FindStateAsync(test.Tenant, Cancel));
    }

    [Fact]
    public async Task Nobody_teaches_or_undoes_in_another_tenant()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel), other = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await TakeInAsync(test, Offer(1));
        await MarkAsync(test, line, LessonVerdict.Spam, Ann);

        Assert.Equal(TeachEnd.NotThere, await other.Desk.TeachSpam.MarkAsync(other.Tenant, line.TicketId, line.MessageKey, LessonVerdict.Ham, Eve, Cancel));
        Assert.Equal(default, await other.Desk.TeachSpam.UndoAsync(other.Tenant, new LessonChoice(), Cancel));
        Assert.Null(await other.Desk.TenantModels.FindAsync(other.Tenant, Cancel));
        Assert.Single(await LinesAsync(test));
    }

    private static async Task<List<LessonLine>> LinesAsync(TestDesk test) => await test.Desk.Lessons.ListAsync(test.Tenant, Cancel).ToListAsync(Cancel);

    private static Ingest.Core.Screening.Screened Human { get; } = new(Ingest.Core.Screening.ScreenKind.Human, Ingest.Core.Screening.ScreenReason.NoSign, false);
}
