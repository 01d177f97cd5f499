/* The LAN file from path to topo: config/config.c and build*.c. What each mistake is answered with,
 * tests/golden shows; here stand the ways in and out, the bounds, and what golden files cannot say.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/config.h"
#include "tests/support/config_files.h"

static struct sw_topo *topo;
static struct sw_problems problems;

static int load(const struct sw_test_file *files, const char *path,
                const struct sw_config_set *sets, size_t set_count)
{
    static const char *const variables[] = {"FROM=environment", NULL};
    const struct sw_test_world world = {files, variables};
    struct sw_config_io io = sw_test_io(&world);
    topo = NULL;
    return sw_config_load(&topo, path, &io, sets, set_count, &problems);
}

static int load_text(const char *text)
{
    const struct sw_test_file files[] = {{"lan.yaml", text, 0}, {NULL, NULL, 0}};
    return load(files, "lan.yaml", NULL, 0);
}

static void done(void)
{
    sw_topo_free(topo);
    topo = NULL;
    sw_problems_fini(&problems);
}

/* Refused with these words in some problem. */
static void refused(int error, const char *words)
{
    char *text = sw_test_problems(&problems);
    ck_assert_int_eq(error, -EINVAL);
    ck_assert_ptr_null(topo);
    ck_assert_uint_gt(problems.errors, 0);
    ck_assert_msg(strstr(text, words) != NULL, "%s", text);
    free(text);
    done();
}

START_TEST(a_lan_has_its_own_copies_of_everything)
{
    char path[] = "dir/lan.yaml";
    char text[] = "hosts: { a: { address: 10.0.0.1/24 }, b: {} }\nlinks: [[a, b]]\n";
    const struct sw_test_file files[] = {{path, text, 0}, {NULL, NULL, 0}};
    ck_assert_int_eq(load(files, path, NULL, 0), 0);
    memset(path, '!', sizeof path - 1);
    memset(text, '!', sizeof text - 1);
    ck_assert_str_eq(topo->name, "lan");
    ck_assert_str_eq(topo->files[0], "dir/lan.yaml");
    ck_assert_ptr_eq(topo->hosts[1].where.file, topo->files[0]);
    ck_assert_uint_eq(topo->hosts[1].where.column, 39);
    ck_assert_str_eq(topo->links[0].end[1].port, "eth0");
    ck_assert_int_eq(sw_topo_find_host(topo, "b"), 1);
    done();
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_one_problem_without_a_line)
{
    const struct sw_test_file none[] = {{NULL, NULL, 0}};
    ck_assert_int_eq(load(none, "lan.yaml", NULL, 0), -EINVAL);
    char *text = sw_test_problems(&problems);
    ck_assert_str_eq(text, "lan.yaml: error: cannot read it: No such file or directory\n");
    free(text);
    done();
}
END_TEST

START_TEST(sixteen_mebibytes_are_read_and_a_byte_more_is_refused)
{
    size_t max = SW_CONFIG_BYTES_MAX;
    char *text = malloc(max + 1);
    static const char lan[] = "hosts: { a: {} }\n#";
    memset(text, 'x', max + 1);
    memcpy(text, lan, sizeof lan - 1);
    struct sw_test_file files[] = {{"lan.yaml", text, max}, {NULL, NULL, 0}};
    ck_assert_int_eq(load(files, "lan.yaml", NULL, 0), 0);
    done();
    files[0].len = max + 1;
    refused(load(files, "lan.yaml", NULL, 0), "lan.yaml: error: the file has over 16 MiB");
    free(text);
}
END_TEST

START_TEST(sets_outrank_the_environment)
{
    static const char text[] = "name: ${FROM}\nhosts: { a: {} }\n";
    static const struct sw_config_set set = {"FROM", "set"};
    const struct sw_test_file files[] = {{"lan.yaml", text, 0}, {NULL, NULL, 0}};
    ck_assert_int_eq(load(files, "lan.yaml", NULL, 0), 0);
    ck_assert_str_eq(topo->name, "environment");
    done();
    ck_assert_int_eq(load(files, "lan.yaml", &set, 1), 0);
    ck_assert_str_eq(topo->name, "set");
    done();
}
END_TEST

