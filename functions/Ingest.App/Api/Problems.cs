namespace Ingest.App.Api;

/// <summary>A problem (RFC 9457).</summary>
/// <param name="Type">Where the kind of problem is described: an address relative to this server.</param>
/// <param name="Title">What is wrong, in one line.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The kind of problem, for programs; it never changes.</param>
/// <param name="Detail">What to do about it.</param>
public sealed record Problem(string Type, string Title, int Status, string Code, string Detail);

/// <summary>The kinds of problem that the API has words for.</summary>
internal static class Problems
{
    public static readonly Problem NotSignedIn = Of("not-signed-in", 401, "Not signed in",
        "Send a token in the header \"Authorization: Bearer ...\". Tokens end, are revoked, and may be bound to addresses: ask whoever made yours.");

    public static readonly Problem NotAllowed = Of("permission-missing", 403, "Not allowed", "This token lacks the permission that this address asks for; the API description names it. Ask for a token that has it.");
    public static readonly Problem NotFound = Of("not-found", 404, "Not found", "There is nothing at this address for this token.");
    public static readonly Problem WrongMethod = Of("method-not-allowed", 405, "Method not allowed", "The header Allow names the methods that this address takes.");
    public static readonly Problem Invalid = Of("invalid-request", 400, "Not understood", "Compare query and body with the API description: a field is missing, unknown, or of another form.");
    public static readonly Problem InvalidCursor = Of("invalid-cursor", 400, "Cursor not understood", "Send \"next\" of the page before as it is, with the same filters, or leave the cursor out to begin again.");
    public static readonly Problem InvalidKey = Of("invalid-idempotency-key", 400, "Idempotency-Key not understood", "Send 1 to 200 visible ASCII characters, such as a random UUID, once.");
    public static readonly Problem BodyMissing = Of("body-missing", 400, "No body", "Send a JSON object with its Content-Length; a chunked body may not arrive.");
    public static readonly Problem KeyReused = Of("idempotency-key-reused", 409, "Idempotency-Key used before", "This key was used for something else on this ticket: take a new key for each reply.");
    public static readonly Problem Changed = Of("changed-meanwhile", 412, "Changed meanwhile", "It is no longer what had the ETag that you sent in If-Match: read it again and decide anew.");
    public static readonly Problem NotInDoubt = Of("reply-not-in-doubt", 409, "Not in doubt",
        "Only a reply whose delivery is Uncertain is settled by a person, and each try once: read its message, whose delivery says how it stands.");

    public static readonly Problem DecidedBefore = Of("decided-before", 409, "Decided before", "Somebody let this mail in or deleted it before: its line in the journal says which.");
    public static readonly Problem OriginalGone = Of("original-gone", 410, "Original gone", "The mail's original was erased or its time was over: it can neither be shown nor let in.");
    public static readonly Problem OriginalNotKept = Of("original-not-kept", 410, "Original not kept", "The mail's original was destroyed: the mailbox's redaction keeps none, something in it was redacted, or somebody destroyed it. The ticket holds what is left.");
    public static readonly Problem Damaged = Of("damaged", 409, "Damaged", "What is stored here does not open, because somebody wrote over it or a part of it was lost. Nothing was changed: tell your operator, who may find it whole in a copy of the storage.");
    public static readonly Problem TooSlow = Of("body-too-slow", 408, "Too slow", "The body did not come in time: 128 KiB a second after the first ten seconds are enough. Send it again, or send files as links.");
    public static readonly Problem TooLarge = Of("body-too-large", 413, "Too large", "The body is larger than this address takes; the API description says how much. Send files as links.");
    public static readonly Problem WrongType = Of("unsupported-media-type", 415, "Not JSON", "Send the body with Content-Type: application/json.");
    public static readonly Problem Refused = Of("refused", 422, "Refused", "What was asked cannot be done as it stands; detail says why, and code is one of the product's own.");
    public static readonly Problem OurFault = Of("our-fault", 500, "Our fault", "It was recorded; try again, and tell your operator if it stays.");
    public static readonly Problem NotNow = Of("not-now", 503, "Not now", "A service behind this one does not answer; try again in a moment.");

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<Problem> All { get; } =
        [NotSignedIn, NotAllowed, NotFound, WrongMethod, Invalid, InvalidCursor, InvalidKey, BodyMissing, KeyReused, NotInDoubt, DecidedBefore, OriginalGone, OriginalNotKept, Damaged, Changed, TooSlow, TooLarge, WrongType, Refused, OurFault, NotNow];

    /// <summary>A refusal with a code and words of its own.</summary>
    public static Problem RefusedFor(string code, string fix) => Refused with { Code = code, Detail = fix };

    private static Problem Of(string code, int status, string title, string detail) => new($"{ApiDescription.Path}#/x-problems/{code}", title, status, code, detail);
}
