using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>
/// Which topics are spoken of around a place. Walks only the neighbourhoods that are asked for, from left to right, and no character twice: all words are looked for at once
/// (Aho and Corasick, 1975).
/// </summary>
internal sealed class TopicScanner
{
    /// <summary>How far before a number its word may stand.</summary>
    internal const int Before = 60;

    /// <summary>How far after.</summary>
    internal const int After = 28;

    private const int Kept = 256, Beside = 3, ByTheWay = 24;
    private const Topics Vague = Topics.Identity;
    private const Topics Against = Topics.Phone | Topics.Order;

    private readonly int[] ends = new int[Kept];
    private readonly Topics[] topics = new Topics[Kept];
    private int count;
    private int from;
    private int done;
    private int state;
    private int askedStart, askedEnd;
    private Said told;

    /// <summary>What is said around a place. Written and read where it lies, as it is asked for around every number: a copy would wait for what was just written.</summary>
    internal struct Said
    {
        /// <summary>The topics of the last word before it that says something definite.</summary>
        internal Topics Nearest;

        /// <summary>All topics before it.</summary>
        internal Topics Before;

        /// <summary>All topics after it.</summary>
        internal Topics After;

        /// <summary>Where that last word ends; -1 when there is none.</summary>
        internal int NearestEnd;
    }

    /// <summary>What is said around the place that was asked for last.</summary>
    internal ref readonly Said Last => ref told;

    /// <summary>Forgets the last text.</summary>
    internal void Clear() => (count, from, done, state, askedStart) = (0, 0, 0, TopicWordTree.AfterBlank, -1);

    /// <summary>What is said around a place, good until the next one is asked for; places must be asked for from left to right.</summary>
    internal ref readonly Said Around(ReadOnlySpan<char> text, int start, int end)
    {
        if (start != askedStart || end != askedEnd)
        {
            (askedStart, askedEnd) = (start, end);
            Ask(text, start, end);
        }
        return ref told;
    }

    /// <summary>Reads on around a place at which nobody asks, so that no word is read from its middle afterwards.</summary>
    internal void Pass(ReadOnlySpan<char> text, int start, int end) => Walk(text, Math.Max(0, start - Before), Math.Min(text.Length, end + After));

    private void Ask(ReadOnlySpan<char> text, int start, int end)
    {
        Walk(text, Math.Max(0, start - Before), Math.Min(text.Length, end + After));
        Topics nearest = 0, before = 0, after = 0, open = ~Topics.Wall;
        int nearestEnd = -1;
        bool beside = false;
        for (int i = count - 1; i >= Math.Max(0, count - Kept) && ends[i % Kept] >= start - Before; i--)
        {
            (int at, Topics said) = (ends[i % Kept], topics[i % Kept]);
            if (at > end)
                after = said == Topics.Wall ? 0 : after | (at <= end + After ? said : 0);
            else if (at <= start + 1)
            {
                // What was masked stands for a word that speaks of something else; what speaks against all still does.
                if (said == Topics.Wall)
                    (open, nearest, nearestEnd) = (Against, nearestEnd < 0 ? Topics.Wall : nearest, nearestEnd < 0 ? at : nearestEnd);
                said &= open;
                before |= said;
                nearest |= (nearest & Topics.Wall) != 0 ? said : 0;
                // "As I said on the phone, here is my ID number: …" speaks of the telephone by the way.
                beside |= said == Vague && start - at <= Beside;
                if (beside && said == Topics.Phone && start - at > ByTheWay)
                    continue;
                // Two words that end at one place or in one phrase ("passport number", "account no") count together.
                if ((said & ~Vague) != 0 && (nearestEnd < 0 || nearestEnd - at <= 1))
                    (nearest, nearestEnd) = (nearest | (said & ~Vague), nearestEnd < 0 ? at : nearestEnd);
            }
        }
        (told.Nearest, told.Before, told.After, told.NearestEnd) = (nearest, before, after, nearestEnd);
    }

    private void Walk(ReadOnlySpan<char> text, int first, int last)
    {
        if (first > done || first < from)
            (from, done, state, count) = (first, first, TopicWordTree.AfterBlank, first < from ? 0 : count);
        int at = done, here = state;
        for (; at < last; at++)
        {
            char c = text[at];
            if (c == Fold.Wall)
            {
                ends[count % Kept] = at + 1;
                topics[count++ % Kept] = Topics.Wall;
                here = TopicWordTree.AfterBlank;
                continue;
            }
            int next = TopicWordTree.Next(here, c);
            if (next >= TopicWordTree.FirstSaying && next != here)
                Hear(next, at + 1);
            // Digits end a word, and nothing said in several words goes on beyond them.
            here = char.IsAsciiDigit(c) || c == '•' ? TopicWordTree.AfterBlank : next;
        }
        // The end of the text ends a word too.
        if (at == text.Length)
        {
            int next = TopicWordTree.Next(here, ' ');
            if (next >= TopicWordTree.FirstSaying && next != here)
                Hear(next, at + 1);
            (at, here) = (at + 1, next);
        }
        (done, state) = (at, here);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Hear(int said, int end)
    {
        ends[count % Kept] = end;
        topics[count++ % Kept] = TopicWordTree.At(said);
    }
}

/// <summary>The automaton of all words of <see cref="TopicWords"/>.</summary>
internal static class TopicWordTree
{
    private const int Blank = 0;
    // Letters of other scripts are seldom: the table of the Latin ones is small enough to stay near the processor.
    private const int LatinWidth = 32;
    private const string Accented =
        "aàáâãäåāăą;cçćĉċč;dďđ;eèéêëēĕėęě;gĝğġģ;hĥħ;iìíîïĩīĭįıİ;jĵ;kķ;lĺļľŀł;nñńņňŉ;oòóôõöøōŏő;rŕŗř;sśŝşšș;tţťŧț;uùúûüũūŭůűų;wŵ;yýÿŷ;zźżž";

