namespace Ingest.Mail.Text;
public readonly record struct TrimmedReply(string Reply, string Elided, string Signature);
public static class ReplyTrimmer { public static TrimmedReply Trim(string text) => new(text, "", ""); }
