/* A capture file. See pcap_file.h.
 *
 * libpcap opens the file and judges its header. If that is one of a plain capture (pcap 2.4 in this
 * machine's byte order, in a file that can be sought in), its records are taken here out of large
 * pieces of the file: two calls of fread(3) and two copies a frame are most of what reading costs.
 * The first record that is in any way not as it should be, and all behind it, is left to libpcap,
 * which has the file's position then as if it had read all before: so what is wrong, and where a
 * file ends, is said by it alone. */
#include "switchd/pcap_file.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC_US 0xa1b2c3d4u
#define MAGIC_NS 0xa1b23c4du
#define FILE_HEADER 24u
#define RECORD_HEADER 16u
/* A read(2) for hundreds of frames, where stdio's own buffer holds forty small ones. */
#define BUFFER_BYTES 65536
#define RECORD_MAX 65552u /* a longer one, which no LAN carries, is libpcap's */
#define YEARS_100_S ((int64_t)100 * 366 * 86400)

struct sw_pcap_plain {
    off_t at;          /* in the file, of bytes[from] */
    size_t from, to;   /* what has been read and not been taken */
    uint32_t snapshot; /* no record has more bytes */
    int32_t ns;        /* of one unit of a record's fraction of a second */
    size_t piece;      /* how much is read next: up to what stdio's buffer ends with, then that */
    uint8_t bytes[RECORD_HEADER + RECORD_MAX + BUFFER_BYTES];
};

/* ---- a plain capture ---- */

/* NULL also where there is no memory: then libpcap reads it. The file's position is what it was. */
static struct sw_pcap_plain *plain_new(FILE *file, pcap_t *pcap)
{
    uint32_t magic;
    uint16_t version[2];
    uint8_t header[FILE_HEADER];
    off_t at = ftello(file);
    if (at != (off_t)sizeof header || pcap_snapshot(pcap) < 0) {
        return NULL;
    }
    bool read = fseeko(file, 0, SEEK_SET) == 0 && fread(header, sizeof header, 1, file) == 1;
    if (fseeko(file, at, SEEK_SET) != 0 || !read) {
        return NULL;
    }
    memcpy(&magic, header, sizeof magic);
    memcpy(version, header + 4, sizeof version);
    if ((magic != MAGIC_US && magic != MAGIC_NS) || version[0] != 2 || version[1] != 4) {
        return NULL;
    }
    struct sw_pcap_plain *plain = malloc(sizeof *plain);
    if (plain) {
        plain->at = at;
        plain->from = 0;
        plain->to = 0;
        plain->snapshot = (uint32_t)pcap_snapshot(pcap);
        plain->ns = magic == MAGIC_US ? 1000 : 1;
        plain->piece = BUFFER_BYTES - FILE_HEADER;
    }
    return plain;
}

/* Are there n bytes to take? Reads on if not. */
static bool plain_has(struct sw_pcap_plain *p, FILE *file, size_t n)
{
    while (p->to - p->from < n) {
        memmove(p->bytes, p->bytes + p->from, p->to - p->from);
        p->at += (off_t)p->from;
        p->to -= p->from;
        p->from = 0;
        size_t got = fread(p->bytes + p->to, 1, p->piece, file);
        p->piece = BUFFER_BYTES;
        if (got == 0) {
            return false;
        }
        p->to += got;
    }
    return true;
}

/* False: it is libpcap's. */
static bool plain_next(struct sw_pcap_plain *p, FILE *file, struct pcap_pkthdr *header,
                       const unsigned char **bytes)
{
    uint32_t field[4]; /* seconds, fraction, bytes here, bytes of the frame */
    if (!plain_has(p, file, RECORD_HEADER)) {
        return false;
    }
    memcpy(field, p->bytes + p->from, sizeof field);
    if (field[2] > RECORD_MAX || field[2] > p->snapshot ||
        !plain_has(p, file, RECORD_HEADER + field[2])) {
        return false;
    }
    header->ts.tv_sec = (int32_t)field[0]; /* as libpcap has them */
    header->ts.tv_usec = (suseconds_t)(int32_t)field[1] * p->ns;
    header->caplen = field[2];
    header->len = field[3];
    *bytes = p->bytes + p->from + RECORD_HEADER;
    p->from += RECORD_HEADER + field[2];
    return true;
}

/* ---- any capture ---- */

/* The next record, as pcap_next_ex(3) has it. */
static int next_record(struct sw_pcap_reader *reader, struct pcap_pkthdr *header,
                       const unsigned char **bytes)
{
    struct sw_pcap_plain *plain = reader->plain;
    if (plain) {
        if (plain_next(plain, reader->file, header, bytes)) {
            return 1;
        }
        clearerr(reader->file);
        int rc = fseeko(reader->file, plain->at + (off_t)plain->from, SEEK_SET);
        free(plain);
        reader->plain = NULL;
        if (rc != 0) {
            return PCAP_ERROR;
        }
    }
    struct pcap_pkthdr *theirs;
    int rc = pcap_next_ex(reader->pcap, &theirs, bytes);
    if (rc == 1) {
        *header = *theirs;
    }
    return rc;
}

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
    errno = 0;
    pcap_t *pcap =
        pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
    if (!pcap) {
        int rc = errno == ENOMEM ? -ENOMEM : -EINVAL; /* what is no capture sets no errno */
        snprintf(why, cap, "%s%s", rc == -ENOMEM ? "" : "no capture that can be read: ", error);
        fclose(file);
        free(reader->buffer);
        reader->buffer = NULL;
        return rc;
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
    reader->file = file;
    reader->plain = plain_new(file, pcap);
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
    struct pcap_pkthdr header;
    const unsigned char *bytes;
    if (!reader->pcap) {
        return 0;
    }
    int rc = next_record(reader, &header, &bytes);
    if (rc != 1) {
        snprintf(why, cap, "%s", rc == PCAP_ERROR ? pcap_geterr(reader->pcap) : "");
        sw_pcap_reader_close(reader);
        return rc == PCAP_ERROR ? -EINVAL : 0;
    }
    /* With nanosecond precision, tv_usec counts nanoseconds; a file may say more than a second. */
    int64_t s = header.ts.tv_sec, ns = header.ts.tv_usec % SW_S;
    if (reader->records++ == 0) {
        reader->first_s = s;
        reader->first_ns = ns;
    }
    *out = (struct sw_pcap_record){.at = since_first(reader, s, ns),
                                   .bytes = bytes,
                                   .len = header.caplen,
                                   .cut = header.caplen < header.len};
    return 1;
}

void sw_pcap_reader_close(struct sw_pcap_reader *reader)
{
    if (reader->pcap) {
        pcap_close(reader->pcap); /* and the file */
        reader->pcap = NULL;
        reader->file = NULL;
        free(reader->plain);
        reader->plain = NULL;
        free(reader->buffer);
        reader->buffer = NULL;
    }
}
