namespace Ingest.Core.Redaction;

/// <summary>
/// Takes a text that somebody chose out of what people read, wherever it stands: as a policy with tools for <see cref="Redact"/>, so that every form of text and file is read
/// alike. Letter case, line breaks, marks of quoting and characters that nobody sees make no difference.
/// </summary>
public static class TextRemoval
{
    /// <summary>The fewest letters, digits and signs of a text that can be taken out: fewer stand everywhere.</summary>
    public const int Shortest = 3;

    /// <summary>What stands where something was taken out, without its brackets.</summary>
    public const string Word = "redacted";

    /// <summary>Nothing but what was chosen.</summary>
    public static RedactionPolicy Policy { get; } = RedactionPolicy.Off with
    {
        Types = new Dictionary<FindingType, TypePolicy>(RedactionPolicy.Off.Types) { [FindingType.Person] = new TypePolicy(MaskStyle.Label, 0) },
    };

    /// <summary>True when a text is long enough to be taken out.</summary>
    public static bool CanRemove(string text) => Compact(text).Letters.Count(c => c != ' ') >= Shortest;

    /// <summary>Finds this text, with <see cref="Policy"/>.</summary>
    public static RedactionTools Tools(string text)
    {
        char[] plain = new char[text.Length];
        string wanted = Compact(plain.AsSpan(0, Fold.Into(text, plain, new int[text.Length]))).Letters;
        return new RedactionTools { Label = _ => Word, Recognisers = [(letters, found) => Find(letters, wanted, found)] };
    }

    private static void Find(ReadOnlySpan<char> letters, string wanted, ICollection<Recognised> found)
    {
        if (wanted.Length == 0 || letters.Length < wanted.Length) return;
        (string compact, List<int> origin) = Compact(letters);
        for (int at = 0; (at = compact.IndexOf(wanted, at, StringComparison.Ordinal)) >= 0; at += wanted.Length)
            found.Add(new Recognised(FindingType.Person, origin[at], origin[at + wanted.Length - 1] + 1 - origin[at], "chosen", 1));
    }

    // Blanks of any number and sort are one; where lines are quoted, their marks are part of the blank.
    private static (string Letters, List<int> Origin) Compact(ReadOnlySpan<char> text)
    {
        System.Text.StringBuilder letters = new(text.Length);
        List<int> origin = new(text.Length);
        bool blank = true, lineBegins = true;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsWhiteSpace(c) || c == ReadableText.Break || (lineBegins && c is '>' or '|'))
            {
                lineBegins |= c is '\n' or '\r' or ReadableText.Break;
                if (blank) continue;
                blank = true;
                letters.Append(' ');
                origin.Add(i);
                continue;
            }

            (blank, lineBegins) = (false, false);
            letters.Append(char.ToLowerInvariant(c));
            origin.Add(i);
        }

        if (blank && letters.Length > 0)
        {
            letters.Length--;
            origin.RemoveAt(origin.Count - 1);
        }

        return (letters.ToString(), origin);
    }
}
