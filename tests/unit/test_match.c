/* Which frames are meant: the short words over TCP segments of every kind, what `retransmit` has
 * seen before, and filters. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "lan/match.h"
#include "tests/support/core_fixture.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

static struct sw_test_env world;

/* A TCP segment from 10.0.0.1:port to 10.0.0.2:80. */
static struct sw_frame *segment(uint16_t port, uint8_t flags, uint32_t seq, size_t text)
{
    uint8_t bytes[2000] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45};
    sw_put16(bytes + 16, (uint16_t)(40 + text));
    bytes[22] = 64;
    bytes[23] = 6;
    sw_put32(bytes + 26, 0x0a000001);
    sw_put32(bytes + 30, 0x0a000002);
    sw_put16(bytes + 34, port);
    sw_put16(bytes + 36, 80);
    sw_put32(bytes + 38, seq);
    bytes[46] = 5 << 4;
    bytes[47] = flags;
    /* A short frame is padded: the packet's own length says what is text. */
    const size_t len = 54 + text < 60 ? 60 : 54 + text;
    return sw_frame_from_bytes(world.env.pool, bytes, len, 100);
}

static struct sw_frame *other(uint16_t type, uint8_t protocol, const char *to)
{
    uint8_t bytes[60] = {0};
    memcpy(bytes, to, 6);
    sw_put16(bytes + 12, type);
    bytes[14] = 0x45;
    sw_put16(bytes + 16, 40);
    bytes[23] = protocol;
    return sw_frame_from_bytes(world.env.pool, bytes, sizeof bytes, 60);
}

static bool take(struct sw_match *match, struct sw_frame *frame)
{
    const bool is = sw_match_frame(match, frame);
    sw_frame_drop(frame);
    return is;
}

static bool is(enum sw_match_kind kind, struct sw_frame *frame)
{
    const struct sw_topo_match what = {.kind = kind};
    struct sw_match *match = NULL;
    ck_assert_int_eq(sw_match_new(&match, &what), 0);
    const bool yes = take(match, frame);
    sw_match_free(match);
    return yes;
}

