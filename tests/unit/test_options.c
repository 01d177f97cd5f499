/* The command line: what is taken, what is refused and by what name, and what help says. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/options.h"

#define WORDS_MAX 16

/* One parsing: the words of a command line, and what was said on one of the streams. */
struct parsing {
    struct sw_options options;
    char line[512];
    char *words[WORDS_MAX + 1];
    int status;
    char said[8192];
};

/* What a stream says goes to a file until hear_end(). */
static int hear_begin(int stream, FILE *to)
{
    fflush(NULL);
    int saved = dup(stream);
    ck_assert_int_ge(saved, 0);
    ck_assert_int_eq(dup2(fileno(to), stream), stream);
    return saved;
}

static void hear_end(int stream, int saved, FILE *to, char *said, size_t cap)
{
    fflush(NULL);
    ck_assert_int_eq(dup2(saved, stream), stream);
    close(saved);
    rewind(to);
    said[fread(said, 1, cap - 1, to)] = '\0';
    fclose(to);
}

/* line: words with one '|' between two, without the program's name. */
static void parse(struct parsing *p, const char *line)
{
    *p = (struct parsing){0};
    int count = 0;
    p->words[count++] = "switchd";
    ck_assert_uint_lt(strlen(line), sizeof p->line);
    strcpy(p->line, line);
    for (char *at = p->line; at && *at && count < WORDS_MAX; count++) {
        p->words[count] = at;
        at = strchr(at, '|');
        if (at) {
            *at++ = '\0';
        }
    }
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    int saved = hear_begin(STDERR_FILENO, file);
    p->status = sw_options_parse(&p->options, count, p->words);
    hear_end(STDERR_FILENO, saved, file, p->said, sizeof p->said);
}

struct refusal {
    const char *line, *said;
};

static void expect_refusals(const struct refusal *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct parsing p;
        parse(&p, list[i].line);
        ck_assert_msg(p.status == SW_EXIT_USAGE, "%s: status %d", list[i].line, p.status);
        ck_assert_msg(strcmp(p.said, list[i].said) == 0, "%s: said %s", list[i].line, p.said);
        sw_options_fini(&p.options);
    }
}

START_TEST(what_is_not_said_has_its_default)
{
    struct parsing p;
    parse(&p, "ping|lan.yaml|a|b");
    ck_assert_int_eq(p.status, 0);
    ck_assert_str_eq(p.said, "");
    ck_assert_int_eq(p.options.verb, SW_VERB_PING);
    ck_assert_int_eq(p.options.argument_count, 3);
    ck_assert_str_eq(p.options.arguments[2], "b");
    ck_assert_uint_eq(p.options.count, 3);
    ck_assert_int_eq(p.options.interval, SW_S);
    ck_assert_uint_eq(p.options.size_bytes, 56);
    ck_assert_int_eq(p.options.duration, 10 * SW_S);
    ck_assert_uint_eq(p.options.parallel, 1);
    ck_assert_int_eq(p.options.run_for, SW_TIME_NEVER);
    ck_assert_int_eq(p.options.log_level, SW_LOG_WARN);
    ck_assert(!p.options.seed_given && !p.options.virtual_time && !p.options.json);
    sw_options_fini(&p.options);
}
END_TEST

START_TEST(options_may_stand_anywhere_and_be_short)
{
    struct parsing p;
    parse(&p,
          "ping|lan.yaml|-c|5|a|--interval=20 ms|b|-s|1000|--virtual|--seed|18446744073709551615");
    ck_assert_int_eq(p.status, 0);
    ck_assert_int_eq(p.options.argument_count, 3);
    ck_assert_str_eq(p.options.arguments[0], "lan.yaml");
    ck_assert_str_eq(p.options.arguments[1], "a");
    ck_assert_str_eq(p.options.arguments[2], "b");
    ck_assert_uint_eq(p.options.count, 5);
    ck_assert_int_eq(p.options.interval, 20 * SW_MS);
    ck_assert_uint_eq(p.options.size_bytes, 1000);
    ck_assert_uint_eq(p.options.seed, UINT64_MAX);
    ck_assert(p.options.seed_given && p.options.virtual_time);
    sw_options_fini(&p.options);
}
END_TEST