START_TEST(a_variable_cannot_change_the_shape_of_the_file)
{
    static const struct sw_config_set set = {"X", "x\nhosts: { b: {} }"};
    static const char text[] = "hosts: { a: { services: [http: { body: '${X}' }] } }\n";
    const struct sw_test_file files[] = {{"lan.yaml", text, 0}, {NULL, NULL, 0}};
    ck_assert_int_eq(load(files, "lan.yaml", &set, 1), 0);
    ck_assert_uint_eq(topo->host_count, 1);
    ck_assert_str_eq(topo->hosts[0].services[0].body, "x\nhosts: { b: {} }");
    done();
}
END_TEST

START_TEST(all_mistakes_are_found_at_once)
{
    ck_assert_int_eq(
        load_text("seed: x\nswitches: { s: { ageing: 1 } }\nhosts: { a: { mtu: 5 } }\n"
                  "links: [[a, t]]\nevents: [{ at: 1 s }]\nscenario: [{ wait: {} }]\n"),
        -EINVAL);
    ck_assert_uint_eq(problems.errors, 6);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(problems.list[i].where.line, i + 1);
    }
    done();
}
END_TEST

START_TEST(a_warning_does_not_refuse)
{
    ck_assert_int_eq(load_text("hosts: { a: {} }\n"), 0);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_uint_eq(problems.errors, 0);
    ck_assert_int_eq(problems.list[0].kind, SW_PROBLEM_WARNING);
    done();
}
END_TEST

START_TEST(served_files_are_sorted_and_lie_beside_the_lan_file)
{
    const struct sw_test_file files[] = {
        {"dir/lan.yaml",
         "hosts: { a: { count: 2, services: [http: { root: www }] } }\nlinks: [[a-1, a-2]]\n", 0},
        {"dir/www/z", "last", 0},
        {"dir/www/a/index.html", "\0first", 6},
        {"dir/www/a.txt", "", 0},
        {"www/not-this", "x", 0},
        {NULL, NULL, 0}};
    ck_assert_int_eq(load(files, "dir/lan.yaml", NULL, 0), 0);
    for (size_t i = 0; i < 2; i++) {
        const struct sw_topo_service *s = &topo->hosts[i].services[0];
        ck_assert_uint_eq(s->file_count, 3);
        ck_assert_str_eq(s->files[0].name, "/a.txt");
        ck_assert_uint_eq(s->files[0].len, 0);
        ck_assert_str_eq(s->files[1].name, "/a/index.html");
        ck_assert_mem_eq(s->files[1].bytes, "\0first", 6);
        ck_assert_str_eq(s->files[2].name, "/z");
    }
    ck_assert_ptr_ne(topo->hosts[0].services[0].files[2].bytes,
                     topo->hosts[1].services[0].files[2].bytes);
    done();
}
END_TEST

START_TEST(served_files_are_256_mebibytes_in_all)
{
    size_t n = (size_t)65 << 20;
    char *big = calloc(1, n);
    struct sw_test_file files[] = {
        {"lan.yaml",
         "hosts: { a: { count: 3, services: [http: { root: www }] } }\nlinks: [[a-1, a-2]]\n", 0},
        {"www/big", big, n},
        {NULL, NULL, 0}};
    ck_assert_int_eq(load(files, "lan.yaml", NULL, 0), 0);
    done();
    files[0].text =
        "hosts: { a: { count: 4, services: [http: { root: www }] } }\nlinks: [[a-1, a-2]]\n";
    refused(load(files, "lan.yaml", NULL, 0), "more than 256 MiB of files");
    files[0].text = "hosts: { a: { services: [http: { root: none }] } }\n";
    refused(load(files, "lan.yaml", NULL, 0), "cannot read 'none': No such file");
    free(big);
}
END_TEST

START_TEST(served_files_are_100000_in_all)
{
    enum { FILES = 1001 };
    static struct sw_test_file files[FILES + 2];
    static char names[FILES][16];
    for (int i = 0; i < FILES; i++) {
        snprintf(names[i], sizeof names[i], "www/%d", i);
        files[1 + i] = (struct sw_test_file){names[i], "x", 0};
    }
    files[0] = (struct sw_test_file){
        "lan.yaml", "hosts: { a: { count: 100, services: [http: { root: www }] } }\n", 0};
    refused(load(files, "lan.yaml", NULL, 0), ":1:52: error: 'root': more than 100000 files");
    files[FILES] = (struct sw_test_file){NULL, NULL, 0}; /* 1,000 left, for 100 hosts */
    ck_assert_int_eq(load(files, "lan.yaml", NULL, 0), 0);
    ck_assert_uint_eq(topo->hosts[99].services[0].file_count, 1000);
    done();
}
END_TEST

