using Ingest.App.Console;

namespace Ingest.App.Pages;

/// <summary>What is wrong with a field of a form, in a sentence that names the fix.</summary>
/// <param name="Field">The field's name.</param>
/// <param name="Text">The sentence.</param>
public sealed record Problem(string Field, string Text);

/// <summary>
/// The parts of forms: labels that belong to their fields, hints and problems that are read out with them, and a summary on top that leads to each
/// field at fault. A field's id is its name, where it is given no other.
/// </summary>
public static class Form
{
    /// <summary>The name of the field that carries the session's token.</summary>
    public const string TokenField = ConsoleSession.CsrfField;

    /// <summary>The hidden field that shows that the form is ours.</summary>
    public static Markup Token(Visitor person) => Markup.Of($"""<input type="hidden" name="{TokenField}" value="{person.FormToken}">""");

    /// <summary>What is wrong, each with a link to its field; nothing when nothing is.</summary>
    public static Markup Summary(IReadOnlyList<Problem> problems) => Markup.If(problems.Count > 0, $"""
        <div class="notice bad" role="alert" tabindex="-1">
        <h2>{(problems.Count == 1 ? "There is a problem" : "There are problems")}</h2>
        <ul>{Markup.Each(problems, problem => problem.Field.Length == 0 ? Markup.Of($"<li>{problem.Text}</li>") : Markup.Of($"""<li><a href="#{problem.Field}">{problem.Text}</a></li>"""))}</ul>
        </div>
        """);

    /// <summary>A field of one line; <paramref name="id"/> where a page has several of one name.</summary>
    public static Markup Text(string name, string label, string value = "", string hint = "", string type = "text", bool required = false, string complete = "off",
        IReadOnlyList<Problem>? problems = null, string? id = null) => Around(id ?? name, label, hint, problems, Markup.Of($"""
        <input id="{id ?? name}" name="{name}" type="{type}" value="{value}" autocomplete="{complete}"{Attr.If(required, "required")}{Described(id ?? name, hint, problems)}{Attr.If(IsAtFault(id ?? name, problems), "aria-invalid", "true")}>
        """));

    /// <summary>A field of several lines.</summary>
    public static Markup Area(string name, string label, string value = "", string hint = "", int rows = 8, bool required = false, IReadOnlyList<Problem>? problems = null) =>
        Around(name, label, hint, problems, Markup.Of($"""
        <textarea id="{name}" name="{name}" rows="{rows}"{Attr.If(required, "required")}{Described(name, hint, problems)}{Attr.If(IsAtFault(name, problems), "aria-invalid", "true")}>
        {value}</textarea>
        """));

    /// <summary>One of several.</summary>
    public static Markup Choice(string name, string label, IEnumerable<(string Value, string Text)> options, string chosen = "", string hint = "", IReadOnlyList<Problem>? problems = null) =>
        Around(name, label, hint, problems, Markup.Of($"""
        <select id="{name}" name="{name}"{Described(name, hint, problems)}>{Markup.Each(options, option =>
            Markup.Of($"""<option value="{option.Value}"{Attr.If(option.Value == chosen, "selected")}>{option.Text}</option>"""))}</select>
        """));

    /// <summary>A box to tick.</summary>
    public static Markup Tick(string name, string label, bool ticked = false) => Markup.Of($"""
        <div class="field tick"><input id="{name}" name="{name}" type="checkbox" value="yes"{Attr.If(ticked, "checked")}><label for="{name}">{label}</label></div>
        """);

    /// <summary>A form that is one button.</summary>
    public static Markup Button(Visitor person, string action, string label, string look = "", IEnumerable<(string Name, string Value)>? fields = null) => Markup.Of($"""
        <form method="post" action="{action}">{Token(person)}{Markup.Each(fields ?? [], field => Markup.Of($"""<input type="hidden" name="{field.Name}" value="{field.Value}">"""))}<button{Attr.If(look.Length > 0, "class", look)}>{label}</button></form>
        """);

    private static Markup Around(string name, string label, string hint, IReadOnlyList<Problem>? problems, Markup control) => Markup.Of($"""
        <div class="field">
        <label for="{name}">{label}</label>
        {Markup.If(hint.Length > 0, $"""<p class="hint" id="{name}-hint">{hint}</p>""")}
        {Markup.Each((problems ?? []).Where(p => p.Field == name).Take(1), p => Markup.Of($"""<p class="problem" id="{name}-problem">{p.Text}</p>"""))}
        {control}
        </div>
        """);

    private static bool IsAtFault(string name, IReadOnlyList<Problem>? problems) => problems?.Any(p => p.Field == name) == true;

    private static Attr Described(string name, string hint, IReadOnlyList<Problem>? problems)
    {
        string ids = string.Join(' ', new[] { hint.Length > 0 ? name + "-hint" : "", IsAtFault(name, problems) ? name + "-problem" : "" }.Where(id => id.Length > 0));
        return Attr.If(ids.Length > 0, "aria-describedby", ids);
    }
}
