namespace Ingest.Mail.Text;

/// <summary>Words that a line may begin with, found by their first letter, whatever its case; most lines begin with none of them.</summary>
internal sealed class WordStarts
{
    private const int Ascii = 128;
    private readonly string[] all;
    private readonly string[][] byLetter = new string[Ascii][];

    public WordStarts(string[] words)
    {
        all = words;
        for (var letter = '\0'; letter < Ascii; letter++)
        {
            var upper = char.ToUpperInvariant(letter);
            byLetter[letter] = [.. words.Where(word => char.ToUpperInvariant(word[0]) == upper)];
        }
    }

    /// <summary>True when the line begins with one of the words.</summary>
    public bool Begin(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty)
            return false;
        foreach (var word in line[0] < Ascii ? byLetter[line[0]] : all)
        {
            if (line.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
