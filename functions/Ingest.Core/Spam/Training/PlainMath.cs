namespace Ingest.Core.Spam.Training;

/// <summary>The exponential function from additions and multiplications alone: the same bits on every machine, which a C library's does not promise.</summary>
internal static class PlainMath
{
    private const double Log2E = 1.4426950408889634, Ln2High = 0.693147180369123816490, Ln2Low = 1.90821492927058770002e-10;
    private const int Terms = 14;

    public static double Exp(double x)
    {
        x = Math.Clamp(x, -700, 700);
        double k = Math.Floor((x * Log2E) + 0.5);
        double r = x - (k * Ln2High) - (k * Ln2Low), sum = 1;
        for (int i = Terms; i > 0; i--)
            sum = 1 + (sum * r / i);
        return sum * BitConverter.Int64BitsToDouble(((long)k + 1023) << 52);
    }

    public static double Sigmoid(double x) => 1 / (1 + Exp(-x));
}
