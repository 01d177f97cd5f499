/* The reference of all keys in Markdown, written from the table. */
#include <string.h>

#include "config/config.h"
#include "config/page.h"
#include "config/table.h"
#include "config/value.h"
#include "lan/counter.h"
#include "lan/metric.h"

/* What a key's value is, in a word or two. */
static const char *kind_text(enum sw_kind kind)
{
    switch (kind) {
    case SW_KIND_TEXT:
        return "text";
    case SW_KIND_NAME:
        return "name";
    case SW_KIND_COUNT:
        return "number";
    case SW_KIND_BOOL:
        return "switch";
    case SW_KIND_OFF:
        return "`off`";
    case SW_KIND_TIME:
        return "time";
    case SW_KIND_RATE:
        return "rate";
    case SW_KIND_SIZE:
        return "size";
    case SW_KIND_QUEUE:
        return "packets or size";
    case SW_KIND_SHARE:
        return "share";
    case SW_KIND_MAC:
        return "MAC";
    case SW_KIND_IP:
        return "address without prefix";
    case SW_KIND_ADDRESS:
        return "address";
    case SW_KIND_ADDRESSES:
        return "address, or a list";
    case SW_KIND_NET:
        return "net";
    case SW_KIND_WORD:
        return "word";
    case SW_KIND_WORDS:
        return "list of words";
    case SW_KIND_HOST:
        return "host";
    case SW_KIND_HOST_OR_IP:
        return "host or address";
    case SW_KIND_URL:
        return "URL";
    case SW_KIND_PATH:
        return "directory";
    case SW_KIND_FILE:
        return "file";
    case SW_KIND_SPEED:
        return "speed";
    case SW_KIND_STATIC:
        return "MAC: port";
    case SW_KIND_REWRITE:
        return "old: new";
    case SW_KIND_SERVICES:
        return "list of [services](#services)";
    case SW_KIND_LINKS:
        return "list of [links](#link)";
    case SW_KIND_ENDS:
        return "list of two ends";
    case SW_KIND_EXPECT:
        return "[expectations](#expectations)";
    case SW_KIND_LINK:
        return "link";
    case SW_KIND_OBJECT:
        return "node, port or link";
    case SW_KIND_ENDPOINT:
        return "host:port";
    case SW_KIND_MATCH:
        return "[match](#match)";
    case SW_KIND_STEP:
        return "name of a step";
    case SW_KIND_COUNTER:
        return "[counter](#counters)";
    case SW_KIND_PARTITION:
        return "list of lists of hosts";
    case SW_KIND_NOTHING:
        return "nothing";
    case SW_KIND_NAMES:
        return "name, or a list";
    case SW_KIND_PATHS:
        return "file, or a list";
    case SW_KIND_MATRIX:
        return "variable: list of values";
    case SW_KIND_SECTION:
    case SW_KIND_GROUPS:
    case SW_KIND_NAMED:
    case SW_KIND_LIST:
        break;
    }
    return "mapping";
}

static enum sw_unit unit_of(enum sw_kind kind)
{
    return kind == SW_KIND_TIME    ? SW_UNIT_TIME
           : kind == SW_KIND_SIZE  ? SW_UNIT_BYTES
           : kind == SW_KIND_SHARE ? SW_UNIT_SHARE
                                   : SW_UNIT_COUNT;
}

static void put_kind(struct sw_page *page, const struct sw_key *key)
{
    if (key->kind == SW_KIND_SECTION) {
        sw_page_print(page, "[%s](#%s)", key->of->name, key->of->name);
    } else if (key->kind == SW_KIND_NAMED || key->kind == SW_KIND_GROUPS) {
        sw_page_print(page, "name: [%s](#%s)", key->of->name, key->of->name);
    } else if (key->kind == SW_KIND_LIST) {
        sw_page_print(page, "list of [%s](#%s)", key->of->name, key->of->name);
    } else {
        sw_page_put(page, kind_text(key->kind));
    }
    bool scalar = key->kind == SW_KIND_SHARE || key->kind == SW_KIND_QUEUE;
    if ((key->kind == SW_KIND_LINK || scalar) && key->of) {
        sw_page_print(page, ", or [%s](#%s)", key->of->name, key->of->name);
    }
    if (key->max > 0 && key->kind != SW_KIND_QUEUE) {
        char low[SW_VALUE_WRITTEN], high[SW_VALUE_WRITTEN];
        sw_page_print(page, ", %s to %s%s", sw_value_write(unit_of(key->kind), key->min, low),
                      sw_value_write(unit_of(key->kind), key->max, high),
                      key->flags & SW_KEY_OR_ZERO ? " or 0" : "");
    }
}

static void put_later(struct sw_page *page, const struct sw_section *section)
{
    bool first = true;
    for (size_t i = 0; i < section->count; i++) {
        if (section->keys[i].flags & SW_KEY_LATER) {
            sw_page_print(page, "%s`%s`",
                          first ? "\nNot supported yet, and refused by name: " : ", ",
                          section->keys[i].name);
            first = false;
        }
    }
    sw_page_put(page, first ? "" : ".\n");
}

