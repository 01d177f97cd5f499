/* A host as its user sees it: what may be made, what is refused, what it costs (stack/host.c). */
#include <check.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/watch.h"
#include "stack/impl.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;

static void setup(void)
{
    sw_test_env_init(&world, 1);
}

static void teardown(void)
{
    sw_test_env_fini(&world);
}

static int new_host(const struct sw_host_config *config)
{
    struct sw_host *host = NULL;
    int err = sw_host_new(&host, &world.env, config);
    ck_assert(err == 0 ? host != NULL : host == NULL);
    sw_host_free(host);
    return err;
}

START_TEST(settings_out_of_range_are_refused)
{
    setup();
    struct sw_host_config good = {.name = "h"}, bad = good;
    ck_assert_int_eq(new_host(&good), 0);
    bad.name = NULL;
    ck_assert_int_eq(new_host(&bad), -EINVAL);
    bad.name = "";
    ck_assert_int_eq(new_host(&bad), -EINVAL);
    bad = good;
    bad.tcp.send_buffer_bytes = 4095;
    ck_assert_int_eq(new_host(&bad), -EINVAL);
    bad.tcp.send_buffer_bytes = (1 << 30) + 1;
    ck_assert_int_eq(new_host(&bad), -EINVAL);
    bad = good;
    bad.tcp.receive_buffer_bytes = 1;
    ck_assert_int_eq(new_host(&bad), -EINVAL);
    good.tcp.send_buffer_bytes = 4096;
    good.tcp.receive_buffer_bytes = 1 << 30;
    ck_assert_int_eq(new_host(&good), 0);
    teardown();
}
END_TEST

START_TEST(names_are_copied)
{
    setup();
    char name[] = "web";
    const struct sw_host_config config = {.name = name};
    struct sw_host *host;
    ck_assert_int_eq(sw_host_new(&host, &world.env, &config), 0);
    name[0] = 'x';
    ck_assert_str_eq(sw_host_name(host), "web");
    char eth0[] = "eth0";
    struct sw_nic *nic;
    const struct sw_nic_config nic_config = {.name = eth0, .mac = sw_test_mac(1)};
    ck_assert_int_eq(sw_nic_add(&nic, host, &nic_config), 0);
    eth0[0] = 'x';
    ck_assert_str_eq(sw_nic_name(nic), "eth0");
    ck_assert_str_eq(sw_nic_port(nic)->name, "web:eth0");
    ck_assert_ptr_eq(sw_host_nic(host, "eth0"), nic);
    ck_assert_ptr_null(sw_host_nic(host, "eth1"));
    ck_assert_ptr_nonnull(sw_host_nic(host, "lo"));
    ck_assert(sw_mac_equal(sw_nic_mac(nic), sw_test_mac(1)));
    ck_assert_ptr_eq(sw_host_env(host)->clock, world.env.clock);
    sw_test_host_end(host);
    teardown();
}
END_TEST

static int add_nic(struct sw_host *host, const char *name, struct sw_mac mac, uint32_t mtu)
{
    struct sw_nic *nic;
    const struct sw_nic_config config = {.name = name, .mac = mac, .mtu_bytes = mtu};
    return sw_nic_add(&nic, host, &config);
}

START_TEST(interfaces_that_cannot_be_are_refused)
{
    setup();
    struct sw_host *host = sw_test_host_named(&world, "h", false);
    ck_assert_int_eq(add_nic(host, "eth0", sw_test_mac(1), 0), 0);
    ck_assert_int_eq(add_nic(host, "eth0", sw_test_mac(2), 0), -EEXIST);
    ck_assert_int_eq(add_nic(host, "lo", sw_test_mac(2), 0), -EEXIST);
    ck_assert_int_eq(add_nic(host, "eth1", sw_test_mac(1), 0), -EEXIST);
    ck_assert_int_eq(add_nic(host, "eth1", sw_mac_broadcast, 0), -EINVAL);
    ck_assert_int_eq(add_nic(host, "eth1", sw_mac_zero, 0), -EINVAL);
    ck_assert_int_eq(add_nic(host, "", sw_test_mac(2), 0), -EINVAL);
    ck_assert_int_eq(add_nic(host, "eth1", sw_test_mac(2), 67), -EINVAL);
    ck_assert_int_eq(add_nic(host, "eth1", sw_test_mac(2), 65536), -EINVAL);
    ck_assert_int_eq(add_nic(host, "eth1", sw_test_mac(2), 68), 0);
    for (unsigned i = 2; i < SW_HOST_NICS; i++) {
        char name[16];
        snprintf(name, sizeof name, "eth%u", i);
        ck_assert_int_eq(add_nic(host, name, sw_test_mac((uint8_t)(i + 1)), 65535), 0);
    }
    ck_assert_int_eq(add_nic(host, "one-more", sw_test_mac(200), 0), -ENOSPC);
    sw_test_host_end(host);
    teardown();
}
END_TEST

