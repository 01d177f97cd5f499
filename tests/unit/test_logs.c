/* What programs printed, in files: one a host, the bytes as they were, and what could not be
 * written is told. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/logs.h"

static char folder[] = "/tmp/test-logs-XXXXXX", why[512];

static void set_up(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void tear_down(void)
{
    ck_assert_int_eq(rmdir(folder), 0);
}

/* The file's text; it is removed. */
static const char *taken(const char *name, char text[static 512])
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    size_t n = fread(text, 1, 511, file);
    text[n] = '\0';
    fclose(file);
    ck_assert_int_eq(unlink(path), 0);
    return text;
}

START_TEST(each_host_that_prints_has_a_file)
{
    struct sw_logs *logs = sw_logs_new(folder);
    char text[512];
    sw_logs_line(logs, &(struct sw_printed){1500000000, "api", "stdout", "up \xff\x1b[0m"});
    sw_logs_line(logs, &(struct sw_printed){1500000001, "db", "stderr", ""});
    sw_logs_line(logs, &(struct sw_printed){12 * SW_S, "api", "ended", "exit status 3"});
    ck_assert_int_eq(sw_logs_close(logs, why, sizeof why), 0);
    ck_assert_str_eq(taken("api.log", text), "1.500000000 stdout up \xff\x1b[0m\n"
                                             "12.000000000 ended exit status 3\n");
    ck_assert_str_eq(taken("db.log", text), "1.500000001 stderr \n");
}
END_TEST

START_TEST(who_says_nothing_has_none)
{
    ck_assert_int_eq(sw_logs_close(sw_logs_new(folder), why, sizeof why), 0);
    ck_assert_int_eq(sw_logs_close(NULL, why, sizeof why), 0);
    sw_logs_line(NULL, &(struct sw_printed){0, "api", "stdout", "nobody keeps it"});
}
END_TEST

START_TEST(what_cannot_be_made_is_told_once)
{
    struct sw_logs *logs = sw_logs_new("/tmp/no/such/folder");
    sw_logs_line(logs, &(struct sw_printed){0, "api", "stdout", "one"});
    sw_logs_line(logs, &(struct sw_printed){0, "api", "stdout", "two"});
    sw_logs_line(logs, &(struct sw_printed){0, "db", "stdout", "three"});
    ck_assert_int_eq(sw_logs_close(logs, why, sizeof why), -ENOENT);
    ck_assert_str_eq(why, "/tmp/no/such/folder/api.log");
}
END_TEST

START_TEST(a_full_disk_is_told)
{
    char path[64];
    if (access("/dev/full", W_OK) < 0) {
        return; /* not here */
    }
    snprintf(path, sizeof path, "%s/api.log", folder);
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    struct sw_logs *logs = sw_logs_new(folder);
    sw_logs_line(logs, &(struct sw_printed){0, "api", "stdout", "one"});
    ck_assert_int_eq(sw_logs_close(logs, why, sizeof why), -ENOSPC);
    ck_assert_str_eq(why, path);
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("logs");
    TCase *all = tcase_create("files");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, each_host_that_prints_has_a_file);
    tcase_add_test(all, who_says_nothing_has_none);
    tcase_add_test(all, what_cannot_be_made_is_told_once);
    tcase_add_test(all, a_full_disk_is_told);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
