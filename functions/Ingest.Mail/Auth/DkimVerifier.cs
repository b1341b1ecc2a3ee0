using Ingest.Mail.Dns;

namespace Ingest.Mail.Auth;

/// <summary>
/// Verifies DKIM signatures (RFC 6376, RFC 8301, RFC 8463) on the bytes of a message as they came. Keys once read are kept. Safe for use from several threads.
/// </summary>
/// <param name="dns">Where keys come from.</param>
/// <param name="time">For signatures that expire.</param>
public sealed class DkimVerifier(DnsLookup dns, TimeProvider time)
{
    /// <summary>The signatures of a message that are checked; the topmost come first and those beyond are Neutral.</summary>
    public const int MaxSignatures = 10;

    private readonly DkimKeyring keyring = new(dns);

    /// <summary>What each signature proves, topmost first; empty when there is none. Never throws on what the message or DNS say.</summary>
    public async Task<IReadOnlyList<DkimVerdict>> VerifyAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        message = LineEnds.AsSent(message);
        var (readings, beyond, bodyStart) = Read(message.Span);
        var keys = new DkimPublicKey?[readings.Count];
        for (var i = 0; i < readings.Count; i++)
        {
            var tags = readings[i].Tags;
            if (tags.Fault == DkimFault.None)
                keys[i] = await keyring.FetchAsync(tags.Domain, tags.Selector, cancel);
        }
        var verdicts = Judge(message.Span[bodyStart..], readings, keys);
        for (var i = 0; i < beyond; i++)
            verdicts.Add(new DkimVerdict(AuthResult.Neutral, DkimFault.TooMany));
        return verdicts;
    }

    internal DkimKeyring Keyring => keyring;

    private static (List<DkimReading> Readings, int Beyond, int BodyStart) Read(ReadOnlySpan<byte> message)
    {
        var fields = new SignedFields(message);
        var readings = new List<DkimReading>();
        var found = fields.All("DKIM-Signature");
        foreach (var range in found.Take(MaxSignatures))
            readings.Add(DkimReading.Of(fields, message[range], DkimField.Dkim));
        // However many there are, the report stays short.
        return (readings, Math.Min(found.Count - readings.Count, MaxSignatures), fields.BodyStart);
    }

    private List<DkimVerdict> Judge(ReadOnlySpan<byte> body, List<DkimReading> readings, DkimPublicKey?[] keys)
    {
        DkimBodies? bodies = null;
        var verdicts = new List<DkimVerdict>(readings.Count);
        for (var i = 0; i < readings.Count; i++)
        {
            var (fault, about) = BeforeHashing(readings[i].Tags, keys[i]);
            if (fault == DkimFault.None)
            {
                bodies ??= new DkimBodies(body, readings.Where((reading, at) => BeforeHashing(reading.Tags, keys[at]).Fault == DkimFault.None).Select(static reading => reading.Tags));
                fault = Verify(readings[i], keys[i]!, bodies);
                about = fault == DkimFault.FieldAdded ? readings[i].Added : "";
            }
            verdicts.Add(Verdict(readings[i].Tags, fault, about, keys[i], fault == DkimFault.None ? bodies : null));
        }
        return verdicts;
    }

    private (DkimFault Fault, string About) BeforeHashing(DkimTags tags, DkimPublicKey? key)
    {
        if (tags.Fault != DkimFault.None || key is null)
            return (tags.Fault, tags.About);
        if (key.Fault != DkimFault.None)
            return (key.Fault, key.About);
        if (tags.Expires <= time.GetUtcNow())
            return (DkimFault.Expired, "");
        if (!tags.Algorithm.StartsWith(key.Kind, StringComparison.Ordinal))
            return (DkimFault.KeyMismatch, "k");
        return DkimTags.IsWithin(tags.Identity, tags.Domain, key.IsStrict) ? (DkimFault.None, "") : (DkimFault.IdentityOutsideDomain, "");
    }

    private static DkimFault Verify(DkimReading reading, DkimPublicKey key, DkimBodies bodies)
    {
        if (!bodies.Holds(reading.Tags))
            return DkimFault.BodyChanged;
        return key.Verify(reading.HeaderHash, reading.Tags.Signature) switch
        {
            null => DkimFault.NoEd25519,
            false => DkimFault.SignatureWrong,
            _ when key.Kind == "rsa" && key.Bits < DkimKey.FewestBits => DkimFault.KeyTooShort,
            _ => reading.Added.Length > 0 ? DkimFault.FieldAdded : DkimFault.None,
        };
    }

    private static DkimVerdict Verdict(DkimTags tags, DkimFault fault, string about, DkimPublicKey? key, DkimBodies? bodies) => new(ResultOf(fault), fault)
    {
        Domain = tags.Domain,
        Selector = tags.Selector,
        Identity = tags.Identity.Length > 0 || tags.Domain.Length == 0 ? tags.Identity : "@" + tags.Domain,
        Algorithm = tags.Algorithm,
        SignedFields = [.. tags.Names.Select(static name => name.ToLowerInvariant())],
        SignedAt = tags.SignedAt,
        Expires = tags.Expires,
        KeyBits = key?.Bits ?? 0,
        IsTest = key?.IsTest ?? false,
        IsWeak = tags.Length != long.MaxValue,
        UnsignedBytes = bodies?.Unsigned(tags) ?? 0,
        Start = Convert.ToBase64String(tags.Signature.AsSpan(0, Math.Min(6, tags.Signature.Length))),
        About = about,
    };

    // RFC 8601 section 2.7.1: policy is for signatures that hold.
    private static AuthResult ResultOf(DkimFault fault) => fault switch
    {
        DkimFault.None => AuthResult.Pass,
        DkimFault.BodyChanged or DkimFault.SignatureWrong or DkimFault.Expired => AuthResult.Fail,
        DkimFault.KeyTooShort or DkimFault.FieldAdded => AuthResult.Policy,
        DkimFault.TooMany or DkimFault.NoEd25519 => AuthResult.Neutral,
        DkimFault.DnsTrouble => AuthResult.TempError,
        _ => AuthResult.PermError,
    };
}
