using System.Text;
using Ingest.Core.Keys;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>
/// Takes a person out of what others wrote: their address, their name and its parts as whole words, and every run of five words that stands in their own messages, however
/// it is quoted or wrapped. It rather takes too much than too little.
/// </summary>
internal sealed class PersonMask
{
    /// <summary>What stands where something was taken out.</summary>
    public const string Gone = "[erased]";

    private const int Run = 5, ShortestPart = 2;
    private readonly string _address;
    private readonly string[] _names;
    private readonly HashSet<string> _runs = new(StringComparer.Ordinal), _lines = new(StringComparer.Ordinal), _ids = new(StringComparer.Ordinal), _subjects = new(StringComparer.Ordinal);

    /// <param name="address">Their address, normalised.</param>
    /// <param name="names">Their names.</param>
    /// <param name="written">Their messages.</param>
    public PersonMask(string address, IEnumerable<string> names, IEnumerable<MessageDocument> written)
    {
        _address = address;
        _names = [.. names.Concat(names.SelectMany(n => n.Split([' ', ',', '.', '"'], StringSplitOptions.RemoveEmptyEntries)))
            .Append(address.Split('@')[0]).Select(n => n.Trim()).Where(n => n.Length >= ShortestPart).Distinct(StringComparer.OrdinalIgnoreCase).OrderByDescending(n => n.Length)];
        foreach (MessageDocument message in written)
        {
            foreach (string text in (string[])[message.Text, message.Reply, message.Elided, message.Signature]) Learn(text);
            if (message.MessageId.Length > 0) _ids.Add(message.MessageId);
            if (Bare(message.Subject) is { Length: > 0 } subject) _subjects.Add(subject);
        }
    }

    /// <summary>The digest of their address where it was masked; empty where it is not known.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Takes a subject for theirs that stands in none of their messages that open.</summary>
    public void LearnSubject(string subject)
    {
        if (Bare(subject) is { Length: > 0 } bare) _subjects.Add(bare);
    }

    /// <summary>True when this address is theirs.</summary>
    public bool Is(string address) => address.Length > 0 && EmailIdentity.Normalise(address) == _address;

    /// <summary>True when a text names them or holds words of theirs.</summary>
    public bool Touches(string text) => text.Length > 0 && Apply(text) != text;

    /// <summary>A text without them.</summary>
    public string Apply(string text)
    {
        if (text.Length == 0) return text;
        List<(int Start, int End)> cuts = [];
        Find(text, _address, wholeWords: false, cuts);
        foreach (string name in _names) Find(text, name, wholeWords: true, cuts);
        FindRuns(text, cuts);
        FindLines(text, cuts);
        return Cut(text, cuts);
    }

    /// <summary>A subject without them; theirs, answered by others, goes as a whole.</summary>
    public string Subject(string subject) => _subjects.Contains(Bare(subject)) ? Gone : Apply(subject);

    /// <summary>
    /// Another person's message without them. Quotes go as a whole, and html, in which they cannot be told from the rest; what the author wrote stays as text.
    /// </summary>
    public MessageDocument Apply(MessageDocument document)
    {
        string said = document.Reply.Length > 0 || document.Elided.Length > 0 ? document.Reply : document.Text;
        return document with
        {
            FromName = Apply(document.FromName),
            FromAddress = Is(document.FromAddress) ? "" : document.FromAddress,
            ReplyTo = Is(document.ReplyTo) ? "" : document.ReplyTo,
            To = [.. document.To.Where(a => !Is(a))],
            Cc = [.. document.Cc.Where(a => !Is(a))],
            References = [.. document.References.Where(id => !_ids.Contains(id))],
            Subject = Subject(document.Subject),
            Text = Apply(said),
            Reply = Apply(said),
            Html = "",
            Elided = "",
            Signature = Apply(document.Signature),
            AuthorName = document.AuthorName,
            Attachments = [.. document.Attachments.Select(a => a with { Name = Touches(a.Name) ? Gone : a.Name })],
        };
    }

