/* Lanes: what one mapping of a lane's keys says, of a link, of its direction, or of the action
 * `set`.
 */
#include "config/build.h"

static void take_queue(struct sw_lane_config *lane, const struct sw_setting *limit)
{
    lane->queue_frames = limit->packets ? (uint32_t)limit->number : 0;
    lane->queue_bytes = limit->packets ? 0 : (uint64_t)limit->number;
}

/* `loss: { model: gilbert-elliott, ... }`. False: it is not right. */
static bool take_bursts(struct sw_build *b, const struct sw_yaml *node, struct sw_lane_config *lane)
{
    struct sw_settings own;
    const struct sw_setting *set = own.of;
    if (!sw_section_read(&own, &sw_section_loss, node, 0, b->report)) {
        return false;
    }
    const struct sw_setting *p = &set[SW_K_LOSS_P], *r = &set[SW_K_LOSS_R];
    if (p->ok && r->ok && p->number == 0 && r->number == 0) {
        SW_ERROR(b->report, p->node->where,
                 "'p' and 'r' are both 0, so the link never changes; "
                 "expected a share, as in loss: 1 %%");
        return false;
    }
    lane->gilbert.p = (uint32_t)p->number;
    lane->gilbert.r = (uint32_t)r->number;
    lane->gilbert.good = (uint32_t)set[SW_K_LOSS_GOOD].number;
    lane->gilbert.bad = set[SW_K_LOSS_BAD].ok ? (uint32_t)set[SW_K_LOSS_BAD].number : 1000000000;
    return p->ok && r->ok;
}

/* Which disciplines a key is a setting of: a bit each. */
static unsigned disciplines_of(size_t key)
{
    enum {
        RED = 1 << SW_DISCIPLINE_RED,
        CODEL = 1 << SW_DISCIPLINE_CODEL,
        FQ_CODEL = 1 << SW_DISCIPLINE_FQ_CODEL
    };
    static const unsigned of[SW_K_QUEUE_KEYS] = {
        [SW_K_QUEUE_ECN] = RED | CODEL | FQ_CODEL,
        [SW_K_QUEUE_TARGET] = CODEL | FQ_CODEL,
        [SW_K_QUEUE_INTERVAL] = CODEL | FQ_CODEL,
        [SW_K_QUEUE_FLOWS] = FQ_CODEL,
        [SW_K_QUEUE_QUANTUM] = FQ_CODEL,
        [SW_K_QUEUE_MIN] = RED,
        [SW_K_QUEUE_MAX] = RED,
        [SW_K_QUEUE_PROBABILITY] = RED,
    };
    return of[key];
}

/* Does each setting belong to the discipline that stands beside it? */
static void check_settings(struct sw_build *b, const struct sw_settings *own)
{
    const struct sw_setting *set = own->of;
    const struct sw_setting *said = &set[SW_K_QUEUE_DISCIPLINE];
    if (said->node && !said->ok) {
        return;
    }
    for (size_t i = 0; i < SW_K_QUEUE_KEYS; i++) {
        unsigned of = disciplines_of(i);
        if (set[i].node && of != 0 && !said->node) {
            SW_ERROR(b->report, set[i].node->where,
                     "'%s' is a discipline's; expected 'discipline' beside it",
                     sw_section_queue.keys[i].name);
        } else if (set[i].node && of != 0 && !(of & 1u << said->number)) {
            SW_ERROR(b->report, set[i].node->where, "'%s' is no setting of %s",
                     sw_section_queue.keys[i].name, said->node->text);
        }
    }
    const struct sw_setting *min = &set[SW_K_QUEUE_MIN], *max = &set[SW_K_QUEUE_MAX];
    if (min->node && !max->node) {
        SW_ERROR(b->report, min->node->where, "'min' needs 'max' beside it");
    } else if (min->ok && max->ok && min->number >= max->number) {
        SW_ERROR(b->report, min->node->where, "'min' is not below 'max'");
    }
}

