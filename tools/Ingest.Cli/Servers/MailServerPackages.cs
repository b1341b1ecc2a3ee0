namespace Ingest.Cli.Servers;

/// <summary>Dovecot and Postfix on this machine, installed by tools/prerequisites.sh where that is allowed.</summary>
public static class MailServerPackages
{
    private const string Dovecot = "/usr/sbin/dovecot";
    private const string Master = "/usr/lib/postfix/sbin/master";

    /// <summary>Null once they are there; otherwise why not, with the command that would install them.</summary>
    /// <param name="postfix">Whether Postfix is wanted, too; its master must be root.</param>
    /// <param name="cancel">Stops waiting for the installation.</param>
    public static async Task<string?> EnsureAsync(bool postfix, CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux())
            return "Dovecot and Postfix are started on Linux only.";
        if (postfix && !Environment.IsPrivilegedProcess)
            return "Postfix's master must be root, and this process is not.";
        if (AreThere(postfix))
            return null;

        using FileStream _ = await LockAsync(cancel);
        return AreThere(postfix) ? null : await InstallAsync(postfix, cancel);
    }

    private static bool AreThere(bool postfix) =>
        File.Exists(Dovecot) && File.Exists("/usr/lib/dovecot/imap") && File.Exists("/usr/lib/dovecot/lmtp") && (!postfix || File.Exists(Master));

    private static async Task<string?> InstallAsync(bool postfix, CancellationToken cancel)
    {
        string repo = RepoFolder.Find();
        var start = new ChildStart
        {
            Name = "installing Dovecot and Postfix",
            Program = "/bin/bash",
            Arguments = ["-c", "repo=$PWD; . tools/prerequisites.sh; require_mail_servers"],
            WorkingFolder = repo,
        };
        await using ChildProcess shell = ChildProcess.Start(start);
        try
        {
            await shell.Exited.WaitAsync(TimeSpan.FromMinutes(5), cancel);
        }
        catch (TimeoutException)
        {
            return "Installing Dovecot and Postfix took more than 5 minutes.";
        }

        return AreThere(postfix) ? null : string.Join(' ', shell.LastLines.TakeLast(3).Prepend("Dovecot and Postfix are missing."));
    }

    // Two installations at once would fail on apt's own lock.
    private static async Task<FileStream> LockAsync(CancellationToken cancel)
    {
        string path = Path.Combine(Path.GetTempPath(), "ingest-mail-servers.lock");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(6));
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), patience.Token);
            }
        }
    }
}
