/* Hosts that are real programs, as the LAN sees them, behind an interface that is a fake's: what
 * reaches their ports, what befalls them, and the steps that speak of them. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/lan_scenario.h"
#include "tests/support/stack_kernel.h"

struct sw_command {
    struct fake *fake;
    struct sw_timer timer;
    void (*done)(void *user);
    void *user;
};

/* api (10.0.0.3), the fourth host, on core by link 2; its kernel is the port here. */
struct fake {
    struct sw_test_scenario s;
    struct sw_test_port port;
    struct sw_owner owner;
    struct sw_command command;
    struct sw_command_result result; /* of the next command */
    sw_time takes;                   /* how long it takes; SW_TIME_NEVER: for ever */
    unsigned looks, ready_at;        /* it is ready when it is asked that often */
    int cannot;
    char befell[256], ran[128];
    unsigned freed;
};

static struct fake f;

static struct sw_port *port(void *ctx, size_t host, size_t nic)
{
    ck_assert_ptr_eq(ctx, &f);
    return host == 3 && nic == 0 ? &f.port.port : NULL;
}

static void befall(void *ctx, size_t host, enum sw_action_kind what, enum sw_signal signal)
{
    size_t n = strlen(f.befell);
    ck_assert_ptr_eq(ctx, &f);
    ck_assert_uint_eq(host, 3);
    snprintf(f.befell + n, sizeof f.befell - n, "%d/%d ", (int)what, (int)signal);
}

static void on_end(struct sw_timer *timer)
{
    struct sw_command *c = SW_CONTAINER(timer, struct sw_command, timer);
    c->done(c->user);
}

static int run(void *ctx, struct sw_command **out, size_t host, char *const *command,
               void (*done)(void *user), void *user)
{
    ck_assert_ptr_eq(ctx, &f);
    ck_assert_uint_eq(host, 3);
    snprintf(f.ran, sizeof f.ran, "%s %s", command[0], command[1]);
    if (f.cannot) {
        return f.cannot;
    }
    f.command.done = done;
    f.command.user = user;
    ck_assert_int_eq(
        sw_timer_init(&f.command.timer, f.s.world.env.clock, &f.owner, SW_CLASS_STEP, on_end), 0);
    if (f.takes != SW_TIME_NEVER) {
        sw_timer_arm(&f.command.timer, sw_clock_now(f.s.world.env.clock) + f.takes);
    }
    *out = &f.command;
    return 0;
}

static void result(const struct sw_command *command, struct sw_command_result *out)
{
    ck_assert_ptr_eq(command, &f.command);
    *out = f.result;
}

static void free_run(struct sw_command *command)
{
    ck_assert_ptr_eq(command, &f.command);
    sw_timer_fini(&f.command.timer);
    f.freed++;
}

static bool is_ready(void *ctx, size_t host)
{
    ck_assert_ptr_eq(ctx, &f);
    ck_assert_uint_eq(host, 3);
    return ++f.looks >= f.ready_at;
}

/* No step here speaks from it. */
static void *far_ctx(void *ctx, size_t host)
{
    ck_assert_uint_eq(host, 3);
    return ctx;
}

static void begin(void)
{
    f = (struct fake){.takes = 10 * SW_MS};
    sw_scenario_init(&f.s);
    sw_owner_init(&f.owner, "fake programs");
    sw_test_port_init(&f.port, &f.s.world, "api");
    struct sw_topo_host *api = topo_host(f.s.topo, "api", "10.0.0.3/24", NULL);
    api->program = topo_grow(NULL, 0, sizeof *api->program);
    api->program->expect_exit = -1;
    topo_link(f.s.topo, "api", "core", NULL);
    f.s.programs = (struct sw_network_programs){.port = port,
                                                .befall = befall,
                                                .run = run,
                                                .result = result,
                                                .free_run = free_run,
                                                .is_ready = is_ready,
                                                .far = &sw_test_kernel_ops,
                                                .far_ctx = far_ctx,
                                                .ctx = &f};
}

static void end(void)
{
    sw_test_port_fini(&f.port);
    sw_scenario_fini(&f.s);
}