START_TEST(words_mean_what_they_say)
{
    static const struct {
        uint8_t flags;
        size_t text;
        enum sw_match_kind is[3]; /* of the words of segments; SW_MATCH_ALL: no more */
    } rows[] = {
        {SYN, 0, {SW_MATCH_SYN}},
        {SYN, 5, {SW_MATCH_SYN, SW_MATCH_DATA}},
        {SYN | ACK, 0, {SW_MATCH_SYN_ACK}},
        {ACK, 0, {SW_MATCH_ACK}},
        {ACK | PSH, 0, {SW_MATCH_ACK}},
        {ACK, 1, {SW_MATCH_DATA}},
        {ACK | PSH, 1000, {SW_MATCH_DATA}},
        {FIN | ACK, 0, {SW_MATCH_FIN}},
        {FIN | ACK, 9, {SW_MATCH_FIN, SW_MATCH_DATA}},
        {RST, 0, {SW_MATCH_RST}},
        {RST | ACK, 0, {SW_MATCH_RST}},
        {0, 0, {SW_MATCH_ALL}},
    };
    static const enum sw_match_kind kinds[] = {SW_MATCH_SYN, SW_MATCH_SYN_ACK, SW_MATCH_FIN,
                                               SW_MATCH_RST, SW_MATCH_ACK,     SW_MATCH_DATA};
    sw_test_env_init(&world, 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t k = 0; k < 6; k++) {
            bool want = false;
            for (unsigned j = 0; j < 3; j++) {
                want = want || rows[i].is[j] == kinds[k];
            }
            ck_assert_msg(is(kinds[k], segment(1, rows[i].flags, 7, rows[i].text)) == want,
                          "row %zu: %s", i, sw_match_word(kinds[k]));
        }
        ck_assert(is(SW_MATCH_TCP, segment(1, rows[i].flags, 7, rows[i].text)));
        ck_assert(is(SW_MATCH_ALL, segment(1, rows[i].flags, 7, rows[i].text)));
        ck_assert(!is(SW_MATCH_UDP, segment(1, rows[i].flags, 7, rows[i].text)));
    }
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(protocols_by_their_names)
{
    static const char station[] = "\2\0\0\0\0\1", bridges[] = "\1\x80\xc2\0\0\0",
                      cisco[] = "\1\0\x0c\xcc\xcc\xcd", lldp[] = "\1\x80\xc2\0\0\x0e";
    sw_test_env_init(&world, 1);
    ck_assert(is(SW_MATCH_ARP, other(0x0806, 0, station)));
    ck_assert(!is(SW_MATCH_ARP, other(0x0800, 6, station)));
    ck_assert(is(SW_MATCH_ICMP, other(0x0800, 1, station)));
    ck_assert(!is(SW_MATCH_ICMP, other(0x0806, 1, station)));
    ck_assert(is(SW_MATCH_UDP, other(0x0800, 17, station)));
    ck_assert(!is(SW_MATCH_TCP, other(0x0800, 17, station)));
    ck_assert(is(SW_MATCH_BPDU, other(0x0026, 0, bridges)));
    ck_assert(is(SW_MATCH_BPDU, other(0x0032, 0, cisco)));
    ck_assert(!is(SW_MATCH_BPDU, other(0x88cc, 0, lldp)));
    ck_assert(!is(SW_MATCH_BPDU, other(0x0026, 0, station)));
    /* A runt is nothing, and harmless. */
    ck_assert(
        !is(SW_MATCH_TCP, sw_frame_from_bytes(world.env.pool, (const uint8_t *)station, 6, 6)));
    ck_assert(
        !is(SW_MATCH_BPDU, sw_frame_from_bytes(world.env.pool, (const uint8_t *)bridges, 6, 6)));
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(tags_are_looked_through_and_later_fragments_have_no_flags)
{
    uint8_t bytes[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0, 10, 0x08, 0, 0x45};
    sw_test_env_init(&world, 1);
    sw_put16(bytes + 20, 40);
    bytes[27] = 6;
    bytes[50] = 5 << 4;
    bytes[51] = SYN;
    ck_assert(is(SW_MATCH_SYN, sw_frame_from_bytes(world.env.pool, bytes, 60, 60)));
    bytes[25] = 1; /* the fragment's offset */
    ck_assert(!is(SW_MATCH_SYN, sw_frame_from_bytes(world.env.pool, bytes, 60, 60)));
    ck_assert(is(SW_MATCH_TCP, sw_frame_from_bytes(world.env.pool, bytes, 60, 60)));
    sw_test_env_fini(&world);
}
END_TEST

static struct sw_match *retransmits(void)
{
    static const struct sw_topo_match what = {.kind = SW_MATCH_RETRANSMIT};
    struct sw_match *match = NULL;
    sw_test_env_init(&world, 1);
    ck_assert_int_eq(sw_match_new(&match, &what), 0);
    return match;
}

static void end(struct sw_match *match)
{
    sw_match_free(match);
    sw_test_env_fini(&world);
}

START_TEST(what_was_seen_before_is_a_retransmit)
{
    struct sw_match *m = retransmits();
    ck_assert(!take(m, segment(1, SYN, 0xffffffff, 0)));
    ck_assert(take(m, segment(1, SYN, 0xffffffff, 0)));
    ck_assert(!take(m, segment(1, ACK, 0, 100)));
    ck_assert(!take(m, segment(1, ACK, 100, 0))); /* an acknowledgement has no numbers */
    ck_assert(!take(m, segment(1, ACK, 100, 0)));
    ck_assert(!take(m, segment(1, ACK, 100, 100)));
    ck_assert(take(m, segment(1, ACK, 0, 100)));
    ck_assert(take(m, segment(1, ACK, 150, 100))); /* in part */
    ck_assert(!take(m, segment(1, FIN | ACK, 250, 0)));
    ck_assert(take(m, segment(1, FIN | ACK, 250, 0)));
    ck_assert(!take(m, segment(1, RST, 100, 0)));
    end(m);
}
END_TEST

START_TEST(what_was_overtaken_is_none)
{
    struct sw_match *m = retransmits();
    ck_assert(!take(m, segment(1, ACK, 1000, 100)));
    ck_assert(!take(m, segment(1, ACK, 1300, 100)));
    ck_assert(!take(m, segment(1, ACK, 1200, 100)));
    ck_assert(!take(m, segment(1, ACK, 1140, 20))); /* the middle of a hole */
    ck_assert(!take(m, segment(1, ACK, 1100, 40)));
    ck_assert(!take(m, segment(1, ACK, 1160, 40)));
    ck_assert(take(m, segment(1, ACK, 1140, 20)));
    ck_assert(!take(m, segment(1, ACK, 800, 100))); /* before the place was there */
    ck_assert(take(m, segment(1, ACK, 800, 100)));
    ck_assert(!take(m, segment(1, ACK, 900, 100)));
    ck_assert(take(m, segment(1, ACK, 900, 100)));
    ck_assert(!take(m, segment(1, ACK, 1400, 10)));
    end(m);
}
END_TEST

START_TEST(of_too_many_holes_the_lowest_counts_as_seen)
{
    struct sw_match *m = retransmits();
    for (uint32_t i = 0; i < 10; i++) {
        ck_assert(!take(m, segment(1, ACK, i * 200, 100)));
    }
    ck_assert(take(m, segment(1, ACK, 100, 100)));
    for (uint32_t i = 1; i < 9; i++) {
        ck_assert(!take(m, segment(1, ACK, i * 200 + 100, 100)));
        ck_assert(take(m, segment(1, ACK, i * 200 + 100, 100)));
    }
    end(m);
}
END_TEST

START_TEST(flows_are_told_apart_and_a_new_syn_begins_anew)
{
    struct sw_match *m = retransmits();
    ck_assert(!take(m, segment(1, SYN, 100, 0)));
    ck_assert(!take(m, segment(2, SYN, 100, 0)));
    ck_assert(!take(m, segment(1, ACK, 101, 50)));
    ck_assert(!take(m, segment(2, ACK, 101, 50)));
    ck_assert(!take(m, segment(1, SYN, 50, 0)));
    ck_assert(!take(m, segment(1, ACK, 101, 50)));
    ck_assert(take(m, segment(2, ACK, 101, 50)));
    ck_assert(take(m, segment(1, SYN, 50, 0)));
    end(m);
}
END_TEST

START_TEST(so_many_flows_are_remembered)
{
    struct sw_match *m = retransmits();
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < SW_MATCH_FLOWS + 10; i++) {
            const bool again = take(m, segment((uint16_t)(1000 + i), ACK, 1, 10));
            ck_assert_int_eq(again, round == 1 && i < SW_MATCH_FLOWS);
        }
    }
    end(m);
}
END_TEST

