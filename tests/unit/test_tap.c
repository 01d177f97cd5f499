/* A tap that somebody else made: what comes from behind it is let in, or refused and counted. */
#include <check.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/watch.h"
#include "switchd/tap.h"
#include "tests/support/core_fixture.h"

#define FORGER 0x66 /* the last byte of its source MAC address */

struct behind {
    struct sw_test_env world;
    struct sw_watch watch;
    struct sw_driver *driver;
    struct sw_tap *tap;
    int far; /* the kernel's side */
    uint64_t wanted;
    unsigned dropped[SW_DROP_COUNT], gone;
};

static void on_dropped(struct sw_watch *w, const struct sw_lane *lane, const struct sw_owner *where,
                       sw_time now, const struct sw_frame *frame, enum sw_drop reason)
{
    struct behind *b = SW_CONTAINER(w, struct behind, watch);
    (void)lane;
    (void)now;
    (void)frame;
    ck_assert_str_eq(where->name, "evil");
    b->dropped[reason]++;
}

static bool is_forged(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    ck_assert_uint_ge(n, 14);
    return bytes[11] == FORGER;
}

static void gone(void *ctx)
{
    struct behind *b = ctx;
    b->gone++;
}

static bool finished(void *ctx)
{
    const struct behind *b = ctx;
    struct sw_tap_stats stats;
    sw_tap_stats(b->tap, &stats);
    return stats.in + stats.not_read >= b->wanted;
}

static void begin(struct behind *b, bool guarded)
{
    int ends[2];
    *b = (struct behind){.watch = {.dropped = on_dropped}};
    sw_test_env_init(&b->world, 1);
    b->world.env.watch = &b->watch;
    const struct sw_driver_hooks hooks = {.finished = finished, .ctx = b};
    ck_assert_int_eq(sw_driver_new(&b->driver, b->world.env.clock, &b->world.env.log, &hooks), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
    const struct sw_tap_behind behind = {
        .gone = gone, .is_forged = guarded ? is_forged : NULL, .ctx = b};
    ck_assert_int_eq(sw_tap_take(&b->tap, &b->world.env, "evil", "eth0", ends[0], &behind), 0);
    ck_assert_int_eq(sw_tap_start(b->tap, b->driver), 0);
    b->far = ends[1];
}

static void end(struct behind *b)
{
    sw_driver_free(b->driver);
    sw_tap_free(b->tap);
    close(b->far);
    sw_test_env_fini(&b->world);
}

/* A frame of n bytes from such a source, behind that header, which the kernel puts before each. */
static void send_behind(struct behind *b, struct virtio_net_hdr vnet, uint8_t source, size_t n)
{
    uint8_t frame[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, source, 0x08, 0x06};
    struct iovec iov[2] = {{&vnet, sizeof vnet}, {frame, n}};
    ck_assert_int_eq(writev(b->far, iov, 2), (ssize_t)(sizeof vnet + n));
    b->wanted++;
}

static void send_frame(struct behind *b, uint8_t source, size_t n)
{
    send_behind(b, (struct virtio_net_hdr){0}, source, n);
}

START_TEST(a_forged_frame_is_not_let_in_and_counted)
{
    struct behind b;
    struct sw_tap_stats stats;
    begin(&b, true);
    send_frame(&b, 1, 60);
    send_frame(&b, FORGER, 60);
    send_frame(&b, FORGER, 14);
    send_frame(&b, 2, 60);
    sw_driver_run(b.driver, 10 * SW_S);
    sw_tap_stats(b.tap, &stats);
    ck_assert_uint_eq(b.dropped[SW_DROP_FORGED_SOURCE], 2);
    ck_assert_uint_eq(stats.forged, 2);
    ck_assert_uint_eq(stats.in, 4);
    ck_assert_uint_eq(sw_tap_port(b.tap)->no_cable, 2); /* the other two were sent on */
    end(&b);
}
END_TEST

START_TEST(without_a_guard_all_is_let_in)
{
    struct behind b;
    struct sw_tap_stats stats;
    begin(&b, false);
    send_frame(&b, FORGER, 60);
    sw_driver_run(b.driver, 10 * SW_S);
    sw_tap_stats(b.tap, &stats);
    ck_assert_uint_eq(stats.forged, 0);
    ck_assert_uint_eq(sw_tap_port(b.tap)->no_cable, 1);
    end(&b);
}
END_TEST

START_TEST(what_has_no_header_is_not_read)
{
    struct behind b;
    struct sw_tap_stats stats;
    begin(&b, true);
    send_frame(&b, FORGER, 13);
    sw_driver_run(b.driver, 10 * SW_S);
    sw_tap_stats(b.tap, &stats);
    ck_assert_uint_eq(stats.not_read, 1);
    ck_assert_uint_eq(stats.in, 0);
    ck_assert_uint_eq(stats.forged, 0);
    end(&b);
}
END_TEST

/* By its sender's word the checksum of all from byte 10 on, ~0xff99, belongs into bytes 10 and 11:
 * the end of the source. */
START_TEST(a_checksum_changes_no_address_behind_the_guard)
{
    struct behind b;
    struct sw_tap_stats stats;
    uint8_t frame[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06};
    struct virtio_net_hdr vnet = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 10, .csum_offset = 0};
    struct iovec iov[2] = {{&vnet, sizeof vnet}, {frame, 60}};
    begin(&b, true);
    sw_put16(frame + 58, 0xff99 - 0x0806 - 0x0001);
    ck_assert_int_eq(writev(b.far, iov, 2), (ssize_t)(sizeof vnet + 60));
    b.wanted++;
    sw_driver_run(b.driver, 10 * SW_S);
    sw_tap_stats(b.tap, &stats);
    ck_assert_uint_eq(stats.forged, 1);
    ck_assert_uint_eq(sw_tap_port(b.tap)->no_cable, 0);
    end(&b);
}
END_TEST

START_TEST(a_checksum_that_lies_outside_of_the_frame_is_not_read)
{
    static const uint16_t wrong[][2] = {{61, 0}, {60, 0}, {59, 0}, {0, 59}, {65535, 65535}};
    struct behind b;
    struct sw_tap_stats stats;
    begin(&b, true);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct virtio_net_hdr vnet = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                      .csum_start = wrong[i][0],
                                      .csum_offset = wrong[i][1]};
        send_behind(&b, vnet, 1, 60);
    }
    sw_driver_run(b.driver, 10 * SW_S);
    sw_tap_stats(b.tap, &stats);
    ck_assert_uint_eq(stats.not_read, 5);
    ck_assert_uint_eq(stats.in, 0);
    end(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tap");
    TCase *tc = tcase_create("behind");
    tcase_add_test(tc, a_forged_frame_is_not_let_in_and_counted);
    tcase_add_test(tc, without_a_guard_all_is_let_in);
    tcase_add_test(tc, what_has_no_header_is_not_read);
    tcase_add_test(tc, a_checksum_changes_no_address_behind_the_guard);
    tcase_add_test(tc, a_checksum_that_lies_outside_of_the_frame_is_not_read);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
