/* How large a receive buffer ought to be: what a reader takes in a round trip says it. */
#include <check.h>

#include "stack/tcp_tune.h"

#define MSS 1448u

static struct sw_tcp_tune tune;

/* A sender that doubles what it has under way each round trip, from ten segments up to what the
 * path holds, as far as the window lets it. Text arrives evenly; the reader takes `share` of 8
 * eighths of what came. Returns what the window grew to; *least_room: by how many bytes the sender
 * could have sent more, at the tightest. */
static uint32_t run_path(sw_time rtt, uint64_t path_bytes, bool timestamps, unsigned share,
                         unsigned rounds, int64_t *least_room)
{
    uint32_t window = SW_TCP_RECEIVE_START, rcv_nxt = UINT32_MAX - 20000, read = rcv_nxt;
    sw_time now = 3 * SW_S;
    uint64_t under_way = 10 * MSS;
    *least_room = INT64_MAX;
    sw_tcp_tune_begin(&tune, now, rcv_nxt, 10 * MSS);
    for (unsigned round = 0; round < rounds; round++) {
        const uint32_t usable = window - (rcv_nxt - read);
        const int64_t room = (int64_t)usable - (int64_t)under_way;
        *least_room = room < *least_room ? room : *least_room;
        const uint64_t flight = under_way < usable ? under_way : usable;
        const uint32_t segments = (uint32_t)(flight / MSS);
        for (uint32_t i = 0; i < segments; i++) {
            now += rtt / segments;
            rcv_nxt += MSS;
            sw_tcp_tune_arrived(&tune, now, rcv_nxt, window - (rcv_nxt - read));
            if (timestamps && i % 2 == 0) {
                sw_tcp_tune_echoed(&tune, (uint32_t)(now / SW_MS), rtt, SW_MS, share == 8);
            }
            read += share == 8 ? rcv_nxt - read : MSS * share / 8;
            const uint32_t want = sw_tcp_tune_read(&tune, now, read, 0);
            window = want > window ? want : window;
        }
        if (segments == 0) {
            now += rtt;
        }
        under_way = 2 * under_way < path_bytes ? 2 * under_way : path_bytes;
    }
    return window;
}

START_TEST(a_gigabit_over_a_tenth_of_a_second_is_filled)
{
    for (unsigned timestamps = 0; timestamps < 2; timestamps++) {
        int64_t room;
        const uint32_t window = run_path(100 * SW_MS, 12500000, timestamps != 0, 8, 20, &room);
        ck_assert_int_ge(room, 0); /* the sender was never held up */
        ck_assert_uint_ge(window, 25000000);
        ck_assert_uint_le(window, 120000000);
    }
}
END_TEST

START_TEST(a_slow_reader_s_buffer_stays)
{
    for (unsigned timestamps = 0; timestamps < 2; timestamps++) {
        int64_t room;
        /* It takes an eighth of what comes, so soon an eighth is all that can come. */
        const uint32_t window = run_path(20 * SW_MS, 12500000, timestamps != 0, 1, 60, &room);
        ck_assert_uint_eq(window, SW_TCP_RECEIVE_START);
        ck_assert_int_lt(room, 0);
    }
}
END_TEST

START_TEST(a_slow_sender_s_buffer_stays)
{
    sw_time now = 0;
    sw_tcp_tune_begin(&tune, now, 0, 10 * MSS);
    for (uint32_t i = 1; i <= 1000; i++) {
        now += 10 * SW_MS; /* a segment each tenth of a round trip */
        sw_tcp_tune_arrived(&tune, now, i * MSS, 65535);
        sw_tcp_tune_echoed(&tune, i, 100 * SW_MS, SW_MS, true);
        ck_assert_uint_eq(sw_tcp_tune_read(&tune, now, i * MSS, 0), 0);
    }
}
END_TEST

START_TEST(once_in_a_round_trip_and_twice_what_was_read)
{
    sw_tcp_tune_begin(&tune, 0, 1000, 10000);
    sw_tcp_tune_echoed(&tune, 7, 50 * SW_MS, SW_MS, true);
    ck_assert_uint_eq(sw_tcp_tune_read(&tune, 49 * SW_MS, 31000, 0), 0); /* too soon */
    /* 30,000 where 10,000 were expected: twice that, and twice as much as it has grown. */
    ck_assert_uint_eq(sw_tcp_tune_read(&tune, 50 * SW_MS, 31000, 500), 60000 + 2 * 120000 + 500);
    ck_assert_uint_eq(sw_tcp_tune_read(&tune, 99 * SW_MS, 91000, 0), 0);
    ck_assert_uint_eq(sw_tcp_tune_read(&tune, 100 * SW_MS, 61000, 0), 0); /* no more than before */
    ck_assert_uint_eq(sw_tcp_tune_read(&tune, 150 * SW_MS, 92000, 0),
                      62000 + 2 * (62000u * 1000 / 30000));
}
END_TEST

