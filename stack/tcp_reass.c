/* Text out of order: see tcp_reass.h. */
#include "stack/tcp_reass.h"

#include <stdlib.h>
#include <string.h>

#include "stack/tcp_seq.h"

#define LONG_ROW_BYTES 16384u
#define PATH_MOST 48 /* no tree is as high: 1.45 log2(n) of at most 2^21 runs are 31 */

void sw_tcp_reass_init(struct sw_tcp_reass *r)
{
    memset(r, 0, sizeof(*r));
}

static void free_piece(struct sw_tcp_piece *p)
{
    sw_block_drop(p->block);
    free(p);
}

void sw_tcp_reass_fini(struct sw_tcp_reass *r)
{
    struct sw_tcp_run *next = NULL;
    for (struct sw_tcp_run *run = r->first; run != NULL; run = next) {
        next = run->next;
        while (run->first != NULL) {
            struct sw_tcp_piece *p = run->first;
            run->first = p->next;
            free_piece(p);
        }
        free(run);
    }
    if (r->writer != NULL) {
        sw_block_drop(r->writer);
    }
    sw_tcp_reass_init(r);
}

/* ---- the tree ---- */

/* The links from the root down to where something has changed. */
struct path {
    struct sw_tcp_run **link[PATH_MOST];
    unsigned count;
};

static int height(const struct sw_tcp_run *run)
{
    return run != NULL ? run->height : 0;
}

static void measure(struct sw_tcp_run *run)
{
    const int a = height(run->child[0]), b = height(run->child[1]);
    run->height = (uint8_t)(1 + (a > b ? a : b));
}

/* The child on that side takes the place of what is above it. */
static void lift(struct sw_tcp_run **link, unsigned side)
{
    struct sw_tcp_run *down = *link, *up = down->child[side];
    down->child[side] = up->child[!side];
    up->child[!side] = down;
    measure(down);
    measure(up);
    *link = up;
}

/* From below to the root: no side of a node is higher than the other by more than one. */
static void balance(const struct path *path)
{
    for (unsigned i = path->count; i-- > 0;) {
        struct sw_tcp_run **link = path->link[i], *run = *link;
        const int lean = height(run->child[1]) - height(run->child[0]);
        if (lean >= -1 && lean <= 1) {
            measure(run);
            continue;
        }
        const unsigned side = lean > 0 ? 1 : 0;
        const struct sw_tcp_run *high = run->child[side];
        if (height(high->child[!side]) > height(high->child[side])) {
            lift(&run->child[side], !side);
        }
        lift(link, side);
    }
}

/* The link at which the run with the number seq hangs, or would; path: the links above it. */
static struct sw_tcp_run **walk(struct sw_tcp_reass *r, uint32_t seq, struct path *path)
{
    struct sw_tcp_run **link = &r->root;
    path->count = 0;
    while (*link != NULL && (*link)->seq != seq) {
        assert(path->count < PATH_MOST);
        path->link[path->count++] = link;
        link = &(*link)->child[sw_seq_lt((*link)->seq, seq) ? 1 : 0];
    }
    return link;
}

/* Puts a run between its neighbours, of which either may be NULL. */
static void insert_run(struct sw_tcp_reass *r, struct sw_tcp_run *run, struct sw_tcp_run *prev,
                       struct sw_tcp_run *next)
{
    struct path path;
    *walk(r, run->seq, &path) = run;
    run->height = 1;
    balance(&path);
    run->prev = prev;
    run->next = next;
    *(prev != NULL ? &prev->next : &r->first) = run;
    if (next != NULL) {
        next->prev = run;
    }
}

