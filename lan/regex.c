/* Extended regular expressions. An expression is read into a tree, the tree is written out as a
 * program of small instructions, and a search runs all of the program's ways at once, byte by byte
 * (Thompson's construction): time is text times program, never more, and nothing is remembered but
 * the set of places in the program. */
#include "lan/regex.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPEAT_MAX 255 /* RE_DUP_MAX as POSIX guarantees it */
#define NO_END UINT16_MAX

enum node_kind { NODE_EMPTY, NODE_SET, NODE_BEGIN, NODE_END, NODE_THEN, NODE_OR, NODE_REPEAT };

struct node {
    uint8_t kind; /* enum node_kind */
    uint16_t min, max;
    uint32_t a, b; /* children, or which set */
};

/* SET takes a byte; BEGIN, END and SPLIT take none. SPLIT goes on at both x and y; a jump is a
 * split with one way. */
enum op { OP_SET, OP_BEGIN, OP_END, OP_SPLIT, OP_MATCH };

struct instruction {
    uint8_t op;
    uint16_t x, y;
};

struct set {
    uint32_t bits[8];
};

struct sw_regex {
    struct instruction *code;
    struct set *sets;
    uint32_t size;
    /* Scratch of a search: two lists of places, what is still to be followed, and when each place
     * was last listed. */
    uint16_t *now, *next, *todo;
    uint32_t *listed;
};

struct parse {
    const char *text;
    size_t n, at;
    struct node *nodes; /* at most 2 a byte, and one */
    uint32_t node_count;
    struct set *sets; /* at most one a byte */
    uint32_t set_count;
    const char *why; /* the first fault, and where it was found */
    size_t fault;
};

static bool set_has(const struct set *set, uint8_t byte)
{
    return set->bits[byte / 32] >> byte % 32 & 1;
}

static void set_put(struct set *set, uint8_t byte)
{
    set->bits[byte / 32] |= UINT32_C(1) << byte % 32;
}

/* ---- reading ---- */

static bool more(const struct parse *p)
{
    return p->at < p->n;
}

static char peek(const struct parse *p)
{
    return p->text[p->at];
}

/* The first thing wrong is what is told. */
static uint32_t refuse(struct parse *p, const char *why)
{
    if (!p->why) {
        p->why = why;
        p->fault = p->at;
    }
    return 0;
}

static uint32_t node(struct parse *p, enum node_kind kind, uint32_t a, uint32_t b)
{
    p->nodes[p->node_count] = (struct node){.kind = (uint8_t)kind, .a = a, .b = b};
    return p->node_count++;
}

static struct set *new_set(struct parse *p, uint32_t *which)
{
    *which = node(p, NODE_SET, p->set_count, 0);
    struct set *set = &p->sets[p->set_count++];
    memset(set, 0, sizeof *set);
    return set;
}

static uint32_t literal(struct parse *p, char c)
{
    uint32_t which;
    set_put(new_set(p, &which), (uint8_t)c);
    return which;
}

/* The classes of 9.3.5 in the C locale: pairs of first and last byte. */
static const struct {
    const char *name, *ranges;
} classes[] = {
    {"alpha", "AZaz"},     {"digit", "09"},     {"alnum", "09AZaz"}, {"upper", "AZ"},
    {"lower", "az"},       {"blank", "\t\t  "}, {"space", "\t\r  "}, {"xdigit", "09AFaf"},
    {"punct", "!/:@[`{~"}, {"print", " ~"},     {"graph", "!~"},     {"cntrl", "\001\037\177\177"},
};

/* At "[:": puts the class into the set. */
static void class_of(struct parse *p, struct set *set)
{
    p->at += 2;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        size_t len = strlen(classes[i].name);
        if (p->n - p->at >= len + 2 && memcmp(p->text + p->at, classes[i].name, len) == 0 &&
            memcmp(p->text + p->at + len, ":]", 2) == 0) {
            for (const char *r = classes[i].ranges; *r; r += 2) {
                for (unsigned c = (uint8_t)r[0]; c <= (uint8_t)r[1]; c++) {
                    set_put(set, (uint8_t)c);
                }
            }
            p->at += len + 2;
            return;
        }
    }
    refuse(p, "no such character class");
}

