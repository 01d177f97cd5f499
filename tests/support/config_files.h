/* Files and variables for tests of config/: from the disk, or made up. */
#ifndef SW_TESTS_SUPPORT_CONFIG_FILES_H
#define SW_TESTS_SUPPORT_CONFIG_FILES_H

#include <stddef.h>

#include "config/config.h"

/* A file that exists in the test alone. */
struct sw_test_file {
    const char *path; /* NULL behind the last */
    const char *text;
    size_t len; /* 0: up to its NUL */
};

/* "NAME=VALUE", NULL behind the last. */
struct sw_test_world {
    const struct sw_test_file *files; /* NULL: the disk's */
    const char *const *variables;     /* NULL: none */
};

/* world is lent for as long as the io is used. */
struct sw_config_io sw_test_io(const struct sw_test_world *world);
/* All problems as they are printed, malloc'd. */
char *sw_test_problems(const struct sw_problems *problems);

#endif
