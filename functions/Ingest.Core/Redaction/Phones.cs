using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction;

/// <summary>
/// Finds telephone numbers: international ones (ITU-T E.123), forms of many countries, and any row of digits that a word such as "phone", "Rufnummer" or "fax" stands beside. Not days,
/// amounts, addresses of the internet, nor what "order no." and the like name. Extensions belong to the number.
/// </summary>
internal static class Phones
{
    private const int Near = 18, Far = 45, Fewest = 6;
    private static readonly NearWords Names = new(
        ["phone", "phones", "telephone", "tel", "tele", "mobile", "mobil", "cell", "cellphone", "cellular", "fax", "telefax", "facsimile", "call", "calls", "calling", "called", "dial", "ring", "reach", "text", "sms", "whatsapp", "viber", "hotline",
        "helpline", "callto", "facetime", "office", "desk", "direct", "contact", "voicemail", "pager", "landline", "answering", "messages", "registered", "toll", "ph", "mob", "extension", "phoned", "callback", "dialin", "switchboard",
        "téléphone", "tél", "portable", "appel", "appelez", "appeler", "joindre", "fixe", "télécopie", "telefon", "telefonnummer", "handy", "handynummer", "mobilnummer", "mobiltelefon", "rufnummer", "anrufen", "anruf", "ruf", "rufen", "durchwahl",
        "festnetz", "erreichbar", "erreichen", "rückruf", "teléfono", "tfno", "tlm", "móvil", "celular", "llamar", "llame", "llámame", "llamada", "telefono", "cellulare", "cell", "chiama", "chiamare", "chiamami", "fisso", "recapito", "telefone", "telemóvel", "ligue", "ligar",
        "contacto", "telefoon", "telefoonnummer", "mobiel", "bel", "bellen", "gsm", "telefonu", "komórka", "komórkowy", "zadzwoń", "zadzwonić", "kom", "nummer", "telefonnummer", "tlf", "ringa", "ringe", "puhelin", "puh", "puhelinnumero", "soita",
        "тел", "телефон", "телефона", "телефону", "моб", "мобильный", "звоните", "позвоните", "позвонить", "факс", "τηλέφωνο", "τηλ", "κινητό", "φαξ", "cep", "ara", "arayın", "numarası", "telefonum", "telepon", "hp", "hubungi", "hívjon", "telefonszám", "telefonszáma",
        "fon", "mobilszám", "volejte", "zavolejte", "volat", "điện", "thoại", "số", "sími", "telefoni", "celulares", "mobiles", "numero"],
        ["电话", "手机", "電話", "手機", "携帯", "전화", "휴대폰", "핸드폰", "هاتف", "جوال", "تلفون", "טלפון", "נייד", "फोन", "मोबाइल", "โทร", "☎", "☏", "✆", "📞", "📱", "📲", "📠"]);
    private static readonly NearWords Others = new(
        ["order", "orders", "invoice", "ticket", "case", "account", "acct", "acc", "id", "ids", "ref", "reference", "serial", "tracking", "routing", "card", "iban", "bic", "ssn", "social", "itin", "tin", "isbn", "issn", "article", "item", "sku", "part",
        "model", "version", "build", "po", "policy", "contract", "customer", "member", "license", "licence", "passport", "aadhaar", "vat", "tax", "steuernummer", "bestellung", "bestellnummer", "rechnung", "rechnungsnummer", "auftrag", "kundennummer", "vertrag",
        "awb", "mawb", "hawb", "konto", "kontonummer", "commande", "facture", "compte", "pedido", "factura", "cuenta", "ordine", "fattura", "conto", "zip", "plz", "iccid", "imei", "bug", "issue", "commit", "rfc", "patent", "stock", "deal", "transaction", "confirmation", "pin", "code", "password", "passcode",
        "material", "drawing", "dwg", "dossier", "réf", "référence", "vorgang", "vorgangsnummer", "aktenzeichen", "artikelnummer", "auftragsnummer", "sendungsnummer", "zeichnung", "referentie", "ordernummer", "klantnummer", "expediente", "pratica"],
        ["订单", "注文"]);

    private static readonly NearWords Owners = new(["my", "our", "his", "her", "their", "new"]);
    private static readonly NearWords After = new(["office", "fax", "mobile", "cell", "phone", "tel", "home", "work", "direct", "desk", "voice", "pager", "mobil", "handy", "telefon", "portable", "o", "m", "c", "h", "w", "f", "p"]);

    /// <summary>What <see cref="NearIndex"/> looks for.</summary>
    internal static NearWords[] Indexed => [Names, Others];

