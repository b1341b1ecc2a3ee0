namespace Ingest.Core.Spam;

/// <summary>A word while it is read: of which sorts of characters it is made.</summary>
internal struct WordShape
{
    private int _latin, _foreign, _digits, _fancy;
    private bool _digitInside, _letterAfterDigit;

    /// <summary>Characters so far; more than fit are counted and not kept.</summary>
    public int Length { get; private set; }

    /// <summary>True when there is nothing but digits.</summary>
    public readonly bool IsNumber => Length > 0 && _digits == Length;

    public void Add(Span<char> word, char c, bool fancy)
    {
        _latin += char.IsAsciiLetter(c) ? 1 : 0;
        _foreign += LookAlikes.IsForeign(c) ? 1 : 0;
        _fancy += fancy ? 1 : 0;
        _letterAfterDigit |= _digitInside;
        Put(word, c);
    }

    public void AddDigit(Span<char> word, char c)
    {
        _digitInside |= Length > _digits;
        _digits++;
        Put(word, c);
    }

    /// <summary>The word with look-alikes made plain, where it pretends to be Latin; counts its tricks.</summary>
    public readonly ReadOnlySpan<char> Finish(Span<char> word, ref TextFacts facts)
    {
        Span<char> all = word[..Math.Min(Length, word.Length)];
        if (_fancy > 1 || (_latin > 0 && _foreign > 0)) facts.Disguised++;
        if (_latin > 0 && _foreign > 0)
            foreach (ref char c in all)
                c = LookAlikes.Latin(c);
        // One or two digits between letters: p4ypal. Codes and sizes have them at an end.
        if (_digitInside && _letterAfterDigit && _digits <= 2 && Length - _digits >= 4)
        {
            facts.Digits++;
            foreach (ref char c in all)
                c = c switch { '0' => 'o', '1' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', _ => c };
        }

        return all;
    }

    private void Put(Span<char> word, char c)
    {
        if (Length < word.Length) word[Length] = c;
        Length++;
    }
}
