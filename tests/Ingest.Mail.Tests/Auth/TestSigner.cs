using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;

namespace Ingest.Mail.Tests.Auth;

/// <summary>Signs as nobody should, to see what becomes of it: l=, short keys, fields left out.</summary>
internal sealed class TestSigner(int bits = 2048)
{
    private readonly RSA rsa = RSA.Create(bits);

    public ValueTask<DnsAnswer> LookupAsync(string name, DnsType type, CancellationToken cancel) =>
        ValueTask.FromResult(new DnsAnswer(DnsStatus.Answer) { Texts = ["v=DKIM1; p=" + Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())] });

    public byte[] Sign(string message, long? length = null, string extra = "", string names = "from")
    {
        var raw = Encoding.Latin1.GetBytes(message);
        var fields = new SignedFields(raw);
        var (hashes, _) = DkimBody.Hash(raw.AsSpan(fields.BodyStart), DkimForm.Relaxed, "\r\n"u8, [length ?? long.MaxValue]);
        var field = $"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=s; h={names};{extra}{(length is null ? "" : $" l={length};")} bh={Convert.ToBase64String(hashes[0])}; b=";
        var header = new ArrayBufferWriter<byte>();
        DkimSigner.WriteHeader(fields, names.Split(':'), DkimForm.Relaxed, header);
        DkimCanonical.Field(Encoding.Latin1.GetBytes(field), DkimForm.Relaxed, "\r\n"u8, header);
        var signature = rsa.SignData(header.WrittenSpan, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return Encoding.Latin1.GetBytes($"{field}{Convert.ToBase64String(signature)}\r\n{message}");
    }
}
