using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>
/// Reads address fields (RFC 5322 section 3.4, RFC 6532). Structure first, names decoded after, so that an encoded comma never splits a mailbox;
/// one pass, no recursion, so that neither nesting nor colons exhaust anything.
/// </summary>
internal sealed class AddressReader
{
    private readonly string text;
    private readonly int limit;
    private readonly int maxCommentDepth;
    private readonly List<MailAddress> found = [];
    private readonly StringBuilder words = new();
    private readonly StringBuilder comments = new();
    private string? angle;
    private int position;
    private int commentsEnd = int.MaxValue;
    private bool quotesEnd;
    private int wordsAtAngle;

    private AddressReader(string text, int limit, int maxCommentDepth)
    {
        this.text = text;
        this.limit = limit;
        this.maxCommentDepth = maxCommentDepth;
    }

    /// <summary>The mailboxes of an unfolded, not yet decoded value; groups are flattened.</summary>
    public static List<MailAddress> Read(string unfolded, int limit, int maxCommentDepth = 50)
    {
        var reader = new AddressReader(unfolded, limit, maxCommentDepth);
        reader.Run();
        if (reader.found.Exists(static a => a.Address.Contains('@')) || !unfolded.Contains("=?", StringComparison.Ordinal))
            return reader.found;
        // Some senders encode the whole "Name <address>". Once only: the decoded text may hold another word.
        var decoded = HeaderText.DecodeWords(unfolded);
        if (!decoded.Contains('@'))
            return reader.found;
        reader = new AddressReader(decoded, limit, maxCommentDepth);
        reader.Run();
        return reader.found;
    }

    private void Run()
    {
        while (position < text.Length && found.Count < limit)
        {
            switch (text[position])
            {
                case '"': Quoted(); break;
                case '(': Comment(); break;
                case '<': Angle(); break;
                case '[': Literal(); break;
                case ':': Colon(); break;
                case ',': Comma(); break;
                case ';': position++; Flush(); break;
                case '=': Word(); break;
                default: words.Append(text[position++]); break;
            }
        }
        if (found.Count < limit)
            Flush();
    }

    private void Quoted()
    {
        var end = quotesEnd ? -1 : ClosingQuote(position + 1);
        if (end < 0)
        {
            quotesEnd |= end == NoQuote;
            position++;
            return;
        }
        var local = end + 1 < text.Length && text[end + 1] == '@';
        if (local)
            words.Append(text, position, end + 1 - position);
        else
            AppendUnquoted(words, position + 1, end);
        position = end + 1;
    }

    private const int NoQuote = -1;
    private const int LooseQuote = -2;

