/* Which frames are meant: a short word, or a pcap-filter expression, compiled here by libpcap.
 *
 * libpcap asks the system's resolver and files for every name that it does not know, and what a LAN
 * file means must not hang on those. So all words of an expression are looked at first: the file's
 * hosts become their addresses (behind `ether` their MAC addresses), the names of services ports,
 * those of protocols numbers; any other word that is no keyword and no number is refused. What
 * libpcap gets holds no name. */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/filter_words.h"
#include "config/suggest.h"
#include "lan/bpf.h"
#include "lan/match.h"
#include "lan/network.h"

#define FILTER_BYTES_MAX 2000
#define FRAME_BYTES 262144

/* A word or a sign of the expression, and what libpcap gets for it. */
struct token {
    size_t at, len;
    const char *text; /* in the arena */
};

struct filter {
    struct sw_build *b;
    const struct sw_yaml *node;
    struct token tokens[FILTER_BYTES_MAX];
    size_t count;
    unsigned brackets;
    bool ether;     /* the last qualifiers begin with `ether`: addresses are MAC addresses */
    bool addressed; /* the last ones are of an address, so that `or` needs none again */
    bool bad;
};

static struct sw_where place(const struct filter *f, size_t at)
{
    return sw_report_within(f->b->report, f->node->where, f->node->text, at);
}

static const char *last(const struct filter *f)
{
    return f->count > 0 ? f->tokens[f->count - 1].text : "";
}

static void put(struct filter *f, size_t at, size_t len, const char *text)
{
    f->bad = f->bad || !text;
    f->tokens[f->count++] = (struct token){at, len, text ? text : ""};
}

/* ---- hosts ---- */

/* Appends to a text of the arena; NULL: out of memory. */
static const char *append(struct filter *f, const char *text, const char *more)
{
    size_t n = strlen(text) + strlen(more) + 1;
    char *longer = sw_arena_alloc(f->b->arena, n);
    if (longer) {
        snprintf(longer, n, "%s%s", text, more);
    }
    return longer;
}

/* Must several addresses stand in parentheses here? Behind an `or` they need none, and in other
 * parentheses libpcap takes none. */
static bool wants_parentheses(const struct filter *f)
{
    const char *before = last(f);
    return f->count > 0 && strcmp(before, "(") != 0 && strcmp(before, "or") != 0 &&
           strcmp(before, "||") != 0;
}

/* All addresses of a host, "( 10.0.0.1 or 10.0.1.1 )"; NULL: it has none, or no memory. */
static const char *addresses_of(struct filter *f, const struct sw_topo_host *host)
{
    const char *text = "";
    size_t count = 0;
    for (size_t i = 0; i < host->nic_count; i++) {
        const struct sw_topo_nic *nic = &host->nics[i];
        size_t n = f->ether ? 1 : nic->address_count;
        for (size_t j = 0; j < n && text; j++) {
            char address[SW_IP_TEXT + SW_MAC_TEXT];
            if (f->ether) {
                sw_mac_emit(nic->mac_given
                                ? nic->mac
                                : sw_mac_from_names(f->b->topo->name, host->name, nic->name),
                            address);
            } else {
                sw_ip_emit(nic->addresses[j].prefix.ip, address);
            }
            text = count++ ? append(f, text, " or ") : text;
            text = text ? append(f, text, address) : NULL;
        }
    }
    if (count > 1 && text && wants_parentheses(f)) {
        text = append(f, "( ", text);
        text = text ? append(f, text, " )") : NULL;
    }
    return count > 0 ? text : NULL;
}

static void put_host(struct filter *f, size_t at, size_t len, size_t index)
{
    const struct sw_topo_host *host = &f->b->topo->hosts[index];
    const char *text = addresses_of(f, host);
    if (!text && !f->b->arena->no_memory) {
        SW_ERROR(f->b->report, place(f, at), "'match': the host '%s' has no address", host->name);
    }
    /* `web` alone is short for `host web`; libpcap knows that only after another one. */
    if (text && !sw_filter_is_qualifier(last(f)) && !f->addressed) {
        text = append(f, "host ", text);
        f->ether = false;
    }
    f->addressed = true;
    put(f, at, len, text);
}

/* ---- words ---- */

static void refuse(struct filter *f, size_t at, const char *word)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[SW_QUOTED_BYTES];
    const char *keyword;
    struct sw_node node;
    f->bad = true;
    sw_quote(word, quoted);
    if (sw_build_find(f->b, word, &node)) {
        SW_ERROR(f->b->report, place(f, at), "'match': '%s' is no host, and has no address",
                 quoted);
        return;
    }
    sw_suggest_begin(&near, word);
    for (size_t i = 0; (keyword = sw_filter_keyword(i)) != NULL; i++) {
        sw_suggest_offer(&near, keyword);
    }
    for (int kind = SW_MATCH_SYN; kind < SW_MATCH_FILTER && f->count == 0; kind++) {
        sw_suggest_offer(&near, sw_match_word((enum sw_match_kind)kind));
    }
    size_t most = sw_build_hints(f->b);
    for (size_t i = 0; i < f->b->topo->host_count && i < most; i++) {
        sw_suggest_offer(&near, f->b->topo->hosts[i].name);
    }
    SW_ERROR(f->b->report, place(f, at), "'match': unknown word '%s'%s", quoted,
             near.best ? sw_suggest_text(&near, hint, sizeof hint)
                       : ", expected a word of pcap-filter or a host's name");
}

