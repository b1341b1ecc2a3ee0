namespace Ingest.Mail.Tests.Mime.Suites;

/// <summary>A mail with the one or the other line end.</summary>
internal static class LineEnds
{
    public static byte[] CrLf(byte[] mail) => FixtureTests.WithCrLf(mail);

    public static byte[] Lf(byte[] mail) => [.. mail.Where((b, i) => b != '\r' || i + 1 == mail.Length || mail[i + 1] != '\n')];
}
