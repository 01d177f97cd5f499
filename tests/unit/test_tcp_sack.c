/* What the receiver tells of text out of order (RFC 2018 4). */
#include <check.h>

#include "stack/tcp_sack.h"
#include "tests/support/core_fixture.h"

static struct sw_test_env world;
static struct sw_tcp_reass r;
static struct sw_tcp_sack sack;

static void begin(void)
{
    sw_test_env_init(&world, 1);
    sw_tcp_reass_init(&r);
    sack.count = 0;
}

static void end(void)
{
    sw_tcp_reass_fini(&r);
    sw_test_env_fini(&world);
}

/* Text from `from` to `to` comes. */
static void comes(uint32_t from, uint32_t to)
{
    static const uint8_t text[4096];
    struct sw_frame *frame = sw_frame_from_bytes(world.env.pool, text, 54 + to - from, 54);
    ck_assert_ptr_nonnull(frame);
    ck_assert(sw_tcp_reass_add(&r, from, frame, 54, to - from));
    sw_frame_drop(frame);
    sw_tcp_sack_arrived(&sack, &r, from);
}

static void block(unsigned i, uint32_t start, uint32_t stop)
{
    ck_assert_uint_lt(i, sack.count);
    ck_assert_uint_eq(sack.block[i].start, start);
    ck_assert_uint_eq(sack.block[i].end, stop);
}

START_TEST(a_block_that_was_forgotten_is_whole_when_it_grows__rfc2018_4)
{
    begin();
    for (uint32_t i = 0; i < 5; i++) {
        comes(100 + 100 * i, 110 + 100 * i);
    }
    ck_assert_uint_eq(sack.count, 4);
    block(0, 500, 510);
    block(3, 200, 210);
    comes(110, 120); /* beside the first, of which no block is known any more */
    block(0, 100, 120);
    block(3, 300, 310);
    end();
}
END_TEST

START_TEST(a_segment_between_two_makes_one_of_them__rfc2018_4)
{
    begin();
    comes(100, 200);
    comes(300, 400);
    comes(200, 300);
    ck_assert_uint_eq(sack.count, 1);
    block(0, 100, 400);
    end();
}
END_TEST

START_TEST(a_run_over_many_blocks_of_memory_is_one_block)
{
    begin();
    for (uint32_t i = 0; i < 50; i++) {
        comes(0xffffff00u + 1000 * i, 0xffffff00u + 1000 * (i + 1)); /* across the turn */
    }
    ck_assert_uint_gt(r.count, 2);
    ck_assert_uint_eq(sack.count, 1);
    block(0, 0xffffff00u, 0xffffff00u + 50000);
    sack.count = 0; /* as if none of it were known */
    comes(0xffffff00u + 20500, 0xffffff00u + 20600);
    block(0, 0xffffff00u, 0xffffff00u + 50000);
    end();
}
END_TEST

START_TEST(what_is_acknowledged_is_told_no_more__rfc2018_4)
{
    begin();
    comes(100, 110);
    comes(300, 310);
    sw_tcp_sack_advance(&sack, 110);
    ck_assert_uint_eq(sack.count, 1);
    block(0, 300, 310);
    end();
}
END_TEST

static void twice(uint32_t next, uint32_t from, uint32_t to, uint32_t start, uint32_t stop)
{
    const struct sw_tcp_block b = sw_tcp_sack_twice(&r, next, from, to);
    ck_assert_uint_eq(b.start, start);
    ck_assert_uint_eq(b.end, stop);
}

