using System.Net;
using System.Net.Sockets;
using Ingest.Cli;
using Ingest.Cli.Local;
using Xunit;

namespace Ingest.App.Tests.Cli;

public sealed class PortChoiceTests : IDisposable
{
    readonly TcpListener taken = new(IPAddress.Loopback, 0);
    readonly List<string> said = [];
    readonly int port;

    public PortChoiceTests()
    {
        taken.Start();
        port = ((IPEndPoint)taken.LocalEndpoint).Port;
    }

    [Fact]
    public void A_taken_port_gives_way_to_the_next_free_one_and_it_is_said()
    {
        int chosen = new FreePorts(said.Add).Near(port, "the app");

        Assert.InRange(chosen, port + 1, port + 200);
        Assert.Equal([$"Port {port} is taken; the app uses {chosen}."], said);
    }

    [Fact]
    public void A_port_that_was_asked_for_and_is_taken_is_an_error_that_names_the_option()
    {
        LocalOptions options = new() { Data = new DataFolder("unused"), AzuritePorts = [port, port + 1, port + 2] };

        CannotRunException fault = Assert.Throws<CannotRunException>(() => options.ChoosePorts(last: null, said.Add));

        Assert.Equal($"Port {port} is taken: free it, or give another one with --azurite-ports.", fault.Message);
    }

    [Fact]
    public void No_port_is_chosen_twice()
    {
        LocalPorts last = new() { Host = port, Blob = port, Queue = port, Table = port, Google = port };

        LocalPorts ports = new LocalOptions { Data = new DataFolder("unused") }.ChoosePorts(last, said.Add);

        int[] all = [ports.Host, ports.Blob, ports.Queue, ports.Table, ports.Google!.Value];
        Assert.Equal(5, all.Distinct().Count());
        Assert.Equal(5, said.Count);
    }

    [Fact]
    public void Ports_of_the_last_start_are_used_again_when_they_are_free()
    {
        taken.Stop();
        LocalPorts last = new() { Host = port, Blob = port, Queue = port, Table = port, Google = null };

        LocalPorts ports = new LocalOptions { Data = new DataFolder("unused"), Google = false }.ChoosePorts(last, said.Add);

        Assert.Equal(port, ports.Host);
        Assert.Null(ports.Google);
    }

    public void Dispose() => taken.Dispose();
}
