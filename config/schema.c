/* The JSON Schema (draft-07, which editors know best) of a LAN file, written from the table.
 *
 * Wherever a value stands, a text with a variable, ${...}, may stand too; a section may be left
 * empty; a schema cannot say more than the form: what nodes there are, the parser alone knows. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/page.h"
#include "config/table.h"
#include "lan/counter.h"
#include "lan/metric.h"

#define NUMBER "[0-9]+([.][0-9]+)?"
#define OCTET "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define IP OCTET "([.]" OCTET "){3}"
#define BITS "/(3[0-2]|[12]?[0-9])"
#define MAC "[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}"
#define NAME "[A-Za-z0-9_.][A-Za-z0-9_.-]{0,62}"
#define VARIABLE "\\\\$\\\\{" /* of a JSON text */

/* A JSON text, its special characters escaped. */
static void put_text(struct sw_page *page, const char *text)
{
    char one[2] = "";
    sw_page_put(page, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            sw_page_put(page, "\\");
        }
        one[0] = *text;
        sw_page_put(page, one);
    }
    sw_page_put(page, "\"");
}

/* A text of this form, or one with a variable; `also` is a type beside it, or NULL. */
static void put_pattern(struct sw_page *page, const char *form, const char *also)
{
    sw_page_print(page, "\"type\": [\"string\"%s%s%s], \"pattern\": \"^(%s)$|" VARIABLE "\"",
                  also ? ", \"" : "", also ? also : "", also ? "\"" : "", form);
}

static void put_words(struct sw_page *page, const char *const *words)
{
    char form[256] = "";
    for (size_t i = 0; words[i]; i++) {
        strncat(form, i ? "|" : "", sizeof form - strlen(form) - 1);
        strncat(form, words[i], sizeof form - strlen(form) - 1);
    }
    put_pattern(page, form, NULL);
}

static void put_ref(struct sw_page *page, const char *name)
{
    sw_page_print(page, "\"$ref\": \"#/definitions/%s\"", name);
}

static void put_section_ref(struct sw_page *page, const struct sw_section *of, bool defaults)
{
    sw_page_print(page, "\"$ref\": \"#/definitions/%s%s\"", of->name, defaults ? "-defaults" : "");
}

static void put_scalar(struct sw_page *page, const struct sw_key *key)
{
    switch (key->kind) {
    case SW_KIND_COUNT:
        put_pattern(page, "0|[1-9][0-9]*", "integer");
        if (key->max > 0) {
            sw_page_print(page, ", \"minimum\": %" PRId64 ", \"maximum\": %" PRId64,
                          key->flags & SW_KEY_OR_ZERO ? 0 : key->min, key->max);
        }
        break;
    case SW_KIND_BOOL:
        put_pattern(page, "true|false|on|off|yes|no", "boolean");
        break;
    case SW_KIND_OFF:
        sw_page_put(page, "\"enum\": [false, \"off\", \"no\", \"false\"]");
        break;
    case SW_KIND_WORD:
        put_words(page, key->words);
        break;
    case SW_KIND_TEXT:
    case SW_KIND_HOST:
    case SW_KIND_HOST_OR_IP:
    case SW_KIND_PATH:
    case SW_KIND_FILE:
    case SW_KIND_MATCH:
    case SW_KIND_STEP:
        sw_page_put(page, "\"type\": [\"string\", \"number\", \"boolean\"]");
        break;
    default:
        put_ref(page, key->kind == SW_KIND_NAME       ? "name"
                      : key->kind == SW_KIND_TIME     ? "time"
                      : key->kind == SW_KIND_RATE     ? "rate"
                      : key->kind == SW_KIND_SPEED    ? "speed"
                      : key->kind == SW_KIND_SIZE     ? "size"
                      : key->kind == SW_KIND_QUEUE    ? "queue"
                      : key->kind == SW_KIND_SHARE    ? "share"
                      : key->kind == SW_KIND_MAC      ? "mac"
                      : key->kind == SW_KIND_IP       ? "ip"
                      : key->kind == SW_KIND_ADDRESS  ? "address"
                      : key->kind == SW_KIND_NET      ? "net"
                      : key->kind == SW_KIND_OBJECT   ? "object"
                      : key->kind == SW_KIND_ENDPOINT ? "endpoint"
                      : key->kind == SW_KIND_COUNTER  ? "a-counter"
                                                      : "url");
    }
}

