/* A capture as a port (switchd/pcap_port.c): when its frames enter, at what pace, and what is
 * written. A frame's first four bytes are its number. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/watch.h"
#include "switchd/pcap_file.h"
#include "switchd/pcap_port.h"
#include "tests/support/core_fixture.h"

static struct sw_test_env world;
static struct sw_test_port core;
static struct sw_link cable;
static struct sw_topo_uplink uplink;
static struct sw_pcap_port *port;
static char folder[] = "/tmp/switchd-test-pcap-XXXXXX";
static char in_path[64], out_path[64], why[512], logged[512];
static unsigned complaints;

static void put32(FILE *file, uint32_t v)
{
    fwrite(&v, sizeof v, 1, file);
}

/* A capture whose frame i, of 60 bytes, has the time at[i] in nanoseconds; the byte orders are this
 * machine's. */
static void capture(const uint32_t *at, unsigned n)
{
    FILE *file = fopen(in_path, "wb");
    static const uint32_t header[] = {0xa1b23c4d, 0x00040002, 0, 0, 65535, 1};
    ck_assert_ptr_nonnull(file);
    fwrite(header, sizeof header, 1, file);
    for (unsigned i = 0; i < n; i++) {
        uint8_t bytes[60] = {0, 0, (uint8_t)((i + 1) >> 8), (uint8_t)(i + 1), 0, 0, 2};
        put32(file, 1000 + at[i] / 1000000000);
        put32(file, at[i] % 1000000000);
        put32(file, sizeof bytes);
        put32(file, sizeof bytes);
        fwrite(bytes, sizeof bytes, 1, file);
    }
    fclose(file);
}

static void write_log(void *ctx, enum sw_log_level level, const char *line)
{
    (void)ctx;
    ck_assert_int_eq(level, SW_LOG_ERROR);
    snprintf(logged, sizeof logged, "%s", line);
    complaints++;
}

static void setup(void)
{
    sw_test_env_init(&world, 7);
    world.env.log = (struct sw_log){.write = write_log, .level = SW_LOG_DEBUG};
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(in_path, sizeof in_path, "%s/in.pcap", folder);
    snprintf(out_path, sizeof out_path, "%s/out.pcapng", folder);
    static char name[] = "tape";
    uplink = (struct sw_topo_uplink){
        .name = name, .kind = SW_UPLINK_PCAP, .read = in_path, .speed = SW_SPEED_KEPT};
    complaints = 0;
}

static const struct sw_lane_config free_lane = {.delay = SW_MS, .queue_frames = 10};

static int make(void)
{
    return sw_pcap_port_new(&port, &world.env, &uplink, 7, 5 * SW_S, why, sizeof why);
}

static void plug(const struct sw_lane_config *lane)
{
    int rc = make();
    ck_assert_msg(rc == 0, "%s", why);
    sw_test_port_init(&core, &world, "core:p1");
    ck_assert_int_eq(sw_link_init(&cable, &world.env, sw_pcap_port(port), &core.port, "tape>core",
                                  "core>tape", lane, lane),
                     0);
}

/* Returns what closing the files came to. */
static int unplug(void)
{
    sw_link_fini(&cable);
    sw_test_port_fini(&core);
    return sw_pcap_port_free(port, why, sizeof why);
}

static void teardown(void)
{
    unlink(in_path);
    unlink(out_path);
    rmdir(folder);
    sw_test_env_fini(&world);
}

static void expect(unsigned i, uint32_t number, sw_time at)
{
    ck_assert_uint_lt(i, core.count);
    ck_assert_uint_eq(core.arrivals[i].number, number);
    ck_assert_int_eq(core.arrivals[i].at, at);
}

static struct sw_pcap_port_stats stats_of(void)
{
    struct sw_pcap_port_stats s;
    sw_pcap_port_stats(port, &s);
    return s;
}

static const uint32_t three[] = {500, 2000500, 9000500};

