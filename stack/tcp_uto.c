/* The user timeout option: see tcp_uto.h. */
#include "stack/tcp_uto.h"

#define IN_MINUTES 0x8000u
#define VALUE_MOST 0x7fff
#define MINUTE (60 * SW_S)

static sw_time most(sw_time a, sw_time b)
{
    return a > b ? a : b;
}

uint16_t sw_tcp_uto_put(sw_time timeout)
{
    const sw_time seconds = timeout / SW_S + (timeout % SW_S > 0 ? 1 : 0);
    if (seconds <= VALUE_MOST) {
        return (uint16_t)seconds;
    }
    const sw_time minutes = timeout / MINUTE + (timeout % MINUTE > 0 ? 1 : 0);
    return (uint16_t)(IN_MINUTES | (minutes < VALUE_MOST ? (uint32_t)minutes : VALUE_MOST));
}

sw_time sw_tcp_uto_get(uint16_t bits)
{
    return (bits & VALUE_MOST) * ((bits & IN_MINUTES) != 0 ? MINUTE : SW_S);
}

sw_time sw_tcp_uto_adopt(sw_time own, sw_time remote, sw_time rto)
{
    const sw_time least = most(SW_TCP_UTO_LEAST, rto + SW_S);
    const sw_time adopted = most(most(own, remote), least);
    return adopted < SW_TCP_UTO_MOST ? adopted : SW_TCP_UTO_MOST;
}