START_TEST(iperf_takes_its_numbers_as_iperf3_and_as_the_file)
{
    struct parsing p;
    parse(&p, "iperf|-t|3|-P|4|-b|10M|-l|8K|-uR|--json|--offload|off");
    ck_assert_int_eq(p.status, 0);
    ck_assert_int_eq(p.options.congestion, SW_TCP_CONGESTION_DEFAULT);
    ck_assert_int_eq(p.options.duration, 3 * SW_S);
    ck_assert_uint_eq(p.options.parallel, 4);
    ck_assert_uint_eq(p.options.rate_bps, 10000000);
    ck_assert_uint_eq(p.options.block_bytes, 8192);
    ck_assert(p.options.udp && p.options.reverse && p.options.json);
    sw_options_fini(&p.options);
    parse(&p, "iperf|-t|250 ms|-b|2.5g|-n|1G");
    ck_assert_int_eq(p.status, 0);
    ck_assert_int_eq(p.options.duration, 250 * SW_MS);
    ck_assert_uint_eq(p.options.rate_bps, 2500000000);
    ck_assert_uint_eq(p.options.bytes, 1073741824);
    sw_options_fini(&p.options);
    parse(&p, "iperf|-b|100 Mbit|-n|10 MB|-l|64 KiB|--congestion|reno");
    ck_assert_int_eq(p.status, 0);
    ck_assert_int_eq(p.options.congestion, SW_TCP_RENO);
    ck_assert_uint_eq(p.options.rate_bps, 100000000);
    ck_assert_uint_eq(p.options.bytes, 10000000);
    ck_assert_uint_eq(p.options.block_bytes, 65536);
    sw_options_fini(&p.options);
}
END_TEST

START_TEST(test_takes_how_to_run_and_what_to_report)
{
    struct parsing p;
    parse(&p, "test|examples|--jobs|2|--shard|2/3|--repeat|5|--report|out|--junit|x.xml");
    ck_assert_int_eq(p.status, 0);
    ck_assert_uint_eq(p.options.jobs, 2);
    ck_assert_uint_eq(p.options.shard_index, 2);
    ck_assert_uint_eq(p.options.shard_count, 3);
    ck_assert_uint_eq(p.options.repeat, 5);
    ck_assert_str_eq(p.options.report, "out");
    ck_assert_str_eq(p.options.junit, "x.xml");
    ck_assert(!p.options.tap && !p.options.list && !p.options.fail_fast && !p.options.last_failed);
    sw_options_fini(&p.options);
    parse(&p, "test|--tap|--fail-fast|--list|--last-failed|--filter|*rtt*");
    ck_assert_int_eq(p.status, 0);
    ck_assert(p.options.tap && p.options.list && p.options.fail_fast && p.options.last_failed);
    ck_assert_str_eq(p.options.filter, "*rtt*");
    ck_assert_uint_eq(p.options.jobs, 1);
    ck_assert_uint_eq(p.options.shard_count, 1);
    sw_options_fini(&p.options);
}
END_TEST

START_TEST(variables_are_set_by_name)
{
    struct parsing p;
    parse(&p, "check|--set|A=1|--set|B=x=y|--set|C=|lan.yaml");
    ck_assert_int_eq(p.status, 0);
    ck_assert_uint_eq(p.options.set_count, 3);
    ck_assert_str_eq(p.options.sets[0].name, "A");
    ck_assert_str_eq(p.options.sets[0].value, "1");
    ck_assert_str_eq(p.options.sets[1].name, "B");
    ck_assert_str_eq(p.options.sets[1].value, "x=y");
    ck_assert_str_eq(p.options.sets[2].value, "");
    sw_options_fini(&p.options);
}
END_TEST

START_TEST(verbose_and_quiet_move_the_log)
{
    struct parsing p;
    parse(&p, "run|-v|lan.yaml");
    ck_assert(p.options.verbose && !p.options.quiet);
    ck_assert_int_eq(p.options.log_level, SW_LOG_INFO);
    sw_options_fini(&p.options);
    parse(&p, "run|--log|debug|-v|lan.yaml");
    ck_assert_int_eq(p.options.log_level, SW_LOG_DEBUG);
    sw_options_fini(&p.options);
    parse(&p, "run|-q|lan.yaml");
    ck_assert(p.options.quiet);
    ck_assert_int_eq(p.options.log_level, SW_LOG_ERROR);
    sw_options_fini(&p.options);
}
END_TEST

