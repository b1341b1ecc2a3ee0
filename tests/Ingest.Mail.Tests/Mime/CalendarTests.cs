using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class CalendarTests
{
    private const string Invitation = """
        BEGIN:VCALENDAR
        METHOD:REQUEST
        BEGIN:VEVENT
        UID:7@example.com
        SEQUENCE:2
        SUMMARY:Plan\, review\; drink
        LOCATION:Room 1
        DTSTART;TZID=Europe/Berlin:20260303T100000
        DTEND;TZID=Europe/Berlin:20260303T113000
        RRULE:FREQ=WEEKLY;COUNT=5
        ORGANIZER;CN="Lee, Kim":mailto:kim@example.com
        ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT:mailto:support@shop.exam
         ple
        ATTENDEE;CN=Bo;PARTSTAT=ACCEPTED:MAILTO:bo@example.com
        DESCRIPTION:First line\nsecond line
        BEGIN:VALARM
        SUMMARY:not this
        END:VALARM
        END:VEVENT
        END:VCALENDAR

        """;

    [Fact]
    public void An_invitation_is_summarised()
    {
        var calendar = Parse("text/calendar; method=REQUEST", Invitation).Calendar!;
        Assert.Equal("REQUEST", calendar.Method);
        var one = Assert.Single(calendar.Events);
        Assert.Equal(("VEVENT", "7@example.com", 2, "Plan, review; drink", "Room 1", "FREQ=WEEKLY;COUNT=5"), (one.Component, one.Uid, one.Sequence, one.Summary, one.Location, one.Recurrence));
        Assert.Equal(new DateTimeOffset(2026, 3, 3, 10, 0, 0, TimeSpan.FromHours(1)), one.Start!.Moment);
        Assert.Equal(("Europe/Berlin", new DateTime(2026, 3, 3, 11, 30, 0)), (one.End!.Zone, one.End.Local));
        Assert.Equal(new CalendarPerson("Lee, Kim", "kim@example.com", "", ""), one.Organizer);
        Assert.Equal([new CalendarPerson("", "support@shop.example", "NEEDS-ACTION", "REQ-PARTICIPANT"), new CalendarPerson("Bo", "bo@example.com", "ACCEPTED", "")], one.Attendees);
    }

    [Fact]
    public void A_mail_that_is_only_a_calendar_can_be_read()
    {
        var mail = Parse("text/calendar; method=REQUEST", Invitation);
        Assert.Equal(
            "Invitation: Plan, review; drink\nWhen: 2026-03-03 10:00 - 11:30 (Europe/Berlin)\nRepeats: FREQ=WEEKLY;COUNT=5\nWhere: Room 1\nOrganizer: Lee, Kim <kim@example.com>\nAttendees: support@shop.example, Bo <bo@example.com> (accepted)\n\nFirst line\nsecond line\n",
            mail.Text);
        Assert.Equal((MailKind.Calendar, "text/calendar"), (mail.Kind, Assert.Single(mail.Attachments).ContentType));
    }

    [Theory]
    [InlineData("DTSTART:20260303T100000Z\nDURATION:PT1H30M", "2026-03-03 10:00 - 11:30 (UTC)", "2026-03-03T11:30:00+00:00")]
    [InlineData("DTSTART;VALUE=DATE:20260303\nDTEND;VALUE=DATE:20260304", "2026-03-03", null)]
    [InlineData("DTSTART;VALUE=DATE:20260303\nDTEND;VALUE=DATE:20260306", "2026-03-03 - 2026-03-05", null)]
    [InlineData("DTSTART:20260303T100000\nDTEND:20260304T100000", "2026-03-03 10:00 - 2026-03-04 10:00", null)]
    [InlineData("DTSTART;TZID=W. Europe Standard Time:20260703T100000\nDURATION:P1D", "2026-07-03 10:00 - 2026-07-04 10:00 (W. Europe Standard Time)", "2026-07-04T10:00:00+02:00")]
    [InlineData("DTSTART;TZID=/mozilla.org/2005/America/New_York:20260303T100000\nDTEND;TZID=/mozilla.org/2005/America/New_York:20260303T110000", "2026-03-03 10:00 - 11:00 (/mozilla.org/2005/America/New_York)", "2026-03-03T11:00:00-05:00")]
    [InlineData("DTSTART;TZID=Own:20260303T100000\nDTEND;TZID=Own:20260303T110000", "2026-03-03 10:00 - 11:00 (Own)", "2026-03-03T11:00:00+03:30")]
    [InlineData("DTSTART;TZID=../../../etc/passwd:20260303T100000\nDTEND;TZID=Nowhere:20260303T110000", "2026-03-03 10:00 (../../../etc/passwd) - 2026-03-03 11:00 (Nowhere)", null)]
    [InlineData("DTSTART:00010101T000000Z\nDURATION:-P9999999W", "0001-01-01 00:00 (UTC)", null)]
    [InlineData("DTSTART:tomorrow", null, null)]
    public void Times_keep_their_zone(string lines, string? when, string? end)
    {
        var mail = Parse("text/calendar", "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nTZOFFSETTO:+0330\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY:x\n" + lines + "\nEND:VEVENT\nEND:VCALENDAR\n");
        Assert.Equal("Event: x\n" + (when is null ? "" : $"When: {when}\n"), mail.Text);
        Assert.Equal(end, mail.Calendar!.Events[0].End?.Moment?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_calendar_beside_a_text_changes_nothing_of_it()
    {
        var mail = MailMessage.Parse(Encoding.UTF8.GetBytes("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee you.\n--b\nContent-Type: application/ics; name=invite.ics\nContent-Disposition: attachment\n\n" + Invitation + "--b--\n"));
        Assert.Equal("See you.", mail.Text);
        Assert.Equal("7@example.com", mail.Calendar!.Events[0].Uid);
    }

    [Fact]
    public void Every_public_sample_is_read()
    {
        var files = Corpus.Zip("ical/ical_js.zip", static n => n.EndsWith(".ics", StringComparison.Ordinal)).ToList();
        Assert.Equal(46, files.Count);
        foreach (var (name, bytes) in files)
        {
            var calendar = CalendarSummary.Read(Encoding.UTF8.GetString(bytes), "", ParseLimits.Default);
            if (Encoding.UTF8.GetString(bytes).Contains("BEGIN:VEVENT", StringComparison.Ordinal))
                Assert.True(calendar!.Events.Count > 0, name);
            foreach (var one in calendar?.Events.Where(static e => e.Component == "VEVENT") ?? [])
                Assert.True(name.StartsWith("test/", StringComparison.Ordinal) || one.Start is not null, name);
        }
    }

    [Fact]
    public void Properties_parameters_and_values_are_those_of_jcal()
    {
        var files = Corpus.Zip("ical/ical_js.zip").ToDictionary(static f => f.Name, static f => f.Bytes);
        var compared = 0;
        foreach (var (name, bytes) in files)
        {
            if (!name.EndsWith(".ics", StringComparison.Ordinal) || !files.TryGetValue(Path.ChangeExtension(name, ".json"), out var json))
                continue;
            using var expected = JsonDocument.Parse(json);
            var roots = CalendarReader.Read(Encoding.UTF8.GetString(bytes), ParseLimits.Default);
            JsonElement[] wanted = expected.RootElement[0].ValueKind == JsonValueKind.Array ? [.. expected.RootElement.EnumerateArray()] : [expected.RootElement];
            Assert.Equal(wanted.Length, roots.Count);
            foreach (var (one, root) in wanted.Zip(roots))
                Same(name, one, root);
            compared++;
        }
        Assert.Equal(21, compared);
    }

    [Fact]
    public void Any_lines_are_read_without_exceptions_and_within_bounds() =>
        Prop.ForAll(
            Gen.Elements("BEGIN:VCALENDAR\n", "BEGIN:VEVENT\n", "END:VEVENT\n", "END:", "DTSTART", ";TZID=", ";VALUE=DATE", ":", "\"", "20260303T100000", "00010101", "99991231T235959Z", "DURATION:P", "-P9999999999W", "\n", "\r", " ", "\\", "\\n", "^n", "^", ";", ",", "=", "ATTENDEE", "mailto:", "é", "Europe/Berlin", "/", "TZOFFSETTO:+9999\n").ListOf().ToArbitrary(),
            static pieces =>
            {
                var text = string.Concat(pieces);
                var mail = Parse("text/calendar", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + text);
                Assert.NotNull(mail.Calendar);
                Assert.True((mail.Text?.Length ?? 0) < 40 * text.Length + 200);
                if (!text.Contains('\r'))
                    Assert.Equal(Plain(CalendarReader.Read(text, ParseLimits.Default)), Plain(CalendarReader.Read(text.Replace("\n", "\r\n", StringComparison.Ordinal), ParseLimits.Default)));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static string Plain(List<CalendarComponent> components) =>
        string.Concat(components.Select(static c => $"{c.Name}({string.Join('|', c.Properties.Select(static p => p.Name + string.Concat(p.Parameters.Select(static q => q.Name + string.Join(',', q.Values))) + p.Value))}){Plain(c.Components)}"));

    private static void Same(string file, JsonElement expected, CalendarComponent actual)
    {
        Assert.Equal(expected[0].GetString(), actual.Name.ToLowerInvariant());
        Assert.Equal(expected[1].GetArrayLength(), actual.Properties.Count);
        foreach (var (wanted, property) in expected[1].EnumerateArray().Zip(actual.Properties))
        {
            Assert.Equal(wanted[0].GetString(), property.Name.ToLowerInvariant());
            var parameters = property.Parameters.Where(static p => p.Name != "VALUE").ToDictionary(static p => p.Name.ToLowerInvariant(), static p => string.Join('|', p.Values));
            Assert.Equal(wanted[1].EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.ValueKind == JsonValueKind.Array ? string.Join('|', p.Value.EnumerateArray().Select(static v => v.GetString())) : p.Value.GetString()!), parameters);
            var type = wanted[2].GetString()!;
            var values = wanted.EnumerateArray().Skip(3).ToList();
            Assert.True(Value(type, values, property), $"{file} {property.Name}: {property.Value}");
        }
        Assert.Equal(expected[2].GetArrayLength(), actual.Components.Count);
        foreach (var (wanted, component) in expected[2].EnumerateArray().Zip(actual.Components))
            Same(file, wanted, component);
    }

    private static bool Value(string type, List<JsonElement> values, CalendarProperty property) => type switch
    {
        "text" when values[0].ValueKind == JsonValueKind.Array => values[0].EnumerateArray().Select(static v => v.GetString()!).SequenceEqual(property.Value.Split(';')),
        "text" => values.Count == 1 ? values[0].GetString() == property.Text : values.Select(static v => v.GetString()!).SequenceEqual(property.Texts()),
        "date" or "date-time" or "time" or "utc-offset" => string.Join(',', values.Select(v => Bare(v.GetString()!, type))) == property.Value,
        "period" => string.Join(',', values.Select(static v => Bare(v[0].GetString()!, "date") + "/" + Bare(v[1].GetString()!, "date"))) == property.Value,
        "recur" => values[0].EnumerateObject().Select(static p => $"{p.Name.ToUpperInvariant()}={(p.Name == "until" ? Bare(p.Value.GetString()!, "date") : p.Value.ValueKind == JsonValueKind.Array ? string.Join(',', p.Value.EnumerateArray()) : p.Value.ToString())}").Order().SequenceEqual(property.Value.Split(';').Order()),
        // What is no number or truth is zero or false there, and stays what it is here.
        "float" when values[0].ValueKind == JsonValueKind.Array => values[0].EnumerateArray().Select(static v => v.GetDouble()).SequenceEqual(property.Value.Split(';').Select(static v => double.Parse(v, CultureInfo.InvariantCulture))),
        "float" or "integer" => !double.TryParse(property.Value, CultureInfo.InvariantCulture, out var number) || number == values[0].GetDouble(),
        "boolean" => values[0].GetBoolean() == (property.Value == "TRUE"),
        _ => values[0].GetString() == property.Value,
    };

    private static string Bare(string value, string type) => type == "utc-offset" ? value.Replace(":", "", StringComparison.Ordinal) : value.Replace("-", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal);

    private static MailMessage Parse(string type, string text) => MailMessage.Parse(Encoding.UTF8.GetBytes($"Subject: x\nContent-Type: {type}\n\n{text}"));
}
