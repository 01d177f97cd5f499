/* Writes the completions of a shell from the table that switchd reads its command line by, so that
 * neither can know an option that the other does not: write_completions bash|zsh|fish. */
#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "switchd/options.h"

#define ROWS_MAX 512

struct rows {
    struct sw_option_view at[ROWS_MAX];
    size_t count;
};

static void take(void *ctx, const struct sw_option_view *view)
{
    struct rows *rows = ctx;
    assert(rows->count < ROWS_MAX);
    rows->at[rows->count++] = *view;
}

/* ---- what a value is ---- */

static bool is_file(const char *argument)
{
    return strcmp(argument, "FILE") == 0;
}

static bool is_folder(const char *argument)
{
    return strcmp(argument, "DIR") == 0;
}

/* The words that a value is one of, with | between them; NULL where it is free. A value that the
 * help writes in small letters is a word itself. */
static const char *words_of(const char *argument)
{
    if (strcmp(argument, "LEVEL") == 0) {
        return "error|warn|info|debug";
    }
    return islower((unsigned char)argument[0]) ? argument : NULL;
}

/* For a place between single quotes: `quote` stands for one, and what is in `special` gets a
 * backslash. */
static void quoted(const char *text, const char *quote, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs(quote, stdout);
        } else {
            printf("%s%c", strchr(special, *text) ? "\\" : "", *text);
        }
    }
}

/* One option may stand several times, with another value each. */
static bool repeats(const struct sw_option_view *r)
{
    return r->argument && strcmp(r->argument, "NAME=VALUE") == 0;
}

static void spaced(const char *words)
{
    for (; *words; words++) {
        putchar(*words == '|' ? ' ' : *words);
    }
}

/* The next argument of a verb's usage: "[FILE FROM TO]" gives FILE, FROM, TO; *many for one that
 * ends in an ellipsis. */
static bool next_argument(const char **usage, char *out, size_t size, bool *many)
{
    *usage += strspn(*usage, "[ ");
    size_t len = strcspn(*usage, "] ");
    if (len == 0 || len >= size) {
        return false;
    }
    memcpy(out, *usage, len);
    out[len] = 0;
    *usage += len;
    char *dots = strstr(out, "...");
    *many = dots != NULL;
    if (dots) {
        *dots = 0;
    }
    return true;
}

/* ---- bash ---- */

static void bash_verbs(const struct rows *rows)
{
    fputs("    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W '", stdout);
    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->at[i].name) {
            printf("%s ", rows->at[i].verb);
        }
    }
    puts("--help --version' -- \"$cur\"))\n        return\n    fi");
}

static void bash_options(const struct rows *rows)
{
    puts("    case ${COMP_WORDS[1]} in");
    for (size_t i = 0; i < rows->count; i++) {
        const struct sw_option_view *r = &rows->at[i];
        if (!r->name) {
            printf("%s    %s) files=%s options='", i ? "' ;;\n" : "", r->verb,
                   strstr(r->argument, "FILE") ? "1" : "");
        } else {
            printf("--%s ", r->name);
        }
    }
    puts("' ;;\n    esac");
}

/* An option means the same under every verb, so each is said once. */
static bool said_before(const struct rows *rows, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (rows->at[j].name && strcmp(rows->at[j].name, rows->at[i].name) == 0) {
            return true;
        }
    }
    return false;
}

static void bash_values(const struct rows *rows)
{
    puts("    case $prev in");
    for (size_t i = 0; i < rows->count; i++) {
        const struct sw_option_view *r = &rows->at[i];
        if (!r->name || !r->argument || said_before(rows, i)) {
            continue;
        }
        printf("    --%s", r->name);
        if (r->letter) {
            printf(" | -%c", r->letter);
        }
        fputs(") ", stdout);
        if (words_of(r->argument)) {
            fputs("COMPREPLY=($(compgen -W '", stdout);
            spaced(words_of(r->argument));
            fputs("' -- \"$cur\")); ", stdout);
        } else if (is_file(r->argument) || is_folder(r->argument)) {
            printf("compopt -o filenames; mapfile -t COMPREPLY < <(compgen -%c -- \"$cur\"); ",
                   is_file(r->argument) ? 'f' : 'd');
        }
        puts("return ;;");
    }
    puts("    esac");
}

static void write_bash(const struct rows *rows)
{
    puts("# Completions of switchd for bash; written from its table of options.\n"
         "_switchd()\n{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} options= "
         "files=\n"
         "    COMPREPLY=()\n"
         "    # --log=info comes as three words.\n"
         "    if [ \"$cur\" = = ]; then\n        cur=\n"
         "    elif [ \"$prev\" = = ]; then\n        prev=${COMP_WORDS[COMP_CWORD - 2]}\n    fi");
    bash_verbs(rows);
    bash_options(rows);
    bash_values(rows);
    puts("    case $cur in\n"
         "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")); return ;;\n"
         "    esac\n"
         "    [ -n \"$files\" ] || return\n"
         "    compopt -o filenames\n"
         "    mapfile -t COMPREPLY < <(compgen -f -X '!*.y*ml' -- \"$cur\"; compgen -d -- "
         "\"$cur\")\n"
         "}\n"
         "complete -F _switchd switchd");
}