START_TEST(times_are_kept_from_the_start_on)
{
    capture(three, 3);
    uplink.start = SW_S;
    plug(&free_lane);
    sw_test_run(&world, 10 * SW_S);
    ck_assert_uint_eq(core.count, 3);
    expect(0, 1, SW_S + SW_MS);
    expect(1, 2, SW_S + 3 * SW_MS);
    expect(2, 3, SW_S + 10 * SW_MS);
    ck_assert_uint_eq(stats_of().in, 3);
    ck_assert_int_eq(unplug(), 0);
    teardown();
}
END_TEST

START_TEST(a_speed_scales_the_times)
{
    static const uint32_t speeds[] = {2000, 500, 1, 1000000000};
    for (unsigned i = 0; i < 4; i++) {
        setup();
        capture(three, 3);
        uplink.speed = speeds[i];
        plug(&free_lane);
        sw_test_run(&world, 20 * SW_S);
        ck_assert_uint_eq(core.count, 3);
        expect(1, 2, SW_MS + 2 * SW_S / speeds[i]);
        expect(2, 3, SW_MS + 9 * SW_S / speeds[i]);
        ck_assert_int_eq(unplug(), 0);
        teardown();
    }
}
END_TEST

START_TEST(what_is_older_than_the_frame_before_it_comes_at_once)
{
    static const uint32_t at[] = {5000000, 1000000, 6000000};
    capture(at, 3);
    plug(&free_lane);
    sw_test_run(&world, SW_S);
    expect(0, 1, SW_MS);
    expect(1, 2, SW_MS);
    expect(2, 3, 2 * SW_MS);
    ck_assert_int_eq(unplug(), 0);
    teardown();
}
END_TEST

/* On a lane that takes any number, 256 at an instant, and a microsecond later the next. */
START_TEST(no_instant_has_more_than_256_frames)
{
    static const uint32_t at[600];
    for (unsigned fast = 0; fast < 2; fast++) {
        setup();
        capture(at, 600);
        uplink.speed = fast ? 0 : SW_SPEED_KEPT;
        plug(&free_lane);
        sw_test_run(&world, SW_S);
        ck_assert_uint_eq(core.count, 600);
        expect(255, 256, SW_MS);
        expect(256, 257, SW_MS + SW_US);
        expect(512, 513, SW_MS + 2 * SW_US);
        ck_assert_uint_eq(core.batches, 3);
        ck_assert_int_eq(unplug(), 0);
        teardown();
    }
}
END_TEST

/* 480 kbit/s: a millisecond a frame. The capture has one each 100 us, or says nothing of time. */
START_TEST(a_slow_link_slows_the_capture_and_loses_nothing)
{
    static const struct sw_lane_config slow = {.rate_bps = 480000, .queue_frames = 2};
    uint32_t at[200];
    for (unsigned i = 0; i < 200; i++) {
        at[i] = i * 100000;
    }
    for (unsigned fast = 0; fast < 2; fast++) {
        setup();
        capture(at, 200);
        uplink.speed = fast ? 0 : SW_SPEED_KEPT;
        plug(&slow);
        sw_test_run(&world, SW_S);
        ck_assert_uint_eq(core.count, 200);
        for (unsigned i = 0; i < 200; i++) {
            expect(i, i + 1, (i + 1) * SW_MS);
        }
        ck_assert_uint_eq(sw_lane_dropped(&cable.forward.stats), 0);
        ck_assert_int_eq(unplug(), 0);
        teardown();
    }
}
END_TEST

/* Of a true wire and a capture without times, an instant takes all: the wire says when it has room.
 */
START_TEST(a_true_wire_takes_it_as_fast_as_it_is_served)
{
    static const struct sw_lane_config wire = {.queue_frames = 20};
    uint32_t at[100] = {0};
    capture(at, 100);
    uplink.speed = 0;
    plug(&wire);
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(core.count, 100);
    ck_assert_uint_eq(sw_lane_dropped(&cable.forward.stats), 0);
    ck_assert_int_eq(unplug(), 0);
    teardown();
}
END_TEST