/* Kinds whose form hangs on nothing else. */
static const char *fixed_form(enum sw_kind kind)
{
    switch (kind) {
    case SW_KIND_ADDRESSES:
        return "\"anyOf\": [{\"$ref\": \"#/definitions/address\"}, {\"type\": \"array\", "
               "\"items\": {\"$ref\": \"#/definitions/address\"}}]";
    case SW_KIND_STATIC:
        return "\"type\": [\"object\", \"null\"], \"propertyNames\": {\"pattern\": \"^" MAC
               "$\"}, \"additionalProperties\": {\"type\": \"string\"}";
    case SW_KIND_SERVICES:
        return "\"type\": [\"array\", \"null\"], \"items\": {\"$ref\": "
               "\"#/definitions/one-service\"}";
    case SW_KIND_LINKS:
        return "\"type\": [\"array\", \"null\"], \"items\": {\"anyOf\": [{\"$ref\": "
               "\"#/definitions/ends\"}, {\"$ref\": \"#/definitions/link\"}]}";
    case SW_KIND_ENDS:
        return "\"$ref\": \"#/definitions/ends\"";
    case SW_KIND_EXPECT:
        return "\"$ref\": \"#/definitions/expect\"";
    case SW_KIND_PARTITION:
        return "\"type\": \"array\", \"minItems\": 2, \"items\": {\"type\": \"array\", "
               "\"items\": {\"type\": [\"string\", \"number\"]}}";
    case SW_KIND_NAMES:
        return "\"type\": [\"string\", \"number\", \"array\"], \"items\": {\"type\": "
               "[\"string\", \"number\"]}";
    case SW_KIND_PATHS:
        return "\"type\": [\"string\", \"array\"], \"items\": {\"type\": \"string\"}";
    case SW_KIND_PLACES:
        return "\"type\": [\"string\", \"array\"], \"pattern\": \"^/\", \"items\": {\"type\": "
               "\"string\", \"pattern\": \"^/\"}";
    case SW_KIND_MATRIX:
        return "\"type\": \"object\", \"propertyNames\": {\"pattern\": "
               "\"^[A-Za-z_][A-Za-z0-9_]*$\"}, \"additionalProperties\": {\"type\": "
               "\"array\", \"minItems\": 1}";
    case SW_KIND_COMMAND:
        return "\"type\": [\"string\", \"number\", \"array\"], \"minItems\": 1, \"items\": "
               "{\"type\": "
               "[\"string\", \"number\", \"boolean\"]}";
    case SW_KIND_ENV:
        return "\"type\": [\"object\", \"null\"], \"propertyNames\": {\"pattern\": "
               "\"^[A-Za-z_][A-Za-z0-9_]*$\"}, \"additionalProperties\": {\"type\": "
               "[\"string\", \"number\", \"boolean\"]}";
    case SW_KIND_NOTHING:
        return "\"enum\": [null, true, {}]";
    default:
        return NULL;
    }
}

/* A value, or a mapping in its place: two forms where there is a section. */
static void put_forms_of(struct sw_page *page, const struct sw_key *key)
{
    sw_page_put(page, key->of ? "\"anyOf\": [{" : "");
    if (key->kind == SW_KIND_LINK) {
        put_ref(page, "a-link");
    } else {
        put_scalar(page, key);
    }
    if (key->of) {
        sw_page_put(page, "}, {");
        put_section_ref(page, key->of, false);
        sw_page_put(page, "}]");
    }
}

static void put_value(struct sw_page *page, const struct sw_key *key, bool defaults)
{
    const char *fixed = fixed_form(key->kind);
    if (fixed) {
        sw_page_put(page, fixed);
        return;
    }
    switch (key->kind) {
    case SW_KIND_SECTION:
        put_section_ref(page, key->of, defaults);
        break;
    case SW_KIND_GROUPS:
    case SW_KIND_NAMED:
        sw_page_put(page,
                    "\"type\": [\"object\", \"null\"], \"propertyNames\": {\"pattern\": \"^" NAME
                    "$\"}, \"additionalProperties\": {");
        put_section_ref(page, key->of, key->kind == SW_KIND_GROUPS);
        sw_page_put(page, "}");
        break;
    case SW_KIND_LIST: {
        bool word = key->of == &sw_section_item; /* one action is a word alone */
        sw_page_put(page, "\"type\": [\"array\", \"null\"], \"items\": {");
        sw_page_put(page, word ? "\"anyOf\": [{\"enum\": [\"heal\"]}, {" : "");
        put_section_ref(page, key->of, false);
        sw_page_put(page, word ? "}]}" : "}");
        break;
    }
    case SW_KIND_WORDS:
        sw_page_put(page, "\"type\": \"array\", \"items\": {");
        put_words(page, key->words);
        sw_page_put(page, "}");
        break;
    case SW_KIND_REWRITE:
        sw_page_put(page,
                    "\"type\": [\"object\", \"null\"], \"propertyNames\": {\"pattern\": \"^(" MAC
                    "|" IP "(" BITS ")?)$\"}, \"additionalProperties\": {");
        put_pattern(page, MAC "|" IP "(" BITS ")?", NULL);
        sw_page_put(page, "}");
        break;
    default:
        put_forms_of(page, key);
    }
}