/* ---- zsh ---- */

static void zsh_text(const char *text)
{
    quoted(text, "'\\''", "[]:\\");
}

/* What a value is completed with, behind the colon of its message. */
static void zsh_action(const char *argument)
{
    if (words_of(argument)) {
        fputs("(", stdout);
        spaced(words_of(argument));
        fputs(")", stdout);
    } else if (is_file(argument) || is_folder(argument)) {
        fputs(is_file(argument) ? "_files" : "_files -/", stdout);
    } else {
        putchar(' ');
    }
}

static void zsh_option(const struct sw_option_view *r)
{
    fputs(" \\\n            ", stdout);
    if (r->letter) {
        printf("'(-%c --%s)'{-%c%s,--%s%s}'[", r->letter, r->name, r->letter,
               r->argument ? "+" : "", r->name, r->argument ? "=" : "");
    } else {
        printf("'%s--%s%s[", repeats(r) ? "*" : "", r->name, r->argument ? "=" : "");
    }
    zsh_text(r->help);
    putchar(']');
    if (r->argument) {
        printf(":%s:", r->argument);
        zsh_action(r->argument);
    }
    putchar('\'');
}

static void zsh_arguments(const char *usage)
{
    char argument[32];
    bool many;
    while (next_argument(&usage, argument, sizeof argument, &many)) {
        printf(" \\\n            '%s:%s:%s'", many ? "*" : "", argument,
               strstr(argument, "FILE") ? "_files -g \"*.(yaml|yml)\"" : " ");
    }
}

static void write_zsh(const struct rows *rows)
{
    puts("#compdef switchd\n# Completions of switchd for zsh; written from its table of options.\n"
         "_switchd()\n{\n"
         "    local curcontext=$curcontext state line\n"
         "    typeset -A opt_args\n"
         "    _arguments -C '(- *)--help[the verbs]' '(- *)--version[the version]' \\\n"
         "        '1:verb:->verb' '*::argument:->rest' && return\n"
         "    case $state in\n"
         "    verb)\n"
         "        local -a verbs=(");
    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->at[i].name) {
            printf("            '%s:", rows->at[i].verb);
            zsh_text(rows->at[i].help);
            puts("'");
        }
    }
    fputs("        )\n        _describe verb verbs ;;\n    rest)\n        case $words[1] in",
          stdout);
    for (size_t i = 0; i < rows->count; i++) {
        const struct sw_option_view *r = &rows->at[i];
        if (r->name) {
            zsh_option(r);
        } else {
            printf("%s\n        %s)\n            _arguments", i ? " ;;" : "", r->verb);
            zsh_arguments(r->argument);
        }
    }
    puts(" ;;\n        esac ;;\n    esac\n}\n_switchd \"$@\"");
}

/* ---- fish ---- */

static void fish_end(const char *help)
{
    fputs(" -d '", stdout);
    quoted(help, "\\'", "\\");
    puts("'");
}

static void fish_option(const struct sw_option_view *r)
{
    printf("complete -c switchd -n '__fish_seen_subcommand_from %s' -l %s", r->verb, r->name);
    if (r->letter) {
        printf(" -s %c", r->letter);
    }
    if (r->argument && words_of(r->argument)) {
        fputs(" -x -a '", stdout);
        spaced(words_of(r->argument));
        putchar('\'');
    } else if (r->argument && is_folder(r->argument)) {
        fputs(" -x -a '(__fish_complete_directories)'", stdout);
    } else if (r->argument) {
        fputs(is_file(r->argument) ? " -r -F" : " -x", stdout);
    }
    fish_end(r->help);
}

static void write_fish(const struct rows *rows)
{
    puts("# Completions of switchd for fish; written from its table of options.\n"
         "complete -c switchd -f\n"
         "complete -c switchd -n __fish_use_subcommand -l help -d 'the verbs'\n"
         "complete -c switchd -n __fish_use_subcommand -l version -d 'the version'");
    for (size_t i = 0; i < rows->count; i++) {
        const struct sw_option_view *r = &rows->at[i];
        if (r->name) {
            fish_option(r);
            continue;
        }
        printf("complete -c switchd -n __fish_use_subcommand -a %s", r->verb);
        fish_end(r->help);
        if (strstr(r->argument, "FILE")) {
            printf("complete -c switchd -n '__fish_seen_subcommand_from %s' -F\n", r->verb);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *shell;
        void (*write)(const struct rows *rows);
    } shells[] = {{"bash", write_bash}, {"zsh", write_zsh}, {"fish", write_fish}};
    struct rows rows = {.count = 0};
    sw_options_each(take, &rows);
    for (size_t i = 0; argc == 2 && i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(argv[1], shells[i].shell) == 0) {
            shells[i].write(&rows);
            return fflush(stdout) != 0;
        }
    }
    fputs("usage: write_completions bash|zsh|fish\n", stderr);
    return 2;
}
