using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ingest.Core.Mailboxes;

/// <summary>How far one folder was read. Its UIDs are of one generation: when UIDVALIDITY changes they mean other messages, and the folder begins anew.</summary>
/// <param name="Folder">The folder's place in the settings.</param>
/// <param name="Validity">The generation; 0 where the server names none.</param>
/// <param name="Uid">The highest UID that was listed.</param>
/// <param name="Next">UIDNEXT when all was listed; 0 while more waits, or where the server does not tell it.</param>
/// <param name="Old">UIDs below this were there when the folder began: of those only mail received since <paramref name="Since"/> is taken. 0 when all is.</param>
/// <param name="Since">Unix seconds.</param>
internal sealed record ImapPlace(
    [property: JsonPropertyName("f")] int Folder,
    [property: JsonPropertyName("v")] uint Validity,
    [property: JsonPropertyName("u")] uint Uid,
    [property: JsonPropertyName("n")] uint Next = 0,
    [property: JsonPropertyName("b")] uint Old = 0,
    [property: JsonPropertyName("s")] long Since = 0);

/// <summary>How far the folders of a mailbox were read, each by itself.</summary>
internal sealed record ImapCursor([property: JsonPropertyName("folders")] IReadOnlyList<ImapPlace> Folders)
{
    public ImapPlace? Find(int folder) => Folders.FirstOrDefault(place => place.Folder == folder);

    public ImapCursor With(ImapPlace place) => new([.. Folders.Where(there => there.Folder != place.Folder).Append(place).OrderBy(there => there.Folder)]);

    public SourceCursor Write() => new(JsonSerializer.Serialize(this, ImapCursorJson.Default.ImapCursor));

    public static ImapCursor Read(SourceCursor? cursor)
    {
        if (cursor is null) return new([]);
        try
        {
            return JsonSerializer.Deserialize(cursor.Value, ImapCursorJson.Default.ImapCursor) is { Folders: not null } read ? read : throw new FormatException("Not an IMAP cursor.");
        }
        catch (JsonException)
        {
            throw new FormatException("Not an IMAP cursor.");
        }
    }
}

/// <summary>What names a message: the folder's place, the generation and the UID.</summary>
internal readonly record struct ImapMailId(int Folder, uint Validity, uint Uid)
{
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Folder}.{Validity}.{Uid}");

    public static ImapMailId Parse(string id) => id.Split('.') is [var folder, var validity, var uid]
        ? new(int.Parse(folder, System.Globalization.CultureInfo.InvariantCulture), uint.Parse(validity, System.Globalization.CultureInfo.InvariantCulture), uint.Parse(uid, System.Globalization.CultureInfo.InvariantCulture))
        : throw new FormatException("Not an id of an IMAP message.");
}

[JsonSerializable(typeof(ImapCursor))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class ImapCursorJson : JsonSerializerContext;
