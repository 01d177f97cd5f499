/* Fuzz target: captures. An input is a capture file as a pcap uplink reads it, behind three bytes
 * that say which addresses are rewritten. Whatever the file, the reader comes to its end or says
 * why not, and rewriting an address by itself changes nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "lan/rewrite.h"
#include "switchd/pcap_file.h"
#include "tests/fuzz/fuzz.h"

/* With what two fractions of a second may add. */
#define CENTURY (((sw_time)100 * 366 * 86400 + 2) * SW_S)

/* What a frame becomes when addresses are rewritten, in a copy whose end is the memory's. */
static void rewritten(const struct sw_rewrite *rewrite, const uint8_t *bytes, size_t n, bool same)
{
    uint8_t *copy = malloc(n > 0 ? n : 1);
    fuzz_check(copy != NULL);
    if (n > 0) {
        memcpy(copy, bytes, n);
    }
    sw_rewrite_frame(rewrite, copy, n);
    fuzz_check(!same || n == 0 || memcmp(copy, bytes, n) == 0);
    free(copy);
}

static void frame(const struct sw_pcap_record *record, const uint8_t how[3])
{
    struct sw_rewrite_mac macs[2] = {{.from = {{2, 0, 0, 0, 0, 1}}, .to = {{2, 0, 0, 0, 0, 1}}}};
    struct sw_rewrite_net nets[2] = {{0x0a000001, 0x0a000001, 0xffffffff}, {0, 0, 0}};
    const struct sw_rewrite rewrite = {macs, 1, nets, 2};
    if (record->len >= 34) { /* what there is, by itself */
        memcpy(macs[0].from.b, record->bytes, 6);
        macs[0].to = macs[0].from;
        nets[0].from = nets[0].to = sw_get32(record->bytes + 26);
    }
    rewritten(&rewrite, record->bytes, record->len, true);
    macs[0].to.b[5] = how[0];
    nets[0].to = how[1] * 0x01010101u;
    nets[0].mask = how[2] % 33 == 0 ? 0 : UINT32_MAX << (32 - how[2] % 33);
    nets[0].from &= nets[0].mask;
    nets[0].to &= nets[0].mask;
    rewritten(&rewrite, record->bytes, record->len, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct sw_pcap_reader reader = {0};
    struct sw_pcap_record record;
    char why[256] = "";
    if (n < 4) {
        return 0;
    }
    FILE *file = fmemopen((void *)(uintptr_t)(bytes + 3), n - 3, "rb");
    fuzz_check(file != NULL);
    int err = sw_pcap_reader_open(&reader, file, why, sizeof why);
    if (err == 0) {
        uint64_t frames = 0;
        while ((err = sw_pcap_reader_next(&reader, &record, why, sizeof why)) == 1) {
            fuzz_check(record.at >= -CENTURY && record.at <= CENTURY);
            frame(&record, bytes);
            frames++;
        }
        fuzz_check(frames == reader.records && frames <= n);
        fuzz_check(err == 0 || (err == -EINVAL && why[0] != '\0'));
        fuzz_check(sw_pcap_reader_next(&reader, &record, why, sizeof why) != 1);
    } else {
        fuzz_check((err == -EINVAL || err == -ENOMEM) && why[0] != '\0');
    }
    sw_pcap_reader_close(&reader);
    return 0;
}
