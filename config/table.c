/* THE table: the file as a whole, switches, hosts, uplinks. Links stand in table_links.c, steps in
 * table_steps.c. */
#include "config/table.h"

#include "config/config.h"
#include "stack/host.h"

#define KEYS(array) array, sizeof(array) / sizeof(array)[0]
#define LATER(key)                                                                                 \
    {                                                                                              \
        .name = key, .flags = SW_KEY_LATER                                                         \
    }
#define HOUR (3600 * SW_S)

static const struct sw_key top_keys[] = {
    [SW_K_TOP_NAME] = {.name = "name",
                       .kind = SW_KIND_NAME,
                       .preset = "the file's name without its ending",
                       .doc = "The LAN's name; MAC addresses that are not given come from it"},
    [SW_K_TOP_SEED] = {.name = "seed",
                       .kind = SW_KIND_COUNT,
                       .preset = "1",
                       .doc = "What every random choice of links and hosts comes from"},
    [SW_K_TOP_INCLUDE] = {.name = "include",
                          .kind = SW_KIND_PATHS,
                          .doc = "LAN files whose sections come first, relative to this one; what "
                                 "is said here outweighs them, and a later one those before it"},
    [SW_K_TOP_MATRIX] = {.name = "matrix",
                         .kind = SW_KIND_MATRIX,
                         .doc = "Variables and the values of each, as in `{ rtt: [1 ms, 50 ms] }`: "
                                "`switchd test` runs the file once for every combination, `${rtt}` "
                                "being that value. `--set` outweighs it"},
    [SW_K_TOP_DEFAULTS] = {.name = "defaults",
                           .kind = SW_KIND_SECTION,
                           .of = &sw_section_defaults,
                           .doc = "What a link, host or switch has unless it says otherwise"},
    [SW_K_TOP_GROUPS] = {.name = "groups",
                         .kind = SW_KIND_GROUPS,
                         .of = &sw_section_host,
                         .doc = "Settings by name, for the hosts that name them in their `groups`"},
    [SW_K_TOP_SWITCHES] = {.name = "switches",
                           .kind = SW_KIND_NAMED,
                           .of = &sw_section_switch,
                           .doc = "Learning switches"},
    [SW_K_TOP_HOSTS] = {.name = "hosts",
                        .kind = SW_KIND_NAMED,
                        .of = &sw_section_host,
                        .doc = "Hosts and routers, each with a whole TCP/IP stack"},
    [SW_K_TOP_UPLINKS] = {.name = "uplinks",
                          .kind = SW_KIND_NAMED,
                          .of = &sw_section_uplink,
                          .doc = "Ends that reach out of the process"},
    [SW_K_TOP_LINKS] = {.name = "links",
                        .kind = SW_KIND_LINKS,
                        .of = &sw_section_link,
                        .doc = "Cables, each between two ends"},
    [SW_K_TOP_EVENTS] = {.name = "events",
                         .kind = SW_KIND_LIST,
                         .of = &sw_section_event,
                         .doc = "What happens by itself, by the LAN's clock"},
    [SW_K_TOP_SCENARIO] = {.name = "scenario",
                           .kind = SW_KIND_LIST,
                           .of = &sw_section_item,
                           .doc = "What is done and what must hold, step by step"},
    [SW_K_TOP_FORWARD] = {.name = "forward",
                          .kind = SW_KIND_LIST,
                          .of = &sw_section_forward,
                          .doc = "Ports of the machine that lead into the LAN"},
    LATER("gateways"),
};
const struct sw_section sw_section_top = {
    "file", "a LAN file",
    "The file is a mapping. Keys that begin with `x-` are left unread: a place for what other "
    "parts take up by an alias or `<<`",
    KEYS(top_keys)};