/* Two loads: the 16 bits of TCP's checksum, and a byte far behind the head. */
START_TEST(a_filter_sees_the_whole_frame_as_a_capture_does)
{
    static struct sw_bpf checksum[] = {
        {0x28, 0, 0, 50}, {0x15, 0, 1, 0}, {0x06, 0, 0, 1}, {0x06, 0, 0, 0}};
    static struct sw_bpf far[] = {
        {0x30, 0, 0, 554}, {0x15, 0, 1, 0x5a}, {0x06, 0, 0, 1}, {0x06, 0, 0, 0}};
    struct sw_topo_match what = {.kind = SW_MATCH_FILTER, .program = checksum, .program_count = 4};
    struct sw_match *match = NULL;
    sw_test_env_init(&world, 1);
    struct sw_frame *frame = segment(1, ACK, 1, 600);
    frame->csum = SW_CSUM_PARTIAL;
    frame->csum_start = 34;
    frame->csum_offset = 16;
    ck_assert_int_eq(sw_match_new(&match, &what), 0);
    ck_assert(!sw_match_frame(match, frame)); /* it is not 0 when it is finished */
    frame->csum = SW_CSUM_UNCHECKED;
    ck_assert(sw_match_frame(match, frame));
    struct sw_frame *short_frame = segment(1, ACK, 1, 0); /* lies in its head whole */
    short_frame->csum = SW_CSUM_PARTIAL;
    short_frame->csum_start = 34;
    short_frame->csum_offset = 16;
    ck_assert(!take(match, short_frame));
    sw_match_free(match);
    what.program = far;
    ck_assert_int_eq(sw_match_new(&match, &what), 0);
    ck_assert(!sw_match_frame(match, frame));
    size_t n = 0;
    const struct sw_slice *in = NULL;
    sw_frame_span(frame, 554, &n, &in);
    in->block->bytes[in->off + (554 - frame->head_len)] = 0x5a;
    ck_assert(sw_match_frame(match, frame));
    sw_match_free(match);
    sw_frame_drop(frame);
    sw_test_env_fini(&world);
}
END_TEST

START_TEST(every_word_has_its_name)
{
    static const char *const names[] = {"syn",        "syn-ack", "fin",  "rst", "ack", "data",
                                        "retransmit", "arp",     "icmp", "tcp", "udp", "bpdu"};
    for (int i = 0; i < 12; i++) {
        ck_assert_str_eq(sw_match_word((enum sw_match_kind)(SW_MATCH_SYN + i)), names[i]);
    }
    ck_assert_ptr_null(sw_match_word(SW_MATCH_ALL));
    ck_assert_ptr_null(sw_match_word(SW_MATCH_FILTER));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("match");
    TCase *words = tcase_create("words");
    tcase_add_test(words, words_mean_what_they_say);
    tcase_add_test(words, protocols_by_their_names);
    tcase_add_test(words, tags_are_looked_through_and_later_fragments_have_no_flags);
    tcase_add_test(words, every_word_has_its_name);
    suite_add_tcase(suite, words);
    TCase *seen = tcase_create("seen");
    tcase_add_test(seen, what_was_seen_before_is_a_retransmit);
    tcase_add_test(seen, what_was_overtaken_is_none);
    tcase_add_test(seen, of_too_many_holes_the_lowest_counts_as_seen);
    tcase_add_test(seen, flows_are_told_apart_and_a_new_syn_begins_anew);
    tcase_add_test(seen, so_many_flows_are_remembered);
    suite_add_tcase(suite, seen);
    TCase *filters = tcase_create("filters");
    tcase_add_test(filters, a_filter_sees_the_whole_frame_as_a_capture_does);
    suite_add_tcase(suite, filters);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
