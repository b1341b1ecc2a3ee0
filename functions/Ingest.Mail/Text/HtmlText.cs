namespace Ingest.Mail.Text;
public static class HtmlText { public static string Convert(string html) => html; }
