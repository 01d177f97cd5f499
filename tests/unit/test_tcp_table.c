/* Who the connections are: endpoints, bound ports, ports that are drawn (RFC 6056), initial numbers
 * (RFC 6528). */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stack/tcp.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;

static struct sw_sock *open_socket(void)
{
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, lab.host, SW_TCP, NULL, NULL), 0);
    return sock;
}

static const struct sw_endpoint any_80 = {.port = 80};
static const struct sw_endpoint any_port;

static struct sw_endpoint at(uint32_t ip, uint16_t port)
{
    return (struct sw_endpoint){.ip = sw_ip_v4(ip), .port = port};
}

START_TEST(a_port_is_bound_once_for_an_address)
{
    lab_init(&lab, NULL);
    const struct sw_prefix second = {.ip = sw_ip_v4(0x0a000003), .bits = 24};
    ck_assert_int_eq(sw_nic_add_address(lab.nic, second, SW_ADDRESS_SILENT), 0);
    struct sw_sock *a = open_socket(), *b = open_socket(), *c = open_socket();
    ck_assert_int_eq(sw_sock_bind(a, at(0x0a000001, 80)), 0);
    ck_assert_int_eq(sw_sock_bind(a, at(0x0a000001, 81)), -EINVAL);
    ck_assert_int_eq(sw_sock_bind(b, at(0x0a000001, 80)), -EADDRINUSE);
    ck_assert_int_eq(sw_sock_bind(b, any_80), -EADDRINUSE);
    ck_assert_int_eq(sw_sock_bind(b, at(0x0a000003, 80)), 0);
    ck_assert_int_eq(sw_sock_bind(c, at(0x0a000002, 80)), -EADDRNOTAVAIL);
    sw_sock_close(a);
    sw_sock_close(b);
    ck_assert_int_eq(sw_sock_bind(c, any_80), 0);
    sw_sock_close(c);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_listener_of_the_address_comes_before_one_of_any)
{
    lab_init(&lab, NULL);
    struct sw_tcp_table *table = NULL;
    ck_assert_int_eq(sw_tcp_table_new(&table, lab.host), 0);
    struct sw_tcp a = {.host = lab.host, .state = SW_TCP_LISTEN}, b = a, c = a;
    a.at.local_port = b.at.local_port = c.at.local_port = 80;
    a.fixed_local_ip = 1;
    c.fixed_local_ip = 3;
    table->bound = &a;
    a.next_bound = &b;
    b.next_bound = &c;
    ck_assert_ptr_eq(sw_tcp_table_listener(table, 1, 80), &a);
    ck_assert_ptr_eq(sw_tcp_table_listener(table, 2, 80), &b);
    ck_assert_ptr_eq(sw_tcp_table_listener(table, 3, 80), &c);
    ck_assert_ptr_null(sw_tcp_table_listener(table, 3, 81));
    c.state = SW_TCP_CLOSED; /* bound, but it does not listen */
    ck_assert_ptr_eq(sw_tcp_table_listener(table, 3, 80), &b);
    sw_tcp_table_free(table);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_port_can_be_listened_on_while_it_is_used_to_connect__must_41_42)
{
    lab_init(&lab, NULL);
    struct sw_sock *a = open_socket(), *b = open_socket();
    ck_assert_int_eq(sw_sock_bind(a, any_80), 0);
    ck_assert_int_eq(sw_sock_connect(a, at(0x0a000002, 4000)), 0);
    lab_run(&lab, 0);
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ck_assert_int_eq(sw_sock_bind(b, any_80), 0);
    ck_assert_int_eq(sw_sock_listen(b, 5), 0);
    lab.host_port = 80;
    lab_in(&lab, "R. 0:0(0) ack 1 win 0"); /* for a, in SYN-SENT */
    ck_assert_int_eq(sw_sock_error(a), -ECONNREFUSED);
    sw_sock_close(a);
    sw_sock_close(b);
    lab_fini(&lab);
}
END_TEST

START_TEST(two_connections_cannot_have_the_same_ends)
{
    lab_init(&lab, NULL);
    struct sw_sock *a = open_socket(), *b = open_socket();
    ck_assert_int_eq(sw_sock_bind(a, any_80), 0);
    ck_assert_int_eq(sw_sock_connect(a, at(0x0a000002, 4000)), 0);
    ck_assert_int_eq(sw_sock_bind(b, any_80), 0);
    ck_assert_int_eq(sw_sock_connect(b, at(0x0a000002, 4000)), -EADDRINUSE);
    ck_assert_int_eq(sw_sock_connect(b, at(0x0a000002, 4001)), 0);
    lab_run(&lab, 0);
    lab_forget(&lab);
    sw_sock_close(a);
    sw_sock_close(b);
    lab_fini(&lab);
}
END_TEST

START_TEST(ports_are_drawn_from_the_upper_half__rfc6056_3_3_1)
{
    lab_init(&lab, NULL);
    uint16_t low = 65535, high = 0;
    for (unsigned i = 0; i < 200; i++) {
        struct sw_sock *sock = open_socket();
        ck_assert_int_eq(sw_sock_bind(sock, any_port), 0);
        const uint16_t port = sw_sock_local(sock).port;
        ck_assert_uint_ge(port, 32768);
        low = port < low ? port : low;
        high = port > high ? port : high;
        sw_sock_close(sock);
    }
    ck_assert_uint_lt(low, 34000); /* all over it */
    ck_assert_uint_gt(high, 64000);
    lab_fini(&lab);
}
END_TEST