START_TEST(what_came_twice_is_below_the_next_or_waits__rfc2883_4)
{
    begin();
    twice(100, 50, 80, 50, 80);   /* all of it below */
    twice(100, 50, 180, 50, 100); /* a part */
    twice(100, 100, 200, 200, 200);
    comes(300, 400);
    comes(500, 600);
    twice(100, 300, 400, 300, 400);
    twice(100, 320, 380, 320, 380);
    twice(100, 350, 450, 350, 400);
    twice(100, 250, 350, 300, 350);
    twice(100, 250, 700, 300, 400); /* the first run, not more */
    twice(100, 400, 500, 500, 500); /* between them */
    for (uint32_t i = 0; i < 50; i++) {
        comes(10000 + 1000 * i, 11000 + 1000 * i); /* one run in many blocks of memory */
    }
    twice(100, 10000, 60000, 10000, 60000);
    end();
}
END_TEST

START_TEST(what_came_twice_is_told_first__rfc2883_4)
{
    struct sw_tcp_header h = {.has = SW_TCP_HAS_SACK, .sack_count = 3};
    h.sack[0] = (struct sw_tcp_block){10, 20};
    h.sack[2] = (struct sw_tcp_block){50, 60};
    sw_tcp_sack_tell_twice(&h, (struct sw_tcp_block){1, 2}, 4);
    ck_assert_uint_eq(h.sack_count, 4);
    ck_assert_uint_eq(h.sack[0].start, 1);
    ck_assert_uint_eq(h.sack[1].start, 10);
    ck_assert_uint_eq(h.sack[3].start, 50);
    h.sack_count = 3;
    sw_tcp_sack_tell_twice(&h, (struct sw_tcp_block){3, 4}, 3); /* the last has no room */
    ck_assert_uint_eq(h.sack_count, 3);
    ck_assert_uint_eq(h.sack[0].start, 3);
    ck_assert_uint_eq(h.sack[2].start, 10);
    h = (struct sw_tcp_header){0};
    sw_tcp_sack_tell_twice(&h, (struct sw_tcp_block){1, 2}, 3);
    ck_assert_uint_eq(h.has, SW_TCP_HAS_SACK);
    ck_assert_uint_eq(h.sack_count, 1);
}
END_TEST

static bool tells(uint32_t ack, unsigned count, struct sw_tcp_block a, struct sw_tcp_block b)
{
    struct sw_tcp_header h = {.ack = ack, .sack_count = (uint8_t)count};
    h.sack[0] = a;
    h.sack[1] = b;
    return sw_tcp_sack_tells_twice(&h);
}

START_TEST(a_block_below_the_ack_or_in_the_second_is_of_what_came_twice__rfc2883_5)
{
    const struct sw_tcp_block none = {0, 0}, low = {50, 100}, over = {50, 101}, high = {200, 300};
    const struct sw_tcp_block in = {250, 300}, beside = {250, 301}, before = {199, 300};
    ck_assert(tells(100, 1, low, none));
    ck_assert(tells(100, 1, over, none)); /* as Linux: it can be no mark */
    ck_assert(!tells(50, 1, low, none));
    ck_assert(!tells(100, 1, high, none));
    ck_assert(tells(100, 2, in, high));
    ck_assert(!tells(100, 1, in, high));
    ck_assert(tells(100, 2, high, high));
    ck_assert(!tells(100, 2, beside, high));
    ck_assert(!tells(100, 2, before, high));
    ck_assert(!tells(100, 0, low, none));
    ck_assert(!tells(500, 1, (struct sw_tcp_block){300, 300}, none));
    ck_assert(!tells(500, 1, (struct sw_tcp_block){300, 200}, none));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_sack");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_block_that_was_forgotten_is_whole_when_it_grows__rfc2018_4);
    tcase_add_test(tc, a_segment_between_two_makes_one_of_them__rfc2018_4);
    tcase_add_test(tc, a_run_over_many_blocks_of_memory_is_one_block);
    tcase_add_test(tc, what_is_acknowledged_is_told_no_more__rfc2018_4);
    tcase_add_test(tc, what_came_twice_is_below_the_next_or_waits__rfc2883_4);
    tcase_add_test(tc, what_came_twice_is_told_first__rfc2883_4);
    tcase_add_test(tc, a_block_below_the_ack_or_in_the_second_is_of_what_came_twice__rfc2883_5);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
