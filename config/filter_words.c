/* The words of pcap-filter expressions. See the header. */
#include "config/filter_words.h"

#include <string.h>

#define HEX "0123456789abcdefABCDEF"
#define DIGITS "0123456789"

struct word {
    const char *text;
    bool qualifier;
};

static const struct word words[] = {
    {"src", true},
    {"dst", true},
    {"host", true},
    {"net", true},
    {"port", true},
    {"portrange", true},
    {"proto", true},
    {"protochain", true},
    {"ether", true},
    {"ip", true},
    {"ip6", true},
    {"arp", true},
    {"rarp", true},
    {"tcp", true},
    {"udp", true},
    {"icmp", true},
    {"icmp6", false},
    {"sctp", true},
    {"igmp", false},
    {"pim", false},
    {"vrrp", false},
    {"ah", false},
    {"esp", false},
    {"mask", false},
    {"and", false},
    {"or", false},
    {"not", false},
    {"len", false},
    {"length", false},
    {"less", false},
    {"greater", false},
    {"broadcast", false},
    {"multicast", false},
    {"vlan", false},
    {"mpls", false},
    {"stp", false},
    {"tcpflags", false},
    {"tcp-fin", false},
    {"tcp-syn", false},
    {"tcp-rst", false},
    {"tcp-push", false},
    {"tcp-ack", false},
    {"tcp-urg", false},
    {"tcp-ece", false},
    {"tcp-cwr", false},
    {"icmptype", false},
    {"icmpcode", false},
    {"icmp-echoreply", false},
    {"icmp-unreach", false},
    {"icmp-sourcequench", false},
    {"icmp-redirect", false},
    {"icmp-echo", false},
    {"icmp-timxceed", false},
    {"icmp-paramprob", false},
    {"icmp-tstamp", false},
    {"icmp-tstampreply", false},
};

static const struct word *find(const char *text)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].text, text) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

const char *sw_filter_keyword(size_t i)
{
    return i < sizeof words / sizeof words[0] ? words[i].text : NULL;
}

bool sw_filter_is_keyword(const char *word)
{
    return find(word) != NULL;
}

bool sw_filter_is_qualifier(const char *word)
{
    const struct word *found = find(word);
    return found && found->qualifier;
}

static bool begins_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || (unsigned char)c >= 0x80;
}

size_t sw_filter_word(const char *text, bool brackets)
{
    size_t n = 0;
    if (!begins_word(text[0]) && !(text[0] == ':' && text[1] == ':' && !brackets)) {
        return 0;
    }
    while (begins_word(text[n]) || (!brackets && (text[n] == ':' || text[n] == '-'))) {
        n++;
    }
    /* In brackets stand `tcp-syn` and the like, and sums. */
    while (brackets && text[n] == '-' && n > 0) {
        size_t m = n + 1;
        while (begins_word(text[m]) || text[m] == '-') {
            m++;
        }
        bool known = false;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            known = known || (strlen(words[i].text) == m && strncmp(words[i].text, text, m) == 0);
        }
        if (!known) {
            break;
        }
        n = m;
    }
    return n;
}

size_t sw_filter_sign(const char *text)
{
    static const char *const pairs[] = {"<=", ">=", "!=", "==", "<<", ">>", "&&", "||"};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strncmp(text, pairs[i], 2) == 0) {
            return 2;
        }
    }
    return 1;
}

bool sw_filter_is_number(const char *word)
{
    if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) {
        return word[2] != '\0' && word[2 + strspn(word + 2, HEX)] == '\0';
    }
    return word[0] != '\0' && word[strspn(word, DIGITS)] == '\0';
}

bool sw_filter_is_ports(const char *word)
{
    size_t n = strspn(word, DIGITS);
    if (n == 0 || word[n] == '\0') {
        return n > 0;
    }
    size_t m = strspn(word + n + 1, DIGITS);
    return word[n] == '-' && m > 0 && word[n + 1 + m] == '\0';
}

/* Groups of digits with this sign between them, each of at most `most`. How many groups, 0: no. */
static unsigned groups_of(const char *word, const char *digits, char sign, size_t most)
{
    unsigned groups = 0;
    for (;;) {
        size_t n = strspn(word, digits);
        if (n == 0 || n > most) {
            return 0;
        }
        groups++;
        if (word[n] == '\0') {
            return groups;
        }
        if (word[n] != sign) {
            return 0;
        }
        word += n + 1;
    }
}

/* Eight groups, or fewer and one "::" (RFC 4291 2.2, without a dotted part). */
static bool is_v6(const char *word)
{
    const char *gap = strstr(word, "::");
    if (!gap) {
        return groups_of(word, HEX, ':', 4) == 8;
    }
    char left[64];
    size_t n = (size_t)(gap - word);
    if (n >= sizeof left) {
        return false;
    }
    memcpy(left, word, n);
    left[n] = '\0';
    unsigned before = n ? groups_of(left, HEX, ':', 4) : 0;
    unsigned behind = gap[2] ? groups_of(gap + 2, HEX, ':', 4) : 0;
    return (n == 0 || before > 0) && (gap[2] == '\0' || behind > 0) && before + behind <= 7;
}

bool sw_filter_is_address(const char *word)
{
    unsigned dotted = groups_of(word, DIGITS, '.', 3);
    return (dotted >= 2 && dotted <= 4) || groups_of(word, HEX, ':', 2) == 6 || is_v6(word);
}

long sw_filter_protocol(const char *word, bool ether)
{
    static const struct {
        const char *name;
        long number;
        bool ether;
    } all[] = {
        {"icmp", 1, false},   {"igmp", 2, false},     {"tcp", 6, false},     {"udp", 17, false},
        {"gre", 47, false},   {"esp", 50, false},     {"ah", 51, false},     {"icmp6", 58, false},
        {"pim", 103, false},  {"vrrp", 112, false},   {"sctp", 132, false},  {"ip", 0x800, true},
        {"arp", 0x806, true}, {"rarp", 0x8035, true}, {"ip6", 0x86dd, true}, {"vlan", 0x8100, true},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].ether == ether && strcmp(all[i].name, word) == 0) {
            return all[i].number;
        }
    }
    return -1;
}
