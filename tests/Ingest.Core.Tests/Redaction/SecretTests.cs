using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Passwords, keys, tokens and codes. Tokens here are made by the test: none was ever one.</summary>
public sealed class SecretTests(ITestOutputHelper output)
{
    private const string Alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", Hex = "0123456789abcdef", Capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", Url = Alnum + "_-";

    [Fact]
    public void Published_secrets_are_covered_and_what_only_looks_alike_stays()
    {
        int wanted = 0, covered = 0, touched = 0, others = 0, wrong = 0;
        foreach (IGrouping<(string Kind, bool IsSecret), PublishedCases.SecretCase> kind in PublishedCases.Secrets().GroupBy(c => (c.Kind, c.IsSecret)))
        {
            int right = kind.Count(c => Secrets(c.Text).Any(f => c.IsSecret ? f.Start <= c.Start && f.Start + f.Length >= c.End : true)), any = kind.Count(c => Secrets(c.Text).Count > 0);
            output.WriteLine(kind.Key.IsSecret ? $"{kind.Key.Kind}: covered {right} of {kind.Count()}, touched {any}" : $"not {kind.Key.Kind}: {any} of {kind.Count()} masked");
            if (kind.Key.IsSecret)
                (wanted, covered, touched) = (wanted + kind.Count(), covered + right, touched + any);
            else
                (others, wrong) = (others + kind.Count(), wrong + any);
        }
        output.WriteLine($"covered {covered} of {wanted}, touched {touched}; {wrong} of {others} masked that are none");
        Assert.InRange((double)covered / wanted, 0.97, 1);
        Assert.InRange((double)wrong / others, 0, 0.02);
    }

    [Theory]
    [InlineData("AKIA", Capitals, 16, "secret.aws")]
    [InlineData("AIza", Url, 35, "secret.google")]
    [InlineData("ghp_", Alnum, 36, "secret.github")]
    [InlineData("ghs_", Alnum, 36, "secret.github")]
    [InlineData("github_pat_", Alnum, 82, "secret.github")]
    [InlineData("glpat-", Alnum, 20, "secret.gitlab")]
    [InlineData("xoxb-293847561029-384756102938-", Alnum, 24, "secret.slack")]
    [InlineData("sk_live_", Alnum, 24, "secret.stripe")]
    [InlineData("SK", Hex, 32, "secret.twilio")]
    [InlineData("key-", Hex, 32, "secret.mailgun")]
    [InlineData("npm_", Alnum, 36, "secret.npm")]
    [InlineData("pypi-AgEIcHlwaS5vcmc", Alnum, 70, "secret.pypi")]
    [InlineData("sk-", Alnum, 48, "secret.openai")]
    [InlineData("sk-ant-api03-", Alnum, 95, "secret.anthropic")]
    [InlineData("hf_", Alnum, 34, "secret.huggingface")]
    [InlineData("dop_v1_", Hex, 64, "secret.digitalocean")]
    [InlineData("dapi", Hex, 32, "secret.databricks")]
    [InlineData("shpat_", Hex, 32, "secret.shopify")]
    [InlineData("ATATT3xFfGF0", Alnum, 170, "secret.atlassian")]
    [InlineData("lin_api_", Alnum, 40, "secret.linear")]
    [InlineData("ntn_", Alnum, 46, "secret.notion")]
    [InlineData("figd_", Alnum, 40, "secret.figma")]
    [InlineData("hvs.", Alnum, 90, "secret.vault")]
    [InlineData("dckr_pat_", Alnum, 27, "secret.docker")]
    [InlineData("sntryu_", Hex, 64, "secret.sentry")]
    [InlineData("sgp_", Hex, 40, "secret.sourcegraph")]
    [InlineData("fo1_", Alnum, 43, "secret.fly")]
    [InlineData("pscale_tkn_", Alnum, 43, "secret.planetscale")]
    [InlineData("NRAK-", Capitals, 27, "secret.newrelic")]
    [InlineData("rubygems_", Hex, 48, "secret.rubygems")]
    [InlineData("AGE-SECRET-KEY-1", Capitals, 58, "secret.age")]
    [InlineData("gsk_", Alnum, 52, "secret.groq")]
    public void Tokens_of_providers_are_covered_whole_by_their_form(string prefix, string letters, int count, string rule)
    {
        string token = prefix + Drawn(letters, count, prefix.Length + count);
        foreach (string text in new[] { token, $"It is {token}.", $"TOKEN={token}\n", $"{{\"value\":\"{token}\"}}", $"https://example.com/?t={token}&x=1", $"({token})" })
        {
            Finding found = Assert.Single(Secrets(text), f => f.Rule == rule);
            Assert.Equal(token, text.Substring(found.Start, found.Length));
        }
    }

