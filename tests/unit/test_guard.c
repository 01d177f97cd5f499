/* Who sends as another host: by which addresses it is seen, behind which headers, and whose are
 * nobody's. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lan/guard.h"
#include "lan/network.h"

enum { EVIL, WEB, ROUTER, TWIN, HOSTS };

static struct sw_topo *topo;
static struct sw_guard *guard;

static void host(size_t at, const char *name, const char *ip, uint8_t mac)
{
    struct sw_topo_host *h = &topo->hosts[at];
    h->name = strdup(name);
    h->nics = calloc(1, sizeof *h->nics);
    h->nic_count = 1;
    h->nics[0] = (struct sw_topo_nic){.name = strdup("eth0"),
                                      .mac_given = mac != 0,
                                      .mac = {{2, 0, 0, 0, 0, mac}},
                                      .addresses = calloc(1, sizeof *h->nics[0].addresses),
                                      .address_count = 1};
    struct sw_ip address;
    ck_assert(sw_ip_parse(&address, ip));
    h->nics[0].addresses[0].prefix = (struct sw_prefix){address, 24};
}

static void begin(void)
{
    topo = sw_topo_new("lan");
    topo->hosts = calloc(HOSTS, sizeof *topo->hosts);
    topo->host_count = HOSTS;
    host(EVIL, "evil", "10.0.0.66", 6);
    host(WEB, "web", "10.0.0.10", 1);
    host(ROUTER, "router", "10.0.0.254", 2);
    host(TWIN, "twin", "10.0.0.66", 0); /* its MAC address from its name, its IP address evil's */
    topo->hosts[ROUTER].forwarding = true;
    topo->uplinks = calloc(1, sizeof *topo->uplinks);
    topo->uplink_count = 1;
    topo->uplinks[0].name = strdup("kernel");
    topo->uplinks[0].address_given = true;
    ck_assert(sw_ip_parse(&topo->uplinks[0].address.ip, "10.0.0.1"));
    ck_assert_int_eq(sw_guard_new(&guard, topo), 0);
}

static void end(void)
{
    sw_guard_free(guard);
    sw_guard_free(NULL);
    sw_topo_free(topo);
}

static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 6}, web_mac[6] = {2, 0, 0, 0, 0, 1},
                     router_mac[6] = {2, 0, 0, 0, 0, 2}, nobody_mac[6] = {2, 0, 0, 0, 9, 9};

static uint8_t frame[128];

/* To everybody, from `mac`, with `tags` tags of VLAN 0 before the type: where what follows begins.
 */
static size_t ethernet(const uint8_t *mac, unsigned tags, uint8_t type_high, uint8_t type_low)
{
    size_t n = 12;
    memset(frame, 0, sizeof frame);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, mac, 6);
    for (unsigned i = 0; i < tags; i++) {
        frame[n] = i % 2 ? 0x88 : 0x81; /* 802.1ad and 802.1Q */
        frame[n + 1] = i % 2 ? 0xa8 : 0x00;
        n += 4;
    }
    frame[n] = type_high;
    frame[n + 1] = type_low;
    return n + 2;
}

static size_t ipv4(const uint8_t *mac, unsigned tags, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    size_t at = ethernet(mac, tags, 0x08, 0x00);
    const uint8_t source[4] = {a, b, c, d};
    frame[at] = 0x45;
    memcpy(frame + at + 12, source, 4);
    return at + 20;
}

static size_t arp(const uint8_t *mac, unsigned tags, const uint8_t *sender, uint8_t last)
{
    size_t at = ethernet(mac, tags, 0x08, 0x06);
    static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 2};
    const uint8_t ip[4] = {10, 0, 0, last};
    memcpy(frame + at, head, sizeof head);
    memcpy(frame + at + 8, sender, 6);
    memcpy(frame + at + 14, ip, 4);
    return at + 28;
}

static bool forged(size_t n)
{
    return sw_guard_is_forged(guard, EVIL, frame, n);
}

START_TEST(its_own_and_nobodys_addresses_are_its_own_affair)
{
    begin();
    ck_assert(!forged(ipv4(own_mac, 0, 10, 0, 0, 66)));
    ck_assert(!forged(arp(own_mac, 0, own_mac, 66)));
    ck_assert(!forged(ipv4(nobody_mac, 0, 10, 0, 0, 99)));
    ck_assert(!forged(arp(nobody_mac, 0, nobody_mac, 99)));
    ck_assert(!forged(arp(own_mac, 0, own_mac, 0)));  /* 10.0.0.0 */
    ck_assert(!forged(ipv4(own_mac, 0, 0, 0, 0, 0))); /* DHCP's */
    ck_assert(!forged(ethernet(own_mac, 0, 0x86, 0xdd)));
    end();
}
END_TEST

