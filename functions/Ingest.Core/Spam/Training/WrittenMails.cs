namespace Ingest.Core.Spam.Training;

/// <summary>Mails made from written examples.</summary>
public static class WrittenMails
{
    /// <summary>The mails of all files (*.txt) of a folder, in the order of their names.</summary>
    public static IEnumerable<TrainingMail> Read(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*.txt", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            foreach (TrainingMail mail in WrittenMail.ReadAll(File.ReadAllText(file)))
                yield return mail;
    }
}
