using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ingest.Mail.Tests.Wire;

/// <summary>An authority of our own and certificates from it.</summary>
internal static class TestCertificates
{
    public static X509Certificate2 Authority { get; } = MakeAuthority();

    public static X509Certificate2Collection Roots { get; } = [X509CertificateLoader.LoadCertificate(Authority.RawData)];

    public static X509Certificate2 ForLocalhost { get; } = Make("localhost", -1, 30);

    /// <summary>A certificate for a host, good from and to so many days from now.</summary>
    public static X509Certificate2 Make(string host, int fromDay, int toDay, bool selfSigned = false)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        if (host == "localhost") names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        if (selfSigned) return Exportable(request.CreateSelfSigned(now.AddDays(fromDay), now.AddDays(toDay)));
        using X509Certificate2 made = request.Create(Authority, now.AddDays(fromDay), now.AddDays(toDay), RandomNumberGenerator.GetBytes(8));
        return Exportable(made.CopyWithPrivateKey(key));
    }

    private static X509Certificate2 MakeAuthority()
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Test Authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-400), now.AddDays(400));
    }

    private static X509Certificate2 Exportable(X509Certificate2 certificate) => X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
}
