namespace Ingest.Core.Redaction;

/// <summary>
/// Finds postal addresses where they are reliable: a street with a number and a postcode with its town or state near behind it, a post box with one. Streets alone and postcodes alone are convincing only beside
/// a word such as "address".
/// </summary>
internal static class PostalAddresses
{
    private const int Beyond = 90, Near = 40;
    private static readonly NearWords Names = new(
        ["address", "addresses", "live", "lives", "living", "located", "ship", "shipping", "deliver", "delivery", "billing", "home", "residence", "moved", "mail", "adresse", "anschrift", "wohne", "wohnt", "wohnhaft", "lieferadresse", "rechnungsadresse", "habite", "domicile",
        "livraison", "dirección", "direccion", "vivo", "domicilio", "indirizzo", "abito", "residente", "endereço", "morada", "moro", "adres", "woon", "mieszkam", "adress", "bor", "osoite", "адрес"], ["地址", "住所", "주소"]);
    private static readonly NearWords PostcodeNames = new(["postcode", "postcodes", "zip", "zipcode", "postal", "post", "plz", "postleitzahl", "cp", "cap", "address", "anschrift", "adresse"]);
    private static readonly NearWords Boxes = new(["box", "postfach", "bp", "postbus", "apartado", "casella"]);

    /// <summary>What <see cref="NearIndex"/> looks for.</summary>
    internal static NearWords[] Indexed => [Names, PostcodeNames];

    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        if (!scan.Wants(FindingType.PostalAddress)) return;
        DigitRows rows = scan.Rows;
        for (int row = 0; row < rows.Count;)
            row = rows.IsTaken(row) ? row + 1 : rows.From(row + 1, One(scan, rows.Start(row), rows.End(row)));
    }

    private static int One(Scan scan, int start, int end)
    {
        ReadOnlySpan<char> text = scan.Text;
        char before = start > 0 ? text[start - 1] : ' ';
        int digits = end - start;
        if (digits <= 3 && char.IsAsciiLetterUpper(before) && Coded(scan, start) is > 0 and int coded)
            return coded;
        if (digits > 6 || char.IsLetterOrDigit(before) || before is '$' or '.' or '/' or '-' or ':' or '_' or '=' or '@')
            return 0;
        if (digits <= 5 && Streets.Find(text, start, end, out int from, out int to))
            return Street(scan, from, to);
        // "BP 100,000" is a company's amount.
        bool amount = end + 1 < text.Length && text[end] is ',' or '.' && char.IsAsciiDigit(text[end + 1]);
        if (digits >= 2 && !amount && before is ' ' or '.' or '#' && BoxStart(text, start) is >= 0 and int box && box < start)
            return Box(scan, box, end);
        return digits == 5 ? Zip(scan, start) : 0;
    }

    private static int Street(Scan scan, int from, int to)
    {
        ReadOnlySpan<char> text = scan.Text;
        int code = Postcodes.After(text, to, Math.Min(text.Length, to + Beyond), out string rule);
        if (code > 0 && IsOneAddress(text[to..code]))
        {
            scan.Add(FindingType.PostalAddress, from, code, rule, 0.85);
            return code;
        }
        if (Postcodes.Before(text, from) is > 0 and int town)
        {
            scan.Add(FindingType.PostalAddress, town - 1, to, "address.postal", 0.8);
            return to;
        }
        scan.Add(FindingType.PostalAddress, from, to, "address.street", Streets.IsDoubtful(text[from..to]) ? 0.1 : scan.Near.Before(text, Names, from, Near) ? 0.6 : 0.4);
        return to;
    }

    // Between street and postcode are names and commas; a sentence is none.
    private static bool IsOneAddress(ReadOnlySpan<char> between)
    {
        int lines = 0, smalls = 0;
        for (int i = 0; i < between.Length; i++)
        {
            char c = between[i];
            lines += c is '\n' or ReadableText.Break ? 1 : 0;
            smalls += char.IsLower(c) && (i == 0 || !char.IsLetter(between[i - 1]) && between[i - 1] != '\'') ? 1 : 0;
            if (c is ':' or '?' or '!' or ';' or '@' or '=' or '•' or '[' || (c == '.' && i + 1 < between.Length && between[i + 1] is ' ' or '\n' && i > 3 && char.IsLower(between[i - 3])))
                return false;
        }
        return lines <= 3 && smalls <= 2;
    }

    private static int BoxStart(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end > 0 && start - end < 3 && text[end - 1] is ' ' or '.' or '#')
            end--;
        int word = end;
        while (word > 0 && end - word < 9 && char.IsLetter(text[word - 1]))
            word--;
        if (word == end || end == start || !Boxes.Has(text[word..end]))
            return -1;
        // P.O. Box, PO Box.
        int from = word;
        while (from > 0 && word - from < 7 && text[from - 1] is ' ' or '.' or 'P' or 'O' or 'p' or 'o')
            from--;
        while (from < word && text[from] is ' ' or '.')
            from++;
        bool office = text[from..word] is ['P' or 'p', ..];
        return text[word..end].Equals("box", StringComparison.OrdinalIgnoreCase) && !office ? -1 : from;
    }

    private static int Box(Scan scan, int from, int end)
    {
        ReadOnlySpan<char> text = scan.Text;
        int code = Postcodes.After(text, end, Math.Min(text.Length, end + Beyond), out string rule);
        bool whole = code > 0 && IsOneAddress(text[end..code]);
        scan.Add(FindingType.PostalAddress, from, whole ? code : end, whole ? rule : "address.box", whole ? 0.85 : 0.5);
        return whole ? code : end;
    }

    // The letters and the digit of a British or Canadian postcode stand around the number found.
    private static int Coded(Scan scan, int digit)
    {
        ReadOnlySpan<char> text = scan.Text;
        int start = digit;
        while (start > 0 && digit - start < 4 && char.IsAsciiLetterUpper(text[start - 1]))
            start--;
        if (start > 0 && char.IsLetterOrDigit(text[start - 1]))
            return 0;
        int british = Postcodes.British(text, start), canadian = british == 0 ? Postcodes.Canadian(text, start) : 0;
        if (british + canadian == 0)
            return 0;
        bool named = scan.Near.Before(text, PostcodeNames, start, Near) || scan.Near.Before(text, Names, start, Near);
        scan.Add(FindingType.PostalAddress, start, british + canadian, british > 0 ? "gb.postcode" : "ca.postcode", named ? 0.65 : 0.3);
        return british + canadian;
    }

    private static int Zip(Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text;
        int end = Postcodes.ZipEnd(text, start);
        if (end == 0)
            return 0;
        if (end - start > 5)
            scan.Add(FindingType.PostalAddress, start, end, "us.zip", scan.Near.Before(text, PostcodeNames, start, Near) ? 0.6 : 0.2);
        else if (text[start..end] is not ("00000" or "99999") && (text[start] != '0' || text[start + 1] != '0') && text.Slice(start, 5) is not "01000")
            scan.Add(FindingType.PostalAddress, start, end, "de.postcode", scan.Near.Before(text, PostcodeNames, start, 16) ? 0.4 : 0.05);
        return end;
    }
}
