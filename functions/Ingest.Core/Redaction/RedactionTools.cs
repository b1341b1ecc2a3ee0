namespace Ingest.Core.Redaction;

/// <summary>What a redaction needs besides its policy; every part may be missing.</summary>
public sealed record RedactionTools
{
    /// <summary>None of them.</summary>
    public static RedactionTools None { get; } = new();

    /// <summary>
    /// The short name of a value for <see cref="MaskStyle.Pseudonym"/>: letters and digits of Crockford's base32, the same for the same sort and value (letters and digits
    /// only, capitals) as long as the mailbox lives, telling nothing about it without a key. Where it is missing, a label stands alone.
    /// </summary>
    public Func<FindingType, string, string>? Pseudonym { get; init; }

    /// <summary>True for an address of our own, in small letters, which is never masked.</summary>
    public Func<string, bool>? IsOwnAddress { get; init; }

    /// <summary>Told of each value that is masked, in its plain form. It must keep nothing of it that can be read.</summary>
    public Action<FindingType, string>? OnMasked { get; init; }

    /// <summary>What stands in brackets for a sort of finding; the sort's own word where it is missing.</summary>
    public Func<FindingType, string>? Label { get; init; }

    /// <summary>Recognisers that are plugged in, such as one for people's names.</summary>
    public IReadOnlyList<Recogniser> Recognisers { get; init; } = [];
}

/// <summary>Looks for something in what a person reads and adds what it finds; places count in UTF-16 code units of the text given. It must not throw, and take linear time.</summary>
public delegate void Recogniser(ReadOnlySpan<char> text, ICollection<Recognised> found);

/// <summary>What a recogniser found.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">Its length.</param>
/// <param name="Rule">The rule that found it.</param>
/// <param name="Confidence">0 to 1.</param>
public readonly record struct Recognised(FindingType Type, int Start, int Length, string Rule, double Confidence);