    [Fact]
    public void A_token_of_known_length_is_covered_across_a_wrapped_line()
    {
        foreach (string token in new[] { "ghp_" + Drawn(Alnum, 36, 21), "dop_v1_" + Drawn(Hex, 64, 22), "sgp_" + Drawn(Hex, 40, 23), "npm_" + Drawn(Alnum, 36, 24) })
            Assert.Equal("> it is [secret]\n> Bye", Redact.Text($"> it is {token[..24]}\n> {token[24..]}\n> Bye", RedactionPolicy.Default).Text);
    }

    [Fact]
    public void Tokens_known_by_their_shape_are_covered()
    {
        foreach ((string token, string rule) in new[]
        {
            ("abc8Q~" + Drawn(Alnum, 34, 1), "secret.azure"), ("293847561:AA" + Drawn(Alnum, 33, 2), "secret.telegram"), ($"{Drawn(Hex, 32, 3)}-us12", "secret.mailchimp"), ($"{Drawn(Alnum, 14, 4)}.atlasv1.{Drawn(Alnum, 64, 5)}", "secret.terraform"),
            ($"M{Drawn(Alnum, 23, 6)}.{Drawn(Alnum, 6, 7)}.{Drawn(Alnum, 27, 8)}", "secret.discord"), ($"SG.{Drawn(Alnum, 22, 9)}.{Drawn(Alnum, 43, 10)}", "secret.sendgrid"),
            ($"https://hooks.slack.com/services/T{Drawn(Capitals, 8, 11)}/B{Drawn(Capitals, 8, 12)}/{Drawn(Alnum, 24, 13)}", "secret.slack"),
        })
        {
            Finding found = Assert.Single(Secrets($"see {token} please"), f => f.Rule == rule);
            Assert.Equal((4, token.Length), (found.Start, found.Length));
        }
    }

