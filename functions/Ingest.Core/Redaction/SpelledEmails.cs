using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Finds e-mail addresses whose signs are words: "name (at) example (dot) com", "name [at] example.com", "name at example dot com".</summary>
internal static class SpelledEmails
{
    private static readonly SearchValues<string> Signs = SearchValues.Create(["(at)", "[at]", "{at}", "<at>", "(a)", "(@)", "[@]", " dot ", " punkt ", " punto ", " ponto "], StringComparison.OrdinalIgnoreCase);
    private static readonly SearchValues<char> OfNames = SearchValues.Create("._0123456789");
    private static readonly NearWords Providers = new(["gmail", "googlemail", "yahoo", "hotmail", "outlook", "live", "icloud", "gmx", "web", "aol", "proton", "protonmail", "mail", "orange", "wanadoo", "libero", "qq"]);
    private static readonly string[] Points = ["(dot)", "[dot]", "{dot}", "<dot>", "dot", "(punkt)", "[punkt]", "punkt", "(point)", "[point]", "point", "(punto)", "[punto]", "punto", "(ponto)", "[ponto]", "ponto", "(.)", "[.]"];

    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        ReadOnlySpan<char> text = scan.Text;
        for (int i = 0, at; i < text.Length && (at = text[i..].IndexOfAny(Signs)) >= 0;)
        {
            i += at;
            int end = text[i] == ' ' ? Spoken(scan, i) : Bracketed(scan, i);
            i = Math.Max(i + 1, end);
        }
        for (int i = 0, at; i < text.Length && (at = text[i..].IndexOf(" AT ", StringComparison.Ordinal)) >= 0;)
        {
            i += at;
            i = Math.Max(i + 1, Apart(scan, i, i + 4));
        }
    }

    /// <summary>Takes "name @ example.com" where the name is no word of a sentence or the domain is one that people have addresses in; returns where it ends, or 0.</summary>
    internal static int Apart(Scan scan, int localEnd, int domain)
    {
        ReadOnlySpan<char> text = scan.Text;
        int start = WordStart(text, localEnd), end = DomainEnd(text, domain, out _);
        if (start == localEnd || end == 0)
            return 0;
        bool person = text[start..localEnd].ContainsAny(OfNames) || Providers.Has(text[domain..(domain + Math.Max(0, text[domain..end].IndexOf('.')))]);
        Emails.Add(scan, start, end, text[start..localEnd], text[domain..end], person ? 0.8 : 0.4, "email.spelled");
        return end;
    }

    private static int Bracketed(Scan scan, int open)
    {
        ReadOnlySpan<char> text = scan.Text;
        int close = text[open..].IndexOfAny(")]}>") + open, localEnd = open;
        if (localEnd > 0 && text[localEnd - 1] == ' ')
            localEnd--;
        int start = WordStart(text, localEnd), domain = close + 1;
        if (domain < text.Length && text[domain] == ' ')
            domain++;
        int end = DomainEnd(text, domain, out bool known);
        if (start == localEnd || end == 0)
            return 0;
        // "see figure (a) example.com" has a blank on both sides and is no address.
        bool certain = known && (close - open == 3 || (localEnd == open && domain == close + 1));
        scan.Add(FindingType.Email, start, end, "email.spelled", certain ? 0.85 : 0.3);
        return end;
    }

    // From the word for the point: a label before it, the word for the sign before that.
    private static int Spoken(Scan scan, int blank)
    {
        ReadOnlySpan<char> text = scan.Text;
        int domain = WordStart(text, blank);
        if (domain == blank || domain < 5 || !text[(domain - 4)..domain].Equals(" at ", StringComparison.OrdinalIgnoreCase))
            return 0;
        int localEnd = domain - 4, start = WordStart(text, localEnd), end = DomainEnd(text, domain, out bool known);
        if (start == localEnd || end == 0 || !known)
            return 0;
        scan.Add(FindingType.Email, start, end, "email.spelled", 0.8);
        return end;
    }

    private static int WordStart(ReadOnlySpan<char> text, int end)
    {
        int start = end;
        while (start > 0 && end - start < 64 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] is '.' or '_' or '-' or '+'))
            start--;
        return start;
    }

    private static int DomainEnd(ReadOnlySpan<char> text, int start, out bool known)
    {
        int i = start, end = 0;
        known = false;
        for (int labels = 0; labels < 6; labels++)
        {
            int label = i;
            while (i < text.Length && i - label < 63 && (char.IsLetterOrDigit(text[i]) || text[i] is '-'))
                i++;
            if (i == label)
                break;
            if (labels > 0 && EmailDomain.IsTop(text[label..i]))
                (end, known) = (i, true);
            else if (labels > 0 && end == 0)
                end = i;
            if (PointEnd(text, i) is not (> 0 and int next))
                break;
            i = next;
        }
        return known ? end : 0;
    }

    private static int PointEnd(ReadOnlySpan<char> text, int at)
    {
        if (at + 1 < text.Length && text[at] == '.' && char.IsLetterOrDigit(text[at + 1]))
            return at + 1;
        int i = at < text.Length && text[at] == ' ' ? at + 1 : at;
        foreach (string point in Points)
        {
            if (!text[i..].StartsWith(point, StringComparison.OrdinalIgnoreCase) || (char.IsLetter(point[0]) && i == at))
                continue;
            int end = i + point.Length;
            if (end < text.Length && text[end] == ' ')
                return end + 1;
            return char.IsLetter(point[0]) ? 0 : end;
        }
        return 0;
    }
}
