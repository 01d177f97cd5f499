/* A path that is removed by another process when its maker has gone: the maker's file and no other.
 * That the maker has gone, and that its sweeper is told to end, is the same to the sweeper. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/sweeper.h"

static char folder[] = "/tmp/test-sweeper-XXXXXX", path[64];

static void set_up(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/s", folder);
}

static void tear_down(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no sweeper is left */
    ck_assert_int_eq(errno, ECHILD);
}

/* A socket at the path, with nobody behind it. */
static struct stat make_socket(void)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct stat st;
    snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&un, sizeof un), 0);
    close(fd);
    ck_assert_int_eq(lstat(path, &st), 0);
    return st;
}

static struct sw_sweeper begin(void)
{
    struct sw_sweeper sweeper;
    ck_assert_int_eq(sw_sweeper_begin(&sweeper, path), 0);
    return sweeper;
}

START_TEST(the_file_that_was_told_is_removed)
{
    struct sw_sweeper sweeper = begin();
    struct stat st = make_socket();
    sw_sweeper_tell(&sweeper, st.st_dev, st.st_ino);
    sw_sweeper_end(&sweeper);
    ck_assert_int_eq(access(path, F_OK), -1);
    sw_sweeper_end(&sweeper); /* there is none any more */
}
END_TEST

START_TEST(what_another_put_there_since_stays)
{
    struct sw_sweeper sweeper = begin();
    struct stat st = make_socket();
    sw_sweeper_tell(&sweeper, st.st_dev, st.st_ino);
    char aside[80];
    snprintf(aside, sizeof aside, "%s2", path);
    ck_assert_int_eq(rename(path, aside), 0); /* else its number might be given anew */
    make_socket();
    sw_sweeper_end(&sweeper);
    ck_assert_int_eq(access(path, F_OK), 0);
    unlink(aside);
}
END_TEST

START_TEST(what_was_there_before_stays)
{
    make_socket();
    struct sw_sweeper sweeper = begin();
    sw_sweeper_end(&sweeper);
    ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(what_its_maker_had_no_time_to_tell_is_removed)
{
    struct sw_sweeper sweeper = begin();
    make_socket();
    sw_sweeper_end(&sweeper);
    ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(what_is_no_socket_stays)
{
    struct sw_sweeper sweeper = begin();
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fclose(file);
    sw_sweeper_end(&sweeper);
    ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sweeper");
    TCase *all = tcase_create("a path");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, the_file_that_was_told_is_removed);
    tcase_add_test(all, what_another_put_there_since_stays);
    tcase_add_test(all, what_was_there_before_stays);
    tcase_add_test(all, what_its_maker_had_no_time_to_tell_is_removed);
    tcase_add_test(all, what_is_no_socket_stays);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
