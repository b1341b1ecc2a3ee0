using System.Buffers;
using static Ingest.Core.Redaction.TokenLetters;

namespace Ingest.Core.Redaction;

/// <summary>The published forms of providers' tokens, by their first sign.</summary>
internal static class TokenShapes
{
    private static readonly SearchValues<char> HexWord = SearchValues.Create("0123456789abcdefABCDEF_");
    private static readonly SearchValues<char> PathLetters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-/");
    private static readonly SearchValues<char> CapitalUrl = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
    private static readonly TokenShape[] All =
    [
        new("AKIA", "secret.aws", Capitals, 16, 16), new("ASIA", "secret.aws", Capitals, 16, 16, HasDigit), new("ABIA", "secret.aws", Capitals, 16, 16, HasDigit), new("ACCA", "secret.aws", Capitals, 16, 16, HasDigit),
        new("ABSK", "secret.aws", Base64, 109, 300), new("bedrock-api-key-", "secret.aws", Base64, 60),
        new("AIza", "secret.google", Url, 35, 35), new("ya29.", "secret.google", Url, 20), new("GOCSPX-", "secret.google", Url, 28, 28), new("1//0", "secret.google", Url, 40, 120),
        new("ghp_", "secret.github", Alnum, 36, 255), new("gho_", "secret.github", Alnum, 36, 255), new("ghu_", "secret.github", Alnum, 36, 255), new("ghs_", "secret.github", Alnum, 36, 255),
        new("ghr_", "secret.github", Alnum, 36, 255), new("github_pat_", "secret.github", Word, 50, 255),
        new("glpat-", "secret.gitlab", Dotted, 20, 310), new("gldt-", "secret.gitlab", Url, 20), new("glrt-", "secret.gitlab", Dotted, 20), new("glrtr-", "secret.gitlab", Url, 20), new("glcbt-", "secret.gitlab", Url, 20),
        new("glptt-", "secret.gitlab", Url, 40), new("glft-", "secret.gitlab", Url, 20), new("glimt-", "secret.gitlab", Url, 25), new("glagent-", "secret.gitlab", Url, 50), new("gloas-", "secret.gitlab", Url, 64),
        new("glsoat-", "secret.gitlab", Url, 20), new("glffct-", "secret.gitlab", Url, 20), new("GR1348941", "secret.gitlab", Url, 20, 20),
        new("xoxb-", "secret.slack", Url, 24, 200, LongEnd), new("xoxp-", "secret.slack", Url, 24, 200, LongEnd), new("xoxa-", "secret.slack", Url, 24, 200, LongEnd), new("xoxr-", "secret.slack", Url, 24, 200, LongEnd),
        new("xoxs-", "secret.slack", Url, 24, 200, LongEnd), new("xoxc-", "secret.slack", Url, 24, 200, LongEnd), new("xoxd-", "secret.slack", Url, 24, 400), new("xapp-", "secret.slack", Url, 40, 250, LongEnd),
        new("xoxe.xoxp-1-", "secret.slack", Url, 100), new("xoxe.xoxb-1-", "secret.slack", Url, 100), new("xoxe-1-", "secret.slack", Url, 100), new("hooks.slack.com/services/T", "secret.slack", PathLetters, 35, 80, LongPathEnd),
        new("hooks.slack.com/workflows/T", "secret.slack", PathLetters, 35, 120, LongPathEnd), new("hooks.slack.com/triggers/T", "secret.slack", PathLetters, 35, 120, LongPathEnd),
        new("sk_live_", "secret.stripe", Alnum, 16, 247), new("sk_test_", "secret.stripe", Alnum, 16, 247), new("rk_live_", "secret.stripe", Alnum, 16, 247), new("rk_test_", "secret.stripe", Alnum, 16, 247),
        new("sk_org_", "secret.stripe", Word, 20, 250), new("whsec_", "secret.stripe", Base64, 24, 80),
        new("SK", "secret.twilio", Hex, 32, 32), new("AC", "secret.twilio", Hex, 32, 32), new("SG.", "secret.sendgrid", Dotted, 66, 66), new("key-", "secret.mailgun", Hex, 32, 32),
        new("npm_", "secret.npm", Alnum, 36, 36), new("pypi-AgE", "secret.pypi", Url, 40), new("oy2", "secret.nuget", Smalls, 43, 43), new("rubygems_", "secret.rubygems", Hex, 48, 48), new("CLOJARS_", "secret.clojars", Smalls, 60, 60),
        new("sk-proj-", "secret.openai", Url, 40, 250), new("sk-svcacct-", "secret.openai", Url, 40, 250), new("sk-admin-", "secret.openai", Url, 40, 250), new("sk-or-v1-", "secret.openrouter", Hex, 64, 64),
        new("sk-ant-api", "secret.anthropic", Url, 90, 110), new("sk-ant-admin", "secret.anthropic", Url, 90, 110), new("sk-ant-oat", "secret.anthropic", Url, 90, 130), new("sk-ant-ort", "secret.anthropic", Url, 90, 130),
        new("sk-", "secret.openai", Alnum, 32, 64, HasDigit), new("hf_", "secret.huggingface", Alnum, 34, 34), new("api_org_", "secret.huggingface", Only, 34, 34), new("gsk_", "secret.groq", Alnum, 52, 52), new("pplx-", "secret.perplexity", Alnum, 48, 48),
        new("xai-", "secret.xai", Alnum, 80, 80), new("r8_", "secret.replicate", Alnum, 37, 37), new("lsv2_", "secret.langsmith", Word, 40, 60), new("sk-lf-", "secret.langfuse", Uuid, 36, 36),
        new("dop_v1_", "secret.digitalocean", Hex, 64, 64), new("doo_v1_", "secret.digitalocean", Hex, 64, 64), new("dor_v1_", "secret.digitalocean", Hex, 64, 64), new("dapi", "secret.databricks", Uuid, 32, 34),
        new("shpat_", "secret.shopify", Uuid, 32, 32), new("shpca_", "secret.shopify", Uuid, 32, 32), new("shppa_", "secret.shopify", Uuid, 32, 32), new("shpss_", "secret.shopify", Uuid, 32, 32), new("shptka_", "secret.shopify", Uuid, 32, 32),
        new("sq0atp-", "secret.square", Url, 22, 22), new("sq0csp-", "secret.square", Url, 43, 43), new("EAAA", "secret.square", Url, 60, 60, HasDigit), new("EAA", "secret.facebook", Alnum, 100, 400, HasDigit),
        new("HRKU-", "secret.heroku", Url, 36, 64), new("ATATT3", "secret.atlassian", Any64, 100, 250), new("ATCTT3", "secret.atlassian", Any64, 100, 250), new("ATBB", "secret.atlassian", Any64, 28, 40, HasDigit),
        new("lin_api_", "secret.linear", Alnum, 32, 48), new("lin_oauth_", "secret.linear", Alnum, 32, 80), new("ntn_", "secret.notion", Alnum, 40, 50), new("secret_", "secret.notion", Alnum, 43, 43), new("figd_", "secret.figma", Url, 38, 60),
        new("figo_", "secret.figma", Url, 38, 60), new("glsa_", "secret.grafana", Word, 41, 41, HasDigit), new("glc_", "secret.grafana", Base64, 32, 400, HasDigit), new("eyJrIjoi", "secret.grafana", Base64, 60, 400),
        new("hvs.", "secret.vault", Url, 24, 250), new("hvb.", "secret.vault", Url, 90, 300), new("hvr.", "secret.vault", Url, 24, 300), new("dckr_pat_", "secret.docker", Url, 27, 36), new("dckr_oat_", "secret.docker", Url, 27, 40),
        new("PMAK-", "secret.postman", Uuid, 59, 59), new("sntrys_", "secret.sentry", Any64, 80), new("sntryu_", "secret.sentry", Hex, 64, 64), new("sgp_", "secret.sourcegraph", HexWord, 40, 57, SourcegraphBody), new("slk_", "secret.sourcegraph", Hex, 64, 64),
        new("fo1_", "secret.fly", Url, 43, 43), new("fm1a_", "secret.fly", Any64, 80), new("fm1r_", "secret.fly", Any64, 80), new("fm2_", "secret.fly", Any64, 80), new("pscale_tkn_", "secret.planetscale", Dotted, 32, 64),
        new("pscale_pw_", "secret.planetscale", Dotted, 32, 64), new("pscale_oauth_", "secret.planetscale", Dotted, 32, 64), new("dt0c01.", "secret.dynatrace", Dotted, 89, 89), new("dt0s01.", "secret.dynatrace", Dotted, 89, 89),
        new("dt0s16.", "secret.dynatrace", Dotted, 60, 120), new("NRAK-", "secret.newrelic", Alnum, 27, 27), new("NRJS-", "secret.newrelic", Hex, 19, 19), new("NRIQ-", "secret.newrelic", Url, 27, 40), new("NRII-", "secret.newrelic", Url, 32, 32),
        new("dp.pt.", "secret.doppler", Alnum, 40, 44), new("dp.st.", "secret.doppler", Dotted, 40, 90), new("dp.ct.", "secret.doppler", Alnum, 40, 44), new("dp.sa.", "secret.doppler", Alnum, 40, 44), new("pul-", "secret.pulumi", Hex, 40, 40),
        new("sbp_", "secret.supabase", Hex, 40, 40), new("sb_secret_", "secret.supabase", Url, 30, 60), new("AGE-SECRET-KEY-1", "secret.age", Capitals, 58, 58), new("LTAI", "secret.alibaba", Alnum, 16, 26, HasDigit), new("p8e-", "secret.adobe", Smalls, 32, 32), new("pat", "secret.airtable", Dotted, 79, 79, AirtableBody),
        new("pnu_", "secret.prefect", Alnum, 36, 36), new("rdme_", "secret.readme", Smalls, 70, 70), new("shippo_live_", "secret.shippo", Hex, 40, 40), new("shippo_test_", "secret.shippo", Hex, 40, 40), new("tfp_", "secret.typeform", Dotted, 40, 70),
        new("nfp_", "secret.netlify", Alnum, 36, 48), new("xkeysib-", "secret.brevo", Url, 81, 81), new("xsmtpsib-", "secret.brevo", Url, 81, 81), new("EZAK", "secret.easypost", Alnum, 54, 54), new("EZTK", "secret.easypost", Alnum, 54, 54),
        new("duffel_live_", "secret.duffel", Url, 43, 43), new("duffel_test_", "secret.duffel", Url, 43, 43), new("FLWSECK_TEST-", "secret.flutterwave", Alnum, 12, 40), new("FLWSECK-", "secret.flutterwave", Url, 32, 40), new("fio-u-", "secret.frameio", Url, 64, 64),
        new("ico-", "secret.infracost", Alnum, 32, 32, HasDigit), new("AKCp", "secret.artifactory", Alnum, 64, 75), new("cmVmd", "secret.artifactory", Alnum, 59, 59), new("API-", "secret.octopus", Capitals, 26, 26, HasDigit), new("tskey-", "secret.tailscale", Url, 20, 80, HasDigit),
        new("v1.0-", "secret.cloudflare", Uuid, 171, 171), new("CFPAT-", "secret.contentful", Url, 43, 43), new("bkua_", "secret.buildkite", Hex, 40, 40), new("CCIPAT_", "secret.circleci", Word, 60, 80), new("CCIPRJ_", "secret.circleci", Word, 60, 80),
        new("squ_", "secret.sonar", Hex, 40, 40), new("sqp_", "secret.sonar", Hex, 40, 40), new("sqa_", "secret.sonar", Hex, 40, 40), new("rzp_live_", "secret.razorpay", Alnum, 14, 14), new("rzp_test_", "secret.razorpay", Alnum, 14, 14),
        new("pat-na1-", "secret.hubspot", Uuid, 36, 36), new("pat-eu1-", "secret.hubspot", Uuid, 36, 36), new("sha256~", "secret.openshift", Url, 43, 43), new("ops_eyJ", "secret.onepassword", Any64, 200), new("A3-", "secret.onepassword", CapitalUrl, 38, 38, HasDigit),
        new("sk.eyJ", "secret.mapbox", Dotted, 60, 200), new("re_", "secret.resend", Word, 32, 33, HasDigit), new("sm_aat_", "secret.settlemint", Alnum, 16, 16), new("sm_pat_", "secret.settlemint", Alnum, 16, 16),
        new("discord.com/api/webhooks/", "secret.discord", PathLetters, 70, 110, LongPathEnd), new("discordapp.com/api/webhooks/", "secret.discord", PathLetters, 70, 110, LongPathEnd), new("hooks.zapier.com/hooks/catch/", "secret.zapier", PathLetters, 10, 60),
    ];

