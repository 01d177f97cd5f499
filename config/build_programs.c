/* Hosts that are real programs. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"

#define READY_WITHIN (5 * SW_S)
#define TEXTS_MAX 4096
#define RUN_TIMEOUT (10 * SW_S)
#define TMPFS_MAX 64
#define INPUT_MAX 65536 /* what a pipe holds */
#define ALLOW_FORGED 2  /* `allow`: of its words the second */
#define OUTPUT_BYTES ((uint64_t)4 << 20)

/* What only a virtual stack has. */
static const int stack_keys[] = {SW_K_HOST_SERVICES, SW_K_HOST_TCP, SW_K_HOST_ARP,
                                 SW_K_HOST_OFFLOAD};
/* What only a program has. */
static const int program_keys[] = {SW_K_HOST_ENV,     SW_K_HOST_CWD,         SW_K_HOST_TMPFS,
                                   SW_K_HOST_USER,    SW_K_HOST_STDIN,       SW_K_HOST_READY,
                                   SW_K_HOST_RESTART, SW_K_HOST_EXPECT_EXIT, SW_K_HOST_CAPABILITIES,
                                   SW_K_HOST_OUTPUT};

static void refuse_keys(struct sw_build *b, const struct sw_settings *own, const int *keys,
                        size_t count, const char *why)
{
    for (size_t i = 0; i < count && !b->again; i++) {
        const struct sw_setting *set = &own->of[keys[i]];
        if (set->node) {
            SW_ERROR(b->report, set->node->where, "'%s' %s", sw_section_host.keys[keys[i]].name,
                     why);
        }
    }
}

/* The text is the list's from now on; without memory it is freed. */
static void add_text(struct sw_build *b, char ***list, size_t *count, char *text)
{
    char **all = text ? sw_build_room(b, *list, *count, sizeof *all) : NULL;
    if (!all) {
        free(text);
        return;
    }
    *list = all;
    all[(*count)++] = text;
}

/* With the NULL behind them, or NULL: there is none, or no memory. */
static char **end_texts(struct sw_build *b, char **list, size_t count)
{
    char **all = list ? sw_build_room(b, list, count, sizeof *all) : NULL;
    while (!all && count > 0) {
        free(list[--count]);
    }
    if (!all) {
        free(list);
    }
    return all;
}

/* False: reported. */
static bool is_text(struct sw_build *b, const struct sw_yaml *item, const char *key)
{
    char what[SW_QUOTED_BYTES];
    if (item->kind == SW_YAML_SCALAR && !item->empty) {
        return !item->bad;
    }
    if (!item->bad && !b->again) {
        SW_ERROR(b->report, item->where, "'%s': expected a text, found %s", key,
                 sw_yaml_what(item, what));
    }
    return false;
}

/* A list's texts, or the shell with one, of a key. NULL: reported. */
static char **command_of(struct sw_build *b, const struct sw_yaml *node, const char *key)
{
    char **list = NULL;
    size_t count = 0;
    if (node->kind != SW_YAML_LIST) {
        static const char *const shell[] = {"sh", "-c"};
        for (size_t i = 0; i < 2; i++) {
            add_text(b, &list, &count, sw_build_copy(b, shell[i]));
        }
        add_text(b, &list, &count, sw_build_copy(b, node->text));
    } else if (node->count == 0 || node->count > TEXTS_MAX) {
        SW_ERROR(b->report, node->where, "'%s': expected a command of 1 to %d texts, found %zu",
                 key, TEXTS_MAX, node->count);
    }
    for (size_t i = 0; node->kind == SW_YAML_LIST && i < node->count && i < TEXTS_MAX; i++) {
        if (is_text(b, node->items[i], key)) {
            add_text(b, &list, &count, sw_build_copy(b, node->items[i]->text));
        }
    }
    return end_texts(b, list, count);
}

static char **env_of(struct sw_build *b, const struct sw_yaml *node)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    char **list = NULL;
    size_t count = 0;
    for (size_t i = 0; i < node->count && i < TEXTS_MAX; i++) {
        const struct sw_yaml *key = node->pairs[i].key, *value = node->pairs[i].value;
        size_t n = strlen(key->text);
        if (n == 0 || strspn(key->text, letters) != n || strchr("0123456789", key->text[0])) {
            char quoted[SW_QUOTED_BYTES];
            SW_ERROR(b->report, key->where,
                     "'env': expected a variable of letters, digits and '_', found '%s'",
                     sw_quote(key->text, quoted));
        } else if (is_text(b, value, "env")) {
            add_text(b, &list, &count, sw_build_print(b, "%s=%s", key->text, value->text));
        }
    }
    return end_texts(b, list, count);
}

/* Full paths of directories. Whether they are there is the machine's affair, not the file's. */
static char **tmpfs_of(struct sw_build *b, const struct sw_yaml *node)
{
    char **list = NULL;
    size_t count = 0, items = node->kind == SW_YAML_LIST ? node->count : 1;
    if (items > TMPFS_MAX) {
        SW_ERROR(b->report, node->where, "'tmpfs': at most %d directories, found %zu", TMPFS_MAX,
                 items);
    }
    for (size_t i = 0; i < items && i < TMPFS_MAX; i++) {
        const struct sw_yaml *item = node->kind == SW_YAML_LIST ? node->items[i] : node;
        if (!is_text(b, item, "tmpfs")) {
            continue;
        }
        if (item->text[0] != '/' || item->text[strspn(item->text, "/.")] == '\0') {
            char quoted[SW_QUOTED_BYTES];
            SW_ERROR(b->report, item->where,
                     "'tmpfs': expected the full path of a directory, as in /mnt, found '%s'",
                     sw_quote(item->text, quoted));
        } else {
            add_text(b, &list, &count, sw_build_copy(b, item->text));
        }
    }
    return end_texts(b, list, count);
}

