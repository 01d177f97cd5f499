/* Values of the LAN file. All arithmetic is in whole numbers, so that a value means the same on
 * every machine. */
#include "config/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/suggest.h"

#define YEARS_100 ((uint64_t)100 * 366 * 86400 * 1000000000)

struct unit {
    const char *name;
    uint64_t factor; /* how many of the base it is */
};

/* A kind of value that is a number and a unit. */
struct measure {
    const char *what, *example, *finest, *list;
    const struct unit *units; /* the first is the base; the last has no name */
    uint64_t most;
};

static const struct unit time_units[] = {
    {"ns", 1},         {"us", 1000},         {"ms", 1000000},
    {"s", 1000000000}, {"min", 60000000000}, {"h", 3600000000000},
    {NULL, 0},
};
static const struct unit rate_units[] = {
    {"bit", 1},           {"kbit", 1000},          {"Mbit", 1000000},
    {"Gbit", 1000000000}, {"Tbit", 1000000000000}, {NULL, 0},
};
static const struct unit size_units[] = {
    {"B", 1},         {"kB", 1000},       {"KiB", 1024},       {"MB", 1000000},
    {"MiB", 1048576}, {"GB", 1000000000}, {"GiB", 1073741824}, {NULL, 0},
};
static const struct unit share_units[] = {{"%", 10000000}, {NULL, 0}};
static const struct unit speed_units[] = {{"x", 1000}, {NULL, 0}};

static const struct measure times = {"a time",   "10 ms",  "1 ns", "ns, us, ms, s, min, h",
                                     time_units, YEARS_100};
static const struct measure rates = {"a rate",   "100 Mbit",
                                     "1 bit",    "bit, kbit, Mbit, Gbit, Tbit (a second)",
                                     rate_units, 1000000000000};
static const struct measure sizes = {
    "a size", "64 KiB", "1 B", "B, kB, KiB, MB, MiB, GB, GiB", size_units, (uint64_t)1 << 50};
static const struct measure queues = {
    "a queue's limit", "100 packets or 64 KiB", "1 B", "packets, B, kB, KiB, MB, MiB, GB, GiB",
    size_units,        (uint64_t)1 << 50};
static const struct measure shares = {"a share", "0.5 %",     "0.0000001 %",
                                      NULL,      share_units, 1000000000};
static const struct measure speeds = {"a speed", "10x, kept or fast", "0.001x",
                                      NULL,      speed_units,         1000000000};