START_TEST(what_does_not_exist_is_refused_by_name)
{
    static const struct refusal list[] = {
        {"", "usage: switchd VERB ..., see switchd --help\n"},
        {"rnu|lan.yaml", "switchd: unknown verb 'rnu', did you mean 'run'?\n"},
        {"frobnicate", "switchd: unknown verb 'frobnicate': see switchd --help\n"},
        {"dif|a|b", "switchd: unknown verb 'dif': see switchd --help\n"},
        {"--frobnicate", "switchd: unknown option '--frobnicate': see switchd --help\n"},
        {"run|lan.yaml|--frobnicate", "switchd: unknown option '--frobnicate': see --help\n"},
        {"run|--virtual|lan.yaml", "switchd: unknown option '--virtual': see --help\n"},
        {"test|--sede|1", "switchd: unknown option '--sede', did you mean '--seed'?\n"},
        {"test|--job-s=2", "switchd: unknown option '--job-s', did you mean '--jobs'?\n"},
        {"schema|--sede|1", "switchd: unknown option '--sede': see --help\n"},
        {"test|--srink", "switchd: unknown option '--srink': see --help\n"},
        {"run|lan.yaml|-Z", "switchd: unknown option '-Z': see --help\n"},
        {"run|--for|1 s|-Zv|lan.yaml", "switchd: unknown option '-Z': see --help\n"},
        {"schema|--seed|1", "switchd: unknown option '--seed': see --help\n"},
    };
    expect_refusals(list, sizeof list / sizeof *list);
}
END_TEST

START_TEST(what_is_not_built_yet_is_refused_by_name)
{
    static const struct refusal list[] = {
        {"exec|lan.yaml|web", "usage: switchd exec FILE|SOCKET HOST -- COMMAND... [OPTION...]\n"},
        {"shell|lan.yaml", "usage: switchd shell FILE|SOCKET HOST [OPTION...]\n"},
        {"forward", "usage: switchd forward FILE|SOCKET [PLACE TO] [OPTION...]\n"},
        {"forward|lan.yaml|127.0.0.1:80",
         "usage: switchd forward FILE|SOCKET [PLACE TO] [OPTION...]\n"},
        {"forward|lan.yaml|--from|web",
         "usage: switchd forward FILE|SOCKET [PLACE TO] [OPTION...]\n"},
        {"forward|lan.yaml|127.0.0.1:80|web:80|--remove|127.0.0.1:80",
         "usage: switchd forward FILE|SOCKET [PLACE TO] [OPTION...]\n"},
        {"diff|a|b", "switchd: verb 'diff': not built yet\n"},
        {"test|--shrink", "switchd: option '--shrink': not built yet\n"},
        {"test|--watch", "switchd: option '--watch': not built yet\n"},
        {"test|--keep-captures", "switchd: option '--keep-captures': not built yet\n"},
        {"iperf|--offload|on", "switchd: option '--offload': this value is not built yet\n"},
    };
    expect_refusals(list, sizeof list / sizeof *list);
}
END_TEST

