using System.Collections.Frozen;

namespace Ingest.Core.Screening;

/// <summary>Names that deceivers like to take, and the domains that are truly theirs.</summary>
internal static class Brands
{
    /// <summary>A name that is imitated.</summary>
    /// <param name="Label">The label of its domain.</param>
    /// <param name="IsWord">True when the name is a word or a name of people, too, so that it says little within another.</param>
    /// <param name="Others">More labels under which it writes.</param>
    internal sealed record Brand(string Label, bool IsWord, IReadOnlyList<string> Others)
    {
        /// <summary>What the label looks like at a glance.</summary>
        public string Look { get; } = Confusables.Look(Label);

        /// <summary>True when a host's registered label is one of its own.</summary>
        public bool Owns(string label) => label == Label || Others.Contains(label);
    }

    // A line each: label, "*" for a word, other labels of its own.
    private const string Lines = """
        paypal paypalobjects paypal-communication paypal-mktg xoom venmo
        amazon amazonses amazonaws amazon-adsystem amzn primevideo audible aws
        microsoft microsoftonline office365 outlook live hotmail windows azure office sharepoint microsoftemail microsoftsupport onmicrosoft skype msn xbox bing
        office365 microsoft microsoftonline office
        outlook microsoft live hotmail
        onedrive microsoft live
        sharepoint microsoft
        google gmail googlemail youtube googleusercontent goo gstatic googleapis withgoogle
        gmail google googlemail
        youtube google
        apple * icloud itunes me mac
        icloud apple me
        itunes apple
        facebook facebookmail fb meta metamail
        instagram mail facebookmail meta
        whatsapp facebook meta
        linkedin licdn
        twitter x
        netflix netflixmail
        spotify
        dropbox dropboxmail dropboxusercontent
        docusign docusign-mail
        adobe adobesign adobecc echosign
        ebay ebaykleinanzeigen ebaystatic
        aliexpress alibaba
        alibaba aliexpress alipay taobao
        walmart
        bestbuy
        costco
        target *
        booking * bookingcom
        airbnb
        expedia hotels
        uber *
        fedex
        ups * upsemail
        usps
        dhl dpdhl deutschepost dhlecommerce
        hermes * myhermes hermesworld
        dpd *
        gls * gls-group gls-pakete
        royalmail
        laposte
        chronopost laposte
        colissimo laposte
        correos
        postnl
        bpost
        swisspost post
        auspost auspostmail
        canadapost
        evri
        wellsfargo
        bankofamerica bofa
        citibank citi
        chase * jpmorgan jpmorganchase
        jpmorgan chase jpmorganchase
        capitalone
        americanexpress aexp amex
        mastercard
        visa *
        discover *
        usbank
        pncbank pnc
        tdbank td
        hsbc
        barclays barclaycard
        lloydsbank lloydsbanking
        natwest rbs
        santander
        halifax *
        nationwide *
        monzo
        revolut
        wise * transferwise
        transferwise wise
        stripe *
        coinbase
        binance
        kraken *
        blockchain *
        metamask
        trustwallet
        ledger *
        trezor
        opensea
        sparkasse
        volksbank vr
        commerzbank
        deutsche-bank db
        postbank
        comdirect
        n26
        ingdiba ing
        unicredit
        intesasanpaolo
        posteitaliane poste
        bnpparibas
        creditagricole credit-agricole ca
        societegenerale
        labanquepostale
        caixabank
        bbva
        bancosantander santander
        rabobank
        abnamro
        ingbank ing
        nordea
        danskebank
        swedbank
        handelsbanken
        raiffeisen
        postfinance
        ubs
        creditsuisse credit-suisse
        scotiabank
        rbcroyalbank rbc
        cibc
        westpac
        commbank
        anz
        icicibank icici
        hdfcbank
        sbi *
        axisbank
        itau
        bradesco
        nubank
        mercadolibre mercadopago mercadolivre
        mercadopago mercadolibre
        verizon verizonwireless
        tmobile t-mobile
        telekom t-online t-mobile
        vodafone
        orange *
        swisscom
        comcast xfinity
        xfinity comcast
        spectrum * charter
        godaddy secureserver
        namecheap
        ionos 1and1
        strato *
        hostinger
        cloudflare
        digitalocean
        github githubapp
        gitlab
        atlassian jira trello
        slack slackhq
        zoom * zoomus
        webex cisco
        teamviewer
        anydesk
        norton * nortonlifelock lifelock gen
        mcafee
        geeksquad bestbuy
        symantec
        avast
        kaspersky
        quickbooks intuit
        intuit quickbooks turbotax mailchimp
        turbotax intuit
        mailchimp mailchimpapp mcsv
        hubspot
        salesforce exacttarget
        sendgrid twilio
        zendesk
        wetransfer
        telegram *
        signal *
        discord discordapp
        steampowered steamcommunity valvesoftware
        steamcommunity steampowered
        roblox
        epicgames
        playstation sony
        nintendo
        samsung
        huawei
        irs
        hmrc
        elster
        finanzamt
        impots dgfip
        ameli
        socialsecurity ssa
        medicare *
        """;

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<Brand> All { get; } = [.. Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read)];

    private static readonly FrozenDictionary<string, Brand> ByLabel = All.ToFrozenDictionary(b => b.Label, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Brand[]> ByLook = All.GroupBy(b => b.Look).ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);

    private static readonly FrozenSet<string> OwnedLabels = FrozenSet.ToFrozenSet(All.SelectMany(b => b.Others.Append(b.Label)), StringComparer.Ordinal);

    private static Brand Read(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new Brand(words[0], words.Contains("*"), [.. words.Skip(1).Where(w => w != "*")]);
    }

    /// <summary>The brand of that label, or null.</summary>
    internal static Brand? Named(string label) => ByLabel.GetValueOrDefault(label);

    /// <summary>The brands that look like this.</summary>
    internal static IReadOnlyList<Brand> Looking(string look) => ByLook.GetValueOrDefault(look) ?? [];

    /// <summary>True for a label that some brand writes under itself.</summary>
    internal static bool IsOwned(string label) => OwnedLabels.Contains(label);
}
