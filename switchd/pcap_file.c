/* A capture file. See pcap_file.h. */
#include "switchd/pcap_file.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

/* A read(2) for hundreds of frames, where stdio's own buffer holds forty small ones. */
#define BUFFER_BYTES 65536
#define YEARS_100_S ((int64_t)100 * 366 * 86400)

int sw_pcap_reader_open(struct sw_pcap_reader *reader, FILE *file, char *why, size_t cap)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    *reader = (struct sw_pcap_reader){.buffer = malloc(BUFFER_BYTES)};
    if (!reader->buffer || setvbuf(file, reader->buffer, _IOFBF, BUFFER_BYTES) != 0) {
        snprintf(why, cap, "out of memory");
        fclose(file);
        free(reader->buffer);
        reader->buffer = NULL;
        return -ENOMEM;
    }
    pcap_t *pcap =
        pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
    if (!pcap) {
        snprintf(why, cap, "no capture that can be read: %s", error);
        fclose(file);
        free(reader->buffer);
        reader->buffer = NULL;
        return -EINVAL;
    }
    reader->pcap = pcap;
    int type = pcap_datalink(pcap);
    if (type != DLT_EN10MB) {
        const char *name = pcap_datalink_val_to_name(type);
        snprintf(why, cap, "a capture of %s, and the LAN is of Ethernet (EN10MB)",
                 name ? name : "something unknown");
        sw_pcap_reader_close(reader);
        return -EINVAL;
    }
    return 0;
}

/* The file may say any times: what is over 100 years away is as good as never. */
static sw_time since_first(const struct sw_pcap_reader *reader, int64_t s, int64_t ns)
{
    int64_t seconds = (int64_t)((uint64_t)s - (uint64_t)reader->first_s);
    seconds = seconds > YEARS_100_S ? YEARS_100_S : seconds < -YEARS_100_S ? -YEARS_100_S : seconds;
    return seconds * SW_S + (ns - reader->first_ns);
}

int sw_pcap_reader_next(struct sw_pcap_reader *reader, struct sw_pcap_record *out, char *why,
                        size_t cap)
{
    struct pcap_pkthdr *header;
    const unsigned char *bytes;
    if (!reader->pcap) {
        return 0;
    }
    int rc = pcap_next_ex(reader->pcap, &header, &bytes);
    if (rc != 1) {
        snprintf(why, cap, "%s", rc == PCAP_ERROR ? pcap_geterr(reader->pcap) : "");
        sw_pcap_reader_close(reader);
        return rc == PCAP_ERROR ? -EINVAL : 0;
    }
    /* With nanosecond precision, tv_usec counts nanoseconds; a file may say more than a second. */
    int64_t s = header->ts.tv_sec, ns = header->ts.tv_usec % SW_S;
    if (reader->records++ == 0) {
        reader->first_s = s;
        reader->first_ns = ns;
    }
    *out = (struct sw_pcap_record){.at = since_first(reader, s, ns),
                                   .bytes = bytes,
                                   .len = header->caplen,
                                   .cut = header->caplen < header->len};
    return 1;
}

void sw_pcap_reader_close(struct sw_pcap_reader *reader)
{
    if (reader->pcap) {
        pcap_close(reader->pcap); /* and the file */
        reader->pcap = NULL;
        free(reader->buffer);
        reader->buffer = NULL;
    }
}
