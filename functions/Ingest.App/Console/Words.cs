using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>Codes as people read them.</summary>
internal static class Words
{
    /// <summary>"1 message", "2 messages".</summary>
    public static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");

    /// <summary>"once", "twice", "3 times".</summary>
    public static string Times(int number) => number switch { 1 => "once", 2 => "twice", _ => number.ToString(CultureInfo.InvariantCulture) + " times" };

    /// <summary>What an agent should see at once; what needs no attention is calm.</summary>
    public static Markup Flags(MessageMarks marks)
    {
        (string Text, bool Calm)[] flags = [.. Enum.GetValues<MessageMarks>().Where(mark => mark != MessageMarks.None && marks.HasFlag(mark)).Select(Flag).Where(flag => flag.Text.Length > 0)];
        return Markup.If(flags.Length > 0, $"""<ul class="flags" aria-label="Remarks">{Markup.Each(flags, flag => Markup.Of($"""<li{Attr.If(flag.Calm, "class", "calm")}>{flag.Text}</li>"""))}</ul>""");
    }

    private static (string Text, bool Calm) Flag(MessageMarks mark) => mark switch
    {
        MessageMarks.Unverified => ("sender not verified", false),
        MessageMarks.Unsure => ("may be spam", false),
        MessageMarks.Bounce => ("delivery failure", false),
        MessageMarks.Automatic => ("sent by a machine", true),
        MessageMarks.Redacted => ("personal data masked", true),
        MessageMarks.Malformed => ("malformed mail, shown as well as it can be read", true),
        MessageMarks.NotLookedInto => ("has a file that was not looked into", true),
        MessageMarks.Bulk => ("sent to a list", true),
        MessageMarks.Newcomer => ("written by someone new to the ticket", false),
        MessageMarks.MarkedSpam => ("set aside as spam", false),
        MessageMarks.Outbound or MessageMarks.Note or MessageMarks.None => ("", true),
    };

    /// <summary>How a reply fares, and what to do when it does not.</summary>
    public static (string Text, bool Bad) Of(Delivery delivery) => delivery.State switch
    {
        DeliveryState.Queued when delivery.Code == QueueReply.ByPerson => ("Will be sent once more in a moment: one of us found that it had not arrived.", false),
        DeliveryState.Queued when delivery.Attempts > 0 => ($"Not sent yet: the mail server put it off ({Code(delivery)}). We keep trying: {Times(delivery.Attempts)} so far.", false),
        DeliveryState.Sent when delivery.Code == QueueReply.ByPerson => ("Arrived: one of us made sure of it.", false),
        DeliveryState.Queued => ("Will be sent in a moment.", false),
        DeliveryState.Sending => ("Is being sent.", false),
        DeliveryState.Sent => ("Sent: the mail server took it.", false),
        DeliveryState.Uncertain => ("Perhaps sent: the line broke at the moment of delivery.", true),
        DeliveryState.Failed => ($"Not sent ({Code(delivery)}). Nobody got it; put right what is named and send a new reply.", true),
    };

    private static string Code(Delivery delivery) => delivery.Code.Length > 0 ? delivery.Code : "no reason given";

    /// <summary>A name with its address.</summary>
    public static string Person(string name, string address) => name.Length == 0 || name == address ? address : address.Length == 0 ? name : $"{name} ({address})";

    /// <summary>A subject, never nothing.</summary>
    public static string Subject(string? subject) => string.IsNullOrWhiteSpace(subject) ? "(no subject)" : subject;

    /// <summary>What a role may do.</summary>
    public static string Of(Role role) => role switch
    {
        Role.Agent => "Agent: reads and answers tickets",
        Role.Reviewer => "Reviewer: decides on mail that was kept back",
        Role.Auditor => "Auditor: sees how every mail ended, no content",
        Role.Admin => "Admin: tickets, review and mailboxes",
        Role.Owner => "Owner: everything, and people",
    };

    /// <summary>Where a mailbox lives.</summary>
    public static string Of(MailboxKind kind) => kind switch
    {
        MailboxKind.Google => "Gmail",
        MailboxKind.Import => "Filled by ingest import",
        MailboxKind.Imap => "IMAP",
    };
}