START_TEST(variables_make_no_more_than_16_mebibytes)
{
    size_t n = 1000000;
    char *big = malloc(n + 1), text[1000] = "hosts: { a: {} }\nx-a: [";
    memset(big, 'x', n);
    big[n] = '\0';
    const struct sw_config_set set = {"BIG", big};
    const struct sw_test_file files[] = {{"lan.yaml", text, 0}, {NULL, NULL, 0}};
    for (int i = 0; i < 16; i++) {
        strcat(text, "'${BIG}', ");
    }
    size_t fine = strlen(text);
    strcat(text, "]\n");
    ck_assert_int_eq(load(files, "lan.yaml", &set, 1), 0);
    done();
    text[fine] = '\0';
    strcat(text, "'${BIG}', x]\n"); /* the 17th */
    refused(load(files, "lan.yaml", &set, 1), "error: over 16 MiB once the variables are put in");
    free(big);
}
END_TEST

START_TEST(a_switch_has_4096_ports)
{
    ck_assert_int_eq(
        load_text("switches: { s: {} }\nhosts: { h: { count: 4096 } }\nlinks: [['h-*', s]]\n"), 0);
    ck_assert_str_eq(topo->links[4095].end[1].port, "p4096");
    done();
    refused(load_text("switches: { s: {} }\nhosts: { h: { count: 4097 } }\nlinks: [['h-*', s]]\n"),
            "a switch has at most 4096 ports");
}
END_TEST

START_TEST(hosts_are_a_million_in_all)
{
    refused(load_text("hosts:\n  a: { count: 1000000 }\n  b: { count: 1 }\n"),
            "lan.yaml:3:3: error: more than 1000000 hosts in all");
}
END_TEST

START_TEST(interfaces_addresses_and_routes_have_bounds)
{
    char *text = calloc(1, 300000);
    strcat(text, "hosts:\n  a: { address: [");
    for (int i = 1; i <= 9; i++) {
        char one[32];
        snprintf(one, sizeof one, "10.0.%d.1/24, ", i);
        strcat(text, one);
    }
    strcat(text, "] }\n  b: { interfaces: {");
    for (int i = 0; i < 65; i++) {
        char one[32];
        snprintf(one, sizeof one, "e%d: {}, ", i);
        strcat(text, one);
    }
    strcat(text, "} }\n  c: { address: 10.0.0.1/24, routes: [\n");
    for (int i = 0; i < 4097; i++) {
        char one[64];
        snprintf(one, sizeof one, "{ to: 11.%d.%d.0/24, via: 10.0.0.2 },\n", i / 256, i % 256);
        strcat(text, one);
    }
    strcat(text, "] }\n");
    ck_assert_int_eq(load_text(text), -EINVAL);
    char *said = sw_test_problems(&problems);
    ck_assert(strstr(said, "an interface has at most 8 addresses"));
    ck_assert(strstr(said, "a host has at most 64 interfaces"));
    ck_assert(strstr(said, "a host has at most 4096 routes"));
    ck_assert_uint_eq(problems.errors, 3);
    free(said);
    free(text);
    done();
}
END_TEST

START_TEST(a_tun_and_a_capture_have_bounds)
{
    size_t cap = 500000, used = 0;
    char *text = malloc(cap);
    used +=
        (size_t)snprintf(text, cap, "uplinks:\n  t: { type: tun, address: 10.0.0.1/8, routes: [\n");
    for (int i = 0; i < 4088; i++) {
        used += (size_t)snprintf(text + used, cap - used, "{ to: 11.%d.%d.0/24, via: 10.0.0.2 },\n",
                                 i / 256, i % 256);
    }
    size_t fine = used;
    snprintf(text + used, cap - used, "] }\n");
    ck_assert_int_eq(load_text(text), 0);
    done();
    snprintf(text + fine, cap - fine, "{ to: 12.0.0.0/24, via: 10.0.0.2 }] }\n");
    refused(load_text(text), ":2:48: error: a tun has at most 4088 routes");
    used =
        (size_t)snprintf(text, cap, "uplinks:\n  p: { type: pcap, read: /dev/null, rewrite: {\n");
    for (int i = 0; i < SW_REWRITES; i++) {
        used +=
            (size_t)snprintf(text + used, cap - used, "10.0.%d.%d: 10.1.0.1,\n", i / 256, i % 256);
    }
    fine = used;
    snprintf(text + used, cap - used, "} }\n");
    ck_assert_int_eq(load_text(text), 0);
    done();
    snprintf(text + fine, cap - fine, "10.2.0.1: 10.1.0.1 } }\n");
    refused(load_text(text), ":2:46: error: 'rewrite': at most ");
    free(text);
}
END_TEST

