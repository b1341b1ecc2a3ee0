using Ingest.Core.Redaction;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>What is found in wanted mail of the corpora; the numbers are explained in Redaction/README-texts.md.</summary>
public sealed class TextFalseAlarmTests(ITestOutputHelper output)
{
    [Fact]
    public void Wanted_mail_has_few_secrets_and_postal_addresses_and_no_wallets()
    {
        Dictionary<string, (int Findings, int Mails)> counts = [];
        int mails = 0;
        foreach ((_, byte[] bytes) in SharedData.Tar("spam/enron_ham.tar.gz").Concat(SharedData.Tar("spam/spamassassin_ham.tar.gz")))
        {
            MailMessage mail = MailMessage.Parse(bytes);
            mails++;
            foreach (IGrouping<string, Finding> rule in Redact.Text($"{mail.Subject}\n{mail.Text}", RedactionPolicy.Default).Findings.GroupBy(f => f.Rule))
            {
                (int findings, int found) = counts.GetValueOrDefault(rule.Key);
                counts[rule.Key] = (findings + rule.Count(), found + 1);
            }
        }
        output.WriteLine($"{mails} mails");
        foreach ((string rule, (int findings, int found)) in counts.OrderByDescending(c => c.Value.Mails))
            output.WriteLine($"{rule}: {findings} in {found} mails");
        int Mails(string prefix) => counts.Where(c => c.Key.StartsWith(prefix, StringComparison.Ordinal)).Sum(c => c.Value.Mails);
        Assert.Equal(0, Mails("wallet."));
        Assert.InRange(Mails("secret."), 0, mails / 100);
        Assert.InRange(Mails("address."), 0, mails / 200);
    }
}