START_TEST(anothers_mac_is_forged_whatever_the_frame)
{
    begin();
    ck_assert(forged(ipv4(web_mac, 0, 10, 0, 0, 66)));
    ck_assert(forged(arp(web_mac, 0, own_mac, 66)));
    ck_assert(forged(ethernet(web_mac, 0, 0x88, 0xb5)));
    ck_assert(forged(14)); /* with nothing behind the header */
    struct sw_mac twin = sw_mac_from_names("lan", "twin", "eth0");
    ck_assert(forged(ethernet(twin.b, 0, 0x88, 0xb5)));
    end();
}
END_TEST

START_TEST(anothers_address_is_forged_in_ip_and_arp)
{
    begin();
    ck_assert(forged(ipv4(own_mac, 0, 10, 0, 0, 10)));
    ck_assert(forged(ipv4(nobody_mac, 0, 10, 0, 0, 254)));
    ck_assert(forged(ipv4(own_mac, 0, 10, 0, 0, 1))); /* the kernel's behind an uplink */
    ck_assert(forged(arp(own_mac, 0, own_mac, 10)));
    ck_assert(forged(arp(own_mac, 0, web_mac, 66)));
    ck_assert(forged(arp(own_mac, 0, router_mac, 99)));
    end();
}
END_TEST

START_TEST(tags_hide_nothing)
{
    begin();
    for (unsigned tags = 1; tags <= 4; tags++) {
        ck_assert(forged(ipv4(own_mac, tags, 10, 0, 0, 10)));
        ck_assert(forged(arp(own_mac, tags, own_mac, 10)));
        ck_assert(!forged(ipv4(own_mac, tags, 10, 0, 0, 66)));
    }
    end();
}
END_TEST

START_TEST(what_is_cut_short_is_read_no_further)
{
    begin();
    size_t whole = ipv4(own_mac, 1, 10, 0, 0, 10);
    for (size_t n = 0; n < whole; n++) {
        uint8_t *exact = malloc(n + (n == 0));
        memcpy(exact, frame, n);
        ck_assert(!sw_guard_is_forged(guard, EVIL, exact, n));
        free(exact);
    }
    ck_assert(forged(whole));
    end();
}
END_TEST

/* A router's frames are its own, what is in them is not. */
START_TEST(a_router_sends_for_others_under_its_own_mac)
{
    begin();
    size_t n = ipv4(router_mac, 0, 10, 0, 0, 10);
    ck_assert(!sw_guard_is_forged(guard, ROUTER, frame, n));
    n = arp(router_mac, 0, router_mac, 10); /* proxy ARP */
    ck_assert(!sw_guard_is_forged(guard, ROUTER, frame, n));
    n = ipv4(web_mac, 0, 10, 0, 0, 10);
    ck_assert(sw_guard_is_forged(guard, ROUTER, frame, n));
    n = arp(router_mac, 0, web_mac, 10);
    ck_assert(sw_guard_is_forged(guard, ROUTER, frame, n));
    end();
}
END_TEST

START_TEST(an_address_that_two_hosts_have_is_forged_by_neither)
{
    begin();
    size_t n = ipv4(own_mac, 0, 10, 0, 0, 66);
    ck_assert(!sw_guard_is_forged(guard, EVIL, frame, n));
    n = ipv4(nobody_mac, 0, 10, 0, 0, 66);
    ck_assert(!sw_guard_is_forged(guard, TWIN, frame, n));
    ck_assert(sw_guard_is_forged(guard, WEB, frame, n));
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guard");
    TCase *tests = tcase_create("guard");
    tcase_add_test(tests, its_own_and_nobodys_addresses_are_its_own_affair);
    tcase_add_test(tests, anothers_mac_is_forged_whatever_the_frame);
    tcase_add_test(tests, anothers_address_is_forged_in_ip_and_arp);
    tcase_add_test(tests, tags_hide_nothing);
    tcase_add_test(tests, what_is_cut_short_is_read_no_further);
    tcase_add_test(tests, a_router_sends_for_others_under_its_own_mac);
    tcase_add_test(tests, an_address_that_two_hosts_have_is_forged_by_neither);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
