/* The MAC table: IEEE 802.1Q 8.8 as lan/fdb.h says it, and a long random run beside the plainest
 * table there is. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "lan/fdb.h"

#define KEY 0x0123456789abcdefu

/* The n-th station: 02:00:... for all n below 2^32. */
static struct sw_mac station(uint32_t n)
{
    return (struct sw_mac){
        {0x02, 0x00, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

static struct sw_fdb *table(uint32_t capacity, sw_time ageing)
{
    struct sw_fdb *fdb = NULL;
    ck_assert_int_eq(sw_fdb_new(&fdb, capacity, ageing, KEY), 0);
    return fdb;
}

START_TEST(learns_where_a_station_is__q_learn_1)
{
    struct sw_fdb *fdb = table(8192, 300 * SW_S);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 0, 0), SW_FDB_NONE);
    ck_assert(sw_fdb_learn(fdb, station(1), 0, 7, 0));
    ck_assert(sw_fdb_learn(fdb, station(2), 0, 8, 0));
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 0, 0), 7);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(2), 0, 0), 8);
    ck_assert_uint_eq(sw_fdb_count(fdb), 2);
    ck_assert_uint_eq(sw_fdb_learned(fdb), 2);
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(vlans_learn_by_themselves__q_vlan_8)
{
    struct sw_fdb *fdb = table(8192, 300 * SW_S);
    sw_fdb_learn(fdb, station(1), 10, 1, 0);
    sw_fdb_learn(fdb, station(1), 20, 2, 0);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 10, 0), 1);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 20, 0), 2);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 0, 0), SW_FDB_NONE);
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(group_and_zero_are_nobody__q_learn_2)
{
    struct sw_fdb *fdb = table(8192, 300 * SW_S);
    const struct sw_mac group = {{0x03, 0, 0, 0, 0, 1}};
    ck_assert(!sw_fdb_learn(fdb, group, 0, 1, 0));
    ck_assert(!sw_fdb_learn(fdb, sw_mac_broadcast, 0, 1, 0));
    ck_assert(!sw_fdb_learn(fdb, sw_mac_zero, 0, 1, 0));
    ck_assert(!sw_fdb_learn(fdb, sw_mac_zero, 5, 1, 0));
    ck_assert_uint_eq(sw_fdb_lookup(fdb, group, 0, 0), SW_FDB_NONE);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, sw_mac_zero, 0, 0), SW_FDB_NONE);
    ck_assert_uint_eq(sw_fdb_count(fdb), 0);
    ck_assert_uint_eq(sw_fdb_refused(fdb), 0);
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(a_station_moves__q_learn_3)
{
    struct sw_fdb *fdb = table(8192, 300 * SW_S);
    sw_fdb_learn(fdb, station(1), 0, 7, 0);
    ck_assert_uint_eq(sw_fdb_moved(fdb), 0);
    sw_fdb_learn(fdb, station(1), 0, 9, 1);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 0, 1), 9);
    ck_assert_uint_eq(sw_fdb_count(fdb), 1);
    ck_assert_uint_eq(sw_fdb_moved(fdb), 1);
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(entries_age_and_traffic_refreshes__q_learn_4)
{
    struct sw_fdb *fdb = table(8192, 300 * SW_S);
    sw_fdb_learn(fdb, station(1), 0, 7, 0);
    sw_fdb_learn(fdb, station(2), 0, 8, 0);
    sw_fdb_learn(fdb, station(2), 0, 8, 200 * SW_S);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 0, 300 * SW_S), 7);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 0, 300 * SW_S + 1), SW_FDB_NONE);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(2), 0, 500 * SW_S), 8);
    ck_assert_uint_eq(sw_fdb_count(fdb), 2);
    sw_fdb_age(fdb, 301 * SW_S, 8192);
    ck_assert_uint_eq(sw_fdb_count(fdb), 1);
    sw_fdb_age(fdb, 501 * SW_S, 8192);
    ck_assert_uint_eq(sw_fdb_count(fdb), 0);
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(ageing_zero_is_never)
{
    struct sw_fdb *fdb = table(8192, 0);
    sw_fdb_learn(fdb, station(1), 0, 7, 0);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 0, SW_TIME_NEVER - 1), 7);
    sw_fdb_age(fdb, SW_TIME_NEVER - 1, 8192);
    ck_assert_uint_eq(sw_fdb_count(fdb), 1);
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(static_entries_beat_learned_ones_and_stay__q_learn_5)
{
    struct sw_fdb *fdb = table(8192, 300 * SW_S);
    sw_fdb_learn(fdb, station(1), 0, 7, 0);
    ck_assert_int_eq(sw_fdb_add_static(fdb, station(1), 0, 3), 0);
    ck_assert_int_eq(sw_fdb_add_static(fdb, station(1), 0, 4), -EEXIST);
    ck_assert(sw_fdb_learn(fdb, station(1), 0, 7, 1));
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 0, 1000000 * SW_S), 3);
    sw_fdb_age(fdb, 1000000 * SW_S, 8192);
    sw_fdb_flush_port(fdb, 3);
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(1), 0, 1000000 * SW_S), 3);
    struct sw_fdb_entry entry;
    ck_assert(sw_fdb_entry(fdb, 0, &entry));
    ck_assert(entry.fixed && entry.port == 3 && sw_mac_equal(entry.mac, station(1)));
    ck_assert(!sw_fdb_entry(fdb, 1, &entry));
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(ports_that_go_down_are_forgotten__q_port_1)
{
    struct sw_fdb *fdb = table(8192, 300 * SW_S);
    for (uint32_t i = 1; i <= 100; i++) {
        sw_fdb_learn(fdb, station(i), 0, i % 4, 0);
    }
    sw_fdb_flush_port(fdb, 2);
    ck_assert_uint_eq(sw_fdb_count(fdb), 75);
    for (uint32_t i = 1; i <= 100; i++) {
        ck_assert_uint_eq(sw_fdb_lookup(fdb, station(i), 0, 0), i % 4 == 2 ? SW_FDB_NONE : i % 4);
    }
    sw_fdb_free(fdb);
}
END_TEST