START_TEST(services_and_uplinks_have_bounds)
{
    size_t cap = 500000, used = 0;
    char *text = malloc(cap);
    used += (size_t)snprintf(text, cap, "hosts:\n  a: { services: [");
    for (int i = 1; i <= 1024; i++) {
        used += (size_t)snprintf(text + used, cap - used, "echo: %d, ", i);
    }
    size_t fine = used;
    snprintf(text + used, cap - used, "] }\n");
    ck_assert_int_eq(load_text(text), 0);
    ck_assert_uint_eq(topo->hosts[0].service_count, 1024);
    done();
    snprintf(text + fine, cap - fine, "echo: 2000, echo: 2001] }\n");
    ck_assert_int_eq(load_text(text), -EINVAL);
    ck_assert_uint_eq(problems.errors, 1);
    ck_assert_str_eq(problems.list[0].what, "a host has at most 1024 services");
    done();
    used = (size_t)snprintf(text, cap, "uplinks:\n");
    for (int i = 0; i < 10002; i++) {
        used += (size_t)snprintf(text + used, cap - used, "  u%d: { type: tap }\n", i);
    }
    refused(load_text(text), "lan.yaml:2:3: error: more than 10000 uplinks in all");
    free(text);
}
END_TEST

/* Refused, not out of memory, whatever is asked for first beyond the bound. */
START_TEST(what_a_file_comes_to_is_bounded)
{
    static const struct sw_source source = {"lan.yaml", "hosts:\n  a: {}\n", 16};
    struct sw_report report;
    struct sw_build b = {.report = &report, .at = {.line = 2, .column = 3}};
    sw_report_init(&report, &problems, &source);
    b.topo_bytes = SW_TOPO_BYTES_MAX - 20; /* 16 bytes are counted for each allocation itself */
    char *text = sw_build_copy(&b, "abc");
    ck_assert_str_eq(text, "abc");
    ck_assert(!b.too_big && !b.no_memory);
    ck_assert_ptr_null(sw_build_copy(&b, ""));
    ck_assert_ptr_null(sw_build_print(&b, "%d", 5));
    ck_assert_ptr_null(sw_build_room(&b, NULL, 0, 1));
    ck_assert(b.too_big && b.no_memory);
    free(text);
    ck_assert_int_eq(sw_report_end(&report), 0);
    refused(-EINVAL, "lan.yaml:2:3: error: here the LAN comes to over 1 GiB in memory");
}
END_TEST

START_TEST(ten_thousand_hosts_and_links_are_read_by_name)
{
    size_t cap = 2000000, used = 0;
    char *text = malloc(cap);
    used += (size_t)snprintf(text, cap,
                             "switches: { s0: {}, s1: {}, s2: {}, s3: {}, s4: {} }\nhosts:\n");
    for (int i = 0; i < 10000; i++) {
        used +=
            (size_t)snprintf(text + used, cap - used, "  host-%d: { address: 10.%d.%d.%d/16 }\n", i,
                             i / 2000, i % 2000 / 200, 1 + i % 200);
    }
    used += (size_t)snprintf(text + used, cap - used, "links:\n");
    for (int i = 0; i < 10000; i++) {
        used += (size_t)snprintf(text + used, cap - used, "  - [host-%d, s%d]\n", i, i / 2000);
    }
    ck_assert_int_eq(load_text(text), 0);
    ck_assert_uint_eq(topo->link_count, 10000);
    ck_assert_str_eq(topo->links[9999].end[1].port, "p2000");
    ck_assert_uint_eq(problems.count, 0);
    free(text);
    done();
}
END_TEST

START_TEST(the_schema_and_the_reference_name_each_key_that_is_read)
{
    char *schema = sw_config_schema(), *reference = sw_config_reference();
    static const char *const keys[] = {"ageing",      "mac-table", "gateway",  "send-buffer",
                                       "vnet-header", "reorder",   "scenario", "parallel",
                                       "until",       "udp-echo"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char in_schema[64], in_reference[64];
        snprintf(in_schema, sizeof in_schema, "\"%s\"", keys[i]);
        snprintf(in_reference, sizeof in_reference, "`%s`", keys[i]);
        ck_assert_msg(strstr(schema, in_schema) != NULL, "%s", keys[i]);
        ck_assert_msg(strstr(reference, in_reference) != NULL, "%s", keys[i]);
    }
    ck_assert_ptr_null(strstr(schema, "\"gateways\""));
    free(schema);
    free(reference);
}
END_TEST

