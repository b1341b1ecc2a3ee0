using System.Globalization;
using Ingest.App.Connect;
using Ingest.Core.Mailboxes;

namespace Ingest.App.Console;

/// <summary>How a mailbox fares, in words that name the fix.</summary>
internal static class MailboxHealthWords
{
    public static (string Text, bool Bad) Of(MailboxView view) => (view.Mailbox.State, view.Mailbox.Kind, view.Health.Failures) switch
    {
        (MailboxState.NeedsReconnect, MailboxKind.Imap, _) => ("It cannot be read: the server does not take the name or password. Change them below. Mail waits at the provider; none is lost.", true),
        (MailboxState.NeedsReconnect, _, _) => ("Needs to be connected again. " + Why(view.Health.Fault) + " Mail waits at the provider; none is lost.", true),
        (MailboxState.Paused, _, _) => ("Paused. Mail waits at the provider; none is lost.", false),
        (MailboxState.Active, MailboxKind.Import, _) => ("Filled by hand with ingest import; it is never polled.", false),
        (MailboxState.Active, _, > 0) => (Failing(view.Health), true),
        (MailboxState.Active, _, _) => ("Connected: it is read every minute.", false),
    };

    private static string Failing(MailboxHealth health)
    {
        string next = health.NotBefore is { } at ? " The next try is at " + at.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture) + " UTC." : "";
        return $"It cannot be read right now ({health.Fault}); we keep trying, and none of its mail is lost. It failed {Words.Times(health.Failures)} so far." + next;
    }

    // The health row keeps the name of the fault that shut the mailbox.
    private static string Why(string fault) =>
        ConnectPages.Say(Enum.TryParse(fault, out MailboxFault known) && Enum.IsDefined(known) ? known : MailboxFault.GrantRevoked);
}
