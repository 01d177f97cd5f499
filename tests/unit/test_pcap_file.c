/* Captures read one frame at a time (switchd/pcap_file.c). The files are made here, byte by byte,
 * so that both forms, both byte orders and every way of being broken are at hand. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/pcap_file.h"

static uint8_t file[4096];
static size_t size;
static bool swapped;
static struct sw_pcap_reader reader;
static struct sw_pcap_record record;
static char why[512];

static void put(const void *bytes, size_t n)
{
    memcpy(file + size, bytes, n);
    size += n;
}

static void put16(unsigned v)
{
    const uint8_t bytes[2] = {(uint8_t)(swapped ? v >> 8 : v), (uint8_t)(swapped ? v : v >> 8)};
    put(bytes, 2);
}

static void put32(uint32_t v)
{
    put16(swapped ? v >> 16 : v & 0xffff);
    put16(swapped ? v & 0xffff : v >> 16);
}

static void begin_pcap(uint32_t magic, uint32_t link_type)
{
    size = 0;
    put32(magic);
    put16(2);
    put16(4);
    put32(0);
    put32(0);
    put32(65535);
    put32(link_type);
}

/* A record of len bytes of which all but the first `captured` were left out. */
static void add_pcap(uint32_t s, uint32_t fraction, uint32_t captured, uint32_t len)
{
    put32(s);
    put32(fraction);
    put32(captured);
    put32(len);
    for (uint32_t i = 0; i < captured; i++) {
        file[size++] = (uint8_t)i;
    }
}

static int open_file(void)
{
    FILE *from = fmemopen(file, size, "rb");
    ck_assert_ptr_nonnull(from);
    why[0] = '\0';
    return sw_pcap_reader_open(&reader, from, why, sizeof why);
}

static int next(void)
{
    return sw_pcap_reader_next(&reader, &record, why, sizeof why);
}

static void expect(sw_time at, size_t len, bool cut)
{
    ck_assert_int_eq(next(), 1);
    ck_assert_int_eq(record.at, at);
    ck_assert_uint_eq(record.len, len);
    ck_assert_uint_eq(record.cut, cut);
    for (size_t i = 0; i < len; i++) {
        ck_assert_uint_eq(record.bytes[i], (uint8_t)i);
    }
}

static void expect_end(void)
{
    ck_assert_int_eq(next(), 0);
    ck_assert_int_eq(next(), 0);
    sw_pcap_reader_close(&reader);
    sw_pcap_reader_close(&reader);
}

static void refused(const char *words)
{
    ck_assert_int_eq(open_file(), -EINVAL);
    ck_assert_msg(strstr(why, words) != NULL, "%s", why);
    ck_assert_int_eq(next(), 0);
}

START_TEST(times_are_counted_from_the_first_frame_in_either_byte_order)
{
    for (unsigned order = 0; order < 2; order++) {
        swapped = order == 1;
        begin_pcap(0xa1b23c4d, 1);
        add_pcap(1767225600, 999999999, 60, 60);
        add_pcap(1767225601, 1, 61, 61);
        add_pcap(1767225700, 0, 0, 0);
        ck_assert_int_eq(open_file(), 0);
        expect(0, 60, false);
        expect(2, 61, false);
        expect(99 * SW_S + 1, 0, false);
        expect_end();
    }
    swapped = false;
}
END_TEST

START_TEST(microseconds_are_a_thousand_nanoseconds)
{
    begin_pcap(0xa1b2c3d4, 1);
    add_pcap(10, 5, 14, 14);
    add_pcap(10, 6, 14, 14);
    ck_assert_int_eq(open_file(), 0);
    expect(0, 14, false);
    expect(SW_US, 14, false);
    expect_end();
}
END_TEST

START_TEST(a_frame_kept_in_part_is_said_to_be)
{
    begin_pcap(0xa1b2c3d4, 1);
    add_pcap(10, 0, 40, 1514);
    ck_assert_int_eq(open_file(), 0);
    expect(0, 40, true);
    expect_end();
}
END_TEST

