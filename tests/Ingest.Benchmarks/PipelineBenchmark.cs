using System.Text.Json;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Benchmarks;

/// <summary>What one mail costs the processor from its sealed original to its sealed rows, without any store; and the steps that have targets of their own.</summary>
internal static class PipelineBenchmark
{
    private const int LargestRowDocument = 48 * 1024;
    private static readonly TenantId Tenant = TenantId.Parse("bench");
    private static readonly SealContext MessageSeal = new(Tenant, KeyClass.Ticket, "ticket", "message:bench");
    private static readonly SealContext RawSeal = new(Tenant, KeyClass.Ticket, "raw", "raw");
    private static readonly Work Mail = Work.Sync(new TenantContext(Tenant), InboxId.Parse("support")) with { Pack = "pack", MessageKey = "bench" };
    private static readonly Decision Decision = new() { Owner = "bench", Outcome = OutcomeKind.Ticketed, Reason = OutcomeReason.NewTicket, TicketId = "ticket", ContactId = "contact" };
    private static readonly ThreadChoice NewThread = new(ThreadKind.New, "", []);

    private sealed record Read(MailMessage Message, AuthVerdict Auth, Screened Screened);

    public static async Task<int> RunAsync()
    {
        Measure.Title("Pipeline, processor only");
        if (Corpus.Read() is not { } mails) return 0;
        using LentKey key = await LentKey.MakeAsync(MessageSeal), rawKey = await LentKey.MakeAsync(RawSeal);
        ScreenInputs who = new(new OwnAddresses(["support@example.com"]), id => ReplyToken.FromMessageId(id) is not null);
        byte[][] boxes = [.. mails.Select(mail => Envelope.Seal(mail, rawKey.Key, RawSeal, SegmentLength.Blob))];
        Read[] read = [.. mails.Select(mail => Look(mail, who))];

        Rate("open, parse … redact, seal: the whole way", "≥ 2,000", () =>
        {
            foreach (byte[] box in boxes)
                Way(Envelope.Open(box, rawKey.Key, RawSeal), who, key.Key);
        });
        Rate("seal the original on arrival", "", () =>
        {
            foreach (byte[] mail in mails)
                Envelope.Seal(mail, rawKey.Key, RawSeal, SegmentLength.Blob);
        });
        Rate("parse", "", () =>
        {
            foreach (byte[] mail in mails)
                MailMessage.Parse(mail);
        });
        Rate("authenticate, screen", "", () =>
        {
            foreach (Read mail in read)
                Screen.Decide(mail.Message, Authenticate.FromProvider(mail.Message, ["mx.example.com"]), who);
        });
        Rate("classify", "≥ 5,000", () =>
        {
            foreach (Read mail in read)
                Classify.Decide(mail.Message, mail.Auth, mail.Screened, SpamContext.None);
        });
        Rate("redact", "", () =>
        {
            foreach (Read mail in read)
                Redact.Apply(mail.Message, RedactionPolicy.Default);
        });
        Rate("hash the content", "", () =>
        {
            foreach (Read mail in read)
                ContentHash.Compute(mail.Message);
        });
        return 0;

        void Rate(string name, string target, Action work) => Measure.Rate(name + ", mails/s", Measure.Of(work), mails.Count, "", mails.Count, target);
    }

    private static Read Look(byte[] raw, ScreenInputs who)
    {
        MailMessage message = MailMessage.Parse(raw);
        AuthVerdict auth = Authenticate.FromProvider(message, ["mx.example.com"]);
        return new Read(message, auth, Screen.Decide(message, auth, who));
    }

    // The steps of IngestMail.RunAsync that need no store, in its order.
    private static void Way(byte[] raw, ScreenInputs who, DataKey key)
    {
        (MailMessage message, AuthVerdict auth, Screened screened) = Look(raw, who);
        SpamVerdict spam = Classify.Decide(message, auth, screened, SpamContext.None);
        ContentHash.Compute(message);
        Facts facts = new(Mail, message, auth, screened, NewThread, spam);
        RedactedMail redacted = Redact.Apply(message, RedactionPolicy.Default);
        NewMessage made = Compose.Message(facts, Decision, redacted, RedactionPolicy.Default);

        Seal(JsonSerializer.SerializeToUtf8Bytes(Compose.Ticket(facts, Decision, redacted, who.OwnAddresses), TicketJson.Default.TicketDocument), key);
        Seal(JsonSerializer.SerializeToUtf8Bytes(new ListDocument { Subject = redacted.Subject, From = made.Document.FromName }, TicketJson.Default.ListDocument), key);
        Seal(JsonSerializer.SerializeToUtf8Bytes(made.Document, TicketJson.Default.MessageDocument), key);
        foreach (Func<byte[]> content in made.Contents)
            Envelope.Seal(content(), key, MessageSeal, SegmentLength.Blob);
    }

    private static void Seal(byte[] json, DataKey key) =>
        Envelope.Seal(json, key, MessageSeal, json.Length <= LargestRowDocument ? SegmentLength.Row : SegmentLength.Blob);
}
