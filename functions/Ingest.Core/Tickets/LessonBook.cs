using System.Text.Json.Serialization;
using Ingest.Core.Spam;
using Ingest.Core.Spam.Learning;

namespace Ingest.Core.Tickets;

/// <summary>A lesson as its row tells in the clear: ids, codes and a time.</summary>
/// <param name="TicketId">The ticket that holds the mail.</param>
/// <param name="MessageKey">The mail.</param>
/// <param name="By">Who said it: a random id, or a word for what is nobody's.</param>
/// <param name="At">When.</param>
/// <param name="Verdict">What they said.</param>
/// <param name="Source">What it was learned from.</param>
public sealed record LessonLine(string TicketId, string MessageKey, string By, DateTimeOffset At, LessonVerdict Verdict, LessonSource Source)
{
    /// <summary>Its name.</summary>
    public string Id => $"{TicketId}.{MessageKey}.{By}";
}

/// <summary>A mail of which nobody said anything, and by which a model is held in place.</summary>
/// <param name="TicketId">The ticket that holds it; what is kept of it is sealed under its key and goes with it.</param>
/// <param name="MessageKey">The mail.</param>
/// <param name="Features">Its kept features.</param>
public sealed record OrdinaryMail(string TicketId, string MessageKey, FeatureVector Features);

/// <summary>All that a model is built from.</summary>
/// <param name="Lessons">The lessons that can be opened.</param>
/// <param name="Ordinary">Mail that holds the model in place.</param>
/// <param name="Gone">Rows whose ticket's key was erased, by row key. Others that do not open are in none of these.</param>
public sealed record LessonBook(IReadOnlyList<Lesson> Lessons, IReadOnlyList<OrdinaryMail> Ordinary, IReadOnlyList<string> Gone);

/// <summary>How a tenant's model stands.</summary>
/// <param name="Revision">Grows with each lesson that comes or goes.</param>
/// <param name="Built">The revision that the model was built from.</param>
/// <param name="Version">Which model it is, counted from 1; 0 before the first.</param>
/// <param name="At">When it was built.</param>
/// <param name="Lessons">How many lessons it was built from.</param>
public sealed record ModelState(long Revision, long Built, int Version, DateTimeOffset At, int Lessons)
{
    /// <summary>The sealed model; null when no lesson counts.</summary>
    internal byte[]? Box { get; init; }
    /// <summary>Under whose name the model's key is kept; empty before the first.</summary>
    internal string Owner { get; init; } = "";
    /// <summary>The row's version.</summary>
    internal string Etag { get; init; } = "";
}

/// <summary>What a lesson keeps sealed.</summary>
/// <param name="Base">What the filter said without lessons, as log-odds.</param>
/// <param name="Sender">Whose mail it is, as a number.</param>
/// <param name="Features">The kept features.</param>
internal sealed record LessonDocument(double Base, long Sender, byte[] Features);

/// <summary>Serialisation without reflection.</summary>
[JsonSerializable(typeof(LessonDocument))]
internal sealed partial class LessonJson : JsonSerializerContext;
