/* Who listens at a port, as the kernel and as /proc tell it of the network that the test stands in.
 */
#include <check.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switchd/listens.h"

static int diag;

static void set_up(void)
{
    diag = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
}

static void tear_down(void)
{
    if (diag >= 0) {
        close(diag);
    }
}

/* Both say the same, where the kernel was built with both. */
static void told(uint16_t port, bool listens)
{
    int rc = diag < 0 ? -ENOENT : sw_listens_at(diag, port);
    ck_assert(rc == listens || rc == -ENOENT);
    ck_assert(sw_listens_in(getpid(), port) == listens);
}

/* A socket of that family at a port that is free, on the loopback; -1: there is no such family. */
static int bound(int family, uint16_t *port)
{
    struct sockaddr_in four_at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 six_at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    bool four = family == AF_INET;
    socklen_t n = four ? sizeof four_at : sizeof six_at;
    struct sockaddr *at = four ? (struct sockaddr *)&four_at : (struct sockaddr *)&six_at;
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd >= 0 && bind(fd, at, n) < 0) {
        close(fd);
        return -1;
    }
    if (fd >= 0) {
        ck_assert_int_eq(getsockname(fd, at, &n), 0);
        *port = ntohs(four ? four_at.sin_port : six_at.sin6_port);
    }
    return fd;
}

START_TEST(a_port_is_listened_at_from_listen_to_close)
{
    static const int families[] = {AF_INET, AF_INET6};
    uint16_t port;
    int fd = bound(families[_i], &port);
    if (fd < 0) {
        ck_assert_int_eq(families[_i], AF_INET6); /* a machine without */
        return;
    }
    told(port, false);
    ck_assert_int_eq(listen(fd, 1), 0);
    told(port, true);
    close(fd);
    told(port, false);
}
END_TEST

START_TEST(a_connection_at_a_port_is_nobody_who_listens)
{
    uint16_t port, own;
    int server = bound(AF_INET, &port), client = bound(AF_INET, &own);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_eq(listen(server, 1), 0);
    ck_assert_int_eq(connect(client, (const struct sockaddr *)&to, sizeof to), 0);
    told(port, true);
    told(own, false);
    close(client);
    close(server);
}
END_TEST

START_TEST(what_is_no_such_socket_is_told)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ck_assert_int_lt(sw_listens_at(fd, 80), 0);
    ck_assert_int_eq(sw_listens_at(-1, 80), -EBADF);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("listens");
    TCase *tcase = tcase_create("listens");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_port_is_listened_at_from_listen_to_close, 0, 2);
    tcase_add_test(tcase, a_connection_at_a_port_is_nobody_who_listens);
    tcase_add_test(tcase, what_is_no_such_socket_is_told);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
