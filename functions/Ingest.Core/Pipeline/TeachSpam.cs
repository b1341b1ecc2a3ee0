using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>What came of a person's word on a mail.</summary>
public enum TeachEnd
{
    /// <summary>It is a lesson from now on.</summary>
    Learned = 1,
    /// <summary>The ticket is set aside or taken back, and nothing is learned: a machine wrote the mail, or nothing is left of it to learn from.</summary>
    NotALesson = 2,
    /// <summary>There is no such message from outside, or it was erased.</summary>
    NotThere = 3,
}

/// <summary>What came of taking lessons out.</summary>
/// <param name="Lessons">How many were taken out.</param>
/// <param name="Tickets">How many tickets that they had set aside are back.</param>
public readonly record struct Undone(int Lessons, int Tickets);

/// <summary>Which lessons are meant; all that is said holds.</summary>
/// <param name="Ids">By name; null for any.</param>
/// <param name="By">Of one person or program; null for all.</param>
/// <param name="Since">Taught at that time or later; null for ever.</param>
public sealed record LessonChoice(IReadOnlyCollection<string>? Ids = null, string? By = null, DateTimeOffset? Since = null)
{
    /// <summary>True when this lesson is meant.</summary>
    public bool Means(LessonLine lesson) => (Ids is null || Ids.Contains(lesson.Id)) && (By is null || lesson.By == By) && (Since is not { } since || lesson.At >= since);
}

/// <summary>
/// What people say of mail: that a ticket's message is spam or is none, that a kept-back mail is wanted. The ticket is set aside or taken back, and the filter learns. Only people, and programs with a
/// token of their own, teach; the filter's own decisions never do.
/// </summary>
public sealed class TeachSpam(TicketStore tickets, LessonMails mails, Lessons lessons, TenantModels models, TimeProvider time)
{
    /// <summary>The teacher's name for what the command line says.</summary>
    public const string CommandTeacher = "command";

    /// <summary>Who teaches, as lessons name them.</summary>
    public static string TeacherOf(AuditActor actor) => actor.Id.Length > 0 ? actor.Id : CommandTeacher;

    /// <summary>
    /// A person's word on a message: as spam, its ticket is closed and marked so; as no spam, a ticket that was set aside is open again. Said again it changes nothing, the other word replaces it.
    /// The lesson counts within minutes.
    /// </summary>
    public async Task<TeachEnd> MarkAsync(TenantContext tenant, string ticketId, string messageKey, LessonVerdict verdict, AuditActor actor, CancellationToken cancel)
    {
        if (await tickets.FindAsync(tenant, ticketId, cancel) is not { Document: not null } ticket) return TeachEnd.NotThere;
        if (await tickets.FindMessageAsync(tenant, ticketId, messageKey, cancel) is not { } message) return TeachEnd.NotThere;
        if (await mails.OpenAsync(tenant, InboxId.Parse(ticket.Inbox), message, cancel) is not { } mail) return TeachEnd.NotThere;
        bool learned = await LearnAsync(tenant, ticketId, messageKey, mail, verdict, TeacherOf(actor), cancel);
        if (!await tickets.MarkSpamAsync(tenant, ticketId, verdict == LessonVerdict.Spam, cancel)) return TeachEnd.NotThere;
        return learned ? TeachEnd.Learned : TeachEnd.NotALesson;
    }

    /// <summary>A mail that a person let in is wanted. Nothing is learned when it is not known who did, or when it does not teach.</summary>
    public async Task ReleasedAsync(Facts facts, string ticketId, SpamContext context, CancellationToken cancel)
    {
        if (facts.Mail is not { Released: true, ReleasedBy: { } by } || !by.All(char.IsAsciiLetterOrDigit)) return;
        LessonMail mail = LessonMail.Of(facts.Message, facts.Auth, facts.Screened, context, LessonSource.Original);
        await LearnAsync(facts.Mail.Tenant, ticketId, facts.Mail.MessageKey, mail, LessonVerdict.Ham, TeacherOf(new AuditActor(AuditActorKind.Person, by)), cancel);
    }

    /// <summary>Takes lessons out and builds the model without them; tickets that they had set aside as spam are back among the open ones, unless somebody else says so, too.</summary>
    public async Task<Undone> UndoAsync(TenantContext tenant, LessonChoice choice, CancellationToken cancel)
    {
        List<LessonLine> all = await lessons.ListAsync(tenant, cancel).ToListAsync(cancel), chosen = [.. all.Where(choice.Means)];
        HashSet<string> stay = [.. all.Where(l => l.Verdict == LessonVerdict.Spam && !choice.Means(l)).Select(l => l.TicketId)];
        // Tickets first: a crash in between leaves lessons by which the rest is found again.
        int back = 0;
        foreach (string ticket in chosen.Where(l => l.Verdict == LessonVerdict.Spam && !stay.Contains(l.TicketId)).Select(l => l.TicketId).Distinct())
        {
            if (await tickets.FindAsync(tenant, ticket, cancel) is not { Erased: null } there || (there.Flags & MessageMarks.MarkedSpam) == 0) continue;
            if (await tickets.MarkSpamAsync(tenant, ticket, spam: false, cancel)) back++;
        }

        int removed = await lessons.RemoveAsync(tenant, chosen, cancel);
        await models.RebuildAsync(tenant, cancel);
        return new Undone(removed, back);
    }

    /// <summary>The model as it stands and the lessons that it was built from, as JSON.</summary>
    public async Task<byte[]> ExportAsync(TenantContext tenant, CancellationToken cancel)
    {
        ModelState? state = await lessons.FindStateAsync(tenant, cancel);
        TenantModel? model = state is null || state.Built != state.Revision ? null : await lessons.OpenAsync(tenant, state, cancel);
        if (model is null) (model, state) = await models.RebuildAsync(tenant, cancel);
        return ModelExport.Write(state, model, await lessons.ListAsync(tenant, cancel).ToListAsync(cancel));
    }

    private async Task<bool> LearnAsync(TenantContext tenant, string ticketId, string messageKey, LessonMail mail, LessonVerdict verdict, string by, CancellationToken cancel) =>
        mail.Teaches && mail.Features.Hashes.Length > 0 && await lessons.PutAsync(tenant, new Lesson
        {
            TicketId = ticketId, MessageKey = messageKey, By = by, At = time.GetUtcNow(), Verdict = verdict, Source = mail.Source, Base = mail.Base, Sender = mail.Sender, Features = mail.Features,
        }, cancel);
}
