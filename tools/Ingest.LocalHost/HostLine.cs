namespace Ingest.LocalHost;

public enum HostLineKind { Lifecycle, Warning, Error, FunctionLog, HandlerOut, HandlerWarning, HandlerError, HandlerSystem }

/// <summary>One line of what the host or a handler said; <paramref name="Source"/> is "host", a handler's name or a function's.</summary>
public readonly record struct HostLine(HostLineKind Kind, string Source, string Text)
{
    public override string ToString() => $"[{Source}] {Text}";
}