    private static readonly byte[] Classes = new byte[char.MaxValue + 1];
    private static readonly int Width = ClassesOf();
    private static readonly (ushort[] Latin, ushort[] Others, Topics[] Said) Tree = Build();
    private static readonly ushort[] Latin = Tree.Latin, Others = Tree.Others;
    private static readonly Topics[] Said = Tree.Said;

    /// <summary>The first of the states in which a word ends; all others come before.</summary>
    internal static int FirstSaying { get; } = Array.FindIndex(Said, said => said != 0);

    /// <summary>Where a walk begins.</summary>
    internal static int AfterBlank { get; } = Latin[Blank];

    /// <summary>The next state. Anything but letters is a blank, and blanks in a row are one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Next(int state, char c)
    {
        int symbol = Classes[c];
        return symbol < LatinWidth ? Latin[state * LatinWidth + symbol] : Others[state * (Width - LatinWidth) + symbol - LatinWidth];
    }

    /// <summary>1 to 26 for a letter of the Latin alphabet, whatever its case and accents; 0 for all else.</summary>
    internal static int Letter(char c) => Classes[c] <= 26 ? Classes[c] : 0;

    /// <summary>What the words say that end here.</summary>
    internal static Topics At(int state) => Said[state];

    private static int ClassesOf()
    {
        for (char c = 'a'; c <= 'z'; c++)
            Classes[c] = Classes[char.ToUpperInvariant(c)] = (byte)(c - 'a' + 1);
        foreach (string letters in Accented.Split(';'))
            foreach (char c in letters)
                Classes[c] = Classes[char.ToUpperInvariant(c)] = Classes[letters[0]];
        int width = LatinWidth;
        foreach ((_, string words) in TopicWords.All)
            foreach (char c in words)
                if (c > 'ɏ' && Classes[c] == 0)
                    Classes[c] = Classes[char.ToUpperInvariant(c)] = (byte)width++;
        return width;
    }

    private static (ushort[], ushort[], Topics[]) Build()
    {
        var next = new List<int[]> { new int[Width] };
        var said = new List<Topics> { 0 };
        foreach ((Topics topic, string words) in TopicWords.All)
            foreach (string word in words.Split(';'))
                Plant(word, topic, next, said);
        return Link(next, said);
    }

    private static void Plant(string word, Topics topic, List<int[]> next, List<Topics> said)
    {
        int state = 0;
        foreach (char c in word)
        {
            int symbol = c is '|' ? Blank : Classes[c];
            if (next[state][symbol] == 0)
            {
                next[state][symbol] = next.Count;
                next.Add(new int[Width]);
                said.Add(0);
            }
            state = next[state][symbol];
        }
        said[state] |= topic;
    }

    // Makes the tree an automaton: where a word cannot go on, the longest end of it that begins another word does.
    private static (ushort[], ushort[], Topics[]) Link(List<int[]> next, List<Topics> said)
    {
        bool[] endsBlank = new bool[next.Count];
        foreach (int[] children in next)
            endsBlank[children[Blank]] = children[Blank] != 0;
        int[] fail = new int[next.Count];
        var queue = new Queue<int>(next[0].Where(s => s != 0));
        var near = new List<int>(next.Count);
        while (queue.TryDequeue(out int state))
        {
            near.Add(state);
            for (int symbol = 0; symbol < Width; symbol++)
            {
                int child = next[state][symbol], instead = next[fail[state]][symbol];
                if (child == 0)
                    next[state][symbol] = instead;
                else
                {
                    fail[child] = instead;
                    said[child] |= said[instead];
                    queue.Enqueue(child);
                }
            }
        }
        // A blank after a blank changes nothing.
        for (int state = 0; state < next.Count; state++)
            if (endsBlank[state])
                next[state][Blank] = state;
        return Number(next, said, near);
    }

    // Those that say nothing first, and of them those of few letters, which are met most, beside each other.
    private static (ushort[], ushort[], Topics[]) Number(List<int[]> next, List<Topics> said, List<int> near)
    {
        int[] order = [0, .. near.Where(state => said[state] == 0), .. near.Where(state => said[state] != 0)], number = new int[next.Count];
        for (int i = 0; i < order.Length; i++)
            number[order[i]] = i;
        ushort[] latin = new ushort[next.Count * LatinWidth], others = new ushort[next.Count * (Width - LatinWidth)];
        for (int state = 0; state < next.Count; state++)
            for (int symbol = 0; symbol < Width; symbol++)
            {
                ushort to = (ushort)number[next[order[state]][symbol]];
                (symbol < LatinWidth ? ref latin[state * LatinWidth + symbol] : ref others[state * (Width - LatinWidth) + symbol - LatinWidth]) = to;
            }
        return (latin, others, [.. order.Select(state => said[state])]);
    }
}