static struct sw_topo_step *command_step(const char *name)
{
    struct sw_topo_step *step = sw_scenario_step(&f.s, SW_STEP_RUN, name);
    sw_scenario_set(&step->from, "api");
    step->timeout = SW_S;
    step->command = calloc(3, sizeof *step->command);
    step->command[0] = topo_text("ls");
    step->command[1] = topo_text("-l");
    return step;
}

static void says(const char *out, const char *err, int status)
{
    f.result = (struct sw_command_result){.exit = status,
                                          .out = out,
                                          .out_len = strlen(out),
                                          .out_size = strlen(out),
                                          .err = err,
                                          .err_len = strlen(err),
                                          .err_size = strlen(err)};
}

START_TEST(its_port_stands_for_its_kernel)
{
    begin();
    struct sw_topo_step *ping = sw_scenario_step(&f.s, SW_STEP_PING, "ping");
    sw_scenario_set(&ping->to, "api");
    ping->count = 1;
    sw_scenario_number(ping, SW_METRIC_LOSS, SW_UNIT_SHARE, 1000000000, 1000000000);
    sw_scenario_play(&f.s, 5 * SW_S);
    ck_assert_ptr_eq(sw_network_port_at(f.s.net, 4), &f.port.port);
    ck_assert(f.s.told[0].passed);
    ck_assert_uint_gt(f.port.count, 0); /* it was asked for, and said nothing of its own */
    ck_assert_uint_eq(sw_network_link_at(f.s.net, 2)->forward.stats.in, 0);
    end();
}
END_TEST

START_TEST(a_partition_stands_before_it)
{
    begin();
    struct sw_topo_action *part = sw_scenario_action(&f.s, SW_ACTION_PARTITION);
    part->group = calloc(4, sizeof *part->group);
    part->group_count = 4;
    part->group[1] = 1; /* client */
    part->group[3] = 2; /* api */
    sw_scenario_play(&f.s, SW_S);
    const struct sw_mac web = sw_nic_mac(sw_host_nic(sw_network_host(f.s.net, "web"), "eth0"));
    const struct sw_mac client =
        sw_nic_mac(sw_host_nic(sw_network_host(f.s.net, "client"), "eth0"));
    uint8_t bytes[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    for (unsigned i = 0; i < 2; i++) {
        memcpy(bytes + 6, i == 0 ? web.b : client.b, 6);
        struct sw_frame *frame = sw_frame_from_bytes(f.s.world.env.pool, bytes, 60, 60);
        ck_assert_int_eq(sw_network_admits(f.s.net, 3, frame), i == 0);
        sw_frame_drop(frame);
    }
    /* A capture at its cable may bring less than a source: what lay there before is none. */
    struct sw_frame *runt = sw_frame_from_bytes(f.s.world.env.pool, bytes, 11, 11);
    runt->store[runt->head_off + 11] = client.b[5];
    ck_assert(sw_network_admits(f.s.net, 3, runt));
    sw_frame_drop(runt);
    end();
}
END_TEST

START_TEST(what_befalls_it_is_told)
{
    static const enum sw_action_kind kinds[] = {SW_ACTION_CRASH, SW_ACTION_RESTART,
                                                SW_ACTION_STOP,  SW_ACTION_CONTINUE,
                                                SW_ACTION_KILL,  SW_ACTION_START};
    char want[256] = "";
    begin();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct sw_topo_action *action = sw_scenario_action(&f.s, kinds[i]);
        action->host = 3;
        action->signal = kinds[i] == SW_ACTION_KILL ? SW_SIGNAL_HUP : SW_SIGNAL_TERM;
        size_t n = strlen(want);
        snprintf(want + n, sizeof want - n, "%d/%d ", (int)kinds[i], (int)action->signal);
    }
    sw_scenario_play(&f.s, SW_S);
    ck_assert_uint_eq(f.s.dones, 1);
    ck_assert_str_eq(f.befell, want);
    ck_assert_int_ne(sw_host_state(sw_network_host_at(f.s.net, 3)), SW_HOST_DOWN);
    end();
}
END_TEST

