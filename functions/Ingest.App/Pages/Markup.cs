using System.Runtime.CompilerServices;

namespace Ingest.App.Pages;

/// <summary>
/// Finished html. It comes into being only from interpolated strings, whose literal parts are our own source; every hole is encoded, unless it is Markup
/// itself, and a hole where encoding would not make it safe is refused (<see cref="MarkupWriter"/>). So what a stranger wrote is never markup.
/// </summary>
public sealed class Markup
{
    private readonly string _text;

    internal Markup(string text) => _text = text;

    /// <summary>Nothing.</summary>
    public static Markup Empty { get; } = new("");

    /// <summary>The html of an interpolated string.</summary>
    public static Markup Of(MarkupWriter html) => html.Finish();

    /// <summary>The html, or nothing.</summary>
    public static Markup If(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] MarkupWriter html) => condition ? html.Finish() : Empty;

    /// <summary>One after the other.</summary>
    public static Markup Join(IEnumerable<Markup> parts) => new(string.Concat(parts.Select(part => part._text)));

    /// <summary>One for each.</summary>
    public static Markup Each<T>(IEnumerable<T> items, Func<T, Markup> html) => Join(items.Select(html));

    /// <summary>True when there is nothing.</summary>
    public bool IsEmpty => _text.Length == 0;

    /// <summary>The html as text, for the wire.</summary>
    public override string ToString() => _text;
}

/// <summary>An attribute that is there or not; the only hole that may stand in a tag outside quotes.</summary>
/// <param name="Name">A literal of ours.</param>
/// <param name="Value">Its value, encoded; null when the attribute is absent, empty when it needs none.</param>
public readonly record struct Attr(string Name, string? Value)
{
    /// <summary>The attribute without a value, if it is wanted.</summary>
    public static Attr If(bool wanted, string name) => new(name, wanted ? "" : null);

    /// <summary>The attribute with a value, if it is wanted.</summary>
    public static Attr If(bool wanted, string name, string value) => new(name, wanted ? value : null);
}
