namespace Ingest.Cli;

/// <summary>The command could not run and a person can put it right: the message names the problem and the fix in plain sentences.</summary>
public sealed class CannotRunException(string message, Exception? inner = null) : Exception(message, inner);
