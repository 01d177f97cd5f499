/* The packet filter against libpcap's own: what its compiler makes of a list of expressions gives
 * the same verdict on frames of every kind, whole and cut, and on frames and programs of chance. */
#include <check.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/rng.h"
#include "lan/bpf.h"

static const char *const expressions[] = {
    "",
    "tcp",
    "udp port 53",
    "icmp[icmptype] == icmp-echo",
    "arp host 10.0.0.1",
    "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
    "ip[8] < 5 or len > 1000",
    "host 10.0.0.1 and not port 80",
    "net 10.0.0.0/8 and tcp portrange 1-1023",
    "greater 100",
    "less 100",
    "ether host 02:00:00:00:00:01",
    "ether multicast",
    "ip broadcast",
    "ip[6:2] & 0x1fff != 0",
    "(ip[2:2] - ((ip[0] & 0xf) << 2)) - ((tcp[12] & 0xf0) >> 2) != 0",
    "vlan 10 and ip",
    "ip6",
    "icmp6 or ip6 proto 17",
    "ether[0:4] = 0x02000000",
    "(ip[0] * 3) % 7 = 4",
    "ip[10:2] / 256 > ip[11]",
    "tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420",
    "-ip[1] = 0",
    "ip[1] ^ ip[8] = 65",
    "1 << ip[8] > 100",
    "0xffffffff >> ip[9] > 100",
    "tcp src port 80 or tcp dst port 80",
    "src net 10.0.0.0/24 and dst host 10.0.0.2",
    "not arp and not ip",
};

static struct sw_draws draws;

static void set_up(void)
{
    static const struct sw_seed seed = {{1, 2, 3}};
    sw_draws_init(&draws, &seed, 1, SW_DRAW_TEST);
}

/* A frame that means something, more or less: each field is drawn from a few likely values. */
static size_t make_frame(uint8_t *to)
{
    static const uint16_t types[] = {0x0800, 0x0800, 0x0800, 0x0806, 0x8100, 0x86dd, 0x1234};
    static const uint8_t protocols[] = {6, 6, 17, 1, 58};
    static const uint16_t ports[] = {53, 80, 1000, 40000};
    const size_t len = 14 + sw_draw_below(&draws, 200);
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)sw_draw_below(&draws, 4) == 0 ? (uint8_t)sw_draw(&draws) : 0;
    }
    memcpy(to, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
    to[0] |= (uint8_t)sw_draw_below(&draws, 2);
    sw_put16(to + 12, types[sw_draw_below(&draws, 7)]);
    uint8_t *l3 = to + 14;
    if (sw_get16(to + 12) == 0x8100) {
        sw_put16(to + 14, 10);
        sw_put16(to + 16, 0x0800);
        l3 = to + 18;
    }
    if ((size_t)(l3 - to) + 28 > len) {
        return len;
    }
    l3[0] = (uint8_t)(0x45 + sw_draw_below(&draws, 2));
    sw_put16(l3 + 2, (uint16_t)(len - (size_t)(l3 - to)));
    l3[8] = (uint8_t)(sw_draw_below(&draws, 2) * 64 + 1);
    l3[9] = protocols[sw_draw_below(&draws, 5)];
    sw_put32(l3 + 12, 0x0a000001 + (uint32_t)sw_draw_below(&draws, 2));
    sw_put32(l3 + 16, 0x0a000001 + (uint32_t)sw_draw_below(&draws, 2));
    sw_put16(l3 + 20, ports[sw_draw_below(&draws, 4)]);
    sw_put16(l3 + 22, ports[sw_draw_below(&draws, 4)]);
    if (sw_get16(to + 12) == 0x0806) {
        sw_put32(l3, 0x00010800);
        sw_put32(l3 + 4, 0x06040001);
        sw_put32(l3 + 14, 0x0a000001 + (uint32_t)sw_draw_below(&draws, 2));
        sw_put32(l3 + 24, 0x0a000001 + (uint32_t)sw_draw_below(&draws, 2));
    } else if (l3[9] == 1) {
        l3[20] = (uint8_t)sw_draw_below(&draws, 9);
    }
    return len;
}

