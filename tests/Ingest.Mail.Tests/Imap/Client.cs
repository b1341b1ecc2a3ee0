using System.Globalization;
using System.Text;
using Ingest.Mail.Imap;
using Ingest.Mail.Tests.Wire;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Tests.Imap;

/// <summary>A client that does what a transcript tells it to, and tells in a line each what came of it.</summary>
internal sealed class Client(MailServer server, WireOptions options) : ITranscriptClient
{
    private ImapConnection? _imap;

    public ValueTask DisposeAsync() => _imap?.DisposeAsync() ?? ValueTask.CompletedTask;

    public async IAsyncEnumerable<string> DoAsync(string action, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string[] words = [.. action.Split(' ').Select(word => word.Replace("%20", " ", StringComparison.Ordinal))];
        await using IAsyncEnumerator<string> results = RunAsync(words, cancel).GetAsyncEnumerator(cancel);
        while (true)
        {
            string result;
            bool isOver = false;
            try
            {
                if (!await results.MoveNextAsync()) yield break;
                result = results.Current;
            }
            catch (ImapRefusedException refused)
            {
                (result, isOver) = ("refused " + refused.Code + (refused.IsBad ? " bad" : "") + (refused.MayPass ? " for now" : ""), true);
            }
            catch (WireException broken)
            {
                (result, isOver) = ((broken.IsRefusal ? "refused " : "broken ") + broken.Code, true);
            }

            yield return result;
            if (isOver) yield break;
        }
    }

    private async IAsyncEnumerable<string> RunAsync(string[] words, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        ImapConnection imap = _imap ??= await ImapConnection.ConnectAsync(server, options, "A", cancel);
        switch (words)
        {
            case ["connect"]:
                yield return (imap.IsAuthenticated ? "signed in: " : "connected: ") + string.Join(' ', imap.Capabilities.Names);
                break;
            case ["sign-in", var user, var password]:
                await imap.SignInAsync(new ImapLogin(user, password), cancel);
                yield return "signed in: " + string.Join(' ', imap.Capabilities.Names);
                break;
            case ["token", var user, var token]:
                await imap.SignInAsync(new ImapLogin(user, token, IsToken: true), cancel);
                yield return "signed in";
                break;
            case ["id"]:
                await imap.IdAsync("Ingest", "1", cancel);
                break;
            case ["list"]:
                foreach (ImapFolder folder in await imap.ListAsync(cancel)) yield return $"{folder.Name} | {folder.Delimiter} | {folder.Marks}";
                break;
            case ["examine" or "select", var name]:
                yield return Text(words[0] == "select" ? await imap.SelectAsync(name, cancel) : await imap.ExamineAsync(name, cancel));
                break;
            case ["status", var name]:
                yield return Text(await imap.StatusAsync(name, cancel));
                break;
            case ["search", var from]:
                yield return string.Join(' ', await imap.SearchUidsAsync(Number(from), null, null, cancel));
                break;
            case ["search", var from, var to, var day]:
                yield return string.Join(' ', await imap.SearchUidsAsync(Number(from), Number(to), DateTimeOffset.Parse(day, CultureInfo.InvariantCulture), cancel));
                break;
            case ["search-id", var id]:
                yield return string.Join(' ', await imap.SearchMessageIdAsync(id, cancel));
                break;
            case ["edge", var which]:
                yield return (await imap.FetchEdgeUidAsync(which == "last", cancel))?.ToString(CultureInfo.InvariantCulture) ?? "none";
                break;
            case ["facts", .. var uids]:
                foreach (ImapMessageFacts facts in await imap.FetchFactsAsync(Numbers(uids), cancel)) yield return $"{facts.Uid} {facts.Size?.ToString(CultureInfo.InvariantCulture) ?? "?"} {Date(facts.Received)}";
                break;
            case ["fetch", .. var uids]:
                await foreach (ImapMail mail in imap.FetchMailAsync(Numbers(uids), 1000, cancel)) yield return Text(mail);
                break;
            case ["large", var uid]:
                yield return await imap.FetchLargeMailAsync(Number(uid), 10, 1000, cancel) is { } large ? Text(large) : "none";
                break;
            case ["flag", var flag, .. var uids]:
                await imap.AddFlagAsync(Numbers(uids), flag, cancel);
                break;
            case ["move", var folder, .. var uids]:
                yield return (await imap.MoveAsync(Numbers(uids), folder, cancel)).ToString();
                break;
            case ["append", var folder, var text]:
                yield return (await imap.AppendAsync(folder, Transcript.Unescape(text), new DateTimeOffset(2026, 2, 1, 9, 8, 7, TimeSpan.FromHours(1)), cancel))?.ToString() ?? "somewhere";
                break;
            case ["noop"]:
                await imap.NoopAsync(cancel);
                yield return (imap.Selected?.Exists ?? -1).ToString(CultureInfo.InvariantCulture);
                break;
            case ["logout"]:
                await imap.LogoutAsync(cancel);
                yield return imap.IsOver ? "gone" : "still here";
                break;
            default:
                throw new FormatException("Not a step: " + string.Join(' ', words));
        }
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);

    private static uint[] Numbers(string[] texts) => [.. texts.Select(Number)];

    private static string Date(DateTimeOffset? date) => date?.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture) ?? "?";

    private static string Text(ImapFolderState folder) =>
        $"{folder.Name} validity={folder.UidValidity} next={folder.UidNext} exists={folder.Exists}{(folder.IsReadOnly ? " read-only" : "")}";

    private static string Text(ImapMail mail) =>
        $"{mail.Uid} {mail.Body} {Date(mail.Received)} <{Encoding.Latin1.GetString(mail.Raw.Span).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}>";
}
