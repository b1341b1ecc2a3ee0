using Ingest.LocalHost.Script;
using Microsoft.AspNetCore.Routing.Template;

namespace Ingest.LocalHost.Http;

/// <summary>Finds the function of a request by ASP.NET route templates, the more literal one first.</summary>
internal sealed class RouteTable
{
    private readonly List<Entry> entries = [];
    private readonly string prefix;

    public RouteTable(HostContext host, IInlineConstraintResolver constraints)
    {
        prefix = host.Script.Host.RoutePrefix;
        foreach (Function function in host.Script.Functions)
        {
            if (function.Trigger is not HttpTrigger trigger)
                continue;
            try
            {
                Add(host, function, trigger, constraints);
            }
            catch (Exception fault) when (fault is FormatException or ArgumentException or InvalidOperationException or RouteCreationException)
            {
                host.Fail($"{function.Name} is not served: {fault.Message}");
            }
        }
        entries.Sort((left, right) => left.Precedence.CompareTo(right.Precedence));
    }

    /// <summary>The function and its route values; null when no route fits path and method.</summary>
    public (Function Function, HttpTrigger Trigger, RouteValueDictionary Values)? Match(HttpContext context)
    {
        foreach (Entry entry in entries)
        {
            if (entry.Methods.Count > 0 && !entry.Methods.Contains(context.Request.Method, StringComparer.OrdinalIgnoreCase))
                continue;
            RouteValueDictionary values = [];
            if (entry.Matcher.TryMatch(context.Request.Path, values) && entry.Holds(context, values))
                return (entry.Function, (HttpTrigger)entry.Function.Trigger, values);
        }
        return null;
    }

    private void Add(HostContext host, Function function, HttpTrigger trigger, IInlineConstraintResolver constraints)
    {
        RouteTemplate template = TemplateParser.Parse(string.Join('/', new[] { prefix, trigger.Route ?? function.Name }.Where(part => part.Length > 0)));
        // The handler hears the envelope of a function at this path; a public route there would let anyone forge one.
        if (host.Passes(function) && template.Segments is [{ Parts: [{ IsLiteral: true, Text: { } first }] }, ..] && FunctionPath.IsFunctionName(first, host.Script))
            throw new FormatException($"its route begins with the name of a function ({first})");
        Entry? twin = entries.Find(entry => entry.Matcher.Template.TemplateText == template.TemplateText
            && (entry.Methods.Count == 0 || trigger.Methods.Count == 0 || entry.Methods.Intersect(trigger.Methods, StringComparer.OrdinalIgnoreCase).Any()));
        if (twin is not null)
            throw new FormatException($"its route is that of {twin.Function.Name}");
        entries.Add(new Entry(
            function, trigger.Methods, new TemplateMatcher(template, Defaults(template)), ConstraintsOf(template, constraints), RoutePrecedence.ComputeInbound(template)));
    }

    private static RouteValueDictionary Defaults(RouteTemplate template)
    {
        RouteValueDictionary defaults = [];
        foreach (TemplatePart parameter in template.Parameters)
            if (parameter.DefaultValue is { } value)
                defaults[parameter.Name!] = value;
        return defaults;
    }

    private static IDictionary<string, IRouteConstraint> ConstraintsOf(RouteTemplate template, IInlineConstraintResolver resolver)
    {
        RouteConstraintBuilder builder = new(resolver, template.TemplateText!);
        foreach (TemplatePart parameter in template.Parameters)
        {
            if (parameter.IsOptional)
                builder.SetOptional(parameter.Name!);
            foreach (InlineConstraint constraint in parameter.InlineConstraints)
                builder.AddResolvedConstraint(parameter.Name!, constraint.Constraint);
        }
        return builder.Build();
    }

    private sealed record Entry(
        Function Function, IReadOnlyList<string> Methods, TemplateMatcher Matcher, IDictionary<string, IRouteConstraint> Constraints, decimal Precedence)
    {
        public bool Holds(HttpContext context, RouteValueDictionary values) => Constraints.All(pair =>
            pair.Value.Match(context, route: null, pair.Key, values, RouteDirection.IncomingRequest));
    }
}
