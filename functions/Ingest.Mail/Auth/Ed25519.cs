using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Ingest.Mail.Auth;

/// <summary>
/// Ed25519 verification (RFC 8032) through the OpenSSL that .NET itself loads on Linux, since the base class library has none. Absent elsewhere, and then
/// <see cref="IsAvailable"/> says so.
/// </summary>
internal sealed class Ed25519
{
    public const int KeyLength = 32;
    private const int KeyType = 1087;
    private static readonly Lazy<Ed25519?> Loaded = new(static () => OperatingSystem.IsLinux() ? Load() : null);

    private readonly NewKey newKey;
    private readonly Free freeKey;
    private readonly New newContext;
    private readonly Free freeContext;
    private readonly VerifyInit verifyInit;
    private readonly VerifyOnce verify;
    private readonly Clear clearErrors;

    private Ed25519(nint library)
    {
        newKey = Get<NewKey>(library, "EVP_PKEY_new_raw_public_key");
        freeKey = Get<Free>(library, "EVP_PKEY_free");
        newContext = Get<New>(library, "EVP_MD_CTX_new");
        freeContext = Get<Free>(library, "EVP_MD_CTX_free");
        verifyInit = Get<VerifyInit>(library, "EVP_DigestVerifyInit");
        verify = Get<VerifyOnce>(library, "EVP_DigestVerify");
        clearErrors = Get<Clear>(library, "ERR_clear_error");
    }

    private delegate nint NewKey(int type, nint engine, byte[] key, nuint length);

    private delegate nint New();

    private delegate void Free(nint handle);

    private delegate void Clear();

    private delegate int VerifyInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    private delegate int VerifyOnce(nint context, byte[] signature, nuint signatureLength, byte[] data, nuint dataLength);

    /// <summary>Whether this machine can check such signatures.</summary>
    public static bool IsAvailable => Loaded.Value is not null;

    /// <summary>True when the signature is right; null when this machine cannot know.</summary>
    public static bool? Verify(byte[] key, byte[] data, byte[] signature) => Loaded.Value?.Holds(key, data, signature);

    private bool Holds(byte[] key, byte[] data, byte[] signature)
    {
        nint handle = 0, context = 0;
        try
        {
            handle = newKey(KeyType, 0, key, (nuint)key.Length);
            context = newContext();
            return handle != 0 && context != 0 && verifyInit(context, 0, 0, 0, handle) == 1
                && verify(context, signature, (nuint)signature.Length, data, (nuint)data.Length) == 1;
        }
        finally
        {
            if (context != 0)
                freeContext(context);
            if (handle != 0)
                freeKey(handle);
            // The queue of errors belongs to the thread: .NET would take ours for its own.
            clearErrors();
        }
    }

    [SupportedOSPlatform("linux")]
    private static Ed25519? Load()
    {
        try
        {
            var major = SafeEvpPKeyHandle.OpenSslVersion >> 28;
            return NativeLibrary.TryLoad(major >= 3 ? $"libcrypto.so.{major}" : "libcrypto.so.1.1", out var library) ? new Ed25519(library) : null;
        }
        catch (Exception e) when (e is PlatformNotSupportedException or DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return null;
        }
    }

    private static T Get<T>(nint library, string name) => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));
}