/* ---- several files ---- */

START_TEST(a_place_in_an_included_file_has_its_name)
{
    const struct sw_test_file files[] = {
        {"dir/lan.yaml", "include: parts/more.yaml\nhosts: { a: {} }\n", 0},
        {"dir/parts/more.yaml", "hosts:\n  b: {}\nlinks: [[a, b]]\n", 0},
        {NULL, NULL, 0}};
    ck_assert_int_eq(load(files, "dir/lan.yaml", NULL, 0), 0);
    ck_assert_uint_eq(topo->file_count, 2);
    ck_assert_str_eq(topo->hosts[0].name, "b"); /* included ones come first */
    ck_assert_str_eq(topo->hosts[0].where.file, "dir/parts/more.yaml");
    ck_assert_ptr_eq(topo->hosts[0].where.file, topo->files[1]);
    ck_assert_uint_eq(topo->hosts[0].where.line, 2);
    ck_assert_ptr_eq(topo->hosts[1].where.file, topo->files[0]);
    done();
}
END_TEST

/* n files that each include the next. */
static int load_chain(unsigned n)
{
    static char paths[100][16], texts[100][64];
    struct sw_test_file files[101] = {{NULL, NULL, 0}};
    for (unsigned i = 0; i < n; i++) {
        snprintf(paths[i], sizeof paths[i], "%u.yaml", i);
        snprintf(texts[i], sizeof texts[i], i + 1 < n ? "include: %u.yaml\n" : "hosts: { a: {} }\n",
                 i + 1);
        files[i] = (struct sw_test_file){paths[i], texts[i], 0};
    }
    files[n] = (struct sw_test_file){NULL, NULL, 0};
    return load(files, "0.yaml", NULL, 0);
}

START_TEST(files_include_each_other_sixteen_deep)
{
    ck_assert_int_eq(load_chain(16), 0);
    done();
    refused(load_chain(17), "15.yaml:1:10: error: files include each other more than 16 deep");
}
END_TEST

/* A file that includes n others, each with `bytes` bytes. */
static int load_many(unsigned n, size_t bytes)
{
    static char paths[100][16];
    struct sw_test_file files[101] = {{NULL, NULL, 0}};
    char text[2048];
    char *part = malloc(bytes);
    size_t used = (size_t)snprintf(text, sizeof text, "hosts: { a: {} }\ninclude:\n");
    memset(part, '#', bytes);
    memcpy(part, "hosts: {}\n", 10);
    for (unsigned i = 1; i <= n; i++) {
        snprintf(paths[i], sizeof paths[i], "%u.yaml", i);
        used += (size_t)snprintf(text + used, sizeof text - used, "  - %u.yaml\n", i);
        files[i] = (struct sw_test_file){paths[i], part, bytes};
    }
    files[0] = (struct sw_test_file){"lan.yaml", text, 0};
    int error = load(files, "lan.yaml", NULL, 0);
    free(part);
    return error;
}

START_TEST(files_are_sixty_four_and_sixteen_mebibytes_in_all)
{
    ck_assert_int_eq(load_many(63, 100), 0);
    done();
    refused(load_many(64, 100), "lan.yaml:66:5: error: more than 64 files in all");
    ck_assert_int_eq(load_many(3, (size_t)5 << 20), 0);
    done();
    refused(load_many(4, (size_t)5 << 20),
            "lan.yaml:6:5: error: 'include': cannot read '4.yaml': the files have over 16 MiB in "
            "all");
}
END_TEST

/* ---- the matrix ---- */

static struct sw_config_choice choice;

static int load_choice(const char *text, size_t combination, const struct sw_config_set *sets,
                       size_t set_count)
{
    static const char *const variables[] = {"rtt=7 ms", NULL};
    const struct sw_test_file files[] = {{"lan.yaml", text, 0}, {NULL, NULL, 0}};
    const struct sw_test_world world = {files, variables};
    struct sw_config_io io = sw_test_io(&world);
    topo = NULL;
    choice = (struct sw_config_choice){.combination = combination};
    return sw_config_load_one(&topo, "lan.yaml", &io, sets, set_count, &choice, &problems);
}

static void chosen(const char *text, size_t combinations, sw_time delay)
{
    ck_assert_str_eq(choice.text, text);
    ck_assert_uint_eq(choice.combinations, combinations);
    ck_assert_int_eq(topo->links[0].forward.delay, delay);
    sw_config_choice_fini(&choice);
    done();
}