START_TEST(times_that_run_backwards_are_negative_and_none_is_over_100_years)
{
    begin_pcap(0xa1b23c4d, 1);
    add_pcap(1000, 0, 1, 1);
    add_pcap(999, 999999999, 1, 1);
    add_pcap(0xffffffff, 0, 1, 1);
    ck_assert_int_eq(open_file(), 0);
    expect(0, 1, false);
    expect(-1, 1, false);
    ck_assert_int_eq(next(), 1);
    ck_assert_int_le(record.at, (sw_time)100 * 366 * 86400 * SW_S);
    ck_assert_int_ge(record.at, -(sw_time)100 * 366 * 86400 * SW_S);
    expect_end();
}
END_TEST

/* A section, an Ethernet interface with times in nanoseconds, a packet at it (pcapng). */
static void build_pcapng(unsigned link_type)
{
    size = 0;
    put32(0x0a0d0d0a);
    put32(28);
    put32(0x1a2b3c4d);
    put16(1);
    put16(0);
    put32(UINT32_MAX);
    put32(UINT32_MAX);
    put32(28);
    put32(1);
    put32(32);
    put16(link_type);
    put16(0);
    put32(0);
    put16(9); /* if_tsresol */
    put16(1);
    put32(swapped ? 9u << 24 : 9);
    put32(0);
    put32(32);
    for (uint32_t i = 0; i < 2; i++) {
        put32(6);
        put32(32 + 16);
        put32(0);
        put32(0x18869f00);
        put32(i * 1500);
        put32(14);
        put32(14);
        for (uint32_t k = 0; k < 16; k++) {
            file[size++] = k < 14 ? (uint8_t)k : 0;
        }
        put32(32 + 16);
    }
}

START_TEST(pcapng_is_read_as_well)
{
    for (unsigned order = 0; order < 2; order++) {
        swapped = order == 1;
        build_pcapng(1);
        ck_assert_int_eq(open_file(), 0);
        expect(0, 14, false);
        expect(1500, 14, false);
        expect_end();
    }
    swapped = false;
}
END_TEST

START_TEST(what_is_no_capture_is_refused)
{
    size = 0;
    put("switches: { core: {} }\n", 23);
    refused("no capture that can be read");
    size = 0;
    put("\0", 1);
    refused("no capture that can be read");
    begin_pcap(0xa1b2c3d4, 1);
    size -= 1;
    refused("no capture that can be read");
}
END_TEST

START_TEST(a_capture_of_something_else_is_refused_by_name)
{
    begin_pcap(0xa1b2c3d4, 101);
    refused("a capture of RAW, and the LAN is of Ethernet");
    build_pcapng(113);
    refused("a capture of LINUX_SLL, and the LAN is of Ethernet");
}
END_TEST

/* Every length of a file of three frames: so many come whole, then it is said to break off, or it
 * ends where a frame does. */
START_TEST(a_file_that_breaks_off_is_said_to_where_it_does)
{
    begin_pcap(0xa1b2c3d4, 1);
    for (uint32_t i = 0; i < 3; i++) {
        add_pcap(10, i, 20, 20);
    }
    size_t whole = size;
    for (size = 24; size <= whole; size++) {
        ck_assert_int_eq(open_file(), 0);
        size_t frames = (size - 24) / 36;
        for (size_t i = 0; i < frames; i++) {
            expect((sw_time)i * SW_US, 20, false);
        }
        if ((size - 24) % 36 == 0) {
            ck_assert_int_eq(next(), 0);
        } else {
            ck_assert_int_eq(next(), -EINVAL);
            ck_assert_msg(strstr(why, "truncated") != NULL, "%s", why);
        }
        ck_assert_uint_eq(reader.records, frames);
        expect_end();
    }
}
END_TEST

START_TEST(a_record_of_an_impossible_length_ends_it)
{
    begin_pcap(0xa1b2c3d4, 1);
    add_pcap(10, 0, 20, 20);
    add_pcap(10, 1, 20, 20);
    memset(file + size - 28, 0xff, 4);
    ck_assert_int_eq(open_file(), 0);
    expect(0, 20, false);
    ck_assert_int_eq(next(), -EINVAL);
    ck_assert_str_ne(why, "");
    expect_end();
}
END_TEST

