using System.Text;

namespace Ingest.Core.Keys;

/// <summary>Secret files that only their owner may read, made whole or not at all.</summary>
internal static class OwnerOnlyFile
{
    // Making an RSA key takes seconds on a busy machine.
    private const int MostTries = 3000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = Owner | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const UnixFileMode Others = OthersWrite | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The file's text, made if there is none; of two makers the second reads the first one's.</summary>
    public static string ReadOrMake(string folder, string name, Func<string> make)
    {
        RequireFolder(folder);
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            using FileStream turn = WaitForTurn(path + ".lock");
            if (!File.Exists(path))
                Make(path, make());
        }

        RequireOwnerOnly(path);
        return File.ReadAllText(path);
    }

    // A move looks whether the name is taken before it takes it, and two makers could meet in between. Whoever opens a lock that was just deleted finds the file made.
    private static FileStream WaitForTurn(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Owner;
        for (int tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (tries < MostTries)
            {
                Thread.Sleep(Pause);
            }
        }
    }

    private static void Make(string path, string text)
    {
        string draft = $"{path}.{Guid.NewGuid():N}";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Owner;
        try
        {
            using (FileStream file = new(draft, options))
            {
                file.Write(Encoding.ASCII.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            // Under its name it is whole from the beginning.
            File.Move(draft, path, overwrite: false);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static void RequireFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, OwnerFolder);
        if ((File.GetUnixFileMode(folder) & OthersWrite) != 0)
            throw new InvalidOperationException($"Others can write to the key folder {folder}. Run: chmod 700 '{folder}'");
    }

    private static void RequireOwnerOnly(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            throw new InvalidOperationException($"Others can read the key file {path}. Make new keys, or run: chmod 600 '{path}'");
    }
}
