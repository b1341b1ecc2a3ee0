using System.Text.RegularExpressions;
using Ingest.Core.Access;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>A reply over which the line broke waits for a person's word, at every door, and is never sent twice for one.</summary>
[Collection(nameof(RunningSystem))]
public sealed partial class DoubtTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task The_api_settles_a_doubt_once_for_each_try()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync([Permission.AnswerTickets, Permission.ReadTickets]), path = $"/api/tickets/{house.Doubted.Number}/replies/{house.Doubt}/resolve";
        int attempt = (await StandsAsync(house)).Attempts;
        Task<ApiAnswer> SayAsync(bool delivered, int? of = null, string? by = null) =>
            ApiClient.SendAsync(system, "POST", path, by ?? token, $"{{\"delivered\":{(delivered ? "true" : "false")}{(of is { } n ? $",\"attempt\":{n}" : "")}}}");

        Assert.Equal(409, (await SayAsync(true, of: attempt + 1)).Status);
        foreach (Permission lacking in new[] { Permission.ReadTickets, Permission.ReadJournal, Permission.ManageMailboxes })
            Assert.Equal(403, (await SayAsync(true, by: await house.TokenAsync([lacking]))).Status);
        Assert.Equal(404, (await SayAsync(true, by: await house.TokenAsync(null, house.OtherInbox))).Status);
        ApiAnswer unknown = await ApiClient.SendAsync(system, "POST", $"/api/tickets/{house.Ticket.Id}/replies/{house.Doubt}/resolve", token, "{\"delivered\":true}");
        Assert.Equal((404, "not-found"), (unknown.Status, unknown.Json["code"]!.GetValue<string>()));
        Assert.Equal(DeliveryState.Uncertain, (await StandsAsync(house)).State);

        Assert.Equal(200, (await SayAsync(false, attempt)).Status);
        Assert.NotEqual(DeliveryState.Uncertain, (await StandsAsync(house)).State);
        // It is tried, and in doubt once more: the request that asked for the first time asks for nothing now.
        await ApiHouse.BreakAsync(system, house.Tenant, house.Doubted.Id, house.Doubt);
        Assert.Equal(200, (await SayAsync(false, attempt)).Status);
        Delivery again = await StandsAsync(house);
        Assert.Equal(DeliveryState.Uncertain, again.State);

        ApiAnswer arrived = await SayAsync(true, again.Attempts), repeated = await SayAsync(true, again.Attempts);
        Assert.Equal((200, "Sent", 200), (arrived.Status, arrived.Json["state"]!.GetValue<string>(), repeated.Status));
        ApiAnswer message = await ApiClient.SendAsync(system, "GET", $"/api/tickets/{house.Doubted.Id}/messages/{house.Doubt}", token);
        Assert.Equal("resolved-by-a-person", message.Json["message"]!["delivery"]!["code"]!.GetValue<string>());
        ApiAnswer late = await SayAsync(false);
        Assert.Equal((409, "reply-not-in-doubt"), (late.Status, late.Json["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task An_agent_settles_a_doubt_with_a_button_and_a_second_click_does_nothing()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string ticket = "/console/tickets/" + house.Doubted.Id;
        using Visitor agent = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Agent, house.Inbox));
        using Visitor foreign = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Agent, house.OtherInbox));
        using Visitor auditor = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Auditor, null));
        Seen page = await agent.GetAsync(ticket);
        Assert.Contains("It is not sent again by itself, so that nobody gets it twice.", page.Text, StringComparison.Ordinal);
        Assert.Contains("It arrived", page.Text, StringComparison.Ordinal);
        string attempt = Attempt().Match(page.Html).Groups[1].Value;
        (string, string)[] again = [("message", house.Doubt), ("attempt", attempt), ("delivered", "no")];
        foreach (Visitor other in new[] { foreign, auditor }) Assert.Equal(404, (await other.PostAsync(ticket + "/resolve", again)).Status);
        Assert.Equal(DeliveryState.Uncertain, (await StandsAsync(house)).State);

        Assert.Equal(ticket + "?said=sent-again", (await agent.PostAsync(ticket + "/resolve", again)).Location);
        await ApiHouse.BreakAsync(system, house.Tenant, house.Doubted.Id, house.Doubt);
        Assert.Equal(ticket + "?said=sent-again", (await agent.PostAsync(ticket + "/resolve", again)).Location);
        Delivery stands = await StandsAsync(house);
        Assert.Equal(DeliveryState.Uncertain, stands.State);

        attempt = Attempt().Match((await agent.GetAsync(ticket)).Html).Groups[1].Value;
        Assert.Equal(ticket + "?said=arrived", (await agent.PostAsync(ticket + "/resolve", ("message", house.Doubt), ("attempt", attempt), ("delivered", "yes"))).Location);
        page = await agent.GetAsync(ticket + "?said=arrived");
        Assert.Contains("Arrived: one of us made sure of it.", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("It did not arrive", page.Text, StringComparison.Ordinal);
        Assert.Equal(ticket + "?said=resolve-late", (await agent.PostAsync(ticket + "/resolve", ("message", house.Doubt), ("attempt", attempt), ("delivered", "no"))).Location);
    }

    [Fact]
    public async Task What_was_sent_by_itself_is_never_sent_again_for_anybodys_word()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        await ApiHouse.BreakAsync(system, house.Tenant, house.Doubted.Id, house.Doubt, automatic: true);
        (int exit, _, string error) = await system.CommandAsync(house.Tenant, "reply", "resolve", house.Doubted.Number, "--send-again");
        Assert.Equal(1, exit);
        Assert.Contains("never sent twice", error, StringComparison.Ordinal);
        Assert.Equal(0, (await system.CommandAsync(house.Tenant, "reply", "resolve", house.Doubted.Number, "--arrived")).Exit);
        Assert.Equal(DeliveryState.Sent, (await StandsAsync(house)).State);
    }

    [Fact]
    public async Task The_command_line_settles_a_doubt_and_says_when_there_is_none()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string other = await ApiHouse.DoubtAsync(system, house.Tenant, house.Doubted.Id);
        Assert.Equal(2, (await system.CommandAsync(house.Tenant, "reply", "resolve", house.Doubted.Number)).Exit);
        Assert.Equal(2, (await system.CommandAsync(house.Tenant, "reply", "resolve", house.Doubted.Number, "--arrived", "--send-again")).Exit);
        Assert.Equal(1, (await system.CommandAsync(RunningSystem.NewTenant(), "reply", "resolve", house.Doubted.Number, "--arrived")).Exit);
        (int exit, _, string which) = await system.CommandAsync(house.Tenant, "reply", "resolve", house.Doubted.Number, "--arrived");
        Assert.Equal(1, exit);
        Assert.Contains(other, which, StringComparison.Ordinal);
        Assert.Equal(0, (await system.CommandAsync(house.Tenant, "reply", "resolve", house.Doubted.Number, "--arrived", "--message", other)).Exit);
        Assert.Equal((0, "The reply counts as sent."), (await system.CommandAsync(house.Tenant, "reply", "resolve", house.Doubted.Number, "--arrived")) is var said ? (said.Exit, said.Output.Trim()) : default);
        (exit, _, string none) = await system.CommandAsync(house.Tenant, "reply", "resolve", house.Doubted.Number, "--send-again");
        Assert.Equal(1, exit);
        Assert.Contains("No such reply of this ticket is in doubt", none, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_form_sent_twice_is_one_reply_and_with_another_text_asks_first()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        using Visitor agent = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Agent, null));
        string ticket = "/console/tickets/" + house.Ticket.Id;
        for (int i = 0; i < 2; i++)
            Assert.Equal(ticket + "?said=replied", (await agent.PostAsync(ticket + "/reply", ("text", "Thank you."), ("once", "abc123"))).Location);
        Assert.Single(await OutAsync());

        // The page of the browser's history, its text written anew.
        Seen asked = await agent.PostAsync(ticket + "/reply", ("text", "Thank you again."), ("once", "abc123"));
        Assert.Equal(422, asked.Status);
        Assert.Contains("This form was sent before, with another text", asked.Text, StringComparison.Ordinal);
        Assert.Contains("Thank you again.", asked.Text, StringComparison.Ordinal);
        Assert.Single(await OutAsync());
        string once = Once().Match(asked.Html).Groups[1].Value;
        for (int i = 0; i < 2; i++) Assert.Equal(303, (await agent.PostAsync(ticket + "/reply", ("text", "Thank you again."), ("once", once))).Status);
        Assert.Equal(2, (await OutAsync()).Length);

        async Task<TicketMessage[]> OutAsync() => [.. (await system.Desk.Tickets.MessagesAsync(house.Tenant, house.Ticket.Id, Cancel)).Where(m => m.Direction == MessageDirection.Out)];
    }

    private async Task<Delivery> StandsAsync(ApiHouse house) => (await system.Desk.Outbox.FindAsync(house.Tenant, house.Doubted.Id, house.Doubt, Cancel))!.Delivery;

    [GeneratedRegex("name=\"attempt\" value=\"([0-9]+)\"")]
    private static partial Regex Attempt();

    [GeneratedRegex("name=\"once\" value=\"([0-9a-f]+)\"")]
    private static partial Regex Once();
}