START_TEST(a_link_that_is_down_drops_and_does_not_stop_it)
{
    capture(three, 3);
    plug(&free_lane);
    sw_test_run(&world, SW_US);
    sw_link_set_up(&cable, false);
    sw_test_run(&world, 5 * SW_MS);
    sw_link_set_up(&cable, true);
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(core.count, 1);
    expect(0, 3, 10 * SW_MS);
    ck_assert_uint_eq(cable.forward.stats.dropped[SW_DROP_LINK_DOWN], 2);
    ck_assert_int_eq(unplug(), 0);
    teardown();
}
END_TEST

START_TEST(addresses_are_rewritten_on_the_way)
{
    struct sw_rewrite_mac mac = {{{0, 0, 0, 2, 0, 0}}, {{0, 0, 0, 99, 0, 0}}};
    capture(three, 3);
    uplink.rewrite = (struct sw_rewrite){.macs = &mac, .mac_count = 1};
    plug(&free_lane);
    sw_test_run(&world, SW_S);
    expect(0, 1, SW_MS);
    expect(1, 99, 3 * SW_MS);
    ck_assert_int_eq(unplug(), 0);
    teardown();
}
END_TEST

/* Of the longest frame there is, one byte more, and none at all. */
START_TEST(what_no_lane_carries_is_counted_and_left_out)
{
    static uint8_t bytes[SW_FRAME_MAX_BYTES + 1];
    static const uint32_t header[] = {0xa1b23c4d, 0x00040002, 0, 0, 262144, 1};
    static const uint32_t lengths[] = {SW_FRAME_MAX_BYTES, SW_FRAME_MAX_BYTES + 1, 0};
    FILE *file = fopen(in_path, "wb");
    fwrite(header, sizeof header, 1, file);
    for (unsigned i = 0; i < 3; i++) {
        put32(file, 1);
        put32(file, 0);
        put32(file, lengths[i]);
        put32(file, lengths[i] + 100);
        fwrite(bytes, lengths[i], 1, file);
    }
    fclose(file);
    plug(&free_lane);
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(core.count, 2);
    ck_assert_uint_eq(core.arrivals[0].len, SW_FRAME_MAX_BYTES);
    ck_assert_uint_eq(core.arrivals[1].len, 0);
    ck_assert_uint_eq(stats_of().in, 2);
    ck_assert_uint_eq(stats_of().cut, 2);
    ck_assert_uint_eq(stats_of().not_read, 1);
    ck_assert_int_eq(unplug(), 0);
    teardown();
}
END_TEST

/* What was there is played; then the log hears once, and closing says it again without a word. */
START_TEST(a_capture_that_breaks_off_is_told_once)
{
    capture(three, 3);
    ck_assert_int_eq(truncate(in_path, 24 + 2 * 76 + 30), 0);
    plug(&free_lane);
    sw_test_run(&world, SW_S);
    ck_assert_uint_eq(core.count, 2);
    ck_assert_uint_eq(complaints, 1);
    ck_assert_msg(strncmp(logged, "uplink 'tape': /tmp/", 20) == 0 &&
                      strstr(logged, "in.pcap: after 2 frames: truncated") != NULL,
                  "%s", logged);
    ck_assert_int_eq(unplug(), -EINVAL);
    ck_assert_str_eq(why, "");
    teardown();
}
END_TEST

static void refused(int rc, const char *words)
{
    ck_assert_int_eq(make(), rc);
    ck_assert_msg(strncmp(why, "uplink 'tape': ", 15) == 0 && strstr(why, words), "%s", why);
}

START_TEST(files_that_cannot_be_had_are_refused)
{
    capture(three, 0);
    uplink.read = folder;
    refused(-EISDIR, "Is a directory");
    static char nowhere[] = "/nowhere/in.pcap";
    uplink.read = nowhere;
    refused(-ENOENT, "/nowhere/in.pcap: No such file or directory");
    uplink.read = NULL;
    uplink.write = nowhere;
    refused(-ENOENT, "No such file or directory");
    uplink.read = in_path;
    ck_assert_int_eq(truncate(in_path, 3), 0);
    uplink.write = NULL;
    refused(-EINVAL, "no capture that can be read");
    ck_assert_int_eq(sw_pcap_port_free(NULL, why, sizeof why), 0);
    teardown();
}
END_TEST

