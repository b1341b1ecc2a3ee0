using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Ingest.App.Tests;

/// <summary>Who may enter whom, and what a room may be called. Every failure names the offender and the way out.</summary>
public sealed partial class ArchitectureTests
{
    private const int MostLines = 400;
    private static readonly string[] PureRooms = ["Pipeline", "Screening", "Threading", "Spam", "Redaction"];
    private static readonly string[] SdkRoots = ["Azure", "Google", "Microsoft.IdentityModel", "Microsoft.Extensions.Azure"];
    private static readonly Assembly MailAssembly = typeof(Ingest.Mail.Mime.MailMessage).Assembly;
    private static readonly Assembly CoreAssembly = typeof(Ingest.Core.Access.TenantId).Assembly;

    [Fact]
    public void The_post_office_knows_no_cloud_no_web_framework_and_no_logging()
    {
        string[] forbidden = ["Azure", "Google", "Microsoft.AspNetCore", "Microsoft.Extensions.Logging", "Microsoft.IdentityModel"];
        None(MailAssembly.GetReferencedAssemblies().Select(a => a.Name!).Where(name => forbidden.Any(f => IsOrIsBelow(name, f))),
            name => $"Ingest.Mail references {name}; move the code that needs it to Ingest.Core and hand Ingest.Mail bytes or a delegate.");
    }

    [Fact]
    public void The_pure_rooms_show_no_sdk_type()
    {
        None(CoreAssembly.GetTypes().Where(InPureRoom).SelectMany(Mentioned).Where(m => SdkRoots.Any(root => IsOrIsBelow(m.Type.Namespace ?? "", root))),
            m => $"{m.Where} mentions {m.Type.FullName}; pure rooms take plain values, so convert in Store, Keys or Mailboxes.");
    }

    [Fact]
    public void The_pure_rooms_name_no_sdk_in_their_source()
    {
        IEnumerable<string> offenders = Sources().Where(f => PureRooms.Any(room => f.Path.StartsWith($"functions/Ingest.Core/{room}/", StringComparison.Ordinal)))
            .SelectMany(f => f.Lines.Select((line, i) => (f.Path, Line: line, Number: i + 1)))
            .Where(l => SdkName().IsMatch(WithoutComment(l.Line))).Select(l => $"{l.Path}:{l.Number}");
        None(offenders, place => $"{place} names an SDK namespace; pure rooms use none, so move the call to Store, Keys or Mailboxes.");
    }

    [Fact]
    public void Interfaces_stand_only_where_an_outside_system_has_a_twin()
    {
        string[] interfaces = [.. CoreAssembly.GetExportedTypes().Where(t => t.IsInterface).Select(t => t.Name)];
        Assert.True(interfaces.Length <= 6,
            $"Ingest.Core has {interfaces.Length} public interfaces ({string.Join(", ", interfaces)}), 6 are allowed; use a delegate or the concrete class where no outside system has a twin.");
    }

    [Fact]
    public void Names_say_what_a_thing_is_for()
    {
        string[] endings = ["Manager", "Helper", "Helpers", "Utils", "Util", "Utilities", "Impl"];
        None(Sources().Select(f => f.Path).Where(path => endings.Any(e => Path.GetFileNameWithoutExtension(path).EndsWith(e, StringComparison.Ordinal))),
            path => $"{path} has a name that says nothing; name the file for what its type promises.");

        string[] rooms = ["Azure", "Common", "Helpers", "Utils", "Managers", "Shared", "Misc"];
        None(Sources().SelectMany(f => f.Path.Split('/')[..^1].Select(folder => (Folder: folder, f.Path))).Where(x => rooms.Contains(x.Folder, StringComparer.OrdinalIgnoreCase)),
            x => $"{x.Path} lies in a room called {x.Folder}; a room is named for its job.");
    }

    [Fact]
    public void Files_are_short_or_say_why_not()
    {
        None(Sources().Where(f => f.Path.StartsWith("functions/", StringComparison.Ordinal) && f.Lines.Length > MostLines && !f.Lines.Take(5).Any(SaysWhy)),
            f => $"{f.Path} has {f.Lines.Length} lines; split it by job, or let a comment within its first five lines say why it is long.");
    }

    private static bool SaysWhy(string line) =>
        line.TrimStart().StartsWith("//", StringComparison.Ordinal) && line.Contains("long", StringComparison.OrdinalIgnoreCase);

    private static bool InPureRoom(Type type) => PureRooms.Any(room => IsOrIsBelow(type.Namespace ?? "", "Ingest.Core." + room));

    private static bool IsOrIsBelow(string name, string root) => name == root || name.StartsWith(root + ".", StringComparison.Ordinal);

    /// <summary>Every type in fields, signatures, bases and local variables of a type, taken apart to the innermost.</summary>
    private static IEnumerable<(string Where, Type Type)> Mentioned(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        IEnumerable<(string, Type?)> found = type.GetInterfaces().Append(type.BaseType).Select(t => (type.FullName!, t));
        found = found.Concat(type.GetFields(All).Select(f => ($"{type.FullName}.{f.Name}", (Type?)f.FieldType)));
        foreach (MethodBase method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            string where = $"{type.FullName}.{method.Name}";
            found = found.Concat(method.GetParameters().Select(p => (where, (Type?)p.ParameterType)))
                .Append((where, (method as MethodInfo)?.ReturnType))
                .Concat((method.GetMethodBody()?.LocalVariables ?? []).Select(v => (where, (Type?)v.LocalType)));
        }
        return found.Where(f => f.Item2 is not null).SelectMany(f => Parts(f.Item2!).Select(part => (f.Item1, part)));
    }

    private static IEnumerable<Type> Parts(Type type)
    {
        while (type.HasElementType)
            type = type.GetElementType()!;
        return type.IsGenericType ? type.GetGenericArguments().Where(a => !a.IsGenericParameter).SelectMany(Parts).Prepend(type) : [type];
    }

    private static void None<T>(IEnumerable<T> offenders, Func<T, string> sentence)
    {
        string[] sentences = [.. offenders.Select(sentence).Distinct()];
        Assert.True(sentences.Length == 0, string.Join(Environment.NewLine, sentences));
    }

    private static string WithoutComment(string line) =>
        line.IndexOf("//", StringComparison.Ordinal) is var at and >= 0 ? line[..at] : line;

    private static IEnumerable<(string Path, string[] Lines)> Sources()
    {
        string root = Root();
        foreach (string folder in (string[])["functions", "tests", "tools"])
            foreach (string file in Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            {
                string path = Path.GetRelativePath(root, file).Replace('\\', '/');
                if (!path.Split('/').Any(part => part is "bin" or "obj" or "node_modules"))
                    yield return (path, File.ReadAllLines(file));
            }
    }

    private static string Root([CallerFilePath] string here = "")
    {
        // A deterministic build maps source paths away; the folder of the running tests leads to the same place.
        foreach (string start in (string[])[Path.GetDirectoryName(here) ?? "", AppContext.BaseDirectory])
            for (DirectoryInfo? folder = start.Length > 0 && Directory.Exists(start) ? new(start) : null; folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "Ingest.sln")))
                    return folder.FullName;
        throw new DirectoryNotFoundException("Ingest.sln is not above the tests; run them from a checkout.");
    }

    [GeneratedRegex(@"(^|[^\w.])(global::)?(Azure|Google)\.\w|using\s+(static\s+)?(global::)?(Azure|Google)\b", RegexOptions.NonBacktracking)]
    private static partial Regex SdkName();
}
