/* BBR and policers: see tcp_bbr_police.h. */
#include "stack/tcp_bbr_police.h"

#define INTERVAL_ROUNDS 4u /* at least, and four times that at most */
#define LOSS_THRESHOLD 50u /* of SW_BBR_UNIT: a fifth lost */
#define CLOSE_RATIO 32u    /* of SW_BBR_UNIT: an eighth apart is the same rate ... */
#define CLOSE_RATE 500u    /* ... and so is 4 kbit/s */
#define USE_ROUNDS 48u

static void begin_interval(struct sw_tcp_bbr *bbr, const struct sw_tcp_rate *rate)
{
    bbr->police_at = rate->delivered_at;
    bbr->police_delivered = rate->delivered;
    bbr->police_lost = rate->lost;
    bbr->police_rounds = 0;
}

void sw_tcp_bbr_police_reset(struct sw_tcp_bbr *bbr, const struct sw_tcp_rate *rate)
{
    bbr->police_bw = 0;
    bbr->police_use = bbr->police_sampling = false;
    begin_interval(bbr, rate);
}

/* An interval has ended with loss, as it began. */
static void end_interval(struct sw_tcp_bbr *bbr, const struct sw_tcp_rate *rate, uint64_t bw)
{
    const uint64_t before = bbr->police_bw;
    const uint64_t apart = bw > before ? bw - before : before - bw;
    if (before > 0 && (apart * SW_BBR_UNIT <= CLOSE_RATIO * before || apart <= CLOSE_RATE)) {
        bbr->police_bw = (bw + before) / 2;
        bbr->police_use = true;
        bbr->pacing_gain = SW_BBR_UNIT;
        bbr->police_rounds = 0;
        return;
    }
    bbr->police_bw = bw;
    begin_interval(bbr, rate);
}

bool sw_tcp_bbr_police(struct sw_tcp_bbr *bbr, const struct sw_tcp_rate *rate, bool limited,
                       bool loss)
{
    if (bbr->police_use) {
        const bool over =
            bbr->mode == SW_BBR_PROBE_BW && bbr->round_start && ++bbr->police_rounds >= USE_ROUNDS;
        if (over) {
            sw_tcp_bbr_police_reset(bbr, rate);
        }
        return over;
    }
    if (!bbr->police_sampling) {
        if (!loss) {
            return false;
        }
        begin_interval(bbr, rate);
        bbr->police_sampling = true;
    }
    bbr->police_rounds += bbr->round_start ? 1 : 0;
    /* Text that was not there is not what limits a policer; nor does it without loss for so long.
     */
    if (limited || bbr->police_rounds > 4 * INTERVAL_ROUNDS) {
        sw_tcp_bbr_police_reset(bbr, rate);
        return false;
    }
    const uint64_t lost = rate->lost - bbr->police_lost;
    const uint64_t delivered = rate->delivered - bbr->police_delivered;
    const sw_time span = rate->delivered_at - bbr->police_at;
    if (bbr->police_rounds < INTERVAL_ROUNDS || !loss || delivered == 0 ||
        lost * SW_BBR_UNIT < LOSS_THRESHOLD * delivered || span < SW_MS) {
        return false;
    }
    end_interval(bbr, rate, delivered * 1000 / (uint64_t)(span / SW_MS));
    return false;
}
