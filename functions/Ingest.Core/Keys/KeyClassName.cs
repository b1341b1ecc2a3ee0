namespace Ingest.Core.Keys;

/// <summary>The names of key classes as they are bound into seals and row keys; they never change.</summary>
internal static class KeyClassName
{
    public static string Name(this KeyClass value) => value switch
    {
        KeyClass.Ticket => "ticket",
        KeyClass.Contact => "contact",
        KeyClass.Credential => "credential",
        KeyClass.Tenant => "tenant",
        KeyClass.Raw => "raw",
    };
}