static void fill_ready(struct sw_build *b, struct sw_topo_program *program,
                       const struct sw_setting *ready)
{
    struct sw_settings own;
    program->ready_within = READY_WITHIN;
    if (!ready || !sw_section_read(&own, &sw_section_ready, ready->node, 0, b->report)) {
        return;
    }
    const struct sw_setting *port = &own.of[SW_K_READY_PORT], *within = &own.of[SW_K_READY_WITHIN];
    program->ready_port = port->ok ? (uint16_t)port->number : 0;
    program->ready_within = within->ok ? within->number : READY_WITHIN;
}

static const struct sw_setting *pick(const struct sw_settings *own, const struct sw_settings *far,
                                     int key)
{
    return sw_setting_pick(&own->of[key], &far->of[key]);
}

bool sw_build_program(struct sw_build *b, struct sw_topo_host *host, const struct sw_settings *own,
                      const struct sw_settings *far)
{
    const struct sw_setting *run = pick(own, far, SW_K_HOST_RUN);
    const struct sw_setting *allow = pick(own, far, SW_K_HOST_ALLOW);
    if (!run) {
        if (own->of[SW_K_HOST_ALLOW].ok && own->of[SW_K_HOST_ALLOW].number & ALLOW_FORGED &&
            !b->again) {
            SW_ERROR(b->report, own->of[SW_K_HOST_ALLOW].node->where,
                     "'allow': 'forged-source' is for a program, and this host has no 'run'");
        }
        refuse_keys(b, own, program_keys, sizeof program_keys / sizeof program_keys[0],
                    "is for a program, and this host has no 'run'");
        return false;
    }
    refuse_keys(b, own, stack_keys, sizeof stack_keys / sizeof stack_keys[0],
                "is for a virtual host, and this one is a program");
    struct sw_topo_program *program = calloc(1, sizeof *program);
    if (!program) {
        b->no_memory = true;
        return true;
    }
    host->program = program;
    const struct sw_setting *env = pick(own, far, SW_K_HOST_ENV);
    const struct sw_setting *cwd = pick(own, far, SW_K_HOST_CWD);
    const struct sw_setting *tmpfs = pick(own, far, SW_K_HOST_TMPFS);
    const struct sw_setting *user = pick(own, far, SW_K_HOST_USER);
    const struct sw_setting *input = pick(own, far, SW_K_HOST_STDIN);
    const struct sw_setting *restart = pick(own, far, SW_K_HOST_RESTART);
    const struct sw_setting *end = pick(own, far, SW_K_HOST_EXPECT_EXIT);
    const struct sw_setting *rights = pick(own, far, SW_K_HOST_CAPABILITIES);
    const struct sw_setting *output = pick(own, far, SW_K_HOST_OUTPUT);
    assert(run->node); /* what is ok was said */
    program->run = command_of(b, run->node, "run");
    program->env = env ? env_of(b, env->node) : NULL;
    program->cwd =
        sw_build_beside(b, cwd ? cwd->node->where : run->node->where, cwd ? cwd->node->text : ".");
    program->tmpfs = tmpfs ? tmpfs_of(b, tmpfs->node) : NULL;
    program->user = user ? sw_build_copy(b, user->node->text) : NULL;
    program->input = input ? sw_build_copy(b, input->node->text) : NULL;
    program->restart = restart ? (enum sw_restart)restart->number : SW_RESTART_NO;
    program->expect_exit = end ? (int)end->number : -1;
    program->capabilities = rights ? (unsigned)rights->number : 0;
    program->forges = allow && allow->number & ALLOW_FORGED;
    program->output_bytes = output ? (uint64_t)output->number : OUTPUT_BYTES;
    if (input && strlen(input->node->text) > INPUT_MAX) {
        SW_ERROR(b->report, input->node->where, "'stdin': at most %d bytes, found %zu", INPUT_MAX,
                 strlen(input->node->text));
    }
    if (user && user->node->text[0] == '\0') {
        SW_ERROR(b->report, user->node->where, "'user': expected a text that is not empty");
    }
    fill_ready(b, program, pick(own, far, SW_K_HOST_READY));
    return true;
}

char *sw_build_program_of(struct sw_build *b, const struct sw_setting *set)
{
    struct sw_node node;
    if (!set->ok) {
        return NULL;
    }
    if (!sw_build_find(b, set->node->text, &node) || node.kind != SW_NODE_HOST) {
        sw_build_unknown(b, set->node->where, set->node->text, true);
        return NULL;
    }
    if (!b->topo->hosts[node.index].program) {
        SW_ERROR(b->report, set->node->where,
                 "the host '%s' is a virtual one; expected a host with 'run'", set->node->text);
        return NULL;
    }
    return sw_build_copy(b, set->node->text);
}

void sw_build_run(struct sw_build *b, struct sw_topo_step *step, const struct sw_settings *s)
{
    const struct sw_setting *command = &s->of[SW_K_RUN_COMMAND];
    step->timeout = step->timeout ? step->timeout : RUN_TIMEOUT;
    if (command->ok) {
        step->command = command_of(b, command->node, "command");
    }
    step->from = sw_build_program_of(b, &s->of[SW_K_RUN_ON]);
}
