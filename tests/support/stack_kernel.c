/* A virtual host that plays a real program's kernel. See the header. */
#include "tests/support/stack_kernel.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

struct half {
    struct sw_test_kernel *kernel;
    struct sw_sock *sock;
    struct sw_far *far;
};

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct half *h = user;
    sw_far_tell(h->far, event, event == SW_SOCK_ERROR ? sw_sock_error(sock) : 0);
}

static struct half *new_half(struct sw_test_kernel *kernel, struct sw_far *far)
{
    struct half *h = calloc(1, sizeof *h);
    ck_assert_ptr_nonnull(h);
    h->kernel = kernel;
    h->far = far;
    kernel->open++;
    return h;
}

static int kernel_open(void *ctx, void **s, enum sw_protocol protocol, struct sw_far *far)
{
    struct sw_test_kernel *kernel = ctx;
    if (kernel->refuses) {
        return kernel->refuses;
    }
    struct half *h = new_half(kernel, far);
    ck_assert_int_eq(sw_sock_open(&h->sock, kernel->host, protocol, on_event, h), 0);
    *s = h;
    return 0;
}

static int kernel_bind(void *s, struct sw_endpoint local)
{
    const struct half *h = s;
    return sw_sock_bind(h->sock, local);
}

static int kernel_listen(void *s, unsigned backlog)
{
    const struct half *h = s;
    return sw_sock_listen(h->sock, backlog);
}

static int kernel_accept(void *listener, void **s, struct sw_far *far, struct sw_endpoint *remote)
{
    const struct half *l = listener;
    struct sw_sock *sock;
    int rc = sw_sock_accept(&sock, l->sock, NULL, NULL);
    if (rc == 0) {
        struct half *h = new_half(l->kernel, far);
        h->sock = sock;
        sw_sock_set_callback(sock, on_event, h);
        *remote = sw_sock_remote(sock);
        *s = h;
    }
    return rc;
}

static int kernel_connect(void *s, struct sw_endpoint remote)
{
    const struct half *h = s;
    return sw_sock_connect(h->sock, remote);
}

static struct sw_endpoint kernel_local(const void *s)
{
    const struct half *h = s;
    return sw_sock_local(h->sock);
}

static int64_t kernel_send(void *s, const void *bytes, size_t n)
{
    const struct half *h = s;
    return sw_sock_send(h->sock, bytes, n);
}

static int64_t kernel_recv(void *s, void *bytes, size_t n, struct sw_endpoint *from)
{
    const struct half *h = s;
    return sw_sock_recv_from(h->sock, bytes, n, from);
}

static int kernel_shutdown(void *s)
{
    const struct half *h = s;
    return sw_sock_shutdown(h->sock);
}

static void kernel_close(void *s, bool abort)
{
    struct half *h = s;
    if (abort) {
        sw_sock_abort(h->sock);
    } else {
        sw_sock_close(h->sock);
    }
    h->kernel->open--;
    free(h);
}

static int kernel_set(void *s, enum sw_sock_option option, int64_t value)
{
    const struct half *h = s;
    if (option == SW_OPT_CONGESTION && value == SW_TCP_BBR) {
        return -EPROTONOSUPPORT; /* a module that was not loaded */
    }
    return sw_sock_set(h->sock, option, value);
}

static void kernel_info(const void *s, struct sw_sock_info *out)
{
    const struct half *h = s;
    sw_sock_info(h->sock, out);
}

const struct sw_far_ops sw_test_kernel_ops = {.open = kernel_open,
                                              .bind = kernel_bind,
                                              .listen = kernel_listen,
                                              .accept = kernel_accept,
                                              .connect = kernel_connect,
                                              .local = kernel_local,
                                              .send = kernel_send,
                                              .recv = kernel_recv,
                                              .shutdown = kernel_shutdown,
                                              .close = kernel_close,
                                              .set = kernel_set,
                                              .info = kernel_info};

void sw_test_kernel_init(struct sw_test_kernel *kernel, const struct sw_env *env, const char *name,
                         const char *address)
{
    const struct sw_host_config config = {.name = name};
    const struct sw_nic_config nic = {.name = "eth0", .mac = {{2, 0, 0, 0, 0, 0x77}}};
    struct sw_prefix prefix = {.bits = 24};
    *kernel = (struct sw_test_kernel){.open = 0};
    ck_assert(sw_ip_parse(&prefix.ip, address));
    ck_assert_int_eq(sw_host_new(&kernel->host, env, &config), 0);
    ck_assert_int_eq(sw_nic_add(&kernel->nic, kernel->host, &nic), 0);
    ck_assert_int_eq(sw_nic_add_address(kernel->nic, prefix, 0), 0);
}

void sw_test_kernel_fini(struct sw_test_kernel *kernel)
{
    ck_assert_uint_eq(kernel->open, 0);
    sw_host_free(kernel->host);
}
