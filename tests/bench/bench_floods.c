/* Floods against a host with a running transfer (tests/support/lan_flood.h), in virtual time.
 *
 *   bench_floods KIND FRAMES [SHARE-PERCENT [MBIT/S]]
 *
 * KIND: macs, arp, fragments, syns or udp. Standard output says what became of LAN, transfer and
 * frames, a "NAME VALUE" a line, the same each time; standard error what it cost. Exit status 1 if
 * the transfer did not end as it should, the switch lost a station, anything was left, or a ledger
 * does not hold. With no such arguments: what a million frames of each kind cost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/support/lan_flood.h"

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void say(const char *name, uint64_t value)
{
    printf("%s %llu\n", name, (unsigned long long)value);
}

static void say_half(const char *way, const struct sw_test_flood_half *half)
{
    printf("%s: alone_bps %llu flooded_bps %llu seconds %.3f\n", way,
           (unsigned long long)half->alone_bps, (unsigned long long)half->flooded_bps,
           (double)half->span / 1e9);
    printf("%s: ppm_of_line alone %u+%u flooded %u+%u acks %u+%u retransmits %llu\n", way,
           half->before.transfer, half->before.other, half->during.transfer, half->during.other,
           half->acks.transfer, half->acks.other, (unsigned long long)half->retransmits);
}

static void say_drops(const char *where, const uint64_t dropped[SW_DROP_COUNT])
{
    for (unsigned i = 0; i < SW_DROP_COUNT; i++) {
        if (dropped[i] > 0) {
            printf("%s %s %llu\n", where, sw_drop_name((enum sw_drop)i),
                   (unsigned long long)dropped[i]);
        }
    }
}

static void say_all(const struct sw_test_flood_report *r)
{
    say_half("to-victim", &r->half[0]);
    say_half("from-victim", &r->half[1]);
    say("frames", r->sent);
    say("transferred", r->transferred);
    say("ended", r->ended);
    say("known", r->known);
    say("strayed", r->strayed);
    printf("pings %u of %u\n", r->pings, r->pings_asked);
    say("most-macs", r->macs);
    say("most-neighbours", r->neighbours);
    say("most-connections", r->connections);
    say("most-fragments", r->fragments);
    say("most-pool-bytes", r->peak_bytes);
    say("left", r->left);
    say("answering", r->answering);
    say("holds", r->holds);
    say("victim received", r->victim.received);
    say("victim consumed", r->victim.consumed);
    say("victim sent", r->victim.sent);
    say("victim resets", r->victim.tcp_resets_out);
    say("victim errors-limited", r->victim.icmp_limited);
    say_drops("victim dropped", r->victim.dropped);
    say_drops("victim unsent", r->victim.unsent);
    say("switch in", r->bridge.in);
    say("switch forwarded", r->bridge.forwarded);
    say("switch flooded", r->bridge.flooded);
    say("switch flooded-known", r->bridge.flooded_known);
    say("switch learned", r->bridge.learned);
    say("switch not-learned", r->bridge.not_learned);
    say("switch moved", r->bridge.moved);
    say_drops("switch dropped", r->bridge.dropped);
}

static int flood(const struct sw_test_flood_config *config, bool brief)
{
    struct sw_test_flood_report report;
    double begin = cpu_seconds();
    sw_test_flood(config, &report);
    double cpu = cpu_seconds() - begin;
    double ns = cpu * 1e9 / (double)config->frames;
    if (brief) {
        printf("%-10s %4.0f ns a frame, the transfer's included\n",
               sw_test_flood_name(config->kind), ns);
    } else {
        struct rusage usage;
        say_all(&report);
        getrusage(RUSAGE_SELF, &usage);
        fprintf(stderr, "peak-mib %.1f\ncpu-seconds %.2f\nns-a-frame-of-the-flood %.0f\n",
                (double)usage.ru_maxrss / 1024, cpu, ns);
    }
    return report.ended && report.known && report.strayed == 0 && report.left == 0 &&
                   report.answering && report.holds
               ? 0
               : 1;
}

int main(int argc, char **argv)
{
    struct sw_test_flood_config config = {
        .frames = 1000000, .share_percent = 50, .rate_bps = 100000000, .alone = 10 * SW_S};
    int status = 0;
    if (argc < 3) {
        for (unsigned i = 0; i < SW_FLOOD_KINDS; i++) {
            config.kind = (enum sw_test_flood_kind)i;
            status |= flood(&config, true);
        }
        return status;
    }
    while (config.kind < SW_FLOOD_KINDS && strcmp(argv[1], sw_test_flood_name(config.kind)) != 0) {
        config.kind = (enum sw_test_flood_kind)(config.kind + 1);
    }
    if (config.kind == SW_FLOOD_KINDS) {
        fprintf(stderr, "bench_floods: no such kind\n");
        return 2;
    }
    config.frames = strtoull(argv[2], NULL, 10);
    config.share_percent = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : config.share_percent;
    config.rate_bps = argc > 4 ? strtoull(argv[4], NULL, 10) * 1000000 : config.rate_bps;
    return flood(&config, false);
}
