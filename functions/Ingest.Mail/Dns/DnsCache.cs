namespace Ingest.Mail.Dns;

/// <summary>Remembers answers for as long as they hold, up to a number of them.</summary>
internal sealed class DnsCache(int most, TimeProvider time)
{
    private readonly Lock turn = new();
    private readonly Dictionary<(string, DnsType), (DnsAnswer Answer, DateTimeOffset Until)> answers = [];

    public DnsAnswer? Find(string name, DnsType type)
    {
        lock (turn)
            return answers.TryGetValue((name, type), out var found) && found.Until > time.GetUtcNow() ? found.Answer : null;
    }

    public void Keep(string name, DnsType type, DnsAnswer answer)
    {
        if (answer.TimeToLive <= TimeSpan.Zero || most == 0)
            return;
        lock (turn)
        {
            if (answers.Count >= most)
                MakeRoom();
            answers[(name, type)] = (answer, time.GetUtcNow() + answer.TimeToLive);
        }
    }

    // What is over goes first, else the quarter that would go next: rare, so that keeping stays cheap.
    private void MakeRoom()
    {
        var now = time.GetUtcNow();
        foreach (var (key, kept) in answers)
        {
            if (kept.Until <= now)
                answers.Remove(key);
        }
        if (answers.Count < most)
            return;
        foreach (var (key, _) in answers.OrderBy(static answer => answer.Value.Until).Take(Math.Max(1, most / 4)).ToList())
            answers.Remove(key);
    }
}
