using System.CommandLine;
using System.Globalization;
using System.Text;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Retention;

namespace Ingest.Cli.Commands;

/// <summary>Erases for good, with a signed receipt, and checks receipts.</summary>
internal static class EraseCommand
{
    static readonly Argument<string> Number = new("ticket") { Description = "The ticket's number or id." };
    static readonly Argument<string> Address = new("address") { Description = "The person's e-mail address." };
    static readonly Argument<string> Mailbox = new("mailbox") { Description = "The mailbox's id or address." };
    static readonly Argument<string> Id = new("erasure") { Description = "The erasure's id, as \"erase list\" prints it." };
    static readonly Argument<FileInfo> File = new("file") { Description = "A receipt." };
    static readonly Option<FileInfo?> Receipt = new("--receipt") { Description = "Write the signed receipt to this file instead of to standard output; it must not exist yet.", HelpName = "file" };
    static readonly Option<FileInfo?> Key = new("--key") { Description = "The seal's public key (PEM); without it the one of the running system.", HelpName = "file" };
    static readonly Option<bool> Yes = new("--yes") { Description = "Really: what is erased cannot be brought back by anyone." };

    public static Command Create()
    {
        ExampleCommand ticket = new("ticket", "Erases a ticket with all its messages and their originals.", "ingest erase ticket 4K7QZ2MX --yes --receipt receipt.json") { Number, Receipt, Yes };
        ticket.SetAction((line, cancel) => RunAsync(line, async desk => await desk.Desk.Eraser.TicketAsync(desk.Tenant, (await TicketsCommand.FindTicketAsync(desk, line.GetRequiredValue(Number), cancel)).Id, AuditActor.Command, cancel), cancel));
        ExampleCommand contact = new("contact", "Erases a person from every ticket, original, list and queue; what others wrote stays.", "ingest erase contact ann@example.com --yes") { Address, Receipt, Yes };
        contact.SetAction((line, cancel) => RunAsync(line, desk => desk.Desk.Eraser.ContactAsync(desk.Tenant, line.GetRequiredValue(Address), AuditActor.Command, cancel), cancel));
        ExampleCommand mailbox = new("mailbox", "Erases a mailbox with everything that came through it.", "ingest erase mailbox support@acme.example --yes") { Mailbox, Receipt, Yes };
        mailbox.SetAction((line, cancel) => RunAsync(line, async desk => await desk.Desk.Eraser.MailboxAsync(desk.Tenant, (await desk.MailboxAsync(line.GetRequiredValue(Mailbox), cancel)).Mailbox.Id, AuditActor.Command, cancel), cancel));
        ExampleCommand tenant = new("tenant", "Erases everything of this tenant; it cannot be used again.", "ingest erase tenant --yes --receipt receipt.json") { Receipt, Yes };
        tenant.SetAction(TenantAsync);
        ExampleCommand list = new("list", "Lists what was erased.", "ingest erase list");
        list.SetAction(ListAsync);
        ExampleCommand show = new("receipt", "Prints the signed receipt of an erasure.", "ingest erase receipt 20260301120000000-0123456789ab") { Id };
        show.SetAction(ShowAsync);
        ExampleCommand verify = new("verify", "Checks a receipt: exit code 0 when it is genuine. With --key nothing but the two files is needed.", "ingest erase verify receipt.json", "ingest erase verify receipt.json --key seal.pem") { File, Key };
        verify.SetAction(VerifyAsync);
        return new Command("erase", "Erases for good, by destroying keys, with a signed receipt.") { ticket, contact, mailbox, tenant, list, show, verify };
    }

    static void Confirm(ParseResult line)
    {
        if (!line.GetValue(Yes))
            throw new CannotRunException("Nothing was erased. What is erased cannot be brought back by anyone: say --yes if that is meant.");
        // Before anything is gone: asked again, a person who is erased is somebody of whom nothing is found.
        if (line.GetValue(Receipt) is not { } file) return;
        if (file.Exists)
            throw new CannotRunException($"Nothing was erased: {file.Name} exists already, and may be a receipt. Name another file with --receipt.");
        if (file.Directory is not { Exists: true })
            throw new CannotRunException($"Nothing was erased: there is no folder {file.DirectoryName} for the receipt. Make it, or name another file with --receipt.");
    }

    static async Task<int> RunAsync(ParseResult line, Func<LocalDesk, Task<ErasureEnd>> erase, CancellationToken cancel)
    {
        Confirm(line);
        LocalDesk desk = LocalDesk.Of(line);
        ErasureEnd end = await erase(desk);
        if (end.Outcome == ErasureOutcome.Held)
            throw Held(end.Holds);
        if (end.Outcome == ErasureOutcome.Begun)
        {
            string why = end.Holds.Count > 0 ? $"what is left waits for legal holds that were placed since ({string.Join(", ", end.Holds.Select(h => h.Id))}). Housekeeping goes on when they are lifted"
                : end.Erasure!.WaitsForLost ? "keys or sealed bytes of other tickets or mail are lost, and nobody can tell whose these are; \"ingest keys restore\" brings lost keys back. Housekeeping tries again for six hours at most"
                : "the provider does not take the grant back yet. Housekeeping goes on for six hours at most";
            await line.InvocationConfiguration.Output.WriteLineAsync($"It has begun ({end.Erasure!.Id}): {why}; then \"ingest erase receipt {end.Erasure.Id}\" prints the receipt.");
            return ExitCode.Ok;
        }
        if (end.Erasure?.Receipt is not { } receipt)
            throw new CannotRunException("There is nothing of that name to erase.");
        if (end.Outcome == ErasureOutcome.DoneBefore)
            await line.InvocationConfiguration.Error.WriteLineAsync("It was erased before; this is the receipt of then.");
        if (end.Outcome == ErasureOutcome.Done && end.Erasure is { Kind: ErasureKind.Contact, FoundNothing: true })
            await line.InvocationConfiguration.Error.WriteLineAsync("Nothing of anybody with this address was found, and nothing was destroyed: compare it with the address on their tickets.");
        return await WriteAsync(line, end.Erasure.Id, receipt, cancel);
    }