static void put_port(struct filter *f, size_t at, size_t len, const char *word)
{
    const struct sw_service_row *row;
    char number[16], quoted[SW_QUOTED_BYTES];
    if (sw_filter_is_ports(word)) {
        put(f, at, len, word);
        return;
    }
    for (size_t i = 0; (row = sw_service_row(i)) != NULL; i++) {
        if (strcmp(row->name, word) == 0) {
            snprintf(number, sizeof number, "%u", row->port);
            put(f, at, len, sw_arena_copy(f->b->arena, number, strlen(number)));
            return;
        }
    }
    f->bad = true;
    SW_ERROR(f->b->report, place(f, at),
             "'match': expected a port's number or a service like http, found '%s'",
             sw_quote(word, quoted));
}

static void put_protocol(struct filter *f, size_t at, size_t len, const char *word)
{
    char number[16], quoted[SW_QUOTED_BYTES];
    long found = sw_filter_protocol(word, f->ether);
    if (sw_filter_is_number(word)) {
        put(f, at, len, word);
    } else if (found >= 0) {
        snprintf(number, sizeof number, "%ld", found);
        put(f, at, len, sw_arena_copy(f->b->arena, number, strlen(number)));
    } else {
        f->bad = true;
        SW_ERROR(f->b->report, place(f, at),
                 "'match': expected a protocol's number or a name like %s, found '%s'",
                 f->ether ? "arp" : "tcp", sw_quote(word, quoted));
    }
}

static const char *const connectives[] = {"and", "or", "not", NULL};

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(*words, word) != 0) {
        words++;
    }
    return *words != NULL;
}

/* A word; escaped: it stands behind a backslash and is no keyword. */
static void put_word(struct filter *f, size_t at, size_t len, const char *word, bool escaped)
{
    struct sw_node node;
    const char *before = last(f);
    if (strcmp(before, "port") == 0 || strcmp(before, "portrange") == 0) {
        put_port(f, at, len, word);
    } else if (strcmp(before, "proto") == 0 || strcmp(before, "protochain") == 0) {
        put_protocol(f, at, len, word);
    } else if (!escaped && sw_filter_is_keyword(word)) {
        if (sw_filter_is_qualifier(word)) {
            bool first = !sw_filter_is_qualifier(before);
            f->ether = first ? strcmp(word, "ether") == 0 : f->ether;
            f->addressed =
                strcmp(word, "host") == 0 || strcmp(word, "src") == 0 || strcmp(word, "dst") == 0;
        } else if (!is_one_of(word, connectives)) {
            f->addressed = false;
        }
        put(f, at, len, word);
    } else if (!escaped && (sw_filter_is_number(word) || sw_filter_is_address(word))) {
        put(f, at, len, word);
    } else if (sw_build_find(f->b, word, &node) && node.kind == SW_NODE_HOST) {
        put_host(f, at, len, node.index);
    } else {
        refuse(f, at, word);
    }
}

static void read_words(struct filter *f)
{
    const char *text = f->node->text;
    for (size_t i = 0; text[i] != '\0' && !f->b->arena->no_memory;) {
        bool escaped = text[i] == '\\';
        size_t from = i + escaped, n = sw_filter_word(text + from, f->brackets > 0);
        if (strchr(" \t\r\n", text[i])) {
            i++;
        } else if (n > 0) {
            const char *word = sw_arena_copy(f->b->arena, text + from, n);
            if (word) {
                put_word(f, from, n, word, escaped);
            }
            i = from + n;
        } else {
            n = sw_filter_sign(text + i);
            f->brackets += text[i] == '[';
            f->brackets -= text[i] == ']' && f->brackets > 0;
            f->addressed = f->addressed && strchr("()!&|", text[i]);
            put(f, i, n, sw_arena_copy(f->b->arena, text + i, n));
            i += n;
        }
    }
}

/* ---- compiling ---- */

/* The first `count` tokens and what is put behind them. */
static void join(const struct filter *f, size_t count, const char *behind, char *text, size_t cap)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && used < cap; i++) {
        used += (size_t)snprintf(text + used, cap - used, "%s ", f->tokens[i].text);
    }
    if (used < cap) {
        snprintf(text + used, cap - used, "%s", behind);
    }
}

static bool compiles(pcap_t *pcap, const char *text)
{
    struct bpf_program program;
    bool fine = pcap_compile(pcap, &program, text, 0, PCAP_NETMASK_UNKNOWN) == 0;
    if (fine) {
        pcap_freecode(&program);
    }
    return fine;
}

/* Could an expression begin with the first `count` tokens? libpcap does not say where it stopped;
 * so ends are tried that fit behind whatever may stand there. */
