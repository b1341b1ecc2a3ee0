namespace Ingest.Core.Redaction;

/// <summary>Finds what follows "recovery codes" or "seed phrase": a list of codes for one use each (digits and letters in groups), or the 12 to 24 words of a wallet (BIP 39).</summary>
internal static class RecoveryCodes
{
    private const int Reach = 80, MostCodes = 40, LongestList = 1200, FewestWords = 12;

    /// <summary>Takes the list that begins within reach after a place; returns where it ends, or 0.</summary>
    internal static int Find(Scan scan, int after)
    {
        ReadOnlySpan<char> text = scan.Text;
        int i = after, limit = Math.Min(text.Length, after + LongestList), end = 0, codes = 0, words = 0, phrase = -1, wordsEnd = 0;
        while (i < limit && codes < MostCodes)
        {
            if (text[i] == Fold.Wall || (words >= FewestWords && text[i] is '"' or '@'))
                break;
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }
            int stop = i;
            while (stop < limit && (char.IsLetterOrDigit(text[stop]) || text[stop] is '-' or '_'))
                stop++;
            ReadOnlySpan<char> word = text[i..stop];
            bool isWord = IsPhraseWord(word) && EndsWord(text, stop);
            if (words >= FewestWords && !isWord)
                break;
            bool number = word.Length <= 2 && !word.ContainsAnyExceptInRange('0', '9');
            if (IsCode(word))
            {
                scan.Add(FindingType.Secret, i, stop, "secret.recovery", 0.85);
                (codes, end) = (codes + 1, stop);
            }
            else if (isWord)
                (phrase, words, wordsEnd) = (words == 0 ? i : phrase, words + 1, stop);
            else if (!number)
                words = 0;
            if (codes > 0 && !number && stop != end || (codes == 0 && words == 0 && i - after > Reach) || words > 24)
                break;
            i = stop;
        }
        // "The seed phrase is" comes before the first of them.
        if (codes == 0 && words is >= FewestWords and <= 27)
        {
            scan.Add(FindingType.Secret, phrase, wordsEnd, "secret.phrase", 0.8);
            return wordsEnd;
        }
        return end;
    }

    private static bool IsCode(ReadOnlySpan<char> word)
    {
        if (word.Length is < 6 or > 30 || !word.ContainsAnyInRange('0', '9') || Placeholder.IsMade(word))
            return false;
        foreach (char c in word)
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return false;
        return true;
    }

    // A blank follows, or one mark and a blank: names within an address are no words.
    private static bool EndsWord(ReadOnlySpan<char> text, int end) => IsBlank(text, end) || (!char.IsLetterOrDigit(text[end]) && IsBlank(text, end + 1));

    private static bool IsBlank(ReadOnlySpan<char> text, int at) => at >= text.Length || char.IsWhiteSpace(text[at]);

    private static bool IsPhraseWord(ReadOnlySpan<char> word) => word.Length is >= 3 and <= 8 && !word.ContainsAnyExceptInRange('a', 'z');
}
