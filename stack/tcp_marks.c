/* See tcp_marks.h. */
#include "stack/tcp_marks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "stack/tcp_seq.h"

#define CAP_FIRST 8u

void sw_tcp_marks_init(struct sw_tcp_marks *marks)
{
    *marks = (struct sw_tcp_marks){.cap = 0};
}

void sw_tcp_marks_fini(struct sw_tcp_marks *marks)
{
    free(marks->seq);
    sw_tcp_marks_init(marks);
}

/* How many lie at seq or before it. */
static uint32_t rank(const struct sw_tcp_marks *marks, uint32_t seq)
{
    uint32_t low = 0, high = marks->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (sw_seq_le(marks->seq[marks->head + middle], seq)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool sw_tcp_marks_room(struct sw_tcp_marks *marks)
{
    if (marks->head + marks->count < marks->cap) {
        return true;
    }
    if (marks->head > 0) {
        memmove(marks->seq, marks->seq + marks->head, marks->count * sizeof(*marks->seq));
        marks->head = 0;
        return true;
    }
    const uint32_t cap = marks->cap == 0 ? CAP_FIRST : 2 * marks->cap;
    uint32_t *seq = cap <= SW_TCP_MARKS_MOST ? realloc(marks->seq, cap * sizeof(*seq)) : NULL;
    if (seq == NULL) {
        return false;
    }
    marks->seq = seq;
    marks->cap = cap;
    return true;
}

void sw_tcp_marks_add(struct sw_tcp_marks *marks, uint32_t seq)
{
    if (marks->count > 0 && marks->seq[marks->head + marks->count - 1] == seq) {
        return;
    }
    assert(marks->head + marks->count < marks->cap);
    marks->seq[marks->head + marks->count++] = seq;
}

uint32_t sw_tcp_marks_cut(const struct sw_tcp_marks *marks, uint32_t seq, uint32_t end)
{
    const uint32_t i = rank(marks, seq);
    if (i == marks->count) {
        return end;
    }
    const uint32_t mark = marks->seq[marks->head + i];
    return sw_seq_lt(mark, end) ? mark : end;
}

void sw_tcp_marks_drop(struct sw_tcp_marks *marks, uint32_t una)
{
    const uint32_t n = rank(marks, una);
    marks->head += n;
    marks->count -= n;
    if (marks->count == 0) {
        sw_tcp_marks_fini(marks);
    }
}
