using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Ingest.Core.Mailboxes;

/// <summary>A mail as <c>users.messages.get?format=raw</c> answers it.</summary>
/// <param name="Raw">The mail's bytes; null when the answer had none.</param>
/// <param name="InternalDate">When Gmail took it, in Unix milliseconds.</param>
/// <param name="TooLarge">True when reading stopped because the mail is larger than the limit.</param>
public readonly record struct RawMessage(ReadOnlyMemory<byte>? Raw, long? InternalDate, bool TooLarge);

/// <summary>
/// Reads such an answer from a stream and decodes its one huge string as it comes in, so that a mail lives in memory about once: a JSON reader would first want
/// the whole string, which is a third larger than the mail. Everything around that string is left to <see cref="Utf8JsonReader"/>.
/// </summary>
internal sealed class GmailRawReader(Stream json, int maxBytes)
{
    private const int FirstBuffer = 64 * 1024;

    /// <summary>No other member of the answer comes near this.</summary>
    private const int LargestBuffer = 4 * 1024 * 1024;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int start;
    private int end;
    private bool ended;
    private JsonReaderState state;
    private string? property;
    private long? internalDate;
    private long sizeEstimate;
    private byte[]? raw;
    private int length;

    public async Task<RawMessage> ReadAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                switch (Advance())
                {
                    case Stop.NeedsMore when ended:
                        throw new JsonException();
                    case Stop.NeedsMore:
                        await FillAsync(cancel);
                        break;
                    case Stop.AtRaw:
                        if (!await DecodeAsync(cancel))
                            return new RawMessage(null, internalDate, TooLarge: true);
                        break;
                    default:
                        return new RawMessage(raw is null ? null : (ReadOnlyMemory<byte>?)raw.AsMemory(0, length), internalDate, TooLarge: false);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private enum Stop
    {
        NeedsMore,
        AtRaw,
        Done,
    }

    /// <summary>Reads tokens until the buffer is used up, the object ends, or the string of "raw" comes next.</summary>
    private Stop Advance()
    {
        var reader = new Utf8JsonReader(buffer.AsSpan(start, end - start), ended, state);
        Stop stop = Stop.NeedsMore;
        while (stop == Stop.NeedsMore && reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
            {
                property = reader.GetString();
                stop = property == "raw" ? Stop.AtRaw : Stop.NeedsMore;
            }
            else if (reader.CurrentDepth == 1)
            {
                Keep(ref reader);
            }
            else if (reader.CurrentDepth == 0 && reader.TokenType == JsonTokenType.EndObject)
            {
                stop = Stop.Done;
            }
        }

        start += (int)reader.BytesConsumed;
        state = reader.CurrentState;
        return stop;
    }

    private void Keep(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> value = reader.HasValueSequence ? default : reader.ValueSpan;
        if (property == "internalDate" && Utf8Parser.TryParse(value, out long date, out _))
            internalDate = date;
        else if (property == "sizeEstimate" && Utf8Parser.TryParse(value, out long size, out _))
            sizeEstimate = size;
    }

    /// <summary>Decodes the string at hand up to its closing quote; false when it is too large.</summary>
    private async Task<bool> DecodeAsync(CancellationToken cancel)
    {
        await SkipToQuoteAsync(cancel);
        raw = new byte[Math.Clamp(sizeEstimate + 1024, FirstBuffer, maxBytes)];
        var text = new Base64Text();
        while (true)
        {
            int quote = buffer.AsSpan(start, end - start).IndexOf((byte)'"');
            int taken = quote < 0 ? end - start : quote;
            if (!text.Append(buffer.AsSpan(start, taken), final: quote >= 0, ref raw, ref length, maxBytes))
                return false;
            start += taken;
            if (quote >= 0)
                break;
            if (ended)
                throw new JsonException();
            await FillAsync(cancel);
        }

        start++;
        // The reader must believe that it saw the value: it is shown an empty one.
        var reader = new Utf8JsonReader("\"\""u8, isFinalBlock: false, state);
        reader.Read();
        state = reader.CurrentState;
        return true;
    }

    private async Task SkipToQuoteAsync(CancellationToken cancel)
    {
        while (true)
        {
            while (start < end && buffer[start] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)':')
                start++;
            if (start < end)
                break;
            if (ended)
                throw new JsonException();
            await FillAsync(cancel);
        }

        if (buffer[start++] != '"')
            throw new JsonException();
    }

    private async Task FillAsync(CancellationToken cancel)
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (end == buffer.Length)
        {
            if (buffer.Length >= LargestBuffer)
                throw new JsonException();
            byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.AsSpan(0, end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        int read = await json.ReadAsync(buffer.AsMemory(end), cancel);
        end += read;
        ended = read == 0;
    }
}
