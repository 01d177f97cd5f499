/* YAML as a tree with places: config/yaml.c, config/yaml_error.c. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/yaml.h"
#include "tests/support/config_files.h"

static struct sw_document doc;
static struct sw_problems problems;
static struct sw_source source;

/* Reads a text; what came of it stands in doc and problems. */
static int parse(const char *text)
{
    struct sw_report report;
    source = (struct sw_source){"f", text, strlen(text)};
    sw_report_init(&report, &problems, &source);
    int error = sw_yaml_parse(&doc, &report);
    ck_assert_int_eq(sw_report_end(&report), 0);
    return error;
}

static void done(void)
{
    sw_document_fini(&doc);
    sw_problems_fini(&problems);
}

static void fails(const char *text, unsigned line, unsigned column, const char *words)
{
    parse(text);
    ck_assert_msg(problems.errors == 1, "%zu errors in: %s", problems.errors, text);
    ck_assert_msg(strstr(problems.list[0].what, words) != NULL, "%s", problems.list[0].what);
    ck_assert_uint_eq(problems.list[0].where.line, line);
    ck_assert_uint_eq(problems.list[0].where.column, column);
    done();
}

static const struct sw_yaml *value_of(const struct sw_yaml *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->pairs[i].key->text, key) == 0) {
            return map->pairs[i].value;
        }
    }
    return NULL;
}

static const struct sw_yaml *at(const char *key)
{
    const struct sw_yaml *node = value_of(doc.root, key);
    ck_assert_msg(node != NULL, "no key %s", key);
    return node;
}

START_TEST(nodes_know_where_they_stand_in_characters)
{
    ck_assert_int_eq(parse("größe: [1, zwölf, 3]\n日本:\n  a: b\n"), 0);
    const struct sw_yaml *list = at("größe");
    ck_assert_int_eq(list->kind, SW_YAML_LIST);
    ck_assert_uint_eq(list->count, 3);
    ck_assert_uint_eq(list->items[2]->where.column, 19);
    ck_assert_str_eq(list->items[1]->text, "zwölf");
    ck_assert_uint_eq(at("日本")->where.line, 3);
    ck_assert_uint_eq(at("日本")->where.column, 3);
    ck_assert_uint_eq(at("日本")->weight, 3);
    done();
}
END_TEST

START_TEST(nothing_is_empty_unless_it_is_quoted)
{
    ck_assert_int_eq(parse("a:\nb: ~\nc: null\nd: ''\ne: \"null\"\nf: no\n"), 0);
    ck_assert(at("a")->empty && at("b")->empty && at("c")->empty);
    ck_assert(!at("d")->empty && !at("e")->empty && !at("f")->empty);
    ck_assert(at("d")->quoted && !at("f")->quoted);
    done();
}
END_TEST

START_TEST(an_alias_is_the_node_itself)
{
    ck_assert_int_eq(parse("a: &x { k: v }\nb: *x\nc: &x 1\nd: *x\n"), 0);
    ck_assert_ptr_eq(at("a"), at("b"));
    ck_assert_str_eq(at("d")->text, "1");
    done();
    fails("a: *x\n", 1, 4, "unknown alias '*x'");
    fails("a: &x [1, *x]\n", 1, 11, "within what it names");
    fails("a: &x { k: { l: *x } }\n", 1, 17, "within what it names");
}
END_TEST

START_TEST(the_nearer_setting_wins_a_merge)
{
    ck_assert_int_eq(parse("x: &x { a: 1, b: 2 }\ny: &y { b: 3, c: 4 }\n"
                           "one: { b: 9, <<: *x }\ntwo: { <<: [*x, *y], d: 5 }\n"
                           "three: &z { <<: *y }\nfour: { <<: *z }\nfive: { '<<': 1 }\n"),
                     0);
    ck_assert_str_eq(value_of(at("one"), "b")->text, "9");
    ck_assert_str_eq(value_of(at("one"), "a")->text, "1");
    ck_assert_uint_eq(at("one")->count, 2);
    ck_assert_str_eq(value_of(at("two"), "b")->text, "2");
    ck_assert_str_eq(value_of(at("two"), "c")->text, "4");
    ck_assert_uint_eq(at("two")->count, 4);
    ck_assert_str_eq(value_of(at("four"), "c")->text, "4");
    ck_assert_str_eq(value_of(at("five"), "<<")->text, "1");
    done();
    fails("a: { <<: 5 }\n", 1, 10, "'<<' merges a mapping");
    fails("a: { <<: [{}, x] }\n", 1, 15, "'<<' merges a mapping");
}
END_TEST

