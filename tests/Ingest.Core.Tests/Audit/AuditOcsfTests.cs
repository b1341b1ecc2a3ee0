using System.Text.Json;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Xunit;

namespace Ingest.Core.Tests.Audit;

/// <summary>The form that a SIEM reads.</summary>
public sealed class AuditOcsfTests
{
    private static readonly TenantContext Tenant = new(TenantId.Parse("acme"));

    private static JsonElement Of(AuditEvent what) => JsonDocument.Parse(AuditOcsf.Line(Tenant, new AuditEntry("20260301", 7, "0123456789abcdefghjkmnpqrs",
        new DateTimeOffset(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero), what)
    { Hash = new byte[32] })).RootElement;

    public static TheoryData<AuditAction> Actions => new(Enum.GetValues<AuditAction>());

    [Theory]
    [MemberData(nameof(Actions))]
    public void Every_action_has_a_class_with_all_that_its_schema_requires(AuditAction action)
    {
        JsonElement json = Of(new AuditEvent(action, new AuditActor(AuditActorKind.Person, "4k7qz2mx4k7qz2mx")));
        int type = json.GetProperty("class_uid").GetInt32(), activity = json.GetProperty("activity_id").GetInt32();
        Assert.Equal(type / 1000, json.GetProperty("category_uid").GetInt32());
        Assert.Equal((type * 100) + activity, json.GetProperty("type_uid").GetInt32());
        Assert.InRange(json.GetProperty("severity_id").GetInt32(), 1, 4);
        Assert.InRange(json.GetProperty("status_id").GetInt32(), 1, 2);
        Assert.Equal(1772366400250, json.GetProperty("time").GetInt64());
        JsonElement metadata = json.GetProperty("metadata");
        Assert.Equal(("1.1.0", "0123456789abcdefghjkmnpqrs", 7), (metadata.GetProperty("version").GetString(), metadata.GetProperty("uid").GetString(), metadata.GetProperty("sequence").GetInt32()));
        Assert.Equal("Ingest", metadata.GetProperty("product").GetProperty("vendor_name").GetString());
        Assert.Equal("4k7qz2mx4k7qz2mx", json.GetProperty("actor").GetProperty("user").GetProperty("uid").GetString());
        switch (type)
        {
            case 3002:
                Assert.Equal("4k7qz2mx4k7qz2mx", json.GetProperty("user").GetProperty("uid").GetString());
                Assert.Equal("Ingest", json.GetProperty("service").GetProperty("name").GetString());
                break;
            case 3005:
                Assert.True(json.GetProperty("user").GetProperty("uid").GetString()!.Length > 0);
                Assert.Equal(1, json.GetProperty("privileges").GetArrayLength());
                break;
            default:
                Assert.Equal((6003, action.ToString()), (type, json.GetProperty("api").GetProperty("operation").GetString()));
                Assert.Equal("ingest", json.GetProperty("src_endpoint").GetProperty("svc_name").GetString());
                Assert.InRange(activity, 1, 4);
                break;
        }
    }

    [Fact]
    public void What_failed_and_what_was_touched_is_told()
    {
        JsonElement refused = Of(new AuditEvent(AuditAction.SignInRefused, AuditActor.Nobody) { Code = "not-invited", Result = AuditResult.Refused });
        Assert.Equal((3002, 1, 2, "not-invited", "unknown"), (refused.GetProperty("class_uid").GetInt32(), refused.GetProperty("activity_id").GetInt32(), refused.GetProperty("status_id").GetInt32(),
            refused.GetProperty("status_detail").GetString(), refused.GetProperty("actor").GetProperty("user").GetProperty("uid").GetString()));
        JsonElement exported = Of(new AuditEvent(AuditAction.Exported, new AuditActor(AuditActorKind.Token, "t0")) { Inbox = InboxId.Parse("box"), TicketId = "tick", ContactId = "who", Count = 12 });
        Assert.Equal(["box", "tick", "who"], exported.GetProperty("resources").EnumerateArray().Select(r => r.GetProperty("uid").GetString()));
        Assert.Equal((12, "t0"), (exported.GetProperty("unmapped").GetProperty("records").GetInt32(), exported.GetProperty("actor").GetProperty("app_uid").GetString()));
    }
}