    /// <summary>True when an attachment of somebody else must go: a mail within a mail, or bytes in which the person stands readable.</summary>
    public bool Spoils(AttachmentDocument attachment, byte[] content)
    {
        if (attachment.ContentType.StartsWith("message/", StringComparison.OrdinalIgnoreCase) || attachment.Name.EndsWith(".eml", StringComparison.OrdinalIgnoreCase)) return true;
        string latin = Encoding.Latin1.GetString(content);
        if (latin.Contains(_address, StringComparison.OrdinalIgnoreCase)) return true;
        bool text = attachment.ContentType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || attachment.ContentType.Contains("json", StringComparison.OrdinalIgnoreCase)
            || attachment.ContentType.Contains("xml", StringComparison.OrdinalIgnoreCase) || attachment.LookedInto;
        return text && Touches(Encoding.UTF8.GetString(content));
    }

    private void Learn(string text)
    {
        List<(int Start, int End)> words = Words(text);
        for (int i = 0; i + Run <= words.Count; i++) _runs.Add(Key(text, words, i));
        foreach ((int start, int end) in Lines(text))
            if (Key(text, Words(text[start..end], start), 0, int.MaxValue) is { Length: >= 8 } line) _lines.Add(line);
    }

    private void FindRuns(string text, List<(int Start, int End)> cuts)
    {
        List<(int Start, int End)> words = Words(text);
        for (int i = 0; i + Run <= words.Count; i++)
            if (_runs.Contains(Key(text, words, i))) cuts.Add((words[i].Start, words[i + Run - 1].End));
    }

    // What is too short for a run of words is compared line by line.
    private void FindLines(string text, List<(int Start, int End)> cuts)
    {
        foreach ((int start, int end) in Lines(text))
        {
            List<(int Start, int End)> words = Words(text[start..end], start);
            if (words.Count is > 0 and < Run && _lines.Contains(Key(text, words, 0, int.MaxValue))) cuts.Add((words[0].Start, words[^1].End));
        }
    }

    private static void Find(string text, string what, bool wholeWords, List<(int Start, int End)> cuts)
    {
        for (int at = 0; (at = text.IndexOf(what, at, StringComparison.OrdinalIgnoreCase)) >= 0; at += what.Length)
        {
            int end = at + what.Length;
            bool within = (at > 0 && char.IsLetterOrDigit(text[at - 1])) || (end < text.Length && char.IsLetterOrDigit(text[end]));
            if (!wholeWords || !within) cuts.Add((at, end));
        }
    }

    private static string Cut(string text, List<(int Start, int End)> cuts)
    {
        if (cuts.Count == 0) return text;
        StringBuilder rest = new(text.Length);
        int at = 0;
        foreach ((int start, int end) in cuts.OrderBy(c => c.Start))
        {
            if (end <= at) continue;
            if (start > at) rest.Append(text, at, start - at);
            if (start >= at && !(rest.Length >= Gone.Length && rest.ToString(rest.Length - Gone.Length, Gone.Length) == Gone)) rest.Append(Gone);
            at = end;
        }

        return rest.Append(text, at, text.Length - at).ToString();
    }

    private static IEnumerable<(int Start, int End)> Lines(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start);
            if (end < 0) end = text.Length;
            if (end > start) yield return (start, end);
            start = end + 1;
        }
    }

    private static List<(int Start, int End)> Words(string text, int offset = 0)
    {
        List<(int, int)> words = [];
        for (int i = 0; i < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }

            int start = i;
            while (i < text.Length && char.IsLetterOrDigit(text[i])) i++;
            words.Add((start + offset, i + offset));
        }

        return words;
    }

    private static string Key(string text, List<(int Start, int End)> words, int from, int count = Run) =>
        string.Join(' ', words.Skip(from).Take(count).Select(w => text[w.Start..w.End].ToLowerInvariant()));

    private static string Bare(string subject)
    {
        string bare = subject.Trim();
        while (bare.IndexOf(':', StringComparison.Ordinal) is > 0 and <= 5 and var colon && bare[..colon].All(c => char.IsLetter(c) || c is '[' or ']' || char.IsDigit(c))) bare = bare[(colon + 1)..].TrimStart();
        return bare.ToLowerInvariant();
    }
}