START_TEST(a_command_is_compared)
{
    begin();
    says("two\nlines\n", "oops", 3);
    struct sw_topo_step *step = command_step("right");
    sw_scenario_number(step, SW_METRIC_EXIT, SW_UNIT_COUNT, 3, 3);
    sw_scenario_text(step, SW_METRIC_STDOUT, "two\nlines");
    sw_scenario_text(step, SW_METRIC_STDERR, "/^oo/");
    sw_scenario_number(step, SW_METRIC_TOOK, SW_UNIT_TIME, 10 * SW_MS, 10 * SW_MS);
    sw_scenario_number(command_step("exit"), SW_METRIC_EXIT, SW_UNIT_COUNT, 0, 0);
    sw_scenario_text(command_step("stdout"), SW_METRIC_STDOUT, "oops");
    sw_scenario_text(command_step("stderr"), SW_METRIC_STDERR, "two");
    sw_scenario_play(&f.s, SW_S);
    ck_assert_uint_eq(f.s.count, 4);
    ck_assert_str_eq(f.ran, "ls -l");
    ck_assert(f.s.told[0].passed);
    ck_assert_str_eq(f.s.told[0].figure, "exit 3 in 10.000 ms");
    static const char *const seen[] = {"exit 3", "stdout \"two.lines.\"", "stderr \"oops\""};
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(!f.s.told[1 + i].passed);
        ck_assert_str_eq(f.s.told[1 + i].seen, seen[i]);
    }
    ck_assert_uint_eq(f.freed, 4);
    end();
}
END_TEST

START_TEST(a_command_that_printed_more_than_is_kept_equals_nothing)
{
    begin();
    says("kept", "", 0);
    f.result.out_size = 5;
    sw_scenario_text(command_step("text"), SW_METRIC_STDOUT, "kept");
    sw_scenario_text(command_step("expression"), SW_METRIC_STDOUT, "/kept/");
    sw_scenario_play(&f.s, SW_S);
    ck_assert(!f.s.told[0].passed && f.s.told[1].passed);
    end();
}
END_TEST

START_TEST(a_command_that_cannot_be_or_does_not_end_fails)
{
    static const char *const why[] = {"it could not be executed: no such file",
                                      "it could not begin: out of memory", "its time ran out"};
    for (unsigned i = 0; i < 3; i++) {
        begin();
        f.result.failed = i == 0 ? "no such file" : NULL;
        f.cannot = i == 1 ? -ENOMEM : 0;
        f.takes = i == 2 ? SW_TIME_NEVER : SW_MS;
        sw_scenario_number(command_step("run"), SW_METRIC_EXIT, SW_UNIT_COUNT, 0, 0);
        sw_scenario_play(&f.s, 5 * SW_S);
        ck_assert_uint_eq(f.s.count, 1);
        ck_assert(!f.s.told[0].passed);
        ck_assert_str_eq(f.s.told[0].figure, why[i]);
        ck_assert_uint_eq(f.freed, i == 1 ? 0 : 1);
        end();
    }
}
END_TEST

START_TEST(a_step_waits_until_it_is_ready)
{
    for (unsigned i = 0; i < 2; i++) {
        begin();
        f.ready_at = i == 0 ? 5 : 1000;
        struct sw_topo_step *step = sw_scenario_step(&f.s, SW_STEP_READY, "ready");
        sw_scenario_set(&step->from, "api");
        step->timeout = 100 * SW_MS;
        sw_scenario_play(&f.s, SW_S);
        ck_assert_uint_eq(f.s.dones, 1);
        ck_assert_int_eq(f.s.done_at, i == 0 ? 20 * SW_MS : 100 * SW_MS); /* a look each 5 ms */
        ck_assert_uint_eq(f.s.count, i); /* that it was not is a failed check */
        ck_assert(i == 0 || strcmp(f.s.told[0].figure, "its time ran out") == 0);
        end();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("programs");
    TCase *tc = tcase_create("programs");
    tcase_add_test(tc, its_port_stands_for_its_kernel);
    tcase_add_test(tc, a_partition_stands_before_it);
    tcase_add_test(tc, what_befalls_it_is_told);
    tcase_add_test(tc, a_command_is_compared);
    tcase_add_test(tc, a_command_that_printed_more_than_is_kept_equals_nothing);
    tcase_add_test(tc, a_command_that_cannot_be_or_does_not_end_fails);
    tcase_add_test(tc, a_step_waits_until_it_is_ready);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