    static CannotRunException Held(IEnumerable<Hold> holds) =>
        new($"Nothing was erased: a legal hold stands above it ({string.Join(", ", holds.Select(hold => hold.Id))}). \"ingest hold list\" says why; lift it first if it may be lifted.");

    static async Task<int> WriteAsync(ParseResult line, string erasure, byte[] receipt, CancellationToken cancel)
    {
        if (line.GetValue(Receipt) is not { } file)
        {
            await line.InvocationConfiguration.Output.WriteLineAsync(Encoding.UTF8.GetString(receipt));
            return ExitCode.Ok;
        }
        try
        {
            await System.IO.File.WriteAllBytesAsync(file.FullName, receipt, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException($"It is erased, but the receipt could not be written ({e.Message}): \"ingest erase receipt {erasure}\" prints it.");
        }
        await line.InvocationConfiguration.Output.WriteLineAsync($"Erased. The receipt is in {file.Name}: keep it, it proves what was destroyed.");
        return ExitCode.Ok;
    }

    static async Task<int> TenantAsync(ParseResult line, CancellationToken cancel)
    {
        Confirm(line);
        LocalDesk desk = LocalDesk.Of(line);
        ErasureEnd end = await desk.Desk.Eraser.TenantAsync(desk.Tenant, AuditActor.Command, cancel);
        if (end.Outcome == ErasureOutcome.Held)
            throw Held(end.Holds);
        if (end.Receipt is { } receipt)
            return await WriteAsync(line, end.Erasure!.Id, receipt, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync($"It has begun ({end.Erasure!.Id}), and every mailbox is paused: a provider or the vault does not answer yet. Housekeeping goes on for six hours at most; then ask again for the receipt.");
        return ExitCode.Ok;
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        await foreach (Erasure erasure in desk.Desk.Erasures.ListAsync(desk.Tenant, cancel))
            await line.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{erasure.Id}  {erasure.Begun:yyyy-MM-dd HH:mm}Z  {erasure.Kind,-8}  {erasure.State,-9}  {erasure.Target}") + (erasure.State == ErasureState.Begun ? string.Create(CultureInfo.InvariantCulture, $"  {erasure.Stage}, {erasure.Looked} looked at") : ""));
        return ExitCode.Ok;
    }

    static async Task<int> ShowAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        byte[] receipt = (await desk.Desk.Erasures.FindAsync(desk.Tenant, line.GetRequiredValue(Id), cancel))?.Receipt
            ?? throw new CannotRunException("There is no finished erasure of that id: \"ingest erase list\" shows all.");
        await line.InvocationConfiguration.Output.WriteLineAsync(Encoding.UTF8.GetString(receipt));
        return ExitCode.Ok;
    }

    static async Task<int> VerifyAsync(ParseResult line, CancellationToken cancel)
    {
        byte[] file = await System.IO.File.ReadAllBytesAsync(line.GetRequiredValue(File).FullName, cancel);
        if (Core.Retention.Receipt.KidOf(file) is not { Length: > 0 } kid)
            throw new CannotRunException($"{line.GetRequiredValue(File).Name} is no receipt of an erasure.");
        ReceiptCheck check = Core.Retention.Receipt.Check(file, await PublicKeyAsync(line, kid, cancel));
        TextWriter output = line.InvocationConfiguration.Output;
        if (!check.Genuine || check.Body is not { } body)
        {
            await output.WriteLineAsync("NOT genuine: the seal key did not sign this.");
            return ExitCode.Failed;
        }
        await output.WriteLineAsync($"Genuine, signed by {check.Kid}.");
        await output.WriteLineAsync($"{body.Kind} {body.Target} of {body.Tenant}: destroyed {body.Destroyed}, final everywhere {body.FinalEverywhere}, {body.KeysDestroyed} keys.");
        return ExitCode.Ok;
    }

    static async Task<byte[]> PublicKeyAsync(ParseResult line, string kid, CancellationToken cancel)
    {
        if (line.GetValue(Key) is { } pem)
            return await AuditVerify.KeyAsync(pem, cancel);
        try
        {
            return await LocalDesk.Of(line).Desk.Vault.SealPublicKeyAsync(kid, cancel);
        }
        catch (SealBrokenException)
        {
            throw new CannotRunException("This is no receipt of the running system: its seal key is another. Give the public key of the system that made it with --key.");
        }
    }
}