char *sw_quote(const char *text, char buf[SW_QUOTED_BYTES])
{
    size_t chars = 0, used = 0;
    for (size_t i = 0; text[i] != '\0' && used + 8 < SW_QUOTED_BYTES; i++) {
        unsigned char c = (unsigned char)text[i];
        chars += (c & 0xc0) != 0x80;
        if (chars > 40) {
            memcpy(buf + used, "…", 3);
            used += 3;
            break;
        }
        buf[used++] = c < ' ' || c == 127 ? ' ' : (char)c;
    }
    buf[used] = '\0';
    return buf;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_spaces(const char *text)
{
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    return text;
}

/* ---- numbers ---- */

/* A decimal number as digits / 10^scale. */
struct amount {
    uint64_t digits;
    unsigned scale;
    bool huge;        /* over 19 digits that count */
    const char *unit; /* what follows, after spaces */
};

/* False: text does not begin with a number like 10 or 0.5. */
static bool amount_parse(struct amount *out, const char *text)
{
    struct amount a = {0};
    unsigned zeros = 0; /* of the fraction, not yet needed */
    bool fraction = false;
    if (!digit(*text) || (text[0] == '0' && digit(text[1]))) {
        return false;
    }
    for (;; text++) {
        if (*text == '.' && !fraction && digit(text[1])) {
            fraction = true;
            continue;
        }
        if (!digit(*text)) {
            break;
        }
        if (fraction && *text == '0') {
            zeros++;
            continue;
        }
        for (unsigned i = 0; i <= zeros; i++) {
            a.huge = a.huge || a.digits > UINT64_MAX / 10 - 1;
            a.digits = a.huge ? 1 : a.digits * 10;
            a.scale += fraction;
        }
        zeros = 0;
        a.digits += (uint64_t)(*text - '0');
    }
    if (*text == '.' || *text == ',' || *text == '_') {
        return false;
    }
    a.unit = skip_spaces(text);
    *out = a;
    return true;
}

enum scaled { SCALED, TOO_FINE, TOO_BIG };

/* a times factor, if that is whole and at most `most`. */
static enum scaled amount_scale(int64_t *out, struct amount a, uint64_t factor, uint64_t most)
{
    if (a.huge) {
        return a.scale > 0 ? TOO_FINE : TOO_BIG;
    }
    while (a.scale > 0 && factor % 10 == 0) {
        factor /= 10;
        a.scale--;
    }
    if (a.digits > UINT64_MAX / factor) {
        return TOO_BIG;
    }
    uint64_t value = a.digits * factor;
    for (; a.scale > 0; a.scale--) {
        if (value % 10 != 0) {
            return TOO_FINE;
        }
        value /= 10;
    }
    if (value > most) {
        return TOO_BIG;
    }
    *out = (int64_t)value;
    return SCALED;
}

bool sw_count_parse(int64_t *out, const char *text, char why[SW_WHY])
{
    char quoted[SW_QUOTED_BYTES];
    struct amount a;
    if (!amount_parse(&a, text) || a.unit[0] != '\0' || !digit(a.unit[-1]) || a.scale > 0) {
        const char *also = text[0] == '0' && digit(text[1]) ? " without leading zeros" : "";
        snprintf(why, SW_WHY, "expected a whole number%s, found '%s'", also,
                 sw_quote(text, quoted));
        return false;
    }
    if (amount_scale(out, a, 1, INT64_MAX) != SCALED) {
        snprintf(why, SW_WHY, "'%s' is too big a number", sw_quote(text, quoted));
        return false;
    }
    return true;
}

bool sw_bool_parse(bool *out, const char *text, char why[SW_WHY])
{
    static const char *const words[] = {"true", "on", "yes", "false", "off", "no"};
    struct sw_suggestion near;
    sw_suggest_begin(&near, text);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = i < 3;
            return true;
        }
        sw_suggest_offer(&near, words[i]);
    }
    char quoted[SW_QUOTED_BYTES], hint[64];
    snprintf(why, SW_WHY, "expected on or off (or true, false, yes, no), found '%s'%s",
             sw_quote(text, quoted), sw_suggest_text(&near, hint, sizeof hint));
    return false;
}

/* The unit's factor, 0: none of that name. A rate's may end with "/s". */
static uint64_t factor_of(const struct measure *m, const char *unit)
{
    size_t n = strlen(unit);
    if (m == &rates && n > 2 && strcmp(unit + n - 2, "/s") == 0) {
        n -= 2;
    }
    for (const struct unit *u = m->units; u->name; u++) {
        if (strlen(u->name) == n && strncmp(u->name, unit, n) == 0) {
            return u->factor;
        }
    }
    return 0;
}

static void unknown_unit(const struct measure *m, const char *text, const char *unit, char *why)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], name[SW_QUOTED_BYTES], hint[64];
    sw_suggest_begin(&near, unit);
    for (const struct unit *u = m->units; u->name; u++) {
        sw_suggest_offer(&near, u->name);
    }
    if (m == &queues) {
        sw_suggest_offer(&near, "packets");
    }
    if (near.best) {
        snprintf(why, SW_WHY, "unknown unit '%s' in '%s'%s", sw_quote(unit, name),
                 sw_quote(text, quoted), sw_suggest_text(&near, hint, sizeof hint));
    } else {
        snprintf(why, SW_WHY, "unknown unit '%s' in '%s'; %s %s", sw_quote(unit, name),
                 sw_quote(text, quoted), m->list ? "units are" : "the unit is",
                 m->list ? m->list : m->units->name);
    }
}