START_TEST(when_all_ports_are_taken_there_is_none)
{
    lab_init(&lab, NULL);
    struct sw_sock **socks = malloc(32768 * sizeof(struct sw_sock *));
    struct sw_tcp_tuple tuple = {.local_ip = 0x0a000001, .remote_ip = 0x0a000002, .remote_port = 9};
    /* To one remote end there are as many connections as ports; to another as many again. */
    for (unsigned i = 0; i < 32768; i++) {
        socks[i] = open_socket();
        struct sw_tcp *t = ((struct sw_tcp_sock *)(void *)socks[i])->tcp;
        tuple.local_port = (uint16_t)(32768 + i);
        t->at = tuple;
        ck_assert_int_eq(sw_tcp_table_add(t), 0);
    }
    struct sw_sock *one_more = open_socket();
    ck_assert_int_eq(sw_sock_connect(one_more, at(0x0a000002, 9)), -EADDRNOTAVAIL);
    ck_assert_int_eq(sw_sock_connect(one_more, at(0x0a000002, 10)), 0);
    lab_run(&lab, 0);
    lab_forget(&lab);
    sw_sock_close(one_more);
    for (unsigned i = 0; i < 32768; i++) {
        struct sw_tcp *t = ((struct sw_tcp_sock *)(void *)socks[i])->tcp;
        tuple.local_port = (uint16_t)(32768 + i);
        ck_assert_ptr_eq(sw_tcp_table_find(t->host->tcp, &tuple), t);
        sw_tcp_table_remove(t);
        sw_sock_close(socks[i]);
    }
    free(socks);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_initial_number_is_a_clock_of_4_us__must_8)
{
    lab_init(&lab, NULL);
    struct sw_tcp_table *table = NULL;
    ck_assert_int_eq(sw_tcp_table_new(&table, lab.host), 0);
    const struct sw_tcp_tuple tuple = {1, 2, 3, 4};
    uint32_t ts = 0;
    const uint32_t first = sw_tcp_table_isn(table, &tuple, &ts);
    lab_run(&lab, 1 * SW_S);
    ck_assert_uint_eq(sw_tcp_table_isn(table, &tuple, &ts) - first, 250000);
    sw_tcp_table_free(table);
    lab_fini(&lab);
}
END_TEST

START_TEST(the_initial_number_depends_on_all_four_and_on_a_secret__must_9)
{
    lab_init(&lab, NULL);
    struct sw_tcp_table *table = NULL, *other = NULL;
    ck_assert_int_eq(sw_tcp_table_new(&table, lab.host), 0);
    ck_assert_int_eq(sw_tcp_table_new(&other, lab.host), 0);
    other->isn_key.k0 ^= 1;
    static const struct sw_tcp_tuple tuples[] = {
        {1, 2, 3, 4}, {9, 2, 3, 4}, {1, 9, 3, 4}, {1, 2, 9, 4}, {1, 2, 3, 9}};
    uint32_t seen[6], ts = 0;
    for (unsigned i = 0; i < 5; i++) {
        seen[i] = sw_tcp_table_isn(table, &tuples[i], &ts);
    }
    seen[5] = sw_tcp_table_isn(other, &tuples[0], &ts);
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned j = 0; j < i; j++) {
            ck_assert_uint_ne(seen[i], seen[j]);
        }
    }
    sw_tcp_table_free(table);
    sw_tcp_table_free(other);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_host_that_ends_ends_its_connections)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P. 1:1001(1000) ack 1 win 65535");
    lab_in(&lab, "P. 2001:3001(1000) ack 1 win 65535"); /* out of order, too */
    ck_assert_int_eq(lab_write(&lab, 5000), 5000);
    lab.peer_port = 4001;
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>"); /* half open */
    lab_forget(&lab);
    lab.sock = lab.listener = NULL; /* nobody closes them */
    lab_fini(&lab);
}
END_TEST

START_TEST(an_idle_connection_costs_less_than_1_kib)
{
    /* A control block, a handle, its place in the table and in the clock, and what malloc adds. */
    ck_assert_uint_le(sizeof(struct sw_tcp) + sizeof(struct sw_tcp_sock) + 8 + 48 + 32, 1024);
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    lab_in(&lab, "P. 1:1001(1000) ack 1 win 65535");
    ck_assert_int_eq(lab_read(&lab, 1000), 1000);
    ck_assert_int_eq(lab_write(&lab, 1000), 1000);
    lab_forget(&lab);
    lab_in(&lab, ". 1001:1001(0) ack 1001 win 65535");
    struct sw_pool_stats stats;
    sw_pool_stats(lab.world.env.pool, &stats);
    ck_assert_uint_eq(stats.live_blocks, 0); /* all was read and acknowledged */
    ck_assert_uint_eq(stats.live_frames, 0);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_table");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_port_is_bound_once_for_an_address);
    tcase_add_test(tc, a_listener_of_the_address_comes_before_one_of_any);
    tcase_add_test(tc, a_port_can_be_listened_on_while_it_is_used_to_connect__must_41_42);
    tcase_add_test(tc, two_connections_cannot_have_the_same_ends);
    tcase_add_test(tc, ports_are_drawn_from_the_upper_half__rfc6056_3_3_1);
    tcase_add_test(tc, when_all_ports_are_taken_there_is_none);
    tcase_add_test(tc, the_initial_number_is_a_clock_of_4_us__must_8);
    tcase_add_test(tc, the_initial_number_depends_on_all_four_and_on_a_secret__must_9);
    tcase_add_test(tc, a_host_that_ends_ends_its_connections);
    tcase_add_test(tc, an_idle_connection_costs_less_than_1_kib);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