/* "a; default: b." */
static void put_description(struct sw_page *page, const struct sw_section *section,
                            const struct sw_key *key)
{
    struct sw_page text = {0};
    const char *preset = sw_key_preset(section, key);
    sw_page_put(&text, key->doc);
    if (preset) {
        sw_page_print(&text, "; default: %s", preset);
    }
    char *taken = sw_page_take(&text);
    sw_page_put(page, "\"description\": ");
    put_text(page, taken ? taken : "");
    page->no_memory = page->no_memory || !taken;
    free(taken);
}

static void put_section(struct sw_page *page, const struct sw_section *section, bool defaults)
{
    bool first = true, none = true;
    sw_page_put(
        page, "{\n      \"type\": [\"object\", \"null\"],\n      \"additionalProperties\": false,\n"
              "      \"properties\": {");
    for (size_t i = 0; i < section->count; i++) {
        const struct sw_key *key = &section->keys[i];
        if (key->flags & SW_KEY_LATER || (defaults && key->flags & SW_KEY_OWN)) {
            continue;
        }
        sw_page_print(page, "%s\n        \"%s\": {", first ? "" : ",", key->name);
        bool plain_ref = key->kind == SW_KIND_SECTION;
        /* Draft-07 ignores what stands beside a $ref, so the description comes round it. */
        put_description(page, section, key);
        sw_page_put(page, ", \"allOf\": [{");
        put_value(page, key, plain_ref && section == &sw_section_defaults);
        sw_page_put(page, "}]}");
        first = false;
    }
    sw_page_put(page, "\n      }");
    for (size_t i = 0; i < section->count && !defaults; i++) {
        if (section->keys[i].flags & SW_KEY_REQUIRED) {
            sw_page_print(page, "%s\"%s\"", none ? ",\n      \"required\": [" : ", ",
                          section->keys[i].name);
            none = false;
        }
    }
    sw_page_put(page, none ? "" : "]");
    if (section == &sw_section_top) {
        sw_page_put(page, ",\n      \"patternProperties\": {\"^x-\": {}}");
    }
    sw_page_put(page, "\n    }");
}

static void put_services(struct sw_page *page)
{
    const struct sw_service_row *row;
    sw_page_put(page,
                ",\n    \"one-service\": {\"anyOf\": [\n      {\"type\": \"string\", \"enum\": [");
    for (size_t i = 0, n = 0; (row = sw_service_row(i)) != NULL; i++) {
        if (!row->later) {
            sw_page_print(page, "%s\"%s\"", n++ ? ", " : "", row->name);
        }
    }
    sw_page_put(page,
                "]},\n      {\"type\": \"object\", \"minProperties\": 1, \"maxProperties\": 1, "
                "\"additionalProperties\": false, \"properties\": {");
    for (size_t i = 0, n = 0; (row = sw_service_row(i)) != NULL; i++) {
        if (row->later) {
            continue;
        }
        sw_page_print(page, "%s\n        \"%s\": {\"description\": ", n++ ? "," : "", row->name);
        put_text(page, row->doc);
        sw_page_print(page,
                      ", \"anyOf\": [{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535}, "
                      "{\"type\": \"string\", \"pattern\": \"" VARIABLE
                      "\"}, {\"$ref\": \"#/definitions/%s\"}]}",
                      row->of->name);
    }
    sw_page_put(page, "\n      }}\n    ]}");
}