START_TEST(a_value_of_another_form_is_refused_with_the_form)
{
    static const struct refusal list[] = {
        {"test|--jobs|0", "switchd: option '--jobs': '0' is not of the form N\n"},
        {"test|--jobs|257", "switchd: option '--jobs': '257' is not of the form N\n"},
        {"test|--repeat|0", "switchd: option '--repeat': '0' is not of the form N\n"},
        {"test|--shard|3", "switchd: option '--shard': '3' is not of the form I/N\n"},
        {"test|--shard|0/2", "switchd: option '--shard': '0/2' is not of the form I/N\n"},
        {"test|--shard|3/2", "switchd: option '--shard': '3/2' is not of the form I/N\n"},
        {"test|--shard|1/", "switchd: option '--shard': '1/' is not of the form I/N\n"},
        {"test|--filter=", "switchd: option '--filter': '' is not of the form PATTERN\n"},
        {"ping|f|a|b|--count|0", "switchd: option '--count': '0' is not of the form N\n"},
        {"ping|f|a|b|-c|1000001", "switchd: option '--count': '1000001' is not of the form N\n"},
        {"ping|f|a|b|-c|3x", "switchd: option '--count': '3x' is not of the form N\n"},
        {"ping|f|a|b|-s|65508", "switchd: option '--size': '65508' is not of the form BYTES\n"},
        {"ping|f|a|b|-i|0.2", "switchd: option '--interval': '0.2' is not of the form TIME\n"},
        {"test|--seed|-1", "switchd: option '--seed': '-1' is not of the form N\n"},
        {"test|--seed| -1", "switchd: option '--seed': ' -1' is not of the form N\n"},
        {"test|--seed|18446744073709551616",
         "switchd: option '--seed': '18446744073709551616' is not of the form N\n"},
        {"test|--timeout|soon", "switchd: option '--timeout': 'soon' is not of the form TIME\n"},
        {"run|f|--for|5", "switchd: option '--for': '5' is not of the form TIME\n"},
        {"run|f|--set|A", "switchd: option '--set': 'A' is not of the form NAME=VALUE\n"},
        {"run|f|--set|=1", "switchd: option '--set': '=1' is not of the form NAME=VALUE\n"},
        {"run|f|--log|loud", "switchd: option '--log': 'loud' is not of the form LEVEL\n"},
        {"iperf|-P|129", "switchd: option '--parallel': '129' is not of the form N\n"},
        {"iperf|-b|inf", "switchd: option '--bitrate': 'inf' is not of the form RATE\n"},
        {"iperf|-b|nan", "switchd: option '--bitrate': 'nan' is not of the form RATE\n"},
        {"iperf|-b|0x10", "switchd: option '--bitrate': '0x10' is not of the form RATE\n"},
        {"iperf|-n|-5", "switchd: option '--bytes': '-5' is not of the form BYTES\n"},
        {"iperf|-n|5Q", "switchd: option '--bytes': '5Q' is not of the form BYTES\n"},
        {"iperf|-l|0", "switchd: option '--length': '0' is not of the form BYTES\n"},
        {"iperf|-l|2M", "switchd: option '--length': '2M' is not of the form BYTES\n"},
        {"iperf|--congestion|vegas",
         "switchd: option '--congestion': 'vegas' is not of the form NAME\n"},
        {"iperf|--offload|maybe", "switchd: option '--offload': 'maybe' is not of the form off\n"},
    };
    expect_refusals(list, sizeof list / sizeof *list);
}
END_TEST

START_TEST(a_missing_or_needless_value_names_its_option)
{
    static const struct refusal list[] = {
        {"ping|f|a|b|--count", "switchd: option '--count': it needs a value\n"},
        {"ping|f|a|b|-c", "switchd: option '-c': it needs a value\n"},
        {"iperf|--json=1", "switchd: option '--json': it takes no value\n"},
    };
    expect_refusals(list, sizeof list / sizeof *list);
}
END_TEST

START_TEST(too_few_or_too_many_arguments_are_answered_by_the_usage)
{
    static const struct refusal list[] = {
        {"run", "usage: switchd run FILE [OPTION...]\n"},
        {"run|a|b", "usage: switchd run FILE [OPTION...]\n"},
        {"check", "usage: switchd check FILE... [OPTION...]\n"},
        {"ping|f|a", "usage: switchd ping FILE FROM TO [OPTION...]\n"},
        {"iperf|f", "usage: switchd iperf [FILE FROM TO] [OPTION...]\n"},
        {"iperf|f|a", "usage: switchd iperf [FILE FROM TO] [OPTION...]\n"},
        {"schema|x", "usage: switchd schema  [OPTION...]\n"},
    };
    expect_refusals(list, sizeof list / sizeof *list);
}
END_TEST