/* Frees a run that has at most one child. */
static void remove_run(struct sw_tcp_reass *r, struct sw_tcp_run *run)
{
    struct path path;
    struct sw_tcp_run **link = walk(r, run->seq, &path);
    assert(*link == run && (run->child[0] == NULL || run->child[1] == NULL));
    *link = run->child[run->child[0] != NULL ? 0 : 1];
    balance(&path);
    *(run->prev != NULL ? &run->prev->next : &r->first) = run->next;
    if (run->next != NULL) {
        run->next->prev = run->prev;
    }
    if (r->grown == run) {
        r->grown = NULL;
    }
    free(run);
}

/* Makes one of a run and the next, which begins where it ends. Of two neighbours one is above the
 * other, and that one has no child between them: the lower one goes, with one child at most. */
static void join(struct sw_tcp_reass *r, struct sw_tcp_run *a, struct sw_tcp_run *b)
{
    a->last->next = b->first;
    r->grown = NULL;
    if (a->height > b->height) {
        a->end = b->end;
        a->last = b->last;
        remove_run(r, b);
    } else {
        const uint32_t seq = a->seq;
        b->first = a->first;
        remove_run(r, a);
        b->seq = seq;
    }
}

/* The last run that begins at or before seq; NULL: none does. */
static struct sw_tcp_run *find(const struct sw_tcp_reass *r, uint32_t seq)
{
    if (r->grown != NULL && r->grown->end == seq) {
        return r->grown; /* the next never begins right there: they would be one */
    }
    struct sw_tcp_run *found = NULL;
    for (struct sw_tcp_run *run = r->root; run != NULL;) {
        const bool before = sw_seq_le(run->seq, seq);
        found = before ? run : found;
        run = run->child[before ? 1 : 0];
    }
    return found;
}

/* ---- text ---- */

/* Room in a row to write to: in the writer, or, if the piece before does not end in it, only where
 * a new piece may begin. */
static bool make_room(struct sw_tcp_reass *r, struct sw_pool *pool, bool continues)
{
    const uint32_t row = continues ? r->row : 0;
    const bool fits = r->writer != NULL && r->writer->used < r->writer->cap &&
                      (continues || r->writer->class == SW_BLOCK_2K);
    if (fits) {
        return true;
    }
    struct sw_block *fresh = sw_block_new(pool, row >= LONG_ROW_BYTES ? SW_BLOCK_16K : SW_BLOCK_2K);
    if (fresh == NULL) {
        return false;
    }
    if (r->writer != NULL) {
        sw_block_drop(r->writer);
    }
    r->writer = fresh;
    return true;
}

/* An empty piece in the writer. NULL: out of memory, or there are too many. */
static struct sw_tcp_piece *new_piece(struct sw_tcp_reass *r, uint32_t seq)
{
    if (r->count >= SW_REASS_PIECES + r->bytes / SW_REASS_PIECE_BYTES) {
        return NULL;
    }
    struct sw_tcp_piece *p = malloc(sizeof(*p));
    if (p != NULL) {
        *p = (struct sw_tcp_piece){
            .block = sw_block_ref(r->writer), .off = r->writer->used, .seq = seq};
        r->count++;
    }
    return p;
}

/* Hangs a new piece behind the run, or, if that is NULL, into a new one behind prev. Returns the
 * run; NULL: neither. */
static struct sw_tcp_run *begin_piece(struct sw_tcp_reass *r, struct sw_tcp_run *run,
                                      struct sw_tcp_run *prev, uint32_t seq)
{
    struct sw_tcp_piece *p = new_piece(r, seq);
    if (p == NULL) {
        return NULL;
    }
    if (run != NULL) {
        run->last->next = p;
        run->last = p;
        return run;
    }
    run = malloc(sizeof(*run));
    if (run == NULL) {
        free_piece(p);
        r->count--;
        return NULL;
    }
    *run = (struct sw_tcp_run){.seq = seq, .end = seq, .first = p, .last = p};
    insert_run(r, run, prev, prev != NULL ? prev->next : r->first);
    return run;
}

/* Copies n bytes that nothing kept overlaps, and that lie behind prev (NULL: before all). Returns
 * the run that they are in, NULL if not all were kept. */
