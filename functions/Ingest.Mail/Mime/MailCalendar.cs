namespace Ingest.Mail.Mime;

/// <summary>A calendar message as facts (RFC 5545, RFC 6047); what is repeated is named, not unrolled.</summary>
/// <param name="Method">What is asked (RFC 5546): REQUEST, REPLY, CANCEL, COUNTER, PUBLISH …; empty when the calendar asks nothing.</param>
/// <param name="Events">Events and tasks, in order.</param>
public sealed record MailCalendar(string Method, IReadOnlyList<CalendarEvent> Events);

/// <summary>One event or task of a calendar; what is not said is empty or null.</summary>
public sealed record CalendarEvent
{
    /// <summary>VEVENT, VTODO, VJOURNAL or VFREEBUSY.</summary>
    public required string Component { get; init; }

    /// <summary>What stays the same through every change of it (RFC 5545 section 3.8.4.7).</summary>
    public string Uid { get; init; } = "";

    /// <summary>Which version this is; higher is newer.</summary>
    public int Sequence { get; init; }

    /// <summary>The title.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The longer text.</summary>
    public string Description { get; init; } = "";

    /// <summary>Where.</summary>
    public string Location { get; init; } = "";

    /// <summary>CONFIRMED, TENTATIVE, CANCELLED …</summary>
    public string Status { get; init; } = "";

    /// <summary>When it begins.</summary>
    public CalendarTime? Start { get; init; }

    /// <summary>When it ends, or is due; from the duration where that is what is given.</summary>
    public CalendarTime? End { get; init; }

    /// <summary>The first rule of repetition as written, such as FREQ=WEEKLY;COUNT=5.</summary>
    public string Recurrence { get; init; } = "";

    /// <summary>Which of the repetitions this is about.</summary>
    public CalendarTime? RecurrenceId { get; init; }

    /// <summary>Who asks.</summary>
    public CalendarPerson? Organizer { get; init; }

    /// <summary>Who is asked, in order.</summary>
    public IReadOnlyList<CalendarPerson> Attendees { get; init; } = [];
}

/// <summary>Who takes part (RFC 5545 sections 3.3.3, 3.8.4.1, 3.8.4.3).</summary>
/// <param name="Name">The name, empty when none.</param>
/// <param name="Address">The address, without mailto:.</param>
/// <param name="Participation">NEEDS-ACTION, ACCEPTED, DECLINED, TENTATIVE, DELEGATED …; empty when not said.</param>
/// <param name="Role">REQ-PARTICIPANT, OPT-PARTICIPANT, CHAIR …; empty when not said.</param>
public sealed record CalendarPerson(string Name, string Address, string Participation, string Role);

/// <summary>A date or a time as written, with its zone (RFC 5545 sections 3.3.4, 3.3.5).</summary>
/// <param name="Local">The date and time on the clock of that zone.</param>
/// <param name="IsDate">True for a whole day, which has no time and no zone.</param>
/// <param name="Zone">The zone's name as written, UTC for a time in UTC, empty for a time on whatever clock hangs there.</param>
/// <param name="Offset">The zone's distance from UTC then; null when the zone is unknown or none is given.</param>
public sealed record CalendarTime(DateTime Local, bool IsDate, string Zone, TimeSpan? Offset)
{
    /// <summary>The moment, null when the zone is unknown or none is given.</summary>
    public DateTimeOffset? Moment => Offset is { } offset && Local.Ticks - offset.Ticks is >= 0 and <= 3155378975999999999 ? new DateTimeOffset(Local, offset) : null;
}