static const struct sw_key defaults_keys[] = {
    [SW_K_DEFAULTS_LINK] = {.name = "link",
                            .kind = SW_KIND_SECTION,
                            .of = &sw_section_link,
                            .doc = "Of every link, in both directions"},
    [SW_K_DEFAULTS_HOST] = {.name = "host",
                            .kind = SW_KIND_SECTION,
                            .of = &sw_section_host,
                            .doc = "Of every host"},
    [SW_K_DEFAULTS_SWITCH] = {.name = "switch",
                              .kind = SW_KIND_SECTION,
                              .of = &sw_section_switch,
                              .doc = "Of every switch"},
};
const struct sw_section sw_section_defaults = {
    "defaults", "the defaults",
    "What is said nearer wins. Settings that are one node's own cannot be defaults",
    KEYS(defaults_keys)};

/* ---- switches ---- */

static const struct sw_key switch_keys[] = {
    [SW_K_SWITCH_AGEING] = {.name = "ageing",
                            .kind = SW_KIND_TIME,
                            .flags = SW_KEY_OR_ZERO,
                            .min = 10 * SW_S,
                            .max = 1000000 * SW_S,
                            .preset = "300 s",
                            .doc = "How long a learned address is kept unseen; 0: for ever"},
    [SW_K_SWITCH_MAC_TABLE] =
        {.name = "mac-table",
         .kind = SW_KIND_COUNT,
         .min = 1,
         .max = 1048576,
         .preset = "8192",
         .doc = "How many addresses it can know; when full, it learns nothing new"},
    [SW_K_SWITCH_STATIC] = {.name = "static",
                            .kind = SW_KIND_STATIC,
                            .flags = SW_KEY_OWN,
                            .doc = "Addresses bound to ports for good"},
    [SW_K_SWITCH_PORTS] =
        {.name = "ports",
         .kind = SW_KIND_NAMED,
         .flags = SW_KEY_OWN,
         .of = &sw_section_switch_port,
         .preset = "`p1`, `p2` ... as links need them",
         .doc = "The ports by name; then it has no others, and links take them in this order"},
    LATER("stp"),
    LATER("priority"),
    LATER("vlans"),
    LATER("bundles"),
    LATER("mirrors"),
    LATER("acl"),
    LATER("igmp-snooping"),
    LATER("dhcp-snooping"),
    LATER("lldp"),
    LATER("qos"),
};
const struct sw_section sw_section_switch = {
    "switch", "a switch", "`core: {}` is a plain learning switch", KEYS(switch_keys)};

static const struct sw_key switch_port_keys[] = {
    LATER("vlan"),     LATER("trunk"),      LATER("native"),     LATER("tunnel"),
    LATER("edge"),     LATER("bpdu-guard"), LATER("root-guard"), LATER("cost"),
    LATER("isolated"), LATER("security"),   LATER("storm"),
};
const struct sw_section sw_section_switch_port = {
    "switch-port", "a port", "A port has no settings yet: `desk1: {}`", KEYS(switch_port_keys)};

/* ---- hosts ---- */

static const char *const allow_words[] = {"duplicate-address", "forged-source", NULL};

/* In the order of enum sw_capability. */
static const char *const capability_words[] = {"net-raw", "net-admin", NULL};

/* In the order of enum sw_restart. */
static const char *const restart_words[] = {"no", "on-failure", "always", NULL};

static const struct sw_key ready_keys[] = {
    [SW_K_READY_PORT] = {.name = "port",
                         .kind = SW_KIND_COUNT,
                         .flags = SW_KEY_REQUIRED,
                         .min = 1,
                         .max = 65535,
                         .doc = "Somebody listens at this TCP port of the host"},
    [SW_K_READY_WITHIN] = {.name = "within",
                           .kind = SW_KIND_TIME,
                           .min = SW_MS,
                           .max = HOUR,
                           .preset = "5 s",
                           .doc = "A program that is not ready by then fails a check"},
};
const struct sw_section sw_section_ready = {"ready", "a program's readiness",
                                            "A port that is listened at is seen within 10 ms",
                                            KEYS(ready_keys)};