START_TEST(without_a_round_trip_nothing_is_known)
{
    sw_tcp_tune_begin(&tune, 0, 1000, 10000);
    ck_assert_uint_eq(sw_tcp_tune_read(&tune, SW_S, 900000, 0), 0);
}
END_TEST

START_TEST(a_round_trip_is_the_least_that_was_seen)
{
    sw_tcp_tune_begin(&tune, 0, 0, 10000);
    sw_tcp_tune_arrived(&tune, 10 * SW_MS, 0, 5000); /* from here on a window is timed */
    sw_tcp_tune_arrived(&tune, 30 * SW_MS, 4999, 5000);
    ck_assert_uint_eq(tune.rtt_8us, 0); /* it has not come yet */
    sw_tcp_tune_arrived(&tune, 50 * SW_MS, 5000, 5000);
    ck_assert_uint_eq(tune.rtt_8us, 8 * 39999); /* to a microsecond */
    sw_tcp_tune_arrived(&tune, 150 * SW_MS, 10000, 5000);
    ck_assert_uint_eq(tune.rtt_8us, 8 * 39999); /* a window that came slowly says nothing */
    sw_tcp_tune_echoed(&tune, 1, 20 * SW_MS, SW_MS, true);
    ck_assert_uint_eq(tune.rtt_8us, 8 * 20000);
    sw_tcp_tune_echoed(&tune, 1, 90 * SW_MS, SW_MS, true); /* the same again */
    ck_assert_uint_eq(tune.rtt_8us, 8 * 20000);
    sw_tcp_tune_echoed(&tune, 2, 28 * SW_MS, SW_MS, true); /* an echo may make it longer ... */
    ck_assert_uint_eq(tune.rtt_8us, 8 * 21000);
    sw_tcp_tune_echoed(&tune, 3, 90 * SW_MS, SW_MS, false); /* ... unless the reader was late */
    ck_assert_uint_eq(tune.rtt_8us, 8 * 21000);
    sw_tcp_tune_echoed(&tune, 4, 0, SW_MS, true); /* less than a tick */
    ck_assert_uint_eq(tune.rtt_8us, 8 * 1000);
    sw_tcp_tune_arrived(&tune, 150 * SW_MS + 40 * SW_US, 15000, 5000); /* and how much less */
    ck_assert_uint_le(tune.rtt_8us, 8 * 40);
    sw_tcp_tune_echoed(&tune, 5, 0, SW_MS, true); /* that makes it no longer */
    ck_assert_uint_le(tune.rtt_8us, 8 * 40);
}
END_TEST

START_TEST(no_buffer_asks_for_more_than_a_window_can_be__rfc7323_2_3)
{
    sw_tcp_tune_begin(&tune, 0, 0, 1);
    sw_tcp_tune_echoed(&tune, 1, SW_MS, SW_MS, true);
    ck_assert_uint_eq(sw_tcp_tune_read(&tune, SW_S, 1u << 30, 1u << 30), 1u << 30);
    ck_assert_uint_eq(sw_tcp_tune_send(1u << 30), 1u << 30);
    ck_assert_uint_eq(sw_tcp_tune_send((1u << 29) + 1), 1u << 30);
    ck_assert_uint_eq(sw_tcp_tune_send((1u << 29) - 1), (1u << 30) - 2);
    ck_assert_uint_eq(sw_tcp_tune_send(14480), 28960);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_tune");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_gigabit_over_a_tenth_of_a_second_is_filled);
    tcase_add_test(tc, a_slow_reader_s_buffer_stays);
    tcase_add_test(tc, a_slow_sender_s_buffer_stays);
    tcase_add_test(tc, once_in_a_round_trip_and_twice_what_was_read);
    tcase_add_test(tc, without_a_round_trip_nothing_is_known);
    tcase_add_test(tc, a_round_trip_is_the_least_that_was_seen);
    tcase_add_test(tc, no_buffer_asks_for_more_than_a_window_can_be__rfc7323_2_3);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
