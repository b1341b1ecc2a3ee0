namespace Ingest.Cli.Servers;

/// <summary>What a pair of mail servers is to be like.</summary>
public sealed record MailServerOptions
{
    /// <summary>False: Dovecot alone, which needs no root.</summary>
    public bool Postfix { get; init; } = true;

    /// <summary>Addresses at example.test that may sign in, each with the password <see cref="Password"/>.</summary>
    public IReadOnlyList<string> Users { get; init; } = ["alice@example.test", "bob@example.test", "support@example.test"];

    /// <summary>The password of everybody.</summary>
    public string Password { get; init; } = "secret";

    /// <summary>Lines added to Postfix's main.cf, such as <c>message_size_limit = 100000</c>.</summary>
    public IReadOnlyList<string> PostfixSettings { get; init; } = [];

    /// <summary>Lines added to Dovecot's configuration, such as <c>mail_plugins = quota</c>.</summary>
    public IReadOnlyList<string> DovecotSettings { get; init; } = [];
}
