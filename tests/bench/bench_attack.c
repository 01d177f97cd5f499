/* A TCP host under attack (tests/support/lan_attack.h), in virtual time.
 *
 *   bench_attack syns|guesses FORGED [BYTES]
 *   bench_attack quiet-syns|quiet-guesses FORGED [BYTES]
 *
 * FORGED segments by the attacker; "quiet": the same LAN time without any. BYTES is what a
 * connection carries, or a round of one. Standard output says what became of it, a "NAME VALUE" a
 * line, the same each time; standard error what it cost. Exit status 1 if a text did not come as it
 * was sent, a connection did not end in order, anything was left, or a ledger does not hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/support/lan_attack.h"

static void say(const char *name, uint64_t value)
{
    printf("%s %llu\n", name, (unsigned long long)value);
}

static void say_host(const char *name, const struct sw_host_stats *s)
{
    printf("%s: challenge-acks %llu cookies-sent %llu cookies-accepted %llu cookies-refused %llu "
           "half-open-evicted %llu resets %llu\n",
           name, (unsigned long long)s->tcp_challenge_acks, (unsigned long long)s->tcp_cookies_sent,
           (unsigned long long)s->tcp_cookies_accepted, (unsigned long long)s->tcp_cookies_refused,
           (unsigned long long)s->tcp_half_open_evicted, (unsigned long long)s->tcp_resets_out);
    for (unsigned i = 0; i < SW_DROP_COUNT; i++) {
        if (s->dropped[i] > 0) {
            printf("%s dropped %s %llu\n", name, sw_drop_name((enum sw_drop)i),
                   (unsigned long long)s->dropped[i]);
        }
    }
}

int main(int argc, char **argv)
{
    static const char *const kinds[] = {"syns", "guesses"};
    struct sw_test_attack_config config = {.bytes = 1 << 20};
    const char *kind = argc > 1 ? argv[1] : "";
    config.quiet = strncmp(kind, "quiet-", 6) == 0;
    kind += config.quiet ? 6 : 0;
    config.kind = strcmp(kind, kinds[SW_ATTACK_GUESSES]) == 0 ? SW_ATTACK_GUESSES : SW_ATTACK_SYNS;
    if (argc < 3 || strcmp(kind, kinds[config.kind]) != 0) {
        fprintf(stderr,
                "bench_attack: [quiet-]syns or [quiet-]guesses, how many, how many bytes\n");
        return 2;
    }
    config.forged = strtoull(argv[2], NULL, 10);
    config.bytes = argc > 3 ? strtoull(argv[3], NULL, 10) : config.bytes;
    struct sw_test_attack_report r;
    sw_test_attack(&config, &r);
    say("forged", r.forged);
    say("refused", r.refused[0] + r.refused[1]);
    say("transfers", r.transfers);
    say("right", r.right);
    say("ended", r.ended);
    say("slowest-ms", (uint64_t)(r.slowest / SW_MS));
    say("span-ms", (uint64_t)(r.span / SW_MS));
    say("most-connections", r.most_connections);
    say("most-half-open", r.most_half_open);
    say("most-neighbours", r.most_neighbours);
    say("most-pool-bytes", r.peak_bytes);
    say("left", r.left);
    say("holds", r.holds);
    printf("sha256 %s\n", r.digest);
    say_host("client", &r.stats[0]);
    say_host("victim", &r.stats[1]);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    fprintf(stderr, "peak-kib %ld\n", usage.ru_maxrss);
    return r.right == r.transfers && r.transfers > 0 && r.ended > 0 && r.left == 0 && r.holds ? 0
                                                                                              : 1;
}