static void put_expect(struct sw_page *page)
{
    size_t count;
    const struct sw_metric_row *rows = sw_metric_rows(&count);
    bool first = true;
    sw_page_put(
        page,
        ",\n    \"expect\": {\"type\": [\"object\", \"null\"], \"additionalProperties\": false, "
        "\"properties\": {");
    for (size_t i = 0; i < count; i++) {
        bool again = false;
        for (size_t j = 0; j < i; j++) {
            again = again || strcmp(rows[j].name, rows[i].name) == 0;
        }
        if (again) {
            continue;
        }
        sw_page_print(page,
                      "%s\n      \"%s\": {\"type\": [\"string\", \"number\"], \"description\": ",
                      first ? "" : ",", rows[i].name);
        put_text(page, rows[i].what);
        sw_page_put(page, "}");
        first = false;
    }
    sw_page_put(page, "\n    }}");
}

static void put_counter(struct sw_page *page)
{
    const struct sw_counter_row *row;
    bool first = true;
    sw_page_put(page,
                ",\n    \"a-counter\": {\"anyOf\": [{\"type\": \"string\", \"pattern\": \"" VARIABLE
                "\"}, {\"enum\": [");
    for (size_t i = 0; (row = sw_counter_row(i)) != NULL; i++) {
        bool again = false;
        for (size_t j = 0; j < i && !again; j++) {
            again = strcmp(sw_counter_row(j)->name, row->name) == 0;
        }
        if (!again) {
            sw_page_print(page, "%s\"%s\"", first ? "" : ", ", row->name);
            first = false;
        }
    }
    sw_page_put(page, "]}]}");
}

/* The kinds of values, each by its form. */
static void put_forms(struct sw_page *page)
{
    static const struct {
        const char *name, *form, *also;
    } forms[] = {
        {"name", NAME, NULL},
        {"time", "0|" NUMBER " *(ns|us|ms|s|min|h)", "integer"},
        {"rate", NUMBER " *[kMGT]?bit(/s)?|unlimited", NULL},
        {"speed", NUMBER " *x|kept|fast", NULL},
        {"size", "0|" NUMBER " *([kMG]B|[KMG]iB|B)", "integer"},
        {"queue", NUMBER " *([kMG]B|[KMG]iB|B|packets?)", NULL},
        {"share", "0|" NUMBER " *%", "integer"},
        {"mac", MAC, NULL},
        {"ip", IP, NULL},
        {"address", IP BITS, NULL},
        {"net", IP BITS "|default", NULL},
        {"url", "http://[^/?#]+.*", NULL},
        {"endpoint", "[^:]+:[0-9]+", NULL},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        sw_page_print(page, "%s\n    \"%s\": {", i ? "," : "", forms[i].name);
        put_pattern(page, forms[i].form, forms[i].also);
        /* A bare number is 0 or nothing. */
        sw_page_put(page, forms[i].also ? ", \"minimum\": 0, \"maximum\": 0}" : "}");
    }
    sw_page_put(
        page,
        ",\n    \"ends\": {\"type\": \"array\", \"items\": {\"type\": [\"string\", \"number\"]}, "
        "\"minItems\": 2, \"maxItems\": 2}");
    /* A link by its name or its ends; a node or a port is written as a name is. */
    static const char *const links[] = {"a-link", "object"};
    for (size_t i = 0; i < 2; i++) {
        sw_page_print(page,
                      ",\n    \"%s\": {\"anyOf\": [{\"type\": [\"string\", \"number\"]}, "
                      "{\"$ref\": \"#/definitions/ends\"}]}",
                      links[i]);
    }
}

char *sw_config_schema(void)
{
    struct sw_page page = {0};
    const struct sw_section *section;
    sw_page_put(&page, "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
                       "  \"title\": \"A LAN file of switchd\",\n"
                       "  \"allOf\": [{\"$ref\": \"#/definitions/file\"}],\n  \"definitions\": {");
    put_forms(&page);
    for (size_t i = 0; (section = sw_section_at(i)) != NULL; i++) {
        sw_page_print(&page, ",\n    \"%s\": ", section->name);
        put_section(&page, section, false);
    }
    for (size_t i = 0; i < sw_section_defaults.count; i++) {
        const struct sw_section *of = sw_section_defaults.keys[i].of;
        sw_page_print(&page, ",\n    \"%s-defaults\": ", of->name);
        put_section(&page, of, true);
    }
    put_services(&page);
    put_expect(&page);
    put_counter(&page);
    sw_page_put(&page, "\n  }\n}\n");
    return sw_page_take(&page);
}
