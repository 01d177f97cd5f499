/* A capture file, pcap or pcapng, read one frame at a time: by libpcap, but for the records of a
 * plain capture, most of whose cost is libpcap's. */
#ifndef SW_SWITCHD_PCAP_FILE_H
#define SW_SWITCHD_PCAP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/clock.h"

struct pcap;
struct sw_pcap_plain;

struct sw_pcap_reader {
    struct pcap *pcap;
    FILE *file;                  /* libpcap's, which closes it */
    char *buffer;                /* the file's */
    struct sw_pcap_plain *plain; /* NULL: all is left to libpcap */
    int64_t first_s, first_ns;   /* the first frame's time of day */
    uint64_t records;
};

struct sw_pcap_record {
    sw_time at;           /* after the first frame; before it, if negative; 100 years at most */
    const uint8_t *bytes; /* good until the next one is read */
    size_t len;
    bool cut; /* the frame was longer: whoever captured it kept its beginning */
};

/* Takes over a file that is open for reading; it is closed with the reader, or here on failure. 0,
 * -ENOMEM, or -EINVAL: it is no capture, or one of something else than Ethernet, and `why` says
 * so. */
int sw_pcap_reader_open(struct sw_pcap_reader *reader, FILE *file, char *why, size_t cap);
/* 1: a frame; 0: there are no more; -EINVAL: the file breaks off or goes wrong here, and `why` says
 * how. After either end nothing more is read. */
int sw_pcap_reader_next(struct sw_pcap_reader *reader, struct sw_pcap_record *out, char *why,
                        size_t cap);
void sw_pcap_reader_close(struct sw_pcap_reader *reader); /* harmless on zeroed memory, and twice */

#endif
