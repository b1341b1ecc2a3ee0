using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Ingest.Core.Access;

namespace Ingest.Core.Audit;

/// <summary>
/// A log as lines of JSON: per day one that begins it, one for each entry, one that ends and signs it, with the public key. Whoever has the lines needs nothing of ours to
/// check them; README of the format is <see cref="AuditEntry.HashAfter"/> and <see cref="AuditHead.Digest"/>.
/// </summary>
public static class AuditLines
{
    private const string Version = "ingest-audit-1";

    /// <summary>The line that begins a day.</summary>
    public static byte[] Begin(string tenant, AuditHead head) => Line(json =>
    {
        json.WriteString("begin", Version);
        json.WriteString("tenant", tenant);
        json.WriteString("day", head.Day);
        json.WriteString("previousDay", head.PreviousDay);
        json.WriteString("previousHash", Hex(head.PreviousHash));
    });

    /// <summary>An entry's line.</summary>
    public static byte[] Entry(AuditEntry entry) => Line(json =>
    {
        json.WriteNumber("entry", entry.Number);
        json.WriteString("day", entry.Day);
        json.WriteString("id", entry.Id);
        json.WriteString("at", entry.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("action", entry.Event.Action.ToString());
        json.WriteString("actorKind", entry.Event.Actor.Kind.ToString());
        json.WriteString("actor", entry.Event.Actor.Id);
        json.WriteString("inbox", entry.Event.Inbox?.Value ?? "");
        json.WriteString("ticket", entry.Event.TicketId);
        json.WriteString("contact", entry.Event.ContactId);
        json.WriteString("subject", entry.Event.Subject);
        json.WriteString("result", entry.Event.Result.ToString());
        json.WriteNumber("count", entry.Event.Count);
        json.WriteString("code", entry.Event.Code);
        json.WriteString("hash", Hex(entry.Hash));
    });

    /// <summary>The line that ends a day: <paramref name="publicKey"/> is the signing key's, as DER SubjectPublicKeyInfo.</summary>
    public static byte[] End(AuditHead head, byte[] publicKey) => Line(json =>
    {
        json.WriteString("end", head.Day);
        json.WriteNumber("entries", head.Count);
        json.WriteString("hash", Hex(head.Hash));
        json.WriteBoolean("open", head.Next.Length == 0);
        json.WriteString("key", head.SignedBy);
        json.WriteString("signature", Convert.ToBase64String(head.Signature));
        json.WriteString("publicKey", Convert.ToBase64String(publicKey));
    });

    /// <summary>The line that says of which export a day is a part: whoever has one of its files knows which others there must be.</summary>
    public static byte[] Span(string tenant, AuditSpan span, byte[] publicKey) => Line(json =>
    {
        json.WriteString("span", tenant);
        json.WriteString("from", span.From);
        json.WriteString("to", span.To);
        json.WriteString("key", span.SignedBy);
        json.WriteString("signature", Convert.ToBase64String(span.Signature));
        json.WriteString("publicKey", Convert.ToBase64String(publicKey));
    });

    /// <summary>Hands one line to the check, whatever it is, and returns what the check says. <paramref name="pinned"/> is the only key believed, when given; else the line's own.</summary>
    public static async Task<AuditFinding?> CheckAsync(AuditCheck check, ReadOnlyMemory<byte> line, byte[]? pinned)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 2 });
            JsonElement json = document.RootElement;
            if (json.TryGetProperty("begin", out JsonElement version))
                return version.GetString() == Version ? check.Begin(Text(json, "tenant"), Text(json, "day"), Text(json, "previousDay"), Convert.FromHexString(Text(json, "previousHash"))) : check.Unreadable();
            if (json.TryGetProperty("entry", out JsonElement number)) return check.Add(ReadEntry(json, number.GetInt64()));
            if (json.TryGetProperty("span", out _))
            {
                AuditSpan span = new(Text(json, "from"), Text(json, "to"), Text(json, "key"), Convert.FromBase64String(Text(json, "signature")));
                byte[] believed = pinned ?? Convert.FromBase64String(Text(json, "publicKey"));
                return check.Span(Text(json, "span"), span, digest => AuditCheck.IsSignedBy(believed, digest, span.Signature));
            }

            if (!json.TryGetProperty("end", out JsonElement day)) return check.Unreadable();
            byte[] key = Convert.FromBase64String(Text(json, "publicKey"));
            AuditHead head = new()
            {
                Day = day.GetString()!, PreviousDay = "", PreviousHash = [], Count = json.GetProperty("entries").GetInt64(), Hash = Convert.FromHexString(Text(json, "hash")),
                SignedBy = Text(json, "key"), Signature = Convert.FromBase64String(Text(json, "signature")),
            };
            return await check.EndAsync(head, (digest, signature) => Task.FromResult(AuditCheck.IsSignedBy(pinned ?? key, digest, signature.Bytes)));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            return check.Unreadable();
        }
    }

    /// <summary>The public key that a line names, when it is one that ends a day; null otherwise.</summary>
    public static byte[]? KeyOf(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.TryGetProperty("publicKey", out JsonElement key) ? key.GetBytesFromBase64() : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static AuditEntry ReadEntry(JsonElement json, long number) => new(Text(json, "day"), number, Text(json, "id"),
        DateTimeOffset.ParseExact(Text(json, "at"), "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        new AuditEvent(Word<AuditAction>(json, "action"), new AuditActor(Word<AuditActorKind>(json, "actorKind"), Text(json, "actor")))
        {
            Inbox = Text(json, "inbox") is { Length: > 0 } inbox ? InboxId.Parse(inbox) : null, TicketId = Text(json, "ticket"), ContactId = Text(json, "contact"), Subject = Text(json, "subject"),
            Result = Word<AuditResult>(json, "result"), Count = json.GetProperty("count").GetInt64(), Code = Text(json, "code"),
        })
    {
        Hash = Convert.FromHexString(Text(json, "hash")),
    };

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException("A text is missing.");

    private static T Word<T>(JsonElement json, string name) where T : struct, Enum =>
        Enum.GetNames<T>().Contains(Text(json, name), StringComparer.Ordinal) ? Enum.Parse<T>(Text(json, name)) : throw new FormatException("A word is none of ours.");

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    internal static byte[] Line(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> line = new(512);
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }
}
