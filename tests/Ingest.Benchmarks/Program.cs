using Ingest.Benchmarks;
using Ingest.Benchmarks.ColdStart;

// One command per question; README.md says what each one answers.
return args switch
{
    ["cold-start", .. var rest] => await ColdStartBenchmark.RunAsync(rest),
    ["parse"] => ParseBenchmark.Run(),
    ["dotnet", .. var rest] => MimeBenchmarks.Run(rest),
    ["auth"] => AuthBenchmark.Run(),
    ["seal"] => await SealBenchmark.RunAsync(),
    ["pipeline"] => await PipelineBenchmark.RunAsync(),
    ["spam"] => SpamBenchmark.Run(),
    ["redact"] => RedactBenchmark.Run(),
    ["imap"] => await ImapBenchmark.RunAsync(),
    ["all"] => await AllAsync(),
    _ => Usage(),
};

static async Task<int> AllAsync()
{
    int[] codes = [ParseBenchmark.Run(), AuthBenchmark.Run(), await SealBenchmark.RunAsync(), await PipelineBenchmark.RunAsync(), SpamBenchmark.Run(), RedactBenchmark.Run(), await ImapBenchmark.RunAsync(), await ColdStartBenchmark.RunAsync([])];
    return codes.Max();
}

static int Usage()
{
    Console.Error.WriteLine("dotnet run -c Release --project tests/Ingest.Benchmarks -- cold-start [--rounds N] [--package DIR] | parse | dotnet [--filter X] | auth | seal | pipeline | spam | redact | imap | all");
    return 2;
}
