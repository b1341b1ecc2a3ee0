using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Screening;

public sealed class ProviderVerdictTests
{
    private const string Border = "Received: from out.customer.example (out.customer.example [198.51.100.7]) by mx.provider.example with ESMTPS; Mon, 5 Oct 2026 10:00:00 +0000";
    private const string Microsoft = "Received: from out.customer.example (198.51.100.7) by AM5EUR03FT001.mail.protection.outlook.com (10.152.16.1) with Microsoft SMTP Server; Mon, 5 Oct 2026 10:00:00 +0000";

    private static ProviderVerdict Read(string fields, string server = "provider.example")
    {
        MailMessage message = MailMessage.Parse(Encoding.ASCII.GetBytes(fields + "\r\nFrom: ann@customer.example\r\nSubject: x\r\n\r\nhello\r\n"));
        MailboxProfile profile = new() { Address = "support@acme.example", Imap = new ServerSettings { Host = "imap.provider.example", Port = 993, Tls = Ingest.Mail.Wire.TlsMode.Implicit, UserName = "x" }, ReceivingServers = [server] };
        return ProviderVerdicts.Read(message, profile, Origin.FindBorder(message, profile.BorderServers()));
    }

    [Theory]
    [InlineData("X-Spam-Flag: YES", ProviderVerdict.Spam)]
    [InlineData("X-Spam-Flag: NO", ProviderVerdict.Ham)]
    [InlineData("X-Spam-Status: Yes, score=9.1 required=5.0", ProviderVerdict.Spam)]
    [InlineData("X-Spam-Status: No, score=-0.1", ProviderVerdict.Ham)]
    [InlineData("X-Spam: Yes", ProviderVerdict.Spam)]
    [InlineData("X-Rspamd-Action: add header", ProviderVerdict.Spam)]
    [InlineData("X-Rspamd-Action: no action", ProviderVerdict.Ham)]
    [InlineData("X-Gm-Spam: 1", ProviderVerdict.Spam)]
    [InlineData("X-Gm-Phishy: 1", ProviderVerdict.Spam)]
    [InlineData("X-Spam-Flag: NO\r\nX-Spam-Status: Yes", ProviderVerdict.Spam)]
    [InlineData("X-Spam-Score: 12", ProviderVerdict.None)]
    public void What_the_provider_wrote_above_its_own_line_is_believed_and_below_it_is_anyones(string field, ProviderVerdict verdict)
    {
        Assert.Equal(verdict, Read($"{field}\r\n{Border}"));
        Assert.Equal(ProviderVerdict.None, Read($"{Border}\r\n{field}"));
        Assert.Equal(ProviderVerdict.None, Read($"{field}\r\n{Border}", "elsewhere.example"));
    }

    [Theory]
    [InlineData("X-Forefront-Antispam-Report: CIP:198.51.100.7;CTRY:DE;SCL:5;SFV:SPM;CAT:SPM;", ProviderVerdict.Spam)]
    [InlineData("X-Forefront-Antispam-Report: CIP:198.51.100.7;SCL:1;SFV:NSPM;CAT:NONE;", ProviderVerdict.Ham)]
    [InlineData("X-Forefront-Antispam-Report: CIP:198.51.100.7;SCL:8;SFV:NONE;CAT:PHSH;", ProviderVerdict.Spam)]
    [InlineData("X-Forefront-Antispam-Report: CIP:198.51.100.7;SCL:-1;SFV:SKN;", ProviderVerdict.None)]
    [InlineData("X-MS-Exchange-Organization-SCL: 6", ProviderVerdict.Spam)]
    [InlineData("X-MS-Exchange-Organization-SCL: 0", ProviderVerdict.Ham)]
    [InlineData("X-MS-Exchange-Organization-SCL: 1\r\nX-MS-Exchange-Organization-SCL: 9", ProviderVerdict.None)]
    public void Microsofts_fields_count_wherever_they_stand_in_its_own_mailboxes_and_nowhere_else(string field, ProviderVerdict verdict)
    {
        Assert.Equal(verdict, Read($"{Microsoft}\r\n{field}", "protection.outlook.com"));
        Assert.Equal(ProviderVerdict.None, Read($"{Border}\r\n{field}"));
    }

    [Fact]
    public void Without_servers_that_somebody_named_nobody_is_believed() => Assert.Equal(ProviderVerdict.None, Read($"X-Spam-Flag: YES\r\n{Border}", ""));
}
