/* The table of cells: our side of each, verdicts, captures (see interop.h). */
#include "tests/interop/interop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/bytes.h"

#define SNAP 128 /* of a frame, in a capture: all headers */

/* ---- captures: a file a cell, in the classic format, its headers alone ---- */

static void put_host32(uint8_t *to, uint32_t n)
{
    memcpy(to, &n, sizeof(n));
}

static void path_of(const struct sw_transfer *run, char *to, size_t cap)
{
    snprintf(to, cap, "%s/%s-%03u.pcap", run->all->folder, run->all->peer, run->cell.number);
}

static void begin_capture(struct sw_transfer *run)
{
    uint8_t head[24] = {0};
    char path[500];
    if (run->all->folder == NULL) {
        return;
    }
    path_of(run, path, sizeof(path));
    run->capture = fopen(path, "wb");
    put_host32(head, 0xa1b23c4d); /* nanoseconds */
    memcpy(head + 4, &(uint16_t){2}, 2);
    memcpy(head + 6, &(uint16_t){4}, 2);
    put_host32(head + 16, SNAP);
    put_host32(head + 20, 1); /* Ethernet */
    if (run->capture != NULL) {
        fwrite(head, 1, sizeof(head), run->capture);
    }
}

static void end_capture(struct sw_transfer *run, bool keep)
{
    char path[500];
    if (run->capture != NULL) {
        fclose(run->capture);
        path_of(run, path, sizeof(path));
        if (!keep) {
            unlink(path);
        } else {
            printf("  capture: %s\n", path);
        }
    }
}

/* The cell whose frame it is, by its ports. */
static struct sw_transfer *run_of(struct sw_interop *all, const struct sw_frame *frame)
{
    const uint8_t *head = sw_frame_head(frame);
    if (frame->head_len < 14 + 20 + 4 || sw_get16(head + 12) != 0x0800 || head[23] != 6) {
        return NULL;
    }
    for (unsigned i = 0; i < 2; i++) {
        const unsigned at = sw_get16(head + 14 + (head[14] & 15) * 4 + 2 * i) - SW_CELL_FIRST_PORT;
        if (at < SW_CELLS_MOST && all->by_cell[at] != NULL) {
            return all->by_cell[at];
        }
    }
    return NULL;
}

/* What goes over the good cable to the other side, in and out: as it comes there and leaves. */
static void on_frame(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                     const struct sw_frame *frame)
{
    struct sw_interop *all = SW_CONTAINER(w, struct sw_interop, watch);
    uint8_t out[16 + SNAP];
    if (lane->from != all->far_port && lane->to != all->far_port) {
        return;
    }
    const struct sw_transfer *run = run_of(all, frame);
    if (run == NULL || run->capture == NULL) {
        return;
    }
    const uint32_t n = frame->len < SNAP ? frame->len : SNAP;
    put_host32(out, (uint32_t)(now / SW_S));
    put_host32(out + 4, (uint32_t)(now % SW_S));
    put_host32(out + 8, n);
    put_host32(out + 12, frame->len);
    sw_frame_read(frame, 0, out + 16, n);
    fwrite(out, 1, 16 + n, run->capture);
}

/* ---- our side ---- */

static int64_t near_read(void *ctx, uint8_t *to, size_t n)
{
    return sw_sock_recv(ctx, to, n);
}

static int64_t near_write(void *ctx, const uint8_t *bytes, size_t n)
{
    return sw_sock_send(ctx, bytes, n);
}

static int near_shutdown(void *ctx)
{
    return sw_sock_shutdown(ctx);
}

static const struct sw_side_calls near_calls = {near_read, near_write, near_shutdown};

static void on_near(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_transfer *run = user;
    if (event == SW_SOCK_ACCEPTED) {
        if (run->sock != NULL || sw_sock_accept(&run->sock, sock, on_near, run) != 0) {
            return;
        }
    } else if (event == SW_SOCK_ERROR) {
        run->near.error = sw_sock_error(sock);
        return;
    } else if (event == SW_SOCK_ADVICE || run->near.done || run->near.error != 0) {
        return;
    }
    sw_side_go(&run->near, &near_calls, run->sock);
    if (run->near.done && !run->near.sends) {
        sw_sock_close(run->sock);
        run->sock = NULL;
    }
}

static int begin_near(struct sw_transfer *run)
{
    struct sw_host *host = run->all->host[run->cell.link];
    const struct sw_endpoint any = {.port = run->cell.port};
    const struct sw_endpoint there = {.ip = sw_ip_v4(SW_FAR_ADDRESS), .port = run->cell.port};
    if (!run->cell.they_connect) {
        const int e = sw_sock_open(&run->sock, host, SW_TCP, on_near, run);
        return e != 0 ? e : sw_sock_connect(run->sock, there);
    }
    int e = sw_sock_open(&run->listener, host, SW_TCP, on_near, run);
    e = e != 0 ? e : sw_sock_bind(run->listener, any);
    return e != 0 ? e : sw_sock_listen(run->listener, 4);
}

