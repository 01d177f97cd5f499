/* A test of your own with Check (https://libcheck.github.io/check): protocol code against a network
 * that hurts, in virtual time. Here a client that asks its question again every second by UDP,
 * until it is answered; replace it with what you want to know about.
 *
 *     cc check_faults.c $(pkg-config --cflags --libs switchd check) -o check_faults &&
 * ./check_faults
 *
 * Prints: 100%: Checks: 4, Failures: 0, Errors: 0
 */
#include <check.h>

#include "lan/lab.h"

/* ---- what is tested: it knows sockets and a clock, nothing of faults ---- */

struct client {
    struct sw_sock *sock;
    struct sw_endpoint server;
    unsigned asked;
    bool answered;
};

static void ask(struct client *client)
{
    client->asked++;
    sw_sock_send_to(client->sock, "what?", 5, client->server);
}

static void on_client(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct client *client = user;
    char text[100];
    if (event == SW_SOCK_READABLE && sw_sock_recv(sock, text, sizeof text) > 0) {
        client->answered = true;
    }
}

static void on_server(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_endpoint from;
    char text[100];
    (void)user;
    while (event == SW_SOCK_READABLE && sw_sock_recv_from(sock, text, sizeof text, &from) >= 0) {
        sw_sock_send_to(sock, "that.", 5, from);
    }
}

/* ---- the network, anew for each test ---- */

static struct sw_lab *lab;
static struct sw_link *cable;
static struct sw_host *a, *b;
static struct sw_sock *server;
static struct client client;

static void setup(void)
{
    const struct sw_lane_config lane = {.delay = 10 * SW_MS};
    lab = sw_lab_new(7);
    a = sw_lab_host(lab, "a", "10.0.0.1/24");
    b = sw_lab_host(lab, "b", "10.0.0.2/24");
    cable = sw_lab_link(lab, "a", "b", &lane);
    client = (struct client){.server = {sw_host_address(b), 9000}};
    ck_assert_int_eq(sw_sock_open(&server, b, SW_UDP, on_server, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(server, client.server), 0);
    ck_assert_int_eq(sw_sock_open(&client.sock, a, SW_UDP, on_client, &client), 0);
}

static void teardown(void)
{
    ck_assert(sw_lab_holds(lab)); /* no frame is missing, none was counted twice */
    sw_sock_close(client.sock);
    sw_sock_close(server);
    sw_lab_free(lab);
}

static void run_client(void)
{
    while (!client.answered && client.asked < 5) {
        ask(&client);
        sw_lab_run(lab, SW_S);
    }
}

START_TEST(one_question_is_enough_where_nothing_is_lost)
{
    run_client();
    ck_assert(client.answered);
    ck_assert_uint_eq(client.asked, 1);
}
END_TEST

START_TEST(a_lost_answer_is_asked_for_again)
{
    sw_lab_drop(lab, cable, SW_BACKWARD, "udp", 1, 0, 0); /* the first that b says */
    run_client();
    ck_assert(client.answered);
    ck_assert_uint_eq(client.asked, 2);
}
END_TEST

START_TEST(a_cable_that_is_pulled_for_three_seconds)
{
    sw_lab_down(lab, cable, 2900 * SW_MS);
    run_client();
    ck_assert(client.answered);
    ck_assert_uint_eq(client.asked, 4);
}
END_TEST

/* A crash takes the server's socket with it: nobody answers when the host is back. */
START_TEST(a_server_that_crashes_is_given_up)
{
    sw_lab_crash(lab, b, SW_S);
    run_client();
    ck_assert(!client.answered);
    ck_assert_uint_eq(client.asked, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("client");
    TCase *faults = tcase_create("faults");
    tcase_add_checked_fixture(faults, setup, teardown);
    tcase_add_test(faults, one_question_is_enough_where_nothing_is_lost);
    tcase_add_test(faults, a_lost_answer_is_asked_for_again);
    tcase_add_test(faults, a_cable_that_is_pulled_for_three_seconds);
    tcase_add_test(faults, a_server_that_crashes_is_given_up);
    suite_add_tcase(suite, faults);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
