return await Ingest.LocalHost.CommandLine.RunAsync(args);