/* ---- verdicts ---- */

char *sw_interop_name(const struct sw_interop *all, const struct sw_cell *cell, char *to,
                      size_t cap)
{
    static const char *const kinds[] = {"plain", "reordering", "duplicates"};
    const struct sw_lane_config lane = sw_cell_lane(cell->link);
    snprintf(to, cap, "loss %g %%, %lld ms, %s, %s -> %s, %s connects, %s", lane.loss_ppb / 1e7,
             (long long)(lane.delay / SW_MS), kinds[cell->link % SW_CELL_KINDS],
             cell->we_send ? "ours" : all->peer, cell->we_send ? all->peer : "ours",
             cell->they_connect ? all->peer : "ours", all->flavour[cell->flavour]);
    return to;
}

/* NULL: it went well. */
static const char *what_is_wrong(struct sw_transfer *run, char hex[SW_SHA256_HEX])
{
    static char why[200];
    char other[SW_SHA256_HEX];
    struct sw_side *sender = run->cell.we_send ? &run->near : &run->far;
    struct sw_side *receiver = run->cell.we_send ? &run->far : &run->near;
    const uint64_t bytes = sw_cell_bytes(&run->cell);
    if (run->near.error != 0 || run->far.error != 0 || !run->near.done || !run->far.done) {
        snprintf(why, sizeof(why), "ours: error %d, %llu bytes%s; theirs: error %d, %llu bytes%s",
                 run->near.error, (unsigned long long)run->near.moved,
                 run->near.done ? ", done" : "", run->far.error, (unsigned long long)run->far.moved,
                 run->far.done ? ", done" : "");
        return why;
    }
    sw_sha256_end(&sender->stream.sum, hex);
    sw_sha256_end(&receiver->sum, other);
    if (sender->moved != bytes || receiver->moved != bytes || strcmp(hex, other) != 0) {
        snprintf(why, sizeof(why), "sent %llu bytes, received %llu, the sums %.12s and %.12s",
                 (unsigned long long)sender->moved, (unsigned long long)receiver->moved, hex,
                 other);
        return why;
    }
    return NULL;
}

static void end_sockets(struct sw_interop *all, struct sw_transfer *run, bool in_order)
{
    all->calls->end(all->ctx, run);
    run->other = NULL;
    if (run->sock != NULL) {
        (in_order ? sw_sock_close : sw_sock_abort)(run->sock);
    }
    if (run->listener != NULL) {
        sw_sock_close(run->listener);
    }
    run->sock = run->listener = NULL;
}

static void begin_sockets(struct sw_interop *all, struct sw_transfer *run)
{
    run->moved_at = sw_lab_now(all->lab);
    run->attempt++;
    sw_side_begin(&run->near, &run->cell, run->cell.we_send);
    sw_side_begin(&run->far, &run->cell, !run->cell.we_send);
    /* Who listens does so first. */
    if (run->cell.they_connect) {
        run->near.error = begin_near(run);
        run->far.error = all->calls->begin(all->ctx, run);
    } else {
        run->far.error = all->calls->begin(all->ctx, run);
        const int e = begin_near(run);
        run->near.error = run->near.error != 0 ? run->near.error : e;
    }
}

static void tell(struct sw_interop *all, struct sw_transfer *run, const char *why, const char *hex)
{
    char name[200], again[40] = "";
    sw_interop_name(all, &run->cell, name, sizeof(name));
    if (run->attempt > 1) {
        snprintf(again, sizeof(again), ", attempt %u", run->attempt);
    }
    if (why == NULL) {
        all->passed++;
        printf("ok %s: %llu bytes in %.2f s%s, %.12s\n", name,
               (unsigned long long)sw_cell_bytes(&run->cell),
               (double)(sw_lab_now(all->lab) - run->begun) / 1e9, again, hex);
    } else {
        all->failed++;
        printf("not ok %s: %s%s\n", name, why, again);
    }
}

static void finish(struct sw_interop *all, struct sw_transfer *run)
{
    char hex[SW_SHA256_HEX] = "";
    const char *why = what_is_wrong(run, hex);
    tell(all, run, why, hex);
    end_sockets(all, run, why == NULL);
    end_capture(run, why != NULL);
    fflush(stdout);
    all->by_cell[run->cell.number] = NULL;
    all->running--;
    free(run);
}

/* ---- all ---- */

