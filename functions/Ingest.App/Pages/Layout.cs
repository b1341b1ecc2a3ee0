namespace Ingest.App.Pages;

/// <summary>What stands around a page's content.</summary>
/// <param name="Title">What the page is; its first heading says the same.</param>
/// <param name="Person">Who is signed in; null on pages before that.</param>
public sealed record Frame(string Title, Visitor? Person = null)
{
    /// <summary>Which entry of the navigation the page belongs to: the entry's path.</summary>
    public string Section { get; init; } = "";

    /// <summary>True when the content wants the width of a list; a page of text is narrower.</summary>
    public bool Wide { get; init; }
}

/// <summary>Who is signed in, as the frame of a page needs it.</summary>
/// <param name="Name">The name shown.</param>
/// <param name="FormToken">The session's token, which every form carries.</param>
/// <param name="Sections">The entries of the navigation that this person may open.</param>
public sealed record Visitor(string Name, string FormToken, IReadOnlyList<Section> Sections);

/// <summary>An entry of the navigation.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Path">Where it leads.</param>
public sealed record Section(string Name, string Path);

/// <summary>The one frame of all pages: landmarks, a link that skips to the content, the navigation, and who is signed in.</summary>
public static class Layout
{
    /// <summary>A whole document.</summary>
    public static Markup Page(Frame frame, Markup content) => Markup.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>{frame.Title} · Ingest</title>
        <link rel="icon" href="{Stylesheet.IconPath}">
        <link rel="stylesheet" href="{Stylesheet.Path}">
        </head>
        <body>
        <a class="skip" href="#content">Skip to the content</a>
        {Header(frame)}
        <main id="content" tabindex="-1"{Attr.If(frame.Wide, "class", "wide")}>
        {content}
        </main>
        </body>
        </html>
        """);

    private static Markup Header(Frame frame) => frame.Person is not { } person
        ? Markup.Of($"""<header class="top"><p class="brand">Ingest</p></header>""")
        : Markup.Of($"""
            <header class="top">
            <p class="brand"><a href="/console">Ingest</a></p>
            <nav aria-label="Main"><ul>{Markup.Each(person.Sections, section => Entry(section, frame.Section))}</ul></nav>
            <form class="leave" method="post" action="/console/sign-out">{Form.Token(person)}<span class="who">{person.Name}</span><button class="quiet small">Sign out</button></form>
            </header>
            """);

    private static Markup Entry(Section section, string current) =>
        Markup.Of($"""<li><a href="{section.Path}"{Attr.If(section.Path == current, "aria-current", "page")}>{section.Name}</a></li>""");
}