/* `queue: { limit: ..., discipline: ... }`; which of the two it says. */
static unsigned take_discipline(struct sw_build *b, const struct sw_yaml *node,
                                struct sw_lane_config *lane)
{
    struct sw_settings own;
    const struct sw_setting *set = own.of;
    unsigned said = 0;
    if (!sw_section_read(&own, &sw_section_queue, node, 0, b->report)) {
        return 0;
    }
    check_settings(b, &own);
    if (set[SW_K_QUEUE_LIMIT].ok) {
        take_queue(lane, &set[SW_K_QUEUE_LIMIT]);
        said |= SW_LANE_QUEUE;
    }
    if (set[SW_K_QUEUE_DISCIPLINE].ok) {
        said |= SW_LANE_DISCIPLINE;
        lane->discipline = (enum sw_discipline)set[SW_K_QUEUE_DISCIPLINE].number;
        lane->settings = (struct sw_discipline_config){
            .ecn = set[SW_K_QUEUE_ECN].number != 0,
            .target = set[SW_K_QUEUE_TARGET].number,
            .interval = set[SW_K_QUEUE_INTERVAL].number,
            .flows = (uint32_t)set[SW_K_QUEUE_FLOWS].number,
            .quantum = (uint32_t)set[SW_K_QUEUE_QUANTUM].number,
            .min_bytes = (uint64_t)set[SW_K_QUEUE_MIN].number,
            .max_bytes = (uint64_t)set[SW_K_QUEUE_MAX].number,
            .chance_ppb = (uint32_t)set[SW_K_QUEUE_PROBABILITY].number,
        };
    }
    return said;
}

/* loss and queue, which may be mappings. */
static unsigned take_mappings(struct sw_build *b, const struct sw_setting *set,
                              struct sw_lane_config *lane)
{
    const struct sw_setting *loss = &set[SW_K_LANE_LOSS], *queue = &set[SW_K_LANE_QUEUE];
    unsigned said = 0;
    if (loss->ok && loss->node->kind == SW_YAML_MAP) {
        lane->loss_ppb = 0;
        said |= take_bursts(b, loss->node, lane) ? SW_LANE_LOSS : 0;
    } else if (loss->ok) {
        lane->loss_ppb = (uint32_t)loss->number;
        lane->gilbert = (struct sw_gilbert_config){0};
        said |= SW_LANE_LOSS;
    }
    if (queue->ok && queue->node->kind == SW_YAML_MAP) {
        said |= take_discipline(b, queue->node, lane);
    } else if (queue->ok) {
        take_queue(lane, queue);
        said |= SW_LANE_QUEUE;
    }
    return said;
}

unsigned sw_build_lane(struct sw_build *b, const struct sw_settings *own,
                       struct sw_lane_config *lane)
{
    const struct sw_setting *set = own->of;
    unsigned said = take_mappings(b, set, lane);
#define TAKE(key, bit, member, type)                                                               \
    if (set[key].ok) {                                                                             \
        lane->member = (type)set[key].number;                                                      \
        said |= (bit);                                                                             \
    }
    TAKE(SW_K_LANE_DELAY, SW_LANE_DELAY, delay, sw_time)
    TAKE(SW_K_LANE_JITTER, SW_LANE_JITTER, jitter, sw_time)
    TAKE(SW_K_LANE_DISTRIBUTION, SW_LANE_DISTRIBUTION, distribution, enum sw_distribution)
    TAKE(SW_K_LANE_CORRELATION, SW_LANE_CORRELATION, correlation_ppb, uint32_t)
    TAKE(SW_K_LANE_ORDER, SW_LANE_ORDER, free_order, bool)
    TAKE(SW_K_LANE_DUPLICATE, SW_LANE_DUPLICATE, duplicate_ppb, uint32_t)
    TAKE(SW_K_LANE_REORDER, SW_LANE_REORDER, reorder_ppb, uint32_t)
    TAKE(SW_K_LANE_CORRUPT, SW_LANE_CORRUPT, corrupt_ppb, uint32_t)
    TAKE(SW_K_LANE_RATE, SW_LANE_RATE, rate_bps, uint64_t)
    TAKE(SW_K_LANE_OVERHEAD, SW_LANE_OVERHEAD, overhead_bytes, uint32_t)
    TAKE(SW_K_LANE_MTU, SW_LANE_MTU, mtu_bytes, uint32_t)
#undef TAKE
    return said;
}
