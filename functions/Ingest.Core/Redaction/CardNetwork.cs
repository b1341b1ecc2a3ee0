namespace Ingest.Core.Redaction;

/// <summary>Which numbers the card networks give out: ranges of the first six digits and lengths, as published in ISO/IEC 7812 registrations.</summary>
internal sealed record CardNetwork(string Rule, int From, int To, int Least, int Most, double Confidence)
{
    private static readonly CardNetwork[] All =
    [
        new("card.visa", 400000, 499999, 16, 16, 0.99), new("card.visa", 400000, 499999, 13, 13, 0.9), new("card.visa", 400000, 499999, 19, 19, 0.95),
        new("card.mastercard", 510000, 559999, 16, 16, 0.99), new("card.mastercard", 222100, 272099, 16, 16, 0.99),
        new("card.amex", 340000, 349999, 15, 15, 0.99), new("card.amex", 370000, 379999, 15, 15, 0.99),
        new("card.discover", 601100, 601199, 16, 19, 0.98), new("card.discover", 644000, 659999, 16, 19, 0.98),
        new("card.jcb", 352800, 358999, 16, 19, 0.98), new("card.jcb", 213100, 213199, 15, 15, 0.9), new("card.jcb", 180000, 180099, 15, 15, 0.9),
        new("card.diners", 300000, 305999, 14, 14, 0.97), new("card.diners", 300000, 305999, 16, 19, 0.9), new("card.diners", 309500, 309599, 14, 19, 0.9),
        new("card.diners", 360000, 369999, 14, 19, 0.95), new("card.diners", 380000, 399999, 14, 19, 0.95),
        new("card.unionpay", 620000, 629999, 16, 19, 0.98), new("card.unionpay", 810000, 817199, 16, 19, 0.95),
        new("card.mir", 220000, 220499, 16, 19, 0.95), new("card.troy", 979200, 979289, 16, 16, 0.9), new("card.rupay", 606985, 608500, 16, 16, 0.95), new("card.rupay", 817200, 829999, 16, 16, 0.7),
        new("card.maestro", 501800, 502099, 12, 19, 0.9), new("card.maestro", 503800, 503899, 12, 19, 0.9), new("card.maestro", 561200, 561299, 12, 19, 0.9),
        new("card.maestro", 589300, 589399, 12, 19, 0.9), new("card.maestro", 630400, 630499, 12, 19, 0.9), new("card.maestro", 639000, 639099, 12, 19, 0.9),
        new("card.maestro", 675900, 676399, 12, 19, 0.9), new("card.maestro", 676770, 676774, 12, 19, 0.9),
        new("card.maestro", 500000, 509999, 16, 19, 0.8), new("card.maestro", 560000, 589999, 16, 19, 0.8), new("card.maestro", 600000, 699999, 16, 19, 0.7),
    ];

    // Numbers of these networks with a wrong count of digits are mistyped or cut cards more often than anything else, when they stand alone and pass Luhn.
    private static readonly CardNetwork[] Odd =
    [
        new("card.visa", 400000, 499999, 14, 18, 0.5), new("card.mastercard", 510000, 559999, 15, 17, 0.5),
        new("card.discover", 601100, 601199, 14, 15, 0.5), new("card.discover", 644000, 659999, 15, 15, 0.5), new("card.diners", 300000, 305999, 13, 15, 0.5),
    ];

    /// <summary>No network that we know; only a word that says so makes such a number a card.</summary>
    internal static CardNetwork Unknown { get; } = new("card.other", 0, 0, 0, 0, 0.2);

    /// <summary>The network that gives out such a number, or null.</summary>
    internal static CardNetwork? Of(int firstSix, int digits, bool alsoOddLengths) =>
        Match(All, firstSix, digits) ?? (alsoOddLengths ? Match(Odd, firstSix, digits) : null);

    private static CardNetwork? Match(CardNetwork[] networks, int firstSix, int digits)
    {
        foreach (CardNetwork network in networks)
            if (firstSix >= network.From && firstSix <= network.To && digits >= network.Least && digits <= network.Most)
                return network;
        return null;
    }
}