static struct sw_bpf *copy(const struct bpf_program *from)
{
    struct sw_bpf *program = calloc(from->bf_len, sizeof *program);
    ck_assert_ptr_nonnull(program);
    for (unsigned i = 0; i < from->bf_len; i++) {
        const struct bpf_insn *at = &from->bf_insns[i];
        program[i] = (struct sw_bpf){at->code, at->jt, at->jf, at->k};
    }
    return program;
}

START_TEST(verdicts_are_libpcaps)
{
    const char *expression = expressions[_i];
    struct bpf_program program;
    set_up();
    pcap_t *dead = pcap_open_dead(DLT_EN10MB, 65535);
    ck_assert_int_eq(pcap_compile(dead, &program, expression, _i % 2, 0xffffff00), 0);
    struct sw_bpf *ours = copy(&program);
    ck_assert(sw_bpf_valid(ours, program.bf_len));
    unsigned accepted = 0;
    for (int i = 0; i < 5000; i++) {
        uint8_t bytes[256];
        const uint32_t len = (uint32_t)make_frame(bytes);
        const uint32_t have = i % 3 == 0 ? (uint32_t)sw_draw_below(&draws, len + 1) : len;
        const bool theirs = bpf_filter(program.bf_insns, bytes, len, have) != 0;
        accepted += theirs;
        ck_assert_msg(sw_bpf_accepts(ours, bytes, len, have) == theirs, "%s: frame %d", expression,
                      i);
    }
    /* The frames tell the expressions apart. */
    ck_assert_msg(accepted > 0 || strchr(expression, 'G') != NULL || _i == 17 || _i == 18 ||
                      _i == 13 || _i == 22,
                  "%s: none of the frames", expression);
    free(ours);
    pcap_freecode(&program);
    pcap_close(dead);
}
END_TEST

/* A program of chance that is valid runs to its end, and as libpcap runs it; scratch cells are
 * written before anything is read. */
START_TEST(programs_of_chance_too)
{
    set_up();
    unsigned ran = 0;
    for (int round = 0; round < 50000; round++) {
        struct sw_bpf ours[40];
        struct bpf_insn theirs[40];
        unsigned n = 0;
        for (; n < 16; n++) {
            ours[n] = (struct sw_bpf){0x02, 0, 0, n}; /* M[n] = A */
        }
        const unsigned count = n + 1 + (unsigned)sw_draw_below(&draws, 20);
        for (; n < count; n++) {
            static const uint32_t ks[] = {0, 1, 3, 12, 14, 23, 31, 32, 33, 0x7fffffff, 0xffffffff};
            ours[n] = (struct sw_bpf){
                (uint16_t)sw_draw_below(&draws, 0xc0), (uint8_t)sw_draw_below(&draws, 4),
                (uint8_t)sw_draw_below(&draws, 4), ks[sw_draw_below(&draws, 11)]};
            const unsigned operation = ours[n].code & 0xffU;
            if (operation == 0x64 || operation == 0x74) {
                ours[n].k %= 32; /* what libpcap makes of a longer shift is not defined */
            }
        }
        ours[n++] = (struct sw_bpf){(uint16_t)(round % 2 == 0 ? 0x16 : 0x06), 0, 0, 1};
        if (!sw_bpf_valid(ours, n)) {
            /* Most are not: give them another chance by repairing each by itself. */
            for (unsigned i = 16; i + 1 < n; i++) {
                const struct sw_bpf pair[2] = {ours[i], {0x06, 0, 0, 0}};
                if (!sw_bpf_valid(pair, 2)) {
                    ours[i] = (struct sw_bpf){0x04, 0, 0, i}; /* A += i */
                }
            }
        }
        if (!sw_bpf_valid(ours, n)) {
            continue;
        }
        for (unsigned i = 0; i < n; i++) {
            theirs[i] = (struct bpf_insn){ours[i].code, ours[i].jt, ours[i].jf, ours[i].k};
        }
        uint8_t bytes[256];
        const uint32_t len = (uint32_t)make_frame(bytes);
        ran++;
        ck_assert_int_eq(sw_bpf_accepts(ours, bytes, len, len),
                         bpf_filter(theirs, bytes, len, len) != 0);
    }
    ck_assert_uint_gt(ran, 20000);
}
END_TEST

struct wrong {
    const char *what;
    struct sw_bpf program[3];
    size_t count;
};

#define RETURN                                                                                     \
    {                                                                                              \
        0x06, 0, 0, 1                                                                              \
    }