/* What the LAN sends there is read back, with its times. */
START_TEST(what_arrives_is_written)
{
    uplink.read = NULL;
    uplink.write = out_path;
    plug(&free_lane);
    for (uint32_t i = 1; i <= 3; i++) {
        sw_port_send(&core.port, sw_test_frame(world.env.pool, i, 1000 + i));
        sw_test_run(&world, i * SW_S);
    }
    ck_assert_uint_eq(stats_of().out, 3);
    ck_assert_uint_eq(stats_of().not_written, 0);
    ck_assert_int_eq(unplug(), 0);
    struct sw_pcap_reader reader;
    struct sw_pcap_record record;
    ck_assert_int_eq(sw_pcap_reader_open(&reader, fopen(out_path, "rb"), why, sizeof why), 0);
    for (uint32_t i = 1; i <= 3; i++) {
        ck_assert_int_eq(sw_pcap_reader_next(&reader, &record, why, sizeof why), 1);
        ck_assert_int_eq(record.at, (i - 1) * SW_S);
        ck_assert_uint_eq(record.len, 1000 + i);
        ck_assert_uint_eq(record.bytes[3], i);
    }
    ck_assert_int_eq(reader.first_s, 5); /* the epoch, and the lane's millisecond */
    ck_assert_int_eq(reader.first_ns, SW_MS);
    ck_assert_int_eq(sw_pcap_reader_next(&reader, &record, why, sizeof why), 0);
    teardown();
}
END_TEST

static void hear_drop(struct sw_watch *w, const struct sw_lane *lane, const struct sw_owner *where,
                      sw_time now, const struct sw_frame *frame, enum sw_drop reason)
{
    (void)w;
    (void)now;
    (void)frame;
    ck_assert_ptr_null(lane);
    ck_assert_str_eq(where->name, "tape");
    ck_assert_int_eq(reason, SW_DROP_PORT_WRITE);
    complaints++;
}

START_TEST(a_full_disk_is_told_at_the_end)
{
    static char full[] = "/dev/full";
    struct sw_watch watch = {.dropped = hear_drop};
    world.env.watch = &watch;
    uplink.read = NULL;
    uplink.write = full;
    plug(&free_lane);
    for (uint32_t i = 1; i <= 3000; i++) {
        sw_port_send(&core.port, sw_test_frame(world.env.pool, i, 1000));
        sw_test_run(&world, i * SW_MS);
    }
    ck_assert_uint_gt(stats_of().not_written, 1000);
    ck_assert_uint_eq(stats_of().not_written, complaints);
    ck_assert_int_eq(unplug(), -ENOSPC);
    ck_assert_str_eq(why, "uplink 'tape': /dev/full: No space left on device");
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pcap_port");
    TCase *tcase = tcase_create("pcap_port");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, times_are_kept_from_the_start_on);
    tcase_add_test(tcase, what_is_older_than_the_frame_before_it_comes_at_once);
    tcase_add_test(tcase, a_true_wire_takes_it_as_fast_as_it_is_served);
    tcase_add_test(tcase, a_link_that_is_down_drops_and_does_not_stop_it);
    tcase_add_test(tcase, addresses_are_rewritten_on_the_way);
    tcase_add_test(tcase, what_no_lane_carries_is_counted_and_left_out);
    tcase_add_test(tcase, a_capture_that_breaks_off_is_told_once);
    tcase_add_test(tcase, files_that_cannot_be_had_are_refused);
    tcase_add_test(tcase, what_arrives_is_written);
    tcase_add_test(tcase, a_full_disk_is_told_at_the_end);
    suite_add_tcase(suite, tcase);
    TCase *paces = tcase_create("paces"); /* which set up for each of several themselves */
    tcase_add_test(paces, a_speed_scales_the_times);
    tcase_add_test(paces, no_instant_has_more_than_256_frames);
    tcase_add_test(paces, a_slow_link_slows_the_capture_and_loses_nothing);
    suite_add_tcase(suite, paces);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