START_TEST(addresses_that_no_host_can_have_are_refused__rfc1122_3_2_1_3)
{
    setup();
    struct sw_host *host = sw_test_host_named(&world, "h", false);
    struct sw_nic *nic = sw_test_nic(host, "eth0", 1, 0), *second = sw_test_nic(host, "eth1", 2, 0);
    static const char *const bad[] = {"0.0.0.1/24",         "127.0.0.1/8", "224.0.0.1/24",
                                      "240.0.0.1/24",       "10.0.0.0/24", "10.0.0.255/24",
                                      "255.255.255.255/32", "10.0.0.3/30", "10.0.0.4/30"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(sw_nic_add_address(nic, sw_test_prefix(bad[i]), 0) == -EINVAL, "%s", bad[i]);
    }
    struct sw_prefix v6 = {.ip = {.family = SW_IPV6}, .bits = 64};
    ck_assert_int_eq(sw_nic_add_address(nic, v6, 0), -EINVAL);
    struct sw_prefix wide = sw_test_prefix("10.0.0.1/24");
    wide.bits = 33;
    ck_assert_int_eq(sw_nic_add_address(nic, wide, 0), -EINVAL);
    ck_assert_int_eq(sw_host_address(host).family, SW_IP_NONE);
    sw_test_address(nic, "10.0.0.1/24", SW_ADDRESS_SILENT);
    ck_assert_int_eq(sw_nic_add_address(nic, sw_test_prefix("10.0.0.1/24"), 0), -EEXIST);
    ck_assert_int_eq(sw_nic_add_address(second, sw_test_prefix("10.0.0.1/16"), 0), -EEXIST);
    sw_test_address(nic, "10.0.0.2/24", SW_ADDRESS_SILENT); /* a second one in the same net */
    sw_test_address(nic, "10.3.0.1/31", SW_ADDRESS_SILENT);
    sw_test_address(nic, "10.3.0.0/31", SW_ADDRESS_SILENT);
    sw_test_address(nic, "10.4.0.0/32", SW_ADDRESS_SILENT);
    for (unsigned i = 5; i < SW_NIC_ADDRESSES; i++) {
        sw_test_address(nic,
                        i == 5   ? "10.5.0.1/24"
                        : i == 6 ? "10.6.0.1/24"
                                 : "10.7.0.1/24",
                        SW_ADDRESS_SILENT);
    }
    ck_assert_int_eq(sw_nic_add_address(nic, sw_test_prefix("10.8.0.1/24"), 0), -ENOSPC);
    ck_assert_uint_eq(sw_ip_v4_number(sw_host_address(host)), sw_test_ip("10.0.0.1"));
    sw_test_host_end(host);
    teardown();
}
END_TEST

struct dropped {
    struct sw_watch watch;
    unsigned count;
    enum sw_drop reason;
    char where[20];
};

static void saw_drop(struct sw_watch *w, const struct sw_lane *lane, const struct sw_owner *where,
                     sw_time now, const struct sw_frame *frame, enum sw_drop reason)
{
    struct dropped *d = (struct dropped *)w;
    (void)now;
    ck_assert_ptr_null(lane);
    ck_assert_ptr_nonnull(frame);
    d->count++;
    d->reason = reason;
    snprintf(d->where, sizeof d->where, "%s", where->name);
}

START_TEST(observers_see_what_is_dropped_and_where)
{
    setup();
    struct dropped d = {.watch = {.dropped = saw_drop}};
    world.env.watch = &d.watch;
    struct sw_nic *eth0;
    struct sw_host *host = sw_test_host(&world, &eth0);
    struct sw_station st;
    sw_station_init(&st, &world, eth0, 2);
    sw_station_udp(&st, "10.0.0.2", 1, "10.0.0.9", 2, "x", 1);
    sw_test_run(&world, 0);
    ck_assert_uint_eq(d.count, 1);
    ck_assert_int_eq(d.reason, SW_DROP_IP_NOT_FOR_US);
    ck_assert_str_eq(d.where, "h");
    sw_station_fini(&st);
    sw_test_host_end(host);
    world.env.watch = NULL;
    teardown();
}
END_TEST

START_TEST(two_hosts_of_one_name_and_seed_have_the_same_secrets_and_others_do_not)
{
    setup();
    struct sw_host *a = sw_test_host_named(&world, "a", false);
    struct sw_host *again = sw_test_host_named(&world, "a", false);
    struct sw_host *b = sw_test_host_named(&world, "b", false);
    ck_assert(a->hash_key.k0 == again->hash_key.k0 && a->hash_key.k1 == again->hash_key.k1);
    ck_assert(a->hash_key.k0 != b->hash_key.k0 && a->hash_key.k1 != b->hash_key.k1);
    sw_test_host_end(a);
    sw_test_host_end(again);
    sw_test_host_end(b);
    teardown();
}
END_TEST

#define HOSTS 1000

START_TEST(an_idle_host_costs_less_than_4_kib)
{
#ifdef __SANITIZE_ADDRESS__
    return; /* its allocator tells nothing of use */
#endif
    setup();
    static struct sw_host *host[HOSTS];
    size_t before = mallinfo2().uordblks;
    for (unsigned i = 0; i < HOSTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "h%u", i);
        host[i] = sw_test_host_named(&world, name, false);
        sw_test_address(sw_test_nic(host[i], "eth0", 1, 0), "10.0.0.1/24", 0);
    }
    sw_test_run(&world, SW_S); /* announced, into no cable */
    size_t each = (mallinfo2().uordblks - before) / HOSTS;
    ck_assert_msg(each < 4096, "%zu bytes", each);
    for (unsigned i = 0; i < HOSTS; i++) {
        sw_test_host_end(host[i]);
    }
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host");
    TCase *tcase = tcase_create("host");
    tcase_add_test(tcase, settings_out_of_range_are_refused);
    tcase_add_test(tcase, names_are_copied);
    tcase_add_test(tcase, interfaces_that_cannot_be_are_refused);
    tcase_add_test(tcase, addresses_that_no_host_can_have_are_refused__rfc1122_3_2_1_3);
    tcase_add_test(tcase, observers_see_what_is_dropped_and_where);
    tcase_add_test(tcase, two_hosts_of_one_name_and_seed_have_the_same_secrets_and_others_do_not);
    tcase_add_test(tcase, an_idle_host_costs_less_than_4_kib);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
