using System.Globalization;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Makes facts of a calendar's components, and of those a text that a person reads.</summary>
internal static class CalendarSummary
{
    /// <summary>The calendar in the mail (RFC 6047): a part of its own before a file; null when there is none.</summary>
    public static MailCalendar? Find(MimePart root, ParseLimits limits) =>
        (Part(root, attached: false) ?? Part(root, attached: true)) is { } part ? Read(part.DecodeText(limits.MaxCalendarLength, out _), part.Parameters["method"] ?? "", limits) : null;

    /// <summary>The facts of a calendar; null when the text is none.</summary>
    public static MailCalendar? Read(string text, string method, ParseLimits limits)
    {
        var calendars = CalendarReader.Read(text, limits).FindAll(static c => c.Name == "VCALENDAR");
        if (calendars.Count == 0)
            return null;
        var events = new List<CalendarEvent>();
        foreach (var calendar in calendars)
        {
            var times = new CalendarTimes(calendar);
            if (calendar.Text("METHOD") is { Length: > 0 } said)
                method = said;
            foreach (var component in calendar.Components)
            {
                if (events.Count < limits.MaxCalendarEvents && component.Name is ("VEVENT" or "VTODO" or "VJOURNAL" or "VFREEBUSY"))
                    events.Add(Event(component, times, limits));
            }
        }
        return new MailCalendar(Word(method).ToUpperInvariant(), events);
    }

    private static MimePart? Part(MimePart part, bool attached)
    {
        if (part.IsLeaf && (part.ContentType is "text/calendar" or "application/ics" || (attached && part.FileName.EndsWith(".ics", StringComparison.OrdinalIgnoreCase))) && (attached || part.Disposition != "attachment"))
            return part;
        if (part.IsMessage)
            return null;
        foreach (var child in part.Children)
        {
            if (Part(child, attached) is { } found)
                return found;
        }
        return null;
    }

    private static CalendarEvent Event(CalendarComponent component, CalendarTimes times, ParseLimits limits)
    {
        var start = times.Of(component.Find("DTSTART"));
        var people = component.Properties.Where(static p => p.Name == "ATTENDEE").Take(limits.MaxAddresses);
        return new CalendarEvent
        {
            Component = component.Name,
            Uid = Word(component.Text("UID")),
            Sequence = int.TryParse(component.Text("SEQUENCE"), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : 0,
            Summary = HeaderText.Clean(component.Text("SUMMARY")),
            Description = component.Text("DESCRIPTION"),
            Location = HeaderText.Clean(component.Text("LOCATION")),
            Status = Word(component.Text("STATUS")).ToUpperInvariant(),
            Start = start,
            End = times.Of(component.Find("DTEND") ?? component.Find("DUE")) ?? times.After(start, component.Text("DURATION")),
            Recurrence = Word(component.Find("RRULE")?.Value ?? ""),
            RecurrenceId = times.Of(component.Find("RECURRENCE-ID")),
            Organizer = component.Find("ORGANIZER") is { } organizer ? Person(organizer) : null,
            Attendees = [.. people.Select(Person)],
        };
    }

    private static CalendarPerson Person(CalendarProperty property)
    {
        var address = property.Value.Trim();
        if (address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            address = address[7..];
        return new CalendarPerson(HeaderText.Clean(property.Parameter("CN")), Word(address), Word(property.Parameter("PARTSTAT")).ToUpperInvariant(), Word(property.Parameter("ROLE")).ToUpperInvariant());
    }

    private static string Word(string text) => HeaderText.Clean(text).Trim();

    /// <summary>The calendar in lines, for a mail that brings no other text.</summary>
    public static string Text(MailCalendar calendar)
    {
        var text = new StringBuilder();
        foreach (var one in calendar.Events)
        {
            if (text.Length > 0)
                text.Append('\n');
            text.Append(Asked(calendar.Method, one.Status)).Append(": ").Append(one.Summary.Length > 0 ? one.Summary : "(no title)").Append('\n');
            Line(text, "When", When(one.Start, one.End));
            Line(text, "Repeats", one.Recurrence);
            Line(text, "Where", one.Location);
            Line(text, "Organizer", one.Organizer is { } organizer ? Named(organizer) : "");
            Line(text, "Attendees", string.Join(", ", one.Attendees.Select(Answered)));
            if (one.Description.Trim() is { Length: > 0 } description)
                text.Append('\n').Append(description).Append('\n');
        }
        return text.ToString();
    }

    private static string Asked(string method, string status) => method switch
    {
        "REQUEST" => "Invitation",
        "REPLY" => "Answer to an invitation",
        "CANCEL" => "Cancelled",
        "COUNTER" => "Another time proposed",
        "DECLINECOUNTER" => "Proposed time declined",
        "REFRESH" => "Latest version asked for",
        _ => status == "CANCELLED" ? "Cancelled" : "Event",
    };

    private static string When(CalendarTime? start, CalendarTime? end)
    {
        if (start is null)
            return end is null ? "" : "until " + Clock(end, withZone: true);
        // The end of a whole day is the day after (RFC 5545 section 3.6.1).
        var last = start.IsDate && end is { IsDate: true } && end.Local > start.Local ? end with { Local = end.Local.AddDays(-1) } : end;
        if (last is null || last.Local == start.Local)
            return Clock(start, withZone: true);
        var sameDay = !start.IsDate && last.Local.Date == start.Local.Date && last.Zone == start.Zone;
        return Clock(start, withZone: last.Zone != start.Zone) + " - " + (sameDay ? last.Local.ToString("HH:mm", CultureInfo.InvariantCulture) + Zone(last) : Clock(last, withZone: true));
    }

    private static string Clock(CalendarTime time, bool withZone) =>
        time.Local.ToString(time.IsDate ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + (withZone ? Zone(time) : "");

    private static string Zone(CalendarTime time) => time.Zone.Length > 0 ? $" ({time.Zone})" : "";

    private static string Named(CalendarPerson person) => person.Name.Length > 0 && person.Name != person.Address ? $"{person.Name} <{person.Address}>" : person.Address;

    private static string Answered(CalendarPerson person) =>
        Named(person) + (person.Participation is "ACCEPTED" or "DECLINED" or "TENTATIVE" or "DELEGATED" ? $" ({person.Participation.ToLowerInvariant()})" : "");

    private static void Line(StringBuilder text, string label, string value)
    {
        if (value.Length > 0)
            text.Append(label).Append(": ").Append(value).Append('\n');
    }
}
