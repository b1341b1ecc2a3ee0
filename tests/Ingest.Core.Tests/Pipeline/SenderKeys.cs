using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Domains with keys of their own, and the zone that publishes them.</summary>
internal static class SenderKeys
{
    /// <summary>A domain that asks for rejection, signs, and sends from 192.0.2.1.</summary>
    public static SendingDomain Customer { get; } = new("customer.example");

    /// <summary>A mailing list.</summary>
    public static SendingDomain Lists { get; } = new("lists.example");

    /// <summary>What DNS says of them.</summary>
    public static DnsLookup Zone { get; } = Table([]).LookupAsync;

    /// <summary>The same, with some names as given: records, or SERVFAIL.</summary>
    public static DnsTable Table(Dictionary<string, object> changes)
    {
        Dictionary<string, object> names = new()
        {
            ["customer.example"] = new { TXT = new[] { "v=spf1 ip4:192.0.2.1 -all" } },
            ["_dmarc.customer.example"] = new { TXT = new[] { "v=DMARC1; p=reject" } },
            ["s._domainkey.customer.example"] = new { TXT = new[] { Customer.Record } },
            ["s._domainkey.lists.example"] = new { TXT = new[] { Lists.Record } },
        };
        foreach ((string name, object records) in changes) names[name] = records;
        return DnsTable.Parse(JsonSerializer.SerializeToUtf8Bytes(names));
    }
}

/// <summary>A domain that signs with the key s._domainkey.</summary>
internal sealed class SendingDomain(string name)
{
    private readonly RSA _key = RSA.Create(2048);

    public string Record => "v=DKIM1; p=" + Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());

    /// <summary>Signs a mail as its author's server does.</summary>
    public byte[] Sign(string mail)
    {
        using DkimKey key = DkimKey.FromPem(_key.ExportPkcs8PrivateKeyPem());
        return DkimSigner.Sign(Encoding.ASCII.GetBytes(mail), new DkimSignature { Domain = name, Selector = "s", Key = key });
    }

    /// <summary>Passes a mail on with a seal that says what was found out when it came (RFC 8617), the first of its chain.</summary>
    public byte[] Seal(string mail, string found, string signedFields = "from:subject")
    {
        int end = mail.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        string[] fields = mail[..end].Split("\r\n");
        string body = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(mail[(end + 4)..])));
        string results = $"ARC-Authentication-Results: i=1; {found}";
        string message = $"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d={name}; s=s; h={signedFields}; bh={body}; b=";
        message += Signature([.. signedFields.Split(':').Select(field => fields.Single(f => f.StartsWith(field + ":", StringComparison.OrdinalIgnoreCase))), message]);
        string seal = $"ARC-Seal: i=1; a=rsa-sha256; cv=none; d={name}; s=s; b=";
        seal += Signature([results, message, seal]);
        return Encoding.ASCII.GetBytes($"{seal}\r\n{message}\r\n{results}\r\n{mail}");
    }

    // What is written here has no folds and no double blanks, so only case and colons differ from the relaxed form.
    private string Signature(IReadOnlyList<string> fields)
    {
        string text = string.Join("\r\n", fields.Select(f => f[..f.IndexOf(':', StringComparison.Ordinal)].ToLowerInvariant() + ":" + f[(f.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()));
        return Convert.ToBase64String(_key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }
}
