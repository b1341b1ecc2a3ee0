namespace Ingest.LocalHost;

/// <summary>The host cannot start, and a person can put it right: the message says how.</summary>
public sealed class LocalHostException(string message, Exception? inner = null) : Exception(message, inner);
