using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Ingest.Mail.Auth;

namespace Ingest.Mail.Tests.Auth;

/// <summary>As much of a DKIM verifier as shows that the canonical forms are the ones that others signed; the independent verifier is mailauth.</summary>
internal static partial class DkimCheck
{
    /// <summary>For each signature of the message, newest last: whether body hash and, where a RSA key is known, signature hold.</summary>
    public static List<(string Selector, bool Body, bool? Signature)> Run(byte[] message, Func<string, string?> txt)
    {
        var results = new List<(string, bool, bool?)>();
        var count = new SignedFields(message).Count("DKIM-Signature");
        for (var turn = 0; turn < count; turn++)
            results.Add(One(message, turn, txt));
        return results;
    }

    private static (string, bool, bool?) One(byte[] message, int turn, Func<string, string?> txt)
    {
        var fields = new SignedFields(message);
        var raw = Encoding.Latin1.GetString(fields.Take("DKIM-Signature", turn));
        var tags = raw[(raw.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static tag => tag.Split('=', 2)).ToDictionary(static tag => tag[0].Trim(), static tag => Blanks().Replace(tag[1], ""));
        string[] forms = [.. tags.GetValueOrDefault("c", "simple/simple").Split('/'), "simple"];
        var body = DkimCanonical.BodyHash(message.AsSpan(fields.BodyStart), Form(forms[1]), fields.NewLine);
        var bodyHolds = Convert.ToBase64String(body) == tags["bh"];
        if (!tags["a"].StartsWith("rsa", StringComparison.Ordinal) || txt($"{tags["s"]}._domainkey.{tags["d"]}") is not { } record)
            return (tags["s"], bodyHolds, null);

        var header = new ArrayBufferWriter<byte>();
        DkimSigner.WriteHeader(fields, tags["h"].Split(':'), Form(forms[0]), header);
        DkimCanonical.Field(Encoding.Latin1.GetBytes(Value().Replace(raw, "$1")), Form(forms[0]), fields.NewLine, header);
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(Blanks().Replace(record.Split("p=")[1].Split(';')[0], "")), out _);
        return (tags["s"], bodyHolds, key.VerifyData(header.WrittenSpan, Convert.FromBase64String(tags["b"]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static DkimForm Form(string word) => word == "relaxed" ? DkimForm.Relaxed : DkimForm.Simple;

    [GeneratedRegex(@"\s")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"((?<=[;\s])b\s*=)[^;]*")]
    private static partial Regex Value();
}