START_TEST(more_sets_than_there_is_room_for_are_refused)
{
    char *words[2 * SW_SETS_MAX + 6] = {"switchd", "check"};
    int count = 2;
    for (int i = 0; i <= SW_SETS_MAX; i++) {
        words[count++] = "--set";
        words[count++] = "A=1";
    }
    words[count++] = "f";
    struct sw_options options;
    char said[512];
    FILE *file = tmpfile();
    int saved = hear_begin(STDERR_FILENO, file);
    int status = sw_options_parse(&options, count, words);
    hear_end(STDERR_FILENO, saved, file, said, sizeof said);
    ck_assert_int_eq(status, SW_EXIT_USAGE);
    ck_assert_uint_eq(options.set_count, SW_SETS_MAX);
    sw_options_fini(&options);
}
END_TEST

static void help_of(enum sw_verb verb, char *said, size_t cap)
{
    FILE *file = tmpfile();
    int saved = hear_begin(STDOUT_FILENO, file);
    sw_options_help(verb);
    hear_end(STDOUT_FILENO, saved, file, said, cap);
}

START_TEST(help_is_asked_for_of_all_or_of_one_verb)
{
    static const char *const general[] = {"--help", "-h", "help"};
    struct parsing p;
    for (size_t i = 0; i < 3; i++) {
        parse(&p, general[i]);
        ck_assert_int_eq(p.status, 0);
        ck_assert(p.options.help && p.options.verb == 0);
    }
    parse(&p, "ping|--help");
    ck_assert_int_eq(p.status, 0);
    ck_assert(p.options.help && p.options.verb == SW_VERB_PING);
    parse(&p, "--version");
    ck_assert_int_eq(p.status, 0);
    ck_assert(p.options.version);
}
END_TEST

/* What is not built yet is no part of the help. */
START_TEST(help_lists_what_there_is_and_nothing_else)
{
    char said[8192];
    help_of(0, said, sizeof said);
    static const char *const verbs[] = {"switchd run",  "switchd test",  "switchd check",
                                        "switchd ping", "switchd iperf", "switchd schema"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        ck_assert_msg(strstr(said, verbs[i]) != NULL, "%s", verbs[i]);
    }
    ck_assert_ptr_null(strstr(said, "diff"));
    ck_assert_ptr_nonnull(strstr(said, "5 nothing to run"));
    help_of(SW_VERB_TEST, said, sizeof said);
    ck_assert_ptr_nonnull(strstr(said, "usage: switchd test [FILE|DIR...]"));
    ck_assert_ptr_nonnull(strstr(said, "--timeout TIME"));
    ck_assert_ptr_nonnull(strstr(said, "--junit FILE"));
    ck_assert_ptr_null(strstr(said, "--shrink"));
    ck_assert_ptr_null(strstr(said, "--count"));
    help_of(SW_VERB_PING, said, sizeof said);
    ck_assert_ptr_nonnull(strstr(said, "-c, --count N"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *taken = tcase_create("what is taken");
    tcase_add_test(taken, what_is_not_said_has_its_default);
    tcase_add_test(taken, options_may_stand_anywhere_and_be_short);
    tcase_add_test(taken, iperf_takes_its_numbers_as_iperf3_and_as_the_file);
    tcase_add_test(taken, test_takes_how_to_run_and_what_to_report);
    tcase_add_test(taken, variables_are_set_by_name);
    tcase_add_test(taken, verbose_and_quiet_move_the_log);
    suite_add_tcase(suite, taken);
    TCase *refused = tcase_create("what is refused");
    tcase_add_test(refused, what_does_not_exist_is_refused_by_name);
    tcase_add_test(refused, what_is_not_built_yet_is_refused_by_name);
    tcase_add_test(refused, a_value_of_another_form_is_refused_with_the_form);
    tcase_add_test(refused, a_missing_or_needless_value_names_its_option);
    tcase_add_test(refused, too_few_or_too_many_arguments_are_answered_by_the_usage);
    tcase_add_test(refused, more_sets_than_there_is_room_for_are_refused);
    suite_add_tcase(suite, refused);
    TCase *help = tcase_create("help");
    tcase_add_test(help, help_is_asked_for_of_all_or_of_one_verb);
    tcase_add_test(help, help_lists_what_there_is_and_nothing_else);
    suite_add_tcase(suite, help);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