/* The number of text, which begins like no number that is allowed. */
static void no_number(const struct measure *m, const char *text, char *why)
{
    char quoted[SW_QUOTED_BYTES];
    sw_quote(text, quoted);
    if (text[0] == '-' && digit(text[1])) {
        snprintf(why, SW_WHY, "%s cannot be negative, found '%s'", m->what, quoted);
    } else {
        snprintf(why, SW_WHY, "expected %s like %s, found '%s'", m->what, m->example, quoted);
    }
}

static bool amount_fits(int64_t *out, const struct measure *m, struct amount a, uint64_t factor,
                        const char *text, char *why)
{
    char quoted[SW_QUOTED_BYTES];
    switch (amount_scale(out, a, factor, m->most)) {
    case TOO_FINE:
        snprintf(why, SW_WHY, "'%s' is finer than %s, the finest there is", sw_quote(text, quoted),
                 m->finest);
        return false;
    case TOO_BIG:
        snprintf(why, SW_WHY, m == &shares ? "'%s' is more than 100 %%" : "'%s' is too much",
                 sw_quote(text, quoted));
        return false;
    case SCALED:
        break;
    }
    return true;
}

/* A number with its unit, or a bare 0. */
static bool measure_parse(int64_t *out, const struct measure *m, const char *text, char *why)
{
    struct amount a;
    if (!amount_parse(&a, text)) {
        no_number(m, text, why);
        return false;
    }
    uint64_t factor = 1;
    if (*a.unit == '\0' && a.digits != 0) {
        char quoted[SW_QUOTED_BYTES];
        snprintf(why, SW_WHY, "expected %s with its unit, like %s, found '%s'%s%s", m->what,
                 m->example, sw_quote(text, quoted), m->list ? "; units are " : "",
                 m->list ? m->list : "");
        return false;
    }
    if (*a.unit != '\0') {
        factor = factor_of(m, a.unit);
        if (factor == 0) {
            unknown_unit(m, text, a.unit, why);
            return false;
        }
    }
    return amount_fits(out, m, a, factor, text, why);
}

bool sw_time_parse(int64_t *out, const char *text, char why[SW_WHY])
{
    return measure_parse(out, &times, text, why);
}

bool sw_rate_parse(int64_t *out, const char *text, char why[SW_WHY])
{
    if (strcmp(text, "unlimited") == 0) {
        *out = 0;
        return true;
    }
    int64_t rate;
    if (!measure_parse(&rate, &rates, text, why)) {
        return false;
    }
    if (rate == 0) {
        snprintf(why, SW_WHY,
                 "at a rate of 0 nothing ever moves; expected a rate like 100 Mbit, or "
                 "'unlimited'");
        return false;
    }
    *out = rate;
    return true;
}

bool sw_speed_parse(int64_t *out, const char *text, char why[SW_WHY])
{
    int64_t speed;
    if (strcmp(text, "kept") == 0 || strcmp(text, "fast") == 0) {
        *out = text[0] == 'k' ? SW_SPEED_KEPT : 0;
        return true;
    }
    if (!measure_parse(&speed, &speeds, text, why)) {
        return false;
    }
    if (speed == 0) {
        snprintf(why, SW_WHY, "at a speed of 0 nothing ever comes; expected %s", speeds.example);
        return false;
    }
    *out = speed;
    return true;
}

bool sw_size_parse(int64_t *out, const char *text, char why[SW_WHY])
{
    return measure_parse(out, &sizes, text, why);
}

bool sw_queue_parse(int64_t *out, bool *packets, const char *text, char why[SW_WHY])
{
    struct amount a;
    bool counted =
        amount_parse(&a, text) && (strcmp(a.unit, "packets") == 0 || strcmp(a.unit, "packet") == 0);
    int64_t limit;
    if (counted ? !amount_fits(&limit, &queues, a, 1, text, why)
                : !measure_parse(&limit, &queues, text, why)) {
        return false;
    }
    if (limit == 0) {
        snprintf(why, SW_WHY,
                 "a queue that holds nothing sends nothing; expected at least 1 packet "
                 "or 1 B");
        return false;
    }
    *packets = counted;
    *out = limit;
    return true;
}

