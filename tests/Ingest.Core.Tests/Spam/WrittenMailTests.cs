using Ingest.Core.Spam.Training;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Spam;

public sealed class WrittenMailTests
{
    [Fact]
    public void An_example_becomes_two_mails_with_the_same_words()
    {
        TrainingMail[] mails = [.. WrittenMail.ReadAll("== spam test\nfrom: Ännchen <a@firm.example>\nsubject: Größe\nauth: reject\n\nHello, [click here](https://x.example/y) now.\n")];
        Assert.Equal(2, mails.Length);
        Assert.All(mails, mail => Assert.True(mail.IsSpam && mail.AnyLanguage));
        MailFile[] read = [.. mails.Select(m => MailFile.Read(m.Raw))];
        Assert.Equal(["Größe", "Größe"], read.Select(m => m.Message.Subject));
        Assert.All(read, m => Assert.Equal("Ännchen", m.Message.From[0].Name));
        Assert.All(read, m => Assert.Equal(Ingest.Mail.Auth.AuthResult.Fail, m.Auth.Dmarc));
        Assert.Null(read[0].Message.Html);
        Assert.Contains("href=\"https://x.example/y\"", read[1].Message.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_examples_are_read_whole_and_parse_without_a_defect()
    {
        TrainingMail[] mails = [.. WrittenMails.Read(SpamCorpora.Written)];
        Assert.InRange(mails.Count(m => m.IsSpam), 200, 2000);
        Assert.InRange(mails.Count(m => !m.IsSpam), 200, 2000);
        foreach (TrainingMail mail in mails)
        {
            MailMessage message = MailMessage.Parse(mail.Raw);
            Assert.True(message.From is [{ Domain.Length: > 3 }] && message.Subject.Length > 0 && message.Text is { Length: > 10 } && message.Defects.Count == 0, $"{message.Subject}: {string.Join(' ', message.Defects.Select(d => d.Kind))}");
        }
    }

    [Fact]
    public void Only_what_the_delivering_server_wrote_is_believed_of_a_file()
    {
        static MailFile Read(string head) => MailFile.Read(System.Text.Encoding.ASCII.GetBytes(head + "From: Ada <ada@firm.example>\nSubject: x\n\nhello\n"));
        const string Pass = "Authentication-Results: mx.host.example; dmarc=pass header.from=firm.example\n";
        Assert.True(Read("Received: from a.firm.example by mx.host.example; x\n" + Pass).Auth.Authenticated);
        Assert.False(Read("Received: from b by mx.other.example; x\n" + Pass).Auth.Authenticated);
        Assert.False(Read("Received: from b by mx.other.example; x\nReceived: from a by mx.host.example; x\n" + Pass).Auth.Authenticated);
        Assert.True(Read("Received: from a by x.prod.outlook.com; x\nAuthentication-Results: spf=pass smtp.mailfrom=firm.example; dmarc=pass header.from=firm.example\n").Auth.Authenticated);
        Assert.False(Read("Received: from a by mx.host.example; x\nAuthentication-Results: spf=pass smtp.mailfrom=firm.example; dmarc=pass header.from=firm.example\n").Auth.Authenticated);
    }
}
