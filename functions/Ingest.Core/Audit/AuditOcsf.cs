using System.Text.Json;
using Ingest.Core.Access;

namespace Ingest.Core.Audit;

/// <summary>
/// Entries as events of the Open Cybersecurity Schema Framework 1.1.0: sign-ins as Authentication (3002), grants as User Access Management (3005), all else as API
/// Activity (6003). What the schema has no place for stands under "unmapped".
/// </summary>
public static class AuditOcsf
{
    private const int Authentication = 3002, UserAccess = 3005, ApiActivity = 6003;
    private const int Create = 1, Read = 2, Update = 3, Delete = 4, Other = 99;
    private const int Informational = 1, Low = 2, Medium = 3, High = 4;
    private const int Success = 1, Failure = 2;

    /// <summary>One event, as one line.</summary>
    public static byte[] Line(TenantContext tenant, AuditEntry entry) => AuditLines.Line(json =>
    {
        (int type, int activity) = ClassOf(entry.Event);
        json.WriteNumber("category_uid", type / 1000);
        json.WriteNumber("class_uid", type);
        json.WriteNumber("activity_id", activity);
        json.WriteNumber("type_uid", (type * 100) + activity);
        json.WriteNumber("severity_id", SeverityOf(entry.Event));
        json.WriteNumber("status_id", entry.Event.Action == AuditAction.SignInRefused || entry.Event.Result is not (AuditResult.Done or AuditResult.Begun) ? Failure : Success);
        if (entry.Event.Code.Length > 0) json.WriteString("status_detail", entry.Event.Code);
        json.WriteNumber("time", entry.At.ToUnixTimeMilliseconds());
        WriteMetadata(json, tenant, entry);
        WriteActor(json, entry.Event.Actor);
        WriteTarget(json, type, entry.Event);
        WriteUnmapped(json, entry);
    });

    private static void WriteMetadata(Utf8JsonWriter json, TenantContext tenant, AuditEntry entry)
    {
        json.WriteStartObject("metadata");
        json.WriteString("version", "1.1.0");
        json.WriteString("uid", entry.Id);
        json.WriteNumber("sequence", entry.Number);
        json.WriteString("event_code", entry.Event.Action.ToString());
        json.WriteString("log_name", $"audit/{entry.Day}");
        json.WriteString("tenant_uid", tenant.Tenant.Value);
        json.WriteStartObject("product");
        json.WriteString("name", "Ingest");
        json.WriteString("vendor_name", "Ingest");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteActor(Utf8JsonWriter json, AuditActor actor)
    {
        json.WriteStartObject("actor");
        if (actor.Kind is AuditActorKind.Token or AuditActorKind.Application) json.WriteString("app_uid", actor.Id);
        WriteUser(json, actor);
        json.WriteEndObject();
    }

    private static void WriteUser(Utf8JsonWriter json, AuditActor actor)
    {
        json.WriteStartObject("user");
        json.WriteString("uid", actor.Id.Length > 0 ? actor.Id : actor.Kind == AuditActorKind.Person ? "unknown" : actor.Kind.ToString().ToLowerInvariant());
        json.WriteNumber("type_id", actor.Kind switch { AuditActorKind.Person => 1, AuditActorKind.System => 3, _ => Other });
        json.WriteString("type", actor.Kind.ToString());
        json.WriteEndObject();
    }

    private static void WriteTarget(Utf8JsonWriter json, int type, AuditEvent what)
    {
        switch (type)
        {
            case Authentication:
                WriteUser(json, what.Actor);
                json.WriteStartObject("service");
                json.WriteString("name", "Ingest");
                json.WriteEndObject();
                break;
            case UserAccess:
                json.WriteStartObject("user");
                json.WriteString("uid", what.Subject.Length > 0 ? what.Subject : "unknown");
                json.WriteEndObject();
                json.WriteStartArray("privileges");
                json.WriteStringValue(what.Code.Length > 0 ? what.Code : "grants");
                json.WriteEndArray();
                break;
            default:
                json.WriteStartObject("api");
                json.WriteString("operation", what.Action.ToString());
                json.WriteEndObject();
                // Required by the class. Addresses of people are not kept, so the source is the part of ours that took the wish.
                json.WriteStartObject("src_endpoint");
                json.WriteString("svc_name", "ingest");
                json.WriteEndObject();
                WriteResources(json, what);
                break;
        }
    }

    private static void WriteResources(Utf8JsonWriter json, AuditEvent what)
    {
        (string Type, string Id)[] all = [("mailbox", what.Inbox?.Value ?? ""), ("ticket", what.TicketId), ("contact", what.ContactId), ("subject", what.Subject)];
        if (all.All(resource => resource.Id.Length == 0)) return;
        json.WriteStartArray("resources");
        foreach ((string type, string id) in all.Where(resource => resource.Id.Length > 0))
        {
            json.WriteStartObject();
            json.WriteString("uid", id);
            json.WriteString("type", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteUnmapped(Utf8JsonWriter json, AuditEntry entry)
    {
        json.WriteStartObject("unmapped");
        json.WriteString("result", entry.Event.Result.ToString());
        json.WriteNumber("records", entry.Event.Count);
        json.WriteString("hash", Convert.ToHexStringLower(entry.Hash));
        json.WriteEndObject();
    }

    private static (int Class, int Activity) ClassOf(AuditEvent what) => what.Action switch
    {
        AuditAction.SignedIn or AuditAction.SignInRefused => (Authentication, 1),
        AuditAction.SignedOut => (Authentication, 2),
        AuditAction.GrantChanged => (UserAccess, what.Code is "withdraw" or "disable" or "remove" ? 2 : 1),
        AuditAction.ContentRead or AuditAction.Listed or AuditAction.Searched or AuditAction.Exported or AuditAction.AuditRead or AuditAction.AuditVerified => (ApiActivity, Read),
        AuditAction.Imported or AuditAction.MailboxConnected or AuditAction.TokenCreated or AuditAction.KeyCreated or AuditAction.KeyBackedUp or AuditAction.HoldPlaced or AuditAction.ReplySent => (ApiActivity, Create),
        AuditAction.MailboxDisconnected or AuditAction.TokenRevoked or AuditAction.KeyDeleted or AuditAction.Erased or AuditAction.RetentionApplied or AuditAction.HoldLifted or AuditAction.QuarantineDeleted or AuditAction.Redacted => (ApiActivity, Delete),
        AuditAction.MailboxChanged or AuditAction.PolicyChanged or AuditAction.KeyRotated or AuditAction.KeyRewrapped or AuditAction.KeyRestored or AuditAction.QuarantineReleased or AuditAction.TicketChanged => (ApiActivity, Update),
    };

    private static int SeverityOf(AuditEvent what) => what.Action switch
    {
        AuditAction.KeyRestored => High,
        AuditAction.Exported or AuditAction.GrantChanged or AuditAction.KeyDeleted or AuditAction.Erased or AuditAction.Redacted or AuditAction.HoldLifted or AuditAction.TokenCreated => Medium,
        AuditAction.SignInRefused => Low,
        _ => what.Result is AuditResult.Done or AuditResult.Begun ? Informational : Low,
    };
}