static struct sw_tcp_run *add_gap(struct sw_tcp_reass *r, struct sw_tcp_run *prev, uint32_t seq,
                                  const struct sw_frame *frame, size_t off, uint32_t n)
{
    struct sw_tcp_run *run = prev != NULL && prev->end == seq ? prev : NULL;
    while (n > 0) {
        const bool continues = run != NULL && run == r->grown;
        if (!make_room(r, frame->pool, continues)) {
            return NULL;
        }
        struct sw_block *writer = r->writer;
        const bool joins = continues && run->last->block == writer &&
                           run->last->off + run->last->len == writer->used;
        struct sw_tcp_run *to = joins ? run : begin_piece(r, run, prev, seq);
        if (to == NULL) {
            return NULL;
        }
        run = to;
        const uint32_t room = writer->cap - writer->used;
        const uint32_t here = n < room ? n : room;
        sw_frame_read(frame, off, writer->bytes + writer->used, here);
        writer->used += here;
        run->last->len += here;
        run->end += here;
        r->bytes += here;
        r->row = continues ? r->row + here : here;
        r->grown = run;
        seq += here;
        off += here;
        n -= here;
    }
    return run;
}

bool sw_tcp_reass_add(struct sw_tcp_reass *r, uint32_t seq, const struct sw_frame *frame,
                      size_t off, uint32_t len)
{
    const uint32_t begin = seq, end = seq + len;
    while (sw_seq_lt(seq, end)) {
        struct sw_tcp_run *prev = find(r, seq);
        if (prev != NULL && sw_seq_lt(seq, prev->end)) {
            seq = prev->end;
            continue;
        }
        struct sw_tcp_run *next = prev != NULL ? prev->next : r->first;
        const bool touches = next != NULL && sw_seq_le(next->seq, end);
        const uint32_t stop = touches ? next->seq : end;
        struct sw_tcp_run *run = add_gap(r, prev, seq, frame, off + (seq - begin), stop - seq);
        if (run == NULL) {
            return false;
        }
        if (touches) {
            join(r, run, next);
        }
        seq = stop;
    }
    return true;
}

const struct sw_tcp_piece *sw_tcp_reass_first(struct sw_tcp_reass *r, uint32_t next)
{
    while (r->first != NULL && sw_seq_le(r->first->seq, next)) {
        struct sw_tcp_piece *p = r->first->first;
        const uint32_t cut = next - p->seq;
        if (cut < p->len) {
            p->seq += cut;
            p->off += cut;
            p->len -= cut;
            r->first->seq = p->seq;
            r->bytes -= cut;
            return p;
        }
        sw_tcp_reass_pop(r);
    }
    return NULL;
}

const struct sw_tcp_run *sw_tcp_reass_at(const struct sw_tcp_reass *r, uint32_t seq)
{
    const struct sw_tcp_run *run = find(r, seq);
    return run != NULL && sw_seq_lt(seq, run->end) ? run : NULL;
}

const struct sw_tcp_run *sw_tcp_reass_behind(const struct sw_tcp_reass *r, uint32_t seq)
{
    const struct sw_tcp_run *run = find(r, seq);
    if (run == NULL) {
        return r->first;
    }
    return sw_seq_lt(seq, run->end) ? run : run->next;
}

void sw_tcp_reass_pop(struct sw_tcp_reass *r)
{
    assert(r->count > 0);
    struct sw_tcp_run *run = r->first;
    assert(run->prev == NULL);
    struct sw_tcp_piece *p = run->first;
    r->bytes -= p->len;
    r->count--;
    if (p->next != NULL) {
        run->first = p->next;
        run->seq = p->next->seq;
    } else {
        remove_run(r, run); /* the first of all has no child before it */
    }
    free_piece(p);
    if (r->count == 0) {
        sw_tcp_reass_fini(r);
    }
}