static struct sw_cell cell_at(const struct sw_interop *all, unsigned number)
{
    const unsigned of_link = 4 * all->flavours;
    return (struct sw_cell){.number = number,
                            .link = SW_CELL_LINKS - 1 - number / of_link, /* the slowest first */
                            .flavour = number % of_link / 4,
                            .we_send = (number & 1) != 0,
                            .they_connect = (number & 2) != 0,
                            .port = (uint16_t)(SW_CELL_FIRST_PORT + number)};
}

/* Each loss, each kind, each flavour, both ways, both roles; none that takes long. */
static bool in_dozen(const struct sw_interop *all, const struct sw_cell *cell)
{
    static const unsigned links[12] = {0, 1, 3, 5, 9, 13, 14, 18, 22, 27, 31, 39};
    for (unsigned i = 0; i < 12; i++) {
        if (cell->link == links[i]) {
            return cell->flavour == i % all->flavours && cell->we_send == ((i & 1) != 0) &&
                   cell->they_connect == ((i & 2) != 0);
        }
    }
    return false;
}

static bool wanted(const struct sw_interop *all, const struct sw_cell *cell)
{
    char name[200];
    if (all->dozen && !in_dozen(all, cell)) {
        return false;
    }
    sw_interop_name(all, cell, name, sizeof(name));
    return all->only == NULL || strstr(name, all->only) != NULL;
}

static void begin_cell(struct sw_interop *all, const struct sw_cell *cell)
{
    struct sw_transfer *run = calloc(1, sizeof(*run));
    assert(run != NULL);
    run->cell = *cell;
    run->all = all;
    run->begun = sw_lab_now(all->lab);
    all->by_cell[cell->number] = run;
    all->running++;
    begin_capture(run);
    begin_sockets(all, run);
}

void sw_interop_begin(struct sw_interop *all)
{
    all->watch.sent = on_frame;
    sw_lab_watch(all->lab, &all->watch);
    sw_lab_switch(all->lab, "core");
}

void sw_interop_build(struct sw_interop *all)
{
    for (unsigned i = 0; i < SW_CELL_LINKS; i++) {
        char name[20], address[40];
        const struct sw_lane_config lane = sw_cell_lane(i);
        snprintf(name, sizeof(name), "h%u", i);
        snprintf(address, sizeof(address), "10.77.1.%u/16", i);
        all->host[i] = sw_lab_host(all->lab, name, address);
        sw_lab_link(all->lab, name, "core", &lane);
    }
}

static void look(struct sw_interop *all, struct sw_transfer *run)
{
    const sw_time now = sw_lab_now(all->lab);
    const uint64_t moved = run->near.moved + run->far.moved;
    const bool failed = run->near.error != 0 || run->far.error != 0;
    if (moved != run->moved) {
        run->moved = moved;
        run->moved_at = now;
    }
    if ((run->near.done && run->far.done) || failed || now - run->begun > all->patience) {
        finish(all, run);
    } else if (sw_cell_may_pause(&run->cell) && now - run->moved_at > all->silence) {
        end_sockets(all, run, false);
        begin_sockets(all, run);
    }
}

bool sw_interop_turn(struct sw_interop *all)
{
    const unsigned count = SW_CELL_LINKS * 4 * all->flavours;
    for (unsigned i = 0; i < count; i++) {
        if (all->by_cell[i] != NULL) {
            look(all, all->by_cell[i]);
        }
    }
    while (all->running < all->at_once && all->next < count) {
        const struct sw_cell cell = cell_at(all, all->next++);
        if (!wanted(all, &cell)) {
            continue;
        }
        begin_cell(all, &cell);
    }
    return all->running > 0;
}

int sw_interop_end(struct sw_interop *all)
{
    printf("%u cells with %s: %u equal, %u not, %u skipped\n", all->passed + all->failed, all->peer,
           all->passed, all->failed, all->skipped);
    return all->failed == 0 && all->passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool sw_interop_arguments(struct sw_interop *all, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--dozen") == 0) {
            all->dozen = true;
        } else if (value != NULL && strcmp(argv[i], "--only") == 0) {
            all->only = argv[++i];
        } else if (value != NULL && strcmp(argv[i], "--pcap") == 0) {
            all->folder = argv[++i];
        } else if (value != NULL && strcmp(argv[i], "--at-once") == 0) {
            all->at_once = (unsigned)strtoul(argv[++i], NULL, 10);
        } else if (value != NULL && strcmp(argv[i], "--patience") == 0) {
            all->patience = (sw_time)strtoul(argv[++i], NULL, 10) * SW_S;
        } else {
            fprintf(stderr,
                    "%s [--dozen] [--only PART_OF_A_NAME] [--pcap FOLDER] [--at-once N]"
                    " [--patience SECONDS]\n",
                    argv[0]);
            return false;
        }
    }
    return true;
}
