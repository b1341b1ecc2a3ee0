namespace Ingest.Mail.Mime;

/// <summary>Reads the per-recipient fields of message/delivery-status (RFC 3464 section 2.3), with the blank lines and orders that servers use.</summary>
internal static class StatusReport
{
    private const int MaxDiagnostic = 4000;

    /// <summary>What a group of fields says of one recipient; every text as written, empty when the field is not there.</summary>
    public sealed class Group
    {
        private readonly HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);

        public string Final { get; private set; } = "";
        public string Original { get; private set; } = "";
        public string Action { get; private set; } = "";
        public string Status { get; private set; } = "";
        public string Diagnostic { get; private set; } = "";

        public string Recipient => Final.Length > 0 ? Final : Original;

        public bool IsWhole => Recipient.Length > 0 && Action.Length > 0 && Status.Length > 0;

        /// <summary>True when the field begins the next group: it says of another recipient what this group already has.</summary>
        public bool Ends(string name) => Recipient.Length > 0 && seen.Contains(name) && name.ToLowerInvariant() is "final-recipient" or "original-recipient" or "action" or "status" or "x-actual-recipient";

        public void Set(string name, string value)
        {
            if (!seen.Add(name))
                return;
            switch (name.ToLowerInvariant())
            {
                case "final-recipient": Final = Address(value); break;
                case "original-recipient": Original = Address(value); break;
                case "action": Action = Word(value).ToLowerInvariant(); break;
                case "status": Status = value; break;
                case "diagnostic-code": Diagnostic = value; break;
            }
        }

        private static string Word(string value)
        {
            var stop = value.AsSpan().IndexOfAny(" \t(;");
            return stop < 0 ? value : value[..stop];
        }

        // "rfc822; <a@b>" and what is left of it.
        private static string Address(string value)
        {
            var semicolon = value.IndexOf(';', StringComparison.Ordinal);
            var text = value[(semicolon + 1)..].Trim();
            var read = AddressReader.Read(text, 1);
            return read.Count > 0 ? read[0].Address : text;
        }
    }

    public static List<Group> Read(string report, int maxGroups)
    {
        var groups = new List<Group>();
        var group = new Group();
        string? name = null;
        var value = "";
        foreach (var line in report.AsSpan().EnumerateLines())
        {
            if (groups.Count >= maxGroups)
                return groups;
            if (name is not null && !line.IsWhiteSpace() && char.IsWhiteSpace(line[0]))
            {
                if (value.Length < MaxDiagnostic)
                    value = string.Concat(value, " ", line.Trim());
                continue;
            }
            if (name is not null)
                group.Set(name, value);
            name = null;
            if (line.IsWhiteSpace())
            {
                // Some servers part the fields of one group with blank lines: a group ends only when all of it was said.
                if (group.IsWhole)
                    Flush(ref group, groups);
                continue;
            }
            var colon = line.IndexOf(':');
            if (colon is <= 0 or > 100)
                continue;
            name = line[..colon].Trim().ToString();
            value = line[(colon + 1)..].Trim().ToString();
            if (group.Ends(name))
                Flush(ref group, groups);
        }
        if (name is not null)
            group.Set(name, value);
        if (groups.Count < maxGroups)
            Flush(ref group, groups);
        return groups;
    }

    private static void Flush(ref Group group, List<Group> groups)
    {
        if (group.Recipient.Length > 0)
            groups.Add(group);
        group = new Group();
    }
}
