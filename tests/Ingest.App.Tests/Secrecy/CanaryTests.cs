using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.App.Tests.Secrecy;

/// <summary>Promise 4: nothing readable rests outside an envelope. One run of everything, searched for canaries and held to the published list.</summary>
public sealed partial class CanaryTests(CanaryRun run, ITestOutputHelper output) : IClassFixture<CanaryRun>
{
    [Fact]
    public void Nothing_readable_rests_outside_an_envelope()
    {
        output.WriteLine($"{run.Canaries.Count} canaries, {run.Scanned:N0} bytes, {run.Unpacked} unpacked, {run.Rows.Count} rows, {run.Queued.Count} queue messages, {run.Blobs.Count} blobs");
        Assert.True(run.Sightings.Count == 0, string.Join('\n', run.Sightings.Select(seen => seen.ToString()).Distinct().Order(StringComparer.Ordinal).Take(100)));
    }

    [Fact]
    public void The_run_had_all_that_it_was_to_be_searched_for()
    {
        string[] kinds = [.. run.Canaries.Select(canary => canary.Name.Split(' ')[0])];
        foreach (string secret in (string[])["access_token", "refresh_token", "id_token", "code", "code_verifier", "state", "session", "API", "connect"])
            Assert.Contains(secret, kinds);
        Assert.True(run.Scanned > 500_000, $"Only {run.Scanned} bytes were looked at.");
        Assert.NotEmpty(run.Queued);
        foreach (string line in (string[])["mail ended", "Ticketed NewTicket", "Duplicate SameMail", "Quarantined Spam", "Quarantined Backscatter", "fault in IngestMail",
            "mailbox connected", "mailbox read", "mailbox not read", "put off", "mailbox needs to be connected again", "message that is not one of ours dropped by IngestMail", "dropped by SyncMailbox", "message of version 99"])
            Assert.Contains(line, run.Log, StringComparison.Ordinal);
        Assert.Equal(2, run.Rows.Count(row => row.Table == TableNames.Journal && row.Row.GetString("reason") == "Fault"));
    }

    [Fact]
    public void What_the_search_does_not_find_is_there_for_whoever_has_the_keys()
    {
        // File names are hashed, not stored.
        IEnumerable<string> expected = CanaryMails.Words.Select(canary => canary.Name).Where(name => !name.StartsWith("imported", StringComparison.Ordinal));

        Assert.Empty(expected.Except(run.FoundWhenOpened));
    }

    [Theory]
    [InlineData("connect", HttpStatusCode.SeeOther)]
    [InlineData("used twice", HttpStatusCode.BadRequest)]
    [InlineData("API", HttpStatusCode.OK)]
    [InlineData("wrong token", HttpStatusCode.Unauthorized)]
    [InlineData("no token of ours", HttpStatusCode.Unauthorized)]
    [InlineData("API, not found", HttpStatusCode.NotFound)]
    [InlineData("wrong link", HttpStatusCode.Unauthorized)]
    [InlineData("wrong state", HttpStatusCode.BadRequest)]
    [InlineData("wrong code", HttpStatusCode.BadRequest)]
    [InlineData("wrong cookie", HttpStatusCode.Unauthorized)]
    [InlineData("outage", HttpStatusCode.ServiceUnavailable)]
    public void Each_request_was_answered_as_meant(string what, HttpStatusCode status) =>
        Assert.All(run.Answers.Where(answer => answer.What == what), answer => Assert.Equal(status, answer.Status));

    [Fact]
    public void Tables_hold_in_the_clear_what_is_published_and_nothing_else()
    {
        PublishedColumns published = PublishedColumns.Read();

        None(run.Rows.SelectMany(row => published.Faults(row.Table, row.Row)));
        Assert.Equal(TableNames.All.Order(StringComparer.Ordinal), run.Tables.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Queues_and_blobs_hold_in_the_clear_what_is_published_and_nothing_else()
    {
        PublishedColumns published = PublishedColumns.Read();
        List<string?> faults = [];
        foreach (byte[] body in run.Queued)
        {
            using JsonDocument json = JsonDocument.Parse(body);
            faults.AddRange(json.RootElement.EnumerateObject().Select(field => published.Fault("queue messages", field.Name, field.Value.ValueKind is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False ? field.Value.GetRawText() : field.Value.ToString())));
        }

        foreach ((string container, string name, byte[] head) in run.Blobs)
        {
            faults.Add(published.Fault(container + " blobs", "name", name));
            faults.Add(published.Fault(container + " blobs", "content", head));
        }

        None(faults.OfType<string>());
    }

    [Fact]
    public void The_published_list_names_no_column_that_the_run_did_not_write()
    {
        PublishedColumns published = PublishedColumns.Read();
        foreach ((string table, TableEntity row) in run.Rows) _ = published.Faults(table, row).Count();

        // A queue's and a blob's part is met in the test above; housekeeping looks at a pack a quarter of an hour after it was written; a redaction is under way for a moment, and the lessons of what was erased are gone.
        None(published.NeverMet.Where(name => !name.Contains(' ', StringComparison.Ordinal) && name is not ("packs.settled" or "packs.requeued" or "erasures.last" or "erasures.grant" or "erasures.since" or "erasures.messages" or "erasures.duplicates" or "erasures.wish" or "erasures.original" or "lessons.gen")).Select(name => $"{name} is on the page and nowhere in the stores."));
    }

    [Fact]
    public void The_app_prints_lines_of_its_log_and_nothing_else()
    {
        IEnumerable<string> said = run.Log.Split('\n').Select(line => Said().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value);

        None(said.Where(line => !OfLog().IsMatch(line)).Select(line => $"The app printed: {line[..Math.Min(160, line.Length)]}"));
    }

    [GeneratedRegex(@"Z \[handler \d+\] (.*)$")]
    private static partial Regex Said();

    // "ended (signal 9)" and the like are the host's words about a handler.
    [GeneratedRegex(@"^((info|warn|fail): Ingest\.App\.[A-Za-z.]+\[[1-9][0-9]{2}\] |started \(|ready|ended|exited with code|stopp)")]
    private static partial Regex OfLog();

    private static void None(IEnumerable<string> faults)
    {
        string[] sentences = [.. faults.Distinct()];
        Assert.True(sentences.Length == 0, string.Join('\n', sentences));
    }
}