/* One byte of a bracket expression, or of a range's end. */
static uint8_t bracket_byte(struct parse *p)
{
    char c = peek(p);
    if (c == '[' && p->at + 1 < p->n && (p->text[p->at + 1] == '.' || p->text[p->at + 1] == '=')) {
        refuse(p, "collating symbols and equivalence classes are not known");
    } else if ((uint8_t)c >= 0x80) {
        refuse(p, "only ASCII characters can stand between [ and ]");
    }
    p->at++;
    return (uint8_t)c;
}

/* Behind "[": a bracket expression (9.3.5). A backslash is a character as any other in it. */
static uint32_t bracket(struct parse *p)
{
    uint32_t which;
    struct set *set = new_set(p, &which);
    bool inverted = more(p) && peek(p) == '^';
    p->at += inverted;
    for (bool first = true; more(p) && (first || peek(p) != ']') && !p->why; first = false) {
        if (peek(p) == '[' && p->at + 1 < p->n && p->text[p->at + 1] == ':') {
            class_of(p, set);
            continue;
        }
        unsigned from = bracket_byte(p);
        unsigned to = from;
        if (p->at + 1 < p->n && peek(p) == '-' && p->text[p->at + 1] != ']') {
            p->at++;
            to = bracket_byte(p);
        }
        if (to < from) {
            refuse(p, "a range that ends before it begins");
        }
        for (unsigned c = from; c <= to; c++) {
            set_put(set, (uint8_t)c);
        }
    }
    if (!more(p) || p->why) {
        return refuse(p, "[ without ]");
    }
    p->at++;
    for (unsigned i = 0; inverted && i < 8; i++) {
        set->bits[i] = ~set->bits[i];
    }
    return which;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static uint32_t either(struct parse *p);

static uint32_t group(struct parse *p)
{
    uint32_t inside = either(p);
    if (!more(p)) {
        return refuse(p, "( without )");
    }
    p->at++;
    return inside;
}

/* One thing that can be repeated; there is a byte. */
static uint32_t atom(struct parse *p)
{
    char c = p->text[p->at++];
    uint32_t which;
    switch (c) {
    case '(':
        return group(p);
    case '[':
        return bracket(p);
    case '.':
        memset(new_set(p, &which), 0xff, sizeof(struct set));
        return which;
    case '^':
        return node(p, NODE_BEGIN, 0, 0);
    case '$':
        return node(p, NODE_END, 0, 0);
    case '*':
    case '+':
    case '?':
    case '{':
        p->at--;
        return refuse(p, "nothing to repeat");
    case '\\':
        if (!more(p)) {
            return refuse(p, "a backslash at the end");
        }
        if (is_alnum(peek(p))) {
            return refuse(p, "no such escape (a digit is [0-9])");
        }
        return literal(p, p->text[p->at++]);
    default:
        return literal(p, c);
    }
}

static unsigned number(struct parse *p)
{
    unsigned value = 0;
    size_t begin = p->at;
    while (more(p) && peek(p) >= '0' && peek(p) <= '9' && value <= REPEAT_MAX) {
        value = value * 10 + (unsigned)(p->text[p->at++] - '0');
    }
    if (p->at == begin || value > REPEAT_MAX) {
        refuse(p, "a repetition is {m}, {m,} or {m,n} with numbers up to 255");
    }
    return value;
}

/* Behind "{": m, m, or m,n and "}". */
static void interval(struct parse *p, struct node *repeat)
{
    repeat->min = repeat->max = (uint16_t)number(p);
    if (more(p) && peek(p) == ',') {
        p->at++;
        repeat->max = more(p) && peek(p) == '}' ? NO_END : (uint16_t)number(p);
    }
    if (!more(p) || peek(p) != '}' || repeat->max < repeat->min) {
        refuse(p, "a repetition is {m}, {m,} or {m,n} with numbers up to 255");
        return;
    }
    p->at++;
    /* No time is nothing. */
    repeat->kind = repeat->max == 0 ? NODE_EMPTY : repeat->kind;
}

static bool repeats(char c)
{
    return c == '*' || c == '+' || c == '?' || c == '{';
}

static uint32_t repeated(struct parse *p)
{
    uint32_t what = atom(p);
    while (!p->why && more(p) && repeats(peek(p))) {
        what = node(p, NODE_REPEAT, what, 0);
        struct node *repeat = &p->nodes[what];
        repeat->max = NO_END;
        switch (p->text[p->at++]) {
        case '{':
            interval(p, repeat);
            break;
        case '+':
            repeat->min = 1;
            break;
        case '?':
            repeat->max = 1;
            break;
        default:
            break;
        }
    }
    return what;
}

static uint32_t sequence(struct parse *p)
{
    uint32_t all = NO_END;
    while (!p->why && more(p) && peek(p) != '|' && peek(p) != ')') {
        uint32_t one = repeated(p);
        all = all == NO_END ? one : node(p, NODE_THEN, all, one);
    }
    return all == NO_END ? node(p, NODE_EMPTY, 0, 0) : all;
}

static uint32_t either(struct parse *p)
{
    uint32_t all = sequence(p);
    while (!p->why && more(p) && peek(p) == '|') {
        p->at++;
        uint32_t one = sequence(p);
        all = node(p, NODE_OR, all, one);
    }
    return all;
}

/* ---- writing out ---- */

/* Room for one instruction, or SW_REGEX_SIZE_MAX: no more. */
static uint16_t emit(struct sw_regex *re, enum op op, unsigned x, unsigned y)
{
    if (re->size >= SW_REGEX_SIZE_MAX) {
        return SW_REGEX_SIZE_MAX;
    }
    re->code[re->size] = (struct instruction){(uint8_t)op, (uint16_t)x, (uint16_t)y};
    return (uint16_t)re->size++;
}

static void write_out(struct sw_regex *re, const struct node *nodes, uint32_t which);

static void write_repeat(struct sw_regex *re, const struct node *nodes, const struct node *repeat)
{
    for (unsigned i = 0; i < repeat->min; i++) {
        write_out(re, nodes, repeat->a);
    }
    if (repeat->max == NO_END) {
        uint16_t loop = emit(re, OP_SPLIT, re->size + 1, 0);
        write_out(re, nodes, repeat->a);
        emit(re, OP_SPLIT, loop, loop);
        re->code[loop].y = (uint16_t)re->size;
        return;
    }
    for (unsigned i = repeat->min; i < repeat->max; i++) {
        uint16_t skip = emit(re, OP_SPLIT, re->size + 1, 0);
        write_out(re, nodes, repeat->a);
        re->code[skip].y = (uint16_t)re->size;
    }
}

/* Writes a node's instructions. Each node writes one at least, so that what is repeated ends at the
 * bound, however empty. */
static void write_out(struct sw_regex *re, const struct node *nodes, uint32_t which)
{
    const struct node *one = &nodes[which];
    if (re->size >= SW_REGEX_SIZE_MAX) {
        return;
    }
    switch ((enum node_kind)one->kind) {
    case NODE_EMPTY:
        emit(re, OP_SPLIT, re->size + 1, re->size + 1);
        break;
    case NODE_SET:
        emit(re, OP_SET, one->a, 0);
        break;
    case NODE_BEGIN:
        emit(re, OP_BEGIN, 0, 0);
        break;
    case NODE_END:
        emit(re, OP_END, 0, 0);
        break;
    case NODE_THEN:
        write_out(re, nodes, one->a);
        write_out(re, nodes, one->b);
        break;
    case NODE_OR: {
        uint16_t split = emit(re, OP_SPLIT, re->size + 1, 0);
        write_out(re, nodes, one->a);
        uint16_t over = emit(re, OP_SPLIT, 0, 0);
        re->code[split].y = (uint16_t)re->size;
        write_out(re, nodes, one->b);
        re->code[over].x = re->code[over].y = (uint16_t)re->size;
        break;
    }
    case NODE_REPEAT:
        write_repeat(re, nodes, one);
        break;
    }
}

/* The program of a tree, with scratch of its size. 0, -E2BIG, -ENOMEM. */
static int compile(struct sw_regex *re, const struct parse *p, uint32_t root)
{
    re->code = malloc((SW_REGEX_SIZE_MAX + 1) * sizeof *re->code);
    if (!re->code) {
        return -ENOMEM;
    }
    write_out(re, p->nodes, root);
    if (re->size >= SW_REGEX_SIZE_MAX) {
        return -E2BIG;
    }
    emit(re, OP_MATCH, 0, 0);
    struct instruction *fitting = realloc(re->code, re->size * sizeof *re->code);
    re->code = fitting ? fitting : re->code;
    re->sets = malloc((p->set_count + 1) * sizeof *re->sets);
    re->now = calloc((size_t)re->size * 4, sizeof *re->now);
    re->listed = calloc(re->size, sizeof *re->listed);
    if (!re->sets || !re->now || !re->listed) {
        return -ENOMEM;
    }
    memcpy(re->sets, p->sets, p->set_count * sizeof *re->sets);
    re->next = re->now + re->size;
    re->todo = re->next + re->size; /* twice the size: a split leaves two */
    return 0;
}

int sw_regex_new(struct sw_regex **out, const char *text, size_t n, const char **why, size_t *at)
{
    if (n > SW_REGEX_LENGTH_MAX) {
        return -E2BIG;
    }
    struct parse p = {.text = text, .n = n};
    struct sw_regex *re = calloc(1, sizeof *re);
    p.nodes = malloc((3 * n + 2) * sizeof *p.nodes);
    p.sets = malloc((n + 1) * sizeof *p.sets);
    int result = re && p.nodes && p.sets ? 0 : -ENOMEM;
    if (result == 0) {
        uint32_t root = either(&p);
        if (!p.why && more(&p)) {
            refuse(&p, ") without (");
        }
        result = p.why ? -EINVAL : compile(re, &p, root);
    }
    if (result == -EINVAL && why) {
        *why = p.why;
    }
    if (result == -EINVAL && at) {
        *at = p.fault;
    }
    free(p.nodes);
    free(p.sets);
    if (result) {
        sw_regex_free(re);
        return result;
    }
    *out = re;
    return 0;
}

void sw_regex_free(struct sw_regex *regex)
{
    if (regex) {
        free(regex->code);
        free(regex->sets);
        free(regex->now);
        free(regex->listed);
        free(regex);
    }
}

/* ---- searching ---- */

/* A search's place in the text. */
struct place {
    size_t at, n;
    uint32_t
        turn; /* counted from 1: a place of the program listed in this turn is not listed again */
};

/* Follows what takes no byte from `from` on, and lists the places that take one. True: the end of
 * the program was reached. */
static bool follow(const struct sw_regex *re, const struct place *place, unsigned from,
                   uint16_t *list, uint32_t *count)
{
    uint32_t left = 0;
    re->todo[left++] = (uint16_t)from;
    while (left) {
        uint16_t pc = re->todo[--left];
        if (re->listed[pc] == place->turn) {
            continue;
        }
        re->listed[pc] = place->turn;
        const struct instruction *in = &re->code[pc];
        switch ((enum op)in->op) {
        case OP_MATCH:
            return true;
        case OP_SET:
            list[(*count)++] = pc;
            break;
        case OP_SPLIT:
            re->todo[left++] = in->x;
            re->todo[left++] = in->y;
            break;
        case OP_BEGIN:
            if (place->at == 0) {
                re->todo[left++] = (uint16_t)(pc + 1);
            }
            break;
        case OP_END:
            if (place->at == place->n) {
                re->todo[left++] = (uint16_t)(pc + 1);
            }
            break;
        }
    }
    return false;
}

bool sw_regex_search(const struct sw_regex *regex, const char *text, size_t n)
{
    uint16_t *now = regex->now, *next = regex->next;
    uint32_t count = 0;
    struct place place = {.at = 0, .n = n, .turn = 0};
    /* No turn's number may stand from a search before. */
    memset(regex->listed, 0, regex->size * sizeof *regex->listed);
    for (;; place.at++) {
        uint32_t next_count = 0;
        place.turn++;
        if (place.at > 0) {
            uint8_t byte = (uint8_t)text[place.at - 1];
            for (uint32_t i = 0; i < count; i++) {
                const struct instruction *in = &regex->code[now[i]];
                if (set_has(&regex->sets[in->x], byte) &&
                    follow(regex, &place, now[i] + 1u, next, &next_count)) {
                    return true;
                }
            }
        }
        /* A match may begin at every byte. */
        if (follow(regex, &place, 0, next, &next_count)) {
            return true;
        }
        if (place.at == n) {
            return false;
        }
        uint16_t *swap = now;
        now = next;
        next = swap;
        count = next_count;
    }
}