static const struct sw_key host_keys[] = {
    [SW_K_HOST_ADDRESS] = {.name = "address",
                           .kind = SW_KIND_ADDRESSES,
                           .flags = SW_KEY_OWN,
                           .doc =
                               "The address of `eth0` with its prefix length, or a list of them"},
    [SW_K_HOST_GATEWAY] = {.name = "gateway",
                           .kind = SW_KIND_IP,
                           .doc = "The router of the default route, within one of the host's nets"},
    [SW_K_HOST_MAC] = {.name = "mac",
                       .kind = SW_KIND_MAC,
                       .flags = SW_KEY_OWN,
                       .preset = "from the names of LAN, host and interface",
                       .doc = "The MAC address of `eth0`"},
    [SW_K_HOST_MTU] =
        {.name = "mtu",
         .kind = SW_KIND_COUNT,
         .min = SW_MTU_MIN,
         .max = SW_MTU_MAX,
         .preset = "1500",
         .doc = "The longest IP packet in bytes, of every interface that does not say its own"},
    [SW_K_HOST_INTERFACES] = {.name = "interfaces",
                              .kind = SW_KIND_NAMED,
                              .flags = SW_KEY_OWN,
                              .of = &sw_section_nic,
                              .preset = "`eth0`",
                              .doc = "Several interfaces by name, in place of `address` and `mac`; "
                                     "links take them in this order"},
    [SW_K_HOST_ROUTES] = {.name = "routes",
                          .kind = SW_KIND_LIST,
                          .of = &sw_section_route,
                          .doc =
                              "Routes besides the nets of the host's own addresses and `gateway`"},
    [SW_K_HOST_FORWARDING] = {.name = "forwarding",
                              .kind = SW_KIND_BOOL,
                              .preset = "off",
                              .doc = "Passes packets on between its interfaces: a router"},
    [SW_K_HOST_COUNT] = {.name = "count",
                         .kind = SW_KIND_COUNT,
                         .flags = SW_KEY_OWN,
                         .min = 1,
                         .max = 1000000,
                         .doc =
                             "That many hosts, `NAME-1`, `NAME-2` ..., their addresses counted up "
                             "within the prefix"},
    [SW_K_HOST_GROUPS] = {.name = "groups",
                          .kind = SW_KIND_NAMES,
                          .flags = SW_KEY_OWN,
                          .doc = "Names of `groups` whose settings it has, the first outweighing "
                                 "the next; its own outweigh them, and they the defaults"},
    [SW_K_HOST_SERVICES] = {.name = "services",
                            .kind = SW_KIND_SERVICES,
                            .doc = "What it offers: names, or `NAME: PORT`, or `NAME: { ... }`"},
    [SW_K_HOST_TCP] = {.name = "tcp",
                       .kind = SW_KIND_SECTION,
                       .of = &sw_section_tcp,
                       .doc = "Settings of its TCP"},
    [SW_K_HOST_ARP] = {.name = "arp",
                       .kind = SW_KIND_SECTION,
                       .of = &sw_section_arp,
                       .doc = "How it takes its addresses into use"},
    [SW_K_HOST_ALLOW] = {.name = "allow",
                         .kind = SW_KIND_WORDS,
                         .words = allow_words,
                         .doc = "Mistakes that are meant: `duplicate-address`, the address of "
                                "another host on the segment; of a program `forged-source`, frames "
                                "that say they come from another host"},
    [SW_K_HOST_OFFLOAD] = {.name = "offload",
                           .kind = SW_KIND_OFF,
                           .preset = "off",
                           .doc = "Frames longer than the MTU within the process"},
    [SW_K_HOST_RUN] = {.name = "run",
                       .kind = SW_KIND_COMMAND,
                       .doc = "A real program in place of a virtual stack: its name and arguments, "
                              "or a text for `sh -c`. [More above](#programs)"},
    [SW_K_HOST_ENV] = {.name = "env",
                       .kind = SW_KIND_ENV,
                       .doc = "Of a program: variables of its environment, besides those that "
                              "`switchd` has"},
    [SW_K_HOST_CWD] = {.name = "cwd",
                       .kind = SW_KIND_PATH,
                       .preset = "where `switchd` runs",
                       .doc = "Of a program: the folder that it starts in"},
    [SW_K_HOST_TMPFS] = {.name = "tmpfs",
                         .kind = SW_KIND_PLACES,
                         .doc = "Of a program: directories that are empty and its own, in memory; "
                                "what it writes there lasts as long as the LAN"},
    [SW_K_HOST_USER] = {.name = "user",
                        .kind = SW_KIND_TEXT,
                        .preset = "who runs `switchd`",
                        .doc = "Of a program: the user that it takes itself for, by name or "
                               "number. What it may do to files stays what the user may who runs "
                               "`switchd`"},
    [SW_K_HOST_STDIN] = {.name = "stdin",
                         .kind = SW_KIND_TEXT,
                         .preset = "nothing",
                         .doc = "Of a program: what it reads from its standard input"},
    [SW_K_HOST_READY] = {.name = "ready",
                         .kind = SW_KIND_SECTION,
                         .of = &sw_section_ready,
                         .doc = "Of a program: when it is ready; the scenario begins when all are"},
    [SW_K_HOST_RESTART] = {.name = "restart",
                           .kind = SW_KIND_WORD,
                           .words = restart_words,
                           .preset = "no",
                           .doc = "Of a program that ends by itself: whether it is started anew, a "
                                  "second later"},
    [SW_K_HOST_EXPECT_EXIT] = {.name = "expect-exit",
                               .kind = SW_KIND_COUNT,
                               .min = 0,
                               .max = 255,
                               .doc =
                                   "Of a program: it may end before the scenario does, with this "
                                   "exit status; if nothing is said, its end is a failed check"},
    [SW_K_HOST_CAPABILITIES] =
        {.name = "capabilities",
         .kind = SW_KIND_WORDS,
         .words = capability_words,
         .doc = "Of a program: what it may do in its own network besides: `net-raw`, frames and "
                "packets of its own making; `net-admin`, change its interfaces, routes and "
                "filters"},
    [SW_K_HOST_OUTPUT] = {.name = "output",
                          .kind = SW_KIND_SIZE,
                          .min = 0,
                          .max = 1LL << 40,
                          .preset = "4 MiB",
                          .doc = "Of a program: how much of its standard output and of its "
                                 "standard error reports keep; what comes after that is counted"},
    LATER("dns"),
    LATER("nat"),
    LATER("firewall"),
};
const struct sw_section sw_section_host = {
    "host", "a host",
    "An address is usable at once and announced once, unless `arp` says otherwise; a conflict is "
    "always noticed and defended",
    KEYS(host_keys)};

