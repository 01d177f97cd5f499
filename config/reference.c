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
    static const char *const texts[] = {
        [SW_KIND_TEXT] = "text",
        [SW_KIND_NAME] = "name",
        [SW_KIND_COUNT] = "number",
        [SW_KIND_BOOL] = "switch",
        [SW_KIND_OFF] = "`off`",
        [SW_KIND_TIME] = "time",
        [SW_KIND_RATE] = "rate",
        [SW_KIND_SIZE] = "size",
        [SW_KIND_QUEUE] = "packets or size",
        [SW_KIND_SHARE] = "share",
        [SW_KIND_MAC] = "MAC",
        [SW_KIND_IP] = "address without prefix",
        [SW_KIND_ADDRESS] = "address",
        [SW_KIND_ADDRESSES] = "address, or a list",
        [SW_KIND_NET] = "net",
        [SW_KIND_WORD] = "word",
        [SW_KIND_WORDS] = "list of words",
        [SW_KIND_HOST] = "host",
        [SW_KIND_HOST_OR_IP] = "host or address",
        [SW_KIND_URL] = "URL",
        [SW_KIND_PATH] = "directory",
        [SW_KIND_FILE] = "file",
        [SW_KIND_SPEED] = "speed",
        [SW_KIND_STATIC] = "MAC: port",
        [SW_KIND_REWRITE] = "old: new",
        [SW_KIND_SERVICES] = "list of [services](#services)",
        [SW_KIND_LINKS] = "list of [links](#link)",
        [SW_KIND_ENDS] = "list of two ends",
        [SW_KIND_EXPECT] = "[expectations](#expectations)",
        [SW_KIND_LINK] = "link",
        [SW_KIND_OBJECT] = "node, port or link",
        [SW_KIND_ENDPOINT] = "host:port",
        [SW_KIND_MATCH] = "[match](#match)",
        [SW_KIND_STEP] = "name of a step",
        [SW_KIND_COUNTER] = "[counter](#counters)",
        [SW_KIND_PARTITION] = "list of lists of hosts",
        [SW_KIND_NOTHING] = "nothing",
        [SW_KIND_NAMES] = "name, or a list",
        [SW_KIND_PATHS] = "file, or a list",
        [SW_KIND_MATRIX] = "variable: list of values",
        [SW_KIND_COMMAND] = "list of texts, or a text",
        [SW_KIND_ENV] = "variable: text",
        [SW_KIND_PLACES] = "directory, or a list",
    };
    return kind < sizeof texts / sizeof texts[0] && texts[kind] ? texts[kind] : "mapping";
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
