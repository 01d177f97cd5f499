/* --pcap: one record a port and frame, whatever becomes of the frame. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/pcapng.h"
#include "lan/trace.h"
#include "switchd/capture.h"
#include "tests/support/core_fixture.h"

#define RECORDS_MAX 64
#define FILE_MAX 65536

/* An Enhanced Packet Block (draft-ietf-opsawg-pcapng 4.3), as far as it matters here. */
struct record {
    uint32_t interface, len, number; /* number: of the test's frame */
    uint64_t at;
    uint32_t direction;
    char comment[64];
};

struct reading {
    struct record record[RECORDS_MAX];
    unsigned records, interfaces;
};

static struct sw_test_env world;
static struct sw_test_port left, right;
static struct sw_link cable;
static struct sw_capture *capture;
static char path[] = "/tmp/switchd-test-capture-XXXXXX";

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void read_options(struct record *r, const uint8_t *p, const uint8_t *end)
{
    while (end - p >= 4) {
        uint32_t code = p[0] | (uint32_t)p[1] << 8, n = p[2] | (uint32_t)p[3] << 8;
        if (code == 0) {
            return;
        }
        if (code == 1) {
            ck_assert_uint_lt(n, sizeof r->comment);
            memcpy(r->comment, p + 4, n);
        } else if (code == 2) {
            r->direction = get32(p + 4) & 3;
        }
        p += 4 + (n + 3) / 4 * 4;
    }
}

static void read_record(struct record *r, const uint8_t *p, uint32_t size)
{
    *r = (struct record){.interface = get32(p + 8),
                         .at = (uint64_t)get32(p + 12) << 32 | get32(p + 16),
                         .len = get32(p + 24),
                         .number = (uint32_t)p[28] << 24 | (uint32_t)p[29] << 16 |
                                   (uint32_t)p[30] << 8 | p[31]};
    uint32_t captured = get32(p + 20);
    read_options(r, p + 28 + (captured + 3) / 4 * 4, p + size - 4);
}

static void read_capture(struct reading *reading)
{
    uint8_t bytes[FILE_MAX];
    *reading = (struct reading){0};
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    ck_assert_uint_lt(n, sizeof bytes);
    for (size_t at = 0; at < n;) {
        uint32_t type = get32(bytes + at), size = get32(bytes + at + 4);
        ck_assert(size >= 12 && size <= n - at);
        if (type == 1) {
            reading->interfaces++;
        } else if (type == 6) {
            ck_assert_uint_lt(reading->records, RECORDS_MAX);
            read_record(&reading->record[reading->records++], bytes + at, size);
        }
        at += size;
    }
}

static void expect(const struct record *r, uint32_t interface, uint32_t direction, uint64_t at,
                   uint32_t number, const char *comment)
{
    ck_assert_uint_eq(r->interface, interface);
    ck_assert_uint_eq(r->direction, direction);
    ck_assert_uint_eq(r->at, at);
    ck_assert_uint_eq(r->number, number);
    ck_assert_str_eq(r->comment, comment);
}

/* A cable of 1 ms and 8 Mbit/s (a byte a microsecond) with room for two frames before its
 * transmitter. */
static const struct sw_lane_config lane = {.delay = SW_MS, .rate_bps = 8000000, .queue_frames = 2};

static void begin_at(const char *file)
{
    ck_assert_int_eq(sw_capture_new(&capture, file, 7, 0), 0);
    world.env.watch = sw_capture_watch(capture);
    sw_test_port_init(&left, &world, "left:eth0");
    sw_test_port_init(&right, &world, "right:eth0");
    ck_assert_int_eq(sw_link_init(&cable, &world.env, &left.port, &right.port, "left>right",
                                  "right>left", &lane, &lane),
                     0);
}

static void begin(void)
{
    sw_test_env_init(&world, 7);
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    begin_at(path);
}

static void end(void)
{
    if (cable.forward.from) {
        sw_link_fini(&cable);
    }
    sw_test_port_fini(&left);
    sw_test_port_fini(&right);
    sw_test_env_fini(&world);
    unlink(path);
}

static void send(uint32_t number, size_t len)
{
    sw_port_send(&left.port, sw_test_frame(world.env.pool, number, len));
}

START_TEST(a_frame_is_one_record_out_and_one_in)
{
    begin();
    send(1, 100);
    sw_test_run(&world, SW_S);
    sw_link_fini(&cable);
    ck_assert_int_eq(sw_capture_close(capture), 0);
    struct reading r;
    read_capture(&r);
    ck_assert_uint_eq(r.interfaces, 2);
    ck_assert_uint_eq(r.records, 2);
    expect(&r.record[0], 0, SW_DIR_OUT, 0, 1, "");
    expect(&r.record[1], 1, SW_DIR_IN, 1100000, 1, "");
    ck_assert_uint_eq(r.record[0].len, 100);
    cable = (struct sw_link){0};
    end();
}
END_TEST

START_TEST(a_frame_dropped_on_entry_is_one_record_with_the_reason)
{
    begin();
    for (uint32_t i = 1; i <= 6; i++) {
        send(i, 1000);
    }
    sw_test_run(&world, SW_S);
    sw_link_fini(&cable);
    ck_assert_int_eq(sw_capture_close(capture), 0);
    struct reading r;
    read_capture(&r);
    unsigned out = 0, in = 0, dropped = 0;
    for (unsigned i = 0; i < r.records; i++) {
        out += r.record[i].direction == SW_DIR_OUT;
        in += r.record[i].direction == SW_DIR_IN;
        dropped += strcmp(r.record[i].comment, "dropped: queue-full") == 0;
        ck_assert(r.record[i].comment[0] == 0 || r.record[i].direction == SW_DIR_OUT);
    }
    ck_assert_uint_eq(out, 6);
    ck_assert_uint_eq(in, right.count);
    ck_assert_uint_eq(dropped, 6 - right.count);
    ck_assert_uint_gt(dropped, 0);
    expect(&r.record[5], 0, SW_DIR_OUT, 0, 6, "dropped: queue-full");
    cable = (struct sw_link){0};
    end();
}
END_TEST