START_TEST(a_key_stands_once_in_small_mappings_and_big)
{
    fails("a: 1\nb: 2\na: 3\n", 3, 1, "'a' is given twice, first on line 1");
    char big[2000] = "";
    for (int i = 0; i < 40; i++) {
        char line[24];
        snprintf(line, sizeof line, "k%d: 1\n", i);
        strcat(big, line);
    }
    strcat(big, "k7: 2\n");
    fails(big, 41, 1, "'k7' is given twice, first on line 8");
}
END_TEST

START_TEST(levels_are_counted_to_64)
{
    char text[300] = "";
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    text[128] = '\n';
    ck_assert_int_eq(parse(text), 0);
    done();
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    text[130] = '\n';
    fails(text, 1, 65, "more than 64 levels");
}
END_TEST

START_TEST(aliases_expand_to_100000_values_and_no_more)
{
    /* a has 101 nodes; b names it 990 times, c ten times: 101,000. */
    char *text = calloc(1, 20000);
    strcat(text, "a: &a [");
    for (int i = 0; i < 100; i++) {
        strcat(text, "x,");
    }
    strcat(text, "]\nb: [");
    for (int i = 0; i < 990; i++) {
        strcat(text, "*a,");
    }
    strcat(text, "]\n");
    size_t fine = strlen(text);
    ck_assert_int_eq(parse(text), 0);
    done();
    strcat(text, "c: [*a]\n");
    fails(text, 3, 5, "more than 100000 values");
    text[fine] = '\0';
    free(text);
}
END_TEST

START_TEST(a_file_is_one_document_of_utf8)
{
    fails("", 1, 1, "the file is empty");
    fails("# only a comment\n", 1, 1, "the file is empty");
    fails("---\n...\n", 1, 1, "the file is empty");
    fails("a: 1\n--- \nb: 2\n", 2, 1, "a second document");
    fails("a: \xff\n", 1, 4, "not UTF-8");
    fails("ä: \xc3\n", 1, 5, "not UTF-8");
    fails("a: \x01\n", 1, 4, "control character");
    fails("a: \"x\\0y\"\n", 1, 4, "NUL");
    fails("a: !!int 5\n", 1, 4, "tag");
    fails("[a]: 5\n", 1, 1, "a key is a plain word");
}
END_TEST

START_TEST(what_wants_quotes_is_told_so)
{
    fails("a: > 1 ms\n", 1, 4, "cannot begin with '>' here; put this in quotes");
    fails("a: | x\n", 1, 4, "put this in quotes");
    fails("a: { b: > 1 }\n", 1, 9, "put this in quotes");
    fails("a: %x\n", 1, 4, "cannot begin with '%'");
    fails("a: @x\n", 1, 4, "cannot begin with '@'");
    fails("a: `x\n", 1, 4, "cannot begin with '`'");
    fails("a: [*, b]\n", 1, 5, "cannot begin with '*'");
    fails("a: &, b\n", 1, 4, "cannot begin with '&'");
    fails("a: { b: ${X} }\n", 1, 9, "a variable within { } or [ ]; put this in quotes");
    fails("a: [x${X}]\n", 1, 6, "put this in quotes");
}
END_TEST

START_TEST(other_slips_have_words_too)
{
    fails("a:\n\tb: 1\n", 2, 1, "a tab cannot indent");
    fails("a: \"x\nb: 1\n", 1, 4, "this quote is never closed");
    fails("a: 'x\n", 1, 4, "this quote is never closed");
    fails("a: \"\\d\"\n", 1, 5, "unknown escape");
    fails("a: b: c\n", 1, 5, "a ':' is not expected here");
    fails("a: [1, 2\nb: 3\n", 2, 2, "expected ',' or the ']' that closes line 1, column 4");
    fails("a: {b: 1\nc: 3\n", 2, 2, "expected ',' or the '}' that closes line 1, column 4");
    fails("a:\n  b: 1\n c: 2\n", 3, 2, "check the indentation");
    fails("a:\n- b\n c\n- d\n x: 1\n", 5, 3, "a ':' is not expected here");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("yaml");
    TCase *t = tcase_create("yaml");
    tcase_add_test(t, nodes_know_where_they_stand_in_characters);
    tcase_add_test(t, nothing_is_empty_unless_it_is_quoted);
    tcase_add_test(t, an_alias_is_the_node_itself);
    tcase_add_test(t, the_nearer_setting_wins_a_merge);
    tcase_add_test(t, a_key_stands_once_in_small_mappings_and_big);
    tcase_add_test(t, levels_are_counted_to_64);
    tcase_add_test(t, aliases_expand_to_100000_values_and_no_more);
    tcase_add_test(t, a_file_is_one_document_of_utf8);
    tcase_add_test(t, what_wants_quotes_is_told_so);
    tcase_add_test(t, other_slips_have_words_too);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