    private const int Firsts = 128, SecondBits = 6, SecondMask = (1 << SecondBits) - 1;

    // By the first sign and the last bits of the second: most words begin like no token.
    private static readonly TokenShape[][] ByBegin = Sort();

    /// <summary>The forms that may begin with two signs, longer prefixes before shorter ones that they begin with.</summary>
    internal static ReadOnlySpan<TokenShape> Beginning(char first, char second) => first < Firsts ? ByBegin[first << SecondBits | second & SecondMask] : default;

    private static TokenShape[][] Sort()
    {
        TokenShape[][] sorted = new TokenShape[Firsts << SecondBits][];
        Array.Fill(sorted, []);
        foreach (var same in All.GroupBy(shape => shape.Prefix[0] << SecondBits | shape.Prefix[1] & SecondMask))
            sorted[same.Key] = [.. same.OrderByDescending(shape => shape.Prefix.Length)];
        return sorted;
    }

    // A name of a program is made of words; a token has digits.
    private static bool HasDigit(ReadOnlySpan<char> body) => body.ContainsAnyInRange('0', '9');

    private static bool AirtableBody(ReadOnlySpan<char> body) => body[14] == '.' && !body[..14].ContainsAnyExcept(Alnum) && !body[15..].ContainsAnyExcept(Hex);

    // The numbers of a team and an app come before the secret part.
    private static bool LongEnd(ReadOnlySpan<char> body) => body.Length - body.LastIndexOf('-') > 20 && HasDigit(body);

    private static bool SourcegraphBody(ReadOnlySpan<char> body) => body.IndexOf('_') is var instance && (instance < 0 ? body.Length == 40 : instance == 16 && body.Length == 57);

    private static bool LongPathEnd(ReadOnlySpan<char> body) => body.Length - body.LastIndexOf('/') > 20 && HasDigit(body);
}