static const struct sw_key nic_keys[] = {
    [SW_K_NIC_ADDRESS] = {.name = "address",
                          .kind = SW_KIND_ADDRESSES,
                          .doc = "The address with its prefix length, or a list of them"},
    [SW_K_NIC_MAC] = {.name = "mac",
                      .kind = SW_KIND_MAC,
                      .preset = "from the names of LAN, host and interface",
                      .doc = "The MAC address"},
    [SW_K_NIC_MTU] = {.name = "mtu",
                      .kind = SW_KIND_COUNT,
                      .min = SW_MTU_MIN,
                      .max = SW_MTU_MAX,
                      .preset = "the host's",
                      .doc = "The longest IP packet in bytes"},
};
const struct sw_section sw_section_nic = {"interface", "an interface",
                                          "One of a host's `interfaces`", KEYS(nic_keys)};

static const struct sw_key route_keys[] = {
    [SW_K_ROUTE_TO] = {.name = "to",
                       .kind = SW_KIND_NET,
                       .flags = SW_KEY_REQUIRED,
                       .doc = "The net, `10.1.0.0/16` or `default`"},
    [SW_K_ROUTE_VIA] = {.name = "via",
                        .kind = SW_KIND_IP,
                        .doc = "The next router, within one of the host's nets"},
    [SW_K_ROUTE_INTERFACE] =
        {.name = "interface",
         .kind = SW_KIND_NAME,
         .preset = "the one that reaches `via`",
         .doc = "The interface; without `via`, the net is reached directly by it"},
};
const struct sw_section sw_section_route = {"route", "a route",
                                            "The longest prefix wins, then the one that stands "
                                            "first. At least one of `via` and `interface` is said",
                                            KEYS(route_keys)};

