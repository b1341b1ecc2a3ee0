using Ingest.Mail.Dns;

namespace Ingest.Mail.Auth;

/// <summary>Validates ARC chains (RFC 8617). Safe for use from several threads.</summary>
public sealed class ArcVerifier
{
    private readonly DkimKeyring keyring;

    /// <summary>Takes keys from DNS; those once read are kept.</summary>
    public ArcVerifier(DnsLookup dns)
        : this(new DkimKeyring(dns))
    {
    }

    internal ArcVerifier(DkimKeyring keyring) => this.keyring = keyring;

    /// <summary>Validates the chain of a message on the bytes as they came. Never throws on what the message or DNS say.</summary>
    public async Task<ArcVerdict> VerifyAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        message = LineEnds.AsSent(message);
        var chain = ArcChain.Read(message.Span);
        if (chain.Problem.Length > 0)
            return Failed(chain, chain.Problem);
        if (chain.Links.Count == 0)
            return new ArcVerdict(AuthResult.None, []);
        var newest = chain.Links[^1];
        var key = await keyring.FetchAsync(newest.Message.Domain, newest.Message.Selector, cancel);
        if (Judge(newest.Message, newest.MessageHash, key, "ARC-Message-Signature", newest.Instance) is { } broken)
            return key.Fault == DkimFault.DnsTrouble ? Unknown(chain) : Failed(chain, broken);
        if (!new DkimBodies(message.Span[chain.BodyStart..], [newest.Message]).Holds(newest.Message))
            return Failed(chain, "the body was changed after the newest ARC-Message-Signature");
        for (var i = chain.Links.Count - 1; i >= 0; i--)
        {
            var link = chain.Links[i];
            key = await keyring.FetchAsync(link.Seal.Domain, link.Seal.Selector, cancel);
            if (Judge(link.Seal, link.SealHash, key, "ARC-Seal", link.Instance) is { } wrong)
                return key.Fault == DkimFault.DnsTrouble ? Unknown(chain) : Failed(chain, wrong);
        }
        return new ArcVerdict(AuthResult.Pass, chain.Sets);
    }

    private static string? Judge(DkimTags tags, byte[] hash, DkimPublicKey key, string field, int instance)
    {
        if (key.Fault != DkimFault.None)
            return $"the key of {field} i={instance} cannot be had";
        if (!tags.Algorithm.StartsWith(key.Kind, StringComparison.Ordinal) || (key.Kind == "rsa" && key.Bits < DkimKey.FewestBits))
            return $"the key of {field} i={instance} is not for this or too short";
        return key.Verify(hash, tags.Signature) == true ? null : $"{field} i={instance} does not hold";
    }

    private static ArcVerdict Failed(ArcChain chain, string problem) => new(AuthResult.Fail, chain.Sets) { Problem = problem };

    private static ArcVerdict Unknown(ArcChain chain) => new(AuthResult.TempError, chain.Sets) { Problem = "DNS failed" };
}
