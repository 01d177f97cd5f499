/* Files and folders as a LAN file may ask for them. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "switchd/files.h"

static char path[256]; /* below_top()'s */
static char top[] = "/tmp/switchd-test-files-XXXXXX";

struct names {
    char text[512];
    int stop; /* what each returns */
};

static const char *below_top(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", top, name);
    return path;
}

static void make_file(const char *name, const char *text)
{
    FILE *file = fopen(below_top(name), "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(mkdir(below_top("b"), 0755), 0);
    ck_assert_int_eq(mkdir(below_top("b/deep"), 0755), 0);
    make_file("c.yaml", "c");
    make_file("a.yml", "a");
    make_file("b/z.yaml", "z");
    make_file("b/deep/y.yaml", "y");
    make_file("b/notes.txt", "notes");
}

static void teardown(void)
{
    static const char *const all[] = {
        "b/deep/y.yaml", "b/deep/inner", "b/deep/outer", "b/deep", "b/z.yaml", "b/notes.txt", "b",
        "c.yaml",        "a.yml",        "folder"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        remove(below_top(all[i]));
    }
    ck_assert_int_eq(rmdir(top), 0);
}

static int note(void *ctx, const char *name)
{
    struct names *names = ctx;
    size_t n = strlen(names->text);
    snprintf(names->text + n, sizeof names->text - n, "%s ", name);
    return names->stop;
}

static int list(const char *dir, struct names *names)
{
    const struct sw_config_io *io = sw_files_io();
    return io->list_files(io->ctx, dir, note, names);
}

START_TEST(a_folder_is_searched_to_its_bottom_in_order_of_names)
{
    char **found;
    size_t count;
    ck_assert_int_eq(sw_files_find(top, &found, &count), 0);
    ck_assert_uint_eq(count, 4);
    ck_assert_str_eq(found[0], below_top("a.yml"));
    ck_assert_str_eq(found[1], below_top("b/deep/y.yaml"));
    ck_assert_str_eq(found[2], below_top("b/z.yaml"));
    ck_assert_str_eq(found[3], below_top("c.yaml"));
    sw_files_free(found, count);
}
END_TEST

START_TEST(a_file_is_itself_whatever_it_is_called)
{
    char **found;
    size_t count;
    ck_assert_int_eq(sw_files_find(below_top("b/notes.txt"), &found, &count), 0);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(found[0], below_top("b/notes.txt"));
    sw_files_free(found, count);
    ck_assert_int_eq(sw_files_find(below_top("none"), &found, &count), -ENOENT);
}
END_TEST

START_TEST(a_file_is_read_up_to_a_limit)
{
    const struct sw_config_io *io = sw_files_io();
    char *bytes;
    size_t len;
    ck_assert_int_eq(io->read_file(io->ctx, below_top("b/notes.txt"), 5, &bytes, &len), 0);
    ck_assert_uint_eq(len, 5);
    ck_assert_int_eq(memcmp(bytes, "notes", 5), 0);
    free(bytes);
    ck_assert_int_eq(io->read_file(io->ctx, below_top("b/notes.txt"), 4, &bytes, &len), -EFBIG);
    ck_assert_int_eq(io->read_file(io->ctx, below_top("b"), 100, &bytes, &len), -EISDIR);
    ck_assert_int_eq(io->read_file(io->ctx, below_top("none"), 100, &bytes, &len), -ENOENT);
}
END_TEST

START_TEST(a_big_file_is_read_whole)
{
    const struct sw_config_io *io = sw_files_io();
    FILE *file = fopen(below_top("c.yaml"), "w");
    for (unsigned i = 0; i < 100000; i++) {
        fprintf(file, "%08x\n", i);
    }
    fclose(file);
    char *bytes;
    size_t len;
    ck_assert_int_eq(io->read_file(io->ctx, below_top("c.yaml"), 900000, &bytes, &len), 0);
    ck_assert_uint_eq(len, 900000);
    ck_assert_int_eq(memcmp(bytes + len - 9, "0001869f\n", 9), 0);
    free(bytes);
}
END_TEST

START_TEST(names_of_a_root_are_relative_to_it)
{
    struct names names = {.text = ""};
    ck_assert_int_eq(list(below_top("b"), &names), 0);
    ck_assert_str_eq(names.text, "deep/y.yaml notes.txt z.yaml ");
    names = (struct names){.text = ""};
    ck_assert_int_eq(list(below_top("b/"), &names), 0);
    ck_assert_str_eq(names.text, "deep/y.yaml notes.txt z.yaml ");
    names = (struct names){.stop = -ENOSPC};
    ck_assert_int_eq(list(below_top("b"), &names), -ENOSPC);
    ck_assert_str_eq(names.text, "deep/y.yaml ");
    ck_assert_int_eq(list(below_top("c.yaml"), &names), -ENOTDIR);
    ck_assert_int_eq(list(below_top("none"), &names), -ENOENT);
}
END_TEST

START_TEST(links_that_lead_out_are_left_out)
{
    struct names names = {.text = ""};
    ck_assert_int_eq(symlink("../notes.txt", below_top("b/deep/inner")), 0);
    ck_assert_int_eq(symlink("../../c.yaml", below_top("b/deep/outer")), 0);
    ck_assert_int_eq(list(below_top("b"), &names), 0);
    ck_assert_str_eq(names.text, "deep/inner deep/y.yaml notes.txt z.yaml ");
    /* The root itself may be a link. */
    names = (struct names){.text = ""};
    ck_assert_int_eq(symlink("b", below_top("folder")), 0);
    ck_assert_int_eq(list(below_top("folder"), &names), 0);
    ck_assert_str_eq(names.text, "deep/inner deep/y.yaml notes.txt z.yaml ");
}
END_TEST

START_TEST(the_environment_is_asked_by_name)
{
    const struct sw_config_io *io = sw_files_io();
    setenv("SWITCHD_TEST_VARIABLE", "here", 1);
    ck_assert_str_eq(io->variable(io->ctx, "SWITCHD_TEST_VARIABLE"), "here");
    unsetenv("SWITCHD_TEST_VARIABLE");
    ck_assert_ptr_null(io->variable(io->ctx, "SWITCHD_TEST_VARIABLE"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("files");
    TCase *tcase = tcase_create("files");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_folder_is_searched_to_its_bottom_in_order_of_names);
    tcase_add_test(tcase, a_file_is_itself_whatever_it_is_called);
    tcase_add_test(tcase, a_file_is_read_up_to_a_limit);
    tcase_add_test(tcase, a_big_file_is_read_whole);
    tcase_add_test(tcase, names_of_a_root_are_relative_to_it);
    tcase_add_test(tcase, links_that_lead_out_are_left_out);
    tcase_add_test(tcase, the_environment_is_asked_by_name);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