/* In the order of enum sw_tcp_congestion, from SW_TCP_CUBIC on. */
const char *const sw_congestion_words[] = {"cubic", "reno", "bbr", NULL};

/* In the order of enum sw_tcp_mtu_probing. */
static const char *const mtu_probing_words[] = {"black-hole", "off", "on", NULL};

/* In the order of enum sw_tcp_cookies. */
static const char *const cookie_words[] = {"on", "off", "always", NULL};
/* In the order of enum sw_tcp_ecn_mode, from SW_TCP_ECN_OFF on. */
static const char *const ecn_words[] = {"off", "passive", "on", NULL};
/* In the order of enum sw_tcp_profile. */
static const char *const profile_words[] = {"linux", "rfc", NULL};

static const struct sw_key tcp_keys[] = {
    [SW_K_TCP_SEND_BUFFER] = {.name = "send-buffer",
                              .kind = SW_KIND_SIZE,
                              .min = 4096,
                              .max = 1 << 30,
                              .preset = "4 MiB",
                              .doc = "Bytes that a connection holds at most until they are "
                                     "acknowledged; it begins with 128 KiB"},
    [SW_K_TCP_RECEIVE_BUFFER] =
        {.name = "receive-buffer",
         .kind = SW_KIND_SIZE,
         .min = 4096,
         .max = 1 << 30,
         .preset = "6 MiB",
         .doc = "Bytes that a connection holds at most until they are read, the largest window; it "
                "begins with 64 KiB"},
    [SW_K_TCP_BUFFER_TUNING] =
        {.name = "buffer-tuning",
         .kind = SW_KIND_BOOL,
         .preset = "on",
         .doc = "Buffers grow with what goes through them; `off`: they are as large as they may be "
                "from the begin"},
    [SW_K_TCP_TIMESTAMPS] = {.name = "timestamps",
                             .kind = SW_KIND_BOOL,
                             .preset = "on",
                             .doc = "Offers timestamps (RFC 7323)"},
    [SW_K_TCP_WINDOW_SCALING] = {.name = "window-scaling",
                                 .kind = SW_KIND_BOOL,
                                 .preset = "on",
                                 .doc = "Offers windows over 64 KiB (RFC 7323)"},
    [SW_K_TCP_CONGESTION] = {.name = "congestion",
                             .kind = SW_KIND_WORD,
                             .words = sw_congestion_words,
                             .preset = "cubic",
                             .doc = "Congestion control: `cubic` (RFC 9438), `reno` (NewReno, RFC "
                                    "6582), or `bbr` (BBR's first version, as Linux has it)"},
    [SW_K_TCP_PACING] =
        {.name = "pacing",
         .kind = SW_KIND_RATE,
         .preset = "`bbr` as it measures; the others not at all",
         .doc = "Text is spread over time, and goes at most so fast (each connection's)"},
    [SW_K_TCP_SACK] = {.name = "sack",
                       .kind = SW_KIND_BOOL,
                       .preset = "on",
                       .doc = "Offers selective acknowledgements (RFC 2018)"},
    [SW_K_TCP_MTU_PROBING] =
        {.name = "mtu-probing",
         .kind = SW_KIND_WORD,
         .words = mtu_probing_words,
         .preset = "black-hole",
         .doc = "Searches for the size of segments that a path carries (RFC 4821): `black-hole`, "
                "once full segments seem to be swallowed, down to packets of 576 bytes; `off`; or "
                "`on`, from the begin"},
    [SW_K_TCP_SYN_COOKIES] =
        {.name = "syn-cookies",
         .kind = SW_KIND_WORD,
         .words = cookie_words,
         .preset = "on",
         .doc = "SYN cookies (RFC 4987) of a listener: `on`, while its backlog is full of "
                "half-open connections; `off`, where the oldest of those gives way; or `always`"},
    [SW_K_TCP_ECN] = {.name = "ecn",
                      .kind = SW_KIND_WORD,
                      .words = ecn_words,
                      .preset = "passive",
                      .doc =
                          "Explicit congestion notification (RFC 3168): `off`, `passive` (agreed "
                          "to when the other end asks), or `on` (asked for, too). What queues "
                          "with `ecn: on` would drop they then mark"},
    [SW_K_TCP_PROFILE] =
        {.name = "profile",
         .kind = SW_KIND_WORD,
         .words = profile_words,
         .preset = "linux",
         .doc = "Where the standards leave a choice: `linux` does what Linux does, `rfc` what they "
                "recommend"},
};
const struct sw_section sw_section_tcp = {"tcp", "tcp", "A host's `tcp`", KEYS(tcp_keys)};

