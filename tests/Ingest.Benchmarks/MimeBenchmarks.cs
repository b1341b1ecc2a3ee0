using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Ingest.Mail.Mime;
using Ingest.Mail.Text;

namespace Ingest.Benchmarks;

/// <summary>
/// The reader's numbers by BenchmarkDotNet, for those who want its statistics: the same work as in <see cref="ParseBenchmark"/>, one mail an operation. It needs a machine of
/// its own, because it counts time on the clock.
/// </summary>
[MemoryDiagnoser]
public class MimeBenchmarks
{
    private IReadOnlyList<byte[]> real = [], alternatives = [];
    private byte[] attachment = [];
    private string[] html = [];

    internal static int Run(string[] arguments)
    {
        // In this process, so that nothing is built or fetched on the way.
        IConfig config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance)).WithOptions(ConfigOptions.DisableLogFile)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "ingest-benchmarks"));
        return BenchmarkSwitcher.FromTypes([typeof(MimeBenchmarks)]).Run(arguments.Length > 0 ? arguments : ["--filter", "*"], config).Any(s => s.HasCriticalValidationErrors) ? 1 : 0;
    }

    /// <summary>Reads the corpora.</summary>
    [GlobalSetup]
    public void Read()
    {
        real = Corpus.Read() ?? throw new DirectoryNotFoundException("The SpamAssassin corpus is not in shared/data/spam beside the repository.");
        alternatives = Corpus.Alternatives(500);
        attachment = Corpus.WithAttachment(ParseBenchmark.BigAttachment);
        html = [.. real.Select(mail => MailMessage.Parse(mail).Html).OfType<string>()];
    }

    /// <summary>4,245 real mails, all attachments decoded.</summary>
    [Benchmark(OperationsPerInvoke = 4245, Description = "real mail")]
    public void RealMails() => Parse(real);

    /// <summary>500 mails of text and html, 18 KB each.</summary>
    [Benchmark(OperationsPerInvoke = 500, Description = "text and html of 18 KB")]
    public void Alternatives() => Parse(alternatives);

    /// <summary>A mail of 26 MB with one base64 attachment.</summary>
    [Benchmark(Description = "26 MB with one base64 attachment")]
    public void Attachment() => Parse([attachment]);

    /// <summary>861 html bodies made into text.</summary>
    [Benchmark(OperationsPerInvoke = 861, Description = "html body to text")]
    public void HtmlToText()
    {
        foreach (string document in html)
            HtmlText.Convert(document);
    }

    private static void Parse(IReadOnlyList<byte[]> mails)
    {
        foreach (byte[] mail in mails)
        {
            foreach (MailAttachment part in MailMessage.Parse(mail).Attachments)
                part.Part.CopyContentTo(Stream.Null);
        }
    }
}
