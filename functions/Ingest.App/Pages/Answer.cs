namespace Ingest.App.Pages;

/// <summary>How a page is sent: never stored, never framed by others, no scripts, nothing loaded from elsewhere.</summary>
public static class Answer
{
    /// <summary>Sends a page. <paramref name="formsMayLeadTo"/> is another origin to which a form of this page may be redirected, as to a consent page.</summary>
    public static Task PageAsync(HttpContext http, int status, Frame frame, Markup content, string formsMayLeadTo = "")
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        // Nothing is told to other sites; under "no-referrer" browsers would hide the origin of our own forms from us, too.
        http.Response.Headers["Referrer-Policy"] = "same-origin";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
            + $"form-action 'self'{(formsMayLeadTo.Length > 0 ? " " + formsMayLeadTo : "")}; frame-ancestors 'none'; base-uri 'none'";
        return http.Response.WriteAsync(Layout.Page(frame, content).ToString(), http.RequestAborted);
    }

    /// <summary>Sends a page that says one thing and what to do next.</summary>
    public static Task NoticeAsync(HttpContext http, int status, Frame frame, string text, (string Label, string Path)? next = null) =>
        PageAsync(http, status, frame, Markup.Of($"""
            <h1>{frame.Title}</h1>
            <p>{text}</p>
            {(next is { } way ? Markup.Of($"""<p><a class="button" href="{way.Path}">{way.Label}</a></p>""") : Markup.Empty)}
            """));

    /// <summary>Sends the browser on after a form was taken in, so that loading the page again repeats nothing.</summary>
    public static void SeeOther(HttpContext http, string path)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = path;
    }
}