bool sw_share_parse(int64_t *out, const char *text, char why[SW_WHY])
{
    return measure_parse(out, &shares, text, why);
}

/* ---- expectations ---- */

/* A share that may be a plain number, or 0.95 as a part of 1. */
static bool plain_share_parse(int64_t *out, const char *text, char *why)
{
    struct amount a;
    if (!amount_parse(&a, text) || *a.unit != '\0') {
        return sw_share_parse(out, text, why);
    }
    if (amount_scale(out, a, 1000000000, 1000000000) != SCALED) {
        char quoted[SW_QUOTED_BYTES];
        snprintf(why, SW_WHY, "expected a number from 0 to 1, or a share like 95 %%, found '%s'",
                 sw_quote(text, quoted));
        return false;
    }
    return true;
}

static bool quantity_parse(int64_t *out, enum sw_unit unit, bool plain, const char *text, char *why)
{
    switch (unit) {
    case SW_UNIT_TIME:
        return sw_time_parse(out, text, why);
    case SW_UNIT_RATE:
        return measure_parse(out, &rates, text, why);
    case SW_UNIT_SHARE:
        return plain ? plain_share_parse(out, text, why) : sw_share_parse(out, text, why);
    case SW_UNIT_BYTES:
        return sw_size_parse(out, text, why);
    case SW_UNIT_COUNT:
    case SW_UNIT_TEXT:
        break;
    }
    return sw_count_parse(out, text, why);
}

#define SIDE_BYTES 64
/* Copies n bytes without the spaces around. False: longer than any value is. */
static bool trim(char side[SIDE_BYTES], const char *text, size_t n)
{
    while (n > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        n--;
    }
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t')) {
        n--;
    }
    if (n >= SIDE_BYTES) {
        return false;
    }
    memcpy(side, text, n);
    side[n] = '\0';
    return true;
}

static void strange(const char *text, char *why)
{
    char quoted[SW_QUOTED_BYTES];
    snprintf(why, SW_WHY,
             "expected a value, a comparison like \">= 3\", a tolerance like \"3 +- 1\" or a range "
             "like \"3 .. 5\", found '%s'",
             sw_quote(text, quoted));
}

/* "a .. b". */
static bool range_parse(int64_t *lo, int64_t *hi, enum sw_unit unit, bool plain, const char *text,
                        const char *dots, char *why)
{
    char low[SIDE_BYTES], high[SIDE_BYTES];
    if (!trim(low, text, (size_t)(dots - text)) || !trim(high, dots + 2, strlen(dots + 2))) {
        strange(text, why);
        return false;
    }
    int64_t a, b;
    if (!quantity_parse(&a, unit, plain, low, why) || !quantity_parse(&b, unit, plain, high, why)) {
        return false;
    }
    if (a > b) {
        snprintf(why, SW_WHY, "a range goes from the smaller to the bigger, found '%s .. %s'", low,
                 high);
        return false;
    }
    *lo = a;
    *hi = b;
    return true;
}

/* "a +- b"; `sign` is where the sign of n bytes stands. */
static bool tolerance_parse(int64_t *lo, int64_t *hi, enum sw_unit unit, bool plain,
                            const char *text, const char *sign, size_t n, char *why)
{
    char value[SIDE_BYTES], around[SIDE_BYTES];
    if (!trim(value, text, (size_t)(sign - text)) || !trim(around, sign + n, strlen(sign + n))) {
        strange(text, why);
        return false;
    }
    int64_t v, d;
    if (!quantity_parse(&v, unit, plain, value, why)) {
        return false;
    }
    size_t end = strlen(around);
    if (unit != SW_UNIT_SHARE && end > 0 && around[end - 1] == '%') {
        int64_t ppb;
        if (!sw_share_parse(&ppb, around, why)) {
            return false;
        }
        d = v / 1000000000 * ppb + v % 1000000000 * ppb / 1000000000;
    } else if (!quantity_parse(&d, unit, plain, around, why)) {
        return false;
    }
    *lo = v > d ? v - d : 0;
    *hi = v > INT64_MAX - d ? INT64_MAX : v + d;
    return true;
}