static bool can_begin(const struct filter *f, pcap_t *pcap, size_t count, char *text, size_t cap)
{
    static const char *const ends[] = {
        "",
        "ip",
        "10.0.0.1",
        "02:00:00:00:00:01",
        "1",
        "1-2",
        "255.0.0.0",
        "= 0",
        "0 = 0",
        "0 ] = 0",
        "] = 0",
        "1 ] = 0",
        "host 10.0.0.1",
        "host 02:00:00:00:00:01",
        "10.0.0.0 / 8",
    };
    unsigned open = 0;
    char end[FILTER_BYTES_MAX + 64];
    for (size_t i = 0; i < count; i++) {
        open += f->tokens[i].text[0] == '(' && f->tokens[i].text[1] == '\0';
        open -= f->tokens[i].text[0] == ')' && open > 0;
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t n = (size_t)snprintf(end, sizeof end, "%s", ends[i]);
        memset(end + n, ')', open);
        end[n + open] = '\0';
        join(f, count, end, text, cap);
        if (compiles(pcap, text)) {
            return true;
        }
    }
    return false;
}

/* Says where the expression goes wrong; text is spare room. */
static void say_wrong(const struct filter *f, pcap_t *pcap, const char *why, char *text, size_t cap)
{
    static const char syntax[] = "syntax error";
    char quoted[SW_QUOTED_BYTES], words[256];
    size_t at = 0, behind = f->count;
    snprintf(words, sizeof words, "%s", why);
    while (at < behind) { /* where one cannot begin, no longer one can */
        size_t mid = at + (behind - at) / 2;
        if (can_begin(f, pcap, mid + 1, text, cap)) {
            at = mid + 1;
        } else {
            behind = mid;
        }
    }
    const char *said = strstr(words, syntax) ? NULL : words;
    if (at == f->count) {
        SW_ERROR(f->b->report, place(f, strlen(f->node->text)), "'match': %s",
                 said ? said : "the filter ends too early");
        return;
    }
    char *token = sw_arena_copy(f->b->arena, f->node->text + f->tokens[at].at, f->tokens[at].len);
    SW_ERROR(f->b->report, place(f, f->tokens[at].at),
             said ? "'match': at '%s': %s" : "'match': a filter cannot have '%s' here%s",
             sw_quote(token ? token : "", quoted), said ? said : "");
}

static void take(struct sw_build *b, const struct bpf_program *from, struct sw_topo_match *out)
{
    out->program = calloc(from->bf_len + 1, sizeof *out->program);
    if (!out->program) {
        b->no_memory = true;
        return;
    }
    for (size_t i = 0; i < from->bf_len; i++) {
        const struct bpf_insn *insn = &from->bf_insns[i];
        out->program[i] = (struct sw_bpf){insn->code, insn->jt, insn->jf, insn->k};
    }
    out->program_count = from->bf_len;
}

static void compile(struct filter *f, struct sw_topo_match *out)
{
    struct sw_build *b = f->b;
    size_t cap = 64;
    for (size_t i = 0; i < f->count; i++) {
        cap += strlen(f->tokens[i].text) + 2;
    }
    cap += FILTER_BYTES_MAX;
    char *text = malloc(cap);
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, FRAME_BYTES);
    struct bpf_program program;
    if (!text || !pcap) {
        b->no_memory = true;
    } else {
        join(f, f->count, "", text, cap);
        if (pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
            say_wrong(f, pcap, pcap_geterr(pcap), text, cap);
        } else {
            take(b, &program, out);
            pcap_freecode(&program);
            if (out->program && !sw_bpf_valid(out->program, out->program_count)) {
                SW_ERROR(b->report, f->node->where, "'match': the filter is too long");
            }
        }
    }
    if (pcap) {
        pcap_close(pcap);
    }
    free(text);
}

/* ---- the match ---- */

void sw_build_match(struct sw_build *b, const struct sw_setting *set, struct sw_topo_match *out)
{
    *out = (struct sw_topo_match){.kind = SW_MATCH_ALL};
    if (!set->ok) {
        return;
    }
    out->written = sw_build_copy(b, set->node->text);
    for (int kind = SW_MATCH_SYN; kind < SW_MATCH_FILTER; kind++) {
        if (strcmp(sw_match_word((enum sw_match_kind)kind), set->node->text) == 0) {
            out->kind = (enum sw_match_kind)kind;
            return;
        }
    }
    out->kind = SW_MATCH_FILTER;
    if (strlen(set->node->text) > FILTER_BYTES_MAX) {
        SW_ERROR(b->report, set->node->where, "'match': a filter has at most %d bytes",
                 FILTER_BYTES_MAX);
        return;
    }
    struct filter *f = calloc(1, sizeof *f);
    if (!f) {
        b->no_memory = true;
        return;
    }
    f->b = b;
    f->node = set->node;
    read_words(f);
    if (!f->bad && f->count > 0) {
        compile(f, out);
    } else if (!f->bad && !b->arena->no_memory) {
        SW_ERROR(b->report, set->node->where, "'match': expected a word or a filter");
    }
    free(f);
}
