namespace Ingest.Cli.Servers;

/// <summary>A server that this machine should run cannot run; the message says what the reader can do about it.</summary>
public sealed class ServerException : Exception
{
    public ServerException(string message)
        : base(message)
    {
    }

    public ServerException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public ServerException()
        : base("A server could not be started.")
    {
    }
}