static const char grid[] = "matrix: { rtt: [1 ms, 50 ms], loss: [0 %, 1 %] }\n"
                           "hosts: { a: {}, b: {} }\n"
                           "links: [{ endpoints: [a, b], delay: '${rtt}', loss: '${loss}' }]\n";

START_TEST(the_last_variable_of_a_matrix_changes_first)
{
    ck_assert_int_eq(load_choice(grid, 0, NULL, 0), 0);
    ck_assert_uint_eq(choice.value_count, 2);
    ck_assert_str_eq(choice.values[1].name, "loss");
    ck_assert_str_eq(choice.values[1].value, "0 %");
    chosen("rtt=1 ms, loss=0 %", 4, SW_MS);
    ck_assert_int_eq(load_choice(grid, 1, NULL, 0), 0);
    chosen("rtt=1 ms, loss=1 %", 4, SW_MS);
    ck_assert_int_eq(load_choice(grid, 3, NULL, 0), 0);
    chosen("rtt=50 ms, loss=1 %", 4, 50 * SW_MS);
}
END_TEST

START_TEST(sets_outrank_a_matrix_and_choose_one_of_it)
{
    static const struct sw_config_set one = {"rtt", "9 ms"};
    static const struct sw_config_set both[] = {{"rtt", "50 ms"}, {"loss", "1 %"}};
    ck_assert_int_eq(load_choice(grid, 1, &one, 1), 0);
    chosen("rtt=9 ms, loss=1 %", 2, 9 * SW_MS);
    ck_assert_int_eq(load_choice(grid, 0, both, 2), 0);
    chosen("rtt=50 ms, loss=1 %", 1, 50 * SW_MS);
}
END_TEST

START_TEST(a_file_without_a_matrix_is_one)
{
    ck_assert_int_eq(load_choice("hosts: { a: {}, b: {} }\nlinks: [[a, b]]\n", 0, NULL, 0), 0);
    ck_assert_uint_eq(choice.combinations, 1);
    ck_assert_ptr_null(choice.text);
    ck_assert_uint_eq(choice.value_count, 0);
    sw_config_choice_fini(&choice);
    done();
}
END_TEST

START_TEST(a_combination_that_there_is_not_is_refused)
{
    int error = load_choice(grid, 4, NULL, 0);
    sw_config_choice_fini(&choice);
    refused(error, "'matrix': combination 5 is asked for, and it has 4");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *t = tcase_create("config");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_lan_has_its_own_copies_of_everything);
    tcase_add_test(t, a_file_that_cannot_be_read_is_one_problem_without_a_line);
    tcase_add_test(t, sixteen_mebibytes_are_read_and_a_byte_more_is_refused);
    tcase_add_test(t, sets_outrank_the_environment);
    tcase_add_test(t, a_variable_cannot_change_the_shape_of_the_file);
    tcase_add_test(t, all_mistakes_are_found_at_once);
    tcase_add_test(t, a_warning_does_not_refuse);
    tcase_add_test(t, served_files_are_sorted_and_lie_beside_the_lan_file);
    tcase_add_test(t, served_files_are_256_mebibytes_in_all);
    tcase_add_test(t, served_files_are_100000_in_all);
    tcase_add_test(t, variables_make_no_more_than_16_mebibytes);
    tcase_add_test(t, a_switch_has_4096_ports);
    tcase_add_test(t, hosts_are_a_million_in_all);
    tcase_add_test(t, interfaces_addresses_and_routes_have_bounds);
    tcase_add_test(t, a_tun_and_a_capture_have_bounds);
    tcase_add_test(t, services_and_uplinks_have_bounds);
    tcase_add_test(t, what_a_file_comes_to_is_bounded);
    tcase_add_test(t, ten_thousand_hosts_and_links_are_read_by_name);
    tcase_add_test(t, a_place_in_an_included_file_has_its_name);
    tcase_add_test(t, files_include_each_other_sixteen_deep);
    tcase_add_test(t, files_are_sixty_four_and_sixteen_mebibytes_in_all);
    tcase_add_test(t, the_last_variable_of_a_matrix_changes_first);
    tcase_add_test(t, sets_outrank_a_matrix_and_choose_one_of_it);
    tcase_add_test(t, a_file_without_a_matrix_is_one);
    tcase_add_test(t, a_combination_that_there_is_not_is_refused);
    tcase_add_test(t, the_schema_and_the_reference_name_each_key_that_is_read);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
