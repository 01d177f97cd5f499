/* Descriptors that are closed at once: each of them, and no other. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "switchd/shut.h"

#define MOST 101

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0 || errno != EBADF;
}

START_TEST(each_is_closed_and_no_other)
{
    static const size_t counts[] = {0, 1, 7, 8, 9, MOST};
    int fds[MOST], other = open("/dev/null", O_RDONLY);
    ck_assert_int_ge(other, 0);
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        for (size_t i = 0; i < counts[k]; i++) {
            fds[i] = open("/dev/null", O_RDONLY);
            ck_assert_int_ge(fds[i], 0);
        }
        sw_shut_all(fds, counts[k]);
        for (size_t i = 0; i < counts[k]; i++) {
            ck_assert(!is_open(fds[i]));
        }
        ck_assert(is_open(other));
    }
    close(other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shut");
    TCase *tc = tcase_create("shut");
    tcase_add_test(tc, each_is_closed_and_no_other);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