    /// <summary>True when a label names a telephone.</summary>
    internal static bool IsName(ReadOnlySpan<char> label) => Names.Within(label);

    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        if (!scan.Wants(FindingType.Phone)) return;
        DigitRows rows = scan.Rows;
        for (int row = 0, last = -1; row < rows.Count;)
            if (!rows.IsTaken(row) && MayReach(scan.Text, rows, row) && One(scan, row, last) is > 0 and int end)
                (row, last) = (rows.From(row, end), end);
            else
                row++;
    }

    // A quick look: false where what stands together has too few digits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayReach(ReadOnlySpan<char> text, DigitRows rows, int row)
    {
        int digits = rows.Length(row);
        for (; digits < Fewest && row + 1 < rows.Count; digits += rows.Length(++row))
            if (rows.Start(row + 1) - rows.End(row) > DialledNumber.LongestGap || char.IsAsciiLetter(text[rows.End(row)]))
                return false;
        return digits >= Fewest;
    }

    // The longest row of groups that has a form; where it ends if it is convincing, or 0, so that what begins within a doubtful one is read too.
    private static int One(Scan scan, int row, int last)
    {
        ReadOnlySpan<char> text = scan.Text;
        DialledNumber.Read(text, scan.Rows, row, out DialledNumber number);
        // What follows two colons is the end of an address of the internet.
        if (number.Groups == 0 || number.Count(number.Groups) < Fewest || (number.Start > 1 && text[number.Start - 1] == ':' && text[number.Start - 2] == ':'))
            return 0;
        if (!number.HasPlus && PhoneShapes.IsDate(number, number.Groups))
            return number.End(2);
        if (IsInWord(text, number.Start) || GoesOnBefore(text, number.Start))
            return 0;
        if (number.Groups == 1 && number.Count(1) is >= 8 and <= 15 && IsChatLink(text, number.Start))
        {
            scan.Add(FindingType.Phone, number.Start, number.End(0), "phone.international", 0.9);
            return number.End(0);
        }
        bool? named = null;
        for (int groups = number.Groups; groups > 0 && number.Count(groups) >= Fewest; groups--)
        {
            PhoneShapes.Shape shape = PhoneShapes.Of(number, groups);
            // Most rows of groups have no form, whatever stands beside them.
            if ((shape.Rule is null && !CouldBe(number, groups)) || !EndsThere(text, number, groups, out int end))
                continue;
            named ??= IsNamed(scan, number.Start);
            bool said = named == true || IsNamedAfter(text, end);
            if (shape.Rule is null && said)
                shape = new PhoneShapes.Shape("phone.named", 0.4);
            if (shape.Rule is null || (shape.Rule == "phone.named" && PhoneNeighbours.IsInVersion(text, number.Start)) || (!number.HasPlus && PhoneNeighbours.IsOfLongerRow(text, number, end)))
                continue;
            double confidence = Judge(scan, number.Start, end, last, shape.Confidence, said);
            scan.Add(FindingType.Phone, number.Start, end, shape.Rule, confidence);
            return confidence < RedactionPolicy.UsualConfidence ? 0 : end;
        }
        return 0;
    }

    // True when the first groups of a number can be all of it.
    private static bool EndsThere(ReadOnlySpan<char> text, in DialledNumber number, int groups, out int end)
    {
        end = number.End(groups - 1);
        if (groups < number.Groups && text[end] is '-' or '.' or '/')
            return false;
        // A row in even groups goes on: it is a card or an account of which the first group stands in brackets.
        if (groups > 1 && groups < number.Groups && number.IsBracketed && number.Size(0) >= 4 && number.Size(groups) == number.Size(0) && number.Size(groups - 1) == number.Size(0))
            return false;
        end = Extension(text, end);
        // A letter belongs to the last group: it is the beginning of something else.
        bool glued = groups > 1 && end == number.End(groups - 1) && end < text.Length && char.IsAsciiLetter(text[end]) && text[end - 1] != ')';
        return !glued && !IsWordAfter(text, end) && EndsWell(text, end, number.HasPlus);
    }

    private static double Judge(Scan scan, int start, int end, int last, double confidence, bool said)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (said)
            return Math.Min(0.95, Math.Max(confidence, 0.4) + 0.3);
        char before = start > 0 ? text[start - 1] : ' ';
        if (char.IsLetterOrDigit(before) || before is '_' or '.' or ',' or '=' or '&' or '#' or '$' or '€' or '£' or '%' or '\\' || (before is '-' or '/' or ':' && start > 1 && (char.IsLetterOrDigit(text[start - 2]) || text[start - 2] == before)))
            confidence -= 0.5;
        // A group of a longer row, as of an account.
        else if (before == ' ' && start - last > 3 && text[start] != '+' && !text[start..end].ContainsAny('-', '(', '/') && FollowsGroup(text, start - 1))
            confidence -= 0.45;
        else if (scan.Near.Before(text, Others, start, Near) || IsOther(text, start) || IsInLink(text, start) || (end < text.Length && char.IsLetter(text[end])))
            confidence -= 0.4;
        return Math.Max(0.05, confidence);
    }

    // A part of a longer word of letters and digits: a key, a hash, an article.
    private static bool IsInWord(ReadOnlySpan<char> text, int start)
    {
        int end = start > 1 && text[start - 1] is '-' or '_' ? start - 1 : start, from = end;
        bool digits = false, letters = false;
        while (from > 0 && start - from < 40 && char.IsAsciiLetterOrDigit(text[from - 1]))
        {
            (digits, letters) = (digits || char.IsAsciiDigit(text[from - 1]), letters || char.IsAsciiLetter(text[from - 1]));
            from--;
        }
        // CHE-123.456.789 is a company.
        bool marked = end < start && start - 1 - from is >= 2 and <= 4 && text[start - 1] == '-' && !text[from..end].ContainsAnyExceptInRange('A', 'Z');
        return letters && (digits || ((end == start || marked) && text[start] != '+' && !Names.Has(text[from..end])));
    }

    private static bool IsWordAfter(ReadOnlySpan<char> text, int end)
    {
        int from = end < text.Length && text[end] == '-' ? end + 1 : end, to = from;
        bool digits = false, letters = false;
        while (to < text.Length && to - from < 40 && char.IsAsciiLetterOrDigit(text[to]))
        {
            (digits, letters) = (digits || char.IsAsciiDigit(text[to]), letters || char.IsAsciiLetter(text[to]));
            to++;
        }
        // 202-555-0147-A is an article.
        return letters && (digits || (from > end && to == from + 1));
    }

    // (4532)(4595) before it, or the country and check digits of an account some groups before.
    private static bool GoesOnBefore(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '(' && start > 1 && text[start - 1] == ')' && char.IsAsciiDigit(text[start - 2]))
            return true;
        if (start > 1 && text[start - 1] == '(' && text[start - 2] == ')')
            return true;
        for (int i = start, groups = 0; groups < 8 && i > 4 && text[i - 1] == ' '; i -= 5, groups++)
        {
            ReadOnlySpan<char> group = text[(i - 5)..(i - 1)];
            if (i > 5 && char.IsLetterOrDigit(text[i - 6]))
                return false;
            if (char.IsAsciiLetterUpper(group[0]) && char.IsAsciiLetterUpper(group[1]) && char.IsAsciiDigit(group[2]) && char.IsAsciiDigit(group[3]))
                return groups > 0;
            if (group.ContainsAnyExceptInRange('0', '9'))
                return false;
        }
        return false;
    }

    private static bool IsChatLink(ReadOnlySpan<char> text, int start)
    {
        ReadOnlySpan<char> before = text[Math.Max(0, start - 30)..start];
        return before.EndsWith("wa.me/", StringComparison.OrdinalIgnoreCase) || before.EndsWith("whatsapp.com/send?phone=", StringComparison.OrdinalIgnoreCase);
    }

    // "my number is": whose number it is says what it is.
    private static bool IsOwn(ReadOnlySpan<char> text, int start)
    {
        ReadOnlySpan<char> before = text[Math.Max(0, start - 24)..start].TrimEnd(" :");
        if (before is not [.., 's' or 'S' or 'r' or 'R'])
            return false;
        if (before.EndsWith(" is", StringComparison.OrdinalIgnoreCase))
            before = before[..^3].TrimEnd();
        if (!before.EndsWith(" number", StringComparison.OrdinalIgnoreCase))
            return false;
        before = before[..^7].TrimEnd();
        return Owners.Has(before[(before.LastIndexOfAny(' ', '\n', ReadableText.Break) + 1)..]);
    }

    // The word that stands at its side names it: "numero ordine 40123456", "P/N 202-555-0147".
    private static bool IsOther(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end > 0 && start - end < 3 && text[end - 1] is ' ' or ':' or '.' or '#')
            end--;
        int from = end;
        while (from > 0 && end - from < 30 && char.IsLetter(text[from - 1]))
            from--;
        ReadOnlySpan<char> word = text[from..end];
        return Others.Has(word) || word is "WO" || (word is "N" && from > 1 && text[(from - 2)..from] is "P/" or "S/");
    }

    // 3704 in DE89 3704 0044: two to five letters and digits, and nothing else beside them.
    private static bool FollowsGroup(ReadOnlySpan<char> text, int blank)
    {
        int from = blank;
        while (from > 0 && blank - from < 6 && char.IsAsciiLetterOrDigit(text[from - 1]))
            from--;
        return blank - from is >= 2 and <= 5 && char.IsAsciiDigit(text[blank - 1]) && (from == 0 || text[from - 1] is ' ' or '\n' or ':' or '(');
    }

    private static bool IsInLink(ReadOnlySpan<char> text, int start)
    {
        int from = start;
        while (from > 0 && start - from < 100 && !char.IsWhiteSpace(text[from - 1]))
            from--;
        return text[from..start].Contains("://", StringComparison.Ordinal);
    }

    // The nearest word decides.
    private static bool IsNamed(Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text;
        return !IsOther(text, start) && (IsOwn(text, start) || PhoneNeighbours.IsLettered(text, start) || scan.Near.Before(text, Names, start, Near)
            || ((!scan.Near.Before(text, Others, start, Near) || text[..start].EndsWith(" customer is ")) && scan.Near.Before(text, Names, start, Far)));
    }

    private static bool IsNamedAfter(ReadOnlySpan<char> text, int end)
    {
        int from = end;
        while (from < text.Length && from - end < 3 && text[from] is ' ' or '-' or '(' or ',' or '[')
            from++;
        int to = from;
        while (to < text.Length && to - from < 12 && char.IsLetter(text[to]))
            to++;
        return from > end && After.Has(text[from..to]) && (to - from > 1 ? text[from - 1] != '[' : text[from - 1] is '(' or '[' && to < text.Length && text[to] is ')' or ']');
    }

    // With a name beside it, anything of the right length is one; groups of one digit are lists.
    private static bool CouldBe(in DialledNumber number, int groups)
    {
        int count = number.Count(groups);
        if (count is < 6 or > 15 || PhoneShapes.IsDate(number, groups) || (groups == 1 && count is < 7 or > 11) || groups > 5 || (number.HasPlus && number[0] == '0'))
            return false;
        for (int i = 1; i < groups; i++)
            if (number.Size(i) < 2 && (i > 1 || groups < 3))
                return false;
        // 100.000 is an amount.
        if (groups == 2 && number.Separator(1) == '.')
            return false;
        if (count == 6 && (groups < 2 || number.Size(0) != number.Size(1)))
            return false;
        if (!number.Varies(groups))
            return false;
        // 1999-2002 are years.
        return !(groups == 2 && count == 8 && number.Size(0) == 4 && number[0] is '1' or '2' && number[4] is '1' or '2' && number[1] is '9' or '0' && number[5] is '9' or '0');
    }

    private static bool EndsWell(ReadOnlySpan<char> text, int end, bool international)
    {
        char after = end < text.Length ? text[end] : ' ', next = end + 1 < text.Length ? text[end + 1] : ' ';
        if (char.IsAsciiDigit(after) || (after == ':' && next == ':') || after is '%' or '€' or '$' or '£' or '@')
            return false;
        // 713-345-4SAP is a word for the rest of it.
        if (after == '-' && char.IsLetter(next) && end + 2 < text.Length && char.IsAsciiLetterUpper(next) && (char.IsAsciiDigit(text[end + 2]) || (end + 3 < text.Length && char.IsAsciiLetterUpper(text[end + 2]) && char.IsLetterOrDigit(text[end + 3]))))
            return false;
        return international || !(after is ',' or '.' or ':' && char.IsAsciiDigit(next));
    }

    private static int Extension(ReadOnlySpan<char> text, int end)
    {
        int i = end;
        while (i < text.Length && i - end < 2 && text[i] is ' ' or ',' or ';')
            i++;
        int word = i;
        if (i == text.Length || text[i] is not ('x' or 'X' or 'e' or 'E' or 'd' or 'D' or 'p' or 'P'))
            return end;
        while (i < text.Length && i - word < 10 && char.IsLetter(text[i]))
            i++;
        ReadOnlySpan<char> name = text[word..i];
        if (name.IsEmpty || !(name is "x" or "X" || name.Equals("ext", StringComparison.OrdinalIgnoreCase) || name.Equals("extension", StringComparison.OrdinalIgnoreCase) || name.Equals("extn", StringComparison.OrdinalIgnoreCase)
            || name.Equals("durchwahl", StringComparison.OrdinalIgnoreCase) || name.Equals("poste", StringComparison.OrdinalIgnoreCase) || name.Equals("dw", StringComparison.OrdinalIgnoreCase)))
            return end;
        while (i < text.Length && i - word < 14 && text[i] is ' ' or '.' or ':' or '#')
            i++;
        int digits = i;
        while (i < text.Length && i - digits < 7 && char.IsAsciiDigit(text[i]))
            i++;
        return i > digits && i - digits < 7 && (i == text.Length || !char.IsLetterOrDigit(text[i])) ? i : end;
    }
}