/* Two thousand files that went wrong at random, both forms: no more frames than fit, and an end. */
START_TEST(garbage_comes_to_an_end)
{
    srand(7);
    for (unsigned round = 0; round < 2000; round++) {
        if (round % 2) {
            build_pcapng(1);
        } else {
            begin_pcap(0xa1b2c3d4, 1);
            for (uint32_t i = 0; i < 5; i++) {
                add_pcap(10, i, 20 + i, 20);
            }
        }
        for (unsigned k = 0; k < 1 + round % 5; k++) {
            file[(size_t)rand() % size] = (uint8_t)rand();
        }
        unsigned frames = 0;
        for (int rc = open_file(); rc >= 0 && (rc = next()) == 1;) {
            ck_assert_uint_le(record.len, size);
            frames++;
        }
        ck_assert_uint_le(frames, sizeof file / 16);
        sw_pcap_reader_close(&reader);
    }
}
END_TEST

/* ---- what is read in pieces ---- */

#define MANY 3000
#define LONG_AT 2000 /* the one record that is longer than the file's header lets it be */

/* Records of 0 to 300 bytes, more than a few pieces of the file; the file's snapshot length is 300,
 * and the one at LONG_AT has 400. */
static FILE *a_long_capture(void)
{
    static uint8_t bytes[MANY * (16 + 400)];
    size_t n = 24;
    size = 0;
    begin_pcap(0xa1b23c4d, 1);
    file[16] = 300 & 255;
    file[17] = 300 >> 8;
    file[18] = 0;
    memcpy(bytes, file, n);
    for (uint32_t i = 0; i < MANY; i++) {
        size = 0;
        uint32_t len = i == LONG_AT ? 400 : i * 7 % 301;
        add_pcap(i, 0, len, len);
        memcpy(bytes + n, file, size);
        n += size;
    }
    FILE *to = tmpfile();
    ck_assert_ptr_nonnull(to);
    ck_assert_uint_eq(fwrite(bytes, 1, n, to), n);
    rewind(to);
    return to;
}

static void expect_all(FILE *from)
{
    ck_assert_int_eq(sw_pcap_reader_open(&reader, from, why, sizeof why), 0);
    for (uint32_t i = 0; i < MANY; i++) {
        expect(i * SW_S, i == LONG_AT ? 300 : i * 7 % 301, i == LONG_AT);
    }
    ck_assert_int_eq(next(), 0);
    ck_assert_str_eq(why, "");
}

START_TEST(a_capture_of_many_pieces_is_read_whole)
{
    expect_all(a_long_capture());
}
END_TEST

/* Of the program that writes into the pipe. */
static int fill(void *ctx)
{
    const int *end = ctx;
    FILE *from = a_long_capture(), *to = fdopen(end[1], "wb");
    int c;
    while ((c = getc(from)) != EOF) {
        putc(c, to);
    }
    fclose(from);
    return fclose(to);
}

START_TEST(a_capture_from_a_pipe_is_the_same)
{
    int end[2];
    ck_assert_int_eq(pipe(end), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(end[0]);
        _exit(fill(end));
    }
    close(end[1]);
    expect_all(fdopen(end[0], "rb"));
    sw_pcap_reader_close(&reader);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pcap_file");
    TCase *tcase = tcase_create("pcap_file");
    tcase_add_test(tcase, times_are_counted_from_the_first_frame_in_either_byte_order);
    tcase_add_test(tcase, microseconds_are_a_thousand_nanoseconds);
    tcase_add_test(tcase, a_frame_kept_in_part_is_said_to_be);
    tcase_add_test(tcase, times_that_run_backwards_are_negative_and_none_is_over_100_years);
    tcase_add_test(tcase, pcapng_is_read_as_well);
    tcase_add_test(tcase, what_is_no_capture_is_refused);
    tcase_add_test(tcase, a_capture_of_something_else_is_refused_by_name);
    tcase_add_test(tcase, a_file_that_breaks_off_is_said_to_where_it_does);
    tcase_add_test(tcase, a_record_of_an_impossible_length_ends_it);
    tcase_add_test(tcase, garbage_comes_to_an_end);
    tcase_add_test(tcase, a_capture_of_many_pieces_is_read_whole);
    tcase_add_test(tcase, a_capture_from_a_pipe_is_the_same);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