static const struct sw_key arp_keys[] = {
    [SW_K_ARP_PROBE] = {.name = "probe",
                        .kind = SW_KIND_BOOL,
                        .preset = "off",
                        .doc = "Runs the whole of RFC 5227 before an address is used"},
    [SW_K_ARP_ANNOUNCE] = {.name = "announce",
                           .kind = SW_KIND_BOOL,
                           .preset = "on",
                           .doc = "Announces an address when it is taken into use"},
};
const struct sw_section sw_section_arp = {"arp", "arp", "A host's `arp`", KEYS(arp_keys)};

/* ---- services ---- */

static const struct sw_key service_keys[] = {
    [SW_K_PLAIN_PORT] = {.name = "port",
                         .kind = SW_KIND_COUNT,
                         .min = 1,
                         .max = 65535,
                         .preset = "the service's usual one",
                         .doc = "Where it listens"},
};
const struct sw_section sw_section_service = {
    "service", "a service", "Settings of `echo`, `discard`, `chargen`, `udp-echo` and `iperf3`",
    KEYS(service_keys)};

static const struct sw_key http_keys[] = {
    [SW_K_HTTP_PORT] = {.name = "port",
                        .kind = SW_KIND_COUNT,
                        .min = 1,
                        .max = 65535,
                        .preset = "80",
                        .doc = "Where it listens"},
    [SW_K_HTTP_ROOT] =
        {.name = "root",
         .kind = SW_KIND_PATH,
         .doc = "Serves the files below this directory as they are when the LAN file is read"},
    [SW_K_HTTP_BODY] = {.name = "body",
                        .kind = SW_KIND_TEXT,
                        .doc = "Serves this text at every path"},
    [SW_K_HTTP_SIZE] = {.name = "size",
                        .kind = SW_KIND_SIZE,
                        .preset = "0 B",
                        .doc =
                            "Serves that many made-up bytes at every path: byte i is i modulo 251"},
};
const struct sw_section sw_section_http = {
    "http", "http", "Settings of the service `http`: at most one of `root`, `body` and `size`",
    KEYS(http_keys)};

static const struct sw_service_row service_rows[] = {
    {"echo", false, SW_SERVICE_ECHO, false, 7, &sw_section_service,
     "Sends back what it gets (RFC 862, TCP)"},
    {"discard", false, SW_SERVICE_DISCARD, false, 9, &sw_section_service,
     "Takes everything and says nothing (RFC 863, TCP)"},
    {"chargen", false, SW_SERVICE_CHARGEN, false, 19, &sw_section_service,
     "Sends characters without end (RFC 864, TCP)"},
    {"udp-echo", false, SW_SERVICE_UDP_ECHO, true, 7, &sw_section_service,
     "Sends back each datagram (RFC 862, UDP)"},
    {"http", false, SW_SERVICE_HTTP, false, 80, &sw_section_http,
     "Serves files or made-up bytes (RFC 9110, RFC 9112)"},
    {"iperf3", false, SW_SERVICE_IPERF3, false, 5201, &sw_section_service,
     "Serves the clients of iperf3, 3.12 and newer (TCP; UDP on the same port while a test runs)"},
};

