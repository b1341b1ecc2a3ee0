using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Ingest.App.Tests.Secrecy;

/// <summary>What a log method may take: the logger, enums, numbers, times, and texts that are known to be ids or codes by their names.</summary>
internal static class LogGuard
{
    private static readonly HashSet<string> Texts = ["tenant", "inbox", "messageKey", "ticket", "person", "function", "method", "area", "faultType", "where", "why", "operation", "vaultKey", "request", "bulk"];

    private static readonly HashSet<Type> Numbers = [typeof(int), typeof(long), typeof(double), typeof(bool), typeof(TimeSpan), typeof(DateTimeOffset), typeof(Guid)];

    /// <summary>The methods that write log lines, in a type or an assembly's types.</summary>
    public static IEnumerable<MethodInfo> Methods(IEnumerable<Type> types) =>
        types.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null);

    /// <summary>What a method takes that it must not, in sentences.</summary>
    public static IEnumerable<string> Faults(MethodInfo method) =>
        from parameter in method.GetParameters()
        let type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType
        where !(typeof(ILogger).IsAssignableFrom(type) || type.IsEnum || Numbers.Contains(type) || (type == typeof(string) && Texts.Contains(parameter.Name!)))
        select $"{method.DeclaringType!.Name}.{method.Name} takes {type.Name} {parameter.Name}: a log line holds ids, enums and numbers, so pass one of these.";
}
