namespace Ingest.App.Tests.Endurance;

/// <summary>How long the tests of this room run: a minute in the everyday run, long ones with INGEST_ENDURANCE=full.</summary>
internal sealed record EnduranceSize(int FolderMails, int GoogleMails, int Kills, TimeSpan LongestPauseBetweenKills, int OutageMails, TimeSpan Outage)
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("INGEST_ENDURANCE") == "full";

    public static EnduranceSize Now { get; } = IsFull
        ? new(2000, 300, 100, TimeSpan.FromSeconds(4), 600, TimeSpan.FromMinutes(3))
        : new(130, 20, 8, TimeSpan.FromSeconds(2), 100, TimeSpan.FromSeconds(15));
}