static const struct wrong wrongs[] = {
    {"nothing", {RETURN}, 0},
    {"no return at the end", {RETURN, {0x00, 0, 0, 0}}, 2},
    {"a jump out", {{0x15, 2, 0, 0}, RETURN, RETURN}, 3},
    {"a false jump out", {{0x15, 0, 2, 0}, RETURN, RETURN}, 3},
    {"a long jump out", {{0x05, 0, 0, 2}, RETURN, RETURN}, 3},
    {"a jump round", {{0x05, 0, 0, 0xffffffff}, RETURN, RETURN}, 3},
    {"a cell that is not there", {{0x60, 0, 0, 16}, RETURN}, 2},
    {"a store beside", {{0x02, 0, 0, 16}, RETURN}, 2},
    {"X beside", {{0x03, 0, 0, 16}, RETURN}, 2},
    {"X from beside", {{0x61, 0, 0, 16}, RETURN}, 2},
    {"a division by zero", {{0x34, 0, 0, 0}, RETURN}, 2},
    {"a remainder by zero", {{0x94, 0, 0, 0}, RETURN}, 2},
    {"an operation that is none", {{0xb4, 0, 0, 1}, RETURN}, 2},
    {"a jump that is none", {{0x55, 0, 0, 1}, RETURN, RETURN}, 3},
    {"a load that is none", {{0xc0, 0, 0, 1}, RETURN}, 2},
    {"a size that is none", {{0x38, 0, 0, 1}, RETURN}, 2},
    {"X from the frame", {{0x29, 0, 0, 1}, RETURN}, 2},
    {"a header's length to A", {{0xb0, 0, 0, 1}, RETURN}, 2},
    {"a byte of a constant", {{0x10, 0, 0, 1}, RETURN}, 2},
    {"a return of X", {{0x0e, 0, 0, 1}, RETURN}, 2},
    {"miscellaneous", {{0x27, 0, 0, 1}, RETURN}, 2},
    {"a code too long", {{0x120, 0, 0, 1}, RETURN}, 2},
};

START_TEST(what_may_not_run)
{
    const struct wrong *w = &wrongs[_i];
    ck_assert_msg(!sw_bpf_valid(w->program, w->count), "%s", w->what);
}
END_TEST

START_TEST(a_program_has_a_bound)
{
    struct sw_bpf *program = calloc(SW_BPF_MAX + 1, sizeof *program);
    for (size_t i = 0; i <= SW_BPF_MAX; i++) {
        program[i].code = 0x06;
    }
    ck_assert(sw_bpf_valid(program, SW_BPF_MAX));
    ck_assert(!sw_bpf_valid(program, SW_BPF_MAX + 1));
    free(program);
}
END_TEST

/* As in the kernel: the frame is rejected, whatever the program wanted. */
START_TEST(what_cannot_be_computed_rejects)
{
    static const struct sw_bpf behind[] = {{0x30, 0, 0, 4}, {0x06, 0, 0, 1}};
    static const struct sw_bpf by_x[] = {{0x3c, 0, 0, 0}, {0x06, 0, 0, 1}};
    static const struct sw_bpf far[] = {{0x01, 0, 0, 0xffffffff}, {0x50, 0, 0, 1}, {0x06, 0, 0, 1}};
    static const uint8_t bytes[5] = {0};
    ck_assert(sw_bpf_accepts(behind, bytes, 5, 5));
    ck_assert(!sw_bpf_accepts(behind, bytes, 5, 4));
    ck_assert(!sw_bpf_accepts(by_x, bytes, 5, 5));
    ck_assert(!sw_bpf_accepts(far, bytes, 5, 5));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bpf");
    TCase *verdicts = tcase_create("verdicts");
    tcase_set_timeout(verdicts, 60);
    tcase_add_loop_test(verdicts, verdicts_are_libpcaps, 0,
                        (int)(sizeof expressions / sizeof expressions[0]));
    tcase_add_test(verdicts, programs_of_chance_too);
    tcase_add_test(verdicts, what_cannot_be_computed_rejects);
    suite_add_tcase(suite, verdicts);
    TCase *valid = tcase_create("valid");
    tcase_add_loop_test(valid, what_may_not_run, 0, (int)(sizeof wrongs / sizeof wrongs[0]));
    tcase_add_test(valid, a_program_has_a_bound);
    suite_add_tcase(suite, valid);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
