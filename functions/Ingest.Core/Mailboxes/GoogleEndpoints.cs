namespace Ingest.Core.Mailboxes;

/// <summary>Where Google is. Constants, except under the development profile, where all of them lie on one loopback address.</summary>
public sealed record GoogleEndpoints
{
    private GoogleEndpoints()
    {
    }

    /// <summary>Google itself.</summary>
    public static GoogleEndpoints Google { get; } = new()
    {
        Authorization = new Uri("https://accounts.google.com/o/oauth2/v2/auth"),
        Token = new Uri("https://oauth2.googleapis.com/token"),
        Revocation = new Uri("https://oauth2.googleapis.com/revoke"),
        Certificates = new Uri("https://www.googleapis.com/oauth2/v3/certs"),
        UserInfo = new Uri("https://openidconnect.googleapis.com/v1/userinfo"),
        Gmail = new Uri("https://gmail.googleapis.com/"),
    };

    /// <summary>The consent page.</summary>
    public required Uri Authorization { get; init; }

    /// <summary>Where codes and refresh tokens become access tokens.</summary>
    public required Uri Token { get; init; }

    /// <summary>Where a grant is given back.</summary>
    public required Uri Revocation { get; init; }

    /// <summary>The keys that sign id tokens, as a JSON Web Key Set.</summary>
    public required Uri Certificates { get; init; }

    /// <summary>Who an access token belongs to; used under the development profile only.</summary>
    public required Uri UserInfo { get; init; }

    /// <summary>The root of the Gmail API.</summary>
    public required Uri Gmail { get; init; }

    /// <summary>True when this is a stand-in on a loopback address: its id tokens are not signed by Google, so userinfo says who consented.</summary>
    public bool IsDevelopment { get; private init; }

    /// <summary>A stand-in for Google on this machine; throws <see cref="ArgumentException"/> for any host that is not loopback.</summary>
    public static GoogleEndpoints ForDevelopment(Uri root)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (!root.IsAbsoluteUri || !root.IsLoopback || (root.Scheme != Uri.UriSchemeHttp && root.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException("Google's stand-in has to listen on a loopback address.", nameof(root));
        return new GoogleEndpoints
        {
            Authorization = new Uri(root, "/o/oauth2/v2/auth"),
            Token = new Uri(root, "/oauth2/token"),
            Revocation = new Uri(root, "/oauth2/revoke"),
            Certificates = new Uri(root, "/oauth2/v3/certs"),
            UserInfo = new Uri(root, "/oauth2/v2/userinfo"),
            Gmail = new Uri(root, "/"),
            IsDevelopment = true,
        };
    }
}
