using System.Text.Json;
using Ingest.Cli.Views;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.App.Tests.Cli;

public sealed class ViewTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(2));

    [Fact]
    public void A_subject_cannot_repaint_the_terminal()
    {
        TicketLine ticket = Ticket("\u001b[2Jpaid\u202Egpj.exe\r\nnew line\u009b31m");

        string shown = Shown(page => page.Show([ticket], TicketsView.Render));

        Assert.DoesNotContain(shown, letter => char.IsControl(letter) && letter != '\n');
        Assert.DoesNotContain('\u202E', shown);
        Assert.Contains("paid", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_subject_with_markup_is_shown_as_it_is()
    {
        Assert.Contains("[red]50 % off[/] [x", Shown(page => page.Show([Ticket("[red]50 % off[/] [x")], TicketsView.Render)), StringComparison.Ordinal);
    }

    [Fact]
    public void Programs_get_one_object_a_line()
    {
        string[] lines = Shown(page => page.Show([Ticket("a"), Ticket("b")], TicketsView.Render), forPeople: false)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["a", "b"], lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("subject").GetString()));
    }

    [Fact]
    public void A_ticket_shows_what_was_masked()
    {
        TicketDetail detail = new(Ticket("Invoice"), [new MessageLine("A <a@b.example>", Noon, "my card •••• 1111", ["scan.pdf"], 1, ["unverified"]) { Masked = "card:1", Files = ["kept as it came"] }]);

        string shown = Shown(page => page.Show(detail, TicketView.Render));

        foreach (string part in new[] { "Invoice", "A <a@b.example>, 2026-03-01 10:00Z", "•••• 1111", "masked: 1 card number", "scan.pdf", "unverified" })
            Assert.Contains(part, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 0, "OK")]
    [InlineData(11, 0, "MISMATCH: 11 listed, 10 accounted for")]
    [InlineData(10, 2, "MISMATCH: 2 ended without having been listed")]
    public void Books_say_whether_they_balance(int listed, int unlisted, string verdict)
    {
        BooksLine line = BooksLine.Of(InboxId.Parse("main"), new Books(listed, 4, 3, 1, 1, 0, 1, unlisted));

        Assert.Contains(verdict, Shown(page => page.Show([line], BooksView.Render)), StringComparison.Ordinal);
    }

    static TicketLine Ticket(string subject) => new("4K7QZ2MX", "open", subject, "A <a@b.example>", 2, Noon, ["redacted"]);

    static string Shown(Action<Page> show, bool forPeople = true)
    {
        StringWriter output = new();
        show(new Page(output, forPeople, onTerminal: false));
        return output.ToString();
    }
}
