using System.CommandLine;
using Ingest.Core.Audit;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Gives out what is held of one person.</summary>
internal static class PersonCommand
{
    static readonly Argument<string> Address = new("address") { Description = "The e-mail address from which they write." };
    static readonly Option<FileInfo> To = new("--to") { Description = "The zip to write; it must not exist yet.", Required = true, HelpName = "file" };
    static readonly Option<bool> Notes = new("--notes") { Description = "With the notes that agents wrote among themselves in this person's own tickets." };

    static readonly Option<string?> Level = new("--redact") { Description = "Mask more on the way out, for whoever else is to read it: default, pci, gdpr or hipaa. Without it the file holds what is kept, as it is kept, which is what a person is owed.", HelpName = "preset" };

    public static Command Create()
    {
        ExampleCommand export = new("export", "Writes all that is held of one person into a zip that they can read. All tickets are looked through.",
            "ingest person export ann@customer.example --to ann.zip", "ingest person export ann@customer.example --redact pci --to for-the-auditor.zip") { Address, To, Notes, Level };
        export.SetAction(ExportAsync);
        return new Command("person", "Gives out what is held of one person.") { export };
    }

    static async Task<int> ExportAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        if (!PersonWish.TryLevel(line.GetValue(Level) ?? "", out RedactionPolicy? level)) throw new CannotRunException("There is no such level: say default, pci, gdpr or hipaa with --redact, or leave it out.");
        PersonWish wish = await desk.Desk.PersonExport.FindAsync(desk.Tenant, line.GetRequiredValue(Address), line.GetValue(Notes), cancel)
            ?? throw new CannotRunException("Nothing is held of anybody with this address: nobody of it ever wrote here, or it was erased. Compare it with the address on their ticket.");
        wish = wish with { Level = level };
        FileInfo file = line.GetRequiredValue(To);
        PersonReport? report;
        // Nobody else on this machine is to read it.
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (FileStream output = new(file.FullName, options))
            report = await desk.Desk.PersonExport.WriteAsync(desk.Tenant, wish, output, cancel);
        if (report is not { } done)
        {
            file.Delete();
            throw new CannotRunException("What was held of this person was erased.");
        }

        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.Exported, AuditActor.Command) { ContactId = wish.ContactId, Count = done.Messages + done.KeptBack, Code = "person" }, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync($"{done.Tickets:N0} tickets, {done.Messages:N0} messages and {done.Attachments:N0} files are in {file.Name}, and {done.KeptBack:N0} mails that are kept back; left out were {done.OthersLeftOut:N0} messages between others and {done.NotesLeftOut:N0} notes.");
        return ExitCode.Ok;
    }
}