const struct sw_service_row *sw_service_row(size_t i)
{
    return i < sizeof service_rows / sizeof service_rows[0] ? &service_rows[i] : NULL;
}

/* ---- uplinks ---- */

/* In the order of enum sw_uplink_kind. */
static const char *const uplink_words[] = {"tap", "tun", "pcap", "qemu", NULL};
static const char *const uplink_later_words[] = {"vde", "vpnkit", "vxlan", NULL};

/* A stream first: no is 0. */
static const char *const framing_words[] = {"stream", "dgram", NULL};

static const struct sw_key uplink_keys[] = {
    [SW_K_UPLINK_TYPE] = {.name = "type",
                          .kind = SW_KIND_WORD,
                          .flags = SW_KEY_REQUIRED,
                          .words = uplink_words,
                          .later_words = uplink_later_words,
                          .doc =
                              "What it is: `tap`, a virtual Ethernet device of the kernel; "
                              "`tun`, one of bare IP; `pcap`, a capture file; `qemu`, a socket for "
                              "QEMU's `-netdev stream` or `-netdev dgram`"},
    [SW_K_UPLINK_DEVICE] = {.name = "device",
                            .kind = SW_KIND_TEXT,
                            .preset = "the kernel's choice",
                            .doc = "The device's name, at most 15 characters"},
    [SW_K_UPLINK_NETNS] =
        {.name = "netns",
         .kind = SW_KIND_TEXT,
         .preset = "where `switchd` runs",
         .doc = "The network namespace of the device: a name of `ip netns`, or a path"},
    [SW_K_UPLINK_ADDRESS] = {.name = "address",
                             .kind = SW_KIND_ADDRESS,
                             .doc = "The address of the kernel's side; of a `tun` it must be said"},
    [SW_K_UPLINK_MTU] = {.name = "mtu",
                         .kind = SW_KIND_COUNT,
                         .min = SW_MTU_MIN,
                         .max = SW_MTU_MAX,
                         .preset = "1500",
                         .doc = "The longest IP packet in bytes; of a `tap` at most 65521"},
    [SW_K_UPLINK_VNET_HEADER] =
        {.name = "vnet-header",
         .kind = SW_KIND_BOOL,
         .preset = "on",
         .doc = "Leaves checksums to the other side; off: each frame has its own"},
    [SW_K_UPLINK_ROUTES] =
        {.name = "routes",
         .kind = SW_KIND_LIST,
         .of = &sw_section_route,
         .doc = "Of a `tun`: the LAN's nets behind routers, each with its `via`; the kernel "
                "gets a route to each by the device"},
    [SW_K_UPLINK_READ] = {.name = "read",
                          .kind = SW_KIND_FILE,
                          .doc = "Of a `pcap`: the capture (pcap or pcapng, of Ethernet) whose "
                                 "frames enter the LAN here"},
    [SW_K_UPLINK_WRITE] = {.name = "write",
                           .kind = SW_KIND_FILE,
                           .doc = "Of a `pcap`: where the frames that the LAN sends here are "
                                  "written, as pcapng; one of `read` and `write` is said at least"},
    [SW_K_UPLINK_SPEED] = {.name = "speed",
                           .kind = SW_KIND_SPEED,
                           .preset = "kept",
                           .doc = "Of a `pcap`: the pace of what is read, `kept` as the capture "
                                  "has it, `10x` or `0.5x` of that, or `fast`, as the link takes "
                                  "it"},
    [SW_K_UPLINK_START] = {.name = "start",
                           .kind = SW_KIND_TIME,
                           .max = 10000 * HOUR,
                           .preset = "0",
                           .doc = "Of a `pcap`: the LAN time at which the first frame is due"},
    [SW_K_UPLINK_REWRITE] = {.name = "rewrite",
                             .kind = SW_KIND_REWRITE,
                             .doc = "Of a `pcap`: new addresses for those in the capture, MAC for "
                                    "MAC, IPv4 address for address, net for net of one length"},
    [SW_K_UPLINK_LISTEN] = {.name = "listen",
                            .kind = SW_KIND_TEXT,
                            .doc = "Of a `qemu`: where QEMU finds it, a path of a Unix socket "
                                   "(with a `/`) or `ADDRESS:PORT`; one of `listen` and `connect` "
                                   "is said, of datagrams both may be"},
    [SW_K_UPLINK_CONNECT] = {.name = "connect",
                             .kind = SW_KIND_TEXT,
                             .doc = "Of a `qemu`: where it finds QEMU, tried again every second"},
    [SW_K_UPLINK_FRAMING] = {.name = "framing",
                             .kind = SW_KIND_WORD,
                             .words = framing_words,
                             .preset = "stream",
                             .doc = "Of a `qemu`: as `-netdev stream`, each frame behind its "
                                    "length, or as `-netdev dgram`, a datagram each"},
    LATER("match"),
    LATER("vni"),
    LATER("local"),
    LATER("remotes"),
    LATER("port"),
};
const struct sw_section sw_section_uplink = {
    "uplink", "an uplink",
    "A `tap` and a `tun` need real time, and what the system asks for (CAP_NET_ADMIN); a `qemu` "
    "needs "
    "real time alone; a `pcap` is read and written in LAN time, virtual or real",
    KEYS(uplink_keys)};

