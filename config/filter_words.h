/* The words and signs of pcap-filter expressions (pcap-filter(7)), as far as they make sense on
 * Ethernet and ask nothing of the system. Pure. */
#ifndef SW_CONFIG_FILTER_WORDS_H
#define SW_CONFIG_FILTER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* All keywords; NULL behind the last. */
const char *sw_filter_keyword(size_t i);
bool sw_filter_is_keyword(const char *word);
/* One of those behind which an address or a name stands: src, dst, host, net, ether, ip ... */
bool sw_filter_is_qualifier(const char *word);
/* How many bytes the word at text has; 0: none begins there. In brackets ':' and '-' end one. */
size_t sw_filter_word(const char *text, bool brackets);
/* How many bytes the sign at text has, at least 1: "<=" is one. */
size_t sw_filter_sign(const char *text);
/* 80, 0x50. */
bool sw_filter_is_number(const char *word);
/* 80, 1-1024. */
bool sw_filter_is_ports(const char *word);
/* 10.0.0.1, 10.0, 2001:db8::1, 02:00:00:00:00:0a: what libpcap takes for no name. */
bool sw_filter_is_address(const char *word);
/* The number of a protocol's name, of IP or, ether, of Ethernet; -1: unknown. */
long sw_filter_protocol(const char *word, bool ether);

#endif
