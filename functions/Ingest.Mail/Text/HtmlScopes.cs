namespace Ingest.Mail.Text;

/// <summary>What an open element means for the text within.</summary>
internal enum HtmlScopeKind : byte
{
    Hidden,
    Preformatted,
    Intro,
    Quote,
    Signature,
}

/// <summary>
/// The few open elements that matter, each ended by the end tag that belongs to it. Their number is bounded, so a tag costs the same however deep the html is.
/// </summary>
internal sealed class HtmlScopes
{
    private const int MaxOpen = 32;

    private readonly List<Scope> open = [];
    private int hidden, preformatted;

    private sealed class Scope(HtmlScopeKind kind, string name, int start)
    {
        public HtmlScopeKind Kind => kind;
        public string Name => name;
        public int Start => start;
        public int Nested { get; set; }
        public int FirstQuote { get; set; } = -1;
    }

    public bool IsHidden => hidden > 0;

    public bool IsPreformatted => preformatted > 0;

    public bool InQuote => open.Exists(static s => s.Kind == HtmlScopeKind.Quote);

    public void Open(HtmlScopeKind kind, ReadOnlySpan<char> name, int start)
    {
        if (open.Count >= MaxOpen)
            return;
        open.Add(new Scope(kind, name.ToString(), start));
        Count(kind, 1);
    }

    /// <summary>An element starts that may bear the name of an open one.</summary>
    public void Start(ReadOnlySpan<char> name)
    {
        for (var i = open.Count - 1; i >= 0; i--)
        {
            if (!name.SequenceEqual(open[i].Name))
                continue;
            open[i].Nested++;
            return;
        }
    }

    /// <summary>A block quote starts there: what stood before it in a quoting element introduces it.</summary>
    public void Quote(int place)
    {
        foreach (var scope in open)
        {
            if (scope.Kind == HtmlScopeKind.Quote && scope.FirstQuote < 0)
                scope.FirstQuote = place;
        }
    }

    /// <summary>An element ends; with it the scopes within that were never ended.</summary>
    public void End(ReadOnlySpan<char> name, int place, HtmlRegions? regions)
    {
        for (var i = open.Count - 1; i >= 0; i--)
        {
            if (!name.SequenceEqual(open[i].Name))
                continue;
            if (open[i].Nested-- == 0)
                CloseFrom(i, place, regions);
            return;
        }
    }

    public void CloseFrom(int index, int place, HtmlRegions? regions)
    {
        for (var i = open.Count - 1; i >= index; i--)
        {
            var scope = open[i];
            open.RemoveAt(i);
            Count(scope.Kind, -1);
            Note(scope, place, regions);
        }
    }

    private void Count(HtmlScopeKind kind, int by)
    {
        hidden += kind == HtmlScopeKind.Hidden ? by : 0;
        preformatted += kind == HtmlScopeKind.Preformatted ? by : 0;
    }

    private static void Note(Scope scope, int place, HtmlRegions? regions)
    {
        switch (scope.Kind)
        {
            case HtmlScopeKind.Intro: regions?.Add(HtmlRegionKind.Intro, scope.Start, place); break;
            case HtmlScopeKind.Signature: regions?.Add(HtmlRegionKind.Signature, scope.Start, place); break;
            // Block quotes within are marked line by line; between them stands what the author answers.
            case HtmlScopeKind.Quote when scope.FirstQuote >= 0: regions?.Add(HtmlRegionKind.Intro, scope.Start, scope.FirstQuote); break;
            case HtmlScopeKind.Quote: regions?.Add(HtmlRegionKind.Quote, scope.Start, place); break;
        }
    }
}
