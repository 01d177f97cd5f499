/* The plain tap copy loop, to compare with: two taps, and what is read from one is written to the
 * other. It makes them with the names that it is given, says "up", and copies until its standard
 * input ends. Frames as they are: no offload, no vnet header. */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int open_tap(const char *name)
{
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", name);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) < 0) {
        perror(name);
        _exit(1);
    }
    return fd;
}

static void copy(int from, int to)
{
    static char frame[65536];
    for (int i = 0; i < 64; i++) {
        ssize_t n = read(from, frame, sizeof frame);
        if (n <= 0 || write(to, frame, (size_t)n) != n) {
            return;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        return 2;
    }
    struct pollfd at[3] = {{.fd = open_tap(argv[1]), .events = POLLIN},
                           {.fd = open_tap(argv[2]), .events = POLLIN},
                           {.fd = 0, .events = POLLIN}};
    puts("up");
    fflush(stdout);
    while (poll(at, 3, -1) > 0 && !at[2].revents) {
        if (at[0].revents) {
            copy(at[0].fd, at[1].fd);
        }
        if (at[1].revents) {
            copy(at[1].fd, at[0].fd);
        }
    }
    return 0;
}