    [Theory]
    [InlineData("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    [InlineData("api_key = <YOUR_API_KEY>")]
    [InlineData("password=${DB_PASSWORD}")]
    [InlineData("password: $PASSWORD")]
    [InlineData("PASSWORD=%PASSWORD%")]
    [InlineData("password: changeme")]
    [InlineData("password = config.password;")]
    [InlineData("password = os.environ[\"DB\"]")]
    [InlineData("password: ********")]
    [InlineData("token: 00000000000000000000000000000000")]
    [InlineData("Authorization: Bearer $TOKEN")]
    [InlineData("https://user:password@example.com/")]
    [InlineData("https://user:<password>@example.com/")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----")]
    [InlineData("[secret] and password: [secret]")]
    [InlineData("Your password is required to sign in.")]
    [InlineData("The password is incorrect.")]
    [InlineData("I forgot my password, please help")]
    [InlineData("Please reset my password: I cannot log in any more.")]
    [InlineData("Password reset: https://example.com/reset")]
    [InlineData("The token ring is a secret of its own kind.")]
    [InlineData("secretary: Anna2 Miller")]
    [InlineData("primary_key = 12345678")]
    [InlineData("My zip code is 94107, the area code 415213")]
    [InlineData("error code 500213")]
    [InlineData("Order 493021 was shipped")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e  file.txt")]
    [InlineData("commit 3f786850e387550fdab836ed7e6dc881de23001b")]
    [InlineData("Passwort: falsch")]
    [InlineData("password: incorrect")]
    [InlineData("mot de passe : incorrect")]
    [InlineData("mot de passe : oublié")]
    [InlineData("wachtwoord: vergeten")]
    [InlineData("wachtwoord: onjuist")]
    [InlineData("contraseña: incorrecta")]
    [InlineData("El código del producto es 123456")]
    [InlineData("Votre code client est 123456")]
    [InlineData("your customer code is 123456")]
    [InlineData("verification failed with code 500123")]
    [InlineData("Your code is in aisle 12345")]
    [InlineData("Please pass Section2 to Bob")]
    [InlineData("boarding pass AB12CD34")]
    [InlineData("The password is valid for 30")]
    [InlineData("Reset your password\nWindows2022 users should read this")]
    [InlineData("login / logout page2")]
    [InlineData("anna@example.com:8080")]
    [InlineData("git@github.com:org/repo2.git")]
    [InlineData("the tan 482913 leather")]
    [InlineData("Cookie: theme=dark; lang=en")]
    [InlineData("Use 482913 as the reference")]
    public void Placeholders_sentences_about_passwords_and_other_numbers_stay(string text) => Assert.Empty(Secrets(text));

    [Theory]
    [InlineData("The password is hunter2.", "hunter2")]
    [InlineData("password: Tr0ub4dor&3", "Tr0ub4dor&3")]
    [InlineData("Password: swordfish\nthanks", "swordfish")]
    [InlineData("Your password for the portal is: Xy12abcd", "Xy12abcd")]
    [InlineData("my password is \"correct horse\"", "correct horse")]
    [InlineData("with password 8nZ!kV4%beta.", "8nZ!kV4%beta")]
    [InlineData("{\"password\": \"s3cr3tValue\"}", "s3cr3tValue")]
    [InlineData("db_password=Sommer2024!", "Sommer2024!")]
    [InlineData("DB_PASSWORD_PROD='Sommer2024'", "Sommer2024")]
    [InlineData("Server=db;User Id=sa;Password=Sommer2024;Encrypt=true", "Sommer2024")]
    [InlineData("**Password:** Sommer2024", "Sommer2024")]
    [InlineData("Passwort: Sommer2024", "Sommer2024")]
    [InlineData("Das Passwort lautet Sommer2024", "Sommer2024")]
    [InlineData("Mein Kennwort ist Sommer2024", "Sommer2024")]
    [InlineData("mot de passe : Soleil2024", "Soleil2024")]
    [InlineData("La contraseña es Verano2024", "Verano2024")]
    [InlineData("la password è Estate2024", "Estate2024")]
    [InlineData("A senha é Verao2024", "Verao2024")]
    [InlineData("Het wachtwoord is Zomer2024", "Zomer2024")]
    [InlineData("Hasło: Lato2024x", "Lato2024x")]
    [InlineData("Heslo je Leto2024x", "Leto2024x")]
    [InlineData("Lösenordet är inte här. Lösenord: Sommar24", "Sommar24")]
    [InlineData("Adgangskode: Sommer24", "Sommer24")]
    [InlineData("Salasana on Kesa2024", "Kesa2024")]
    [InlineData("Jelszó: Nyar2024", "Nyar2024")]
    [InlineData("Şifre: Yaz2024x", "Yaz2024x")]
    [InlineData("Пароль: Leto2024x", "Leto2024x")]
    [InlineData("密码：xun12367x", "xun12367x")]
    [InlineData("パスワードはNatsu2024です", "Natsu2024")]
    [InlineData("비밀번호: Yeoreum24", "Yeoreum24")]
    [InlineData("كلمة المرور: Sayf2024", "Sayf2024")]
    [InlineData("סיסמה: Kayitz24", "Kayitz24")]
    [InlineData("Κωδικός: Kalo2024", "Kalo2024")]
    [InlineData("Mật khẩu: MuaHe2024", "MuaHe2024")]
    [InlineData("Kata sandi: Panas2024", "Panas2024")]
    [InlineData("PW: Zima77xz", "Zima77xz")]
    [InlineData("PW = Zima77xz", "Zima77xz")]
    [InlineData("User: bob, PW: Zima77xz", "Zima77xz")]
    [InlineData("pw=s3cr3t", "s3cr3t")]
    [InlineData("pass Zima77xz", "Zima77xz")]
    [InlineData("login: bob / Zima77xz", "Zima77xz")]
    [InlineData("login admin / P@ssw0rd1", "P@ssw0rd1")]
    [InlineData("bob@firma.de:Hund#77x", "Hund#77x")]
    [InlineData("my password, Winter2023!, does not work", "Winter2023!")]
    [InlineData("Password\nHund77xz", "Hund77xz")]
    [InlineData("Password | Hund77xz", "Hund77xz")]
    [InlineData("la clave es Madrid123", "Madrid123")]
    [InlineData("Cookie: sessionid=7fQz0LmN3xTy8KpW2sVb6RcD9eHg", "7fQz0LmN3xTy8KpW2sVb6RcD9eHg")]
    [InlineData("curl -u bob:rabbit77", "rabbit77")]
    [InlineData("mysql -prabbit77", "rabbit77")]
    [InlineData("sshpass -p rabbit77", "rabbit77")]
    [InlineData("the wifi password is fluffy cat 99", "fluffy cat 99")]
    [InlineData("pwd \"open sesame\"", "open sesame")]
    [InlineData("my password is Tr0ub\n> 4dor3x", "Tr0ub\n> 4dor3x")]
    public void Passwords_are_covered_in_many_languages(string text, string secret)
    {
        Finding found = Assert.Single(Secrets(text));
        Assert.Equal(secret, text.Substring(found.Start, found.Length));
    }

    [Theory]
    [InlineData("Your code is 493021", "493021")]
    [InlineData("493021 is your verification code.", "493021")]
    [InlineData("G-493021 is your Google verification code", "G-493021")]
    [InlineData("Your one-time passcode: 4930", "4930")]
    [InlineData("Use OTP 493-021 to log in", "493-021")]
    [InlineData("Ihr Bestätigungscode lautet 493021", "493021")]
    [InlineData("Votre code de vérification est 493021", "493021")]
    [InlineData("Tu código de verificación es 493021", "493021")]
    [InlineData("Il tuo codice di verifica è 493021", "493021")]
    [InlineData("Seu código de verificação: 493021", "493021")]
    [InlineData("Uw verificatiecode is 493021", "493021")]
    [InlineData("Twój kod weryfikacyjny: 493021", "493021")]
    [InlineData("Doğrulama kodu: 493021", "493021")]
    [InlineData("Ваш код подтверждения: 493021", "493021")]
    [InlineData("您的验证码是 493021", "493021")]
    [InlineData("認証コードは493021です", "493021")]
    [InlineData("인증번호 493021", "493021")]
    [InlineData("the PIN for your card is 49302", "49302")]
    [InlineData("TAN: 482913", "482913")]
    [InlineData("Ihre TAN ist 482913", "482913")]
    [InlineData("2FA code 482913", "482913")]
    [InlineData("SMS-Code 482913", "482913")]
    [InlineData("use 482913 to sign in", "482913")]
    [InlineData("Geheimzahl 4821", "4821")]
    [InlineData("Dear customer, your code is 482913", "482913")]
    public void Codes_for_one_use_are_covered_in_many_languages(string text, string secret)
    {
        Finding found = Assert.Single(Secrets(text));
        Assert.Equal(secret, text.Substring(found.Start, found.Length));
    }

    [Fact]
    public void Recovery_codes_and_phrases_are_covered()
    {
        string codes = Redact.Text("Your recovery codes:\n1. a7f3k-9q2x1\n2. b8g4m-1r5z7\n3. 83726-18273\nKeep them safe.", RedactionPolicy.Default).Text;
        Assert.Equal("Your recovery codes:\n1. [secret]\n2. [secret]\n3. [secret]\nKeep them safe.", codes);
        string phrase = Redact.Text("Seed phrase: abandon ability able about above absent absorb abstract absurd abuse access accident\n\nBye", RedactionPolicy.Default).Text;
        Assert.Equal("Seed phrase: [secret]\n\nBye", phrase);
    }

    [Theory]
    [InlineData("")]
    [InlineData("> ")]
    [InlineData("\t")]
    public void Private_keys_are_covered_from_begin_to_end(string quote)
    {
        string body = string.Concat(Enumerable.Range(0, 5).Select(i => quote + Drawn(Alnum + "+/", 64, 40 + i) + "\n"));
        string key = $"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}{quote}-----END OPENSSH PRIVATE KEY-----";
        Assert.Equal($"Hello\n{quote}[secret]\nBye", Redact.Text($"Hello\n{quote}{key}\nBye", RedactionPolicy.Default).Text);
        string oneLine = key.Replace("\n" + quote, "\\n", StringComparison.Ordinal);
        Assert.Equal("\"private_key\": \"[secret]\",", Redact.Text($"\"private_key\": \"{oneLine}\",", RedactionPolicy.Default).Text);
        string cut = Redact.Text($"{quote}-----BEGIN RSA PRIVATE KEY-----\n{body}\nthat was all", RedactionPolicy.Default).Text;
        Assert.Equal($"{quote}[secret]\n\nthat was all", cut);
    }

    [Fact]
    public void Web_tokens_need_a_header_with_an_algorithm()
    {
        static string Encoded(string json) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        string payload = Encoded("{\"sub\":\"1234\",\"name\":\"Anna\"}"), signature = Drawn(Url, 43, 77);
        string token = $"{Encoded("{\"alg\":\"ES256\",\"typ\":\"JWT\"}")}.{payload}.{signature}";
        Assert.Equal("id_token [secret] end", Redact.Text($"id_token {token} end", RedactionPolicy.Default).Text);
        Assert.Equal(token[..60] + "\n" + token[60..], Assert.Single(Found($"see\n{token[..60]}\n{token[60..]}\nend")));
        Assert.Empty(Secrets($"see {Encoded("{\"typ\":\"something else\"}")}.{payload}.{signature}"));
    }

    [Theory]
    [InlineData("postgres://app:k3yT0r0om@db.internal:5432/app?ssl=true", "postgres://app:k3yT0r0om@db.internal:5432/app?ssl=true")]
    [InlineData("see (https://anna:Sommer24@example.com/a).", "https://anna:Sommer24@example.com/a")]
    [InlineData("Authorization: Basic dXNlcjpodW50ZXIyMg==", "Authorization: Basic dXNlcjpodW50ZXIyMg==")]
    public void Links_and_headers_with_credentials_are_covered_whole(string text, string secret) => Assert.Equal(secret, Assert.Single(Found(text)));

    [Fact]
    public void Keys_of_storage_accounts_are_covered_with_their_connection_string()
    {
        string key = Drawn(Alnum + "+/", 86, 5) + "==", sas = Uri.EscapeDataString(Drawn(Alnum + "+/", 43, 6) + "=");
        string connection = $"DefaultEndpointsProtocol=https;AccountName=acct;AccountKey={key};EndpointSuffix=core.windows.net";
        Assert.Equal(connection, Assert.Single(Found($"use {connection}, please")));
        Assert.Equal(sas, Assert.Single(Found($"https://acct.blob.core.windows.net/c/b?sv=2024-01-01&se=2030&sp=r&sig={sas}&x=1")));
    }

    [Fact]
    public void Random_text_is_a_secret_only_beside_a_word_for_one()
    {
        string value = Drawn(Alnum, 40, 123);
        Assert.Equal(value, Assert.Single(Found($"Our API key is {value} please check.")));
        Assert.Equal(value, Assert.Single(Found($"client_secret: {value}")));
        Assert.Empty(Secrets($"The file {value} was uploaded."));
        Assert.Empty(Secrets($"csrf-token={value}"));
    }

    [Fact]
    public void A_recogniser_that_is_plugged_in_finds_names_where_a_policy_masks_them()
    {
        static void Names(ReadOnlySpan<char> text, ICollection<Recognised> found)
        {
            for (int i = 0, at; (at = text[i..].IndexOf("Anna Miller", StringComparison.Ordinal)) >= 0; i += at + 1)
                found.Add(new Recognised(FindingType.Person, i + at, "Anna Miller".Length, "name.list", 0.9));
            // What lies outside of the text is not taken.
            found.Add(new Recognised(FindingType.Person, text.Length - 1, 5, "name.wrong", 1));
        }

        var tools = new RedactionTools { Recognisers = [Names] };
        RedactionPolicy names = RedactionPolicy.Default with { Types = new Dictionary<FindingType, TypePolicy> { [FindingType.Person] = new(MaskStyle.Label) } };
        const string Text = "Ａnna Miller and Anna Miller wrote from anna@example.com";
        Assert.Equal("[name] and [name] wrote from [email]", Redact.Text(Text, names, tools).Text);
        Assert.Equal("Ａnna Miller and Anna Miller wrote from [email]", Redact.Text(Text, RedactionPolicy.Default, tools).Text);
        Assert.Equal("<b>[name]</b>", Redact.Html("<b>Anna&#32;Miller</b>", names, tools).Text);
    }

    private static List<Finding> Secrets(string text) => [.. Redact.Text(text, RedactionPolicy.Default).Findings.Where(f => f.Type == FindingType.Secret)];

    private static List<string> Found(string text) => [.. Secrets(text).Select(f => text.Substring(f.Start, f.Length))];

    private static string Drawn(string letters, int count, int seed)
    {
        var random = new Random(seed);
        return string.Concat(Enumerable.Range(0, count).Select(_ => letters[random.Next(letters.Length)]));
    }
}
