namespace Ingest.Core.Keys;

/// <summary>The two lengths a sealed segment may have, in bytes; a reader accepts no other, so that nobody chooses our buffers.</summary>
public enum SegmentLength
{
    /// <summary>For table rows.</summary>
    Row = 4096,
    /// <summary>For blobs: below the large-object heap, small enough for range reads.</summary>
    Blob = 65536,
}
