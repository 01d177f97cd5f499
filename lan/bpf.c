/* The interpreter of the BSD packet filter (see bpf.h), and what a program must be so that it needs
 * no further look while it runs. */
#include "lan/bpf.h"

/* An instruction's class, and the parts of its code. */
enum { LD = 0, LDX = 1, ST = 2, STX = 3, ALU = 4, JMP = 5, RET = 6, MISC = 7 };
enum { WORD = 0x00, HALF = 0x08, BYTE = 0x10 };
enum { IMM = 0x00, ABS = 0x20, IND = 0x40, MEM = 0x60, LEN = 0x80, MSH = 0xa0 };
enum {
    ADD = 0x00,
    SUB = 0x10,
    MUL = 0x20,
    DIV = 0x30,
    OR = 0x40,
    AND = 0x50,
    LSH = 0x60,
    RSH = 0x70,
    NEG = 0x80,
    MOD = 0x90,
    XOR = 0xa0
};
enum { JA = 0x00, JEQ = 0x10, JGT = 0x20, JGE = 0x30, JSET = 0x40 };
enum { X_SOURCE = 0x08, RET_A = 0x10, TAX = 0x00, TXA = 0x80 };

#define CELLS 16
#define CLASS(code) ((code)&0x07)
#define SIZE(code) ((code)&0x18)
#define MODE(code) ((code)&0xe0)
#define OPERATION(code) ((code)&0xf0)

/* ---- before it runs ---- */

static bool load_valid(const struct sw_bpf *at)
{
    const uint16_t mode = MODE(at->code), size = SIZE(at->code);
    const bool x = CLASS(at->code) == LDX;
    if (at->code > 0xff || size > BYTE) {
        return false;
    }
    switch (mode) {
    case IMM:
    case LEN:
        return size == WORD;
    case MEM:
        return size == WORD && at->k < CELLS;
    case ABS:
    case IND:
        return !x;
    case MSH:
        return x && size == BYTE;
    default:
        return false;
    }
}

static bool alu_valid(const struct sw_bpf *at)
{
    const uint16_t operation = OPERATION(at->code);
    if (at->code > 0xff || operation > XOR) {
        return false;
    }
    if (operation == NEG) {
        return (at->code & X_SOURCE) == 0;
    }
    return (operation != DIV && operation != MOD) || (at->code & X_SOURCE) != 0 || at->k != 0;
}

/* left: instructions behind this one. */
static bool jump_valid(const struct sw_bpf *at, size_t left)
{
    const uint16_t operation = OPERATION(at->code);
    if (at->code > 0xff || operation > JSET) {
        return false;
    }
    if (operation == JA) {
        return (at->code & X_SOURCE) == 0 && at->k < left;
    }
    return at->jt < left && at->jf < left;
}

static bool instruction_valid(const struct sw_bpf *at, size_t left)
{
    switch (CLASS(at->code)) {
    case LD:
    case LDX:
        return load_valid(at);
    case ST:
    case STX:
        return (at->code == ST || at->code == STX) && at->k < CELLS;
    case ALU:
        return alu_valid(at);
    case JMP:
        return jump_valid(at, left);
    case RET:
        return at->code == RET || at->code == (RET | RET_A);
    default:
        return at->code == (MISC | TAX) || at->code == (MISC | TXA);
    }
}

bool sw_bpf_valid(const struct sw_bpf *program, size_t count)
{
    if (count == 0 || count > SW_BPF_MAX || CLASS(program[count - 1].code) != RET) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!instruction_valid(&program[i], count - 1 - i)) {
            return false;
        }
    }
    return true;
}

/* ---- while it runs ---- */

struct machine {
    uint32_t a, x, cell[CELLS];
    const uint8_t *bytes;
    uint32_t len, have;
};

/* False: the bytes are not there. */
static bool load_bytes(const struct machine *m, uint16_t code, uint64_t at, uint32_t *to)
{
    const unsigned n = SIZE(code) == WORD ? 4 : SIZE(code) == HALF ? 2 : 1;
    if (at + n > m->have) {
        return false;
    }
    *to = 0;
    for (unsigned i = 0; i < n; i++) {
        *to = *to << 8 | m->bytes[at + i];
    }
    return true;
}

static bool load(struct machine *m, const struct sw_bpf *at)
{
    uint32_t *to = CLASS(at->code) == LDX ? &m->x : &m->a;
    switch (MODE(at->code)) {
    case IMM:
        *to = at->k;
        return true;
    case LEN:
        *to = m->len;
        return true;
    case MEM:
        *to = m->cell[at->k];
        return true;
    case ABS:
        return load_bytes(m, at->code, at->k, to);
    case IND:
        return load_bytes(m, at->code, (uint64_t)m->x + at->k, to);
    default: /* MSH: the length of an IPv4 header */
        if (at->k >= m->have) {
            return false;
        }
        *to = (m->bytes[at->k] & 15U) * 4;
        return true;
    }
}

/* False: a division by zero. */
static bool compute(struct machine *m, const struct sw_bpf *at)
{
    const uint32_t by = (at->code & X_SOURCE) != 0 ? m->x : at->k;
    const uint16_t operation = OPERATION(at->code);
    if ((operation == DIV || operation == MOD) && by == 0) {
        return false;
    }
    switch (operation) {
    case ADD:
        m->a += by;
        break;
    case SUB:
        m->a -= by;
        break;
    case MUL:
        m->a *= by;
        break;
    case DIV:
        m->a /= by;
        break;
    case MOD:
        m->a %= by;
        break;
    case OR:
        m->a |= by;
        break;
    case AND:
        m->a &= by;
        break;
    case XOR:
        m->a ^= by;
        break;
    case LSH:
        m->a = by < 32 ? m->a << by : 0;
        break;
    case RSH:
        m->a = by < 32 ? m->a >> by : 0;
        break;
    default:
        m->a = 0U - m->a;
        break;
    }
    return true;
}

/* How many instructions are skipped. */
static uint32_t jump(const struct machine *m, const struct sw_bpf *at)
{
    const uint32_t with = (at->code & X_SOURCE) != 0 ? m->x : at->k;
    switch (OPERATION(at->code)) {
    case JA:
        return at->k;
    case JEQ:
        return m->a == with ? at->jt : at->jf;
    case JGT:
        return m->a > with ? at->jt : at->jf;
    case JGE:
        return m->a >= with ? at->jt : at->jf;
    default:
        return (m->a & with) != 0 ? at->jt : at->jf;
    }
}

bool sw_bpf_accepts(const struct sw_bpf *program, const uint8_t *bytes, uint32_t len, uint32_t have)
{
    struct machine m = {.bytes = bytes, .len = len, .have = have};
    for (const struct sw_bpf *at = program;; at++) {
        switch (CLASS(at->code)) {
        case LD:
        case LDX:
            if (!load(&m, at)) {
                return false;
            }
            break;
        case ST:
            m.cell[at->k] = m.a;
            break;
        case STX:
            m.cell[at->k] = m.x;
            break;
        case ALU:
            if (!compute(&m, at)) {
                return false;
            }
            break;
        case JMP:
            at += jump(&m, at);
            break;
        case RET:
            return (at->code == RET ? at->k : m.a) != 0;
        default:
            if (at->code == (MISC | TAX)) {
                m.x = m.a;
            } else {
                m.a = m.x;
            }
            break;
        }
    }
}
