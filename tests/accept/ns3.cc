// The peer of scenario row 3, in ns-3: a stream through a switch, and hosts on switches that ping each other for an hour.
//
//   ns3 stream BYTES     two hosts on a switch, one bulk TCP stream: bytes received, seconds of the processor
//   ns3 pings SECONDS    100 hosts on 10 switches, each pings another once a second: replies, seconds of the processor
//
// Links are of 10 Gbit/s and 1 us, as a LAN file's are that says nothing.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <ns3/applications-module.h>
#include <ns3/bridge-module.h>
#include <ns3/core-module.h>
#include <ns3/csma-module.h>
#include <ns3/internet-apps-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>

using namespace ns3;

static uint64_t replies;

static double
Processor()
{
    timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return ts.tv_sec + ts.tv_nsec / 1e9;
}

static CsmaHelper
Cable()
{
    CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", StringValue("10Gbps"));
    csma.SetChannelAttribute("Delay", StringValue("1us"));
    return csma;
}

static void
Stream(uint64_t bytes)
{
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(1 << 20));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(1 << 20));
    NodeContainer hosts(2), bridge(1);
    NetDeviceContainer nics, ports;
    for (int i = 0; i < 2; i++)
    {
        auto link = Cable().Install(NodeContainer(hosts.Get(i), bridge.Get(0)));
        nics.Add(link.Get(0));
        ports.Add(link.Get(1));
    }
    BridgeHelper().Install(bridge.Get(0), ports);
    InternetStackHelper().Install(hosts);
    auto interfaces = Ipv4AddressHelper("10.0.0.0", "255.255.255.0").Assign(nics);
    BulkSendHelper source("ns3::TcpSocketFactory", InetSocketAddress(interfaces.GetAddress(1), 5001));
    source.SetAttribute("MaxBytes", UintegerValue(bytes));
    source.SetAttribute("SendSize", UintegerValue(131072));
    source.Install(hosts.Get(0)).Start(Seconds(0.1));
    PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 5001));
    auto sinks = sink.Install(hosts.Get(1));
    Simulator::Stop(Seconds(3600));
    double begin = Processor();
    Simulator::Run();
    uint64_t got = DynamicCast<PacketSink>(sinks.Get(0))->GetTotalRx();
    printf("%llu %.6f\n", (unsigned long long)got, Processor() - begin);
}

static void
Reply(Time)
{
    replies++;
}

static void
Pings(unsigned seconds)
{
    NodeContainer hosts(100), bridges(10);
    NetDeviceContainer nics, ports[10];
    for (unsigned i = 0; i < 100; i++)
    {
        auto link = Cable().Install(NodeContainer(hosts.Get(i), bridges.Get(i % 10)));
        nics.Add(link.Get(0));
        ports[i % 10].Add(link.Get(1));
    }
    for (unsigned i = 1; i < 10; i++)
    {
        auto link = Cable().Install(NodeContainer(bridges.Get(0), bridges.Get(i)));
        ports[0].Add(link.Get(0));
        ports[i].Add(link.Get(1));
    }
    for (unsigned i = 0; i < 10; i++)
    {
        BridgeHelper().Install(bridges.Get(i), ports[i]);
    }
    InternetStackHelper().Install(hosts);
    auto interfaces = Ipv4AddressHelper("10.0.0.0", "255.255.255.0").Assign(nics);
    for (unsigned i = 0; i < 100; i++)
    {
        V4PingHelper ping(interfaces.GetAddress((i + 37) % 100));
        ping.SetAttribute("Interval", TimeValue(Seconds(1)));
        auto apps = ping.Install(hosts.Get(i));
        apps.Start(Seconds(0));
        apps.Stop(Seconds(seconds));
        apps.Get(0)->TraceConnectWithoutContext("Rtt", MakeCallback(&Reply));
    }
    Simulator::Stop(Seconds(seconds + 1));
    double begin = Processor();
    Simulator::Run();
    printf("%llu %.6f\n", (unsigned long long)replies, Processor() - begin);
}

int
main(int argc, char** argv)
{
    if (argc != 3)
    {
        return 2;
    }
    if (strcmp(argv[1], "stream") == 0)
    {
        Stream(strtoull(argv[2], nullptr, 10));
    }
    else
    {
        Pings(strtoul(argv[2], nullptr, 10));
    }
    Simulator::Destroy();
    return 0;
}
