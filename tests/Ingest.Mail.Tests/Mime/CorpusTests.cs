using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class CorpusTests
{
    public static TheoryData<string> Archives => ["mime/chatwoot.zip", "mime/django_helpdesk.zip", "mime/enmime.zip", "mime/mikel_mail.zip", "mime/nodemailer_mailparser.zip", "mime/request_tracker.zip", "mime/stalwart_mail_parser.zip", "dsn/sisimai_set_of_emails.zip", "spam/spamassassin_test_messages.zip"];

    [Theory]
    [MemberData(nameof(Archives))]
    public void Every_sample_mail_can_be_read(string archive)
    {
        foreach (var (name, bytes) in Corpus.Zip(archive))
        {
            var message = MailMessage.Parse(bytes);
            Touch(message);
        }
    }

    [Theory]
    [InlineData("spam/spamassassin_ham.tar.gz")]
    [InlineData("spam/spamassassin_spam.tar.gz")]
    public void Every_mail_of_the_spam_corpus_has_a_sender_and_text(string archive)
    {
        int count = 0, from = 0, text = 0, dated = 0;
        foreach (var (_, bytes) in Corpus.Tar(archive))
        {
            var message = MailMessage.Parse(bytes);
            Touch(message);
            count++;
            from += message.From.Count > 0 && message.From[0].Address.Contains('@') ? 1 : 0;
            text += !string.IsNullOrWhiteSpace(message.Text) ? 1 : 0;
            dated += message.Date is not null ? 1 : 0;
        }
        TestContext.Current.SendDiagnosticMessage("{0}: {1} mails, from {2}, text {3}, date {4}", archive, count, from, text, dated);
        Assert.True(count > 1000);
        Assert.True(from > count * 0.98, $"{from} of {count} have an author");
        Assert.True(text > count * 0.98, $"{text} of {count} have text");
        Assert.True(dated > count * 0.97, $"{dated} of {count} have a date");
    }

    private static void Touch(MailMessage message)
    {
        foreach (var attachment in message.Attachments)
        {
            Assert.NotEqual("", attachment.SafeName);
            if (attachment.Part.IsLeaf)
                Assert.Equal(attachment.Decode().Length, attachment.Part.DecodedLength());
        }
        foreach (var header in message.Headers)
            Assert.DoesNotContain('\n', header.Value);
    }
}
