namespace Ingest.Mail.Mime;

/// <summary>Finds the outermost protection of a mail (RFC 8551, RFC 3156), never inside forwarded mails.</summary>
internal static class ProtectionReader
{
    private const string Clear = "-----BEGIN PGP SIGNED MESSAGE-----", Armor = "-----BEGIN PGP MESSAGE-----";

    public static MailProtection? Read(MimePart root, IReadOnlyList<MailAddress> authors, string? text) =>
        InParts(root, authors) ?? (HasLine(text, Clear) ? Plain(ProtectionKind.PgpSigned) : HasLine(text, Armor) ? Plain(ProtectionKind.PgpEncrypted) : null);

    private static MailProtection? InParts(MimePart part, IReadOnlyList<MailAddress> authors)
    {
        if (part.ContentType == "multipart/signed" && part.Children is [var signed, var signature, ..])
        {
            if (signature.ContentType is "application/pkcs7-signature" or "application/x-pkcs7-signature")
                return SmimeReader.CheckDetached(signed, signature, authors);
            if (signature.ContentType == "application/pgp-signature")
                return Plain(ProtectionKind.PgpSigned);
        }
        if (part.ContentType == "multipart/encrypted" && part.Children.Count > 0 && part.Children[0].ContentType == "application/pgp-encrypted")
            return Plain(ProtectionKind.PgpEncrypted);
        if (SmimeReader.IsOpaque(part))
        {
            var content = part.DecodeContent();
            SmimeReader.Open(content, out var kind);
            return kind == ProtectionKind.SmimeSigned ? SmimeReader.Check(content, authors) : (kind ?? SmimeReader.KindOfStart(content)) is { } other ? Plain(other) : null;
        }
        if (part.IsMessage)
            return null;
        foreach (var child in part.Children)
        {
            if (InParts(child, authors) is { } found)
                return found;
        }
        return null;
    }

    private static MailProtection Plain(ProtectionKind kind) => new(kind, SignatureState.NotChecked, [], false);

    private static bool HasLine(string? text, string line)
    {
        var at = text?.IndexOf(line, StringComparison.Ordinal) ?? -1;
        return at == 0 || (at > 0 && text![at - 1] == '\n');
    }
}
