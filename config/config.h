/* The LAN file: text -> struct sw_topo. The only room with libyaml and libpcap's filter compiler.
 * Files, directories and the environment are read through callbacks; nothing is printed: problems
 * are collected. */
#ifndef SW_CONFIG_CONFIG_H
#define SW_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "lan/topo.h"

#define SW_CONFIG_BYTES_MAX (16u << 20)
#define SW_CONFIG_DEPTH_MAX 64

struct sw_config_io {
    void *ctx;
    /* The whole of a file, malloc'd. 0 or a negative errno; -EFBIG over max bytes. */
    int (*read_file)(void *ctx, const char *path, size_t max, char **bytes, size_t *len);
    /* Calls each for every regular file below dir (its name relative to dir, "a/b.html"), in any
     * order; symbolic links that lead out of dir are left out. 0 or a negative errno. */
    int (*list_files)(void *ctx, const char *dir, int (*each)(void *each_ctx, const char *name),
                      void *each_ctx);
    /* A variable of the environment, or NULL. */
    const char *(*variable)(void *ctx, const char *name);
};

/* --set NAME=VALUE: outranks the environment. */
struct sw_config_set {
    const char *name, *value;
};

enum sw_problem_kind { SW_PROBLEM_ERROR, SW_PROBLEM_WARNING };

/* Problems as they are printed: "FILE:LINE:COLUMN: error: WHAT, and what was expected", the source
 * line, a caret. */
struct sw_problem {
    enum sw_problem_kind kind;
    struct sw_where where; /* file is owned by the problems */
    char *what;
    char *source;   /* the line, cut around the place if long; may be NULL */
    unsigned caret; /* column in source, counted from 1 */
};

struct sw_problems {
    struct sw_problem *list; /* in the order of the file */
    size_t count, errors;
    char **files;
    size_t file_count;
};

/* A file with a `matrix` stands for several LANs, one a combination of its values. Beside a set of
 * the same name, what the matrix says of a variable does not count: so sets choose one again. */
struct sw_config_choice {
    size_t combination;  /* which, from 0; given */
    size_t combinations; /* how many there are; 1 without a matrix, or with one that is refused */
    char *text;          /* "rtt=1 ms, loss=0 %"; NULL: there is no matrix */
    struct sw_config_set *values; /* the same one by one, for --set */
    size_t value_count;
};

/* Reads a LAN file, the first of its combinations. 0 and a topo; -EINVAL: problems->errors > 0,
 * nothing is returned in *out. Warnings may stand in problems in either case. -ENOMEM, and no
 * problem: of a file that was not read whole nothing can be said. path names the file in messages
 * and is read through io. */
int sw_config_load(struct sw_topo **out, const char *path, const struct sw_config_io *io,
                   const struct sw_config_set *sets, size_t set_count,
                   struct sw_problems *problems);
/* The same of the combination that choice asks for; what is said of it is filled in, and ended with
 * sw_config_choice_fini() in any case. Whoever wants them all asks for number 0 first, which says
 * how many there are. A number that a
 * matrix does not have is refused; without one it is not looked at. */
int sw_config_load_one(struct sw_topo **out, const char *path, const struct sw_config_io *io,
                       const struct sw_config_set *sets, size_t set_count,
                       struct sw_config_choice *choice, struct sw_problems *problems);
void sw_config_choice_fini(struct sw_config_choice *choice);
void sw_problems_fini(struct sw_problems *problems);
/* The text of one problem, all its lines, malloc'd. */
char *sw_problem_text(const struct sw_problem *problem);

/* The JSON Schema of a LAN file, generated from the table that the parser reads; malloc'd text. */
char *sw_config_schema(void);
/* The reference of all keys in Markdown, from the same table; malloc'd text (docs/lan-file.md's
 * generated part). */
char *sw_config_reference(void);

#endif