static void put_section(struct sw_page *page, const struct sw_section *section)
{
    bool any = false;
    sw_page_print(page, "\n### %s\n\n%s.\n", section->name, section->doc);
    for (size_t i = 0; i < section->count; i++) {
        const struct sw_key *key = &section->keys[i];
        if (key->flags & SW_KEY_LATER) {
            continue;
        }
        sw_page_put(page, any ? "" : "\n| key | value | default | |\n| --- | --- | --- | --- |\n");
        any = true;
        const char *preset = sw_key_preset(section, key);
        const char *bold = key->flags & SW_KEY_REQUIRED ? "**" : "";
        sw_page_print(page, "| %s`%s`%s | ", bold, key->name, bold);
        put_kind(page, key);
        sw_page_print(page, " | %s | %s |\n", preset ? preset : "", key->doc);
    }
    put_later(page, section);
}

static void put_services(struct sw_page *page)
{
    const struct sw_service_row *row;
    sw_page_put(page,
                "\n### services\n\n| service | port | settings | |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; (row = sw_service_row(i)) != NULL; i++) {
        if (!row->later) {
            sw_page_print(page, "| `%s` | %u | [%s](#%s) | %s |\n", row->name, row->port,
                          row->of->name, row->of->name, row->doc);
        }
    }
    for (size_t i = 0; (row = sw_service_row(i)) != NULL; i++) {
        if (row->later) {
            sw_page_print(page, "\nNot supported yet, and refused by name: `%s`.\n", row->name);
        }
    }
}

static const char *unit_text(const struct sw_metric_row *row)
{
    switch (row->unit) {
    case SW_UNIT_COUNT:
        return "number";
    case SW_UNIT_TIME:
        return "time";
    case SW_UNIT_RATE:
        return "rate";
    case SW_UNIT_SHARE:
        return row->plain ? "share, or 0 to 1" : "share";
    case SW_UNIT_BYTES:
        return "size";
    case SW_UNIT_TEXT:
        break;
    }
    return "text";
}

static void put_expectations(struct sw_page *page)
{
    size_t count;
    const struct sw_metric_row *rows = sw_metric_rows(&count);
    sw_page_put(page, "\n### expectations\n\nWhat a step's `expect` can ask. What stands under "
                      "\"unsaid\" is held "
                      "even if the file says nothing.\n\n| step | metric | value | unsaid | |\n| "
                      "--- | --- | --- | "
                      "--- | --- |\n");
    for (size_t i = 0; i < count; i++) {
        const struct sw_metric_row *row = &rows[i];
        const char *of = row->tcp && row->udp ? "" : row->tcp ? " (tcp)" : " (udp)";
        sw_page_print(page, "| `%s`%s | `%s` | %s | %s%s%s | %s |\n", sw_step_kind_name(row->step),
                      of, row->name, unit_text(row), row->unsaid ? "`" : "",
                      row->unsaid ? row->unsaid : "", row->unsaid ? "`" : "", row->what);
    }
}

static const char *object_text(enum sw_object_kind kind)
{
    static const char *const words[] = {"host", "switch", "link", "port"};
    return words[kind];
}

/* Each name once, with the kinds of objects that have it. */
static void put_counters(struct sw_page *page)
{
    const struct sw_counter_row *row, *other;
    sw_page_put(page, "\n### counters\n\nWhat the step `counter` can ask.\n\n| counter | of | "
                      "|\n| --- | --- | --- |\n");
    for (size_t i = 0; (row = sw_counter_row(i)) != NULL; i++) {
        bool again = false;
        for (size_t j = 0; j < i && !again; j++) {
            again = strcmp(sw_counter_row(j)->name, row->name) == 0;
        }
        if (again) {
            continue;
        }
        sw_page_print(page, "| `%s` | %s", row->name, object_text(row->of));
        for (size_t j = i + 1; (other = sw_counter_row(j)) != NULL; j++) {
            if (strcmp(other->name, row->name) == 0) {
                sw_page_print(page, ", %s", object_text(other->of));
            }
        }
        sw_page_print(page, " | %s |\n", row->what);
    }
}

static void put_match(struct sw_page *page)
{
    sw_page_put(
        page,
        "\n### match\n\nWhich frames are meant: a short word, or an expression of pcap-filter(7) "
        "as "
        "tcpdump takes it, with the file's hosts for names. Nothing is looked up outside: other "
        "names are refused, and of ports those of the [services](#services) are known.\n\n| word "
        "| |\n| --- | --- |\n"
        "| `syn` | TCP that opens: SYN without ACK |\n| `syn-ack` | its answer |\n"
        "| `fin`, `rst` | TCP with that flag |\n"
        "| `ack` | TCP that only acknowledges: neither data nor SYN, FIN or RST |\n"
        "| `data` | TCP with data |\n"
        "| `retransmit` | TCP whose data, SYN or FIN passed here before |\n"
        "| `arp`, `icmp`, `tcp`, `udp`, `bpdu` | frames of that protocol |\n");
}

char *sw_config_reference(void)
{
    struct sw_page page = {0};
    const struct sw_section *section;
    sw_page_put(&page, "Keys in bold must be said.\n");
    for (size_t i = 0; (section = sw_section_at(i)) != NULL; i++) {
        put_section(&page, section);
        if (section == &sw_section_http) {
            put_services(&page);
        }
    }
    put_expectations(&page);
    put_match(&page);
    put_counters(&page);
    return sw_page_take(&page);
}