/* As many as were promised do find room: no bucket overflows first. */
START_TEST(a_table_holds_its_capacity)
{
    static const uint32_t capacities[] = {1, 8, 12, 100, 1024, 8192, 65536};
    for (unsigned c = 0; c < sizeof capacities / sizeof capacities[0]; c++) {
        uint32_t capacity = capacities[c];
        struct sw_fdb *fdb = table(capacity, 300 * SW_S);
        for (uint32_t i = 0; i < capacity; i++) {
            ck_assert_msg(sw_fdb_learn(fdb, station(i), 0, i & 4095, 0), "the %u-th of %u", i + 1,
                          capacity);
        }
        ck_assert(!sw_fdb_learn(fdb, station(capacity), 0, 1, 0));
        ck_assert_uint_eq(sw_fdb_count(fdb), capacity);
        ck_assert_uint_eq(sw_fdb_refused(fdb), 1);
        for (uint32_t i = 0; i < capacity; i++) {
            ck_assert_uint_eq(sw_fdb_lookup(fdb, station(i), 0, 0), i & 4095);
        }
        sw_fdb_free(fdb);
    }
}
END_TEST

START_TEST(a_flood_of_forged_addresses_throws_no_one_out__q_learn_6)
{
    struct sw_fdb *fdb = table(8192, 300 * SW_S);
    ck_assert_int_eq(sw_fdb_add_static(fdb, station(5000), 0, 3), 0);
    for (uint32_t i = 0; i < 1000; i++) {
        sw_fdb_learn(fdb, station(i), 0, 1 + i % 4, 0);
    }
    for (uint32_t i = 0; i < 1000000; i++) {
        sw_fdb_learn(fdb, station(0x80000000u + i), 0, 9, SW_S);
    }
    ck_assert_uint_eq(sw_fdb_count(fdb), 8192);
    ck_assert_uint_eq(sw_fdb_refused(fdb), 1000000 - (8192 - 1001));
    for (uint32_t i = 0; i < 1000; i++) {
        ck_assert_uint_eq(sw_fdb_lookup(fdb, station(i), 0, SW_S), 1 + i % 4);
    }
    ck_assert_uint_eq(sw_fdb_lookup(fdb, station(5000), 0, SW_S), 3);
    ck_assert_int_eq(sw_fdb_add_static(fdb, station(5001), 0, 3), -ENOSPC);
    /* The known ones still talk; the forged ones leave by age, and newcomers are learned again. */
    for (uint32_t i = 0; i < 1000; i++) {
        sw_fdb_learn(fdb, station(i), 0, 1 + i % 4, 200 * SW_S);
    }
    sw_fdb_age(fdb, 302 * SW_S, 1u << 20);
    ck_assert_uint_eq(sw_fdb_count(fdb), 1001);
    ck_assert(sw_fdb_learn(fdb, station(6000), 0, 2, 302 * SW_S));
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(a_budget_bounds_what_one_sweep_looks_at)
{
    struct sw_fdb *fdb = table(8192, 10 * SW_S);
    for (uint32_t i = 0; i < 3000; i++) {
        sw_fdb_learn(fdb, station(i), 0, 1, 0);
    }
    uint32_t before = sw_fdb_count(fdb);
    unsigned sweeps = 0;
    while (sw_fdb_count(fdb) > 0) {
        sw_fdb_age(fdb, 11 * SW_S, 60);
        ck_assert_uint_le(before - sw_fdb_count(fdb), 60);
        before = sw_fdb_count(fdb);
        sweeps++;
    }
    ck_assert_uint_ge(sweeps, 50);
    ck_assert_uint_le(sweeps, 205);
    sw_fdb_free(fdb);
}
END_TEST

START_TEST(refuses_what_it_cannot_be)
{
    struct sw_fdb *fdb = NULL;
    ck_assert_int_eq(sw_fdb_new(&fdb, 0, 0, KEY), -EINVAL);
    ck_assert_int_eq(sw_fdb_new(&fdb, (1u << 20) + 1, 0, KEY), -EINVAL);
    ck_assert_int_eq(sw_fdb_new(&fdb, 8, -1, KEY), -EINVAL);
    ck_assert_ptr_null(fdb);
    sw_fdb_free(NULL);
}
END_TEST

/* ---- beside a list that is searched from end to end ---- */

#define STATIONS 300

struct model {
    struct sw_fdb_entry entry[STATIONS];
    bool there[STATIONS];
};

static bool model_fresh(const struct model *m, uint32_t n, sw_time now)
{
    return m->there[n] && (m->entry[n].fixed || now - m->entry[n].seen <= 50 * SW_S);
}

static void model_step(struct model *m, struct sw_fdb *fdb, struct sw_draws *chance, sw_time now)
{
    uint32_t n = (uint32_t)sw_draw_below(chance, STATIONS);
    uint32_t port = (uint32_t)sw_draw_below(chance, 8);
    uint64_t what = sw_draw_below(chance, 1000);
    if (what < 600) {
        ck_assert(sw_fdb_learn(fdb, station(n), 1, port, now));
        if (!m->there[n] || !m->entry[n].fixed) {
            m->there[n] = true;
            m->entry[n] = (struct sw_fdb_entry){.port = port, .seen = now};
        }
    } else if (what < 602) {
        bool bound = m->there[n] && m->entry[n].fixed;
        ck_assert_int_eq(sw_fdb_add_static(fdb, station(n), 1, port), bound ? -EEXIST : 0);
        if (!bound) {
            m->there[n] = true;
            m->entry[n] = (struct sw_fdb_entry){.port = port, .fixed = true};
        }
    } else if (what < 610) {
        sw_fdb_flush_port(fdb, port);
        for (uint32_t i = 0; i < STATIONS; i++) {
            if (m->entry[i].port == port && !m->entry[i].fixed) {
                m->there[i] = false;
            }
        }
    } else if (what < 650) {
        sw_fdb_age(fdb, now, (uint32_t)sw_draw_below(chance, 100));
    } else {
        ck_assert_uint_eq(sw_fdb_lookup(fdb, station(n), 1, now),
                          model_fresh(m, n, now) ? m->entry[n].port : SW_FDB_NONE);
    }
}

START_TEST(a_long_random_run_is_that_of_a_plain_list)
{
    struct sw_seed seed;
    sw_seed_from_number(&seed, (uint64_t)_i);
    struct sw_draws chance;
    sw_draws_init(&chance, &seed, 1, SW_DRAW_TEST);
    struct sw_fdb *fdb = table(1024, 50 * SW_S);
    struct model m = {0};
    sw_time now = 0;
    for (unsigned step = 0; step < 20000; step++) {
        now += (sw_time)sw_draw_below(&chance, 200 * SW_MS);
        model_step(&m, fdb, &chance, now);
    }
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < STATIONS; i++) {
        fresh += model_fresh(&m, i, now) ? 1 : 0;
    }
    sw_fdb_age(fdb, now, 1u << 20);
    ck_assert_uint_eq(sw_fdb_count(fdb), fresh);
    struct sw_fdb_entry entry;
    for (uint32_t i = 0; i < fresh; i++) {
        ck_assert(sw_fdb_entry(fdb, i, &entry));
        uint32_t n = (uint32_t)entry.mac.b[4] << 8 | entry.mac.b[5];
        ck_assert(entry.vid == 1 && entry.fixed == m.entry[n].fixed);
        ck_assert(entry.fixed || entry.seen == m.entry[n].seen);
    }
    ck_assert(!sw_fdb_entry(fdb, fresh, &entry));
    sw_fdb_free(fdb);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fdb");
    TCase *rules = tcase_create("rules");
    tcase_add_test(rules, learns_where_a_station_is__q_learn_1);
    tcase_add_test(rules, vlans_learn_by_themselves__q_vlan_8);
    tcase_add_test(rules, group_and_zero_are_nobody__q_learn_2);
    tcase_add_test(rules, a_station_moves__q_learn_3);
    tcase_add_test(rules, entries_age_and_traffic_refreshes__q_learn_4);
    tcase_add_test(rules, ageing_zero_is_never);
    tcase_add_test(rules, static_entries_beat_learned_ones_and_stay__q_learn_5);
    tcase_add_test(rules, ports_that_go_down_are_forgotten__q_port_1);
    tcase_add_test(rules, a_table_holds_its_capacity);
    tcase_add_test(rules, a_flood_of_forged_addresses_throws_no_one_out__q_learn_6);
    tcase_add_test(rules, a_budget_bounds_what_one_sweep_looks_at);
    tcase_add_test(rules, refuses_what_it_cannot_be);
    tcase_add_loop_test(rules, a_long_random_run_is_that_of_a_plain_list, 1, 9);
    suite_add_tcase(suite, rules);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
