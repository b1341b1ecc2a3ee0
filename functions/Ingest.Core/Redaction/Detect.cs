using Ingest.Core.Redaction.Numbers;

namespace Ingest.Core.Redaction;

/// <summary>All detectors, in order. Each reads the plain text once, in linear time, and adds what it finds; which of two that overlap stands is settled afterwards.</summary>
internal static class Detect
{
    /// <summary>Looks for everything that the policy wants.</summary>
    internal static void Run(Scan scan)
    {
        if (scan.Policy.IsOff) return;
        // Most prose has no digit, and needs none of those that begin at one.
        bool digits = scan.Rows.Count > 0;
        if (digits)
        {
            Iban.Find(scan);
            Cards.Find(scan);
            NumberPass.Find(scan);
        }
        Emails.Find(scan);
        IpAddresses.Find(scan);
        Tokens.Find(scan);
        Logins.Find(scan);
        Credentials.Find(scan);
        if (digits)
        {
            OneTimeCodes.Find(scan);
            Phones.Find(scan);
            PostalAddresses.Find(scan);
        }
        // By index: a walk over the list would cost memory for every clean line.
        for (int i = 0; i < scan.Tools.Recognisers.Count; i++)
            scan.Ask(scan.Tools.Recognisers[i]);
    }
}