/* ---- forwards ---- */

static const struct sw_key forward_keys[] = {
    [SW_K_FORWARD_HOST] = {.name = "host",
                           .kind = SW_KIND_TEXT,
                           .flags = SW_KEY_REQUIRED,
                           .doc = "Where the machine's own programs connect to, as "
                                  "`127.0.0.1:8080`; port 0: one is chosen, and said"},
    [SW_K_FORWARD_TO] = {.name = "to",
                         .kind = SW_KIND_ENDPOINT,
                         .flags = SW_KEY_REQUIRED,
                         .doc = "The host or address in the LAN, and its port"},
    [SW_K_FORWARD_FROM] = {.name = "from",
                           .kind = SW_KIND_HOST,
                           .preset = "the host of `to`",
                           .doc = "The host that opens the connections in the LAN, so that they "
                                  "cross what lies between; by itself a host is reached as by a "
                                  "program on it"},
};
const struct sw_section sw_section_forward = {
    "forward", "a forward",
    "A LAN with a forward is played in real time. `127.0.0.1` is this machine alone; another "
    "address lets in whoever reaches it",
    KEYS(forward_keys)};

const char *sw_key_preset(const struct sw_section *section, const struct sw_key *key)
{
    if (section == &sw_section_set && key < section->keys + SW_K_LANE_KEYS) {
        return "as it is";
    }
    return section == &sw_section_lane ? "the link's" : key->preset;
}

const struct sw_section *sw_section_at(size_t i)
{
    static const struct sw_section *const all[] = {
        &sw_section_top,      &sw_section_defaults, &sw_section_switch,  &sw_section_switch_port,
        &sw_section_host,     &sw_section_nic,      &sw_section_route,   &sw_section_tcp,
        &sw_section_arp,      &sw_section_service,  &sw_section_http,    &sw_section_uplink,
        &sw_section_forward,  &sw_section_ready,    &sw_section_link,    &sw_section_lane,
        &sw_section_loss,     &sw_section_queue,    &sw_section_event,   &sw_section_set,
        &sw_section_flap,     &sw_section_drop,     &sw_section_hold,    &sw_section_item,
        &sw_section_ping,     &sw_section_iperf,    &sw_section_fetch,   &sw_section_tcp_step,
        &sw_section_udp_step, &sw_section_kill,     &sw_section_run,     &sw_section_wait,
        &sw_section_counter,  &sw_section_table,    &sw_section_capture, &sw_section_repeat,
    };
    return i < sizeof all / sizeof all[0] ? all[i] : NULL;
}