    private int ClosingQuote(int from)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                // A quote glued to a word opens: the one before was never closed.
                return i + 1 == text.Length || text[i + 1] is ' ' or '\t' or '<' or '@' or ',' or ';' or '(' or '"' or '.' or ':' || from == i || !SpansMailbox(from, i) ? i : LooseQuote;
        }
        return NoQuote;
    }

    private bool SpansMailbox(int from, int end) => text.AsSpan(from, end - from).Contains('<');

    private void AppendUnquoted(StringBuilder target, int from, int end)
    {
        for (var i = from; i < end; i++)
        {
            if (text[i] == '\\' && i + 1 < end)
                i++;
            target.Append(text[i]);
        }
    }

    private void Comment()
    {
        var depth = 0;
        var end = position;
        for (; end < text.Length && position < commentsEnd; end++)
        {
            if (text[end] == '\\')
                end++;
            else if (text[end] == '(' && depth < maxCommentDepth)
                depth++;
            else if (text[end] == ')' && --depth == 0)
                break;
        }
        if (position >= commentsEnd || end >= text.Length)
        {
            // Never closed: what follows is no comment either, so that each parenthesis is looked at once.
            commentsEnd = Math.Min(commentsEnd, position);
            words.Append(text[position++]);
            return;
        }
        if (angle is null && words.Length > 0 && words[^1] != ' ')
            words.Append(' ');
        if (comments.Length > 0)
            comments.Append(' ');
        AppendUnquoted(comments, position + 1, end);
        position = end + 1;
        while (position < text.Length && text[position] is ' ' or '\t')
            position++;
    }

    private void Angle()
    {
        // "<<<a@b>>>"
        while (position < text.Length && text[position] == '<')
            position++;
        var start = position;
        var end = AngleEnd(start);
        var closed = end < text.Length && text[end] == '>';
        var inner = text[start..end];
        if (!closed || (inner.AsSpan().ContainsAny(',', ';') && !inner.StartsWith('@') && !inner.Contains('"')))
        {
            // The bracket is never closed: the address ends where an address may.
            var cut = inner.AsSpan().IndexOfAny(" \t,;");
            inner = cut >= 0 ? inner[..cut] : inner;
            end = start + inner.Length;
            closed = false;
        }
        position = closed ? end + 1 : end;
        while (position < text.Length && text[position] == '>')
            position++;
        if (angle is not null && !angle.Contains('@'))
            WordInBrackets(angle);
        else if (angle is not null)
            FlushBefore();
        wordsAtAngle = words.Length;
        angle = AddressText.WithoutRoute(inner);
    }

    private int AngleEnd(int from)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] is '>' or '<')
                return i;
            if (text[i] == '"' && !quotesEnd)
            {
                var close = ClosingQuote(i + 1);
                if (close > i && close + 1 < text.Length && text[close + 1] == '@')
                    i = close;
                else
                    quotesEnd |= close == NoQuote;
            }
        }
        return text.Length;
    }

    private void Literal()
    {
        var close = words.Length > 0 && words[^1] == '@' ? text.AsSpan(position, Math.Min(text.Length - position, 100)).IndexOf(']') : -1;
        var length = close < 0 ? 1 : close + 1;
        words.Append(text, position, length);
        position += length;
    }

    // The end of a group's name, unless an address stands before it.
    private void Colon()
    {
        position++;
        if (angle is null && EndsInMailto())
        {
            words.Length -= 6;
            return;
        }
        if (angle is not null || Contains(words, '@'))
        {
            words.Append(':');
            return;
        }
        words.Clear();
        comments.Clear();
    }

    // "Bob [mailto:bob@example.com]"
    private bool EndsInMailto()
    {
        if (words.Length < 6 || words[^1] is not ('o' or 'O'))
            return false;
        return words.ToString(words.Length - 6, 6).Equals("mailto", StringComparison.OrdinalIgnoreCase);
    }

    private void Comma()
    {
        position++;
        // An unquoted comma in "Smith, John <j@x>": text that is no address belongs to the name that follows.
        if (angle is null && words.Length > 0 && !Contains(words, '@') && NextIsNamePart())
        {
            words.Append(',');
            return;
        }
        Flush();
    }

    // Looks as far as the next delimiter; each stretch is looked at once, as the words then grow over it.
    private bool NextIsNamePart()
    {
        var rest = text.AsSpan(position);
        var stop = rest.IndexOfAny("<,;:@");
        return stop >= 0 && rest[stop] == '<' && !rest[..stop].IsWhiteSpace();
    }

    private void Word()
    {
        var end = EncodedWords.End(text, position);
        if (end < 0)
            end = position + 1;
        words.Append(text, position, end - position);
        position = end;
    }

    private void Flush()
    {
        var phrase = words.ToString().Trim();
        var comment = comments.ToString().Trim();
        var address = angle;
        words.Clear();
        comments.Clear();
        angle = null;
        if (address is { Length: 0 })
        {
            // "Mail Delivery System <>" has a name and takes no answer; without a name it is nothing.
            if (phrase.Length > 0 && AddressText.FindAddress(phrase) is null)
            {
                found.Add(new MailAddress(Name(phrase, comment), ""));
                return;
            }
            address = null;
        }
        // Of brackets that held more than one address.
        if (address is null)
            phrase = phrase.TrimEnd('>', ' ');
        if (address is null && phrase.Length == 0)
            return;
        if (address is null)
            (phrase, address) = AddressText.SplitPhrase(phrase);
        else if (!address.Contains('@') && phrase.Contains('@') && AddressText.FindAddress(phrase) is { } inPhrase)
            address = inPhrase;
        address = AddressText.Tidy(address);
        // "Undisclosed-Recipient:@relay.example;" is a group that a relay took for an address.
        if (address.Length == 0 || address.Contains(":@", StringComparison.Ordinal))
            return;
        found.Add(new MailAddress(Name(phrase, comment), address));
    }

    // "Bob <bob@example.com> Bobby <bobby@example.com>" lacks its comma: the words after the first address belong to the second.
    private void FlushBefore()
    {
        var next = words.ToString(wordsAtAngle, words.Length - wordsAtAngle);
        words.Length = wordsAtAngle;
        Flush();
        words.Append(next);
    }

    // "<Bob> <bob@example.com>": what has no @ was no address.
    private void WordInBrackets(string word)
    {
        var next = words.ToString(wordsAtAngle, words.Length - wordsAtAngle);
        words.Length = wordsAtAngle;
        words.Append(' ').Append(word).Append(next);
    }

    // "John Smith (Sales) <js@example.com>": what senders put in brackets is part of how they call themselves.
    private static string Name(string phrase, string comment)
    {
        var name = HeaderText.DecodeWords(phrase.Length > 0 ? phrase : comment).Trim();
        return phrase.Length == 0 || comment.Length == 0 ? name : $"{name} ({HeaderText.DecodeWords(comment).Trim()})";
    }

    private static bool Contains(StringBuilder builder, char c)
    {
        foreach (var chunk in builder.GetChunks())
        {
            if (chunk.Span.Contains(c))
                return true;
        }
        return false;
    }
}