/* A lane that flips a bit of each frame sends copies: what went in is captured as it was. */
START_TEST(a_frame_is_captured_as_it_was_sent_whatever_the_lane_makes_of_it)
{
    begin();
    const struct sw_lane_config flips = {.corrupt_ppb = 1000000000};
    ck_assert_int_eq(sw_lane_configure(&cable.forward, &flips, SW_LANE_CORRUPT), 0);
    for (uint32_t i = 1; i <= 6; i++) {
        send(i, 1000);
    }
    sw_test_run(&world, SW_S);
    sw_link_fini(&cable);
    ck_assert_int_eq(sw_capture_close(capture), 0);
    struct reading r;
    read_capture(&r);
    ck_assert_uint_eq(r.records, 6 + right.count);
    for (unsigned i = 0; i < 6; i++) {
        expect(&r.record[i], 0, SW_DIR_OUT, 0, i + 1, "");
    }
    cable = (struct sw_link){0};
    end();
}
END_TEST

/* It was on its way: that it was sent stays true. */
START_TEST(a_frame_lost_in_flight_was_sent_without_a_word)
{
    begin();
    send(1, 100);
    sw_test_run(&world, 500 * SW_US);
    sw_link_set_up(&cable, false);
    send(2, 100);
    sw_link_fini(&cable);
    ck_assert_int_eq(sw_capture_close(capture), 0);
    struct reading r;
    read_capture(&r);
    ck_assert_uint_eq(r.records, 2);
    expect(&r.record[0], 0, SW_DIR_OUT, 0, 1, "");
    expect(&r.record[1], 0, SW_DIR_OUT, 500000, 2, "dropped: link-down");
    cable = (struct sw_link){0};
    end();
}
END_TEST

/* What a host drops after it arrived has its record already. */
START_TEST(a_drop_inside_a_node_is_no_record)
{
    begin();
    struct sw_owner host;
    sw_owner_init(&host, "lan/host");
    struct sw_frame *frame = sw_test_frame(world.env.pool, 9, 100);
    sw_watch_dropped(world.env.watch, NULL, &host, 0, frame, SW_DROP_PORT_WRITE);
    sw_frame_drop(frame);
    sw_link_fini(&cable);
    ck_assert_int_eq(sw_capture_close(capture), 0);
    struct reading r;
    read_capture(&r);
    ck_assert_uint_eq(r.records, 0);
    cable = (struct sw_link){0};
    end();
}
END_TEST

static uint64_t digest_of_run(bool captured)
{
    struct sw_trace trace;
    sw_trace_init(&trace);
    begin();
    trace.watch.next = captured ? world.env.watch : NULL;
    world.env.watch = cable.forward.env.watch = cable.backward.env.watch = &trace.watch;
    for (uint32_t i = 1; i <= 6; i++) {
        send(i, 1000);
    }
    sw_test_run(&world, SW_S);
    uint64_t digest = sw_trace_digest(&trace);
    sw_link_fini(&cable);
    ck_assert_int_eq(sw_capture_close(capture), 0);
    cable = (struct sw_link){0};
    end();
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    return digest;
}

START_TEST(a_run_is_the_same_with_and_without)
{
    ck_assert_uint_eq(digest_of_run(true), digest_of_run(false));
}
END_TEST

START_TEST(a_file_that_cannot_be_made_is_an_error_at_once)
{
    ck_assert_int_eq(sw_capture_new(&capture, "/nowhere/at/all.pcapng", 7, 0), -ENOENT);
    ck_assert_int_eq(sw_capture_new(&capture, "/tmp", 7, 0), -EISDIR);
    ck_assert_int_eq(sw_capture_close(NULL), 0);
}
END_TEST

START_TEST(a_full_disk_is_told_at_the_end)
{
    sw_test_env_init(&world, 7);
    begin_at("/dev/full");
    for (uint32_t i = 1; i <= 3000; i++) {
        send(i, 1000);
        sw_test_run(&world, (sw_time)i * SW_MS);
    }
    sw_link_fini(&cable);
    ck_assert_int_eq(sw_capture_close(capture), -ENOSPC);
    sw_test_port_fini(&right);
    begin_at("/dev/full");
    send(1, 100);
    sw_link_fini(&cable);
    ck_assert_int_eq(sw_capture_close(capture), -ENOSPC);
    cable = (struct sw_link){0};
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("capture");
    TCase *tcase = tcase_create("capture");
    tcase_add_test(tcase, a_frame_is_one_record_out_and_one_in);
    tcase_add_test(tcase, a_frame_dropped_on_entry_is_one_record_with_the_reason);
    tcase_add_test(tcase, a_frame_is_captured_as_it_was_sent_whatever_the_lane_makes_of_it);
    tcase_add_test(tcase, a_frame_lost_in_flight_was_sent_without_a_word);
    tcase_add_test(tcase, a_drop_inside_a_node_is_no_record);
    tcase_add_test(tcase, a_run_is_the_same_with_and_without);
    tcase_add_test(tcase, a_file_that_cannot_be_made_is_an_error_at_once);
    tcase_add_test(tcase, a_full_disk_is_told_at_the_end);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