struct comparison {
    const char *sign;
    bool below, equal;
};
static const struct comparison comparisons[] = {
    {">=", false, true}, {"<=", true, true}, {">", false, false}, {"<", true, false}};

static bool comparison_parse(int64_t *lo, int64_t *hi, const struct comparison *c,
                             enum sw_unit unit, bool plain, const char *text, char *why)
{
    int64_t v;
    if (!quantity_parse(&v, unit, plain, skip_spaces(text + strlen(c->sign)), why)) {
        return false;
    }
    if (c->below && !c->equal && v == 0) {
        snprintf(why, SW_WHY, "nothing is below 0, so '%s' never holds", text);
        return false;
    }
    if (!c->below && !c->equal && unit == SW_UNIT_SHARE && v == 1000000000) {
        snprintf(why, SW_WHY, "nothing is above 100 %%, so '%s' never holds", text);
        return false;
    }
    *lo = c->below ? 0 : v + !c->equal;
    *hi = c->below ? v - !c->equal : INT64_MAX;
    return true;
}

bool sw_expectation_parse(int64_t *lo, int64_t *hi, enum sw_unit unit, bool plain, const char *text,
                          char why[SW_WHY])
{
    for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++) {
        const struct comparison *c = &comparisons[i];
        if (strncmp(text, c->sign, strlen(c->sign)) == 0) {
            return comparison_parse(lo, hi, c, unit, plain, text, why);
        }
    }
    const char *dots = strstr(text, "..");
    if (dots) {
        return range_parse(lo, hi, unit, plain, text, dots, why);
    }
    const char *sign = strstr(text, "+-");
    if (sign) {
        return tolerance_parse(lo, hi, unit, plain, text, sign, 2, why);
    }
    sign = strstr(text, "±");
    if (sign) {
        return tolerance_parse(lo, hi, unit, plain, text, sign, strlen("±"), why);
    }
    if (!digit(text[0]) && text[0] != '-') {
        strange(text, why);
        return false;
    }
    int64_t v;
    if (!quantity_parse(&v, unit, plain, text, why)) {
        return false;
    }
    *lo = v;
    *hi = v;
    return true;
}

/* ---- writing ---- */

char *sw_value_write(enum sw_unit unit, int64_t value, char *buf)
{
    const struct measure *m = unit == SW_UNIT_TIME    ? &times
                              : unit == SW_UNIT_RATE  ? &rates
                              : unit == SW_UNIT_BYTES ? &sizes
                                                      : NULL;
    if (unit == SW_UNIT_SHARE) {
        /* At most nine digits behind the point, without zeros at their end. */
        int n = snprintf(buf, SW_VALUE_WRITTEN, "%" PRId64 ".%07" PRId64, value / 10000000,
                         value % 10000000);
        while (buf[n - 1] == '0') {
            n--;
        }
        n -= buf[n - 1] == '.';
        snprintf(buf + n, (size_t)(SW_VALUE_WRITTEN - n), " %%");
        return buf;
    }
    const struct unit *best = m ? m->units : NULL;
    for (const struct unit *u = best; u && u->name; u++) {
        if (value != 0 && value % (int64_t)u->factor == 0) {
            best = u;
        }
    }
    if (best && value != 0) {
        snprintf(buf, SW_VALUE_WRITTEN, "%" PRId64 " %s", value / (int64_t)best->factor,
                 best->name);
    } else {
        snprintf(buf, SW_VALUE_WRITTEN, "%" PRId64, value);
    }
    return buf;
}
