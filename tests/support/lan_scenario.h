/* A small LAN and a scenario that is played over it in virtual time, written step by step as the
 * LAN file's reader would.
 *
 * web (10.0.0.1: http with the body "hello\n", echo, discard, udp-echo) and client (10.0.0.2) are
 * on a switch, core, by cables of 1 ms and 100 Mbit/s: link 0 from web, link 1 from client. mute
 * has neither address nor cable. */
#ifndef SW_TESTS_LAN_SCENARIO_H
#define SW_TESTS_LAN_SCENARIO_H

#include "lan/player.h"
#include "tests/support/core_fixture.h"
#include "tests/support/lan_topo.h"

#define SW_TEST_CHECKS 64

struct sw_test_told {
    char name[96], expected[128], seen[128], figure[256];
    const struct sw_topo_step *step;
    struct sw_where where;
    bool passed;
    sw_time began, ended;
    struct sw_value values[SW_JUDGE_VALUES];
    size_t value_count, verdict_count;
    uint32_t held; /* a bit each expectation that did */
};

struct sw_test_scenario {
    struct sw_test_env world;
    struct sw_topo *topo;
    struct sw_network *net;
    struct sw_events *events;
    struct sw_player *player;
    struct sw_test_told told[SW_TEST_CHECKS];
    unsigned count, dones;
    sw_time done_at;
    char log[2048]; /* what began, and when: "0 ms ping; 2000 ms wait; " */
    bool free_when_done;
    struct sw_network_programs programs; /* of a LAN that has any */
};

void sw_scenario_init(struct sw_test_scenario *s);
/* Another step, with what the file would have filled in: 3 pings of 56 bytes a second apart, 1 s of
 * iperf, a wait of 1 s, all from client to web. Where it stands, the line is 10 times its place.
 * The pointer holds until the next step beside it is added. */
struct sw_topo_step *sw_scenario_step(struct sw_test_scenario *s, enum sw_step_kind kind,
                                      const char *name);
/* The same within another. */
struct sw_topo_step *sw_scenario_child(struct sw_test_scenario *s, struct sw_topo_step *parent,
                                       enum sw_step_kind kind, const char *name);
/* An action; its strings and arrays are NULL. */
struct sw_topo_action *sw_scenario_action(struct sw_test_scenario *s, enum sw_action_kind kind);
void sw_scenario_set(char **field, const char *text);
void sw_scenario_expect(struct sw_topo_step *step, struct sw_topo_expect expect,
                        const char *written, unsigned line);
/* The number must be, or a text. */
void sw_scenario_number(struct sw_topo_step *step, enum sw_metric metric, enum sw_unit unit,
                        int64_t lo, int64_t hi);
void sw_scenario_text(struct sw_topo_step *step, enum sw_metric metric, const char *text);
/* Builds the LAN and plays until `until`. */
void sw_scenario_play(struct sw_test_scenario *s, sw_time until);
/* Ends the scenario and its LAN, for who has something beside them to end; checks what must always
 * hold. */
void sw_scenario_close(struct sw_test_scenario *s);
/* The same, where that was not done, and checks that nothing is left. */
void sw_scenario_fini(struct sw_test_scenario *s);

#endif
